import type { Shape } from '../shapes'
import type { Line } from '../shapes/line'
import type { Polygon } from '../shapes/polygon'
import { type Bend, flatten } from './bezier'
import { type Point, distance, round, roundDegrees } from './geometry'

// A kernel: a shape on its way from one keyframe to the next, as the server has it (A32, A36, A37).

/** The shape after a part, 0 to 1, of the way. What is of another kind, or has no way, stays until it is elsewhere. */
export function between(from: Shape, to: Shape, part: number): Shape {
  const on = (a: number, b: number) => round(a + (b - a) * part)
  const straight = (a: Point, b: Point): Point => [on(a[0], b[0]), on(a[1], b[1])]
  if (from.type === 'box' && to.type === 'box') {
    return { type: 'box', x: on(from.x, to.x), y: on(from.y, to.y), width: on(from.width, to.width), height: on(from.height, to.height) }
  }
  if (from.type === 'turned' && to.type === 'turned') {
    const [cx, cy] = straight([from.cx, from.cy], [to.cx, to.cy])
    return { type: 'turned', cx, cy, width: on(from.width, to.width), height: on(from.height, to.height), degrees: turned(from.degrees, to.degrees, part) }
  }
  if (from.type === 'ellipse' && to.type === 'ellipse') {
    const [cx, cy] = straight([from.cx, from.cy], [to.cx, to.cy])
    return { type: 'ellipse', cx, cy, rx: on(from.rx, to.rx), ry: on(from.ry, to.ry), degrees: turned(from.degrees, to.degrees, part) }
  }
  if (from.type === 'point' && to.type === 'point') return { type: 'point', x: on(from.x, to.x), y: on(from.y, to.y) }
  if (from.type === 'polygon' && to.type === 'polygon') return polygon(from, to, part)
  if (from.type === 'line' && to.type === 'line') return line(from, to, part)
  if (from.type === 'solid' && to.type === 'solid') return { type: 'solid', corners: from.corners.map((corner, i) => straight(corner, to.corners[i] ?? corner)) }
  if (from.type === 'keypoints' && to.type === 'keypoints' && from.points.length === to.points.length) {
    // A point that is not there on both sides does not move.
    const points = from.points.map((a, i) => {
      const b = to.points[i] ?? a
      return a[2] === 0 || b[2] === 0 ? a : ([on(a[0], b[0]), on(a[1], b[1]), a[2]] as typeof a)
    })
    return { type: 'keypoints', points }
  }
  return from
}

/** Degrees on the shorter way round. */
function turned(from: number, to: number, part: number): number {
  const way = ((((to - from + 180) % 360) + 360) % 360) - 180
  return roundDegrees(from + way * part)
}

function polygon(from: Polygon, to: Polygon, part: number): Polygon {
  const [a, b] = [from.holes ?? [], to.holes ?? []]
  // Holes that are not there on both sides stay as they are until the next keyframe.
  const holes = a.length === b.length ? a.map((hole, i) => outline(hole, b[i] ?? hole, 'joined', part)) : a
  const points = outline(from.points, to.points, 'joined', part)
  return holes.length > 0 ? { type: 'polygon', points, holes } : { type: 'polygon', points }
}

function line(from: Line, to: Line, part: number): Line {
  const [a, b] = [from.curves ?? [], to.curves ?? []]
  if (a.length === 0 && b.length === 0) return { type: 'line', points: outline(from.points, to.points, 'free', part) }
  if (from.points.length !== to.points.length) {
    return { type: 'line', points: outline(flatten(from.points, a).points, flatten(to.points, b).points, 'free', part) }
  }
  // A straight segment is one whose control points lie on it.
  const bend = (points: readonly Point[], bends: readonly Bend[], i: number): readonly [Point, Point] => {
    const [start, end] = [points[i] ?? NOWHERE, points[i + 1] ?? NOWHERE]
    return bends[i] ?? [mixed(start, end, 1 / 3), mixed(start, end, 2 / 3)]
  }
  const curves = from.points.slice(1).map((_, i): Bend => {
    if ((a[i] ?? null) === null && (b[i] ?? null) === null) return null
    const [one, other] = [bend(from.points, a, i), bend(to.points, b, i)]
    return [rounded(mixed(one[0], other[0], part)), rounded(mixed(one[1], other[1], part))]
  })
  return { type: 'line', points: outline(from.points, to.points, 'free', part), curves }
}

const NOWHERE: Point = [0, 0]
const mixed = (a: Point, b: Point, part: number): Point => [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part]
const rounded = (p: Point): Point => [round(p[0]), round(p[1])]

/** Whether the last point goes on to the first. */
type Ends = 'joined' | 'free'

/**
 * Point by point, where both have as many. Otherwise each point of the outline that has fewer goes from, or to, one of the
 * other's, in their order, and the rest come out of the way between: at either keyframe it is exactly what was drawn (A37).
 */
function outline(from: readonly Point[], to: readonly Point[], ends: Ends, part: number): Point[] {
  const [a, b] = [from.length < to.length ? spread(from, to, ends) : from, to.length < from.length ? spread(to, from, ends) : to]
  return a.map((point, i) => rounded(mixed(point, b[i] ?? point, part)))
}

/** The same outline as `few`, in as many points as `all` has. */
function spread(few: readonly Point[], all: readonly Point[], ends: Ends): Point[] {
  const [shares, wanted] = [sharesOf(all, ends), sharesOf(few, ends)]
  const share = (i: number) => shares[Math.min(i, shares.length - 1)] ?? 1
  // Which of them each corner is: the nearest by its share of the length that leaves one for each that follows.
  const at: number[] = []
  for (const corner of few.keys()) {
    const isEnd = ends === 'free' && corner + 1 === few.length
    // Both begin at their first point, and lines end at their last.
    const last = corner === 0 ? 0 : isEnd ? all.length - 1 : all.length - (few.length - corner)
    let best = isEnd ? last : (at[corner - 1] ?? -1) + 1
    for (let i = best + 1; i <= last; i++) {
      if (Math.abs(share(i) - (wanted[corner] ?? 0)) < Math.abs(share(best) - (wanted[corner] ?? 0))) best = i
    }
    at.push(best)
  }
  const points: Point[] = []
  for (const [corner, start] of at.entries()) {
    const here = few[corner] ?? NOWHERE
    const next = few[corner + 1] ?? (ends === 'joined' ? few[0] : here) ?? here
    const end = at[corner + 1] ?? (ends === 'joined' ? all.length : start + 1)
    const whole = share(end) - share(start)
    for (let i = start; i < end; i++) points.push(mixed(here, next, whole > 0 ? (share(i) - share(start)) / whole : (i - start) / (end - start)))
  }
  return points
}

/** How much of the whole length lies before each point; of a ring also that its end is one. */
function sharesOf(points: readonly Point[], ends: Ends): number[] {
  const before = [0]
  for (const [i, a] of points.entries()) {
    const b = points[i + 1] ?? (ends === 'joined' ? points[0] : undefined)
    if (b !== undefined) before.push((before[before.length - 1] ?? 0) + distance(a, b))
  }
  const whole = before[before.length - 1] || 1
  return before.map((length) => length / whole)
}
