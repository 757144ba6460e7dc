import { createLink, useLocation } from '@tanstack/react-router'
import { type AnchorHTMLAttributes, type ReactNode, type Ref, useEffect, useRef } from 'react'
import { Tab as AriaTab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components/Tabs'
import css from './Overlay.module.css'

/** Views of one thing, in place. Where each view has an address, use `LinkTabs`. */
export function Tabs<V extends string>({ label, value, onChange, tabs }: {
  label: string
  value: V
  onChange: (value: V) => void
  tabs: readonly { value: V; label: ReactNode; content: ReactNode }[]
}) {
  return (
    <AriaTabs selectedKey={value} onSelectionChange={(key) => onChange(key as V)} className={css.tabs!}>
      <TabList aria-label={label} className={css.tablist!}>
        {tabs.map((tab) => <AriaTab key={tab.value} id={tab.value} className={css.tab!}>{tab.label}</AriaTab>)}
      </TabList>
      {tabs.map((tab) => <TabPanel key={tab.value} id={tab.value}>{tab.content}</TabPanel>)}
    </AriaTabs>
  )
}

export function LinkTabs({ label, children }: { label: string; children: ReactNode }) {
  const nav = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a narrow screen the present tab must be in sight after each move
  useEffect(() => {
    const list = nav.current
    const tab = list?.querySelector<HTMLElement>('[data-status="active"]')
    if (list && tab && list.scrollWidth > list.clientWidth) list.scrollLeft = tab.offsetLeft - list.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2
  }, [pathname])
  return <nav ref={nav} aria-label={label} className={css.tablist}>{children}</nav>
}

function Anchor({ children, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { ref?: Ref<HTMLAnchorElement> }) {
  return <a {...rest} className={css.tab}>{children}</a>
}

export const LinkTab = createLink(Anchor)
