import { type ClipboardEvent, type KeyboardEvent, useRef } from 'react'
import { flushSync } from 'react-dom'
import { Button, IconButton } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Kbd } from '../../ui/Kbd'
import type { ClassRow } from '../ontology/model'
import css from './Plan.module.css'

interface Props {
  rows: readonly ClassRow[]
  onAdd: (names: readonly string[], after?: string) => void
  onName: (uid: string, name: string) => void
  onRemove: (uid: string) => void
}

export const linesOf = (text: string): string[] => text.split(/\r?\n|,|;|\t/).map((line) => line.trim()).filter(Boolean).slice(0, 500)

/** The quick way to classes: a name a line. Enter goes to the next, a pasted list becomes rows. */
export function ClassesInput({ rows, onAdd, onName, onRemove }: Props) {
  const list = useRef<HTMLUListElement>(null)
  const focus = (index: number) => list.current?.querySelectorAll('input')[index]?.focus()
  // The row is there before the next key comes: whoever types fast loses nothing.
  const add = (names: readonly string[], after?: string) => flushSync(() => onAdd(names, after))

  const onKey = (event: KeyboardEvent, row: ClassRow, index: number) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') {
      event.preventDefault()
      add([''], row.uid)
      focus(index + 1)
    } else if (event.key === 'Backspace' && row.name === '' && rows.length > 1) {
      event.preventDefault()
      flushSync(() => onRemove(row.uid))
      focus(Math.max(0, index - 1))
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      focus(event.key === 'ArrowDown' ? Math.min(rows.length - 1, index + 1) : Math.max(0, index - 1))
    }
  }
  const onPaste = (event: ClipboardEvent, row: ClassRow) => {
    const names = linesOf(event.clipboardData.getData('text'))
    if (names.length < 2) return
    event.preventDefault()
    const [first, ...rest] = names
    if (row.name === '') onName(row.uid, first ?? '')
    onAdd(row.name === '' ? rest : names, row.uid)
  }

  return (
    <>
      <ul ref={list} className={css.classes}>
        {rows.map((row, index) => (
          <li key={row.uid}>
            <span className={css.dot} style={{ '--dot': row.color } as React.CSSProperties} />
            <Field
              label={`Class ${index + 1}`} hideLabel value={row.name} placeholder={index === 0 ? 'For example: car' : ''} onChange={(name) => onName(row.uid, name)}
              onKeyDown={(event) => onKey(event, row, index)} onPaste={(event) => onPaste(event, row)} autoComplete="off"
            />
            <span className={css.key}>{row.hotkey && <Kbd>{row.hotkey.toUpperCase()}</Kbd>}</span>
            <IconButton icon="x" size="small" label={`Remove ${row.name || `class ${index + 1}`}`} isDisabled={rows.length === 1} onPress={() => onRemove(row.uid)} />
          </li>
        ))}
      </ul>
      <div><Button size="small" icon="plus" onPress={() => { add(['']); focus(rows.length) }}>Add a class</Button></div>
    </>
  )
}
