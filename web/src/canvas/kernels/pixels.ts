import type { Point } from './geometry'

/** The picture, or a reduced copy of it: red, green, blue and alpha of each pixel, row by row. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** Pixels of the image to one of these. */
  readonly scale: number
  readonly data: Uint8ClampedArray
}

/** The pixel that a place of the image lies in. */
export const pixelAt = ({ width, height, scale }: Pixels, [x, y]: Point): readonly [column: number, row: number] => [
  Math.min(width - 1, Math.max(0, Math.floor(x / scale))),
  Math.min(height - 1, Math.max(0, Math.floor(y / scale))),
]
