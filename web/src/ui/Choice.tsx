import { type ReactNode, useId } from 'react'
import css from './Field.module.css'

interface ToggleProps {
  label: ReactNode
  help?: ReactNode
  checked: boolean
  onChange: (checked: boolean) => void
  disabled?: boolean
}

export function Checkbox({ label, help, checked, onChange, disabled }: ToggleProps) {
  return (
    <label className={css.choice}>
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}{help && <small>{help}</small>}</span>
    </label>
  )
}

/** Takes effect at once, where a checkbox waits for a save. */
export function Switch({ label, help, checked, onChange, disabled }: ToggleProps) {
  return (
    <label className={css.choice}>
      <input type="checkbox" role="switch" checked={checked} aria-checked={checked} disabled={disabled} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}{help && <small>{help}</small>}</span>
    </label>
  )
}

export interface Option<V extends string> {
  value: V
  label: ReactNode
  help?: ReactNode
  picture?: ReactNode
  disabled?: boolean
}

interface PickProps<V extends string> {
  label: string
  value: V | null
  options: readonly Option<V>[]
  onChange: (value: V) => void
}

/** One of a few, each with a picture and a sentence. */
export function RadioCards<V extends string>({ label, value, options, onChange }: PickProps<V>) {
  const name = useId()
  return (
    <div role="radiogroup" aria-label={label} className={css.cards}>
      {options.map((option) => (
        <label key={option.value} className={css.card}>
          <input type="radio" name={name} checked={option.value === value} disabled={option.disabled} onChange={() => onChange(option.value)} />
          {option.picture}
          <strong>{option.label}</strong>
          {option.help && <small>{option.help}</small>}
        </label>
      ))}
    </div>
  )
}

export function Radios<V extends string>({ label, value, options, onChange }: PickProps<V>) {
  const name = useId()
  return (
    <fieldset className={css.field}>
      <legend className={css.label}>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={css.choice}>
          <input type="radio" name={name} checked={option.value === value} disabled={option.disabled} onChange={() => onChange(option.value)} />
          <span>{option.label}{option.help && <small>{option.help}</small>}</span>
        </label>
      ))}
    </fieldset>
  )
}

/** One of two to five, side by side. */
export function Segments<V extends string>({ label, value, options, onChange }: PickProps<V>) {
  const name = useId()
  return (
    <div role="radiogroup" aria-label={label} className={css.segments}>
      {options.map((option) => (
        <label key={option.value}>
          <input type="radio" name={name} checked={option.value === value} disabled={option.disabled} onChange={() => onChange(option.value)} />
          {option.label}
        </label>
      ))}
    </div>
  )
}
