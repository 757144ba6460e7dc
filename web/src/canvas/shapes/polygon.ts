import { POINTS_MAX, POINTS_MIN } from '../limits'
import { type Point, add, boundsOf, clampPoint, distance, middle, round, roundPoint, samePoint, spreadPoint } from '../kernels/geometry'
import { area } from '../kernels/polygon'
import { isPoints } from './parse'
import type { Handle, ShapeUtil } from './util'

export interface Polygon {
  readonly type: 'polygon'
  readonly points: readonly Point[]
  /** What is cut out of it (A10). Absent where there are none, so that it goes out as it came in. */
  readonly holes?: readonly (readonly Point[])[]
}

type Rings = readonly (readonly Point[])[]

export const ringsOf = ({ points, holes }: Polygon): Rings => [points, ...(holes ?? [])]

export const fromRings = ([points = [], ...holes]: Rings): Polygon =>
  holes.length > 0 ? { type: 'polygon', points, holes } : { type: 'polygon', points }

const mapPoints = (shape: Polygon, how: (point: Point) => Point): Polygon => fromRings(ringsOf(shape).map((ring) => ring.map(how)))

/** The ring and the place in it of the vertex that has this number when all are counted through. */
function find(rings: Rings, vertex: number): readonly [ring: number, at: number] | null {
  let at = vertex
  for (const [ring, { length }] of rings.entries()) {
    if (at < length) return [ring, at]
    at -= length
  }
  return null
}

const countOf = (rings: Rings): number => rings.reduce((sum, { length }) => sum + length, 0)

function changeRing(shape: Polygon, vertex: number, how: (ring: readonly Point[], at: number) => readonly Point[]): Polygon {
  const rings = ringsOf(shape)
  const found = find(rings, vertex)
  if (found === null) return shape
  const [ring, at] = found
  // A hole of which less than a triangle is left is closed.
  return fromRings(rings.with(ring, how(rings[ring] ?? [], at)).filter(({ length }, i) => i === 0 || length >= POINTS_MIN))
}

/** Handles are the vertices, ring after ring, and after them the midpoints of the edges that begin at each. */
export const polygon: ShapeUtil<Polygon> = {
  name: 'Polygon',
  parse({ type, points, holes, ...rest }) {
    if (type !== 'polygon' || !isPoints(points) || Object.keys(rest).length > 0) return null
    if (holes === undefined) return { type, points }
    return Array.isArray(holes) && holes.every(isPoints) ? { type, points, holes } : null
  },
  paths: (shape) => ringsOf(shape).map((points) => ({ closed: true, points })),
  bounds: ({ points }) => boundsOf(points),
  area: ({ points, holes = [] }) => area(points) - holes.reduce((sum, hole) => sum + area(hole), 0),
  translate: (shape, by) => mapPoints(shape, (point) => add(point, by)),
  stretch(shape, to) {
    const from = boundsOf(shape.points)
    return mapPoints(shape, (point) => spreadPoint(point, from, to))
  },
  handles(shape): Handle[] {
    const rings = ringsOf(shape)
    const vertices = rings.flat().map((at): Handle => ({ kind: 'vertex', at, cursor: 'move', edge: Infinity }))
    if (vertices.length >= POINTS_MAX) return vertices
    const midpoints = rings.flatMap((ring) =>
      ring.map((a, i): Handle => {
        const b = ring[(i + 1) % ring.length] ?? a
        return { kind: 'midpoint', at: middle(a, b), cursor: 'copy', edge: distance(a, b) }
      }),
    )
    return [...vertices, ...midpoints]
  },
  moveHandle(shape, handle, to) {
    const count = countOf(ringsOf(shape))
    if (handle >= count) return changeRing(shape, handle - count, (ring, at) => ring.toSpliced(at + 1, 0, to))
    return changeRing(shape, handle, (ring, at) => ring.with(at, to))
  },
  insertVertex(shape, edge, to) {
    const count = countOf(ringsOf(shape))
    if (edge >= count || count >= POINTS_MAX) return null
    return changeRing(shape, edge, (ring, at) => ring.toSpliced(at + 1, 0, to))
  },
  deleteVertex(shape, handle) {
    const found = find(ringsOf(shape), handle)
    if (found === null || (found[0] === 0 && shape.points.length <= POINTS_MIN)) return null
    return changeRing(shape, handle, (ring, at) => ring.toSpliced(at, 1))
  },
  clamp: (shape, size) => mapPoints(shape, (point) => roundPoint(clampPoint(point, size))),
  isWorthKeeping(shape) {
    const rings = ringsOf(shape)
    return rings.every(({ length }) => length >= POINTS_MIN) && countOf(rings) <= POINTS_MAX && polygon.area(shape) >= 1
  },
  describe(shape) {
    const { left, top, right, bottom } = boundsOf(shape.points)
    const holes = shape.holes?.length ?? 0
    const cut = holes === 0 ? '' : holes === 1 ? ' with a hole' : ` with ${holes} holes`
    const size = `${round(right - left)} by ${round(bottom - top)} pixels`
    return `polygon of ${shape.points.length} points${cut}, ${size}, ${round(left)} from the left and ${round(top)} from the top`
  },
}

/** The same outline without points that lie where the one before them lies. */
export const withoutRepeats = (points: readonly Point[]): Point[] =>
  points.filter((point, i) => {
    const before = points[i === 0 ? points.length - 1 : i - 1]
    return points.length === 1 || before === undefined || !samePoint(point, before)
  })
