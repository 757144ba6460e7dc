import { change, create, refuse } from './actions'
import type { Editor } from './editor'
import { pointAtGhost } from './ghosts'
import { type Unit, inTextOrder, isRightToLeft, stepFrom } from './kernels/text'
import type { ObjectRecord, Range } from './records'
import { joinTo } from './relations'
import { changeableSelection, select } from './selection'
import type { Span } from './shapes/span'

// What can be done with passages of a text. A range is what is selected and is no passage yet.

/** Letters of an excerpt; longer ones are cut in the middle. */
const EXCERPT_MAX = 80

/** What a passage says, on one line. */
export function excerpt({ text }: Editor, { start, end }: Pick<Span, 'start' | 'end'>, max = EXCERPT_MAX): string {
  if (text === null) return ''
  const half = Math.floor(max / 2)
  const said = end - start <= max ? text.slice(start, end) : `${text.slice(start, start + half)} … ${text.slice(end - half, end)}`
  return said.replace(/\s+/g, ' ').trim()
}

export const boundsOfRange = ({ anchor, focus }: Range): { readonly start: number; readonly end: number } => ({
  start: Math.min(anchor, focus),
  end: Math.max(anchor, focus),
})

export function setRange(editor: Editor, range: Range | null): void {
  const { range: before } = editor.session
  if (before?.anchor === range?.anchor && before?.focus === range?.focus) return
  editor.updateSession({ range })
}

/** What is selected in the text, if it is at least one character. */
export function rangeInHand({ session: { range } }: Editor): Range | null {
  return range === null || range.anchor === range.focus ? null : range
}

/** Makes a passage of what is selected, under the class in hand. */
export function markRange(editor: Editor): boolean {
  const range = rangeInHand(editor)
  const { class: key } = editor.session
  if (range === null) return false
  const { start, end } = boundsOfRange(range)
  const same = spansOf(editor).find((each) => each.class === key && each.shape.start === start && each.shape.end === end)
  if (same !== undefined) {
    select(editor, [same.id])
    return refuse(editor, 'This is marked already') !== null
  }
  const made = create(editor, { type: 'span', start, end }, 'mark')
  if (made === null) return false
  setRange(editor, { anchor: range.focus, focus: range.focus })
  return true
}

export interface SpanRecord extends ObjectRecord {
  readonly shape: Span
}

const isSpan = (record: ObjectRecord): record is SpanRecord => record.shape.type === 'span'

/** In the order of the text. */
export function spansOf({ scene }: Pick<Editor, 'scene'>): SpanRecord[] {
  const spans = scene.objects.filter(isSpan)
  const places = new Map(spans.map((record) => [record.id, record]))
  return inTextOrder(spans.map(({ id, shape: { start, end } }) => ({ id, start, end }))).flatMap(({ id }) => places.get(id) ?? [])
}

/**
 * What a click at this place means: the shortest passage there, and at each further click the one around it; what is suggested
 * there among them, after what is marked (W153).
 */
export function selectAt(editor: Editor, point: number, keep: 'alone' | 'with others' = 'alone'): void {
  const { selected, hidden, ghosts, ghost } = editor.session
  const isThere = ({ id, shape: { start, end } }: SpanRecord) => start <= point && point < end && !hidden.has(id)
  const marked = editor.scene.within({ left: point, top: 0, right: point + 1, bottom: 1 }).filter(isSpan).filter(isThere)
  const suggested = new Set(ghosts.filter(isSpan).filter(isThere))
  const there = [...marked, ...suggested].sort((a, b) => a.shape.end - a.shape.start - (b.shape.end - b.shape.start))
  const last = selected[selected.length - 1] ?? ghost
  const at = there.findIndex(({ id }) => id === last)
  const next = there[(at + 1) % Math.max(there.length, 1)]
  if (next !== undefined && suggested.has(next)) {
    if (keep === 'alone') select(editor, [])
    pointAtGhost(editor, next.id)
    return
  }
  if (keep === 'with others' && next !== undefined) select(editor, [...selected.filter((id) => id !== next.id), next.id])
  else select(editor, next === undefined ? [] : [next.id])
  if (next === undefined) return
  editor.say(editor.describe(next.id))
  if (keep === 'alone') joinTo(editor, next.id)
}

export function selectSpan(editor: Editor, step: 1 | -1): boolean {
  const ids = spansOf(editor).map(({ id }) => id).filter((id) => !editor.session.hidden.has(id))
  const { selected } = editor.session
  const at = ids.indexOf(selected[selected.length - 1] ?? '')
  const id = ids[at < 0 ? (step === 1 ? 0 : ids.length - 1) : (at + step + ids.length) % ids.length]
  if (id === undefined) return false
  select(editor, [id])
  editor.say(editor.describe(id))
  return true
}

/** A step of the caret: along the text, along the line as it is read, or to another line. */
export type Way = 'left' | 'right' | 'up' | 'down' | 'begin' | 'finish'

/** Moves the caret; with the range held, only its end. */
export function moveCaret(editor: Editor, way: Way, by: Unit, hold: 'hold' | 'let go'): boolean {
  const { text, session } = editor
  if (text === null || session.readOnly) return false
  const { range } = session
  const from = range?.focus ?? startOfCaret(editor)
  const held = rangeInHand(editor)
  // Without holding, the caret first goes to the end of what is selected.
  const isLeaving = hold === 'let go' && held !== null && (way === 'left' || way === 'right') && by === 'character'
  const focus = isLeaving ? endTowards(editor, boundsOfRange(held), way) : placeFrom(editor, from, way, by)
  if (focus === null) return false
  setRange(editor, { anchor: hold === 'hold' ? (range?.anchor ?? from) : focus, focus })
  const next = rangeInHand(editor)
  editor.say(next === null ? passed(editor, from, focus) : `Selected: ${excerpt(editor, boundsOfRange(next))}`)
  return true
}

/** What the caret went over; after a leap, where it is. */
function passed(editor: Editor, from: number, to: number): string {
  const { start, end } = boundsOfRange({ anchor: from, focus: to })
  const { text } = editor
  if (text !== null && end - start > EXCERPT_MAX) return `Line ${text.blockAt(text.toUnit(to)) + 1} of ${text.blocks.length}`
  return excerpt(editor, { start, end }) || (start === end ? 'End' : 'Space')
}

function startOfCaret(editor: Editor): number {
  const [first] = spansOf(editor).filter(({ id }) => editor.session.selected.includes(id))
  return first?.shape.start ?? editor.textView?.firstSeen() ?? 0
}

/** Along the line, as it is read: from the right to the left, left is on. */
function stepOf({ text }: Editor, point: number, way: 'left' | 'right'): 1 | -1 {
  if (text === null) return 1
  const { start, end } = text.blocks[text.blockAt(text.toUnit(point))] ?? { start: 0, end: 0 }
  return (way === 'right') === isRightToLeft(text.text.slice(start, end)) ? -1 : 1
}

function endTowards(editor: Editor, { start, end }: { readonly start: number; readonly end: number }, way: 'left' | 'right'): number {
  return stepOf(editor, start, way) === 1 ? end : start
}

function placeFrom(editor: Editor, point: number, way: Way, by: Unit): number | null {
  const { text, textView } = editor
  if (text === null) return null
  if (way === 'up' || way === 'down') return textView?.lineFrom(point, way) ?? null
  const unit = text.toUnit(point)
  if (way === 'left' || way === 'right') return text.toPoint(stepFrom(text, unit, by, stepOf(editor, point, way)))
  if (by === 'word') return way === 'begin' ? 0 : text.length
  const block = text.blocks[text.blockAt(unit)]
  return block === undefined ? null : text.toPoint(way === 'begin' ? block.start : block.end)
}

/** Moves one end of the selected passage. */
export function moveEnd(editor: Editor, end: 'start' | 'end', way: 'left' | 'right', by: Unit, merging: 'merge' | 'apart'): boolean {
  const [record, ...others] = changeableSelection(editor)
  const { text } = editor
  if (record === undefined || others.length > 0 || !isSpan(record) || text === null) return false
  const from = record.shape[end]
  const to = text.toPoint(stepFrom(text, text.toUnit(from), by, stepOf(editor, from, way)))
  return putEnd(editor, record.id, end, to, merging)
}

/** Puts one end of a passage elsewhere; it keeps at least one character. */
export function putEnd(editor: Editor, id: string, end: 'start' | 'end', to: number, merging: 'merge' | 'apart' = 'apart'): boolean {
  const record = editor.scene.get(id)
  if (record === null || !isSpan(record)) return false
  const { shape } = record
  const next = end === 'start' ? { ...shape, start: Math.max(0, to) } : { ...shape, end: Math.min(editor.image.width, to) }
  if (next.start >= next.end || (next.start === shape.start && next.end === shape.end)) return false
  const done = change(editor, 'resize', [record], () => ({ ...record, shape: next }), merging)
  if (done) editor.say(editor.describe(id))
  return done
}
