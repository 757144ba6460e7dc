/**
 * What can still be undone after a reload: the changes that the journal kept one by one, with those
 * that were taken back since left out.
 */
import type { Change } from './place'

export type Step = readonly Change[]

export interface Past {
  /** The records as they were before the first of the steps. */
  readonly before: ReadonlyMap<string, unknown>
  readonly steps: readonly Step[]
}

/** Of the records as they are, and what happened last, oldest first. */
export function pastOf(records: ReadonlyMap<string, unknown>, happened: readonly Step[]): Past {
  const done: Step[] = []
  const undone: Step[] = []
  for (const step of happened) {
    const [last, next] = [done[done.length - 1], undone[undone.length - 1]]
    if (last !== undefined && isSame(step, reversed(last))) {
      done.pop()
      undone.push(last)
    } else if (next !== undefined && isSame(step, next)) {
      undone.pop()
      done.push(next)
    } else {
      undone.length = 0
      done.push(step)
    }
  }
  const before = new Map(records)
  for (const step of [...done].reverse()) apply(before, reversed(step))
  return { before, steps: done }
}

export function apply(records: Map<string, unknown>, step: Step): void {
  for (const [id, , after] of step) {
    if (after === null) records.delete(id)
    else records.set(id, after)
  }
}

const reversed = (step: Step): Step => step.map(([id, before, after]) => [id, after, before])

/** The same change, in whatever order its records come. */
function isSame(a: Step, b: Step): boolean {
  if (a.length !== b.length) return false
  const others = new Map(b.map((change) => [change[0], change]))
  return a.every((change) => JSON.stringify(change) === JSON.stringify(others.get(change[0])))
}
