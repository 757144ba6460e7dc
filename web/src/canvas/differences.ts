import { type Aspect, type Comparison, compare, sameJson } from './compare'
import { type Answer, type AnswerObject, type AnswerSpan, objectOfSpan } from './document'

/** One thing in which an answer differs from another, as a person goes through them (W102). */
export interface Difference {
  /** Of the object, which is the same in every list of the two answers; or `:choices`, `:attributes` and so on. */
  readonly id: string
  readonly kind: 'added' | 'removed' | 'changed' | 'item'
  readonly before: AnswerObject | null
  readonly after: AnswerObject | null
  readonly aspects: readonly Aspect[]
  /** The attributes that say something else, each with what was said and what is. */
  readonly attributes: readonly (readonly [key: string, before: unknown, after: unknown])[]
  readonly of: Comparison['item'][number] | null
}

/** Pairs of places of what two lists have in common, however their objects are called. */
export type Pairing = (a: readonly AnswerObject[], b: readonly AnswerObject[]) => readonly (readonly [number, number])[]

/**
 * What differs between two answers: what is gone, what is new, what is said otherwise. Objects are told apart by id, or,
 * where two people chose the ids, paired by likeness. What was written to the reviewer is no difference.
 */
export function differences(before: Answer, after: Answer, pairing?: Pairing): Difference[] {
  const to = pairing === undefined ? after : calledLike(before, after, pairing)
  const { added, removed, changed, item } = compare(before, to)
  const none = { aspects: [], attributes: [], of: null } as const
  return [
    ...removed.map((each): Difference => ({ ...none, id: each.id, kind: 'removed', before: each, after: null })),
    ...added.map((each): Difference => ({ ...none, id: each.id, kind: 'added', before: null, after: each })),
    ...changed
      // Drawn in another order is drawn the same, where two people drew it.
      .map((each) => ({ ...each, aspects: pairing === undefined ? each.aspects : each.aspects.filter((aspect) => aspect !== 'order') }))
      .filter(({ aspects }) => aspects.length > 0)
      .map((each): Difference => ({ ...none, kind: 'changed', ...each, attributes: changedAttributes(each.before, each.after) })),
    ...item
      .filter((of) => of !== 'note')
      .map((of): Difference => ({ ...none, id: `:${of}`, kind: 'item', before: null, after: null, of, attributes: of === 'attributes' ? changedAttributes(before, to) : [] })),
  ]
}

type Attributed = { readonly attributes?: { readonly [key: string]: unknown } | undefined }

function changedAttributes(before: Attributed, after: Attributed): (readonly [string, unknown, unknown])[] {
  const [was, is] = [before.attributes ?? {}, after.attributes ?? {}]
  const keys = new Set([...Object.keys(was), ...Object.keys(is)])
  return [...keys].filter((key) => !sameJson(was[key], is[key])).map((key) => [key, was[key], is[key]])
}

/** The second answer, its objects called as their likes in the first. */
function calledLike(before: Answer, after: Answer, pairing: Pairing): Answer {
  const taken = new Set([...(before.objects ?? []), ...(before.spans ?? [])].map(({ id }) => id))
  const fresh = (id: string): string => (taken.has(id) ? fresh(`${id}_`) : id)
  const renamed = <T extends { readonly id: string }>(was: readonly T[], is: readonly T[], seen: (list: readonly T[]) => readonly AnswerObject[]): T[] => {
    const names = new Map(pairing(seen(was), seen(is)).map(([i, j]) => [j, was[i]?.id]))
    return is.map((each, j) => ({ ...each, id: names.get(j) ?? fresh(each.id) }))
  }
  const spans = (list: readonly AnswerSpan[]) => list.map((span) => objectOfSpan(span) as AnswerObject)
  return {
    ...after,
    ...(after.objects === undefined ? {} : { objects: renamed(before.objects ?? [], after.objects, (list) => list) }),
    ...(after.spans === undefined ? {} : { spans: renamed(before.spans ?? [], after.spans, spans) }),
  }
}
