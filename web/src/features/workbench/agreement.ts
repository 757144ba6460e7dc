/**
 * How far two answers agree, for the adjudicator's eye, where the server has not said it: F1 of the
 * objects that match at IoU ≥ 0.5 within a class, or the share of common choices.
 */
import { type AnswerObject, type Bounds, type Pairing, type Shape, boundsOfShape, distanceTo, solidOf, util } from '../../canvas'
import { roomShared } from '../../canvas/kernels/space'
import { type Keyframes, overlapOf } from '../../canvas/kernels/tracks'
import type { Answer } from '../queue/model'
import { objectsOf } from './overlay'

const IOU_MIN = 0.5
/** Polygons are compared on a grid of so many cells a side over both. */
const GRID = 48
/** Pixels to either side of a point or a line that count as it, as the server has it (A15). */
const THICK = 10

export function agreement(a: Answer, b: Answer): number {
  const [first, second] = [objectsOf(a), objectsOf(b)]
  const marked = matched(first, second)
  if ((a.choices?.length ?? 0) === 0 && (b.choices?.length ?? 0) === 0) return marked
  const chosen = sharedChoices(a.choices ?? [], b.choices ?? [])
  return first.length + second.length === 0 ? chosen : (chosen + marked) / 2
}

function matched(first: readonly AnswerObject[], second: readonly AnswerObject[]): number {
  if (first.length + second.length === 0) return 1
  return (2 * paired(first, second).length) / (first.length + second.length)
}

function sharedChoices(a: readonly string[], b: readonly string[]): number {
  const union = new Set([...a, ...b])
  return union.size === 0 ? 1 : a.filter((key) => b.includes(key)).length / union.size
}

/** Pairs of what is alike and of one class, the best first; each object in one pair at most. */
export const paired: Pairing = (a, b) => {
  const pairs = a.flatMap((x, i) => b.flatMap((y, j) => {
    if (x.class !== y.class || x.camera !== y.camera) return []
    const value = alike(x, y)
    return value >= IOU_MIN ? [{ i, j, value }] : []
  }))
  const [left, right] = [new Set<number>(), new Set<number>()]
  const kept: (readonly [number, number])[] = []
  for (const { i, j } of pairs.sort((p, q) => q.value - p.value)) {
    if (left.has(i) || right.has(j)) continue
    left.add(i)
    right.add(j)
    kept.push([i, j])
  }
  return kept
}

/** How like two shapes are: skeletons by their points, everything else by what they cover. */
export function likeness(a: Shape, b: Shape): number {
  if (a.type === 'keypoints' && b.type === 'keypoints' && a.points.length === b.points.length) return oks(a.points, b.points)
  return iou(a, b)
}

/** How far a point of a skeleton may be off, as a share of the size of the whole; what is smaller counts as so large. */
const OKS_FALLOFF = 0.1
const OKS_SIZE_MIN = 20

type Places = Extract<Shape, { type: 'keypoints' }>['points']

/** Object keypoint similarity with one falloff for all points, as the server has it (A15). */
function oks(a: Places, b: Places): number {
  const size = (points: Places) => {
    const there = points.filter(([, , v]) => v > 0)
    if (there.length === 0) return 0
    const [xs, ys] = [there.map(([x]) => x), there.map(([, y]) => y)]
    return (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys))
  }
  const area = Math.max((size(a) + size(b)) / 2, OKS_SIZE_MIN ** 2)
  let [sum, count] = [0, 0]
  for (const [i, [ax, ay, av]] of a.entries()) {
    const [bx, by, bv] = b[i] ?? [0, 0, 0]
    if (av === 0 && bv === 0) continue
    count += 1
    if (av > 0 && bv > 0) sum += Math.exp(-((ax - bx) ** 2 + (ay - by) ** 2) / (2 * area * OKS_FALLOFF ** 2))
  }
  return count === 0 ? 1 : sum / count
}

function alike(x: AnswerObject, y: AnswerObject): number {
  const [a, b] = [x.shape, y.shape] as unknown as readonly { type: string; keyframes?: Keyframes }[]
  return a?.keyframes === undefined || b?.keyframes === undefined ? likeness(x.shape as Shape, y.shape as Shape) : overlapOf(a.keyframes, b.keyframes, likeness)
}

export function iou(a: Shape, b: Shape): number {
  if (a.type === 'cuboid3d' && b.type === 'cuboid3d') return roomShared(solidOf(a.size, a), solidOf(b.size, b))
  const [x, y] = [extentOf(a), extentOf(b)]
  const common = area({
    left: Math.max(x.left, y.left),
    top: Math.max(x.top, y.top),
    right: Math.min(x.right, y.right),
    bottom: Math.min(x.bottom, y.bottom),
  })
  if (common === 0) return 0
  if ((a.type === 'box' && b.type === 'box') || (a.type === 'span' && b.type === 'span')) return common / (area(x) + area(y) - common)
  return sampled(a, b, x, y)
}

/** What has no inside counts as far as it is thick. */
const reachOf = (shape: Shape): number => (util(shape).area(shape) > 0 ? 0 : THICK)

function extentOf(shape: Shape): Bounds {
  const [{ left, top, right, bottom }, by] = [boundsOfShape(shape), reachOf(shape)]
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by }
}

const area = ({ left, top, right, bottom }: Bounds): number => Math.max(0, right - left) * Math.max(0, bottom - top)

function sampled(a: Shape, b: Shape, x: Bounds, y: Bounds): number {
  const [left, top] = [Math.min(x.left, y.left), Math.min(x.top, y.top)]
  const [width, height] = [Math.max(x.right, y.right) - left, Math.max(x.bottom, y.bottom) - top]
  let [both, either] = [0, 0]
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const at = [left + ((column + 0.5) * width) / GRID, top + ((row + 0.5) * height) / GRID] as const
      const [isA, isB] = [distanceTo(a, at) <= reachOf(a), distanceTo(b, at) <= reachOf(b)]
      if (isA && isB) both += 1
      if (isA || isB) either += 1
    }
  }
  return either === 0 ? 0 : both / either
}
