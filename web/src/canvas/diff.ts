/**
 * A diff says, for each record that changed, what it was and what it became. `null` stands for
 * "not there", so that adding, changing and removing are one case instead of three.
 */
export type Change<R> = readonly [before: R | null, after: R | null]
export type Diff<R> = ReadonlyMap<string, Change<R>>

/** The diff that takes this one back. */
export function reverse<R>(diff: Diff<R>): Diff<R> {
  return new Map([...diff].map(([id, [before, after]]) => [id, [after, before]]))
}

/** One diff with the effect of both. What is changed and changed back leaves no trace (W3). */
export function squash<R>(first: Diff<R>, second: Diff<R>): Diff<R> {
  const result = new Map(first)
  for (const [id, [before, after]] of second) {
    const earlier = result.get(id)
    const start = earlier === undefined ? before : earlier[0]
    if (start === after) result.delete(id)
    else result.set(id, [start, after])
  }
  return result
}
