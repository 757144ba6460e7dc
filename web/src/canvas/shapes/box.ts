import { type Bounds, type Point, boundsBetween, clamp, round } from '../kernels/geometry'
import { hasNumbers } from './parse'
import type { Handle, ShapeUtil } from './util'

export interface Box {
  readonly type: 'box'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const boundsOf = ({ x, y, width, height }: Box): Bounds => ({ left: x, top: y, right: x + width, bottom: y + height })

const fromBounds = ({ left, top, right, bottom }: Bounds): Box => ({
  type: 'box',
  x: left,
  y: top,
  width: right - left,
  height: bottom - top,
})

/** The box between two corners, whichever corners they are. */
export const boxBetween = (a: Point, b: Point): Box => fromBounds(boundsBetween(a, b))

/** Clockwise from the top left: which sides each handle moves. */
const GRIPS = [
  { x: 'left', y: 'top', cursor: 'nwse-resize' },
  { x: null, y: 'top', cursor: 'ns-resize' },
  { x: 'right', y: 'top', cursor: 'nesw-resize' },
  { x: 'right', y: null, cursor: 'ew-resize' },
  { x: 'right', y: 'bottom', cursor: 'nwse-resize' },
  { x: null, y: 'bottom', cursor: 'ns-resize' },
  { x: 'left', y: 'bottom', cursor: 'nesw-resize' },
  { x: 'left', y: null, cursor: 'ew-resize' },
] as const

/** A length on the hundredth that, added to `from`, does not pass `max` by the error of a binary fraction. */
function lengthWithin(from: number, to: number, max: number): number {
  const length = round(to - from)
  return from + length > max ? round(length - 0.01) : length
}

const NUMBERS = ['x', 'y', 'width', 'height'] as const

export const box: ShapeUtil<Box> = {
  name: 'Box',
  parse: (value) => (hasNumbers(value, 'box', NUMBERS) ? (value as unknown as Box) : null),
  paths: ({ x, y, width, height }) => [
    { closed: true, points: [[x, y], [x + width, y], [x + width, y + height], [x, y + height]] },
  ],
  bounds: boundsOf,
  area: ({ width, height }) => width * height,
  translate: (shape, by) => ({ ...shape, x: shape.x + by[0], y: shape.y + by[1] }),
  stretch: (_, to) => fromBounds(to),
  handles(shape): Handle[] {
    const { left, top, right, bottom } = boundsOf(shape)
    const xs = { left, right }
    const ys = { top, bottom }
    return GRIPS.map(({ x, y, cursor }) => ({
      kind: x !== null && y !== null ? 'corner' : 'side',
      at: [x === null ? (left + right) / 2 : xs[x], y === null ? (top + bottom) / 2 : ys[y]],
      cursor,
      edge: x === null ? shape.width : y === null ? shape.height : Infinity,
    }))
  },
  moveHandle(shape, handle, to) {
    const grip = GRIPS[handle]
    if (grip === undefined) return shape
    const moved: { -readonly [K in keyof Bounds]: number } = boundsOf(shape)
    if (grip.x !== null) moved[grip.x] = to[0]
    if (grip.y !== null) moved[grip.y] = to[1]
    // Pulled across the opposite side, a box turns over instead of turning inside out.
    return boxBetween([moved.left, moved.top], [moved.right, moved.bottom])
  },
  clamp(shape, size) {
    const { left, top, right, bottom } = boundsOf(shape)
    const x = round(clamp(left, 0, size.width))
    const y = round(clamp(top, 0, size.height))
    return {
      type: 'box',
      x,
      y,
      width: lengthWithin(x, clamp(right, x, size.width), size.width),
      height: lengthWithin(y, clamp(bottom, y, size.height), size.height),
    }
  },
  isWorthKeeping: ({ width, height }) => width >= 1 && height >= 1,
  describe: ({ x, y, width, height }) =>
    `box, ${round(width)} by ${round(height)} pixels, ${round(x)} from the left and ${round(y)} from the top`,
  fields: (shape) => NUMBERS.map((key) => ({ key, name: { x: 'X', y: 'Y', width: 'Width', height: 'Height' }[key], value: shape[key] })),
  withField: (shape, key, value) => ({ ...shape, [key]: value }),
}
