/** The panel beside the picture. On a narrow page its parts are tabs. */
import { type ReactNode, useEffect } from 'react'
import css from './Bench.module.css'
import { useStateFor } from './useEditor'

export type Part = 'classes' | 'objects' | 'details' | 'comments'

interface SideProps {
  tabs: readonly (readonly [Part, string])[]
  /** Something in a part that is to be seen now: another word for each occasion, and the part before it. */
  wanted?: `${Part} ${string}` | undefined
  /** Whose parts they are: with the next task the first of them is up again. */
  task?: object
  children: ReactNode
}

/** Where a side is made anew for each task. */
const NO_TASK = {}

export function Side({ tabs, wanted, task = NO_TASK, children }: SideProps) {
  const [tab, setTab] = useStateFor<Part | null>(task, tabs[0]?.[0] ?? null)
  const isTabbed = tabs.length > 0
  useEffect(() => {
    if (wanted !== undefined) setTab(wanted.split(' ')[0] as Part)
  }, [wanted, setTab])
  return (
    <>
      {isTabbed && (
        <div className={css.tabs} role="tablist" aria-label="Panels">
          {tabs.map(([part, name]) => (
            <button key={part} type="button" role="tab" aria-selected={tab === part} onClick={() => setTab(tab === part ? null : part)}>{name}</button>
          ))}
        </div>
      )}
      <aside className={css.side} aria-label="Answer" data-tab={isTabbed ? (tab ?? 'none') : undefined} data-folded={isTabbed && tab === null ? '' : undefined}>
        {children}
      </aside>
    </>
  )
}

export function Section({ part, title, extra, children }: { part: Part | 'always'; title?: ReactNode; extra?: ReactNode; children: ReactNode }) {
  return (
    <section className={css.section} data-part={part}>
      {title && <h2>{title}{extra}</h2>}
      {children}
    </section>
  )
}
