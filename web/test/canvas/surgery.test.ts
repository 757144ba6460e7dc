import { describe, expect, test } from 'vitest'
import { type Point, select, util } from '../../src/canvas'
import { type Ring, combine, divide } from '../../src/canvas/kernels/clipping'
import { area } from '../../src/canvas/kernels/polygon'
import { SHIFT, TestEditor, boxAt, polygonAt, random } from './hands'

const square = (x: number, y: number, side: number): Point[] => [[x, y], [x + side, y], [x + side, y + side], [x, y + side]]
const sizes = (parts: readonly (readonly Ring[])[]) => parts.map(([outer, ...holes]) => area(outer ?? []) - holes.reduce((sum, hole) => sum + area(hole), 0)).sort((a, b) => b - a)

describe('polygons joined, subtracted and cut', () => {
  test('two that overlap are one; two that do not are two', () => {
    expect(sizes(combine([square(0, 0, 10)], [square(5, 5, 10)], 'union'))).toEqual([175])
    expect(sizes(combine([square(0, 0, 10)], [square(20, 5, 10)], 'union'))).toEqual([100, 100])
  })
  test('two that share an edge, or a part of one, are one without it', () => {
    const [whole] = combine([square(0, 0, 10)], [square(10, 0, 10)], 'union')
    expect(whole?.[0]).toHaveLength(6)
    expect(sizes(combine([square(0, 0, 10)], [square(10, 3, 4)], 'union'))).toEqual([116])
  })
  test('two that touch at a corner stay two', () => {
    expect(sizes(combine([square(0, 0, 10)], [square(10, 10, 10)], 'union'))).toEqual([100, 100])
  })
  test('around a gap there is a hole, and what fills a hole closes it', () => {
    const left: Point[] = [[0, 0], [20, 0], [20, 5], [5, 5], [5, 15], [20, 15], [20, 20], [0, 20]]
    const [ring] = combine([left], [[[18, 0], [25, 0], [25, 20], [18, 20]]], 'union')
    expect(ring?.slice(1).map(area)).toEqual([130])
    expect(sizes(combine(ring ?? [], [[[5, 5], [18, 5], [18, 15], [5, 15]]], 'union'))).toEqual([500])
  })
  test('a bite, a hole, and two halves', () => {
    expect(sizes(combine([square(0, 0, 10)], [square(5, 5, 10)], 'difference'))).toEqual([75])
    expect(combine([square(0, 0, 10)], [square(2, 2, 3)], 'difference')[0]).toHaveLength(2)
    expect(sizes(combine([square(0, 0, 10)], [[[4, -1], [6, -1], [6, 11], [4, 11]]], 'difference'))).toEqual([40, 40])
    expect(combine([square(2, 2, 3)], [square(0, 0, 10)], 'difference')).toEqual([])
  })
  test('a line divides what it goes through, and nothing where it ends inside', () => {
    expect(sizes(divide([square(0, 0, 10)], [[-5, 4], [15, 4]]))).toEqual([60, 40])
    expect(sizes(divide([square(0, 0, 10)], [[-5, 4], [5, 4], [5, 20]]))).toEqual([70, 30])
    expect(sizes(divide([square(0, 0, 10)], [[-5, 4], [5, 4]]))).toEqual([100])
    expect(sizes(divide([square(0, 0, 10)], [[0, 0], [10, 10]]))).toEqual([50, 50])
    expect(sizes(divide([square(0, 0, 10), square(4, 4, 2)], [[-5, 5], [15, 5]]))).toEqual([48, 48])
    expect(sizes(divide([square(0, 0, 10), square(4, 4, 2)], [[-5, 5], [5, 5]]))).toEqual([96])
  })
  test('whatever the polygons: the areas add up', () => {
    let crossed = 0
    for (let seed = 1; seed <= 200; seed++) {
      const below = random(seed)
      // Stars about a middle, so that none crosses itself; coarse, so that corners and edges often coincide.
      const star = (cx: number, cy: number): Point[] => {
        const count = 3 + below(8)
        const points = Array.from({ length: count }, (_, i): Point => {
          const [turn, away] = [(2 * Math.PI * i) / count, 4 + below(16)]
          return [Math.round(cx + away * Math.cos(turn)), Math.round(cy + away * Math.sin(turn))]
        })
        return points.filter((p, i) => points.findIndex((q) => q[0] === p[0] && q[1] === p[1]) === i)
      }
      const [a, b] = [star(30, 30), star(30 + below(30), 30 + below(10))]
      if (area(a) < 1 || area(b) < 1) continue
      const sum = (parts: readonly (readonly Ring[])[]) => sizes(parts).reduce((total, size) => total + size, 0)
      const [both, aOnly, bOnly] = [combine([a], [b], 'union'), combine([a], [b], 'difference'), combine([b], [a], 'difference')].map(sum) as [number, number, number]
      const common = area(a) - aOnly
      expect(Math.abs(both - (aOnly + bOnly + common)), `seed ${seed}`).toBeLessThan(0.5)
      expect(Math.abs(area(b) - bOnly - common), `seed ${seed}`).toBeLessThan(0.5)
      const line: Point[] = [[0, below(60)], [30, below(60)], [80, below(60)]]
      const halves = divide([a], line)
      expect(Math.abs(sum(halves) - area(a)), `cut ${seed}`).toBeLessThan(0.5)
      if (common > 1 && aOnly > 1 && halves.length > 1) crossed += 1
    }
    expect(crossed).toBeGreaterThan(50)
  })
})

const one = () => TestEditor.with({ objects: [polygonAt('a', square(50, 50, 100))] })

describe('a hole (W45)', () => {
  const hole = (editor: TestEditor) => editor.click(80, 80).click(100, 80).click(100, 100).key('Enter')
  test('is traced on the polygon beneath, in one step', () => {
    const editor = hole(one().tool('hole')).expectToBeIn('hole.idle').expectSelected('a')
      .expectObjects('a car polygon 50,50 150,50 150,150 50,150 hole 100,80 80,80 100,100')
    editor.key('Mod+KeyZ').expectObjects('a car polygon 50,50 150,50 150,150 50,150')
  })
  test('over the rim it is a bite; around all, or beside, nothing is done and it is said why', () => {
    one().tool('hole').click(40, 40).click(60, 40).click(60, 60).click(40, 60).key('Enter')
      .expectObjects('a car polygon 60,50 150,50 150,150 50,150 50,60 60,60')
    const beside = one().tool('hole').click(200, 200).click(220, 200).click(220, 220).key('Enter').expectToBeIn('hole.drawing')
    expect(beside.session.said.text).toBe('There is no polygon to cut a hole into')
    const across = one().tool('hole').click(90, 10).click(110, 10).click(110, 200).click(90, 200).key('Enter').expectToBeIn('hole.drawing')
    expect(across.session.said.text).toContain('fall apart')
  })
  test('has corners like the outline: dragged, deleted down to none', () => {
    const editor = hole(one().tool('hole')).tool('select').drag(80, 80, 70, 90)
      .expectObjects('a car polygon 50,50 150,50 150,150 50,150 hole 100,80 70,90 100,100')
    for (let i = 0; i < 5; i++) editor.key('BracketRight')
    editor.key('Delete').expectObjects('a car polygon 50,50 150,50 150,150 50,150')
  })
  test('is filled again', () => {
    hole(one().tool('hole')).tool('select').key('Shift+KeyM').expectObjects('a car polygon 50,50 150,50 150,150 50,150')
  })
  test('what is in it is picked through it', () => {
    const editor = one().tool('hole').click(70, 70).click(130, 70).click(100, 130).key('Enter').tool('select')
    select(editor, [])
    editor.click(100, 90).expectSelected().click(65, 140).expectSelected('a')
  })
})

describe('a cut (W46)', () => {
  test('makes two of one; the larger keeps the id, both keep class and attributes', () => {
    const object = { ...polygonAt('a', square(50, 50, 100), 'person'), attributes: { x: 1 } }
    const editor = TestEditor.with({ objects: [object] }).tool('cut').click(80, 20).click(80, 200).key('Enter').expectToBeIn('cut.idle')
    expect(editor.scene.objects.map(({ id, class: key, attributes, shape }) => [id, key, attributes, util(shape).area(shape)]))
      .toEqual([['a', 'person', { x: 1 }, 7000], ['n1', 'person', { x: 1 }, 3000]])
    editor.expectSelected('a', 'n1').key('Mod+KeyZ')
    expect(editor.toAnswer().objects).toEqual([object])
  })
  test('goes through all it crosses, or only what is selected; by keys alone too', () => {
    const two = () => TestEditor.with({ objects: [polygonAt('a', square(50, 50, 100)), polygonAt('b', square(200, 50, 100)), boxAt('c', 60, 60, 9, 9)] })
    expect(two().tool('cut').click(10, 100).click(390, 100).key('Enter').lines()).toHaveLength(5)
    const editor = two()
    select(editor, ['b'])
    expect(editor.key('Alt+KeyC').key('Shift+ArrowLeft', 5).key('Enter').key('Shift+ArrowRight', 9).key('Mod+Enter').lines()).toHaveLength(3)
    expect(editor.key('Shift+ArrowUp').key('Enter').key('Shift+ArrowLeft', 9).key('Mod+Enter').lines()).toHaveLength(4)
  })
  test('beside everything stays, to be bettered (W13)', () => {
    const editor = one().tool('cut').click(10, 10).click(20, 300).key('Enter').expectToBeIn('cut.drawing')
    expect(editor.session.said.text).toBe('The line goes through no polygon')
  })
})

describe('merging (W47)', () => {
  const two = (x: number) => TestEditor.with({ objects: [polygonAt('a', square(50, 50, 100)), polygonAt('b', square(x, 50, 100), 'person')] })
  test('makes one of those that touch, of the first selected', () => {
    const editor = two(150).click(250, 100).click(60, 60, SHIFT).expectSelected('b', 'a').key('KeyM')
    expect(editor.scene.objects.map(({ id, class: key, shape }) => [id, key, util(shape).area(shape)])).toEqual([['b', 'person', 20_000]])
    editor.key('Mod+KeyZ')
    expect(editor.lines()).toHaveLength(2)
  })
  test('those that do not touch stay', () => {
    const editor = two(160).key('Mod+KeyA').key('KeyM')
    expect([editor.lines().length, editor.session.said.text]).toEqual([2, 'They do not touch'])
  })
})

describe('snapping (W48)', () => {
  const beside = () => one().key('KeyG')
  test('a point near a corner is the corner, near an edge it is on it, elsewhere it is where the hand is', () => {
    beside().tool('polygon').click(153, 48).click(148, 120).click(200, 180).key('Enter')
      .expectObjects('a car polygon 50,50 150,50 150,150 50,150', 'n1 car polygon 150,50 150,120 200,180')
  })
  test('a corner within reach is meant before a nearer edge', () => {
    const editor = beside().tool('polygon').click(144, 49)
    expect(editor.line).toEqual([[150, 50]])
    expect(editor.click(139, 49).line).toEqual([[150, 50], [139, 50]])
  })
  test('off, it changes nothing', () => {
    one().tool('polygon').click(153, 48).click(148, 120).click(200, 180).key('Enter')
      .expectObjects('a car polygon 50,50 150,50 150,150 50,150', 'n1 car polygon 153,48 148,120 200,180')
  })
  test('with Shift a line follows the outline between two places, the shorter way', () => {
    beside().tool('polygon').click(152, 60).click(120, 152, SHIFT).click(200, 200).key('Enter')
      .expectObjects('a car polygon 50,50 150,50 150,150 50,150', 'n1 car polygon 150,60 150,150 120,150 200,200')
  })
  test('a shared corner is moved for all that share it, in one step', () => {
    const shared = TestEditor.with({ objects: [polygonAt('a', square(50, 50, 100)), polygonAt('b', square(150, 50, 100))] }).key('KeyG')
    shared.click(60, 60).drag(150, 150, 160, 170)
      .expectObjects('a car polygon 50,50 150,50 160,170 50,150', 'b car polygon 150,50 250,50 250,150 160,170')
    shared.key('Mod+KeyZ').expectObjects('a car polygon 50,50 150,50 150,150 50,150', 'b car polygon 150,50 250,50 250,150 150,150')
  })
  test('what is hidden draws nothing to it', () => {
    const editor = beside()
    editor.updateSession({ hidden: new Set(['a']) })
    editor.tool('polygon').click(153, 48).click(148, 120).click(200, 180).key('Enter')
    expect(editor.lines()[1]).toBe('n1 car polygon 153,48 148,120 200,180')
  })
})
