import { describe, expect, test } from 'vitest'
import { type Pixels, type Point, util } from '../../src/canvas'
import { flood } from '../../src/canvas/kernels/flood'
import { countOf } from '../../src/canvas/kernels/rle'
import { terrainOf, wayTo, waysFrom } from '../../src/canvas/kernels/wire'
import { TestEditor } from './hands'

/** A dark disc on a light ground, and a dot of the disc's colour apart from it. */
function disc(width: number, height: number, scale = 1): Pixels {
  const data = new Uint8ClampedArray(width * height * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isIn = Math.hypot(x + 0.5 - width / 2, y + 0.5 - height / 2) < height / 4 || (x < 3 && y < 3)
      data.set(isIn ? [40, 60, 80, 255] : [200, 190, 180, 255], (y * width + x) * 4)
    }
  }
  return { width, height, scale, data }
}

const radius = 75
const fromMiddle = ([x, y]: Point) => Math.hypot(x - 200, y - 150)
const looking = (shape: 'mask' | 'polygon', pixels: Pixels | null = disc(400, 300)) => {
  const editor = new TestEditor({ shapes: [shape] })
  editor.pixels = pixels
  return editor
}

describe('filling a colour (W55)', () => {
  test('what hangs together and is alike, and no more', () => {
    const image = { width: 400, height: 300 }
    const count = countOf(flood(disc(400, 300), [200, 150], 10, image))
    expect(Math.abs(count - Math.PI * radius ** 2)).toBeLessThan(80)
    expect(countOf(flood(disc(400, 300), [5, 200], 10, image))).toBe(400 * 300 - count - 9)
    expect(countOf(flood(disc(400, 300), [5, 200], 255, image))).toBe(400 * 300)
  })
  test('of a reduced picture it is as large as in the whole one', () => {
    const whole = countOf(flood(disc(400, 300), [200, 150], 10, { width: 400, height: 300 }))
    const reduced = countOf(flood(disc(160, 120, 2.5), [200, 150], 10, { width: 400, height: 300 }))
    expect(Math.abs(reduced - whole) / whole).toBeLessThan(0.02)
  })
  test('a click makes a mask, or adds to the one selected; Enter does the same', () => {
    const editor = looking('mask').tool('fill').click(200, 150).expectToBeIn('fill.idle').expectSelected('n1')
    const area = () => editor.scene.objects.map(({ shape }) => util(shape).area(shape))
    const [first = 0] = area()
    expect(first).toBeGreaterThan(17_000)
    editor.click(1, 1)
    expect(area()).toEqual([first + 9])
    editor.key('KeyQ').key('Enter')
    expect(area()).toEqual([first + 9, first])
  })
  test('the brackets say how alike is alike', () => {
    const editor = looking('mask').tool('fill').key('BracketRight', 40)
    expect(editor.session.tolerance).toBe(184)
    editor.click(200, 150)
    expect(editor.scene.objects.map(({ shape }) => util(shape).area(shape))).toEqual([400 * 300])
  })
  test('before the picture is read nothing is filled, and it is said', async () => {
    const editor = looking('mask', null)
    editor.readPixels = () => Promise.resolve(disc(400, 300))
    editor.tool('fill').click(200, 150).expectObjects()
    expect(editor.session.said.text).toContain('try again')
    await Promise.resolve()
    await Promise.resolve()
    expect(editor.click(200, 150).lines()).toHaveLength(1)
  })
})

describe('scissors (W56)', () => {
  test('a way keeps to the edge', () => {
    const ways = waysFrom(terrainOf(disc(400, 300)), [200, 75])
    const way = wayTo(ways, [275, 150])
    expect(way.length).toBeGreaterThan(3)
    for (const point of way) expect(Math.abs(fromMiddle(point) - radius)).toBeLessThan(2)
  })
  test('beyond its reach it goes as far as it can', () => {
    const ways = waysFrom(terrainOf(disc(1000, 300)), [500, 75])
    expect(wayTo(ways, [990, 290]).every(([x]) => x <= 721)).toBe(true)
  })
  test('three clicks on the rim are the disc', () => {
    const editor = looking('polygon').key('KeyS').click(200, 75).click(265, 187).click(135, 187).key('Enter').expectToBeIn('scissors.idle')
    const [shape] = editor.scene.objects.map((object) => object.shape)
    if (shape?.type !== 'polygon') throw new Error('a polygon was drawn')
    for (const point of shape.points) expect(Math.abs(fromMiddle(point) - radius)).toBeLessThan(2.5)
    expect(Math.abs(util(shape).area(shape) / (Math.PI * radius ** 2) - 1)).toBeLessThan(0.03)
  })
  test('Backspace takes back a click with all that came with it', () => {
    const editor = looking('polygon').key('KeyS').click(200, 75).click(265, 187)
    expect(editor.line.length).toBeGreaterThan(4)
    editor.key('Backspace')
    expect(editor.line).toEqual([[200, 75]])
    editor.key('Backspace').expectToBeIn('scissors.idle')
  })
  test('where there is no picture yet it goes straight', () => {
    looking('polygon', null).key('KeyS').click(10, 10).click(50, 10).click(50, 50).key('Enter').expectObjects('n1 car polygon 10,10 50,10 50,50')
  })
})
