/**
 * What a model or the data suggests for the task in hand: seen, and no part of the answer before it is taken. What was
 * taken keeps the id under which it was suggested, so what waits is worked out of the answer and never kept beside it;
 * only what was turned down is written down.
 */
import { type Editor, type ObjectRecord, type TrackRecord, isInFront, objectOfSpan, sameJson, select, setChoices, setItemAttribute, showCameraOf, topRecords } from '../../canvas'
import { parseTrack } from '../../canvas/document'
import { objectAt } from '../../canvas/standing'
import { goTo } from '../../canvas/tracks'
import type { Work } from './work'
import type { Answer, Prompted, SuggestedBy } from './model'

/** One thing that waits to be taken or turned down. */
export interface Ghost {
  readonly id: string
  readonly kind: 'object' | 'span' | 'track' | 'choice' | 'attribute'
  /** Of an attribute its key, otherwise the key of the class. */
  readonly class: string
  readonly value: unknown
  /** 0 to 1; null where nobody said. */
  readonly score: number | null
  /** Null where it came with the data. */
  readonly model: string | null
  /** Drawn, where it is a shape; of a track as it is where it begins. */
  readonly record: ObjectRecord | null
  readonly track?: TrackRecord
}

export interface SuggestionsState {
  readonly waiting: readonly Ghost[]
  readonly turnedDown: number
}

const TURNED_DOWN = 'turned down'
const PROMPTED = 'prompted'

export class Suggestions {
  readonly #work: Work
  readonly #fromStart: readonly Ghost[]
  readonly #listeners = new Set<() => void>()
  #prompted: readonly Ghost[]
  #turnedDown: ReadonlySet<string>
  #state: SuggestionsState = { waiting: [], turnedDown: 0 }

  constructor(work: Work) {
    this.#work = work
    const { claim } = work
    // Of a rework and a review, what was there before is the beginning.
    this.#fromStart = claim.stage === 'label' && claim.suggestion !== null ? ghostsOf(claim.suggestion, claim.suggested_by ?? null) : []
    const kept = work.kept<Prompted>(PROMPTED)
    this.#prompted = kept === null ? [] : ghostsOf(kept.suggestion, kept)
    this.#turnedDown = new Set(work.kept<readonly string[]>(TURNED_DOWN) ?? [])
    work.editor.onDocumentDiff(() => this.#refresh())
    this.#refresh()
    if (this.#fromStart.some(({ track }) => track !== undefined)) this.#followFrames()
  }

  /** What is seen of a track is another thing in each frame. */
  #followFrames(): void {
    const { editor } = this.#work
    let { frame } = editor.session
    editor.subscribe(() => {
      if (editor.session.frame === frame) return
      frame = editor.session.frame
      editor.act(() => editor.updateSession({ ghosts: this.#seen() }))
    })
  }

  #seen(): readonly ObjectRecord[] {
    const { frame } = this.#work.editor.session
    return this.#state.waiting.flatMap(({ record, track }) => (track === undefined ? record : objectAt(track, frame)) ?? [])
  }

  get state(): SuggestionsState {
    return this.#state
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** What a model has just said takes the place of what it said before, of which nothing was taken. */
  add(prompted: Prompted): number {
    this.#work.keep(PROMPTED, prompted)
    this.#prompted = ghostsOf(prompted.suggestion, prompted)
    this.#refresh()
    return this.#prompted.length
  }

  /** Takes these into the answer, as one step that can be undone; a single shape is selected, to be adjusted. */
  take(ids: readonly string[]): void {
    const { editor } = this.#work
    const taken = this.#state.waiting.filter(({ id }) => ids.includes(id))
    const shapes = taken.flatMap(({ record }) => (record === null ? [] : [record]))
    if (shapes.length > 0) {
      const label = shapes.length === 1 ? 'Take a suggestion' : `Take ${shapes.length} suggestions`
      const top = editor.topOrder()
      const tracks = taken.flatMap(({ track }, i) => (track === undefined ? [] : [{ ...track, order: top + i + 1 }]))
      editor.work(label, () => editor.store.put(...(tracks.length > 0 ? tracks : topRecords(editor, shapes))))
    }
    const chosen = taken.filter(({ kind }) => kind === 'choice').map(({ class: key }) => key)
    if (chosen.length > 0) setChoices(editor, [...new Set([...(chosen.length > 1 ? (editor.item.choices ?? []) : []), ...chosen])])
    for (const { kind, class: key, value } of taken) if (kind === 'attribute') setItemAttribute(editor, key, value as never)
    // What was asked about is answered: the next place is about something else.
    if (taken.some((ghost) => this.#prompted.includes(ghost))) editor.act(() => editor.updateSession({ asked: { box: null, points: [] } }))
    const [only] = shapes
    if (only !== undefined && shapes.length === 1) editor.act(() => select(editor, [only.id]))
  }

  turnDown(ids: readonly string[]): void {
    this.#turnedDown = new Set([...this.#turnedDown, ...ids])
    this.#keep()
  }

  /** Whoever turned something down by mistake sees it again. */
  bringBack(): void {
    this.#turnedDown = new Set()
    this.#keep()
  }

  /** Lays the finger on one of them, on the picture and in the list, and brings its picture or, of a track, its first frame to the front. */
  focus(id: string | null): void {
    const { editor } = this.#work
    const { record = null, track } = this.#state.waiting.find((ghost) => ghost.id === id) ?? {}
    editor.act(() => {
      if (record !== null) showCameraOf(editor, record)
      if (track !== undefined && objectAt(track, editor.session.frame) === null) goTo(editor, track.keyframes[0]?.frame ?? 0)
      this.hover(id)
    })
  }

  /** The same in passing: another picture does not come to the front for that. */
  hover(id: string | null): void {
    const { editor } = this.#work
    editor.act(() => editor.updateSession({ ghost: id }))
  }

  /** The one with the finger on it, or the surest, of several pictures that in the one in front. */
  get current(): Ghost | null {
    const { waiting } = this.#state
    const { editor } = this.#work
    const here = () => waiting.find(({ record }) => record === null || isInFront(editor, record))
    return waiting.find(({ id }) => id === editor.session.ghost) ?? here() ?? waiting[0] ?? null
  }

  step(by: 1 | -1): void {
    const { waiting } = this.#state
    const { ghost } = this.#work.editor.session
    const at = waiting.findIndex(({ id }) => id === ghost)
    const next = at < 0 ? (by > 0 ? 0 : waiting.length - 1) : (at + by + waiting.length) % waiting.length
    const id = waiting[next]?.id
    if (id !== undefined) this.focus(id)
  }

  #keep(): void {
    this.#work.keep(TURNED_DOWN, [...this.#turnedDown])
    this.#refresh()
  }

  #refresh(): void {
    const { editor } = this.#work
    const waiting = [...this.#fromStart, ...this.#prompted].filter((ghost) => !this.#turnedDown.has(ghost.id) && !isTaken(editor, ghost))
    const isSame = waiting.length === this.#state.waiting.length && waiting.every((ghost, i) => ghost === this.#state.waiting[i])
    if (isSame && this.#state.turnedDown === this.#turnedDown.size) return
    this.#state = { waiting, turnedDown: this.#turnedDown.size }
    const { ghost } = editor.session
    editor.act(() => editor.updateSession({ ghosts: this.#seen(), ghost: waiting.some(({ id }) => id === ghost) ? ghost : null }))
    for (const listener of this.#listeners) listener()
  }
}

function isTaken(editor: Editor, { id, kind, class: key, value }: Ghost): boolean {
  if (kind === 'choice') return editor.item.choices?.includes(key) ?? false
  if (kind === 'attribute') return sameJson(editor.item.attributes?.[key], value)
  return editor.store.get(id) !== null
}

/** The surest first. */
function ghostsOf(answer: Answer, by: SuggestedBy | null): Ghost[] {
  const model = by?.model ?? null
  const scoreOf = (id: string) => by?.scores[id] ?? null
  const marked = (list: readonly { readonly id: string; readonly class: string }[], kind: 'object' | 'span') =>
    topRecords(null, list.map((each) => (kind === 'span' ? objectOfSpan(each) : each)) as never).map(
      (record): Ghost => ({ id: record.id, kind, class: record.class, value: record.shape, score: scoreOf(record.id), model, record }),
    )
  const tracks = (answer.tracks ?? []).flatMap((value, i): Ghost[] => {
    const track = parseTrack(value, i + 1)
    if (track === null) return []
    const record = objectAt(track, track.keyframes[0]?.frame ?? 0)
    return [{ id: track.id, kind: 'track', class: track.class, value: track.keyframes, score: scoreOf(track.id), model, record, track }]
  })
  const objects = [...marked(answer.objects ?? [], 'object'), ...marked(answer.spans ?? [], 'span'), ...tracks]
  const choices = (answer.choices ?? []).map((key): Ghost => ({ id: `choice:${key}`, kind: 'choice', class: key, value: key, score: null, model, record: null }))
  const attributes = Object.entries(answer.attributes ?? {}).map(
    ([key, value]): Ghost => ({ id: `attribute:${key}`, kind: 'attribute', class: key, value, score: null, model, record: null }),
  )
  return [...objects.sort((a, b) => (b.score ?? 0) - (a.score ?? 0)), ...choices, ...attributes]
}
