import { POINTS_MAX, POINTS_MIN } from '../limits'
import { type Point, add, boundsOf, clampPoint, distance, middle, round, roundPoint, samePoint } from '../kernels/geometry'
import { area } from '../kernels/polygon'
import type { Handle, ShapeUtil } from './util'

export interface Polygon {
  readonly type: 'polygon'
  readonly points: readonly Point[]
}

const isPoint = (value: unknown): value is Point =>
  Array.isArray(value) && value.length === 2 && value.every((n) => typeof n === 'number' && Number.isFinite(n))

const withPoints = (points: readonly Point[]): Polygon => ({ type: 'polygon', points })

/** Handles are the vertices and, after them, the midpoints of the edges that begin at each vertex. */
export const polygon: ShapeUtil<Polygon> = {
  parse: ({ type, points, ...rest }) =>
    type === 'polygon' && Array.isArray(points) && points.length > 0 && points.every(isPoint) && Object.keys(rest).length === 0
      ? { type, points }
      : null,
  outline: ({ points }) => points,
  bounds: ({ points }) => boundsOf(points),
  area: ({ points }) => area(points),
  translate: ({ points }, by) => withPoints(points.map((point) => add(point, by))),
  stretch({ points }, to) {
    const from = boundsOf(points)
    const spread = (at: number, a: number, b: number, c: number, d: number) =>
      b === a ? c : c + ((at - a) * (d - c)) / (b - a)
    return withPoints(
      points.map(([x, y]) => [
        spread(x, from.left, from.right, to.left, to.right),
        spread(y, from.top, from.bottom, to.top, to.bottom),
      ]),
    )
  },
  handles({ points }): Handle[] {
    const vertices = points.map((at): Handle => ({ kind: 'vertex', at, cursor: 'move', edge: Infinity }))
    if (points.length >= POINTS_MAX) return vertices
    const midpoints = points.map((a, i): Handle => {
      const b = points[(i + 1) % points.length] ?? a
      return { kind: 'midpoint', at: middle(a, b), cursor: 'copy', edge: distance(a, b) }
    })
    return [...vertices, ...midpoints]
  },
  moveHandle(shape, handle, to) {
    const count = shape.points.length
    if (handle >= count) return withPoints(shape.points.toSpliced(handle - count + 1, 0, to))
    return withPoints(shape.points.with(handle, to))
  },
  insertVertex({ points }, edge, at) {
    if (edge >= points.length || points.length >= POINTS_MAX) return null
    return withPoints(points.toSpliced(edge + 1, 0, at))
  },
  deleteVertex({ points }, handle) {
    if (handle >= points.length || points.length <= POINTS_MIN) return null
    return withPoints(points.toSpliced(handle, 1))
  },
  clamp: ({ points }, size) => withPoints(points.map((point) => roundPoint(clampPoint(point, size)))),
  isWorthKeeping: ({ points }) => points.length >= POINTS_MIN && points.length <= POINTS_MAX && area(points) >= 1,
  describe({ points }) {
    const { left, top, right, bottom } = boundsOf(points)
    const size = `${round(right - left)} by ${round(bottom - top)} pixels`
    return `polygon of ${points.length} points, ${size}, ${round(left)} from the left and ${round(top)} from the top`
  },
}

/** The same outline without points that lie where the one before them lies. */
export const withoutRepeats = (points: readonly Point[]): Point[] =>
  points.filter((point, i) => {
    const before = points[i === 0 ? points.length - 1 : i - 1]
    return points.length === 1 || before === undefined || !samePoint(point, before)
  })
