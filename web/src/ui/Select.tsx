import type { ReactNode } from 'react'
import { cx } from './cx'
import { Icon } from './Icon'
import { Late, useLate } from './late'
import css from './Overlay.module.css'

export interface SelectOption<V extends string> {
  value: V
  label: string
  help?: string
  mark?: ReactNode
  disabled?: boolean
}

export interface SelectProps<V extends string> {
  label: string
  hideLabel?: boolean
  value: V | null
  options: readonly SelectOption<V>[]
  onChange: (value: V) => void
  placeholder?: string
  disabled?: boolean
  className?: string | undefined
}

export const selectBody = new Late(() => import('./SelectBody'))

export function Select<V extends string>(props: SelectProps<V>) {
  const body = useLate(selectBody, true)
  if (body) return <body.SelectBody {...props} />
  const chosen = props.options.find((option) => option.value === props.value)
  // The same in looks for the moment until it can be opened.
  return (
    <div className={cx(css.select, props.className)}>
      <span className={cx(css.selectLabel, props.hideLabel && 'sr')}>{props.label}</span>
      <span className={css.trigger}><span className={css.value}>{chosen?.label ?? props.placeholder ?? 'Choose…'}</span><Icon name="down" size={16} /></span>
    </div>
  )
}
