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
