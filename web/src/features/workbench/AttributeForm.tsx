/**
 * The form that an ontology asks for: one control for each attribute, with its mark where a value
 * is required and its problem where it is wrong.
 */
import { useId, useState } from 'react'
import { Icon } from '../../ui/Icon'
import { Select } from '../../ui/Select'
import { problemOf } from '../queue/check'
import type { Attribute, Option, Value, Values } from '../queue/model'
import css from './Form.module.css'

export type SetValue = (key: string, value: Value | undefined, how: 'step' | 'typing') => void

interface FormProps {
  attributes: readonly Attribute[]
  values: Values
  set: SetValue
  readOnly?: boolean
  /** Whether to show what is missing, too: after the first try to hand in. */
  strict?: boolean
}

export function AttributeForm({ attributes, values, set, readOnly = false, strict = false }: FormProps) {
  return (
    <div className={css.form}>
      {attributes.map((attribute) => (
        <Control
          key={attribute.key}
          attribute={attribute}
          value={values[attribute.key]}
          set={(value, how = 'step') => set(attribute.key, value, how)}
          readOnly={readOnly}
          strict={strict}
        />
      ))}
    </div>
  )
}

interface ControlProps {
  attribute: Attribute
  value: Value | undefined
  set: (value: Value | undefined, how?: 'step' | 'typing') => void
  readOnly: boolean
  strict: boolean
}

/** More options than this go into a list that opens. */
const CHIPS_MAX = 6

function Control(props: ControlProps) {
  const { attribute, value, strict } = props
  const id = useId()
  const problem = strict || value !== undefined ? problemOf(attribute, value) : null
  const shown = attribute.description ? <span className={css.help}>{attribute.description}</span> : null
  const isField = attribute.type === 'text' || attribute.type === 'number'
  const title = (
    <>
      {attribute.name}
      {attribute.required && <span className={css.required} title="required">*<span className="sr"> required</span></span>}
    </>
  )
  const rest = (
    <>
      <Input id={id} {...props} />
      {shown}
      {problem !== null && <span id={`${id}-p`} className={css.problem}><Icon name="warn" size={14} /> {problem}</span>}
    </>
  )
  const mark = problem !== null ? '' : undefined
  if (isField) return <div className={css.row} data-problem={mark}><label htmlFor={id} className={css.label}>{title}</label>{rest}</div>
  return <fieldset className={css.row} data-problem={mark}><legend className={css.label}>{title}</legend>{rest}</fieldset>
}

function Input({ id, ...props }: ControlProps & { id: string }) {
  const { attribute, value, set, readOnly } = props
  switch (attribute.type) {
    case 'boolean':
      return <Chips many={false} options={[{ key: 'true', name: 'Yes' }, { key: 'false', name: 'No' }]} picked={value === undefined ? [] : [String(value)]} readOnly={readOnly} clearable={!attribute.required} pick={(keys) => set(keys[0] === undefined ? undefined : keys[0] === 'true')} />
    case 'select':
      return <OneOf {...props} />
    case 'multi': {
      const picked = Array.isArray(value) ? (value as readonly string[]) : []
      return <Chips many options={liveOptions(attribute, picked)} picked={picked} readOnly={readOnly} clearable pick={(keys) => set(keys.length === 0 ? undefined : keys)} />
    }
    case 'number':
      return <NumberInput id={id} {...props} />
    case 'text':
      return (
        <textarea
          id={id}
          className={css.input}
          dir="auto"
          rows={2}
          readOnly={readOnly}
          value={typeof value === 'string' ? value : ''}
          aria-describedby={`${id}-p`}
          onChange={(event) => set(event.target.value === '' ? undefined : event.target.value, 'typing')}
        />
      )
  }
}

/** Options in use, and those retired since which this answer still has. */
const liveOptions = ({ options = [] }: Attribute, picked: readonly string[]): readonly Option[] =>
  options.filter(({ key, retired }) => !retired || picked.includes(key))

function OneOf({ attribute, value, set, readOnly }: ControlProps) {
  const picked = typeof value === 'string' ? [value] : []
  const options = liveOptions(attribute, picked)
  if (options.length <= CHIPS_MAX) {
    return <Chips many={false} options={options} picked={picked} readOnly={readOnly} clearable={!attribute.required} pick={(keys) => set(keys[0])} />
  }
  const none = attribute.required ? [] : [{ value: '', label: '—' }]
  return (
    <Select
      label={attribute.name}
      hideLabel
      disabled={readOnly}
      value={picked[0] ?? null}
      options={[...none, ...options.map(({ key, name }) => ({ value: key, label: name }))]}
      onChange={(key) => set(key === '' ? undefined : key)}
    />
  )
}

interface ChipsProps {
  many: boolean
  options: readonly Option[]
  picked: readonly string[]
  readOnly: boolean
  /** A second press takes the value back. */
  clearable: boolean
  pick: (keys: string[]) => void
}

function Chips({ many, options, picked, readOnly, clearable, pick }: ChipsProps) {
  const press = (key: string) => {
    const has = picked.includes(key)
    if (many) pick(has ? picked.filter((each) => each !== key) : [...picked, key])
    else if (!has) pick([key])
    else if (clearable) pick([])
  }
  return (
    <div className={css.chips}>
      {options.map(({ key, name }) => (
        <button key={key} type="button" className={css.chip} aria-pressed={picked.includes(key)} disabled={readOnly} onClick={() => press(key)}>
          {name}
        </button>
      ))}
    </div>
  )
}

/** Keeps what is typed until it is a number; only numbers reach the answer. */
function NumberInput({ id, attribute, value, set, readOnly }: ControlProps & { id: string }) {
  const [typed, setTyped] = useState<string | null>(null)
  const { min, max } = attribute
  const range = [min != null ? `from ${min}` : '', max != null ? `up to ${max}` : ''].filter(Boolean).join(' ')
  return (
    <input
      id={id}
      className={css.input}
      inputMode="decimal"
      readOnly={readOnly}
      placeholder={range}
      value={typed ?? (value === undefined ? '' : String(value))}
      onChange={({ target }) => {
        const text = target.value.replace(',', '.').trim()
        const number = Number(text)
        setTyped(target.value)
        if (text === '') set(undefined, 'typing')
        else if (Number.isFinite(number)) set(number, 'typing')
      }}
      onBlur={() => setTyped(null)}
    />
  )
}
