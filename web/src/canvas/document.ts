import type { Keyframe, Keyframes } from './kernels/tracks'
import { type EditorRecord, type ForeignRecord, ITEM, type ItemRecord, type ObjectRecord, type PlacedRecord, type RelationRecord, type TrackRecord } from './records'
import type { Attributes } from './ontology'
import { type Shape, parseShape } from './shapes'

/** The answer document (rules A1 to A55), and its way into records and back (W8, W9). */
export interface Answer {
  readonly objects?: readonly AnswerObject[]
  readonly spans?: readonly AnswerSpan[]
  readonly tracks?: readonly AnswerTrack[]
  readonly relations?: readonly AnswerRelation[]
  readonly choices?: readonly string[]
  readonly attributes?: Attributes
  readonly note?: string
}

export interface AnswerObject {
  readonly id: string
  readonly class: string
  readonly shape: Shape
  readonly attributes?: Attributes
  readonly group?: number
  readonly camera?: string
}

/** A passage of the text (A16). In the editor it is an object whose shape is a span. */
export interface AnswerSpan {
  readonly id: string
  readonly class: string
  readonly start: number
  readonly end: number
  readonly attributes?: Attributes
  readonly group?: number
}

/** One object, or passage, stands so to another (A50). */
export interface AnswerRelation {
  readonly relation: string
  readonly from: string
  readonly to: string
}

/** A thing that is followed through a video (A30). */
export interface AnswerTrack {
  readonly id: string
  readonly class: string
  readonly keyframes: Keyframes
  readonly attributes?: Attributes
}

export const EMPTY_ITEM: ItemRecord = {
  id: ITEM,
  scope: 'document',
  kind: 'item',
  hasObjects: true,
  choices: null,
  attributes: null,
  note: null,
  rest: {},
}

export function toRecords(answer: Answer): (PlacedRecord | RelationRecord | ItemRecord)[] {
  const { objects, spans, tracks, relations, choices, attributes, note, ...rest } = answer
  const taken = new Set<string>()
  const values = [
    ...(objects ?? []).map((value) => ['objects', value, value] as const),
    ...(spans ?? []).map((value) => ['spans', value, objectOfSpan(value)] as const),
  ]
  const known = (record: ObjectRecord | TrackRecord | null, i: number, list: ForeignRecord['list'], value: unknown): PlacedRecord => {
    const id = record === null || taken.has(record.id) ? `:foreign:${i}` : record.id
    taken.add(id)
    if (record !== null && id === record.id) return record
    return { id, scope: 'document', kind: 'foreign', order: i + 1, list, value }
  }
  const records: (PlacedRecord | RelationRecord)[] = values.map(([list, value, object], i) => known(parseObject(object, i + 1), i, list, value))
  for (const value of tracks ?? []) {
    const i = records.length
    records.push(known(parseTrack(value, i + 1), i, 'tracks', value))
  }
  for (const [i, value] of (relations ?? []).entries()) {
    const order = records.length + 1
    const said = parseRelation(value, order)
    // One without an end, or said twice, is kept as it came (W9).
    const fits = said !== null && taken.has(said.from) && taken.has(said.to) && !taken.has(said.id)
    const record = fits ? said : ({ id: `:foreign:relation:${i}`, scope: 'document', kind: 'foreign', order, list: 'relations', value } as const)
    taken.add(record.id)
    records.push(record as (typeof records)[number])
  }
  const item: ItemRecord = {
    ...EMPTY_ITEM,
    hasObjects: objects !== undefined,
    choices: choices ?? null,
    attributes: attributes ?? null,
    note: note ?? null,
    rest,
  }
  return [item, ...records]
}

/** What the editor understands of one object, or null: then it is foreign. */
export function parseObject(value: unknown, order: number): ObjectRecord | null {
  if (typeof value !== 'object' || value === null) return null
  const { id, class: key, shape: geometry, attributes, group, camera, ...rest } = value as { [key: string]: unknown }
  const shape = parseShape(geometry)
  if (typeof id !== 'string' || id.startsWith(':') || typeof key !== 'string' || shape === null) return null
  if (attributes !== undefined && (typeof attributes !== 'object' || attributes === null)) return null
  if (group !== undefined && !(Number.isInteger(group) && (group as number) > 0)) return null
  if (camera !== undefined && typeof camera !== 'string') return null
  const said = (attributes as Attributes | undefined) ?? null
  const where = camera === undefined ? {} : { camera }
  return { id, scope: 'document', kind: 'object', order, class: key, shape, attributes: said, group: (group as number | undefined) ?? null, rest, ...where }
}

/** The id of a relation is what it says: so it cannot be said twice. */
export const idOfRelation = (relation: string, from: string, to: string): string => `:relation:${relation}:${from}:${to}`

function parseRelation(value: unknown, order: number): RelationRecord | null {
  if (typeof value !== 'object' || value === null) return null
  const { relation, from, to, ...rest } = value as { [key: string]: unknown }
  if (typeof relation !== 'string' || typeof from !== 'string' || typeof to !== 'string' || Object.keys(rest).length > 0) return null
  return { id: idOfRelation(relation, from, to), scope: 'document', kind: 'relation', order, relation, from, to }
}

/** What the editor understands of one track, or null: then it is foreign. */
export function parseTrack(value: unknown, order: number): TrackRecord | null {
  if (typeof value !== 'object' || value === null) return null
  const { id, class: key, keyframes, attributes, ...rest } = value as { [key: string]: unknown }
  if (typeof id !== 'string' || id.startsWith(':') || typeof key !== 'string' || !Array.isArray(keyframes)) return null
  if (attributes !== undefined && (typeof attributes !== 'object' || attributes === null)) return null
  if (keyframes.length === 0 || !keyframes.every(isKeyframe)) return null
  // One kind of shape from beginning to end (A36).
  if (keyframes.some(({ shape }) => shape.type !== keyframes[0]?.shape.type)) return null
  if (keyframes.some((keyframe, i) => i > 0 && keyframe.frame <= (keyframes[i - 1]?.frame ?? 0))) return null
  const said = (attributes as Attributes | undefined) ?? null
  return { id, scope: 'document', kind: 'track', order, class: key, keyframes, attributes: said, rest }
}

function isKeyframe(value: unknown): value is Keyframe {
  if (typeof value !== 'object' || value === null) return false
  const { frame, shape } = value as { [key: string]: unknown }
  const kind = parseShape(shape)?.type
  return Number.isInteger(frame) && kind !== undefined && !NO_WAY.has(kind)
}

/** What cannot be followed through a video. */
const NO_WAY: ReadonlySet<string> = new Set(['mask', 'span', 'cuboid3d', 'points3d'])

/** A track as something that can be compared with objects: its keyframes are its shape. */
export function objectOfTrack({ keyframes, ...rest }: AnswerTrack): AnswerObject {
  return { ...rest, shape: { type: 'track', keyframes } as unknown as Shape }
}

export function toAnswerTrack({ id, class: key, keyframes, attributes, rest }: TrackRecord): AnswerTrack {
  return { id, class: key, keyframes, ...(attributes === null ? {} : { attributes }), ...rest }
}

/** Objects that somebody else made, as records above everything that is there; what this editor cannot draw is left out. */
export function topRecords(editor: { topOrder(): number } | null, objects: readonly (AnswerObject | ObjectRecord)[]): ObjectRecord[] {
  const top = editor?.topOrder() ?? 0
  return objects.flatMap((object, i) => {
    const record = 'scope' in object ? { ...object, order: top + i + 1 } : parseObject(object, top + i + 1)
    return record === null ? [] : [record]
  })
}

/** A span as the object that it is in the editor. */
export function objectOfSpan<S>(span: S): S | AnswerObject {
  if (typeof span !== 'object' || span === null) return span
  const { start, end, ...rest } = span as unknown as AnswerSpan
  return { ...rest, shape: { type: 'span', start, end } }
}

function spanOfObject({ id, class: key, shape, ...rest }: AnswerObject): AnswerSpan | null {
  return shape.type === 'span' ? { id, class: key, start: shape.start, end: shape.end, ...rest } : null
}

export function toAnswerObject({ id, class: key, shape, attributes, group, camera, rest }: ObjectRecord): AnswerObject {
  const where = camera === undefined ? {} : { camera }
  return { id, class: key, shape, ...(attributes === null ? {} : { attributes }), ...(group === null ? {} : { group }), ...where, ...rest }
}

/** Session records are not even looked at: what is hidden or locked is saved all the same (W16). */
export function toAnswer(records: readonly EditorRecord[]): Answer {
  const placed: (PlacedRecord | RelationRecord)[] = []
  const there = new Set<string>()
  let item = EMPTY_ITEM
  for (const record of records) {
    if (record.kind === 'item') item = record
    else if (record.kind !== 'session') placed.push(record)
    if (record.kind === 'object') there.add(record.id)
  }
  const objects: AnswerObject[] = []
  const spans: AnswerSpan[] = []
  const tracks: AnswerTrack[] = []
  const relations: AnswerRelation[] = []
  for (const record of placed.sort(inDrawingOrder)) {
    if (record.kind === 'track') {
      tracks.push(toAnswerTrack(record))
      continue
    }
    if (record.kind === 'foreign') {
      if (record.list === 'tracks') tracks.push(record.value as AnswerTrack)
      else if (record.list === 'spans') spans.push(record.value as AnswerSpan)
      else if (record.list === 'relations') relations.push(record.value as AnswerRelation)
      else objects.push(record.value as AnswerObject)
      continue
    }
    if (record.kind === 'relation') {
      // With one of its ends a relation goes, and comes back with it.
      const { relation, from, to } = record
      if (there.has(from) && there.has(to)) relations.push({ relation, from, to })
      continue
    }
    const object = toAnswerObject(record)
    const span = spanOfObject(object)
    if (span === null) objects.push(object)
    else spans.push(span)
  }
  return {
    ...(item.hasObjects || objects.length > 0 ? { objects } : {}),
    ...(spans.length > 0 ? { spans } : {}),
    ...(tracks.length > 0 ? { tracks } : {}),
    ...(relations.length > 0 ? { relations } : {}),
    ...(item.choices === null ? {} : { choices: item.choices }),
    ...(item.attributes === null ? {} : { attributes: item.attributes }),
    ...(item.note === null ? {} : { note: item.note }),
    ...item.rest,
  }
}

interface Ordered {
  readonly id: string
  readonly order: number
}

/** By key, and by id where two made at once (by a merge) share a key, so that all see one order. */
export const inDrawingOrder = (a: Ordered, b: Ordered): number =>
  a.order - b.order || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** Makes short ids from a source of randomness in 0..1: 32 to the 6th of them, none of which spells a word. */
export const shortIds = (random: () => number) => (): string =>
  Array.from({ length: 6 }, () => '0123456789bcdfghjkmnpqrstvwxyz-_'[Math.floor(random() * 32)]).join('')
