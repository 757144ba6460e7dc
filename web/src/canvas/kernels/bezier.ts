import { type Point, add, distance, middle, scale, sub } from './geometry'

// A kernel: cubic Bézier curves, and the lines that stand for them (A54).

/** The two control points of a segment that is bent; a straight one has none. */
export type Bend = readonly [Point, Point] | null

/** Image pixels: how far a line may lie from the curve that it stands for; the server has the same. */
export const TOLERANCE_PX = 0.25
/** Chords that one bend becomes, at most. */
const CHORDS_MAX = 256

/** How many chords keep within the tolerance: Wang's bound by the second differences of the control points. */
export function chordsOf(a: Point, [b, c]: readonly [Point, Point], d: Point, tolerance = TOLERANCE_PX): number {
  const bent = (p: Point, q: Point, r: Point) => Math.hypot(p[0] - 2 * q[0] + r[0], p[1] - 2 * q[1] + r[1])
  const most = 6 * Math.max(bent(a, b, c), bent(b, c, d))
  return Math.min(CHORDS_MAX, Math.max(1, Math.ceil(Math.sqrt(most / (8 * tolerance)))))
}

export function pointOn(a: Point, [b, c]: readonly [Point, Point], d: Point, t: number): Point {
  const s = 1 - t
  const [p, q, r, u] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t]
  return [p * a[0] + q * b[0] + r * c[0] + u * d[0], p * a[1] + q * b[1] + r * c[1] + u * d[1]]
}

/** The line with its bends laid out straight; how many of its edges each segment became. */
export function flatten(points: readonly Point[], bends: readonly Bend[]): { readonly points: readonly Point[]; readonly edges: readonly number[] } {
  const flat: Point[] = points.slice(0, 1)
  const edges: number[] = []
  for (const [i, d] of points.entries()) {
    const a = points[i - 1]
    if (a === undefined) continue
    const bend = bends[i - 1] ?? null
    const chords = bend === null ? 1 : chordsOf(a, bend, d)
    for (let k = 1; k < chords && bend !== null; k++) flat.push(pointOn(a, bend, d, k / chords))
    flat.push(d)
    edges.push(chords)
  }
  return { points: flat, edges }
}

/** One bend as two that are the same curve: de Casteljau's construction. */
export function divideBend(a: Point, [b, c]: readonly [Point, Point], d: Point, t: number): { readonly before: Bend; readonly at: Point; readonly after: Bend } {
  const mix = (p: Point, q: Point): Point => add(p, scale(sub(q, p), t))
  const [ab, bc, cd] = [mix(a, b), mix(b, c), mix(c, d)]
  const [abc, bcd] = [mix(ab, bc), mix(bc, cd)]
  return { before: [ab, abc], at: mix(abc, bcd), after: [bcd, cd] }
}

/** Bends through all of the points, smooth at each: Catmull and Rom (1974), with centripetal care for uneven steps. */
export function smooth(points: readonly Point[]): Bend[] {
  return points.slice(1).map((d, i): Bend => {
    const a = points[i] ?? d
    const [before, after] = [points[i - 1] ?? a, points[i + 2] ?? d]
    const length = distance(a, d)
    // Along the line between the neighbours, a third of the segment long.
    const towards = (from: Point, to: Point): Point => {
      const way = sub(to, from)
      const long = Math.hypot(...way)
      return long === 0 ? [0, 0] : scale(way, length / 3 / long)
    }
    return [add(a, towards(before, d)), sub(d, towards(a, after))]
  })
}

/** The bend of a straight segment: the same line, with something to take hold of. */
export const straightBend = (a: Point, d: Point): Bend => [add(a, scale(sub(d, a), 1 / 3)), add(a, scale(sub(d, a), 2 / 3))]

/** Where the handle in the middle of a segment stands. */
export const middleOf = (a: Point, bend: Bend, d: Point): Point => (bend === null ? middle(a, d) : pointOn(a, bend, d, 0.5))
