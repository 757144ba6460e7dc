/**
 * A text with its passages: read, selected by mouse, finger and keys, and marked. Only the lines that are
 * seen are laid out, so a text of a million characters opens as soon as a short one.
 */
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type PointerEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { type Editor, type Range, type Shape, type SpanRecord, boundsOfRange, excerpt, placeOfPin, putEnd, rangeInHand, select, selectAt, setClass, setRange, spansOf } from '../../../canvas'
import { type TextIndex, lanesOf, snapToWords } from '../../../canvas/kernels/text'
import { Kbd } from '../../../ui/Kbd'
import { isTyping, keyLabel } from '../keys'
import { useEditor } from '../useEditor'
import { Arcs } from './Arcs'
import { Block, type Look, type Marked } from './Block'
import css from './Text.module.css'
import { caretBox, nodeAt, unitAt, unitAtPoint } from './places'

interface TextProps {
  editor: Editor
  label: string
  autoFocus?: boolean
}

/** Letters of a line and pixels of its height, until the line has been laid out and is known. */
const LINE_CHARS = 66
const LINE_PX = 32
/** Screen pixels kept free around the caret. */
const ROOM_PX = 40
/** Less than this is a tremble, and a tremble is a click. */
const TREMBLE_PX = 4

const NOTHING_MARKED: readonly Marked[] = []
const NOTHING_SELECTED: ReadonlySet<string> = new Set()

export function TextView({ editor, label, autoFocus = false }: TextProps) {
  const text = editor.text
  if (text === null) return null
  return <Opened key={label} editor={editor} text={text} label={label} autoFocus={autoFocus} />
}

function Opened({ editor, text, label, autoFocus }: TextProps & { text: TextIndex; autoFocus: boolean }) {
  const scroller = useRef<HTMLElement>(null)
  const rows = useRef<HTMLDivElement>(null)
  const range = useEditor(editor, ({ session }) => session.range)
  const selected = useEditor(editor, ({ session }) => session.selected)
  const ghost = useEditor(editor, ({ session }) => session.ghost)
  const said = useEditor(editor, ({ session }) => session.said)
  const { byBlock, looks } = useMarked(editor, text)
  const kept = useMemo(() => blocksOfRange(text, range), [text, range])

  const virtual = useVirtualizer({
    count: text.blocks.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => {
      const { start, end } = text.blocks[i] ?? { start: 0, end: 0 }
      return Math.max(1, Math.ceil((end - start) / LINE_CHARS)) * LINE_PX
    },
    overscan: 8,
    // What is selected stays laid out, or the browser would forget its ends.
    rangeExtractor: (seen) => [...new Set([...defaultRangeExtractor(seen), ...kept])].sort((a, b) => a - b),
  })
  const blockOf = useCallback(
    (unit: number) => rows.current?.querySelector(`[data-index="${text.blockAt(unit)}"]`) ?? null,
    [text],
  )
  const hand = useHand(editor, text, scroller)

  useEffect(() => {
    if (autoFocus) scroller.current?.focus({ preventScroll: true })
  }, [autoFocus])

  // Where the lines lie, for the keys that go from one to another.
  useEffect(() => {
    editor.textView = {
      firstSeen() {
        const box = scroller.current?.getBoundingClientRect()
        const column = rows.current?.getBoundingClientRect()
        if (box === undefined || column === undefined) return 0
        const unit = unitAtPoint(column.left + 2, Math.max(box.top, column.top) + LINE_PX / 2)
        return unit === null ? 0 : text.toPoint(unit)
      },
      lineFrom(point, way) {
        const unit = text.toUnit(point)
        const box = caretBox(blockOf(unit), unit)
        if (box === null) return null
        // Past the lines' own height, over what is drawn below them.
        for (const by of [0.9, 1.3, 1.8]) {
          const y = way === 'down' ? box.bottom + box.height * by : box.top - box.height * by
          const to = unitAtPoint(box.left, y)
          if (to !== null && text.toPoint(to) !== point && (way === 'down') === to > unit) return text.toPoint(to)
        }
        const next = text.blocks[text.blockAt(unit) + (way === 'down' ? 1 : -1)]
        return next === undefined ? null : text.toPoint(next.start)
      },
    }
    return () => {
      editor.textView = null
    }
  }, [editor, text, blockOf])

  // What is selected elsewhere, in the list or by keys, is to be seen here.
  const last = selected[selected.length - 1]
  const showShape = useCallback(
    (shape: Shape | undefined) => {
      if (shape?.type !== 'span' || hand.isDown()) return
      const unit = text.toUnit(shape.start)
      if (blockOf(unit) === null) virtual.scrollToIndex(text.blockAt(unit), { align: 'center' })
      else reveal(scroller.current, caretBox(blockOf(unit), unit))
    },
    [text, virtual, blockOf, hand],
  )
  useEffect(() => showShape(last === undefined ? undefined : editor.scene.get(last)?.shape), [last, editor, showShape])
  useEffect(() => showShape(editor.session.ghosts.find(({ id }) => id === ghost)?.shape), [ghost, editor, showShape])

  const items = virtual.getVirtualItems()
  const focusUnit = range === null ? null : text.toUnit(range.focus)

  // What keys have selected is selected on the page too; the hand's own selecting is there already.
  // biome-ignore lint/correctness/useExhaustiveDependencies: with other lines laid out, it can be selected at last
  useLayoutEffect(() => {
    // Whoever writes elsewhere keeps the caret there.
    if (range === null || hand.isDown() || isTyping(document.activeElement)) return
    const [anchor, focus] = [text.toUnit(range.anchor), text.toUnit(range.focus)]
    const now = document.getSelection()
    if (unitAt(now?.anchorNode ?? null, now?.anchorOffset ?? 0) === anchor && unitAt(now?.focusNode ?? null, now?.focusOffset ?? 0) === focus) return
    const [a, b] = [nodeAt(blockOf(anchor), anchor), nodeAt(blockOf(focus), focus)]
    if (a !== null && b !== null) now?.setBaseAndExtent(a.node, a.offset, b.node, b.offset)
  }, [range, text, blockOf, hand, items])

  useEffect(() => {
    if (focusUnit === null || hand.isDown()) return
    if (blockOf(focusUnit) === null) virtual.scrollToIndex(text.blockAt(focusUnit), { align: 'center' })
    else reveal(scroller.current, caretBox(blockOf(focusUnit), focusUnit))
  }, [focusUnit, text, virtual, blockOf, hand])

  const chosen = useMemo(() => new Set(ghost === null ? selected : [...selected, GHOST + ghost]), [selected, ghost])
  return (
    <div className={css.stage}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a text is read and selected by keys */}
      <section ref={scroller} className={css.text} aria-label={label} tabIndex={0} data-text="" onPointerDown={hand.down}>
        <div ref={rows} className={css.rows} style={{ blockSize: virtual.getTotalSize() }}>
          {items.map(({ index, start: top }) => {
            const { start, end } = text.blocks[index] ?? { start: 0, end: 0 }
            const marked = byBlock.get(index) ?? NOTHING_MARKED
            return (
              <Block
                key={index}
                index={index}
                start={start}
                end={end}
                text={text.text.slice(start, end)}
                marked={marked}
                looks={looks}
                selected={marked.some(({ id }) => chosen.has(id)) ? chosen : NOTHING_SELECTED}
                top={top}
                measure={virtual.measureElement}
              />
            )
          })}
          <Arcs editor={editor} text={text} rows={rows} blockOf={blockOf} drawn={items} />
          <Over editor={editor} text={text} rows={rows} blockOf={blockOf} drawn={items} />
        </div>
      </section>
      <Marking editor={editor} looks={looks} />
      <div className="sr" role="status" aria-live="polite">{said.text}{said.count % 2 === 1 ? ' ' : ''}</div>
    </div>
  )
}

/** What is spoken of, among the classes: dotted, in the colour of pins. */
const SPOKEN = ':pin'
const SPOKEN_LOOK: Look = { name: 'Comment', color: '#e0a100', place: 2 }

/** What is only suggested, among the ids of what is marked. */
const GHOST = ':ghost:'

/** The passages of each block, in units, and how their classes look. */
function useMarked(editor: Editor, text: TextIndex) {
  const objects = useEditor(editor, (snapshot) => snapshot.objects)
  const hidden = useEditor(editor, ({ session }) => session.hidden)
  const pins = useEditor(editor, ({ session }) => session.pins)
  const ghosts = useEditor(editor, ({ session }) => session.ghosts)
  const looks = useMemo(
    () => new Map([...editor.ontology.classes.map(({ key, name, color }, place): [string, Look] => [key, { name, color, place }]), [SPOKEN, SPOKEN_LOOK]]),
    [editor],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: the objects are what the spans are among
  const byBlock = useMemo(() => {
    const spans = spansOf(editor).filter(({ id }) => !hidden.has(id))
    const passages: Omit<Marked, 'lane'>[] = spans.map(({ id, class: key, shape, rest }) => ({ id, class: key, label: typeof rest.label === 'string' ? rest.label : null, start: text.toUnit(shape.start), end: text.toUnit(shape.end) }))
    // What is spoken of is marked like a passage, and named by its number (W100).
    const spoken = pins.flatMap((pin) => {
      const place = placeOfPin(editor, pin)
      return place === null || pin.object !== null ? [] : [{ id: `:pin:${pin.id}`, class: SPOKEN, label: `Comment ${pin.number}${pin.isOver ? ' ✓' : ''}`, start: text.toUnit(place.left), end: text.toUnit(place.right) }]
    })
    passages.push(...spoken.filter(({ start, end }) => end > start))
    // What is suggested lies where it would be marked, and asks (W153).
    for (const { id, class: key, shape } of ghosts) {
      if (shape.type !== 'span') continue
      const label = `${looks.get(key)?.name ?? key}?`
      passages.push({ id: GHOST + id, class: key, label, start: text.toUnit(shape.start), end: text.toUnit(shape.end), isGhost: true })
    }
    const lanes = lanesOf(passages)
    const blocks = new Map<number, Marked[]>()
    for (const passage of passages) {
      const marked = { ...passage, lane: lanes.get(passage.id) ?? 0 }
      for (let at = text.blockAt(passage.start); at <= text.blockAt(passage.end - 1); at++) {
        const there = blocks.get(at)
        if (there === undefined) blocks.set(at, [marked])
        else there.push(marked)
      }
    }
    return blocks
  }, [objects, hidden, pins, ghosts, looks, editor, text])
  return { byBlock, looks }
}

function blocksOfRange(text: TextIndex, range: Range | null): number[] {
  return range === null ? [] : [text.blockAt(text.toUnit(range.anchor)), text.blockAt(text.toUnit(range.focus))]
}

/** Scrolls no further than it must. */
function reveal(scroller: HTMLElement | null, box: DOMRect | null): void {
  if (scroller === null || box === null) return
  const seen = scroller.getBoundingClientRect()
  if (box.top < seen.top + ROOM_PX) scroller.scrollTop -= seen.top + ROOM_PX - box.top
  else if (box.bottom > seen.bottom - ROOM_PX) scroller.scrollTop += box.bottom - seen.bottom + ROOM_PX
}

/** Selecting by mouse, pen and finger: the browser's own, which the range follows. */
function useHand(editor: Editor, text: TextIndex, scroller: React.RefObject<HTMLElement | null>) {
  const state = useRef<{ down: boolean; seen: Range | null }>({ down: false, seen: null })
  const hand = useMemo(() => {
    const native = (): Range | null => {
      const selection = document.getSelection()
      if (selection === null || scroller.current?.contains(selection.anchorNode) !== true) return null
      const anchor = unitAt(selection.anchorNode, selection.anchorOffset)
      const focus = unitAt(selection.focusNode, selection.focusOffset)
      return anchor === null || focus === null ? null : { anchor: text.toPoint(anchor), focus: text.toPoint(focus) }
    }
    const take = (range: Range, snap: boolean) => {
      if (!snap || range.anchor === range.focus) return setRange(editor, range)
      const { start, end } = boundsOfRange(range)
      const [from, to] = snapToWords(text, [text.toUnit(start), text.toUnit(end)]).map((unit) => text.toPoint(unit)) as [number, number]
      if (from >= to) return setRange(editor, null)
      setRange(editor, range.anchor <= range.focus ? { anchor: from, focus: to } : { anchor: to, focus: from })
    }
    return {
      isDown: () => state.current.down,
      native,
      down(event: PointerEvent) {
        if (event.button !== 0 || (event.target as Element).closest('[data-handle]') !== null) return
        const from = [event.clientX, event.clientY] as const
        const before = rangeInHand(editor)
        // On glass the browser selects by its own handles.
        const isTouch = event.pointerType === 'touch'
        const anchor = event.shiftKey || isTouch ? null : unitAtPoint(...from)
        state.current.down = true
        const up = (end: globalThis.PointerEvent) => {
          state.current.down = false
          for (const name of ['pointerup', 'pointercancel'] as const) window.removeEventListener(name, up)
          if (end.type === 'pointercancel') return
          const moved = Math.hypot(end.clientX - from[0], end.clientY - from[1]) > TREMBLE_PX
          editor.act(() => {
            const focus = moved && anchor !== null ? unitAtPoint(end.clientX, end.clientY) : null
            const range = anchor !== null && focus !== null ? { anchor: text.toPoint(anchor), focus: text.toPoint(focus) } : native()
            state.current.seen = range
            // Of a click on what is selected the browser makes nothing before this event is over.
            const isOld = !moved && range?.anchor === before?.anchor && range?.focus === before?.focus
            if (range !== null && range.anchor !== range.focus && !isOld) {
              if (selects(editor)) take(range, !end.altKey)
              return
            }
            if (moved) {
              // Nothing was taken: a key must not mean what was in hand before.
              if (isTouch) return
              setRange(editor, null)
              select(editor, [])
              return
            }
            const unit = unitAtPoint(end.clientX, end.clientY)
            if (unit === null) return
            if (selects(editor)) setRange(editor, { anchor: text.toPoint(unit), focus: text.toPoint(unit) })
            selectAt(editor, hitPoint(text, end, unit), end.shiftKey ? 'with others' : 'alone')
          })
        }
        for (const name of ['pointerup', 'pointercancel'] as const) window.addEventListener(name, up)
      },
    }
  }, [editor, text, scroller])

  // On glass the browser's own handles change what is selected without any pointer of the page.
  useEffect(() => {
    const follow = () => {
      if (hand.isDown()) return
      const range = hand.native()
      // The page tells of what is selected also when nothing about it has changed.
      const isOld = range?.anchor === state.current.seen?.anchor && range?.focus === state.current.seen?.focus
      state.current.seen = range
      if (isOld || !selects(editor)) return
      if (range !== null && range.anchor !== range.focus) editor.act(() => setRange(editor, range))
    }
    document.addEventListener('selectionchange', follow)
    return () => document.removeEventListener('selectionchange', follow)
  }, [editor, hand])
  return hand
}

/** Whether what is selected means anything: it is marked, or spoken of. */
const selects = (editor: Editor): boolean => !editor.session.readOnly || editor.root.has('comment')

/** The code point that is under the pointer, and not the nearest gap between two. */
function hitPoint(text: TextIndex, { clientX, clientY }: { clientX: number; clientY: number }, unit: number): number {
  const piece = document.elementFromPoint(clientX, clientY)?.closest('[data-start]')
  const start = Number(piece?.getAttribute('data-start') ?? unit)
  const end = start + (piece?.textContent?.length ?? 0)
  return text.toPoint(Math.max(start, Math.min(unit, end - 1)))
}

interface OverProps {
  editor: Editor
  text: TextIndex
  rows: React.RefObject<HTMLDivElement | null>
  blockOf: (unit: number) => Element | null
  /** Changes when other lines are laid out. */
  drawn: unknown
}

interface Spot {
  readonly left: number
  readonly top: number
  readonly height: number
}

/** What lies over the text: the caret, and the ends of the selected span to take hold of. */
function Over({ editor, text, rows, blockOf, drawn }: OverProps) {
  const range = useEditor(editor, ({ session }) => session.range)
  const selected = useEditor(editor, (snapshot) => snapshot.selected)
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const locked = useEditor(editor, ({ session }) => session.locked)
  const [spots, setSpots] = useState<{ caret: Spot | null; start: Spot | null; end: Spot | null }>({ caret: null, start: null, end: null })
  const [only, ...others] = selected
  const record = only?.shape.type === 'span' && others.length === 0 && !isReadOnly && !locked.has(only.id) ? (only as SpanRecord) : null
  const caret = range !== null && range.anchor === range.focus && !isReadOnly ? range.focus : null

  // biome-ignore lint/correctness/useExhaustiveDependencies: with other lines on the page, the places are others
  useLayoutEffect(() => {
    const origin = rows.current?.getBoundingClientRect()
    const spot = (point: number | null): Spot | null => {
      if (point === null || origin === undefined) return null
      const unit = text.toUnit(point)
      const box = caretBox(blockOf(unit), unit)
      return box === null ? null : { left: box.left - origin.left, top: box.top - origin.top, height: box.height }
    }
    const next = { caret: spot(caret), start: spot(record?.shape.start ?? null), end: spot(record?.shape.end ?? null) }
    setSpots((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next))
  }, [caret, record, drawn, text, blockOf, rows])

  const drag = (end: 'start' | 'end') => (down: PointerEvent) => {
    if (record === null || down.button !== 0) return
    down.preventDefault()
    down.stopPropagation()
    const grip = down.currentTarget as HTMLElement
    grip.setPointerCapture(down.pointerId)
    let merging: 'merge' | 'apart' = 'apart'
    const move = (event: globalThis.PointerEvent) => {
      // The handle is in the way of what is under it.
      grip.style.pointerEvents = 'none'
      const unit = unitAtPoint(event.clientX, event.clientY)
      grip.style.pointerEvents = ''
      if (unit !== null && putEnd(editor, record.id, end, text.toPoint(unit), merging)) merging = 'merge'
    }
    const stop = () => {
      grip.removeEventListener('pointermove', move)
      grip.removeEventListener('pointerup', stop)
      grip.removeEventListener('pointercancel', stop)
    }
    grip.addEventListener('pointermove', move)
    grip.addEventListener('pointerup', stop)
    grip.addEventListener('pointercancel', stop)
  }

  // Below the text, so that nothing of it is covered.
  const below = (spot: Spot) => ({ left: spot.left, top: spot.top + spot.height, '--tall': `${spot.height}px` }) as CSSProperties
  return (
    <>
      {spots.caret !== null && <div className={css.caret} style={{ left: spots.caret.left, top: spots.caret.top, height: spots.caret.height }} aria-hidden="true" />}
      {record !== null && (['start', 'end'] as const).map((end) => {
        const spot = spots[end]
        return spot !== null && <div key={end} className={css.handle} data-handle={end} style={below(spot)} onPointerDown={drag(end)} aria-hidden="true" />
      })}
    </>
  )
}

/** What is selected, and the classes that it can be given: by a press, and by the keys that stand beside them. */
function Marking({ editor, looks }: { editor: Editor; looks: ReadonlyMap<string, Look> }) {
  const range = useEditor(editor, ({ session }) => session.range)
  const inHand = useEditor(editor, ({ session }) => session.class)
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const canMark = editor.commands.some(({ id }) => id === 'span.mark')
  if (range === null || isReadOnly || !canMark || rangeInHand(editor) === null) return null
  const classes = editor.ontology.classes.filter(({ retired }) => retired !== true)
  return (
    <div className={css.marking} role="toolbar" aria-label="Mark as">
      <span className={css.said} dir="auto">“{excerpt(editor, boundsOfRange(range))}”</span>
      <span className={css.classes}>
        {classes.map(({ key, name }) => {
          const [chord] = key === inHand ? ['Enter'] : editor.keymap.keysOf(`class.${key}`)
          return (
            <button
              key={key}
              type="button"
              className={css.class}
              data-in-hand={key === inHand ? '' : undefined}
              // What is selected in the text stays selected.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => setClass(editor, key)}
            >
              <span className={css.swatch} style={{ background: looks.get(key)?.color }} />
              <span dir="auto">{name}</span>
              {chord !== undefined && <Kbd>{keyLabel(chord)}</Kbd>}
            </button>
          )
        })}
      </span>
    </div>
  )
}
