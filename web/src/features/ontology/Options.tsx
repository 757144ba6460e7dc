import { type ClipboardEvent, type Dispatch, type KeyboardEvent, useRef } from 'react'
import { flushSync } from 'react-dom'
import { Button, IconButton } from '../../ui/Button'
import { linesOf } from '../projects/ClassesInput'
import type { Act } from './edit'
import type { AttributeRow, OptionRow } from './model'
import css from './Ontology.module.css'

/** The options of one attribute. Enter adds the next, Alt and arrows move, a pasted list becomes options. */
export function Options({ row, act }: { row: AttributeRow; act: Dispatch<Act> }) {
  const list = useRef<HTMLUListElement>(null)
  const focus = (index: number) => list.current?.querySelectorAll('input')[index]?.focus()
  // The row is there before the next key comes: whoever types fast loses nothing.
  const now = (edit: Act) => flushSync(() => act(edit))
  const add = () => {
    now({ type: 'option.add', uid: row.uid, names: [''] })
    focus(row.options.length)
  }
  const onKey = (event: KeyboardEvent, option: OptionRow, index: number) => {
    if (event.nativeEvent.isComposing) return
    const up = event.key === 'ArrowUp'
    if (event.key === 'Enter') {
      event.preventDefault()
      add()
    } else if (up || event.key === 'ArrowDown') {
      event.preventDefault()
      if (event.altKey) now({ type: up ? 'option.up' : 'option.down', uid: row.uid, option: option.uid })
      focus(Math.max(0, Math.min(row.options.length - 1, index + (up ? -1 : 1))))
    } else if (event.key === 'Backspace' && option.name === '' && option.key === null) {
      event.preventDefault()
      now({ type: 'option.remove', uid: row.uid, option: option.uid })
      focus(Math.max(0, index - 1))
    }
  }
  const onPaste = (event: ClipboardEvent, option: OptionRow) => {
    const names = linesOf(event.clipboardData.getData('text'))
    if (names.length < 2) return
    event.preventDefault()
    act({ type: 'option.add', uid: row.uid, names })
    if (option.name === '' && option.key === null) act({ type: 'option.remove', uid: row.uid, option: option.uid })
  }
  return (
    <>
      <span className={css.caption}>Options</span>
      <ul className={css.options} ref={list}>
        {row.options.map((option, index) => (
          <li key={option.uid}>
            <span aria-hidden="true">{row.type === 'select' ? '○' : '☐'}</span>
            <span className={css.nameCell}>
              <input
                className={css.small} value={option.name} dir="auto" aria-label={`Option ${index + 1}`} placeholder="Name" maxLength={200}
                onChange={(event) => act({ type: 'option.change', uid: row.uid, option: option.uid, change: { name: event.target.value } })}
                onKeyDown={(event) => onKey(event, option, index)} onPaste={(event) => onPaste(event, option)}
              />
              {option.retired && <span className={css.retired}>retired</span>}
            </span>
            {option.key === null
              ? <IconButton icon="x" size="small" label={`Remove ${option.name || 'this option'}`} onPress={() => act({ type: 'option.remove', uid: row.uid, option: option.uid })} />
              : <IconButton icon="archive" size="small" label={option.retired ? `Bring back ${option.name}` : `Retire ${option.name}`} onPress={() => act({ type: 'option.change', uid: row.uid, option: option.uid, change: { retired: !option.retired } })} />}
          </li>
        ))}
      </ul>
      <Button size="small" look="quiet" icon="plus" onPress={add}>Add an option</Button>
    </>
  )
}
