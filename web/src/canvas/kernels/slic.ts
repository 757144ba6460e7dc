import { type Point, type Size, clamp } from './geometry'
import { type Pixels, enlarge, pixelAt } from './pixels'
import { type Bits, trim } from './rle'

// Superpixels: Achanta et al., "SLIC superpixels compared to state-of-the-art superpixel methods" (2012), and growing
// over them. A kernel: data in, data out.

/** The picture in pieces of one colour, about as large as each other. */
export interface Pieces {
  readonly width: number
  readonly height: number
  readonly scale: number
  /** The piece that each pixel is in. */
  readonly of: Int32Array
  /** L, a and b of each piece (CIE 1976), on the average. */
  readonly lab: Float32Array
  /** Which pieces touch: those of piece `i` stand from `first[i]` up to `first[i + 1]`. */
  readonly first: Int32Array
  readonly next: Int32Array
}

/** How much a pixel's place counts against its colour. */
const COMPACT = 12
const ROUNDS = 6

export function piecesOf(pixels: Pixels, side: number): Pieces {
  const { width, height, scale } = pixels
  const lab = labOf(pixels)
  const of = assign(lab, width, height, Math.max(2, side))
  const count = join(of, width, Math.max(1, Math.round((side * side) / 4)))
  return { width, height, scale, of, lab: means(lab, of, count), ...neighbours(of, width, height, count) }
}

/** sRGB to CIELAB under D65, three numbers a pixel. */
function labOf({ data, width, height }: Pixels): Float32Array {
  const linear = Float32Array.from({ length: 256 }, (_, i) => (i <= 10 ? i / 255 / 12.92 : ((i / 255 + 0.055) / 1.055) ** 2.4))
  const root = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
  const lab = new Float32Array(3 * width * height)
  for (let i = 0, p = 0; i < lab.length; i += 3, p += 4) {
    const [r, g, b] = [linear[data[p] ?? 0] ?? 0, linear[data[p + 1] ?? 0] ?? 0, linear[data[p + 2] ?? 0] ?? 0]
    const x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505)
    const y = root(0.2126 * r + 0.7152 * g + 0.0722 * b)
    const z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
    lab[i] = 116 * y - 16
    lab[i + 1] = 500 * (x - y)
    lab[i + 2] = 200 * (y - z)
  }
  return lab
}

/** Each pixel to the nearest of the centres about it, by colour and place; the centres to the middle of theirs, and again. */
function assign(lab: Float32Array, width: number, height: number, side: number): Int32Array {
  const [columns, rows] = [Math.max(1, Math.round(width / side)), Math.max(1, Math.round(height / side))]
  const count = columns * rows
  // x, y, L, a, b of each centre.
  const centres = new Float32Array(5 * count)
  for (let k = 0; k < count; k++) {
    const x = Math.min(width - 1, Math.floor((((k % columns) + 0.5) * width) / columns))
    const y = Math.min(height - 1, Math.floor(((Math.floor(k / columns) + 0.5) * height) / rows))
    centres.set([x, y, ...lab.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)], 5 * k)
  }
  const of = new Int32Array(width * height)
  const nearest = new Float32Array(width * height)
  const sums = new Float64Array(6 * count)
  const far = (COMPACT / side) ** 2
  for (let round = 0; round < ROUNDS; round++) {
    nearest.fill(Infinity)
    for (let k = 0; k < count; k++) {
      const [cx, cy, cl, ca, cb] = [centres[5 * k] ?? 0, centres[5 * k + 1] ?? 0, centres[5 * k + 2] ?? 0, centres[5 * k + 3] ?? 0, centres[5 * k + 4] ?? 0]
      const [x0, x1] = [Math.max(0, Math.floor(cx - side)), Math.min(width - 1, Math.ceil(cx + side))]
      const [y0, y1] = [Math.max(0, Math.floor(cy - side)), Math.min(height - 1, Math.ceil(cy + side))]
      for (let y = y0; y <= y1; y++) {
        for (let x = x0, i = y * width + x0; x <= x1; x++, i++) {
          const [dl, da, db, dx, dy] = [(lab[3 * i] ?? 0) - cl, (lab[3 * i + 1] ?? 0) - ca, (lab[3 * i + 2] ?? 0) - cb, x - cx, y - cy]
          const away = dl * dl + da * da + db * db + far * (dx * dx + dy * dy)
          if (away >= (nearest[i] ?? 0)) continue
          nearest[i] = away
          of[i] = k
        }
      }
    }
    sums.fill(0)
    for (let i = 0, y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const s = 6 * (of[i] ?? 0)
        sums[s] = (sums[s] ?? 0) + x
        sums[s + 1] = (sums[s + 1] ?? 0) + y
        sums[s + 2] = (sums[s + 2] ?? 0) + (lab[3 * i] ?? 0)
        sums[s + 3] = (sums[s + 3] ?? 0) + (lab[3 * i + 1] ?? 0)
        sums[s + 4] = (sums[s + 4] ?? 0) + (lab[3 * i + 2] ?? 0)
        sums[s + 5] = (sums[s + 5] ?? 0) + 1
      }
    }
    for (let k = 0; k < count; k++) {
      const many = sums[6 * k + 5] ?? 0
      if (many > 0) for (let j = 0; j < 5; j++) centres[5 * k + j] = (sums[6 * k + j] ?? 0) / many
    }
  }
  return of
}

/** Makes each piece hang together, numbers the pieces from 0, and gives crumbs to the piece before them. How many there are. */
function join(of: Int32Array, width: number, least: number): number {
  const done = new Int32Array(of.length).fill(-1)
  const stack = new Int32Array(of.length)
  let count = 0
  for (let start = 0; start < of.length; start++) {
    if (done[start] !== -1) continue
    const before = start % width > 0 ? (done[start - 1] ?? 0) : start >= width ? (done[start - width] ?? 0) : 0
    let [top, taken] = [0, 0]
    stack[top++] = start
    done[start] = count
    // What has been taken stays in the stack, so that a crumb can be given away.
    while (taken < top) {
      const i = stack[taken++] ?? 0
      const x = i % width
      for (const next of [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width]) {
        if (next < 0 || next >= of.length || done[next] !== -1 || of[next] !== of[start]) continue
        done[next] = count
        stack[top++] = next
      }
    }
    if (top < least && count > 0) for (let k = 0; k < top; k++) done[stack[k] ?? 0] = before
    else count += 1
  }
  of.set(done)
  return count
}

function means(lab: Float32Array, of: Int32Array, count: number): Float32Array {
  const sums = new Float64Array(3 * count)
  const many = new Int32Array(count)
  for (let i = 0; i < of.length; i++) {
    const k = of[i] ?? 0
    many[k] = (many[k] ?? 0) + 1
    for (let j = 0; j < 3; j++) sums[3 * k + j] = (sums[3 * k + j] ?? 0) + (lab[3 * i + j] ?? 0)
  }
  return Float32Array.from(sums, (sum, i) => sum / Math.max(1, many[Math.floor(i / 3)] ?? 1))
}

function neighbours(of: Int32Array, width: number, height: number, count: number): { readonly first: Int32Array; readonly next: Int32Array } {
  const pairs = new Set<number>()
  const meet = (a: number, b: number) => {
    if (a === b) return
    pairs.add(a * count + b)
    pairs.add(b * count + a)
  }
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (x + 1 < width) meet(of[i] ?? 0, of[i + 1] ?? 0)
      if (y + 1 < height) meet(of[i] ?? 0, of[i + width] ?? 0)
    }
  }
  const sorted = Float64Array.from(pairs).sort()
  const first = new Int32Array(count + 1)
  for (const pair of sorted) first[Math.floor(pair / count) + 1] = (first[Math.floor(pair / count) + 1] ?? 0) + 1
  for (let k = 0; k < count; k++) first[k + 1] = (first[k + 1] ?? 0) + (first[k] ?? 0)
  return { first, next: Int32Array.from(sorted, (pair) => pair % count) }
}

export function pieceAt(pieces: Pieces, at: Point): number {
  const [x, y] = pixelAt(pieces, at)
  return pieces.of[y * pieces.width + x] ?? 0
}

/** The piece at a place and all that hang on it and are of its colour: within the tolerance, as far as two colours of CIELAB are apart. */
export function growFrom(pieces: Pieces, seed: number, tolerance: number): ReadonlySet<number> {
  const { lab, first, next } = pieces
  const away = (k: number) => Math.hypot((lab[3 * k] ?? 0) - (lab[3 * seed] ?? 0), (lab[3 * k + 1] ?? 0) - (lab[3 * seed + 1] ?? 0), (lab[3 * k + 2] ?? 0) - (lab[3 * seed + 2] ?? 0))
  const taken = new Set([seed])
  // A set that grows while it is gone through.
  for (const k of taken) {
    for (let i = first[k] ?? 0; i < (first[k + 1] ?? 0); i++) {
      const other = next[i] ?? 0
      if (!taken.has(other) && away(other) <= tolerance) taken.add(other)
    }
  }
  return taken
}

/** The pixels of some pieces, in pixels of the image. */
export function bitsOfPieces({ width, height, scale, of }: Pieces, taken: ReadonlySet<number>, image: Size): Bits {
  const pixels = new Uint8Array(of.length)
  for (let i = 0; i < of.length; i++) if (taken.has(of[i] ?? -1)) pixels[i] = 1
  return enlarge(trim({ left: 0, top: 0, width, height, pixels }), scale, image)
}

/** Pixels to a side of a piece, so that about this many cover a picture of any size. */
export const sideFor = ({ width, height }: Size, many = 2_500): number => clamp(Math.round(Math.sqrt((width * height) / many)), 6, 60)
