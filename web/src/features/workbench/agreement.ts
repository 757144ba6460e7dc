/**
 * How far two answers agree, for the adjudicator's eye, where the server has not said it: F1 of the
 * objects that match at IoU ≥ 0.5 within a class, or the share of common choices.
 */
import { type AnswerObject, type Bounds, type Shape, boundsOfShape, distanceTo, solidOf, util } from '../../canvas'
import { roomShared } from '../../canvas/kernels/space'
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
  return (2 * matches(first, second)) / (first.length + second.length)
}

function sharedChoices(a: readonly string[], b: readonly string[]): number {
  const union = new Set([...a, ...b])
  return union.size === 0 ? 1 : a.filter((key) => b.includes(key)).length / union.size
}

/** Pairs, the best first; each object in one pair at most. */
function matches(a: readonly AnswerObject[], b: readonly AnswerObject[]): number {
  const pairs = a.flatMap((x, i) => b.flatMap((y, j) => {
    if (x.class !== y.class) return []
    const value = iou(x.shape as Shape, y.shape as Shape)
    return value >= IOU_MIN ? [{ i, j, value }] : []
  }))
  const [left, right] = [new Set<number>(), new Set<number>()]
  for (const { i, j } of pairs.sort((p, q) => q.value - p.value)) {
    if (left.has(i) || right.has(j)) continue
    left.add(i)
    right.add(j)
  }
  return left.size
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
