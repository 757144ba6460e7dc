import { type ReactNode, useState } from 'react'
import { Checkbox, Radios } from '../../ui/Choice'
import { Field } from '../../ui/Field'
import { Kbd } from '../../ui/Kbd'
import { layout } from '../../ui/Page'
import type { AttributeRow, Doc } from './model'
import css from './Ontology.module.css'

/** The ontology as it looks at work: classes with their keys, attributes as they are asked. Nothing here is kept. */
export function Preview({ doc }: { doc: Doc }) {
  const classes = doc.classes.filter((row) => !row.retired)
  const attributes = doc.attributes.filter((row) => !row.retired)
  const group = (scope: 'object' | 'item', title: string) => {
    const rows = attributes.filter((row) => row.scope === scope)
    return rows.length > 0 && (
      <div className={css.fields}>
        <span className={css.caption}>{title}</span>
        {rows.map((row) => <Asked key={row.uid} row={row} />)}
      </div>
    )
  }
  return (
    <div className={layout.stack}>
      {classes.length === 0 ? <p className={layout.quiet}>Nothing to choose from yet.</p> : (
        <ul className={css.preview}>
          {classes.map((row) => (
            <li key={row.uid} style={{ '--depth': row.depth, '--dot': row.color } as React.CSSProperties} title={row.description}>
              <span className={css.dot} /><b dir="auto">{row.name || '…'}</b>{row.hotkey && <Kbd>{row.hotkey.toUpperCase()}</Kbd>}
            </li>
          ))}
        </ul>
      )}
      {group('object', 'Of an object')}
      {group('item', 'Of the whole item')}
    </div>
  )
}

function Asked({ row }: { row: AttributeRow }) {
  const [touched, setTouched] = useState<AttributeRow['default'] | undefined>(undefined)
  const value = touched === undefined ? row.default : touched
  const label: ReactNode = `${row.name || '…'}${row.required ? ' *' : ''}`
  const options = row.options.filter((option) => !option.retired)
  switch (row.type) {
    case 'boolean': return <Checkbox label={label} checked={value === true} onChange={setTouched} />
    case 'text': return <Field label={label} value={typeof value === 'string' ? value : ''} onChange={setTouched} />
    case 'number': return <Field label={label} type="number" value={typeof value === 'number' ? String(value) : ''} onChange={(text) => setTouched(text === '' ? null : Number(text))} />
    case 'select': return <Radios label={String(label)} value={typeof value === 'string' ? value : null} onChange={setTouched} options={options.map((option) => ({ value: option.uid, label: option.name || '…' }))} />
    case 'multi': {
      const chosen = Array.isArray(value) ? value : []
      return (
        <div className={layout.stack}>
          <span className={css.caption}>{label}</span>
          {options.map((option) => (
            <Checkbox key={option.uid} label={option.name || '…'} checked={chosen.includes(option.uid)} onChange={(on) => setTouched(on ? [...chosen, option.uid] : chosen.filter((id) => id !== option.uid))} />
          ))}
        </div>
      )
    }
  }
}
