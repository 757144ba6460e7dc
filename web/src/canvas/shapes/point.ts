import type { Handle, ShapeUtil } from './util'
import { clampPoint, round, roundPoint } from '../kernels/geometry'
import { hasNumbers } from './parse'

export interface PointShape {
  readonly type: 'point'
  readonly x: number
  readonly y: number
}

export const point: ShapeUtil<PointShape> = {
  name: 'Point',
  parse: (value) => (hasNumbers(value, 'point', ['x', 'y']) ? (value as unknown as PointShape) : null),
  paths: () => [],
  dots: ({ x, y }) => [{ at: [x, y], look: 'full' }],
  bounds: ({ x, y }) => ({ left: x, top: y, right: x, bottom: y }),
  area: () => 0,
  translate: ({ x, y }, by) => ({ type: 'point', x: x + by[0], y: y + by[1] }),
  // There is nothing to stretch: it would only move.
  stretch: (shape) => shape,
  handles: ({ x, y }): Handle[] => [{ kind: 'corner', at: [x, y], cursor: 'move', edge: Infinity }],
  moveHandle: (_, __, [x, y]) => ({ type: 'point', x, y }),
  clamp(shape, size) {
    const [x, y] = roundPoint(clampPoint([shape.x, shape.y], size))
    return { type: 'point', x, y }
  },
  isWorthKeeping: () => true,
  describe: ({ x, y }) => `point, ${round(x)} from the left and ${round(y)} from the top`,
  fields: ({ x, y }) => [{ key: 'x', name: 'X', value: x }, { key: 'y', name: 'Y', value: y }],
  withField: (shape, key, value) => ({ ...shape, [key]: value }),
}
