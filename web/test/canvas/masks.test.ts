import { describe, expect, test } from 'vitest'
import { type Point, select, util } from '../../src/canvas'
import { mix, strokeOf } from '../../src/canvas/kernels/brush'
import { type Bits, bitsOf, countOf, outlinesOf, readCounts, runsOf, trim, writeCounts } from '../../src/canvas/kernels/rle'
import { area } from '../../src/canvas/kernels/polygon'
import { maskOf } from '../../src/canvas/shapes/mask'
import { TestEditor, random } from './hands'

/** A picture in letters, `#` in the mask. */
function drawn(...rows: string[]): Bits {
  return { left: 0, top: 0, width: rows[0]?.length ?? 0, height: rows.length, pixels: Uint8Array.from(rows.join(''), (letter) => (letter === '#' ? 1 : 0)) }
}

describe('runs', () => {
  // The texts are pycocotools' (`frPyObjects`).
  test('are written as COCO writes them', () => {
    const runs = [400, ...Array.from({ length: 19 }, () => 20), 20 + 3200]
    expect(writeCounts(runs)).toBe('`<d0d000000000000000000PT3')
    expect(readCounts(writeCounts(runs))).toEqual(runs)
    expect(writeCounts([10, 20, 4970])).toBe(':d0Zk4')
  })
  test('whatever the pixels, they come back', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const below = random(seed)
      const [width, height] = [1 + below(30), 1 + below(30)]
      const bits = trim({ left: 0, top: 0, width, height, pixels: Uint8Array.from({ length: width * height }, () => (below(3) === 0 ? 1 : 0)) })
      const runs = runsOf(bits, width, height)
      expect(runs.reduce((sum, run) => sum + run, 0)).toBe(width * height)
      expect(readCounts(writeCounts(runs))).toEqual(runs)
      expect(bitsOf(runs, width, height)).toEqual(bits)
      // The outlines enclose as much as there are pixels, and no more.
      const signed = outlinesOf(bits).map((ring) => ring.reduce((sum, a, i) => sum + a[0] * (ring[(i + 1) % ring.length]?.[1] ?? 0) - (ring[(i + 1) % ring.length]?.[0] ?? 0) * a[1], 0) / 2)
      expect(Math.abs(signed.reduce((sum, each) => sum + each, 0))).toBe(countOf(bits))
    }
  })
  test('what is no text of runs, or does not fill the image, is none', () => {
    expect(readCounts('\u00ff')).toBe(null)
    expect(readCounts('o')).toBe(null)
    expect(bitsOf([3, 4], 4, 2)).toBe(null)
  })
  test('an outline goes around a hole, and parts that touch at a corner stay apart', () => {
    expect(outlinesOf(drawn('###', '#.#', '###')).map((ring) => area(ring))).toEqual([9, 1])
    expect(outlinesOf(drawn('#.', '.#'))).toHaveLength(2)
  })
})

describe('a brush', () => {
  /** Every pixel whose middle is near enough, the slow way. */
  function slowly(line: readonly Point[], radius: number, width: number, height: number): Bits {
    const near = (x: number, y: number) => line.some((b, i) => {
      const a = line[i - 1] ?? b
      const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
      const t = dx === 0 && dy === 0 ? 0 : Math.min(1, Math.max(0, ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy)))
      return Math.hypot(a[0] + t * dx - x, a[1] + t * dy - y) <= radius
    })
    return trim({ left: 0, top: 0, width, height, pixels: Uint8Array.from({ length: width * height }, (_, i) => (near((i % width) + 0.5, Math.floor(i / width) + 0.5) ? 1 : 0)) })
  }
  test('marks the pixels within its radius, wherever it goes', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const below = random(seed)
      const line = Array.from({ length: 1 + below(4) }, (): Point => [below(5000) / 100, below(4000) / 100])
      const radius = 1 + below(900) / 100
      expect(strokeOf(line, radius, { width: 50, height: 40 })).toEqual(slowly(line, radius, 50, 40))
    }
  })
  test('two strokes add up, and what is taken is gone', () => {
    const [a, b] = [drawn('##..', '##..'), drawn('.##.', '....')]
    expect(countOf(mix(a, b, 'add'))).toBe(5)
    expect(mix(a, b, 'take')).toEqual({ ...drawn('#.', '##') })
    expect(countOf(mix(a, a, 'take'))).toBe(0)
  })
})

describe('painting (W49)', () => {
  const painter = () => {
    const editor = new TestEditor({ shapes: ['mask'] }).tool('mask')
    editor.updateSession({ brush: 10 })
    return editor
  }
  const areas = (editor: TestEditor) => editor.scene.objects.map(({ shape }) => util(shape).area(shape))

  test('a drag is a stroke; the next one goes on the same mask, and each is a step', () => {
    const editor = painter().pointerDown(50, 50).expectToBeIn('mask.painting').pointerMove(100, 50).pointerUp(150, 50).expectToBeIn('mask.idle')
    const [first] = areas(editor)
    expect(first).toBeGreaterThan(20 * 100)
    editor.drag(100, 20, 100, 90)
    expect(areas(editor)).toHaveLength(1)
    expect(areas(editor)[0]).toBeGreaterThan(first ?? 0)
    editor.key('Mod+KeyZ')
    expect(areas(editor)).toEqual([first])
  })
  test('of another class, or with nothing selected, it is a new object', () => {
    const editor = painter().drag(50, 50, 90, 50).key('Digit2').drag(60, 60, 90, 60)
    expect(editor.scene.objects.map(({ class: key }) => key)).toEqual(['car', 'person'])
    expect(editor.key('KeyQ').expectSelected().drag(200, 200, 220, 200).lines()).toHaveLength(3)
  })
  test('the eraser takes away, down to nothing left, which is refused (W13)', () => {
    const editor = painter().drag(50, 50, 150, 50)
    const [first] = areas(editor)
    editor.tool('eraser').drag(100, 20, 100, 90)
    expect(areas(editor)[0]).toBeLessThan(first ?? 0)
    editor.updateSession({ brush: 400 })
    editor.click(100, 50)
    expect([areas(editor).length, editor.session.said.text]).toEqual([1, 'Too small to be kept'])
    select(editor, [])
    editor.click(100, 50)
    expect(editor.session.said.text).toBe('Select the mask to take pixels from')
  })
  test('by keys: Enter begins a stroke, arrows draw it, Enter ends it; brackets size the brush', () => {
    const editor = painter().key('Enter').expectToBeIn('mask.stroking').key('ArrowRight', 5).key('Enter').expectToBeIn('mask.idle')
    expect(areas(editor)[0]).toBeGreaterThan(20 * 50)
    editor.key('BracketRight')
    expect(editor.session.brush).toBe(13)
    editor.key('BracketLeft', 30)
    expect(editor.session.brush).toBe(1)
    editor.key('Enter').key('ArrowRight').key('Backspace').key('Escape').expectToBeIn('mask.idle')
    expect(areas(editor)).toHaveLength(1)
  })
  test('moved, a mask is the mask of the moved pixels', () => {
    const size = { width: 30, height: 20 }
    for (let seed = 1; seed <= 80; seed++) {
      const below = random(seed)
      const bits = trim({ left: below(20), top: below(10), width: 10, height: 10, pixels: Uint8Array.from({ length: 100 }, () => (below(3) === 0 ? 1 : 0)) })
      const [dx, dy] = [below(30) - 15, below(20) - 10]
      const before = maskOf(bits, size)
      if (below(2) === 0) util(before).paths(before, null)
      const after = util(before).translate(before, [dx, dy])
      const fresh = { ...after }
      expect(after.counts).toBe(maskOf({ ...bits, left: bits.left + dx, top: bits.top + dy }, size).counts)
      expect(util(after).bounds(after)).toEqual(util(fresh).bounds(fresh))
      expect(util(after).paths(after, null)).toEqual(util(fresh).paths(fresh, null))
    }
  })
  test('cancelling leaves no trace (W6)', () => {
    painter().pointerDown(50, 50).pointerMove(90, 50).key('Escape').expectToBeIn('mask.idle').expectObjects()
  })
  test('a mask is moved by whole pixels, stops at the rim, and comes out as it went in (W8)', () => {
    const shape = maskOf({ left: 10, top: 10, width: 40, height: 30, pixels: new Uint8Array(1200).fill(1) }, { width: 400, height: 300 })
    const answer = { objects: [{ id: 'a', class: 'car', shape }] }
    const editor = TestEditor.with(answer, { shapes: ['mask'] })
    expect(editor.toAnswer()).toEqual(answer)
    editor.drag(30, 25, 130.4, 25)
    const bounds = () => editor.scene.objects.map((object) => util(object.shape).bounds(object.shape))[0]
    expect(bounds()).toEqual({ left: 110, top: 10, right: 150, bottom: 40 })
    editor.drag(130, 25, -300, 25)
    expect(bounds()).toEqual({ left: 0, top: 10, right: 40, bottom: 40 })
  })
})
