import { type InputHTMLAttributes, type ReactNode, type Ref, type TextareaHTMLAttributes, useId, useState } from 'react'
import { IconButton } from './Button'
import { cx } from './cx'
import css from './Field.module.css'
import { Icon, type IconName } from './Icon'

interface Common {
  label: ReactNode
  /** Keeps the label for screen readers only. */
  hideLabel?: boolean
  help?: ReactNode
  problem?: string | null | undefined
  optional?: boolean
}

/** A label, a control, help and a problem, tied together by ids. */
export function FieldFrame({
  id, label, hideLabel, help, problem, optional, children,
}: Common & { id: string; children: ReactNode }) {
  return (
    <div className={css.field}>
      <label htmlFor={id} className={cx(css.label, hideLabel && 'sr')}>
        {label}
        {optional && <span className={css.optional}>optional</span>}
      </label>
      {children}
      {help && !problem && <div id={`${id}-help`} className={css.help}>{help}</div>}
      {problem && (
        <div id={`${id}-problem`} className={css.problem} role="alert">
          <Icon name="warn" size={16} /> <span>{problem}</span>
        </div>
      )}
    </div>
  )
}

const described = (id: string, help: ReactNode, problem: string | null | undefined) => ({
  'aria-invalid': problem ? (true as const) : undefined,
  'aria-describedby': problem ? `${id}-problem` : help ? `${id}-help` : undefined,
})

export interface FieldProps extends Common, Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'className'> {
  value: string
  onChange: (value: string) => void
  mono?: boolean
  icon?: IconName
  suffix?: string
  ref?: Ref<HTMLInputElement>
}

export function Field({ label, hideLabel, help, problem, optional, value, onChange, mono, icon, suffix, ...rest }: FieldProps) {
  const made = useId()
  const id = rest.id ?? made
  const input = (
    <input
      dir="auto"
      {...rest}
      {...described(id, help, problem)}
      id={id}
      value={value}
      className={cx(css.input, mono && css.mono)}
      onChange={(event) => onChange(event.target.value)}
    />
  )
  return (
    <FieldFrame {...{ id, label, help, problem }} {...(hideLabel ? { hideLabel } : {})} {...(optional ? { optional } : {})}>
      {icon ? <div className={css.wrap}><Icon name={icon} size={16} className={css.lead} />{input}</div>
        : suffix ? <div className={css.wrap} data-suffix="">{input}<span className={css.suffix}>{suffix}</span></div>
        : input}
    </FieldFrame>
  )
}

/** A password that can be shown, so that a long one can be checked. */
export function PasswordField({ label = 'Password', ...rest }: Omit<FieldProps, 'type' | 'label'> & { label?: string }) {
  const made = useId()
  const id = rest.id ?? made
  const [shown, setShown] = useState(false)
  const { help, problem, optional, hideLabel, value, onChange, mono: _, icon: __, suffix: ___, ...input } = rest
  return (
    <FieldFrame {...{ id, label, help, problem }}>
      <div className={css.wrap} data-peek="">
        <input
          {...input}
          {...described(id, help, problem)}
          id={id}
          type={shown ? 'text' : 'password'}
          value={value}
          spellCheck={false}
          autoCapitalize="off"
          className={css.input}
          onChange={(event) => onChange(event.target.value)}
        />
        <IconButton
          icon="eye" size="small" className={css.peek}
          label={shown ? 'Hide the password' : 'Show the password'}
          aria-pressed={shown}
          onPress={() => setShown(!shown)}
        />
      </div>
    </FieldFrame>
  )
}

export interface TextAreaProps extends Common, Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange' | 'className'> {
  value: string
  onChange: (value: string) => void
  mono?: boolean
  ref?: Ref<HTMLTextAreaElement>
}

export function TextArea({ label, hideLabel, help, problem, optional, value, onChange, mono, ...rest }: TextAreaProps) {
  const made = useId()
  const id = rest.id ?? made
  return (
    <FieldFrame {...{ id, label, help, problem }} {...(hideLabel ? { hideLabel } : {})} {...(optional ? { optional } : {})}>
      <textarea
        dir="auto"
        {...rest}
        {...described(id, help, problem)}
        id={id}
        value={value}
        className={cx(css.input, mono && css.mono)}
        onChange={(event) => onChange(event.target.value)}
      />
    </FieldFrame>
  )
}
