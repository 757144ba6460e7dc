import { type Bounds, type Point, add, boundsOf, clampPoint, round, roundPoint, spreadPoint } from '../kernels/geometry'
import { area, hull } from '../kernels/polygon'
import { isPoints } from './parse'
import type { Handle, Path, ShapeUtil } from './util'

/** A box in space as it is seen in the picture: top and bottom of its upright edges, front left, front right, back right, back left (A55). */
export interface Solid {
  readonly type: 'solid'
  readonly corners: readonly Point[]
}

const CORNERS = 8

const mapCorners = ({ corners }: Solid, how: (corner: Point) => Point): Solid => ({ type: 'solid', corners: corners.map(how) })

/** The corners of the front face, or of the back, clockwise. */
const face = (corners: readonly Point[], edge: 0 | 2): Point[] => {
  const [left, right] = edge === 0 ? [0, 1] : [3, 2]
  return [2 * left, 2 * right, 2 * right + 1, 2 * left + 1].flatMap((i) => (corners[i] === undefined ? [] : [corners[i]]))
}

export function solidBetween(front: Bounds, back: Bounds): Solid {
  const edge = (x: number, { top, bottom }: Bounds): Point[] => [[x, top], [x, bottom]]
  return { type: 'solid', corners: [...edge(front.left, front), ...edge(front.right, front), ...edge(back.right, back), ...edge(back.left, back)] }
}

/** Its outline is closed; the edges are lines, the nearest first. */
export const solid: ShapeUtil<Solid> = {
  name: 'Cuboid in the picture',
  parse: ({ type, corners, ...rest }) => (type === 'solid' && isPoints(corners) && corners.length === CORNERS && Object.keys(rest).length === 0 ? { type, corners } : null),
  paths({ corners }): Path[] {
    const ring = (points: Point[]) => ({ closed: false, points: [...points, ...points.slice(0, 1)] })
    // From each corner of the front to that of the back behind it.
    const depths = [[0, 6], [1, 7], [2, 4], [3, 5]].map((ends) => ({ closed: false, points: ends.flatMap((i) => (corners[i] === undefined ? [] : [corners[i]])) }))
    return [{ closed: true, points: hull(corners) }, ring(face(corners, 0)), ring(face(corners, 2)), ...depths]
  },
  bounds: ({ corners }) => boundsOf(corners),
  area: ({ corners }) => area(hull(corners)),
  translate: (shape, by) => mapCorners(shape, (corner) => add(corner, by)),
  stretch(shape, to) {
    const from = boundsOf(shape.corners)
    return mapCorners(shape, (corner) => spreadPoint(corner, from, to))
  },
  handles: ({ corners }): Handle[] => corners.map((at) => ({ kind: 'corner', at, cursor: 'move', edge: Infinity })),
  /** An edge stays as upright as it was: its other end goes to the side with the one in hand. */
  moveHandle(shape, handle, to) {
    const from = shape.corners[handle]
    if (from === undefined) return shape
    const partner = handle % 2 === 0 ? handle + 1 : handle - 1
    const corners = shape.corners.map((corner, i): Point => (i === handle ? to : i === partner ? [corner[0] + to[0] - from[0], corner[1]] : corner))
    return { type: 'solid', corners }
  },
  clamp: (shape, size) => mapCorners(shape, (corner) => roundPoint(clampPoint(corner, size))),
  isWorthKeeping: ({ corners }) => corners.length === CORNERS && area(hull(corners)) >= 1,
  describe(shape) {
    const [front, back] = [boundsOf(face(shape.corners, 0)), boundsOf(face(shape.corners, 2))]
    const size = ({ left, top, right, bottom }: Bounds) => `${round(right - left)} by ${round(bottom - top)}`
    return `cuboid, front ${size(front)} and back ${size(back)} pixels, ${round(front.left)} from the left and ${round(front.top)} from the top`
  },
}
