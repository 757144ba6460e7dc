import { type ClipboardEvent, type Dispatch, type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { Button, IconButton } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { Kbd } from '../../ui/Kbd'
import { Menu, MenuItem, MenuRule } from '../../ui/Menu'
import { Card } from '../../ui/Page'
import { Late, useLate } from '../../ui/late'
import { toast } from '../../ui/toast'
import { linesOf } from '../projects/ClassesInput'
import type { Act } from './edit'
import { type ClassRow, type Doc, type Problem, span } from './model'
import css from './Ontology.module.css'

interface Props { doc: Doc; problems: readonly Problem[]; act: Dispatch<Act>; hasSkeletons: boolean }
interface Drag { uid: string; index: number; depth: number }

const INDENT_PX = 22
const skeletonDialog = new Late(() => import('./SkeletonDialog'))

/** The classes as a tree: type to rename, Alt and arrows to move, or drag by the handle. */
export function Classes({ doc, problems, act, hasSkeletons }: Props) {
  const list = useRef<HTMLDivElement>(null)
  const [drag, setDrag] = useState<Drag | null>(null)
  const [said, setSaid] = useState('')
  const [skeletonOf, setSkeletonOf] = useState<string | null>(null)
  const { SkeletonDialog } = useLate(skeletonDialog, skeletonOf !== null) ?? {}
  const boned = doc.classes.find(({ uid }) => uid === skeletonOf)
  const { classes } = doc
  const focus = (index: number) => list.current?.querySelectorAll<HTMLInputElement>('[data-name]')[index]?.focus()
  // The row is there before the next key comes: whoever types fast loses nothing.
  const now = (edit: Act) => flushSync(() => act(edit))

  const move = (row: ClassRow, type: 'class.up' | 'class.down' | 'class.in' | 'class.out') => {
    now({ type, uid: row.uid })
    setSaid(`${row.name} moved ${{ 'class.up': 'up', 'class.down': 'down', 'class.in': 'into the class above', 'class.out': 'one level out' }[type]}`)
    list.current?.querySelector<HTMLInputElement>(`[data-name="${row.uid}"]`)?.focus()
  }
  const remove = (row: ClassRow) => {
    act({ type: 'class.remove', uid: row.uid })
    toast(`${row.name || 'The class'} removed.`, { act: { label: 'Undo', run: () => act({ type: 'undo' }) } })
  }
  const onKey = (event: KeyboardEvent, row: ClassRow, index: number) => {
    if (event.nativeEvent.isComposing) return
    const moves = { ArrowUp: 'class.up', ArrowDown: 'class.down', ArrowRight: 'class.in', ArrowLeft: 'class.out' } as const
    const rtl = getComputedStyle(event.currentTarget).direction === 'rtl'
    const key = rtl && event.key === 'ArrowRight' ? 'ArrowLeft' : rtl && event.key === 'ArrowLeft' ? 'ArrowRight' : event.key
    if (event.altKey && key in moves) {
      event.preventDefault()
      move(row, moves[key as keyof typeof moves])
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault()
      focus(Math.max(0, Math.min(classes.length - 1, index + (event.key === 'ArrowUp' ? -1 : 1))))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      now({ type: 'class.add', names: [''], after: row.uid })
      focus(index + span(classes, index))
    } else if (event.key === 'Backspace' && row.name === '' && row.key === null) {
      event.preventDefault()
      now({ type: 'class.remove', uid: row.uid })
      focus(Math.max(0, index - 1))
    }
  }
  const onPaste = (event: ClipboardEvent, row: ClassRow) => {
    const names = linesOf(event.clipboardData.getData('text'))
    if (names.length < 2) return
    event.preventDefault()
    act({ type: 'class.add', names, after: row.uid })
    if (row.name === '' && row.key === null) act({ type: 'class.remove', uid: row.uid })
  }

  // Dragging by pointer events, so that pens and fingers do it too.
  const grab = (event: PointerEvent, row: ClassRow, index: number) => {
    if (event.button !== 0) return
    event.preventDefault()
    event.currentTarget.setPointerCapture(event.pointerId)
    setDrag({ uid: row.uid, index, depth: row.depth })
  }
  const over = (event: PointerEvent, row: ClassRow) => {
    if (drag?.uid !== row.uid || !list.current) return
    const rows = [...list.current.querySelectorAll<HTMLElement>('[data-row]')]
    let index = rows.findIndex((each) => {
      const box = each.getBoundingClientRect()
      return event.clientY < box.top + box.height / 2
    })
    if (index < 0) index = rows.length
    const box = list.current.getBoundingClientRect()
    const rtl = getComputedStyle(list.current).direction === 'rtl'
    const inward = rtl ? box.right - event.clientX : event.clientX - box.left
    setDrag({ uid: row.uid, index, depth: Math.max(0, Math.min((classes[index - 1]?.depth ?? -1) + 1, Math.round((inward - 18) / INDENT_PX))) })
  }
  const drop = () => {
    if (drag) act({ type: 'class.drop', uid: drag.uid, index: drag.index, depth: drag.depth })
    setDrag(null)
  }

  return (
    <Card
      title="Classes"
      acts={<Button size="small" icon="plus" onPress={() => { now({ type: 'class.add', names: [''] }); focus(classes.length) }}>Add a class</Button>}
    >
      <div className={css.rows} ref={list}>
        {classes.map((row, index) => {
          const faults = problems.filter((problem) => problem.uid === row.uid)
          const wrong = (field: string) => faults.some((problem) => problem.field === field)
          return (
            <fieldset
              key={row.uid} className={css.row} data-row="" aria-label={row.name || 'New class'}
              data-retired={row.retired ? '' : undefined} data-dragged={drag?.uid === row.uid ? '' : undefined} data-drop={drag?.index === index ? '' : undefined}
              style={{ '--depth': row.depth, '--at': drag?.depth ?? 0 } as React.CSSProperties}
            >
              <span
                className={css.handle} aria-hidden="true"
                onPointerDown={(event) => grab(event, row, index)} onPointerMove={(event) => over(event, row)} onPointerUp={drop} onPointerCancel={() => setDrag(null)}
              >
                <Icon name="drag" size={16} />
              </span>
              <input type="color" className={css.swatch} value={row.color} aria-label="Colour" onChange={(event) => act({ type: 'class.change', uid: row.uid, change: { color: event.target.value } })} />
              <span className={css.nameCell}>
                <input
                  className={css.name} value={row.name} data-name={row.uid} dir="auto" aria-label="Name" aria-invalid={wrong('name') || undefined} placeholder="Name" maxLength={200}
                  onChange={(event) => act({ type: 'class.change', uid: row.uid, change: { name: event.target.value } })}
                  onKeyDown={(event) => onKey(event, row, index)} onPaste={(event) => onPaste(event, row)}
                />
                {row.retired && <span className={css.retired}>retired</span>}
              </span>
              <input
                className={css.hotkey} value={row.retired ? '' : (row.hotkey ?? '')} disabled={row.retired} aria-label="Hotkey" aria-invalid={wrong('hotkey') || undefined} maxLength={1} placeholder="–"
                onFocus={(event) => event.target.select()}
                onChange={(event) => {
                  const key = event.target.value.slice(-1).toLowerCase()
                  if (key === '' || /^[0-9a-z]$/.test(key)) act({ type: 'class.change', uid: row.uid, change: { hotkey: key || null } })
                }}
              />
              <Menu label={`More for ${row.name || 'this class'}`} trigger={<IconButton icon="more" size="small" label="More" />}>
                <MenuItem icon="up" onAction={() => move(row, 'class.up')}>Move up</MenuItem>
                <MenuItem icon="down" onAction={() => move(row, 'class.down')}>Move down</MenuItem>
                <MenuItem icon="indent" onAction={() => move(row, 'class.in')}>Into the class above</MenuItem>
                <MenuItem icon="outdent" onAction={() => move(row, 'class.out')}>One level out</MenuItem>
                {hasSkeletons && <MenuItem icon="people" onAction={() => setSkeletonOf(row.uid)}>{row.skeleton ? 'Skeleton' : 'Give it a skeleton'}</MenuItem>}
                <MenuRule />
                {row.key === null
                  ? <MenuItem icon="trash" danger onAction={() => remove(row)}>Remove</MenuItem>
                  : <MenuItem icon="archive" onAction={() => act({ type: 'class.change', uid: row.uid, change: { retired: !row.retired } })}>{row.retired ? 'Bring back' : 'Retire'}</MenuItem>}
              </Menu>
              {faults.length > 0 && row.name !== '' && <span className={css.problem} role="alert">{faults.map((problem) => problem.message).join(' ')}</span>}
            </fieldset>
          )
        })}
        <div className={css.end} data-drop={drag?.index === classes.length ? '' : undefined} style={{ '--at': drag?.depth ?? 0 } as React.CSSProperties} />
      </div>
      {classes.length === 0 && <p>No class yet. Classes say what a thing is.</p>}
      <p className={css.hint}>
        <span><Kbd>Enter</Kbd> next class</span>
        <span><Kbd>Alt</Kbd><Kbd>↑ ↓ ← →</Kbd> move and nest</span>
        <span>Paste a list to add many. A saved class is retired, never removed.</span>
      </p>
      <span className="sr" role="status">{said}</span>
      {SkeletonDialog && boned && <SkeletonDialog key={boned.uid} row={boned} act={act} onClose={() => setSkeletonOf(null)} />}
    </Card>
  )
}
