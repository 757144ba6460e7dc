import { type Bounds, type Point, boundsOf, clampPoint, round, roundPoint, spreadPoint } from '../kernels/geometry'
import { isNumber } from './parse'
import type { Dot, Field, Handle, Path, ShapeUtil } from './util'

/** Whether a point of a skeleton is there (A13). */
export const ABSENT = 0
export const HIDDEN = 1
export const VISIBLE = 2
export type Seen = typeof ABSENT | typeof HIDDEN | typeof VISIBLE

export type Keypoint = readonly [x: number, y: number, seen: Seen]

/** The points of the skeleton of the object's class, in its order. */
export interface Keypoints {
  readonly type: 'keypoints'
  readonly points: readonly Keypoint[]
}

const NOWHERE: Keypoint = [0, 0, ABSENT]
const WAYS = [[VISIBLE, 'Visible'], [HIDDEN, 'Hidden'], [ABSENT, 'Absent']] as const

const isKeypoint = (value: unknown): value is Keypoint =>
  Array.isArray(value) && value.length === 3 && value.every(isNumber) && [ABSENT, HIDDEN, VISIBLE].some((seen) => seen === value[2])

const isThere = ([, , seen]: Keypoint): boolean => seen !== ABSENT
const placeOf = ([x, y]: Keypoint): Point => [x, y]

const mapThere = ({ points }: Keypoints, how: (at: Point) => Point): Keypoints => ({
  type: 'keypoints',
  points: points.map((point) => (isThere(point) ? [...how(placeOf(point)), point[2]] : point)),
})

const boundsOfThere = ({ points }: Keypoints): Bounds => {
  const there = points.filter(isThere).map(placeOf)
  return there.length > 0 ? boundsOf(there) : { left: 0, top: 0, right: 0, bottom: 0 }
}

/** The place in the skeleton of the handle: handles are the points that are there. */
const indexOf = ({ points }: Keypoints, handle: number): number =>
  points.flatMap((point, i) => (isThere(point) ? [i] : []))[handle] ?? -1

const withPoint = (shape: Keypoints, index: number, point: Keypoint): Keypoints => ({ type: 'keypoints', points: shape.points.with(index, point) })

export const keypoints: ShapeUtil<Keypoints> = {
  name: 'Skeleton',
  parse: ({ type, points, ...rest }) =>
    type === 'keypoints' && Array.isArray(points) && points.some((point) => isKeypoint(point) && isThere(point)) && points.every(isKeypoint) && Object.keys(rest).length === 0
      ? { type, points }
      : null,
  paths: ({ points }, skeleton): Path[] =>
    (skeleton?.edges ?? []).flatMap(([from, to]) => {
      const [a, b] = [points[from], points[to]]
      if (a === undefined || b === undefined || !isThere(a) || !isThere(b)) return []
      return [{ closed: false, points: [placeOf(a), placeOf(b)] }]
    }),
  dots: ({ points }): Dot[] =>
    points.filter(isThere).map((point) => ({ at: placeOf(point), look: point[2] === VISIBLE ? 'full' : 'hollow' })),
  bounds: boundsOfThere,
  area: () => 0,
  translate: (shape, by) => mapThere(shape, ([x, y]) => [x + by[0], y + by[1]]),
  stretch(shape, to) {
    const from = boundsOfThere(shape)
    return mapThere(shape, (at) => spreadPoint(at, from, to))
  },
  handles: ({ points }): Handle[] =>
    points.filter(isThere).map((point) => ({ kind: 'vertex', at: placeOf(point), cursor: 'move', edge: Infinity, ...(point[2] === HIDDEN ? { look: 'hollow' } : {}) })),
  moveHandle(shape, handle, [x, y]) {
    const index = indexOf(shape, handle)
    const point = shape.points[index]
    return point === undefined ? shape : withPoint(shape, index, [x, y, point[2]])
  },
  // What is deleted is absent: the skeleton keeps its places.
  deleteVertex(shape, handle) {
    const index = indexOf(shape, handle)
    return index < 0 ? null : withPoint(shape, index, NOWHERE)
  },
  cycleVertex(shape, handle) {
    const index = indexOf(shape, handle)
    const point = shape.points[index]
    return point === undefined ? null : withPoint(shape, index, [point[0], point[1], point[2] === VISIBLE ? HIDDEN : VISIBLE])
  },
  clamp: (shape, size) => mapThere(shape, (at) => roundPoint(clampPoint(at, size))),
  isWorthKeeping: ({ points }) => points.some(isThere),
  describe({ points }) {
    const there = points.filter(isThere)
    const hidden = there.filter(([, , seen]) => seen === HIDDEN).length
    const { left, top } = boundsOfThere({ type: 'keypoints', points })
    return `skeleton, ${there.length} of ${points.length} points${hidden > 0 ? `, ${hidden} hidden` : ''}, ${round(left)} from the left and ${round(top)} from the top`
  },
  fields: ({ points }, skeleton): Field[] =>
    points.map((point, i) => ({ key: `${i}`, name: skeleton?.points[i]?.name ?? `Point ${i + 1}`, value: point[2], options: WAYS })),
  /** A point that was absent comes to be in the middle of the others. */
  withField(shape, key, value) {
    const [index, seen] = [Number(key), value as Seen]
    const point = shape.points[index]
    if (point === undefined) return shape
    if (seen === ABSENT) return withPoint(shape, index, NOWHERE)
    if (isThere(point)) return withPoint(shape, index, [point[0], point[1], seen])
    const { left, top, right, bottom } = boundsOfThere(shape)
    return withPoint(shape, index, [round((left + right) / 2), round((top + bottom) / 2), seen])
  },
}
