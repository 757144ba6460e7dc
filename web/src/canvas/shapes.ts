import { type Bounds, type Point, distance, distanceToLine, distanceToRings } from './kernels/geometry'
import { box } from './shapes/box'
import { cuboid3d } from './shapes/cuboid3d'
import { ellipse } from './shapes/ellipse'
import { keypoints } from './shapes/keypoints'
import { line } from './shapes/line'
import { mask } from './shapes/mask'
import { point } from './shapes/point'
import { points3d } from './shapes/points3d'
import { polygon } from './shapes/polygon'
import { solid } from './shapes/solid'
import { span } from './shapes/span'
import { turned } from './shapes/turned'
import type { ShapeUtil, Skeleton } from './shapes/util'

/** The kinds of shapes. A new one is a file and a row here; the tool that draws it, a row in `tools.ts`. */
export const kinds = { box, turned, polygon, line, point, ellipse, keypoints, mask, solid, span, cuboid3d, points3d }

export type ShapeKind = keyof typeof kinds
type ShapeIn<U> = U extends ShapeUtil<infer S> ? S : never
export type Shape = { [K in ShapeKind]: ShapeIn<(typeof kinds)[K]> }[ShapeKind]

export function util<S extends Shape>(shape: S): ShapeUtil<S> {
  return kinds[shape.type] as unknown as ShapeUtil<S>
}

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The shape in a JSON value, or null when it is of no kind that this editor can draw. */
export function parseShape(value: unknown): Shape | null {
  if (!isRecord(value) || typeof value.type !== 'string' || !Object.hasOwn(kinds, value.type)) return null
  return kinds[value.type as ShapeKind].parse(value)
}

// Asked for over and over by the picture and the index; a shape never changes, so once is enough.
const knownBounds = new WeakMap<Shape, Bounds>()

export function boundsOfShape(shape: Shape): Bounds {
  const known = knownBounds.get(shape)
  if (known !== undefined) return known
  const bounds = util(shape).bounds(shape)
  knownBounds.set(shape, bounds)
  return bounds
}

/** How far the sides of what is around two shapes are apart, at most. */
export function apart(a: Shape, b: Shape): number {
  const [x, y] = [boundsOfShape(a), boundsOfShape(b)]
  return Math.max(Math.abs(x.left - y.left), Math.abs(x.top - y.top), Math.abs(x.right - y.right), Math.abs(x.bottom - y.bottom))
}

/** To the nearest line or dot of the shape: negative inside it. */
export function distanceTo(shape: Shape, at: Point, skeleton: Skeleton | null = null): number {
  const its = util(shape)
  const paths = its.paths(shape, skeleton)
  const rings: (readonly Point[])[] = []
  let outside = Infinity
  for (const { points, closed } of paths) {
    if (closed) rings.push(points)
    else outside = Math.min(outside, distanceToLine(at, points))
  }
  for (const dot of its.dots?.(shape) ?? []) outside = Math.min(outside, distance(at, dot.at))
  const inside = distanceToRings(at, rings)
  return inside < 0 ? Math.max(inside, -outside) : Math.min(inside, outside)
}
