import { type Point, add, boundsOf, clamp, clampPoint, distance, middle, round, roundDegrees, roundPoint, scale, sinCos, sub, turnPoint } from '../kernels/geometry'
import { hasNumbers } from './parse'
import type { Field, Handle, ShapeUtil } from './util'

/** A box about a centre, turned clockwise. It may stick out of the image; its centre may not (A9). */
export interface Turned {
  readonly type: 'turned'
  readonly cx: number
  readonly cy: number
  readonly width: number
  readonly height: number
  readonly degrees: number
}

const NUMBERS = ['cx', 'cy', 'width', 'height', 'degrees'] as const
const NAMES = { cx: 'Centre X', cy: 'Centre Y', width: 'Width', height: 'Height', degrees: 'Degrees' }

const centreOf = ({ cx, cy }: { readonly cx: number; readonly cy: number }): Point => [cx, cy]

/** In the box's own directions: from the centre, -1 to 1. Clockwise from the top left; the last turns it. */
const GRIPS: readonly Point[] = [[-1, -1], [0, -1], [1, -1], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0]]
export const TURN_HANDLE = GRIPS.length
const CURSORS = ['nwse-resize', 'ns-resize', 'nesw-resize', 'ew-resize'] as const

const place = (shape: Turned, [x, y]: Point): Point =>
  turnPoint([shape.cx + (x * shape.width) / 2, shape.cy + (y * shape.height) / 2], shape.degrees, centreOf(shape))

const cornersOf = (shape: Turned): Point[] => GRIPS.filter((_, i) => i % 2 === 0).map((grip) => place(shape, grip))

/** The handle that turns a shape stands off the middle of its top side. */
export const turnHandle = (at: Point, degrees: number): Handle => ({ kind: 'turn', at, cursor: 'grab', edge: Infinity, off: turnPoint([0, -1], degrees, [0, 0]) })

/** The box with one side from a to b and the opposite one through c. */
export function turnedFrom(a: Point, b: Point, c: Point): Turned {
  const degrees = (Math.atan2(b[1] - a[1], b[0] - a[0]) * 180) / Math.PI
  const [sin, cos] = sinCos(degrees)
  const away = sub(c, a)
  const height = away[1] * cos - away[0] * sin
  const centre = add(middle(a, b), scale([-sin, cos], height / 2))
  return { type: 'turned', cx: centre[0], cy: centre[1], width: distance(a, b), height: Math.abs(height), degrees: roundDegrees(degrees) }
}

/** What is turned about a centre, on the image, and no longer than its diagonal. */
export const clampTurned = (size: { readonly width: number; readonly height: number }) => {
  const diagonal = Math.floor(Math.hypot(size.width, size.height) * 100) / 100
  return {
    centre: (at: Point): Point => roundPoint(clampPoint(at, size)),
    side: (length: number, times = 1): number => round(clamp(length, 0, Math.floor((diagonal * 100) / times) / 100)),
  }
}

export const turned: ShapeUtil<Turned> = {
  name: 'Turned box',
  parse: (value) => (hasNumbers(value, 'turned', NUMBERS) ? (value as unknown as Turned) : null),
  paths: (shape) => [{ closed: true, points: cornersOf(shape) }],
  bounds: (shape) => boundsOf(cornersOf(shape)),
  area: ({ width, height }) => width * height,
  translate: (shape, by) => ({ ...shape, cx: shape.cx + by[0], cy: shape.cy + by[1] }),
  // Its own sides grow by what the bounds grow by, along the direction that each lies nearest to.
  stretch(shape, to) {
    const from = boundsOf(cornersOf(shape))
    const [wide, high] = [to.right - to.left - (from.right - from.left), to.bottom - to.top - (from.bottom - from.top)]
    const isUpright = Math.abs(sinCos(shape.degrees)[1]) >= Math.SQRT1_2
    const grown = { ...shape, width: shape.width + (isUpright ? wide : high), height: shape.height + (isUpright ? high : wide) }
    const now = boundsOf(cornersOf(grown))
    return { ...grown, cx: grown.cx + to.left - now.left, cy: grown.cy + to.top - now.top }
  },
  turn: (shape, degrees) => ({ ...shape, degrees: shape.degrees + degrees }),
  handles(shape): Handle[] {
    const eighth = Math.round(shape.degrees / 45)
    const grips = GRIPS.map((grip, i): Handle => ({
      kind: i % 2 === 0 ? 'corner' : 'side',
      at: place(shape, grip),
      cursor: CURSORS[(i + eighth) % 4] ?? 'move',
      edge: i % 2 === 0 ? Infinity : i % 4 === 1 ? shape.width : shape.height,
    }))
    return [...grips, turnHandle(place(shape, [0, -1]), shape.degrees)]
  },
  moveHandle(shape, handle, to) {
    const centre = centreOf(shape)
    if (handle === TURN_HANDLE) {
      const [x, y] = sub(to, centre)
      return { ...shape, degrees: (Math.atan2(x, -y) * 180) / Math.PI }
    }
    const grip = GRIPS[handle]
    if (grip === undefined) return shape
    // The opposite corner or side stays; in the box's own directions it is a box like any other.
    const fixed = place(shape, [-grip[0], -grip[1]])
    const [dx, dy] = turnPoint(sub(to, fixed), -shape.degrees, [0, 0])
    const width = grip[0] === 0 ? shape.width : Math.abs(dx)
    const height = grip[1] === 0 ? shape.height : Math.abs(dy)
    const half = turnPoint([grip[0] === 0 ? 0 : dx / 2, grip[1] === 0 ? 0 : dy / 2], shape.degrees, [0, 0])
    const [cx, cy] = add(fixed, half)
    return { ...shape, cx, cy, width, height }
  },
  clamp(shape, size) {
    const { centre, side } = clampTurned(size)
    const [cx, cy] = centre(centreOf(shape))
    return { type: 'turned', cx, cy, width: side(shape.width), height: side(shape.height), degrees: roundDegrees(shape.degrees) }
  },
  isWorthKeeping: ({ width, height }) => width >= 1 && height >= 1,
  describe: ({ cx, cy, width, height, degrees }) =>
    `turned box, ${round(width)} by ${round(height)} pixels, turned by ${round(degrees)} degrees, its centre ${round(cx)} from the left and ${round(cy)} from the top`,
  fields: (shape): Field[] => NUMBERS.map((key) => ({ key, name: NAMES[key], value: shape[key] })),
  withField: (shape, key, value) => ({ ...shape, [key]: value }),
}
