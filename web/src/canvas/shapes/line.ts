import { type Bend, divideBend, flatten, middleOf, smooth } from '../kernels/bezier'
import { type Point, add, boundsOf, clampPoint, distance, nearestOnSegment, round, roundPoint, scale, spreadPoint, sub } from '../kernels/geometry'
import { LINE_POINTS_MIN, POINTS_MAX } from '../limits'
import { isPoint, isPoints } from './parse'
import type { Handle, ShapeUtil } from './util'

/** An open line: a lane, an edge (A11), whose segments may be bent (A54). */
export interface Line {
  readonly type: 'line'
  readonly points: readonly Point[]
  /** For each segment the control points that bend it. Absent where all are straight. */
  readonly curves?: readonly Bend[]
}

const make = (points: readonly Point[], bends: readonly Bend[] = []): Line =>
  bends.some((bend) => bend !== null) ? { type: 'line', points, curves: bends } : { type: 'line', points }

const bendsOf = ({ points, curves }: Line): readonly Bend[] => curves ?? points.slice(1).map(() => null)

const mapPoints = (shape: Line, how: (point: Point) => Point): Line =>
  make(shape.points.map(how), bendsOf(shape).map((bend): Bend => (bend === null ? null : [how(bend[0]), how(bend[1])])))

// Asked for at each stroke of the picture; a shape never changes, so once is enough.
const knownFlat = new WeakMap<Line, ReturnType<typeof flatten>>()

function flat(shape: Line): ReturnType<typeof flatten> {
  const known = knownFlat.get(shape)
  if (known !== undefined) return known
  const made = flatten(shape.points, bendsOf(shape))
  knownFlat.set(shape, made)
  return made
}

const pointsOf = (shape: Line): readonly Point[] => (shape.curves === undefined ? shape.points : flat(shape).points)

const lengthOf = (points: readonly Point[]): number =>
  points.reduce((sum, point, i) => sum + distance(points[i - 1] ?? point, point), 0)

/** The segment that an edge of the laid out line is of, and where on it a place lies, 0 to 1. */
function segmentAt(shape: Line, edge: number, at: Point): { readonly segment: number; readonly t: number } | null {
  const { points, edges } = flat(shape)
  let first = 0
  for (const [segment, count] of edges.entries()) {
    if (edge < first + count) {
      const [a, b] = [points[edge] ?? at, points[edge + 1] ?? at]
      const share = distance(a, b) === 0 ? 0 : distance(a, nearestOnSegment(at, a, b)) / distance(a, b)
      return { segment, t: (edge - first + share) / count }
    }
    first += count
  }
  return null
}

const rounded = ({ before, at, after }: ReturnType<typeof divideBend>): ReturnType<typeof divideBend> => {
  const round = (bend: Bend): Bend => (bend === null ? null : [roundPoint(bend[0]), roundPoint(bend[1])])
  return { before: round(before), at: roundPoint(at), after: round(after) }
}

/** Puts a point into a segment; of a bent one the curve stays what it is. */
function split(shape: Line, segment: number, t: number, at: Point): Line {
  const { points } = shape
  const [a, d, bend] = [points[segment], points[segment + 1], bendsOf(shape)[segment] ?? null]
  if (a === undefined || d === undefined) return shape
  const { before, at: on, after } = bend === null ? { before: null, at, after: null } : rounded(divideBend(a, bend, d, t))
  return make(points.toSpliced(segment + 1, 0, on), bendsOf(shape).toSpliced(segment, 1, before, after))
}

/** The handles of the bends: where each is, of which segment, and the point that it is tied to. */
function controlsOf(shape: Line): { readonly segment: number; readonly end: 0 | 1; readonly at: Point; readonly from: Point }[] {
  return bendsOf(shape).flatMap((bend, segment) => {
    const [a, d] = [shape.points[segment], shape.points[segment + 1]]
    if (bend === null || a === undefined || d === undefined) return []
    return [{ segment, end: 0 as const, at: bend[0], from: a }, { segment, end: 1 as const, at: bend[1], from: d }]
  })
}

/** A vertex takes the control points beside it along. */
function moveVertex(shape: Line, vertex: number, to: Point): Line {
  const from = shape.points[vertex]
  if (from === undefined) return shape
  const by = sub(to, from)
  const bends = bendsOf(shape).map((bend, segment): Bend => {
    if (bend === null) return null
    if (segment === vertex) return [add(bend[0], by), bend[1]]
    return segment === vertex - 1 ? [bend[0], add(bend[1], by)] : bend
  })
  return make(shape.points.with(vertex, to), bends)
}

/** Radians: two control points within this of one line make a smooth corner, and keep it. */
const SMOOTH = 0.04

/** A control point turns the one on the other side of its point along, where the corner is smooth. */
function moveControl(shape: Line, control: number, to: Point): Line {
  const held = controlsOf(shape)[control]
  if (held === undefined) return shape
  const { segment, end, at, from } = held
  const put = (bends: readonly Bend[], of: number, which: 0 | 1, place: Point): readonly Bend[] => {
    const bend = bends[of] ?? null
    return bend === null ? bends : bends.with(of, which === 0 ? [place, bend[1]] : [bend[0], place])
  }
  const moved = put(bendsOf(shape), segment, end, to)
  const [other, side] = end === 0 ? [segment - 1, 1 as const] : [segment + 1, 0 as const]
  const opposite = bendsOf(shape)[other]?.[side]
  if (opposite === undefined || !isSmooth(at, from, opposite)) return make(shape.points, moved)
  const long = distance(from, to)
  if (long === 0) return make(shape.points, moved)
  const turned = add(from, scale(sub(from, to), distance(from, opposite) / long))
  return make(shape.points, put(moved, other, side, turned))
}

function isSmooth(a: Point, corner: Point, b: Point): boolean {
  const [p, q] = [sub(a, corner), sub(corner, b)]
  if (Math.hypot(...p) === 0 || Math.hypot(...q) === 0) return false
  return Math.abs(Math.atan2(p[0] * q[1] - p[1] * q[0], p[0] * q[0] + p[1] * q[1])) < SMOOTH
}

/** Smooth all along, or, where all of it is bent already, straight. */
export const bendLine = (shape: Line): Line =>
  bendsOf(shape).every((bend) => bend !== null) ? make(shape.points) : make(shape.points, smooth(shape.points))

/** The segment after a point, or before the last one: bent, or straight again. */
export function bendSegment(shape: Line, vertex: number): Line {
  const segment = Math.min(vertex, shape.points.length - 2)
  const bends = bendsOf(shape)
  return make(shape.points, bends.with(segment, (bends[segment] ?? null) === null ? (smooth(shape.points)[segment] ?? null) : null))
}

/** Through the points that a hand has put, smooth. */
export const curveThrough = (points: readonly Point[]): Line => make(points, smooth(points))

/** Handles are the vertices, after them the middles of the segments, and then the control points of those that are bent. */
export const line: ShapeUtil<Line> = {
  name: 'Line',
  parse({ type, points, curves, ...rest }) {
    if (type !== 'line' || !isPoints(points) || Object.keys(rest).length > 0) return null
    if (curves === undefined) return { type, points }
    const isBend = (bend: unknown) => bend === null || (Array.isArray(bend) && bend.length === 2 && bend.every(isPoint))
    const isWhole = Array.isArray(curves) && curves.length === points.length - 1 && curves.every(isBend)
    return isWhole ? { type, points, curves: curves as readonly Bend[] } : null
  },
  paths: (shape) => [{ closed: false, points: pointsOf(shape) }],
  bounds: (shape) => boundsOf(pointsOf(shape)),
  area: () => 0,
  translate: (shape, by) => mapPoints(shape, (point) => add(point, by)),
  stretch(shape, to) {
    const from = boundsOf(pointsOf(shape))
    return mapPoints(shape, (point) => spreadPoint(point, from, to))
  },
  handles(shape): Handle[] {
    const { points } = shape
    const vertices = points.map((at): Handle => ({ kind: 'vertex', at, cursor: 'move', edge: Infinity }))
    if (points.length >= POINTS_MAX) return vertices
    const bends = bendsOf(shape)
    const midpoints = points.slice(1).map((b, i): Handle => {
      const a = points[i] ?? b
      return { kind: 'midpoint', at: middleOf(a, bends[i] ?? null, b), cursor: 'copy', edge: distance(a, b) }
    })
    const controls = controlsOf(shape).map(({ at, from }): Handle => ({ kind: 'control', at, from, cursor: 'move', edge: Infinity }))
    return [...vertices, ...midpoints, ...controls]
  },
  moveHandle(shape, handle, to) {
    const count = shape.points.length
    if (handle < count) return moveVertex(shape, handle, to)
    if (handle >= 2 * count - 1) return moveControl(shape, handle - 2 * count + 1, to)
    return moveVertex(split(shape, handle - count, 0.5, to), handle - count + 1, to)
  },
  insertVertex(shape, edge, at) {
    if (shape.points.length >= POINTS_MAX) return null
    const place = segmentAt(shape, edge, at)
    return place === null ? null : split(shape, place.segment, place.t, at)
  },
  deleteVertex(shape, handle) {
    const { points } = shape
    const bends = bendsOf(shape)
    const control = controlsOf(shape)[handle - 2 * points.length + 1]
    if (control !== undefined) return make(points, bends.with(control.segment, null))
    if (handle >= points.length || points.length <= LINE_POINTS_MIN) return null
    if (handle === 0) return make(points.slice(1), bends.slice(1))
    if (handle === points.length - 1) return make(points.slice(0, -1), bends.slice(0, -1))
    const [a, b, before, after] = [points[handle - 1], points[handle + 1], bends[handle - 1] ?? null, bends[handle] ?? null]
    const joined: Bend = a === undefined || b === undefined || (before === null && after === null) ? null : [before?.[0] ?? a, after?.[1] ?? b]
    return make(points.toSpliced(handle, 1), bends.toSpliced(handle - 1, 2, joined))
  },
  clamp: (shape, size) => mapPoints(shape, (point) => roundPoint(clampPoint(point, size))),
  isWorthKeeping({ points, curves }) {
    if (points.length < LINE_POINTS_MIN || points.length > POINTS_MAX) return false
    if (curves !== undefined && curves.length !== points.length - 1) return false
    const { left, top, right, bottom } = boundsOf(points)
    return Math.max(right - left, bottom - top) >= 1
  },
  describe(shape) {
    const points = pointsOf(shape)
    const { left, top } = boundsOf(points)
    const bent = bendsOf(shape).filter((bend) => bend !== null).length
    const how = bent === 0 ? '' : bent === shape.points.length - 1 ? 'bent ' : 'partly bent '
    return `${how}line of ${shape.points.length} points, ${round(lengthOf(points))} pixels long, ${round(left)} from the left and ${round(top)} from the top`
  },
}
