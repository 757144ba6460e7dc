import type { Point, Size } from './geometry'
import { type Pixels, enlarge, pixelAt } from './pixels'
import { type Bits, trim } from './rle'

// A kernel: data in, data out.

/** What hangs together with a place and is of its colour, each of red, green and blue within the tolerance (0–255). */
export function flood(pixels: Pixels, at: Point, tolerance: number, image: Size): Bits {
  const { width, height, data } = pixels
  const [x0, y0] = pixelAt(pixels, at)
  const seed = (y0 * width + x0) * 4
  const [red, green, blue] = [data[seed] ?? 0, data[seed + 1] ?? 0, data[seed + 2] ?? 0]
  const isLike = (i: number): boolean => {
    const p = i * 4
    return (
      Math.abs((data[p] ?? 0) - red) <= tolerance && Math.abs((data[p + 1] ?? 0) - green) <= tolerance && Math.abs((data[p + 2] ?? 0) - blue) <= tolerance
    )
  }
  const filled = new Uint8Array(width * height)
  // Stretches of a row at a time: the stack holds one entry for each, not for each pixel.
  const stack = [y0 * width + x0]
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    if (filled[i] === 1) continue
    const row = Math.floor(i / width) * width
    let [from, to] = [i, i]
    while (from > row && filled[from - 1] === 0 && isLike(from - 1)) from--
    while (to < row + width - 1 && filled[to + 1] === 0 && isLike(to + 1)) to++
    filled.fill(1, from, to + 1)
    for (const step of [-width, width]) {
      let isOpen = false
      for (let k = from + step; k <= to + step; k++) {
        const opens = k >= 0 && k < filled.length && filled[k] === 0 && isLike(k)
        if (opens && !isOpen) stack.push(k)
        isOpen = opens
      }
    }
  }
  return enlarge(trim({ left: 0, top: 0, width, height, pixels: filled }), pixels.scale, image)
}
