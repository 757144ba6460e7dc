/**
 * How a cloud is looked at: from a distance, round a place. Pure: places are those of the world less the origin of the
 * view, z is up.
 */
import { type Place, type Ray, cross, minus, plus, times, unit } from '../../../canvas/kernels/space'

export interface Orbit {
  readonly target: Place
  readonly distance: number
  /** Radians from x towards y: from where it is looked. */
  readonly azimuth: number
  /** Radians above the ground. */
  readonly elevation: number
}

/** Radians: how the picture is opened from top to bottom. */
export const OPENING = Math.PI / 4
export const DISTANCE_MIN = 0.5
export const DISTANCE_MAX = 50_000
const STEEP = Math.PI / 2 - 0.001

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))

export const eyeOf = ({ target, distance, azimuth, elevation }: Orbit): Place =>
  plus(target, times([Math.cos(elevation) * Math.cos(azimuth), Math.cos(elevation) * Math.sin(azimuth), Math.sin(elevation)], distance))

export const turnedBy = (orbit: Orbit, across: number, up: number): Orbit => ({
  ...orbit,
  azimuth: orbit.azimuth + across,
  elevation: clamp(orbit.elevation + up, -0.2, STEEP),
})

export const zoomedBy = (orbit: Orbit, factor: number): Orbit => ({ ...orbit, distance: clamp(orbit.distance * factor, DISTANCE_MIN, DISTANCE_MAX) })

/** Right, up and ahead as seen. */
export function axesOf(orbit: Orbit): readonly [right: Place, up: Place, ahead: Place] {
  const ahead = unit(minus(orbit.target, eyeOf(orbit)))
  const right = unit(cross(ahead, [0, 0, 1]))
  return [right, cross(right, ahead), ahead]
}

/** Metres of a pixel at the target. */
export const metresOfPixel = ({ distance }: Orbit, height: number): number => (2 * distance * Math.tan(OPENING / 2)) / Math.max(1, height)

/** Moves the ground under the hand by so many pixels. */
export function pannedBy(orbit: Orbit, x: number, y: number, height: number): Orbit {
  const [right, up] = axesOf(orbit)
  const metres = metresOfPixel(orbit, height)
  // Along the ground, unless it is looked along it.
  const flat = unit([up[0], up[1], Math.abs(up[2]) > 0.95 ? up[2] : 0])
  return { ...orbit, target: plus(orbit.target, plus(times(right, -x * metres), times(flat, y * metres))) }
}

/** The half line through a place of the screen, measured from its middle in halves of its height, up positive. */
export function rayThrough(orbit: Orbit, x: number, y: number): Ray {
  const [right, up, ahead] = axesOf(orbit)
  const wide = Math.tan(OPENING / 2)
  return { from: eyeOf(orbit), along: unit(plus(ahead, plus(times(right, x * wide), times(up, y * wide)))) }
}

/** Keeps what the hand points at where it is while it comes nearer. */
export function zoomedAt(orbit: Orbit, factor: number, at: Place | null): Orbit {
  const next = zoomedBy(orbit, factor)
  if (at === null) return next
  const share = 1 - next.distance / orbit.distance
  return { ...next, target: plus(orbit.target, times(minus(at, orbit.target), share)) }
}
