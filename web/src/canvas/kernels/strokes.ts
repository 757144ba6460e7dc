// A kernel: data in, data out. What a stroke over a cloud covers, wherever its points are, fetched or not (W174).

import { boundsOf, distanceToRings } from './geometry'
import { type Place, dot, lengthOf, minus } from './space'

/** A cube of the tree, in the frame that strokes are in. */
export interface Cube {
  readonly middle: Place
  /** Half its longest diagonal. */
  readonly reach: number
  readonly corners: readonly Place[]
}

export interface Stroke {
  /** Whether a part of the cube may lie in it: never no where one does. */
  touches(cube: Cube): boolean
  holds(x: number, y: number, z: number): boolean
}

export interface Ball {
  readonly centre: Place
  readonly radius: number
}

/** How the cloud is looked at while the stroke is drawn: from where, along which axes, on a screen of so many pixels. */
export interface Outlook {
  readonly eye: Place
  readonly right: Place
  readonly up: Place
  readonly ahead: Place
  readonly width: number
  readonly height: number
  /** Pixels of what is as long as it is far. */
  readonly scale: number
}

/** Metres: what is nearer than this is behind the eye. */
const NEAR = 0.1

/** What goes over a place with balls: the brush. */
export function brushed(balls: readonly Ball[]): Stroke {
  return {
    touches: ({ middle, reach }) => balls.some(({ centre, radius }) => lengthOf(minus(centre, middle)) <= radius + reach),
    holds: (x, y, z) => balls.some(({ centre: [a, b, c], radius }) => (x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2 <= radius * radius),
  }
}

/** All that is seen within a ring on the screen, near and far: the lasso. The ring is in pixels from the left top. */
export function lassoed({ eye, right, up, ahead, width, height, scale }: Outlook, ring: readonly (readonly [number, number])[]): Stroke {
  const bounds = boundsOf(ring)
  const seen = ([x, y, z]: Place): readonly [number, number] | null => {
    const way: Place = [x - eye[0], y - eye[1], z - eye[2]]
    const far = dot(way, ahead)
    return far < NEAR ? null : [width / 2 + (dot(way, right) * scale) / far, height / 2 - (dot(way, up) * scale) / far]
  }
  return {
    touches({ corners }) {
      const places = corners.map(seen)
      if (places.every((place) => place === null)) return false
      // What reaches behind the eye may be seen anywhere.
      if (places.includes(null)) return true
      const around = boundsOf(places as readonly (readonly [number, number])[])
      return around.left <= bounds.right && around.right >= bounds.left && around.top <= bounds.bottom && around.bottom >= bounds.top
    },
    holds(x, y, z) {
      const place = seen([x, y, z])
      if (place === null || place[0] < bounds.left || place[0] > bounds.right || place[1] < bounds.top || place[1] > bounds.bottom) return false
      return distanceToRings(place, [ring]) < 0
    },
  }
}

/** Numbers of points, a bit each. */
export class PointSet implements Iterable<number> {
  readonly #bits: Uint8Array
  #size = 0

  constructor(count: number) {
    this.#bits = new Uint8Array(Math.ceil(count / 8))
  }

  get size(): number {
    return this.#size
  }

  add(number: number): void {
    const [at, bit] = [number >> 3, 1 << (number & 7)]
    const byte = this.#bits[at]
    if (byte === undefined || byte & bit) return
    this.#bits[at] = byte | bit
    this.#size += 1
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const [at, byte] of this.#bits.entries()) {
      if (byte === 0) continue
      for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) yield 8 * at + bit
    }
  }
}
