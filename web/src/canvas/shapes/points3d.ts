import { readCounts, writeCounts } from '../kernels/rle'
import { isNumber } from './parse'
import type { ShapeUtil } from './util'

/** Some of the points of one cloud, by their numbers in its file (A44): runs in the compressed text of masks. */
export interface Points3d {
  readonly type: 'points3d'
  readonly cloud: number
  /** Of the file, those without a place among them. */
  readonly points: number
  readonly counts: string
}

const isWhole = (value: unknown): value is number => isNumber(value) && Number.isInteger(value) && value >= 0

/** The stretches of points that belong: the first of each, and the first behind it. */
export function stretchesOf({ counts, points }: Points3d): [from: number, to: number][] {
  const found: [number, number][] = []
  let at = 0
  for (const [i, run] of (readCounts(counts) ?? []).entries()) {
    if (i % 2 === 1 && run > 0) found.push([at, Math.min(points, at + run)])
    at += run
  }
  return found
}

/** The shape of the points that belong to this owner. */
export function pointsOf(cloud: number, owners: Uint8Array | Uint16Array, owner: number): Points3d {
  const runs: number[] = []
  let [at, isIn] = [0, false]
  for (let i = 0; i < owners.length; i++) {
    if ((owners[i] === owner) === isIn) continue
    runs.push(i - at)
    at = i
    isIn = !isIn
  }
  runs.push(owners.length - at)
  return { type: 'points3d', cloud, points: owners.length, counts: writeCounts(runs) }
}

// A shape never changes, and is asked for its number of points with each drawing of the list.
const known = new WeakMap<Points3d, number>()

export function countOf(shape: Points3d): number {
  const there = known.get(shape) ?? stretchesOf(shape).reduce((sum, [from, to]) => sum + to - from, 0)
  known.set(shape, there)
  return there
}

/** They have no place on any ground: nothing that is done with outlines is done with them. */
export const points3d: ShapeUtil<Points3d> = {
  name: 'Points',
  parse(value) {
    const { cloud, points, counts } = value
    const runs = typeof counts === 'string' ? readCounts(counts) : null
    if (!isWhole(cloud) || !isWhole(points) || runs === null || Object.keys(value).length !== 4) return null
    return runs.reduce((sum, run) => sum + run, 0) === points ? { type: 'points3d', cloud, points, counts: counts as string } : null
  },
  paths: () => [],
  bounds: () => ({ left: 0, top: 0, right: 0, bottom: 0 }),
  area: () => 0,
  translate: (shape) => shape,
  stretch: (shape) => shape,
  handles: () => [],
  moveHandle: (shape) => shape,
  clamp: (shape) => shape,
  isWorthKeeping: (shape) => countOf(shape) > 0,
  describe: (shape) => `${countOf(shape).toLocaleString('en')} points of cloud ${shape.cloud + 1}`,
}
