import { describe, expect, test } from 'vitest'
import type { Point } from '../../src/canvas'
import { type Diff, reverse, squash } from '../../src/canvas/diff'
import { fitTo, keepOnImage, toImage, toScreen, zoomAt } from '../../src/canvas/kernels/camera'
import { distanceToRings, limitShift, roundDegrees, turnPoint } from '../../src/canvas/kernels/geometry'
import { Grid } from '../../src/canvas/kernels/grid'
import { longestRise } from '../../src/canvas/kernels/order'
import { pick } from '../../src/canvas/kernels/pick'
import { area, crossesItself, nearestEdge, simplify } from '../../src/canvas/kernels/polygon'
import { box } from '../../src/canvas/shapes/box'
import { random } from './hands'

const square: Point[] = [[0, 0], [10, 0], [10, 10], [0, 10]]

test('a diff and its reverse are nothing (W3)', () => {
  const diff: Diff<string> = new Map([['a', [null, 'x']], ['b', ['x', 'y']], ['c', ['y', null]]])
  expect(squash(diff, reverse(diff)).size).toBe(0)
})

describe('polygons', () => {
  test('area, whichever way round', () => {
    expect(area(square)).toBe(100)
    expect(area([...square].reverse())).toBe(100)
    expect(area([])).toBe(0)
  })
  test.each<[string, Point[], boolean]>([
    ['a square', square, false], ['a bow tie', [[0, 0], [10, 10], [10, 0], [0, 10]], true],
    ['one that touches itself', [[0, 0], [10, 0], [5, 5], [10, 10], [0, 10], [5, 5]], false],
  ])('%s crosses itself: %s', (_, points, want) => { expect(crossesItself(points)).toBe(want) })
  test('distance: negative inside', () => {
    expect(distanceToRings([5, 4], [square])).toBe(-4)
    expect(distanceToRings([13, 14], [square])).toBe(5)
    expect(distanceToRings([5, 4], [square, [[4, 3], [6, 3], [6, 6], [4, 6]]])).toBe(1)
  })
  test('the nearest edge', () => { expect(nearestEdge([{ points: square, closed: true }], [9, 4])).toEqual({ edge: 1, at: [10, 4], distance: 1 }) })
  test('an open line has no edge back, and the edges of several are counted through', () => {
    const open = { points: square, closed: false }
    expect(nearestEdge([open], [1, 5])?.edge).toBe(0)
    expect(nearestEdge([open, { points: [[0, 5], [2, 5]], closed: false }], [1, 5])).toEqual({ edge: 4, at: [1, 5], distance: 0 })
  })
  test('simplify keeps corners and both ends', () => {
    expect(simplify([[0, 0], [5, 0.4], [10, 0], [10, 5], [10, 10]], 1)).toEqual([[0, 0], [10, 0], [10, 10]])
    expect(simplify([], 1)).toEqual([])
  })
})

test('turned four times by a right angle, a point is where it was', () => {
  expect([90, 180, 270, 360].map((degrees) => turnPoint([3, 1], degrees, [1, 1]))).toEqual([[1, 3], [-1, 1], [1, -1], [3, 1]])
  expect([359.999, -90, 725].map(roundDegrees)).toEqual([0, 270, 5])
})

test('a click on nothing means nothing', () => { expect(pick([], 5)).toBe(null) })

test('a shift stops at the rim (W12), and what is already beyond may come back', () => {
  const size = { width: 100, height: 100 }
  expect(limitShift({ left: 10, top: 10, right: 20, bottom: 20 }, [-50, 200], size)).toEqual([-10, 80])
  expect(limitShift({ left: -10, top: 0, right: 20, bottom: 20 }, [50, 0], size)).toEqual([50, 0])
})

describe('camera', () => {
  const range = { min: 0.01, max: 64 }
  test('what is under the pointer stays under it (W20)', () => {
    const before = { zoom: 0.7, x: 12, y: -5 }
    const after = zoomAt(before, [123, 45], 1.7, range)
    for (const axis of [0, 1] as const) expect(toImage(after, [123, 45])[axis]).toBeCloseTo(toImage(before, [123, 45])[axis], 9)
    expect(zoomAt(before, [0, 0], 1e9, range).zoom).toBe(64)
  })
  test('fit shows all, in the middle', () => {
    const camera = fitTo({ left: 0, top: 0, right: 200, bottom: 100 }, { width: 100, height: 100 }, 0, range)
    expect([toScreen(camera, [0, 0]), toScreen(camera, [200, 100])]).toEqual([[0, 25], [100, 75]])
  })
  test('nobody gets lost (W21)', () => {
    expect(keepOnImage({ zoom: 1, x: 5000, y: -5000 }, { width: 100, height: 100 }, { width: 300, height: 200 })).toEqual({ zoom: 1, x: 250, y: -50 })
  })
})

test('the longest rise is what need not move', () => {
  expect([...longestRise([2, 0, 1, 3])].sort()).toEqual([1, 2, 3])
  expect([...longestRise([])]).toEqual([])
})

test('the index finds what a look at every shape finds', () => {
  const below = random(7)
  const grid = new Grid()
  const all = new Map<string, { left: number; top: number; right: number; bottom: number }>()
  for (let i = 0; i < 2000; i++) {
    const id = `s${below(300)}`
    if (below(3) === 0) { grid.remove(id); all.delete(id); continue }
    const [left, top, size] = [below(4000) - 100, below(3000) - 100, 2 ** below(12)]
    const bounds = { left, top, right: left + below(size), bottom: top + below(size) }
    grid.put(id, bounds)
    all.set(id, bounds)
    if (i % 20 > 0) continue
    const q = { left: below(4000), top: below(3000), right: 0, bottom: 0 }
    q.right = q.left + below(2 ** below(12))
    q.bottom = q.top + below(2 ** below(12))
    const want = [...all].filter(([, b]) => b.left <= q.right && b.right >= q.left && b.top <= q.bottom && b.bottom >= q.top)
    expect(grid.query(q).sort()).toEqual(want.map(([id]) => id).sort())
  }
})

test('a clamped box never passes the rim by the error of a binary fraction (A1)', () => {
  const below = random(3)
  for (let i = 0; i < 20_000; i++) {
    const size = { width: 1 + below(5000), height: 1 + below(5000) }
    const shape = box.clamp({ type: 'box', x: below(500_000) / 100, y: below(500_000) / 100, width: 9999, height: 9999 }, size)
    if (shape.x + shape.width > size.width || shape.y + shape.height > size.height) throw new Error(JSON.stringify({ shape, size }))
  }
})
