import { describe, expect, test } from 'vitest'
import { type Answer, type Point, type Shape, select, util } from '../../src/canvas'
import { flatten, pointOn } from '../../src/canvas/kernels/bezier'
import { distanceToLine } from '../../src/canvas/kernels/geometry'
import { curveThrough } from '../../src/canvas/shapes/line'
import { TestEditor } from './hands'

const BENT: Shape = { type: 'line', points: [[20, 100], [120, 100], [220, 100]], curves: [[[50, 40], [90, 40]], [[150, 160], [190, 160]]] }
const start: Answer = { objects: [{ id: 'w', class: 'car', shape: BENT }] }
const open = (answer: Answer = start) => TestEditor.with(answer, { shapes: ['line', 'solid'] })
const shapeOf = (editor: TestEditor, id = 'w') => {
  const shape = editor.scene.get(id)?.shape
  if (shape?.type !== 'line') throw new Error('no line')
  return shape
}
const flat = (shape: Shape): readonly Point[] => util(shape).paths(shape, null)[0]?.points ?? []
const apart = (a: readonly Point[], b: readonly Point[]) => Math.max(...a.map((p) => distanceToLine(p, b)), ...b.map((p) => distanceToLine(p, a)))

describe('bent lines (A54)', () => {
  test('are laid out straight within a quarter of a pixel', () => {
    const [a, b, c, d]: Point[] = [[0, 0], [0, 300], [400, -300], [400, 0]]
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error()
    const { points, edges } = flatten([a, d, [500, 0]], [[b, c], null])
    const farthest = Math.max(...Array.from({ length: 2001 }, (_, i) => distanceToLine(pointOn(a, [b, c], d, i / 2000), points)))
    expect(farthest).toBeLessThanOrEqual(0.25)
    expect(farthest).toBeGreaterThan(0.05)
    expect(edges[1]).toBe(1)
    expect(points.length).toBe((edges[0] ?? 0) + 2)
  })

  test('come out as they came in, and only whole', () => {
    expect(open().toAnswer()).toEqual(start)
    const parse = (value: object) => util(BENT).parse(value as never)
    expect(parse({ ...BENT, curves: [null] })).toBeNull()
    expect(parse({ ...BENT, curves: [null, [[1, 2]]] })).toBeNull()
    expect(parse({ ...BENT, curves: [null, null] })).not.toBeNull()
  })

  test('go through the points that the hand puts, and are smooth there', () => {
    const editor = open({}).tool('curve')
    editor.click(20, 100).click(120, 60).click(220, 100).click(320, 60).key('Enter')
    const [made] = editor.scene.objects
    if (made?.shape.type !== 'line') throw new Error('no line')
    expect(made.shape.points).toEqual([[20, 100], [120, 60], [220, 100], [320, 60]])
    const [before, after] = [made.shape.curves?.[0]?.[1], made.shape.curves?.[1]?.[0]]
    if (before == null || after == null) throw new Error('not bent')
    // On one line through the point.
    expect(Math.abs((before[0] - 120) * (after[1] - 60) - (before[1] - 60) * (after[0] - 120))).toBeLessThan(1)
  })

  test('stay the same curve when a point is put into them', () => {
    const editor = open()
    const before = flat(BENT)
    select(editor, ['w'])
    const on = before[Math.floor(before.length / 4)] as Point
    editor.doubleClick(Math.round(on[0]), Math.round(on[1]))
    expect(shapeOf(editor).points).toHaveLength(4)
    expect(apart(flat(shapeOf(editor)), before)).toBeLessThan(0.4)
    // The new point is in the hand.
    expect(editor.session.handle).toBe(1)
  })

  test('are bent and straightened by a key: the segment in hand, or all', () => {
    const editor = open({ objects: [{ id: 'w', class: 'car', shape: { type: 'line', points: [[20, 100], [120, 60], [220, 100]] } }] })
    select(editor, ['w'])
    editor.keys('BracketRight', 'KeyW')
    expect(shapeOf(editor).curves?.map((bend) => bend === null)).toEqual([false, true])
    editor.key('KeyQ').key('Period').key('KeyW')
    expect(shapeOf(editor).curves?.every((bend) => bend !== null)).toBe(true)
    editor.key('KeyW')
    expect(shapeOf(editor).curves).toBeUndefined()
  })

  test('a bend is moved by its handle, by mouse and by keys, and taken away by Delete', () => {
    const editor = open()
    select(editor, ['w'])
    editor.drag(50, 40, 60, 30)
    expect(shapeOf(editor).curves?.[0]?.[0]).toEqual([60, 30])
    // Vertices come first under the brackets, then the bends.
    editor.key('KeyQ').key('Period').key('BracketRight', 1)
    for (let i = 0; i < 3; i++) editor.key('BracketRight')
    expect(editor.session.said.text).toMatch(/^Bend 4 of 7/)
    editor.key('ArrowUp')
    expect(shapeOf(editor).curves?.[0]?.[0]).toEqual([60, 29])
    editor.key('Delete')
    expect(shapeOf(editor).curves?.[0]).toBeNull()
    expect(editor.scene.objects).toHaveLength(1)
  })

  test('a point takes its bends along, and a smooth corner stays smooth', () => {
    const smooth = curveThrough([[20, 100], [120, 60], [220, 100]])
    const moved = util(smooth).moveHandle(smooth, 1, [130, 70])
    if (smooth.curves == null || moved.type !== 'line') throw new Error()
    expect(moved.curves?.[0]?.[1]).toEqual([(smooth.curves[0]?.[1][0] ?? 0) + 10, (smooth.curves[0]?.[1][1] ?? 0) + 10])
    // Handles: 3 vertices, 2 middles, then the controls; the second is tied to the middle point.
    const turned = util(smooth).moveHandle(smooth, 6, [100, 30])
    if (turned.type !== 'line') throw new Error()
    const [a, b] = [turned.curves?.[0]?.[1], turned.curves?.[1]?.[0]]
    if (a == null || b == null) throw new Error()
    expect(Math.abs((a[0] - 120) * (b[1] - 60) - (a[1] - 60) * (b[0] - 120))).toBeLessThan(1e-6)
    const gone = util(smooth).deleteVertex?.(smooth, 1)
    expect(gone).toMatchObject({ points: [[20, 100], [220, 100]] })
  })
})

describe('cuboids in pictures (A55)', () => {
  test('are a front and a back, by mouse', () => {
    const editor = open({}).tool('solid')
    editor.drag(40, 80, 140, 180).click(80, 60).click(160, 140)
    editor.expectObjects('n1 car solid 40,80 40,180 140,80 140,180 160,60 160,140 80,60 80,140')
  })

  test('and by keys', () => {
    const editor = open({}).tool('solid')
    editor.key('Enter')
    editor.keys('Shift+ArrowRight', 'Shift+ArrowDown', 'Enter', 'ArrowUp', 'Enter', 'Shift+ArrowLeft', 'Shift+ArrowUp', 'Enter')
    expect(editor.scene.objects.map(({ shape }) => shape.type)).toEqual(['solid'])
  })

  test('an edge goes as a whole to the side, and a corner alone up and down', () => {
    const corners: Point[] = [[40, 80], [40, 180], [140, 80], [140, 180], [160, 60], [160, 140], [80, 60], [80, 140]]
    const editor = open({ objects: [{ id: 's', class: 'car', shape: { type: 'solid', corners } }] })
    select(editor, ['s'])
    editor.drag(140, 180, 150, 190)
    editor.expectObjects('s car solid 40,80 40,180 150,80 150,190 160,60 160,140 80,60 80,140')
    editor.click(100, 100)
    editor.keys('BracketRight', 'ArrowLeft')
    editor.expectObjects('s car solid 39,80 39,180 150,80 150,190 160,60 160,140 80,60 80,140')
    expect(editor.toAnswer().objects?.[0]?.shape).toMatchObject({ type: 'solid' })
  })
})
