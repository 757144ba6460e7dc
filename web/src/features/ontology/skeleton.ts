import type { Skeleton } from '../../api/types'
import { keyFrom } from './model'

const POINTS_MAX = 200

/** A skeleton as two texts: a name a line, and a pair of names a line. */
export const pointsText = (skeleton: Skeleton | null): string => (skeleton?.points ?? []).map(({ name }) => name).join('\n')

export const edgesText = (skeleton: Skeleton | null): string =>
  (skeleton?.edges ?? []).map(([from, to]) => `${skeleton?.points[from]?.name ?? ''} – ${skeleton?.points[to]?.name ?? ''}`).join('\n')

const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter(Boolean)

/**
 * Reads the texts. Of a skeleton that was saved the points stay, in number and order, and only their
 * names change (O7); `saved` is that skeleton.
 */
export function readSkeleton(points: string, edges: string, saved: Skeleton | null): { readonly skeleton: Skeleton | null; readonly problem: string | null } {
  const fail = (problem: string) => ({ skeleton: null, problem })
  const names = linesOf(points)
  if (names.length === 0) return saved === null ? { skeleton: null, problem: null } : fail('The points of a saved skeleton are in use: they can be renamed, not removed.')
  if (names.length > POINTS_MAX) return fail(`A skeleton has at most ${POINTS_MAX} points.`)
  if (new Set(names).size < names.length) return fail('Two points have the same name.')
  if (saved !== null && saved.points.length !== names.length) return fail(`The ${saved.points.length} points of a saved skeleton are in use: they can be renamed, not added or removed.`)
  const taken = new Set<string>()
  const made = names.map((name, i) => {
    const key = saved?.points[i]?.key ?? keyFrom(name, taken, 'point')
    taken.add(key)
    return { key, name }
  })
  const pairs: [number, number][] = []
  for (const line of linesOf(edges)) {
    const found = line.split(/\s+[-–—]\s+/).map((name) => names.indexOf(name.trim()))
    const [from, to] = found
    if (found.length !== 2 || from === undefined || to === undefined || from < 0 || to < 0 || from === to) return fail(`“${line}” joins no two of the points. Write: ${names[0]} – ${names[1] ?? names[0]}`)
    pairs.push([from, to])
  }
  return { skeleton: { points: made, edges: pairs }, problem: null }
}
