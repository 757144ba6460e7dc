import type { Point } from './geometry'
import { type Bits, NO_BITS, trim } from './rle'

// What a brush leaves, and how it adds up. A kernel: data in, data out.

/** The pixels of both, or of the first without the second. */
export function mix(a: Bits, b: Bits, how: 'add' | 'take'): Bits {
  const whole = how === 'take' || b.width === 0 ? a : a.width === 0 ? b : around(a, b)
  const pixels = new Uint8Array(whole.width * whole.height)
  lay(a, whole, pixels, 1)
  lay(b, whole, pixels, how === 'add' ? 1 : 0)
  return trim({ ...whole, pixels })
}

function around(a: Bits, b: Bits): Omit<Bits, 'pixels'> {
  const [left, top] = [Math.min(a.left, b.left), Math.min(a.top, b.top)]
  return { left, top, width: Math.max(a.left + a.width, b.left + b.width) - left, height: Math.max(a.top + a.height, b.top + b.height) - top }
}

function lay(from: Bits, onto: Omit<Bits, 'pixels'>, pixels: Uint8Array, value: 0 | 1): void {
  const [x0, x1] = [Math.max(from.left, onto.left), Math.min(from.left + from.width, onto.left + onto.width)]
  const [y0, y1] = [Math.max(from.top, onto.top), Math.min(from.top + from.height, onto.top + onto.height)]
  for (let y = y0; y < y1; y++) {
    let [p, q] = [(y - from.top) * from.width + x0 - from.left, (y - onto.top) * onto.width + x0 - onto.left]
    for (let x = x0; x < x1; x++) if (from.pixels[p++] === 1) pixels[q++] = value
      else q++
  }
}

/** The pixels whose middle lies within a distance of a line: the mark of a round brush. */
export function strokeOf(line: readonly Point[], radius: number, within: { readonly width: number; readonly height: number }): Bits {
  const xs = line.map(([x]) => x)
  const ys = line.map(([, y]) => y)
  const left = Math.max(0, Math.floor(Math.min(...xs) - radius))
  const top = Math.max(0, Math.floor(Math.min(...ys) - radius))
  const width = Math.min(within.width, Math.ceil(Math.max(...xs) + radius)) - left
  const height = Math.min(within.height, Math.ceil(Math.max(...ys) + radius)) - top
  if (!(width > 0 && height > 0)) return NO_BITS
  const pixels = new Uint8Array(width * height)
  for (const [i, b] of line.entries()) capsule(pixels, { left, top, width, height }, line[i - 1] ?? b, b, Math.max(radius, 0.71))
  return trim({ left, top, width, height, pixels })
}

/** Row by row: where a row meets a capsule it does so in one stretch, whose ends are found, not searched. */
function capsule(pixels: Uint8Array, { left, top, width, height }: Omit<Bits, 'pixels'>, a: Point, b: Point, r: number): void {
  const first = Math.max(0, Math.floor(Math.min(a[1], b[1]) - r - top))
  const last = Math.min(height - 1, Math.ceil(Math.max(a[1], b[1]) + r - top))
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
  const length = Math.hypot(dx, dy)
  for (let row = first; row <= last; row++) {
    const y = row + top + 0.5
    let [from, to] = [Infinity, -Infinity]
    const take = (x: number) => {
      if (x < from) from = x
      if (x > to) to = x
    }
    for (const [cx, cy] of [a, b]) {
      const half = r * r - (y - cy) * (y - cy)
      if (half < 0) continue
      take(cx - Math.sqrt(half))
      take(cx + Math.sqrt(half))
    }
    if (length > 0) {
      // The two long sides, where the row crosses them between their ends.
      for (const side of [r, -r]) {
        const [px, py] = [a[0] - (dy / length) * side, a[1] + (dx / length) * side]
        const t = dy === 0 ? -1 : (y - py) / dy
        if (t >= 0 && t <= 1) take(px + t * dx)
      }
    }
    if (from > to) continue
    const start = Math.max(0, Math.ceil(from - 0.5 - left))
    const end = Math.min(width - 1, Math.floor(to - 0.5 - left))
    if (start <= end) pixels.fill(1, row * width + start, row * width + end + 1)
  }
}
