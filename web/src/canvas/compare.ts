import { type Answer, type AnswerObject, objectOfSpan, objectOfTrack } from './document'
import { longestRise } from './kernels/order'

/** In what an object differs between two answers. */
export type Aspect = 'class' | 'shape' | 'attributes' | 'order' | 'other'

export interface ChangedObject {
  readonly id: string
  readonly before: AnswerObject
  readonly after: AnswerObject
  readonly aspects: readonly Aspect[]
}

export interface Comparison {
  readonly added: readonly AnswerObject[]
  readonly removed: readonly AnswerObject[]
  readonly changed: readonly ChangedObject[]
  readonly same: readonly AnswerObject[]
  /** What is said of the image as a whole and differs. */
  readonly item: readonly ('choices' | 'attributes' | 'note' | 'other')[]
  readonly isSame: boolean
}

/** What somebody did to an answer, for review and rework: object by object, told apart by id (W50). */
export function compare(before: Answer, after: Answer): Comparison {
  const [was, is] = [byId(before), byId(after)]
  const places = new Map([...was.keys()].map((id, i) => [id, i]))
  const common = [...is.keys()].filter((id) => was.has(id))
  const unmoved = longestRise(common.map((id) => places.get(id) ?? 0))
  const changed: ChangedObject[] = []
  const same: AnswerObject[] = []
  for (const [i, id] of common.entries()) {
    const [b, a] = [was.get(id), is.get(id)]
    if (b === undefined || a === undefined) continue
    const aspects = aspectsOf(b, a)
    if (!unmoved.has(i)) aspects.push('order')
    if (aspects.length === 0) same.push(a)
    else changed.push({ id, before: b, after: a, aspects })
  }
  const added = [...is.values()].filter(({ id }) => !was.has(id))
  const removed = [...was.values()].filter(({ id }) => !is.has(id))
  const item = itemAspects(before, after)
  const isSame = added.length + removed.length + changed.length + item.length === 0
  return { added, removed, changed, same, item, isSame }
}

const byId = ({ objects = [], spans = [], tracks = [] }: Answer): Map<string, AnswerObject> =>
  new Map([...objects, ...spans.map((span) => objectOfSpan(span) as AnswerObject), ...tracks.map(objectOfTrack)].map((o) => [o.id, o]))

function aspectsOf(before: AnswerObject, after: AnswerObject): Aspect[] {
  const { id: _b, class: classB, shape: shapeB, attributes: attributesB, ...restB } = before
  const { id: _a, class: classA, shape: shapeA, attributes: attributesA, ...restA } = after
  const aspects: Aspect[] = []
  if (classB !== classA) aspects.push('class')
  if (!sameJson(shapeB, shapeA)) aspects.push('shape')
  if (!sameJson(attributesB ?? {}, attributesA ?? {})) aspects.push('attributes')
  if (!sameJson(restB, restA)) aspects.push('other')
  return aspects
}

function itemAspects(before: Answer, after: Answer): Comparison['item'] {
  const { objects: _b, spans: _sb, tracks: _tb, choices: choicesB, attributes: attributesB, note: noteB, ...restB } = before
  const { objects: _a, spans: _sa, tracks: _ta, choices: choicesA, attributes: attributesA, note: noteA, ...restA } = after
  const aspects: ('choices' | 'attributes' | 'note' | 'other')[] = []
  // The order in which choices were ticked says nothing.
  if (!sameJson([...(choicesB ?? [])].sort(), [...(choicesA ?? [])].sort())) aspects.push('choices')
  if (!sameJson(attributesB ?? {}, attributesA ?? {})) aspects.push('attributes')
  if ((noteB ?? '') !== (noteA ?? '')) aspects.push('note')
  if (!sameJson(restB, restA)) aspects.push('other')
  return aspects
}

/** Equal as JSON: the order of the keys of an object means nothing, that of a list does. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [x, y] = [a as { [key: string]: unknown }, b as { [key: string]: unknown }]
  const keys = Object.keys(x)
  return keys.length === Object.keys(y).length && keys.every((key) => Object.hasOwn(y, key) && sameJson(x[key], y[key]))
}
