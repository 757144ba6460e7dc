import type { ReactElement, ReactNode } from 'react'
import { Header } from 'react-aria-components/Header'
import { Menu as AriaMenu, MenuItem as AriaItem, MenuSection, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'
import { Separator } from 'react-aria-components/Separator'
import { Icon, type IconName } from './Icon'
import css from './Overlay.module.css'

/** A button of the kit and the list that it opens. */
export function Menu({ trigger, children, label, placement = 'bottom end' }: {
  trigger: ReactElement
  children: ReactNode
  label: string
  placement?: 'bottom end' | 'bottom start' | 'top start' | 'top end'
}) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover placement={placement} offset={4} className={css.popover!}>
        <AriaMenu aria-label={label} className={css.menu!}>{children}</AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}

export function MenuItem({ children, icon, onAction, danger, disabled, selected, text }: {
  children: ReactNode
  icon?: IconName
  onAction?: () => void
  danger?: boolean
  disabled?: boolean
  selected?: boolean
  text?: string
}) {
  return (
    <AriaItem
      className={css.item!}
      {...(onAction ? { onAction } : {})}
      isDisabled={disabled ?? false}
      textValue={text ?? (typeof children === 'string' ? children : '')}
      {...(danger ? { 'data-danger': '' } : {})}
    >
      {icon && <Icon name={icon} size={16} />}
      {children}
      {selected && <Icon name="check" size={16} className={css.tick} aria-label="current" />}
    </AriaItem>
  )
}

export const MenuRule = () => <Separator className={css.rule!} />

export function MenuGroup({ title, children }: { title: string; children: ReactNode }) {
  return (
    <MenuSection>
      <Header className={css.title!}>{title}</Header>
      {children}
    </MenuSection>
  )
}
