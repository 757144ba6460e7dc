import { type Point, distanceToSegment, nearestOnSegment } from './geometry'

export function area(points: readonly Point[]): number {
  let sum = 0
  let a = points[points.length - 1]
  for (const b of points) {
    if (a !== undefined) sum += a[0] * b[1] - b[0] * a[1]
    a = b
  }
  return Math.abs(sum) / 2
}

/** The convex outline around some points: Andrew (1979). */
export function hull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]).filter((p, i, all) => i === 0 || p[0] !== all[i - 1]?.[0] || p[1] !== all[i - 1]?.[1])
  const half = (along: readonly Point[]): Point[] => {
    const line: Point[] = []
    for (const p of along) {
      while (line.length > 1 && turn(line[line.length - 2] as Point, line[line.length - 1] as Point, p) <= 0) line.pop()
      line.push(p)
    }
    // The last point begins the other half.
    return line.slice(0, -1)
  }
  return [...half(sorted), ...half(sorted.toReversed())]
}

export interface EdgeHit {
  /** The edge goes from point `edge` to the one after it. */
  readonly edge: number
  readonly at: Point
  readonly distance: number
}

/** Over several lines the edges are counted through; an open line has none after its last point, but a number for it. */
export function nearestEdge(paths: readonly { readonly points: readonly Point[]; readonly closed: boolean }[], p: Point): EdgeHit | null {
  let best: EdgeHit | null = null
  let before = 0
  for (const { points, closed } of paths) {
    for (const [i, a] of points.entries()) {
      const b = points[i + 1] ?? (closed ? points[0] : undefined)
      if (b === undefined) continue
      const at = nearestOnSegment(p, a, b)
      const distance = Math.hypot(at[0] - p[0], at[1] - p[1])
      if (best === null || distance < best.distance) best = { edge: before + i, at, distance }
    }
    before += points.length
  }
  return best
}

const turn = (a: Point, b: Point, c: Point): number =>
  Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

const crosses = (a: Point, b: Point, c: Point, d: Point): boolean =>
  turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0

/** Does the outline properly cross itself? Touching is allowed. Sweeps by x, so long outlines stay quick. */
export function crossesItself(points: readonly Point[]): boolean {
  const edges = points.map((a, i) => {
    const b = points[(i + 1) % points.length] ?? a
    return { a, b, i, left: Math.min(a[0], b[0]), right: Math.max(a[0], b[0]) }
  })
  edges.sort((p, q) => p.left - q.left)
  for (const [k, p] of edges.entries()) {
    for (let j = k + 1; j < edges.length; j++) {
      const q = edges[j]
      if (q === undefined || q.left > p.right) break
      if (crosses(p.a, p.b, q.a, q.b)) return true
    }
  }
  return false
}

/** Douglas–Peucker on an open line, without recursion: a freehand line may have thousands of points. */
export function simplify(points: readonly Point[], tolerance: number): Point[] {
  const keep = new Set([0, points.length - 1])
  const spans: [number, number][] = [[0, points.length - 1]]
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const [first, last] = span
    const [a, b] = [points[first], points[last]]
    if (a === undefined || b === undefined) continue
    let [worst, at] = [tolerance, -1]
    for (let i = first + 1; i < last; i++) {
      const p = points[i]
      const d = p === undefined ? 0 : distanceToSegment(p, a, b)
      if (d > worst) [worst, at] = [d, i]
    }
    if (at < 0) continue
    keep.add(at)
    spans.push([first, at], [at, last])
  }
  return points.filter((_, i) => keep.has(i))
}
