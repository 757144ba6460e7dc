import { type Bounds, type Point, round, roundDegrees, sinCos, sub, turnPoint } from '../kernels/geometry'
import { hasNumbers } from './parse'
import { clampTurned, turnHandle } from './turned'
import type { Field, Handle, ShapeUtil } from './util'

/** Half axes about a centre, turned clockwise. It may stick out of the image; its centre may not (A12). */
export interface Ellipse {
  readonly type: 'ellipse'
  readonly cx: number
  readonly cy: number
  readonly rx: number
  readonly ry: number
  readonly degrees: number
}

const NUMBERS = ['cx', 'cy', 'rx', 'ry', 'degrees'] as const
const NAMES = { cx: 'Centre X', cy: 'Centre Y', rx: 'Half width', ry: 'Half height', degrees: 'Degrees' }
const CORNERS = 64

const centreOf = ({ cx, cy }: Ellipse): Point => [cx, cy]
const place = (shape: Ellipse, [x, y]: Point): Point =>
  turnPoint([shape.cx + x * shape.rx, shape.cy + y * shape.ry], shape.degrees, centreOf(shape))

/** The ends of the axes, clockwise from the top; the last turns it. */
const GRIPS: readonly Point[] = [[0, -1], [1, 0], [0, 1], [-1, 0]]
const TURN_HANDLE = GRIPS.length

const ROUND: readonly Point[] = Array.from({ length: CORNERS }, (_, i) => {
  const [sin, cos] = sinCos((i * 360) / CORNERS)
  return [cos, sin]
})

function boundsOf({ cx, cy, rx, ry, degrees }: Ellipse): Bounds {
  const [sin, cos] = sinCos(degrees)
  const [wide, high] = [Math.hypot(rx * cos, ry * sin), Math.hypot(rx * sin, ry * cos)]
  return { left: cx - wide, top: cy - high, right: cx + wide, bottom: cy + high }
}

export const ellipseWithin = ({ left, top, right, bottom }: Bounds): Ellipse => ({
  type: 'ellipse',
  cx: (left + right) / 2,
  cy: (top + bottom) / 2,
  rx: (right - left) / 2,
  ry: (bottom - top) / 2,
  degrees: 0,
})

export const ellipse: ShapeUtil<Ellipse> = {
  name: 'Ellipse',
  parse: (value) => (hasNumbers(value, 'ellipse', NUMBERS) ? (value as unknown as Ellipse) : null),
  paths: (shape) => [{ closed: true, points: ROUND.map((at) => place(shape, at)) }],
  bounds: boundsOf,
  area: ({ rx, ry }) => Math.PI * rx * ry,
  translate: (shape, by) => ({ ...shape, cx: shape.cx + by[0], cy: shape.cy + by[1] }),
  stretch(shape, to) {
    const from = boundsOf(shape)
    const [wide, high] = [(to.right - to.left - (from.right - from.left)) / 2, (to.bottom - to.top - (from.bottom - from.top)) / 2]
    const isUpright = Math.abs(sinCos(shape.degrees)[1]) >= Math.SQRT1_2
    const grown = { ...shape, rx: shape.rx + (isUpright ? wide : high), ry: shape.ry + (isUpright ? high : wide) }
    const now = boundsOf(grown)
    return { ...grown, cx: grown.cx + to.left - now.left, cy: grown.cy + to.top - now.top }
  },
  turn: (shape, degrees) => ({ ...shape, degrees: shape.degrees + degrees }),
  handles(shape): Handle[] {
    const eighth = Math.round(shape.degrees / 90)
    const ends = GRIPS.map((grip, i): Handle => ({
      kind: 'side',
      at: place(shape, grip),
      cursor: (i + eighth) % 2 === 0 ? 'ns-resize' : 'ew-resize',
      edge: Infinity,
    }))
    return [...ends, turnHandle(place(shape, [0, -1]), shape.degrees)]
  },
  moveHandle(shape, handle, to) {
    const [x, y] = sub(to, centreOf(shape))
    if (handle === TURN_HANDLE) return { ...shape, degrees: (Math.atan2(x, -y) * 180) / Math.PI }
    const grip = GRIPS[handle]
    if (grip === undefined) return shape
    const [dx, dy] = turnPoint([x, y], -shape.degrees, [0, 0])
    return grip[0] === 0 ? { ...shape, ry: Math.abs(dy) } : { ...shape, rx: Math.abs(dx) }
  },
  clamp(shape, size) {
    const { centre, side } = clampTurned(size)
    const [cx, cy] = centre(centreOf(shape))
    return { type: 'ellipse', cx, cy, rx: side(shape.rx, 2), ry: side(shape.ry, 2), degrees: roundDegrees(shape.degrees) }
  },
  isWorthKeeping: ({ rx, ry }) => rx >= 0.5 && ry >= 0.5,
  describe: ({ cx, cy, rx, ry, degrees }) =>
    `ellipse, ${round(2 * rx)} by ${round(2 * ry)} pixels, turned by ${round(degrees)} degrees, its centre ${round(cx)} from the left and ${round(cy)} from the top`,
  fields: (shape): Field[] => NUMBERS.map((key) => ({ key, name: NAMES[key], value: shape[key] })),
  withField: (shape, key, value) => ({ ...shape, [key]: value }),
}
