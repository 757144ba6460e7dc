/** What the points on the screen say: where the ground is, what lies in a box, what a half line meets. Places are those of the world. */
import { groundOf } from '../../../canvas/kernels/clusters'
import { type Place, type Ray, type Solid, inside, lengthOf, minus, plus, times } from '../../../canvas/kernels/space'
import type { CloudPoints } from './points'

const POINTS_TO_FIT = 5
/** Metres that are looked at around a cuboid when it is fitted to its points. */
const AROUND = 0.35
/** What stands lower above the ground belongs to it. */
const ABOVE = 0.12
/** Metres around a place in which its ground is looked for. */
const GROUND_REACH = 8

type Clouds = readonly CloudPoints[]

export function groundAt(clouds: Clouds, origin: Place, place: Place): number | null {
  const [x, y] = minus(place, origin)
  for (const { points, count } of clouds) {
    const height = groundOf(points.places, count, { x, y, reach: GROUND_REACH }).heightAt(x, y)
    if (height !== null) return height + origin[2]
  }
  return null
}

/** The points in a box and so many metres around it, along its own axes from its middle. */
export function pointsAround(clouds: Clouds, origin: Place, solid: Solid, margin: number): Float32Array {
  const centre = minus(solid.centre, origin)
  const half = plus(times(solid.size, 0.5), [margin, margin, margin])
  const reach = lengthOf(half)
  const found: number[] = []
  for (const { points: { places }, count } of clouds) {
    for (let i = 0; i < 3 * count; i += 3) {
      const [x, y, z] = [places[i] as number, places[i + 1] as number, places[i + 2] as number]
      if (Math.abs(x - centre[0]) > reach || Math.abs(y - centre[1]) > reach || Math.abs(z - centre[2]) > reach) continue
      const at = inside({ centre, rotation: solid.rotation }, [x, y, z])
      if (Math.abs(at[0]) <= half[0] && Math.abs(at[1]) <= half[1] && Math.abs(at[2]) <= half[2]) found.push(...at)
    }
  }
  return new Float32Array(found)
}

/** The room that the points in a box and a little around it take, along its own axes; null where they are too few. */
export function extentIn(clouds: Clouds, origin: Place, solid: Solid): { readonly low: Place; readonly high: Place } | null {
  const half = times(solid.size, 0.5)
  const near = pointsAround(clouds, origin, solid, AROUND)
  let [low, high]: [number[], number[]] = [[Infinity, Infinity, -half[2]], [-Infinity, -Infinity, -Infinity]]
  let count = 0
  for (let i = 0; i < near.length; i += 3) {
    const z = near[i + 2] as number
    if (z < -half[2] + ABOVE) continue
    count += 1
    for (let axis = 0; axis < 3; axis++) {
      const part = near[i + axis] as number
      if (axis < 2) low[axis] = Math.min(low[axis] as number, part)
      high[axis] = Math.max(high[axis] as number, part)
    }
  }
  if (count < POINTS_TO_FIT) return null
  // A hair of room, so that the outermost points lie in it.
  low = low.map((part, axis) => (axis < 2 ? part - 0.02 : part))
  high = high.map((part) => part + 0.02)
  return { low: low as unknown as Place, high: high as unknown as Place }
}

/** The nearest point to a half line, of those within an angle of it. */
export function pointNear(clouds: Clouds, origin: Place, ray: Ray, angle: number): Place | null {
  const from = minus(ray.from, origin)
  const slope = Math.tan(angle)
  let [best, least]: [Place | null, number] = [null, Infinity]
  for (const { points: { places }, count } of clouds) {
    for (let i = 0; i < 3 * count; i += 3) {
      const x = (places[i] as number) - from[0]
      const y = (places[i + 1] as number) - from[1]
      const z = (places[i + 2] as number) - from[2]
      const far = x * ray.along[0] + y * ray.along[1] + z * ray.along[2]
      if (far < 0.5) continue
      const aside = Math.sqrt(Math.max(0, x * x + y * y + z * z - far * far)) / far
      if (aside > slope) continue
      // The one in front, unless one behind lies much nearer to the middle.
      const cost = far * (1 + 4 * (aside / slope))
      if (cost < least) {
        least = cost
        best = [(places[i] as number), (places[i + 1] as number), (places[i + 2] as number)]
      }
    }
  }
  return best === null ? null : plus(best, origin)
}

/** All points as one list. */
export function merged(clouds: Clouds): { readonly places: Float32Array; readonly count: number } {
  const [only] = clouds
  if (clouds.length === 1 && only !== undefined) return { places: only.points.places, count: only.count }
  const count = clouds.reduce((sum, cloud) => sum + cloud.count, 0)
  const places = new Float32Array(3 * count)
  let at = 0
  for (const cloud of clouds) {
    places.set(cloud.points.places.subarray(0, 3 * cloud.count), at)
    at += 3 * cloud.count
  }
  return { places, count }
}
