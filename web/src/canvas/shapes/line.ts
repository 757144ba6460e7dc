import { LINE_POINTS_MIN, POINTS_MAX } from '../limits'
import { type Point, add, boundsOf, clampPoint, distance, middle, round, roundPoint, spreadPoint } from '../kernels/geometry'
import { isPoints } from './parse'
import type { Handle, ShapeUtil } from './util'

/** An open line: a lane, an edge (A11). */
export interface Line {
  readonly type: 'line'
  readonly points: readonly Point[]
}

const withPoints = (points: readonly Point[]): Line => ({ type: 'line', points })

const lengthOf = (points: readonly Point[]): number =>
  points.reduce((sum, point, i) => sum + distance(points[i - 1] ?? point, point), 0)

/** Handles are the vertices and, after them, the midpoints of the edges that begin at each but the last. */
export const line: ShapeUtil<Line> = {
  name: 'Line',
  parse: ({ type, points, ...rest }) => (type === 'line' && isPoints(points) && Object.keys(rest).length === 0 ? { type, points } : null),
  paths: ({ points }) => [{ closed: false, points }],
  bounds: ({ points }) => boundsOf(points),
  area: () => 0,
  translate: ({ points }, by) => withPoints(points.map((point) => add(point, by))),
  stretch({ points }, to) {
    const from = boundsOf(points)
    return withPoints(points.map((point) => spreadPoint(point, from, to)))
  },
  handles({ points }): Handle[] {
    const vertices = points.map((at): Handle => ({ kind: 'vertex', at, cursor: 'move', edge: Infinity }))
    if (points.length >= POINTS_MAX) return vertices
    const midpoints = points.slice(1).map((b, i): Handle => {
      const a = points[i] ?? b
      return { kind: 'midpoint', at: middle(a, b), cursor: 'copy', edge: distance(a, b) }
    })
    return [...vertices, ...midpoints]
  },
  moveHandle({ points }, handle, to) {
    const count = points.length
    if (handle >= count) return withPoints(points.toSpliced(handle - count + 1, 0, to))
    return withPoints(points.with(handle, to))
  },
  insertVertex({ points }, edge, at) {
    if (edge >= points.length - 1 || points.length >= POINTS_MAX) return null
    return withPoints(points.toSpliced(edge + 1, 0, at))
  },
  deleteVertex({ points }, handle) {
    if (handle >= points.length || points.length <= LINE_POINTS_MIN) return null
    return withPoints(points.toSpliced(handle, 1))
  },
  clamp: ({ points }, size) => withPoints(points.map((point) => roundPoint(clampPoint(point, size)))),
  isWorthKeeping({ points }) {
    if (points.length < LINE_POINTS_MIN || points.length > POINTS_MAX) return false
    const { left, top, right, bottom } = boundsOf(points)
    return Math.max(right - left, bottom - top) >= 1
  },
  describe({ points }) {
    const { left, top } = boundsOf(points)
    return `line of ${points.length} points, ${round(lengthOf(points))} pixels long, ${round(left)} from the left and ${round(top)} from the top`
  },
}
