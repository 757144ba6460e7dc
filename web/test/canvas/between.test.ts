import { describe, expect, test } from 'vitest'
import type { Shape } from '../../src/canvas'
import { between } from '../../src/canvas/kernels/between'

type Points = readonly (readonly [number, number])[]

const polygon = (points: Points): Shape => ({ type: 'polygon', points })
const line = (points: Points): Shape => ({ type: 'line', points })
const square: Points = [[0, 0], [10, 0], [10, 10], [0, 10]]
const house: Points = [[0, 0], [10, 0], [10, 10], [5, 16], [0, 10]]
const halfway: Points = [[0, 0], [10, 0], [10, 10], [5, 13], [0, 10]]

// The same figures as in `crates/domain/src/between.rs`: page and server must show one picture.
describe('a shape on its way (A36, A37)', () => {
  test.each<[string, Shape, Shape, number, Shape]>([
    ['point', { type: 'point', x: 0, y: 1 }, { type: 'point', x: 8, y: 1 }, 0.25, { type: 'point', x: 2, y: 1 }],
    [
      'turned',
      { type: 'turned', cx: 0, cy: 20, width: 8, height: 4, degrees: 350 }, { type: 'turned', cx: 10, cy: 20, width: 8, height: 4, degrees: 20 }, 0.5,
      { type: 'turned', cx: 5, cy: 20, width: 8, height: 4, degrees: 5 },
    ],
    [
      'turned the other way',
      { type: 'turned', cx: 0, cy: 20, width: 8, height: 4, degrees: 20 }, { type: 'turned', cx: 10, cy: 20, width: 8, height: 4, degrees: 350 }, 0.8,
      { type: 'turned', cx: 8, cy: 20, width: 8, height: 4, degrees: 356 },
    ],
    ['ellipse', { type: 'ellipse', cx: 9, cy: 9, rx: 2, ry: 2, degrees: 10 }, { type: 'ellipse', cx: 9, cy: 9, rx: 6, ry: 2, degrees: 30 }, 0.25, { type: 'ellipse', cx: 9, cy: 9, rx: 3, ry: 2, degrees: 15 }],
    [
      'keypoints',
      { type: 'keypoints', points: [[0, 0, 2], [4, 4, 1], [0, 0, 0], [1, 1, 2]] }, { type: 'keypoints', points: [[8, 4, 1], [8, 4, 2], [5, 5, 2], [0, 0, 0]] }, 0.5,
      { type: 'keypoints', points: [[4, 2, 2], [6, 4, 1], [0, 0, 0], [1, 1, 2]] },
    ],
    ['line', line([[0, 0], [6, 0]]), line([[0, 4], [8, 4]]), 0.5, line([[0, 2], [7, 2]])],
    [
      'bent line',
      line([[0, 0], [6, 0]]), { type: 'line', points: [[0, 0], [6, 0]], curves: [[[0, 4], [6, 4]]] }, 0.5,
      { type: 'line', points: [[0, 0], [6, 0]], curves: [[[1, 2], [5, 2]]] },
    ],
    ['line with a new point', line([[0, 0], [12, 0]]), line([[0, 6], [3, 6], [12, 6]]), 0.5, line([[0, 3], [3, 3], [12, 3]])],
    ['outline at its end', polygon(square), polygon(house), 1, polygon(house)],
    ['outline with a new corner', polygon(square), polygon(house), 0.5, polygon(halfway)],
    ['outline that loses one', polygon(house), polygon(square), 0.5, polygon(halfway)],
    ['another kind', polygon(square), { type: 'point', x: 1, y: 1 }, 0.5, polygon(square)],
  ])('%s', (_, from, to, part, want) => expect(between(from, to, part)).toEqual(want))

  test('outlines of any numbers of points keep their corners', () => {
    const circle = (count: number, radius: number) =>
      Array.from({ length: count }, (_, i): [number, number] => [100 + Math.round(radius * Math.cos((2 * Math.PI * i) / count)), 100 + Math.round(radius * Math.sin((2 * Math.PI * i) / count))])
    for (const [a, b] of [[3, 4], [3, 60], [59, 60], [4, 3], [17, 5]] as const) {
      for (const make of [polygon, line]) {
        const [from, to] = [circle(a, 50), circle(b, 80)]
        for (const [part, drawn] of [[0, from], [1, to]] as const) {
          const shape = between(make(from), make(to), part)
          const points = shape.type === 'polygon' || shape.type === 'line' ? shape.points : []
          expect(points.length).toBe(Math.max(a, b))
          for (const corner of drawn) expect(points).toContainEqual(corner)
        }
      }
    }
  })
})
