/** Finding a piece of a picture in another picture: normalized cross-correlation, which brightness and contrast do not change. */

/** Brightness, row by row. */
export interface Grey {
  readonly width: number
  readonly height: number
  readonly data: Float32Array
}

export interface Match {
  /** Where the piece's corner lies, between pixels. */
  readonly x: number
  readonly y: number
  /** 1 where it is the same, 0 where it has nothing in common. */
  readonly score: number
}

export function greyOf({ width, height, data }: { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray }): Grey {
  const grey = new Float32Array(width * height)
  for (let i = 0; i < grey.length; i++) grey[i] = 0.299 * (data[4 * i] ?? 0) + 0.587 * (data[4 * i + 1] ?? 0) + 0.114 * (data[4 * i + 2] ?? 0)
  return { width, height, data: grey }
}

/** A part of a picture, in another size: each pixel is taken between the four around its place. */
export function sampled({ width, height, data }: Grey, left: number, top: number, across: number, down: number, to: { readonly width: number; readonly height: number }): Grey {
  const out = new Float32Array(to.width * to.height)
  for (let j = 0; j < to.height; j++) {
    const y = Math.min(height - 1, Math.max(0, top + ((j + 0.5) * down) / to.height - 0.5))
    const [y0, fy] = [Math.floor(y), y - Math.floor(y)]
    const y1 = Math.min(height - 1, y0 + 1)
    for (let i = 0; i < to.width; i++) {
      const x = Math.min(width - 1, Math.max(0, left + ((i + 0.5) * across) / to.width - 0.5))
      const [x0, fx] = [Math.floor(x), x - Math.floor(x)]
      const x1 = Math.min(width - 1, x0 + 1)
      const upper = (data[y0 * width + x0] ?? 0) * (1 - fx) + (data[y0 * width + x1] ?? 0) * fx
      const lower = (data[y1 * width + x0] ?? 0) * (1 - fx) + (data[y1 * width + x1] ?? 0) * fx
      out[j * to.width + i] = upper * (1 - fy) + lower * fy
    }
  }
  return { width: to.width, height: to.height, data: out }
}

/** The best place of a piece in a picture that is at least as large; null where the piece is one even grey. */
export function bestMatch(piece: Grey, picture: Grey): Match | null {
  const [columns, rows] = [picture.width - piece.width + 1, picture.height - piece.height + 1]
  if (columns < 1 || rows < 1) return null
  const count = piece.width * piece.height
  const mean = piece.data.reduce((sum, value) => sum + value, 0) / count
  const normal = piece.data.map((value) => value - mean)
  const power = normal.reduce((sum, value) => sum + value * value, 0)
  if (power < 1e-6 * count) return null
  const sums = integrals(picture)
  const scores = new Float32Array(columns * rows)
  let best = 0
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let cross = 0
      for (let j = 0; j < piece.height; j++) {
        const at = (y + j) * picture.width + x
        const from = j * piece.width
        for (let i = 0; i < piece.width; i++) cross += (normal[from + i] ?? 0) * (picture.data[at + i] ?? 0)
      }
      const [sum, squares] = sums(x, y, piece.width, piece.height)
      const there = squares - (sum * sum) / count
      const score = there > 1e-6 * count ? cross / Math.sqrt(power * there) : 0
      scores[y * columns + x] = score
      if (score > (scores[best] ?? 0)) best = y * columns + x
    }
  }
  const [x, y] = [best % columns, Math.floor(best / columns)]
  const at = (i: number, j: number) => (i < 0 || j < 0 || i >= columns || j >= rows ? null : (scores[j * columns + i] ?? 0))
  const score = at(x, y) ?? 0
  return { x: x + peak(at(x - 1, y), score, at(x + 1, y)), y: y + peak(at(x, y - 1), score, at(x, y + 1)), score }
}

/** Where the top of the parabola through three neighbours lies, from the middle one. */
function peak(before: number | null, here: number, after: number | null): number {
  if (before === null || after === null) return 0
  const bend = before - 2 * here + after
  return bend < 0 ? Math.max(-0.5, Math.min(0.5, (before - after) / (2 * bend))) : 0
}

/** The sum and the sum of squares of any part, in four steps each. */
function integrals({ width, height, data }: Grey): (x: number, y: number, w: number, h: number) => readonly [number, number] {
  const stride = width + 1
  const [sum, squares] = [new Float64Array(stride * (height + 1)), new Float64Array(stride * (height + 1))]
  for (let y = 0; y < height; y++) {
    let [row, rowSquares] = [0, 0]
    for (let x = 0; x < width; x++) {
      const value = data[y * width + x] ?? 0
      row += value
      rowSquares += value * value
      const at = (y + 1) * stride + x + 1
      sum[at] = (sum[at - stride] ?? 0) + row
      squares[at] = (squares[at - stride] ?? 0) + rowSquares
    }
  }
  const over = (all: Float64Array, x: number, y: number, w: number, h: number) =>
    (all[(y + h) * stride + x + w] ?? 0) - (all[y * stride + x + w] ?? 0) - (all[(y + h) * stride + x] ?? 0) + (all[y * stride + x] ?? 0)
  return (x, y, w, h) => [over(sum, x, y, w, h), over(squares, x, y, w, h)]
}

/** A box on a picture. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The longer side of what is compared: a larger thing is looked at coarser. */
const SIDE = 40
/** How far a thing may go from one frame to the next, in parts of its size and in pixels besides. */
const REACH = 0.5
const REACH_PX = 12
/** Sizes that are tried at each step. */
const SIZES = [1, 0.97, 1.03] as const
/** A match worse than this is none; a better one than that renews what is looked for. */
const SCORE_MIN = 0.62
const SCORE_SURE = 0.8
const RENEWED = 0.15

/** Follows what is in a box from picture to picture; it stops where it cannot be sure. */
export class Follower {
  #piece: Grey
  #at: Place
  #speed: readonly [number, number] = [0, 0]
  readonly #image: { readonly width: number; readonly height: number }

  constructor(picture: Grey, at: Place) {
    this.#image = picture
    this.#at = at
    this.#piece = sampled(picture, at.x, at.y, at.width, at.height, sizeOf(at))
  }

  /** Where it is in the next picture, and how sure that is; null where it is lost. */
  next(picture: Grey): (Place & { readonly score: number }) | null {
    let best: (Place & { readonly score: number }) | null = null
    for (const size of SIZES) {
      const found = this.#look(picture, size)
      if (found !== null && (best === null || found.score > best.score + (size === 1 ? 0 : 0.005))) best = found
    }
    if (best === null || best.score < SCORE_MIN || !this.#isInside(best)) return null
    this.#speed = [best.x + best.width / 2 - this.#at.x - this.#at.width / 2, best.y + best.height / 2 - this.#at.y - this.#at.height / 2]
    this.#at = best
    if (best.score > SCORE_SURE) this.#renew(picture)
    return best
  }

  #look(picture: Grey, size: number): (Place & { readonly score: number }) | null {
    const { x, y, width, height } = this.#at
    const [across, down] = [width * size, height * size]
    const [left, top] = [x + this.#speed[0] + (width - across) / 2, y + this.#speed[1] + (height - down) / 2]
    const [rx, ry] = [across * REACH + REACH_PX, down * REACH + REACH_PX]
    const scale = this.#piece.width / across
    const wide = { width: Math.round((across + 2 * rx) * scale), height: Math.round((down + 2 * ry) * (this.#piece.height / down)) }
    const around = sampled(picture, left - rx, top - ry, across + 2 * rx, down + 2 * ry, wide)
    const match = bestMatch(this.#piece, around)
    if (match === null) return null
    return { x: left - rx + (match.x * (across + 2 * rx)) / wide.width, y: top - ry + (match.y * (down + 2 * ry)) / wide.height, width: across, height: down, score: match.score }
  }

  /** A thing that is half out of the picture is for the person to end. */
  #isInside({ x, y, width, height }: Place): boolean {
    const [left, top] = [Math.max(0, x), Math.max(0, y)]
    const [right, bottom] = [Math.min(this.#image.width, x + width), Math.min(this.#image.height, y + height)]
    return Math.max(0, right - left) * Math.max(0, bottom - top) > 0.6 * width * height
  }

  #renew(picture: Grey): void {
    const { x, y, width, height } = this.#at
    const now = sampled(picture, x, y, width, height, this.#piece)
    this.#piece = { ...this.#piece, data: this.#piece.data.map((value, i) => value * (1 - RENEWED) + (now.data[i] ?? 0) * RENEWED) }
  }
}

function sizeOf({ width, height }: Place): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, SIDE / Math.max(width, height))
  return { width: Math.max(4, Math.round(width * scale)), height: Math.max(4, Math.round(height * scale)) }
}
