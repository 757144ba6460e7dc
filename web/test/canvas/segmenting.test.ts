import { describe, expect, test } from 'vitest'
import { select, util } from '../../src/canvas'
import { cut, grabCut } from '../../src/canvas/kernels/grabcut'
import { doJob } from '../../src/canvas/kernels/jobs'
import type { Pixels } from '../../src/canvas/kernels/pixels'
import type { Bits } from '../../src/canvas/kernels/rle'
import { bitsOfPieces, growFrom, pieceAt, piecesOf } from '../../src/canvas/kernels/slic'
import { TestEditor, random } from './hands'

/** A picture of a motley thing on a motley ground. */
function scene(width: number, height: number, isThing: (x: number, y: number) => boolean, seed = 1): Pixels {
  const below = random(seed)
  const data = new Uint8ClampedArray(4 * width * height)
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p += 4) {
      const noise = below(41) - 20
      const [r, g, b] = isThing(x, y) ? (x % 16 < 8 ? [190, 60, 40] : [200, 160, 50]) : y % 24 < 12 ? [60, 110, 60] : [70, 90, 140]
      data.set([(r ?? 0) + noise, (g ?? 0) + noise, (b ?? 0) + noise, 255], p)
    }
  }
  return { width, height, scale: 1, data }
}

function overlap(bits: Bits, { width, height }: Pixels, isThing: (x: number, y: number) => boolean): number {
  let [both, any] = [0, 0]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [x - bits.left, y - bits.top]
      const has = column >= 0 && row >= 0 && column < bits.width && row < bits.height && bits.pixels[row * bits.width + column] === 1
      const is = isThing(x, y)
      if (has && is) both += 1
      if (has || is) any += 1
    }
  }
  return both / any
}

const isDisc = (x: number, y: number) => Math.hypot((x - 100) / 50, (y - 70) / 35) < 1

describe('superpixels', () => {
  const halves = scene(160, 120, (x) => x < 80)
  test('keep to the edges of the picture, hang together, and are about as large as each other', () => {
    const pieces = piecesOf(scene(160, 120, isDisc), 10)
    const count = pieces.first.length - 1
    expect(count).toBeGreaterThan(100)
    expect(count).toBeLessThan(300)
    const areas = new Int32Array(count)
    for (const k of pieces.of) areas[k] = (areas[k] ?? 0) + 1
    expect(Math.min(...areas)).toBeGreaterThanOrEqual(25)
    // Each is wholly of one side, but for a rim.
    const within = new Int32Array(count)
    for (const [i, k] of pieces.of.entries()) if (isDisc(i % 160, Math.floor(i / 160))) within[k] = (within[k] ?? 0) + 1
    const mixed = [...within.entries()].reduce((sum, [k, n]) => sum + Math.min(n, (areas[k] ?? 0) - n), 0)
    expect(mixed / pieces.of.length).toBeLessThan(0.03)
  })

  test('grow over what is alike, and stop where it is not', () => {
    const plain: Pixels = { ...halves, data: halves.data.map((_, p) => (p % 4 === 3 ? 255 : Math.floor(p / 4) % 160 < 80 ? 200 : 40)) }
    const pieces = piecesOf(plain, 10)
    const seed = pieceAt(pieces, [20, 20])
    expect(growFrom(pieces, seed, -1).size).toBe(1)
    const bits = bitsOfPieces(pieces, growFrom(pieces, seed, 5), { width: 160, height: 120 })
    expect(overlap(bits, plain, (x) => x < 80)).toBe(1)
    expect(growFrom(pieces, seed, 300).size).toBe(pieces.first.length - 1)
  })
})

describe('the least cut', () => {
  test('is the least: against all cuts there are, of small pictures', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const below = random(seed)
      const [width, height] = [3, 3]
      const leaning = Float32Array.from({ length: 9 }, () => below(41) - 20)
      const links = new Float32Array(36)
      const steps = [[1, 0], [-1, 1], [0, 1], [1, 1]]
      const pairs: [number, number, number][] = []
      for (let i = 0; i < 9; i++) {
        for (const [d, [dx = 0, dy = 0]] of steps.entries()) {
          const [x, y] = [(i % 3) + dx, Math.floor(i / 3) + dy]
          if (x < 0 || x > 2 || y > 2) continue
          links[4 * i + d] = below(12)
          pairs.push([i, y * 3 + x, links[4 * i + d] ?? 0])
        }
      }
      const price = (is: (i: number) => boolean) =>
        leaning.reduce((sum, lean, i) => sum + (is(i) ? Math.max(0, -lean) : Math.max(0, lean)), 0) + pairs.reduce((sum, [a, b, link]) => sum + (is(a) === is(b) ? 0 : link), 0)
      let least = Infinity
      for (let set = 0; set < 512; set++) least = Math.min(least, price((i) => ((set >> i) & 1) === 1))
      const found = cut(width, height, leaning, links)
      expect(price((i) => found[i] === 1), `seed ${seed}`).toBeCloseTo(least, 4)
    }
  })

  test('finds what stands out in a box', () => {
    const pixels = scene(200, 140, isDisc)
    const box = { left: 42, top: 28, right: 158, bottom: 112 }
    expect(overlap(grabCut(pixels, box, pixels), pixels, isDisc)).toBeGreaterThan(0.97)
    // Of a large picture a reduced copy is looked at.
    const isLarge = (x: number, y: number) => isDisc(x / 3, y / 3)
    const large = scene(600, 420, isLarge)
    const found = doJob({ kind: 'cut', pixels: large, box: { left: 126, top: 84, right: 474, bottom: 336 }, image: large }) as Bits
    expect(overlap(found, large, isLarge)).toBeGreaterThan(0.95)
    // Nothing in it, nothing found.
    expect(grabCut({ ...pixels, data: pixels.data.fill(90) }, box, pixels).width).toBe(0)
  }, 20_000)
})

describe('the tools', () => {
  const open = () => {
    const editor = new TestEditor({ image: { width: 200, height: 140 }, shapes: ['mask'] })
    // Reduced, as large pictures are: there is less to reckon.
    editor.pixels = { ...scene(100, 70, (x, y) => isDisc(2 * x, 2 * y)), scale: 2 }
    return editor
  }
  const masks = (editor: TestEditor) => editor.scene.objects.map(({ shape }) => shape).filter(({ type }) => type === 'mask')

  test('what a click takes is seen before it, and brackets say how alike is alike', async () => {
    const editor = open().tool('pieces')
    expect(editor.session.busy).toBe('Dividing the picture')
    await editor.settled()
    editor.pointerMove(100, 70)
    const one = editor.session.draft?.paths?.[0]?.points.length ?? 0
    expect(one).toBeGreaterThan(3)
    editor.click(100, 70)
    const [mask] = masks(editor)
    if (mask === undefined) throw new Error('no mask')
    const before = util(mask).area(mask)
    for (let i = 0; i < 30; i++) editor.key('BracketRight')
    editor.click(100, 70)
    const [more, ...others] = masks(editor)
    if (more === undefined) throw new Error('no mask')
    expect(others).toEqual([])
    expect(util(more).area(more)).toBeGreaterThan(before)
    editor.key('Mod+KeyZ')
    expect(masks(editor)).toEqual([mask])
  })

  test('a box is cut out, by mouse and by keys, and each is an object of its own', async () => {
    const editor = open().tool('grabcut')
    editor.drag(42, 28, 158, 112)
    expect(editor.session.busy).toBe('Looking for the object')
    await editor.settled()
    const [mask] = masks(editor)
    if (mask === undefined) throw new Error('no mask')
    expect(util(mask).area(mask) / (Math.PI * 50 * 35)).toBeCloseTo(1, 1)
    editor.drag(42, 28, 158, 112)
    await editor.settled()
    expect(masks(editor)).toHaveLength(2)
    editor.key('Mod+KeyZ')
    expect(masks(editor)).toHaveLength(1)
  })

  test('a box that is drawn while the picture is being read is looked into when it is there', async () => {
    const editor = open()
    const { pixels } = editor
    if (pixels === null) throw new Error('no picture')
    editor.pixels = null
    editor.readPixels = () => new Promise((go) => setTimeout(() => go(pixels), 10))
    editor.tool('grabcut').drag(42, 28, 158, 112)
    expect(editor.session.said.text).toBe('The picture is being read')
    await new Promise((go) => setTimeout(go, 30))
    await editor.settled()
    expect(masks(editor)).toHaveLength(1)
  })

  test('what is cancelled never comes (W57)', async () => {
    const editor = open().tool('grabcut')
    let cancelled = 0
    // Found at once, and told a moment later.
    editor.elsewhere = () => ({ done: Promise.resolve({ left: 60, top: 40, width: 2, height: 1, pixels: Uint8Array.of(1, 1) }), cancel: () => { cancelled += 1 } })
    editor.drag(42, 28, 158, 112).key('Escape')
    expect([editor.session.busy, cancelled]).toEqual([null, 1])
    await editor.settled()
    await new Promise((go) => setTimeout(go, 5))
    expect(masks(editor)).toEqual([])
    // Still in the hand; the next Escape puts it down.
    editor.expectToBeIn('grabcut.idle').key('Escape').expectToBeIn('select.idle')
    // Whoever only looks by then gets nothing either.
    editor.tool('grabcut').drag(42, 28, 158, 112)
    editor.setReadOnly('on')
    select(editor, [])
    await new Promise((go) => setTimeout(go, 5))
    expect(masks(editor)).toEqual([])
  })
})
