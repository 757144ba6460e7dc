// A kernel: data in, data out. Places in space, how frames lie to each other, and what a camera sees of them.

import { type Lens, bent, straightened } from './lens'

export type Place = readonly [x: number, y: number, z: number]
/** A rotation as a quaternion of length 1. */
export type Rotation = readonly [w: number, x: number, y: number, z: number]
export type Rows = readonly [Place, Place, Place]

/** What takes a place of its own frame to the one around it. */
export interface Pose {
  readonly translation: Place
  readonly rotation: Rotation
}

/** A camera looks along z; x is right, y down. `intrinsic` takes what is before it, as its lens bends it, to pixels. */
export interface Camera {
  readonly width: number
  readonly height: number
  readonly intrinsic: Rows
  /** None: straight lines are straight. */
  readonly distortion?: Lens | null
  /** The camera in the world. */
  readonly pose: Pose
}

/** A box in the world: metres. */
export interface Solid {
  readonly centre: Place
  /** Length, width, height: along x, y and z of the box itself. */
  readonly size: Place
  readonly rotation: Rotation
}

export const plus = (a: Place, b: Place): Place => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
export const minus = (a: Place, b: Place): Place => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
export const times = (a: Place, by: number): Place => [a[0] * by, a[1] * by, a[2] * by]
export const dot = (a: Place, b: Place): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
export const cross = (a: Place, b: Place): Place => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
export const lengthOf = (a: Place): number => Math.hypot(a[0], a[1], a[2])
export const unit = (a: Place): Place => times(a, 1 / (lengthOf(a) || 1))

export const aboutZ = (angle: number): Rotation => [Math.cos(angle / 2), 0, 0, Math.sin(angle / 2)]

export const composed = ([a, b, c, d]: Rotation, [e, f, g, h]: Rotation): Rotation => [
  a * e - b * f - c * g - d * h,
  a * f + b * e + c * h - d * g,
  a * g - b * h + c * e + d * f,
  a * h + b * g - c * f + d * e,
]

export const reversed = ([w, x, y, z]: Rotation): Rotation => [w, -x, -y, -z]

export function turned([w, x, y, z]: Rotation, [a, b, c]: Place): Place {
  const [d, e, f] = [2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)]
  return [a + w * d + y * f - z * e, b + w * e + z * d - x * f, c + w * f + x * e - y * d]
}

/** Where something looks along the ground, from x towards y. */
export const headingOf = ([w, x, y, z]: Rotation): number => Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))

/** The same direction, from −π to π. */
export function withinATurn(angle: number): number {
  const within = angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI))
  return Math.min(Math.PI, Math.max(-Math.PI, within))
}

export const toWorld = ({ translation, rotation }: Pose, place: Place): Place => plus(turned(rotation, place), translation)
export const fromWorld = ({ translation, rotation }: Pose, place: Place): Place => turned(reversed(rotation), minus(place, translation))

/** The rotation on the way from one to another, the shorter way round (Shoemake 1985). */
export function between(a: Rotation, b: Rotation, share: number): Rotation {
  let cos = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]
  const sign = cos < 0 ? -1 : 1
  cos = Math.min(1, cos * sign)
  const angle = Math.acos(cos)
  const sin = Math.sin(angle)
  const [from, to] = sin > 1e-6 ? [Math.sin((1 - share) * angle) / sin, Math.sin(share * angle) / sin] : [1 - share, share]
  const mixed = a.map((part, i) => from * part + to * sign * (b[i] as number)) as [number, number, number, number]
  const length = Math.hypot(...mixed)
  return mixed.map((part) => part / length) as unknown as Rotation
}

/** Those in front first, each four from the top left around: +y +z, −y +z, −y −z, +y −z. */
export function cornersOf({ centre, size, rotation }: Solid): Place[] {
  const [l, w, h] = times(size, 0.5)
  const around = [[w, h], [-w, h], [-w, -h], [w, -h]] as const
  return Array.from({ length: 8 }, (_, i) => {
    const [y, z] = around[i % 4] as readonly [number, number]
    return plus(centre, turned(rotation, [i < 4 ? l : -l, y, z]))
  })
}

/** The edges of a box by its corners: the front, the back, and what joins them. */
export const EDGES: readonly (readonly [from: number, to: number])[] = [0, 1, 2, 3].flatMap((i) => {
  const next = (i + 1) % 4
  return [[i, next], [i + 4, next + 4], [i, i + 4]] as const
})

/** The place in the box's own frame. */
export const inside = ({ centre, rotation }: Pick<Solid, 'centre' | 'rotation'>, place: Place): Place =>
  turned(reversed(rotation), minus(place, centre))

/** Metres: what is nearer than this is behind the lens. */
const NEAR = 0.1

type Pixel = readonly [number, number]

/** The pixel of what stands before a camera, in its own frame; null where the camera does not see there. */
function pixelOf({ intrinsic, distortion }: Camera, before: Place): Pixel | null {
  if (!distortion) {
    if (before[2] < NEAR) return null
    const [u, v, w] = intrinsic.map((row) => dot(row, before)) as [number, number, number]
    return [u / w, v / w]
  }
  const flat = bent(distortion, before)
  if (flat === null) return null
  const [[fx, skew, cx], [, fy, cy]] = intrinsic
  return [fx * flat[0] + skew * flat[1] + cx, fy * flat[1] + cy]
}

/** Where a place of the world is in a picture; null where it is behind the camera, or beyond what its lens sees. */
export const project = (camera: Camera, place: Place): Pixel | null => pixelOf(camera, fromWorld(camera.pose, place))

type Line = readonly [Pixel, Pixel]

/** Pieces of an edge under a lens that bends it. */
const PIECES = 24

/** The edges of a box as a camera sees them, cut off at its lens; those that are wholly behind it are left out. Where the lens bends them they come in pieces. */
export function edgesInPicture(camera: Camera, solid: Solid): Line[] {
  const corners = cornersOf(solid).map((corner) => fromWorld(camera.pose, corner))
  return EDGES.flatMap(([from, to]): Line[] => {
    const [a, b] = [corners[from] as Place, corners[to] as Place]
    const line = camera.distortion?.model === 'kannala_brandt' ? ([a, b] as const) : cutAtLens(a, b)
    if (line === null) return []
    const count = camera.distortion ? PIECES : 1
    const way = minus(line[1], line[0])
    const pixels = Array.from({ length: count + 1 }, (_, n) => pixelOf(camera, n === count ? line[1] : plus(line[0], times(way, n / count))))
    return pixels.slice(1).flatMap((pixel, n): Line[] => {
      const before = pixels[n]
      return pixel === null || before === null || before === undefined ? [] : [[before, pixel]]
    })
  })
}

function cutAtLens(a: Place, b: Place): readonly [Place, Place] | null {
  if (a[2] < NEAR && b[2] < NEAR) return null
  const cut = (behind: Place, before: Place): Place =>
    plus(behind, times(minus(before, behind), (NEAR + 1e-9 - behind[2]) / (before[2] - behind[2])))
  return [a[2] < NEAR ? cut(a, b) : a, b[2] < NEAR ? cut(b, a) : b]
}

/** The upright rectangle around a box in a picture, as far as it lies in it; null where it does not. */
export function aroundInPicture(camera: Camera, solid: Solid): { left: number; top: number; right: number; bottom: number } | null {
  const points = edgesInPicture(camera, solid).flat()
  if (points.length === 0) return null
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
  const left = Math.max(0, Math.min(...xs))
  const top = Math.max(0, Math.min(...ys))
  const right = Math.min(camera.width, Math.max(...xs))
  const bottom = Math.min(camera.height, Math.max(...ys))
  return right > left && bottom > top ? { left, top, right, bottom } : null
}

/** A half line of the world. */
export interface Ray {
  readonly from: Place
  /** Of length 1. */
  readonly along: Place
}

/** What a pixel of a picture may show: the half line from the camera through it. */
export function rayOf({ intrinsic: [[fx, skew, cx], [, fy, cy]], distortion, pose }: Camera, [u, v]: Pixel): Ray {
  const y = (v - cy) / fy
  const x = (u - cx - skew * y) / fx
  return { from: pose.translation, along: unit(turned(pose.rotation, distortion ? straightened(distortion, [x, y]) : [x, y, 1])) }
}

/** How far along a ray a box begins; null where it passes it by. */
export function hitOf({ from, along }: Ray, solid: Solid): number | null {
  const [origin, way] = [inside(solid, from), turned(reversed(solid.rotation), along)]
  let [near, far] = [0, Infinity]
  for (const axis of [0, 1, 2] as const) {
    const half = solid.size[axis] / 2
    if (Math.abs(way[axis]) < 1e-12) {
      if (Math.abs(origin[axis]) > half) return null
      continue
    }
    const [a, b] = [(-half - origin[axis]) / way[axis], (half - origin[axis]) / way[axis]]
    near = Math.max(near, Math.min(a, b))
    far = Math.min(far, Math.max(a, b))
  }
  return near <= far ? near : null
}

/** Where a ray meets the level at a height; null where it never does. */
export function onLevel({ from, along }: Ray, height: number): Place | null {
  const far = (height - from[2]) / along[2]
  return Number.isFinite(far) && far > 0 ? plus(from, times(along, far)) : null
}

/** The room that two upright boxes share, of the room that both take: their leaning is not looked at. */
export function roomShared(a: Solid, b: Solid): number {
  const ground = areaShared(footprint(a), footprint(b))
  const [low, high] = [Math.max(a.centre[2] - a.size[2] / 2, b.centre[2] - b.size[2] / 2), Math.min(a.centre[2] + a.size[2] / 2, b.centre[2] + b.size[2] / 2)]
  const both = ground * Math.max(0, high - low)
  const either = a.size[0] * a.size[1] * a.size[2] + b.size[0] * b.size[1] * b.size[2] - both
  return either <= 0 ? 0 : both / either
}

type Flat = readonly [number, number]

/** The corners on the ground, against the clock as seen from above. */
export function footprint({ centre: [x, y], size: [length, width], rotation }: Solid): Flat[] {
  const yaw = headingOf(rotation)
  const [cos, sin, l, w] = [Math.cos(yaw), Math.sin(yaw), length / 2, width / 2]
  return ([[-l, -w], [l, -w], [l, w], [-l, w]] as const).map(([a, b]) => [x + a * cos - b * sin, y + a * sin + b * cos])
}

/** Sutherland and Hodgman (1974), for outlines without dents. */
function areaShared(a: readonly Flat[], b: readonly Flat[]): number {
  let left = a
  for (const [i, from] of b.entries()) {
    const to = b[(i + 1) % b.length] as Flat
    const side = ([x, y]: Flat) => (to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0])
    const kept: Flat[] = []
    for (const [j, here] of left.entries()) {
      const before = left[(j + left.length - 1) % left.length] as Flat
      const [s, t] = [side(before), side(here)]
      if (s >= 0 !== t >= 0) kept.push([before[0] + ((here[0] - before[0]) * s) / (s - t), before[1] + ((here[1] - before[1]) * s) / (s - t)])
      if (t >= 0) kept.push(here)
    }
    left = kept
  }
  const twice = left.reduce((sum, [x, y], i) => {
    const [u, v] = left[(i + 1) % left.length] as Flat
    return sum + x * v - u * y
  }, 0)
  return Math.abs(twice) / 2
}
