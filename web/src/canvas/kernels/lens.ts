// A kernel: data in, data out. How lenses bend what a pinhole would keep straight (W129), by the models and the numbers of OpenCV.

import type { Place } from './space'

/**
 * `brown_conrady`: k1, k2, p1, p2 and, where there are more, k3, and k4, k5, k6 (Brown 1966; the rational form is OpenCV's).
 * `kannala_brandt`: k1 to k4 of the angle, for fisheyes (Kannala and Brandt 2006).
 */
export interface Lens {
  readonly model: 'brown_conrady' | 'kannala_brandt'
  readonly coefficients: readonly number[]
}

type Flat = readonly [x: number, y: number]

/** Radians, or the tangent of them: what is scanned for the place at which a lens folds the picture over, and how finely. */
const SCAN = { kannala_brandt: { far: Math.PI, step: Math.PI / 720 }, brown_conrady: { far: 8, step: 1 / 256 } } as const
/** Metres: what is nearer than this before a lens that sees ahead alone is behind it. */
const NEAR = 0.1

const at = ({ coefficients }: Lens, i: number): number => coefficients[i] ?? 0

/** How far from the middle the lens puts what a pinhole has at the distance `r` (of a fisheye: what is seen at the angle `r`). */
function radial(lens: Lens, r: number): number {
  const r2 = r * r
  if (lens.model === 'kannala_brandt') return r * (1 + r2 * (at(lens, 0) + r2 * (at(lens, 1) + r2 * (at(lens, 2) + r2 * at(lens, 3)))))
  const above = 1 + r2 * (at(lens, 0) + r2 * (at(lens, 1) + r2 * at(lens, 4)))
  const below = 1 + r2 * (at(lens, 5) + r2 * (at(lens, 6) + r2 * at(lens, 7)))
  return below > 0 ? (r * above) / below : -Infinity
}

const reaches = new WeakMap<Lens, number>()

/** How far out a lens is what was measured: beyond, its polynomial turns back and would show things where they are not. */
function reachOf(lens: Lens): number {
  const known = reaches.get(lens)
  if (known !== undefined) return known
  const { far, step } = SCAN[lens.model]
  let reach = 0
  for (let before = 0; reach + step <= far; reach += step) {
    const next = radial(lens, reach + step)
    if (next <= before) break
    before = next
  }
  reaches.set(lens, reach)
  return reach
}

const dotted = (lens: Lens, [x, y]: Flat): Flat => {
  const r2 = x * x + y * y
  const r = Math.sqrt(r2)
  const share = r > 0 ? radial(lens, r) / r : 1
  const [p1, p2] = [at(lens, 2), at(lens, 3)]
  return [x * share + 2 * p1 * x * y + p2 * (r2 + 2 * x * x), y * share + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y]
}

/** Where a lens draws what stands there before the camera, a metre behind its middle; null where it does not see it. */
export function bent(lens: Lens, [x, y, z]: Place): Flat | null {
  if (lens.model === 'kannala_brandt') {
    const wide = Math.hypot(x, y)
    const angle = Math.atan2(wide, z)
    if (angle > reachOf(lens) || (wide === 0 && z <= 0)) return null
    const share = wide === 0 ? 0 : radial(lens, angle) / wide
    return [x * share, y * share]
  }
  if (z < NEAR) return null
  const flat: Flat = [x / z, y / z]
  return Math.hypot(...flat) > reachOf(lens) ? null : dotted(lens, flat)
}

/** What `radial` makes into this; the most that it can where it makes nothing into it. */
function unradial(lens: Lens, wanted: number): number {
  let [low, high] = [0, reachOf(lens)]
  if (radial(lens, high) <= wanted) return high
  for (let n = 0; n < 60; n += 1) {
    const middle = (low + high) / 2
    if (radial(lens, middle) < wanted) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The direction, before the camera, of what a lens draws there: the reverse of `bent`. */
export function straightened(lens: Lens, [u, v]: Flat): Place {
  const far = Math.hypot(u, v)
  if (far === 0) return [0, 0, 1]
  const r = unradial(lens, far)
  if (lens.model === 'kannala_brandt') return [(u / far) * Math.sin(r), (v / far) * Math.sin(r), Math.cos(r)]
  let [x, y] = [(u / far) * r, (v / far) * r]
  if (r >= reachOf(lens)) return [x, y, 1]
  // Newton, from where a lens without a tilt would have it: a tilt is small.
  for (let n = 0; n < 12; n += 1) {
    const [a, b] = dotted(lens, [x, y])
    const [dx, dy] = [u - a, v - b]
    if (Math.hypot(dx, dy) < 1e-13) break
    const h = 1e-6
    const [[ax, bx], [ay, by]] = [dotted(lens, [x + h, y]), dotted(lens, [x, y + h])]
    const [p, q, s, t] = [(ax - a) / h, (ay - a) / h, (bx - b) / h, (by - b) / h]
    const area = p * t - q * s
    if (Math.abs(area) < 1e-9) break
    x += (dx * t - dy * q) / area
    y += (dy * p - dx * s) / area
  }
  return [x, y, 1]
}
