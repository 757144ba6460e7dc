import { type Bounds, type Point, distanceToOutline } from './kernels/geometry'
import { type Box, box } from './shapes/box'
import { type Polygon, polygon } from './shapes/polygon'
import type { ShapeUtil } from './shapes/util'

export type { Box, Polygon }
export type Shape = Box | Polygon

// A new kind of shape does not compile until it has its util.
const utils: { readonly [K in Shape['type']]: ShapeUtil<Extract<Shape, { type: K }>> } = { box, polygon }

export function util<S extends Shape>(shape: S): ShapeUtil<S> {
  return utils[shape.type] as unknown as ShapeUtil<S>
}

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The shape in a JSON value, or null when it is of no kind that this editor can draw. */
export function parseShape(value: unknown): Shape | null {
  if (!isRecord(value)) return null
  for (const kind of Object.values(utils)) {
    const shape = kind.parse(value)
    if (shape !== null) return shape
  }
  return null
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

export const distanceTo = (shape: Shape, point: Point): number => distanceToOutline(point, util(shape).outline(shape))
