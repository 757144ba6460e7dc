import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, ReactElement, ReactNode, Ref } from 'react'
import { Button as AriaButton, type ButtonProps as AriaProps } from 'react-aria-components/Button'
import { Tooltip as AriaTooltip, TooltipTrigger } from 'react-aria-components/Tooltip'
import css from './Button.module.css'
import { Icon, type IconName } from './Icon'
import { Kbd } from './Kbd'
import { cx } from './cx'

type Look = 'plain' | 'primary' | 'quiet' | 'danger'
type Size = 'small' | 'medium' | 'large'

export interface ButtonProps extends Omit<AriaProps, 'children' | 'className' | 'style'> {
  look?: Look
  size?: Size
  icon?: IconName
  busy?: boolean
  className?: string | undefined
  children?: ReactNode
  ref?: Ref<HTMLButtonElement>
}

const classes = (look: Look, size: Size, extra?: string | false) =>
  cx(css.button, css[look], size === 'small' && css.small, size === 'large' && css.large, extra)

/** The one button. `busy` keeps its place and its focus, and takes no second press. */
export function Button({ look = 'plain', size = 'medium', icon, busy = false, className, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} isPending={busy} className={cx(classes(look, size), busy && css.busy, className)}>
      {busy ? <span className={css.spin} /> : icon && <Icon name={icon} size={16} />}
      {children}
    </AriaButton>
  )
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  icon: IconName
  /** The accessible name, shown as the tooltip too. */
  label: string
  /** The key that does the same, shown in the tooltip. */
  shortcut?: string
}

export function IconButton({ icon, label, shortcut, look = 'quiet', size = 'medium', busy, className, ...rest }: IconButtonProps) {
  return (
    <Tip text={label} {...(shortcut ? { shortcut } : {})}>
      <AriaButton {...rest} isPending={busy ?? false} aria-label={label} className={cx(classes(look, size, css.icon), className)}>
        {busy ? <span className={css.spin} /> : <Icon name={icon} />}
      </AriaButton>
    </Tip>
  )
}

/** Says what a button is for, on hover and on keyboard focus. The child is a Button of the kit. */
export function Tip({ text, shortcut, children }: { text: ReactNode; shortcut?: string; children: ReactElement }) {
  return (
    <TooltipTrigger delay={500} closeDelay={50}>
      {children}
      <AriaTooltip offset={6} className={css.tip!}>
        {text}
        {shortcut && <Kbd>{shortcut}</Kbd>}
      </AriaTooltip>
    </TooltipTrigger>
  )
}

interface AnchorProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  look?: Look
  size?: Size
  icon?: IconName
  ref?: Ref<HTMLAnchorElement>
}

function Anchor({ look = 'plain', size = 'medium', icon, className, children, ...rest }: AnchorProps) {
  return (
    <a {...rest} className={classes(look, size, className)}>
      {icon && <Icon name={icon} size={16} />}
      {children}
    </a>
  )
}

/** A link that looks like a button: it goes somewhere, so it can be opened in a new tab. */
export const LinkButton = createLink(Anchor)

/** The same for an address that the router does not know: a file to download. */
export const AnchorButton = Anchor
