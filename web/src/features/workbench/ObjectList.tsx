/**
 * The objects as a list: the way to see and change the answer without seeing the picture. The top
 * of the list is the top of the drawing order.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import { type Editor, type ObjectRecord, excerpt, joinTo, kinds, select, spansOf, toggleFlag, zoomToSelection } from '../../canvas'
import { Icon } from '../../ui/Icon'
import type { Ontology, Problem } from '../queue/model'
import { Glyph, ToolGlyph } from './Glyph'
import css from './Panels.module.css'
import { classNamed } from './classes'
import { useEditor } from './useEditor'

interface ListProps {
  editor: Editor
  ontology: Ontology
  /** What is wrong, by object. */
  problems: ReadonlyMap<string, readonly Problem[]>
  /** A word beside an object: what a reviewer changed. */
  marks?: ReadonlyMap<string, string> | undefined
}

const ROW_PX = 36
const ROW_TOUCH_PX = 46

export function ObjectList({ editor, ontology, problems, marks }: ListProps) {
  const objects = useInOrder(editor)
  // Each part by itself: moving the camera is no reason to draw the list again.
  const selected = useEditor(editor, ({ session }) => session.selected)
  const hidden = useEditor(editor, ({ session }) => session.hidden)
  const locked = useEditor(editor, ({ session }) => session.locked)
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const scroller = useRef<HTMLDivElement>(null)
  const isTouch = matchMedia('(pointer: coarse)').matches
  const rowPx = isTouch ? ROW_TOUCH_PX : ROW_PX
  const count = objects.length
  const at = (row: number): ObjectRecord | undefined => objects[count - 1 - row]
  const virtual = useVirtualizer({ count, getScrollElement: () => scroller.current, estimateSize: () => rowPx, overscan: 8 })
  const last = selected[selected.length - 1]
  const active = last === undefined ? -1 : count - 1 - objects.findIndex(({ id }) => id === last)
  const dragging = useDrag(editor, objects, rowPx, scroller)

  // What is selected on the picture is to be seen here.
  useEffect(() => {
    if (active >= 0 && active < count) virtual.scrollToIndex(active, { align: 'auto' })
  }, [active, count, virtual])

  const go = (row: number, extend: boolean) => {
    const object = at(Math.min(count - 1, Math.max(0, row)))
    if (object === undefined) return
    editor.act(() => select(editor, extend ? [...selected.filter((id) => id !== object.id), object.id] : [object.id]))
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const { key, altKey, shiftKey, ctrlKey, metaKey } = event
    const plain = !ctrlKey && !metaKey && !altKey
    const page = Math.floor((scroller.current?.clientHeight ?? 360) / rowPx)
    const steps: Record<string, number> = { ArrowDown: active + 1, ArrowUp: active < 0 ? 0 : active - 1, Home: 0, End: count - 1, PageDown: active + page, PageUp: active - page }
    const step = steps[key]
    if (plain && step !== undefined) go(step, shiftKey)
    else if (altKey && hasOrder(editor) && (key === 'ArrowUp' || key === 'ArrowDown')) editor.run(key === 'ArrowUp' ? 'order.forward' : 'order.backward')
    else if (plain && (key === 'Delete' || key === 'Backspace')) editor.run('delete.objects')
    else if (plain && key === 'Enter') lookAtSelection(editor)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const without = editor.text !== null ? 'text without any span' : editor.clouds !== null ? 'cloud without any object' : 'picture without any object'
  if (count === 0) return <p className={css.none}>{editor.frames > 0 ? 'Nothing is seen in this frame. A video without any track' : `Nothing is marked yet. A ${without}`} can be handed in, too.</p>
  return (
    <div
      ref={scroller}
      className={css.objects}
      role="grid"
      aria-label={editor.text === null ? 'Objects' : 'Spans'}
      aria-rowcount={count}
      aria-multiselectable="true"
      aria-activedescendant={active >= 0 && active < count ? `object-${last}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div className={css.rows} role="presentation" style={{ blockSize: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const object = at(index)
          if (object === undefined) return null
          const { id } = object
          const wrong = problems.get(id)
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus and the keys
            // biome-ignore lint/a11y/useFocusableInteractive: as above
            <div
              key={id}
              id={`object-${id}`}
              role="row"
              aria-rowindex={index + 1}
              aria-selected={selected.includes(id)}
              aria-label={`${count - index}. ${editor.describe(id)}${wrong ? `. ${wrong.map(({ message }) => message).join(' ')}` : ''}`}
              className={css.object}
              data-hidden={hidden.has(id) ? '' : undefined}
              data-drop={dragging.over === index ? dragging.side : undefined}
              style={{ transform: `translateY(${start}px)`, blockSize: rowPx }}
              onPointerEnter={() => editor.act(() => editor.updateSession({ hovered: id }))}
              onPointerLeave={() => editor.act(() => editor.updateSession({ hovered: null }))}
              onClick={(event) => {
                const has = selected.includes(id)
                const many = event.shiftKey || event.ctrlKey || event.metaKey
                const next = !many ? [id] : has ? selected.filter((other) => other !== id) : [...selected, id]
                editor.act(() => {
                  select(editor, next)
                  if (!many) joinTo(editor, id)
                })
              }}
              onDoubleClick={() => lookAtSelection(editor)}
            >
              {!isReadOnly && hasOrder(editor) && <span className={css.grip} role="presentation" onPointerDown={(event) => dragging.begin(event, id)}><Glyph name="drag" size={14} /></span>}
              <Name editor={editor} ontology={ontology} object={object} number={count - index} mark={marks?.get(id)} wrong={wrong} />
              <Flag editor={editor} id={id} which="hidden" on={hidden.has(id)} />
              {!isReadOnly && <Flag editor={editor} id={id} which="locked" on={locked.has(id)} />}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** Passages and cuboids lie on nothing, so that none is above another. */
const hasOrder = ({ text, clouds }: Editor): boolean => text === null && clouds === null

function lookAtSelection(editor: Editor): void {
  if (editor.clouds === null) editor.act(() => zoomToSelection(editor))
  else editor.cloudView?.focus()
}

/** In drawing order; the spans of a text as it is read, from below like the others. */
function useInOrder(editor: Editor): readonly ObjectRecord[] {
  const objects = useEditor(editor, (snapshot) => snapshot.objects)
  return useMemo(() => (editor.text === null ? objects : spansOf(editor).reverse()), [editor, objects])
}

interface NameProps {
  editor: Editor
  ontology: Ontology
  object: ObjectRecord
  number: number
  mark: string | undefined
  wrong: readonly Problem[] | undefined
}

function Name({ editor, ontology, object, number, mark, wrong }: NameProps) {
  const each = classNamed(ontology, object.class)
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: a cell of the grid above, which has the focus
    <span role="gridcell" className={css.cell}>
      <span className={css.swatch} style={{ background: each.color }} />
      <span className={css.kind} title={kinds[object.shape.type].name}>{object.shape.type === 'span' ? <Glyph name="span" size={16} /> : <ToolGlyph id={object.shape.type} size={16} />}</span>
      <span className={css.objectName}>{each.name}<small>{object.shape.type === 'span' ? <bdi>{excerpt(editor, object.shape, 40)}</bdi> : number}</small></span>
      {object.camera !== undefined && <span className={css.camera} title={`Camera ${object.camera}`} dir="auto">{object.camera}</span>}
      {mark !== undefined && <span className={css.mark}>{mark}</span>}
      {wrong !== undefined && <span className={css.wrong} title={wrong.map(({ message }) => message).join('\n')}><Icon name="warn" size={16} /></span>}
    </span>
  )
}

/** Hiding and locking are for the eye and the hand; what is hidden is saved all the same. */
function Flag({ editor, id, which, on }: { editor: Editor; id: string; which: 'hidden' | 'locked'; on: boolean }) {
  const names = { hidden: on ? 'Show' : 'Hide', locked: on ? 'Unlock' : 'Lock' }
  const glyph = which === 'hidden' ? (on ? 'eyeOff' : 'eye') : on ? 'lock' : 'unlock'
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: a cell of the grid above, which has the focus
    <span role="gridcell">
      <button
        type="button"
        tabIndex={-1}
        className={css.flag}
        data-on={on ? '' : undefined}
        aria-label={names[which]}
        title={names[which]}
        onClick={(event) => {
          event.stopPropagation()
          editor.act(() => toggleFlag(editor, which, [id]))
        }}
      >
        <Glyph name={glyph} size={16} />
      </button>
    </span>
  )
}

/** Dragging a row to another place of the drawing order. Keys do the same: Alt with the arrows. */
function useDrag(editor: Editor, objects: readonly ObjectRecord[], rowPx: number, scroller: React.RefObject<HTMLDivElement | null>) {
  const [over, setOver] = useState<number | null>(null)
  const [from, setFrom] = useState(0)
  const begin = (down: PointerEvent, id: string) => {
    down.preventDefault()
    down.stopPropagation()
    const grip = down.currentTarget as HTMLElement
    const count = objects.length
    const start = count - 1 - objects.findIndex((object) => object.id === id)
    let target = start
    setFrom(start)
    grip.setPointerCapture(down.pointerId)
    const move = (event: globalThis.PointerEvent) => {
      const box = scroller.current
      if (box === null) return
      const y = event.clientY - box.getBoundingClientRect().top + box.scrollTop
      target = Math.min(count - 1, Math.max(0, Math.floor(y / rowPx)))
      setOver(target === start ? null : target)
    }
    const end = (event: globalThis.PointerEvent) => {
      grip.removeEventListener('pointermove', move)
      grip.removeEventListener('pointerup', end)
      grip.removeEventListener('pointercancel', end)
      setOver(null)
      if (event.type === 'pointerup' && target !== start) place(editor, id, count - 1 - target)
    }
    grip.addEventListener('pointermove', move)
    grip.addEventListener('pointerup', end)
    grip.addEventListener('pointercancel', end)
  }
  return { over, side: over !== null && over > from ? 'after' : 'before', begin }
}

/** Puts one object at a place among the others, and numbers them anew. */
function place(editor: Editor, id: string, index: number): void {
  const placed = editor.placed()
  const moving = placed.find((record) => record.id === id)
  if (moving === undefined) return
  const others = placed.filter((record) => record !== moving)
  others.splice(index, 0, moving)
  const moved = others.flatMap((record, i) => (record.order === i + 1 ? [] : [{ ...record, order: i + 1 }]))
  editor.work('order', () => editor.put(moved))
}
