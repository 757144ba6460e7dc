import { cloneElement, type KeyboardEvent, type ReactElement, type ReactNode, useState } from 'react'
import type { IconName } from './Icon'
import { Late } from './late'
import { toast } from './toast'

export interface MenuItemProps {
  children: ReactNode
  icon?: IconName
  onAction?: () => void
  danger?: boolean
  disabled?: boolean
  selected?: boolean
  /** What typing finds, where the content is more than words. */
  text?: string
}

/** These three only say what a menu holds; `Menu` reads them, so they stand directly in it. */
export const MenuItem = (_: MenuItemProps): ReactNode => null
export const MenuRule = (): ReactNode => null
export const MenuGroup = (_: { title: string; children: ReactNode }): ReactNode => null

export interface MenuProps {
  /** A button of the kit. */
  trigger: ReactElement<{ onPress?: () => void; onHoverStart?: () => void; onKeyDown?: (event: KeyboardEvent) => void; 'aria-haspopup'?: 'menu' }>
  children: ReactNode
  label: string
  placement?: 'bottom end' | 'bottom start' | 'top start' | 'top end'
}

export const menuBody = new Late(() => import('./MenuBody'))

/** A button and the list that it opens. */
export function Menu(props: MenuProps) {
  const [asked, setAsked] = useState(false)
  const body = menuBody.get()
  if (body) return <body.MenuBody {...props} asked={asked} />
  const ask = () => void menuBody.start().then(() => setAsked(true), () => toast('The menu did not load. Check the connection and try again.', { tone: 'bad' }))
  return cloneElement(props.trigger, {
    'aria-haspopup': 'menu',
    onPress: ask,
    onHoverStart: () => void menuBody.start().catch(() => {}), // It is asked for again on the press.
    onKeyDown: (event) => {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') ask()
    },
  })
}
