import { type Point, clamp } from './geometry'
import { type Pixels, pixelAt } from './pixels'
import { simplify } from './polygon'

// Intelligent scissors (Mortensen and Barrett, 1995): the way from one place to another that keeps to the edges of
// the picture. A kernel: data in, data out.

/** What a step onto each pixel costs: little on an edge, much beside one. */
export interface Terrain {
  readonly pixels: Pixels
  readonly cost: Uint8Array
}

/** From each pixel near a place, the way back to it. */
export interface Ways {
  readonly terrain: Terrain
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** The pixel before, within the rectangle; -1 where no way leads. */
  readonly before: Int32Array
}

const COST_MAX = 60
/** Pixels of the reduced picture to each side of a place within which ways are looked for. */
const REACH = 220
/** Pixels of the reduced picture by which a way may be simplified. */
const TOLERANCE = 0.8

/** The gradient by Sobel's operator on the sum of the colours, against the strongest of it in the picture. */
export function terrainOf(pixels: Pixels): Terrain {
  const { width, height, data } = pixels
  const grey = new Int16Array(width * height)
  for (let i = 0; i < grey.length; i++) grey[i] = (data[4 * i] ?? 0) + (data[4 * i + 1] ?? 0) + (data[4 * i + 2] ?? 0)
  const slope = new Float32Array(width * height)
  let most = 1
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1, i = y * width + 1; x < width - 1; x++, i++) {
      const at = (k: number) => grey[i + k] ?? 0
      const across = at(1 - width) + 2 * at(1) + at(1 + width) - at(-1 - width) - 2 * at(-1) - at(-1 + width)
      const down = at(width - 1) + 2 * at(width) + at(width + 1) - at(-width - 1) - 2 * at(-width) - at(-width + 1)
      const steep = Math.hypot(across, down)
      slope[i] = steep
      if (steep > most) most = steep
    }
  }
  const cost = new Uint8Array(width * height)
  // By the root, so that a faint edge is an edge too.
  for (let i = 0; i < cost.length; i++) cost[i] = 1 + Math.round((COST_MAX - 1) * (1 - Math.sqrt((slope[i] ?? 0) / most)))
  return { pixels, cost }
}

const NEIGHBOURS = [[1, 0, 10], [-1, 0, 10], [0, 1, 10], [0, -1, 10], [1, 1, 14], [1, -1, 14], [-1, 1, 14], [-1, -1, 14]] as const

/** The cheapest ways from a place, by Dijkstra with a bucket for each cost. */
export function waysFrom(terrain: Terrain, at: Point): Ways {
  const { pixels, cost } = terrain
  const [sx, sy] = pixelAt(pixels, at)
  const [left, top] = [Math.max(0, sx - REACH), Math.max(0, sy - REACH)]
  const [width, height] = [Math.min(pixels.width, sx + REACH + 1) - left, Math.min(pixels.height, sy + REACH + 1) - top]
  const before = new Int32Array(width * height).fill(-1)
  const spent = new Int32Array(width * height).fill(2 ** 30)
  const done = new Uint8Array(width * height)
  const step = COST_MAX * 14 + 1
  const buckets: number[][] = Array.from({ length: step }, () => [])
  const start = (sy - top) * width + sx - left
  spent[start] = 0
  buckets[0]?.push(start)
  for (let [total, waiting] = [0, 1]; waiting > 0; total++) {
    const bucket = buckets[total % step] ?? []
    for (let i = bucket.pop(); i !== undefined; i = bucket.pop()) {
      waiting--
      if (done[i] === 1) continue
      done[i] = 1
      const [x, y] = [i % width, Math.floor(i / width)]
      for (const [dx, dy, length] of NEIGHBOURS) {
        const [nx, ny] = [x + dx, y + dy]
        if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue
        const next = ny * width + nx
        const price = total + (cost[(ny + top) * pixels.width + nx + left] ?? COST_MAX) * length
        if (done[next] === 1 || price >= (spent[next] ?? 0)) continue
        spent[next] = price
        before[next] = i
        buckets[price % step]?.push(next)
        waiting++
      }
    }
  }
  return { terrain, left, top, width, height, before }
}

/** The corners of the way to a place, both ends left out. Beyond the reach it goes to the rim and then straight. */
export function wayTo({ terrain: { pixels }, left, top, width, height, before }: Ways, at: Point): Point[] {
  const [x, y] = pixelAt(pixels, at)
  let i = (clamp(y, top, top + height - 1) - top) * width + clamp(x, left, left + width - 1) - left
  const way: Point[] = []
  for (; i >= 0; i = before[i] ?? -1) way.push([i % width, Math.floor(i / width)])
  const corners = simplify(way.reverse(), TOLERANCE).slice(1, -1)
  return corners.map(([px, py]): Point => [(px + left + 0.5) * pixels.scale, (py + top + 0.5) * pixels.scale])
}
