import { Children, Fragment, isValidElement, type ReactNode, useRef } from 'react'
import { Header } from 'react-aria-components/Header'
import { Menu as AriaMenu, MenuItem as AriaItem, MenuSection, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'
import { Separator } from 'react-aria-components/Separator'
import { Icon } from './Icon'
import { MenuGroup, MenuItem, type MenuItemProps, type MenuProps, MenuRule } from './Menu'
import css from './Overlay.module.css'

function item({ children, icon, onAction, danger, disabled, selected, text }: MenuItemProps, key: string): ReactNode {
  return (
    <AriaItem
      key={key}
      id={key}
      className={css.item!}
      {...(onAction ? { onAction } : {})}
      isDisabled={disabled ?? false}
      textValue={text ?? (typeof children === 'string' ? children : '')}
      {...(danger ? { 'data-danger': '' } : {})}
    >
      {icon && <Icon name={icon} size={16} />}
      {children}
      {selected && <><Icon name="check" size={16} className={css.tick} /><span className="sr">current</span></>}
    </AriaItem>
  )
}

/** What the declarations in a menu stand for. */
function content(children: ReactNode, path = 'i'): ReactNode[] {
  return Children.toArray(children).flatMap((child, index): ReactNode[] => {
    if (!isValidElement<Record<string, never>>(child)) return []
    const key = `${path}-${child.key ?? index}`
    if (child.type === Fragment) return content(child.props.children, key)
    if (child.type === MenuItem) return [item(child.props as unknown as MenuItemProps, key)]
    if (child.type === MenuRule) return [<Separator key={key} className={css.rule!} />]
    if (child.type === MenuGroup) {
      const { title, children: inner } = child.props as unknown as { title: string; children: ReactNode }
      return [<MenuSection key={key}><Header className={css.title!}>{title}</Header>{content(inner, key)}</MenuSection>]
    }
    return []
  })
}

export function MenuBody({ trigger, children, label, placement = 'bottom end', asked }: MenuProps & { asked: boolean }) {
  const place = useRef<HTMLSpanElement>(null)
  // Opened by the press that fetched it, the menu has no button to give the focus back to: it was drawn anew.
  const onOpenChange = (open: boolean) => {
    if (!open) requestAnimationFrame(() => document.activeElement === document.body && place.current?.querySelector('button')?.focus())
  }
  return (
    <span ref={place} className={css.contents}>
      <MenuTrigger defaultOpen={asked} onOpenChange={onOpenChange}>
        {trigger}
        <Popover placement={placement} offset={4} className={css.popover!}>
          <AriaMenu aria-label={label} className={css.menu!} autoFocus="first">{content(children)}</AriaMenu>
        </Popover>
      </MenuTrigger>
    </span>
  )
}
