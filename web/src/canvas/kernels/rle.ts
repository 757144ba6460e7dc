import type { Bounds, Point } from './geometry'

// Masks as runs, the way COCO has them: zeros and ones by turns, column by column, in a compressed text. A
// kernel: data in, data out.

/** Which pixels belong, one byte each, row by row, within a rectangle of the image. */
export interface Bits {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

export const NO_BITS: Bits = { left: 0, top: 0, width: 0, height: 0, pixels: new Uint8Array(0) }

/** The runs in the text; null where it is not what it says. Five bits a character, differences from the run two before. */
export function readCounts(counts: string): number[] | null {
  const runs: number[] = []
  for (let i = 0; i < counts.length; ) {
    let [run, unit, five] = [0, 1, 0]
    do {
      five = counts.charCodeAt(i++) - 48
      if (!(five >= 0 && five < 64) || unit > 2 ** 50) return null
      run += (five & 0x1f) * unit
      unit *= 32
    } while ((five & 0x20) !== 0)
    if ((five & 0x10) !== 0) run -= unit
    if (runs.length > 2) run += runs[runs.length - 2] ?? 0
    if (run < 0) return null
    runs.push(run)
  }
  return runs
}

export function writeCounts(runs: readonly number[]): string {
  const codes: number[] = []
  for (const [i, run] of runs.entries()) {
    let left = i > 2 ? run - (runs[i - 2] ?? 0) : run
    for (let more = true; more; ) {
      let five = left & 0x1f
      left >>= 5
      more = (five & 0x10) !== 0 ? left !== -1 : left !== 0
      if (more) five |= 0x20
      codes.push(five + 48)
    }
  }
  let text = ''
  // Spread over a call, too many codes at once would not fit on the stack.
  for (let i = 0; i < codes.length; i += 8192) text += String.fromCharCode(...codes.slice(i, i + 8192))
  return text
}

/** The pixels of the runs of an image this high; null where the runs do not fill the image. */
export function bitsOf(runs: readonly number[], width: number, height: number): Bits | null {
  if (runs.reduce((sum, run) => sum + run, 0) !== width * height) return null
  const bounds = boundsOfRuns(runs, height)
  if (bounds === null) return NO_BITS
  const { left, top } = bounds
  const bits = { left, top, width: bounds.right - left, height: bounds.bottom - top, pixels: new Uint8Array((bounds.right - left) * (bounds.bottom - top)) }
  let at = 0
  for (const [i, run] of runs.entries()) {
    if (i % 2 === 1) {
      let [x, y] = [Math.floor(at / height), at % height]
      for (let left = run; left > 0; ) {
        const length = Math.min(left, height - y)
        for (let k = 0, p = (y - bits.top) * bits.width + x - bits.left; k < length; k++, p += bits.width) bits.pixels[p] = 1
        left -= length
        x += 1
        y = 0
      }
    }
    at += run
  }
  return bits
}

function boundsOfRuns(runs: readonly number[], height: number): Bounds | null {
  let [left, top, right, bottom, at] = [Infinity, Infinity, -1, -1, 0]
  for (const [i, run] of runs.entries()) {
    if (i % 2 === 1 && run > 0) {
      const [first, last] = [Math.floor(at / height), Math.floor((at + run - 1) / height)]
      const [from, to] = first === last ? [at % height, (at + run - 1) % height] : [0, height - 1]
      left = Math.min(left, first)
      right = Math.max(right, last + 1)
      top = Math.min(top, from)
      bottom = Math.max(bottom, to + 1)
    }
    at += run
  }
  return right < 0 ? null : { left, top, right, bottom }
}

/** The runs of these pixels in an image; what of them lies beside it is left out. */
export function runsOf({ left, top, width, height, pixels }: Bits, imageWidth: number, imageHeight: number): number[] {
  const runs: number[] = []
  let [inside, length] = [0, 0]
  const add = (value: number, count: number) => {
    if (count === 0) return
    if (value !== inside) {
      runs.push(length)
      inside = value
      length = 0
    }
    length += count
  }
  const [from, to] = [Math.max(0, left), Math.min(imageWidth, left + width)]
  const [high, low] = [Math.max(0, top), Math.min(imageHeight, top + height)]
  add(0, Math.min(from, imageWidth) * imageHeight)
  for (let x = from; x < to; x++) {
    add(0, high)
    for (let y = high, p = (high - top) * width + x - left; y < low; y++, p += width) add(pixels[p] ?? 0, 1)
    add(0, imageHeight - Math.max(low, high))
  }
  add(0, (imageWidth - Math.max(to, from)) * imageHeight)
  runs.push(length)
  return runs
}

export const countOf = ({ pixels }: Bits): number => {
  let count = 0
  for (const pixel of pixels) count += pixel
  return count
}

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

/** The same pixels in the smallest rectangle. */
export function trim(bits: Bits): Bits {
  let [left, top, right, bottom] = [bits.width, bits.height, 0, 0]
  for (let y = 0, p = 0; y < bits.height; y++) {
    for (let x = 0; x < bits.width; x++, p++) {
      if (bits.pixels[p] !== 1) continue
      if (x < left) left = x
      if (x >= right) right = x + 1
      if (y < top) top = y
      bottom = y + 1
    }
  }
  if (right === 0) return NO_BITS
  if (left === 0 && top === 0 && right === bits.width && bottom === bits.height) return bits
  const [width, height] = [right - left, bottom - top]
  const pixels = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    const from = (y + top) * bits.width + left
    pixels.set(bits.pixels.subarray(from, from + width), y * width)
  }
  return { left: bits.left + left, top: bits.top + top, width, height, pixels }
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

/** East, south, west, north: the step, and the pixels ahead to the right and to the left of a corner. */
const HEADINGS = [
  { step: [1, 0], right: [0, 0], left: [0, -1] },
  { step: [0, 1], right: [-1, 0], left: [0, 0] },
  { step: [-1, 0], right: [-1, -1], left: [-1, 0] },
  { step: [0, -1], right: [0, -1], left: [-1, -1] },
] as const

/** The outlines of the pixels, along their edges, those of holes among them; corners that touch are not joined. */
export function outlinesOf({ left, top, width, height, pixels }: Bits): Point[][] {
  const isIn = (x: number, y: number) => x >= 0 && y >= 0 && x < width && y < height && pixels[y * width + x] === 1
  const seen = new Uint8Array(width * height)
  const rings: Point[][] = []
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (seen[y * width + x] === 1 || !isIn(x, y) || isIn(x, y - 1)) continue
      const ring: Point[] = []
      let [px, py, heading] = [x, y, 0]
      do {
        if (heading === 0) seen[py * width + px] = 1
        const { step, right, left: ahead } = HEADINGS[heading] ?? HEADINGS[0]
        px += step[0]
        py += step[1]
        const turn = !isIn(px + right[0], py + right[1]) ? 1 : isIn(px + ahead[0], py + ahead[1]) ? 3 : 0
        if (turn !== 0) ring.push([px + left, py + top])
        heading = (heading + turn) % 4
      } while (px !== x || py !== y || heading !== 0)
      rings.push(ring)
    }
  }
  return rings
}
