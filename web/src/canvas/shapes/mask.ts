import { type Bounds, type Point, type Size, round } from '../kernels/geometry'
import { type Bits, NO_BITS, bitsOf, countOf, outlinesOf, readCounts, runsOf, trim, writeCounts } from '../kernels/rle'
import { isNumber } from './parse'
import type { Path, ShapeUtil } from './util'

/** Which pixels of the whole image belong: COCO's compressed runs (A14). */
export interface Mask {
  readonly type: 'mask'
  readonly height: number
  readonly width: number
  readonly counts: string
}

// Decoded once: a mask never changes, a change puts another.
const knownBits = new WeakMap<Mask, Bits>()
const knownPaths = new WeakMap<Mask, readonly Path[]>()

function decode({ counts, width, height }: Mask): Bits | null {
  const runs = readCounts(counts)
  return runs === null ? null : bitsOf(runs, width, height)
}

export function bitsOfMask(mask: Mask): Bits {
  const known = knownBits.get(mask)
  if (known !== undefined) return known
  const bits = decode(mask) ?? NO_BITS
  knownBits.set(mask, bits)
  return bits
}

export function maskOf(bits: Bits, { width, height }: Size): Mask {
  const mask: Mask = { type: 'mask', height, width, counts: writeCounts(runsOf(bits, width, height)) }
  // What was written need not be read again, unless some of it lay beside the image.
  if (isWithin(bits, { width, height })) knownBits.set(mask, bits)
  return mask
}

const isWithin = ({ left, top, width, height }: Bits, image: Size): boolean =>
  left >= 0 && top >= 0 && left + width <= image.width && top + height <= image.height

const isSize = (value: unknown): value is number => isNumber(value) && Number.isInteger(value) && value > 0

const boundsOf = (mask: Mask): Bounds => {
  const { left, top, width, height } = bitsOfMask(mask)
  return { left, top, right: left + width, bottom: top + height }
}

export const mask: ShapeUtil<Mask> = {
  name: 'Mask',
  parse(value) {
    const { type, height, width, counts, ...rest } = value
    if (type !== 'mask' || !isSize(height) || !isSize(width) || typeof counts !== 'string' || Object.keys(rest).length > 0) return null
    const bits = decode({ type, height, width, counts })
    return bits === null || bits.width === 0 ? null : (value as unknown as Mask)
  },
  paths(shape) {
    const known = knownPaths.get(shape)
    if (known !== undefined) return known
    const paths = outlinesOf(bitsOfMask(shape)).map((points: Point[]): Path => ({ closed: true, points }))
    knownPaths.set(shape, paths)
    return paths
  },
  bounds: boundsOf,
  area: (shape) => countOf(bitsOfMask(shape)),
  // Pixels move by whole pixels.
  translate(shape, [x, y]) {
    const [dx, dy] = [Math.round(x), Math.round(y)]
    if (dx === 0 && dy === 0) return shape
    const bits = bitsOfMask(shape)
    const moved = { ...bits, left: bits.left + dx, top: bits.top + dy }
    const runs = readCounts(shape.counts)
    if (runs === null || !isWithin(moved, shape)) return maskOf(trim(moved), shape)
    // On the image all runs move by as much, and only what is before the first and after the last changes its length.
    const by = dx * shape.height + dy
    const ends = runs.length % 2 === 0 ? [...runs, 0] : runs
    const next: Mask = { ...shape, counts: writeCounts(ends.map((run, i) => (i === 0 ? run + by : i === ends.length - 1 ? run - by : run)).filter((run, i) => run > 0 || i < ends.length - 1)) }
    knownBits.set(next, moved)
    const paths = knownPaths.get(shape)
    if (paths !== undefined) knownPaths.set(next, paths.map(({ closed, points }) => ({ closed, points: points.map(([px, py]): Point => [px + dx, py + dy]) })))
    return next
  },
  stretch(shape, to) {
    const from = bitsOfMask(shape)
    const [left, top] = [Math.round(to.left), Math.round(to.top)]
    const [width, height] = [Math.max(1, Math.round(to.right) - left), Math.max(1, Math.round(to.bottom) - top)]
    const pixels = new Uint8Array(width * height)
    for (let y = 0, p = 0; y < height; y++) {
      const row = Math.floor(((y + 0.5) * from.height) / height) * from.width
      for (let x = 0; x < width; x++, p++) pixels[p] = from.pixels[row + Math.floor(((x + 0.5) * from.width) / width)] ?? 0
    }
    return maskOf(trim({ left, top, width, height, pixels }), shape)
  },
  handles: () => [],
  moveHandle: (shape) => shape,
  // On an image of another size, the pixels keep their places.
  clamp: (shape, { width, height }) => (shape.width === width && shape.height === height ? shape : maskOf(bitsOfMask(shape), { width, height })),
  isWorthKeeping: (shape) => countOf(bitsOfMask(shape)) >= 1,
  describe(shape) {
    const { left, top, right, bottom } = boundsOf(shape)
    return `mask of ${countOf(bitsOfMask(shape))} pixels, ${round(right - left)} by ${round(bottom - top)}, ${left} from the left and ${top} from the top`
  },
}
