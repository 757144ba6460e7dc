import type { Point, Size } from './geometry'
import { type Bits, trim } from './rle'

/** The picture, or a reduced copy of it: red, green, blue and alpha of each pixel, row by row. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** Pixels of the image to one of these. */
  readonly scale: number
  readonly data: Uint8ClampedArray
}

/** The pixel that a place of the image lies in. */
export const pixelAt = ({ width, height, scale }: Omit<Pixels, 'data'>, [x, y]: Point): readonly [column: number, row: number] => [
  Math.min(width - 1, Math.max(0, Math.floor(x / scale))),
  Math.min(height - 1, Math.max(0, Math.floor(y / scale))),
]

/** The same area in pixels of the image, each of the colour of the reduced pixel that its middle lies in. */
export function enlarge(bits: Bits, scale: number, image: Size): Bits {
  if (scale === 1) return bits
  const [left, top] = [Math.floor(bits.left * scale), Math.floor(bits.top * scale)]
  const width = Math.min(image.width, Math.ceil((bits.left + bits.width) * scale)) - left
  const height = Math.min(image.height, Math.ceil((bits.top + bits.height) * scale)) - top
  const pixels = new Uint8Array(width * height)
  for (let y = 0, p = 0; y < height; y++) {
    const row = Math.floor((top + y + 0.5) / scale) - bits.top
    for (let x = 0; x < width; x++, p++) {
      const column = Math.floor((left + x + 0.5) / scale) - bits.left
      if (row >= 0 && row < bits.height && column >= 0 && column < bits.width) pixels[p] = bits.pixels[row * bits.width + column] ?? 0
    }
  }
  return trim({ left, top, width, height, pixels })
}
