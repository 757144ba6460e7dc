import type { Bounds, Size } from './geometry'
import { type Pixels, enlarge } from './pixels'
import { type Bits, NO_BITS, trim } from './rle'

// What stands out within a box: Rother, Kolmogorov and Blake, "GrabCut" (2004), with the maximum flow of Boykov and
// Kolmogorov (2004). A kernel: data in, data out.

/** Pixels that are looked at, at most: a larger box is looked at reduced. */
const PIXELS_MAX = 60_000
/** Colours that each side is a mixture of. */
const MIX = 5
const ROUNDS = 5
/** Pixels that a mixture is fitted to. */
const SAMPLES_MAX = 6_000
/** How much it costs to part two pixels that are alike. */
const GAMMA = 50
/** How far around the box the ground is looked at, in shares of its sides. */
const AROUND = 0.25

export function grabCut(pixels: Pixels, box: Bounds, image: Size): Bits {
  const scene = sceneOf(pixels, box)
  if (scene === null) return NO_BITS
  const { width, height, colors, inside } = scene
  const many = width * height
  const links = linksOf(colors, width, height)
  const fore = Uint8Array.from(inside)
  for (let round = 0; round < ROUNDS; round++) {
    const [object, ground] = [mixtureOf(colors, fore, 1), mixtureOf(colors, fore, 0)]
    if (object === null || ground === null) break
    // What each pixel would rather be; outside of the box it is ground whatever it costs.
    const leaning = new Float32Array(many)
    for (let i = 0; i < many; i++) leaning[i] = inside[i] === 0 ? -9 * GAMMA * 8 : costOf(ground, colors, i) - costOf(object, colors, i)
    const next = cut(width, height, leaning, links)
    let changed = 0
    for (let i = 0; i < many; i++) {
      const is = inside[i] === 1 ? (next[i] ?? 0) : 0
      if (is !== fore[i]) changed += 1
      fore[i] = is
    }
    if (changed < many / 1000) break
  }
  const bits = trim({ left: scene.left, top: scene.top, width, height, pixels: fore })
  return bits.width === 0 ? NO_BITS : enlarge(bits, scene.scale, image)
}

interface Scene {
  /** In pixels of the scene. */
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** Pixels of the image to one of these. */
  readonly scale: number
  /** Red, green and blue. */
  readonly colors: Float32Array
  readonly inside: Uint8Array
}

/** The box and what is around it, reduced where it is large, by the mean of the pixels. */
function sceneOf({ width, height, scale, data }: Pixels, box: Bounds): Scene | null {
  const [w, h] = [box.right - box.left, box.bottom - box.top]
  const outer = { left: box.left - w * AROUND, top: box.top - h * AROUND, right: box.right + w * AROUND, bottom: box.bottom + h * AROUND }
  const area = ((outer.right - outer.left) * (outer.bottom - outer.top)) / (scale * scale)
  const reduce = Math.max(1, Math.ceil(Math.sqrt(area / PIXELS_MAX)))
  const step = scale * reduce
  const [left, top] = [Math.max(0, Math.floor(outer.left / step)), Math.max(0, Math.floor(outer.top / step))]
  const right = Math.min(Math.floor(width / reduce), Math.ceil(outer.right / step))
  const bottom = Math.min(Math.floor(height / reduce), Math.ceil(outer.bottom / step))
  if (right - left < 4 || bottom - top < 4) return null
  const size = { width: right - left, height: bottom - top }
  const colors = new Float32Array(3 * size.width * size.height)
  const inside = new Uint8Array(size.width * size.height)
  for (let y = 0, i = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, i++) {
      let [r, g, b] = [0, 0, 0]
      for (let dy = 0; dy < reduce; dy++) {
        for (let dx = 0, p = (((y + top) * reduce + dy) * width + (x + left) * reduce) * 4; dx < reduce; dx++, p += 4) {
          r += data[p] ?? 0
          g += data[p + 1] ?? 0
          b += data[p + 2] ?? 0
        }
      }
      const share = reduce * reduce
      colors.set([r / share, g / share, b / share], 3 * i)
      const [cx, cy] = [(x + left + 0.5) * step, (y + top + 0.5) * step]
      if (cx > box.left && cx < box.right && cy > box.top && cy < box.bottom) inside[i] = 1
    }
  }
  return { left, top, ...size, scale: step, colors, inside }
}

/** A mixture of normal distributions of colours: for each its share, its mean, the inverse of its covariance, and a constant. */
interface Mixture {
  readonly parts: readonly { readonly share: number; readonly mean: readonly number[]; readonly inverse: readonly number[]; readonly scale: number }[]
}

/** Fits a mixture to the pixels of one side: the colours in groups by nearness, and each group as a normal distribution. */
function mixtureOf(colors: Float32Array, fore: Uint8Array, side: 0 | 1): Mixture | null {
  let members: number[] = []
  for (let i = 0; i < fore.length; i++) if (fore[i] === side) members.push(i)
  // Some thousands say as much of the colours as all of them.
  const every = Math.ceil(members.length / SAMPLES_MAX)
  members = members.filter((_, m) => m % every === 0)
  if (members.length < MIX) return null
  const group = new Uint8Array(members.length)
  // Begun at colours that are far apart: each the farthest from those before it.
  const means: number[][] = [[...colors.subarray(3 * (members[0] ?? 0), 3 * (members[0] ?? 0) + 3)]]
  const apart = (i: number, [r = 0, g = 0, b = 0]: readonly number[]) => ((colors[3 * i] ?? 0) - r) ** 2 + ((colors[3 * i + 1] ?? 0) - g) ** 2 + ((colors[3 * i + 2] ?? 0) - b) ** 2
  while (means.length < MIX) {
    let [farthest, most] = [members[0] ?? 0, -1]
    for (const i of members) {
      const away = Math.min(...means.map((mean) => apart(i, mean)))
      if (away > most) [farthest, most] = [i, away]
    }
    means.push([...colors.subarray(3 * farthest, 3 * farthest + 3)])
  }
  for (let round = 0; round < 6; round++) {
    const sums = means.map(() => [0, 0, 0, 0])
    for (const [m, i] of members.entries()) {
      let [best, least] = [0, Infinity]
      for (const [k, mean] of means.entries()) {
        const away = apart(i, mean)
        if (away < least) [best, least] = [k, away]
      }
      group[m] = best
      const sum = sums[best] ?? []
      for (let j = 0; j < 3; j++) sum[j] = (sum[j] ?? 0) + (colors[3 * i + j] ?? 0)
      sum[3] = (sum[3] ?? 0) + 1
    }
    for (const [k, [r = 0, g = 0, b = 0, many = 0]] of sums.entries()) if (many > 0) means[k] = [r / many, g / many, b / many]
  }
  const parts = means.flatMap((mean, k) => {
    const cov = [0, 0, 0, 0, 0, 0]
    let many = 0
    for (const [m, i] of members.entries()) {
      if (group[m] !== k) continue
      many += 1
      const [r, g, b] = [0, 1, 2].map((j) => (colors[3 * i + j] ?? 0) - (mean[j] ?? 0)) as [number, number, number]
      for (const [j, value] of [r * r, r * g, r * b, g * g, g * b, b * b].entries()) cov[j] = (cov[j] ?? 0) + value
    }
    if (many === 0) return []
    // A little noise, so that a group of one colour has a width.
    const [rr, rg, rb, gg, gb, bb] = cov.map((sum, j) => sum / many + ([0, 3, 5].includes(j) ? 4 : 0)) as [number, number, number, number, number, number]
    const [c0, c1, c2] = [gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg]
    const det = rr * c0 + rg * c1 + rb * c2
    const inverse = [c0, c1, c2, rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg].map((value) => value / det)
    const share = many / members.length
    return [{ share, mean, inverse, scale: share / Math.sqrt(Math.max(det, 1e-9)) }]
  })
  return { parts }
}

/** How unlikely the colour of a pixel is in the mixture. */
function costOf({ parts }: Mixture, colors: Float32Array, i: number): number {
  let likely = 0
  for (const { mean, inverse, scale } of parts) {
    const [r, g, b] = [(colors[3 * i] ?? 0) - (mean[0] ?? 0), (colors[3 * i + 1] ?? 0) - (mean[1] ?? 0), (colors[3 * i + 2] ?? 0) - (mean[2] ?? 0)]
    const [rr = 0, rg = 0, rb = 0, gg = 0, gb = 0, bb = 0] = inverse
    likely += scale * Math.exp(-0.5 * (rr * r * r + gg * g * g + bb * b * b + 2 * (rg * r * g + rb * r * b + gb * g * b)))
  }
  return -Math.log(Math.max(likely, 1e-30))
}

/** The four of eight neighbours that come after a pixel; the others are these from the other end. */
const STEPS = [[1, 0], [-1, 1], [0, 1], [1, 1]] as const

/** What it costs to part each pixel from its four next neighbours; none beyond the rim. */
function linksOf(colors: Float32Array, width: number, height: number): Float32Array {
  const links = new Float32Array(4 * width * height)
  let [sum, many] = [0, 0]
  const apart = (i: number, k: number) => {
    let away = 0
    for (let j = 0; j < 3; j++) away += ((colors[3 * i + j] ?? 0) - (colors[3 * k + j] ?? 0)) ** 2
    return away
  }
  const each = (visit: (at: number, i: number, k: number, long: number) => void) => {
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        for (const [d, [dx, dy]] of STEPS.entries()) {
          if (x + dx >= 0 && x + dx < width && y + dy < height) visit(4 * i + d, i, i + dy * width + dx, Math.hypot(dx, dy))
        }
      }
    }
  }
  each((_, i, k) => {
    sum += apart(i, k)
    many += 1
  })
  const beta = sum === 0 ? 0 : many / (2 * sum)
  each((at, i, k, long) => {
    links[at] = (GAMMA / long) * Math.exp(-beta * apart(i, k))
  })
  return links
}

const FREE = 0
const SOURCE = 1
const SINK = 2
/** Parents that are no arcs. */
const TERMINAL = -1
const ORPHAN = -2
const NONE = -3

/**
 * Which pixels stay with the source of the flow when the least is cut: two trees grow from both ends, the flow goes where
 * they meet, and what it cuts off looks for another parent.
 */
export function cut(width: number, height: number, leaning: Float32Array, links: Float32Array): Uint8Array {
  const many = width * height
  const offsets = [1, -1, width - 1, 1 - width, width, -width, width + 1, -width - 1]
  // Eight arcs a pixel, each beside the one that leads back.
  const room = new Float32Array(8 * many)
  for (let i = 0; i < many; i++) {
    for (let d = 0; d < 4; d++) {
      const link = links[4 * i + d] ?? 0
      if (link === 0) continue
      room[8 * i + 2 * d] = link
      room[8 * (i + (offsets[2 * d] ?? 0)) + 2 * d + 1] = link
    }
  }
  // Above zero what the source has yet to give, below what the sink has yet to take.
  const rest = Float32Array.from(leaning)
  const tree = new Uint8Array(many)
  const parent = new Int32Array(many).fill(NONE)
  const stamp = new Int32Array(many)
  const depth = new Int32Array(many)
  const queue: number[] = []
  const queued = new Uint8Array(many)
  let clock = 0
  const wake = (i: number) => {
    if (queued[i] === 1) return
    queued[i] = 1
    queue.push(i)
  }
  for (let i = 0; i < many; i++) {
    if (rest[i] === 0) continue
    tree[i] = (rest[i] ?? 0) > 0 ? SOURCE : SINK
    parent[i] = TERMINAL
    depth[i] = 1
    wake(i)
  }
  const target = (arc: number) => (arc >> 3) + (offsets[arc & 7] ?? 0)
  const isWithin = (i: number, d: number) => {
    const x = i % width
    const left = d === 1 || d === 2 || d === 7
    const right = d === 0 || d === 3 || d === 6
    const k = i + (offsets[d] ?? 0)
    return !(left && x === 0) && !(right && x === width - 1) && k >= 0 && k < many
  }
  const back = (arc: number) => 8 * target(arc) + ((arc & 7) ^ 1)
  const orphans: number[] = []

  const augment = (meeting: number) => {
    // From the source's side over the meeting arc to the sink's.
    let least = room[meeting] ?? 0
    let i = meeting >> 3
    for (; (parent[i] ?? 0) >= 0; i = target(parent[i] ?? 0)) least = Math.min(least, room[back(parent[i] ?? 0)] ?? 0)
    least = Math.min(least, rest[i] ?? 0)
    for (i = target(meeting); (parent[i] ?? 0) >= 0; i = target(parent[i] ?? 0)) least = Math.min(least, room[parent[i] ?? 0] ?? 0)
    least = Math.min(least, -(rest[i] ?? 0))
    const push = (arc: number) => {
      room[arc] = (room[arc] ?? 0) - least
      room[back(arc)] = (room[back(arc)] ?? 0) + least
      return (room[arc] ?? 0) <= 1e-6
    }
    const orphan = (k: number) => {
      parent[k] = ORPHAN
      orphans.push(k)
    }
    push(meeting)
    for (i = meeting >> 3; (parent[i] ?? 0) >= 0; ) {
      const up = parent[i] ?? 0
      const next = target(up)
      if (push(back(up))) orphan(i)
      i = next
    }
    rest[i] = (rest[i] ?? 0) - least
    if ((rest[i] ?? 0) <= 1e-6) {
      rest[i] = 0
      orphan(i)
    }
    for (i = target(meeting); (parent[i] ?? 0) >= 0; ) {
      const up = parent[i] ?? 0
      const next = target(up)
      if (push(up)) orphan(i)
      i = next
    }
    rest[i] = (rest[i] ?? 0) + least
    if ((rest[i] ?? 0) >= -1e-6) {
      rest[i] = 0
      orphan(i)
    }
  }

  /** How far from its end of the flow a pixel is; Infinity where it hangs on none. */
  const reach = (start: number): number => {
    let [i, steps] = [start, 0]
    for (;;) {
      if (stamp[i] === clock) {
        steps += depth[i] ?? 0
        break
      }
      const up = parent[i] ?? NONE
      steps += 1
      if (up === TERMINAL) {
        stamp[i] = clock
        depth[i] = 1
        break
      }
      if (up < 0) return Infinity
      i = target(up)
    }
    for (let [k, left] = [start, steps]; stamp[k] !== clock; k = target(parent[k] ?? 0)) {
      stamp[k] = clock
      depth[k] = left--
    }
    return steps
  }

  const adopt = (i: number) => {
    const side = tree[i]
    let [best, least] = [NONE, Infinity]
    for (let d = 0; d < 8; d++) {
      if (!isWithin(i, d)) continue
      const arc = 8 * i + d
      // From the source's tree the flow comes in, to the sink's it goes out.
      const open = side === SOURCE ? (room[back(arc)] ?? 0) : (room[arc] ?? 0)
      const k = target(arc)
      if (open <= 1e-6 || tree[k] !== side || (parent[k] ?? NONE) === NONE) continue
      const far = reach(k)
      if (far < least) [best, least] = [arc, far]
    }
    if (best !== NONE) {
      parent[i] = best
      stamp[i] = clock
      depth[i] = least + 1
      return
    }
    for (let d = 0; d < 8; d++) {
      if (!isWithin(i, d)) continue
      const arc = 8 * i + d
      const k = target(arc)
      if (tree[k] !== side) continue
      const open = side === SOURCE ? (room[back(arc)] ?? 0) : (room[arc] ?? 0)
      if (open > 1e-6) wake(k)
      const up = parent[k] ?? NONE
      if (up >= 0 && target(up) === i) {
        parent[k] = ORPHAN
        orphans.push(k)
      }
    }
    tree[i] = FREE
    parent[i] = NONE
  }

  for (let at = 0; at < queue.length; ) {
    const i = queue[at] ?? 0
    if (tree[i] === FREE) {
      queued[i] = 0
      at += 1
      continue
    }
    let meeting = -1
    for (let d = 0; d < 8 && meeting < 0; d++) {
      if (!isWithin(i, d)) continue
      const arc = 8 * i + d
      const isSource = tree[i] === SOURCE
      if ((isSource ? (room[arc] ?? 0) : (room[back(arc)] ?? 0)) <= 1e-6) continue
      const k = target(arc)
      if (tree[k] === FREE) {
        tree[k] = tree[i] ?? FREE
        parent[k] = 8 * k + (d ^ 1)
        stamp[k] = stamp[i] ?? 0
        depth[k] = (depth[i] ?? 0) + 1
        wake(k)
      } else if (tree[k] !== tree[i]) meeting = isSource ? arc : back(arc)
    }
    if (meeting < 0) {
      queued[i] = 0
      at += 1
      continue
    }
    clock += 1
    augment(meeting)
    for (let orphan = orphans.pop(); orphan !== undefined; orphan = orphans.pop()) adopt(orphan)
    // A queue that has been worked off for the most part is let go.
    if (at > 65_536) {
      queue.splice(0, at)
      at = 0
    }
  }
  return Uint8Array.from(tree, (side) => (side === SOURCE ? 1 : 0))
}
