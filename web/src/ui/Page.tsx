import { Link, type LinkProps } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { cx } from './cx'
import { Icon } from './Icon'
import css from './Page.module.css'

export type Crumb = { label: string } & Pick<LinkProps, 'to' | 'params' | 'search'>

interface PageProps {
  title: string
  /** Beside the title: a state. */
  badge?: ReactNode
  lede?: ReactNode
  crumbs?: readonly Crumb[]
  acts?: ReactNode
  width?: 'narrow' | 'wide' | 'full'
  /** What the browser tab says, where it is not the title. */
  tabTitle?: string
  children: ReactNode
}

/** Tells the tab, and with it every screen reader, where one is. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Fairmark`
  }, [title])
}

export function Page({ title, badge, lede, crumbs, acts, width = 'wide', tabTitle, children }: PageProps) {
  useTitle(tabTitle ?? title)
  return (
    <div className={cx(css.page, width === 'narrow' && css.narrow, width === 'full' && css.full)}>
      <header className={css.head}>
        <div className={css.titles}>
          {crumbs && (
            <nav aria-label="Breadcrumbs" className={css.crumbs}>
              <ol>
                {crumbs.map(({ label, ...link }) => (
                  <li key={label}><Link {...link}>{label}</Link><Icon name="chevron" size={12} /></li>
                ))}
              </ol>
            </nav>
          )}
          <h1><span dir="auto">{title}</span>{badge}</h1>
          {lede && <p className={css.lede}>{lede}</p>}
        </div>
        {acts && <div className={css.acts}>{acts}</div>}
      </header>
      {children}
    </div>
  )
}

export function Card({ title, acts, children, className }: { title?: ReactNode; acts?: ReactNode; children: ReactNode; className?: string | undefined }) {
  return (
    <section className={cx(css.card, className)}>
      {(title || acts) && <header>{title && <h2>{title}</h2>}{acts && <div className={css.acts}>{acts}</div>}</header>}
      {children}
    </section>
  )
}

export function Section({ title, acts, children }: { title: ReactNode; acts?: ReactNode; children: ReactNode }) {
  return (
    <section className={css.section}>
      <div className={css.between}><h2>{title}</h2>{acts}</div>
      {children}
    </section>
  )
}

/** Figures side by side, each with its name. */
export function Figures({ items }: { items: readonly { name: string; value: ReactNode; note?: ReactNode }[] }) {
  return (
    <dl className={css.figures}>
      {items.map((item) => (
        <div key={item.name}>
          <dt>{item.name}</dt>
          <dd>{item.value}{item.note && <small> {item.note}</small>}</dd>
        </div>
      ))}
    </dl>
  )
}

export { css as layout }
