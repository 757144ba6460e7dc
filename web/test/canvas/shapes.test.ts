import { describe, expect, test } from 'vitest'
import { type Shape, distanceTo, setField, setHandle, util } from '../../src/canvas'
import { maskOf } from '../../src/canvas/shapes/mask'
import { ALT, ALL_SHAPES, SHIFT, TestEditor, boxAt, fishes } from './hands'

const all = (options = {}) => new TestEditor({ shapes: ALL_SHAPES, ...options })

describe('which tools there are', () => {
  test('those of the shapes that the project asks for, and no key for the others', () => {
    const editor = new TestEditor({ shapes: ['line'] })
    expect(editor.tools).toEqual(['select', 'line', 'ask', 'pan'])
    editor.key('KeyP').expectToBeIn('select.idle').key('KeyL').expectToBeIn('line.idle')
  })
})

describe('a point', () => {
  test('is a click, or a drag to where it is let go', () => {
    all().tool('point').click(30, 40).drag(50, 50, 70, 60).expectToBeIn('point.idle')
      .expectObjects('n1 car point 30,40', 'n2 car point 70,60').expectSelected('n2')
  })
  test('is put by keys alone, moved by arrows, and stays on the image', () => {
    const editor = all().key('KeyT').key('ArrowLeft', 4).key('Enter').expectObjects('n1 car point 160,150')
    editor.tool('select').key('ArrowLeft').key('Shift+ArrowDown', 90).expectObjects('n1 car point 159,300')
  })
  test('is picked near it and dragged', () => {
    all().tool('point').click(30, 40).tool('select').drag(33, 42, 133, 142).expectObjects('n1 car point 133,142')
  })
})

describe('a line', () => {
  const three = () => all().tool('line').click(10, 10).click(100, 10).click(100, 100).expectToBeIn('line.drawing')
  test('is open: a click on its first point is a point', () => {
    three().click(10, 10).expectToBeIn('line.drawing').key('Enter').expectObjects('n1 car line 10,10 100,10 100,100 10,10')
  })
  test('ends with Enter, Mod+Enter, or a double-click', () => {
    three().key('Mod+Enter').expectToBeIn('line.idle').expectObjects('n1 car line 10,10 100,10 100,100')
    three().doubleClick(10, 100).expectObjects('n1 car line 10,10 100,10 100,100 10,100')
  })
  test('needs two points that are not one (W13)', () => {
    const editor = all().tool('line').click(10, 10).key('Enter').expectToBeIn('line.drawing')
    expect(editor.session.said.text).toBe('A line needs at least two points')
  })
  test('keeps two; a double-click on it adds one, Alt and a click takes one away', () => {
    const editor = three().key('Enter').tool('select').doubleClick(50, 10)
      .expectObjects('n1 car line 10,10 50,10 100,10 100,100')
    editor.click(50, 10, ALT).click(100, 10, ALT).click(100, 100, ALT).expectObjects('n1 car line 10,10 100,100')
    expect(editor.session.said.text).toBe('This point cannot be deleted')
  })
  test('survives a reload before it is finished (W44)', () => {
    const editor = all()
    expect(editor.takeUpLine([[1, 2], [3, 4]], 'line')).toBe(true)
    editor.expectToBeIn('line.drawing').key('Mod+Enter').expectObjects('n1 car line 1,2 3,4')
  })
})

describe('a turned box (A9)', () => {
  test('is one side and the width: a drag and a click', () => {
    all().tool('turned').drag(100, 100, 140, 130).expectToBeIn('turned.stretching').click(82, 124)
      .expectObjects('n1 car turned 111,127 50x30 36.87°')
  })
  test('by three clicks, or three Enters', () => {
    all().tool('turned').click(100, 100).click(200, 100).click(150, 160).expectObjects('n1 car turned 150,130 100x60 0°')
    all().key('KeyR').key('Enter').key('ArrowRight', 10).key('Enter').key('ArrowDown', 5).key('Enter')
      .expectObjects('n1 car turned 250,175 100x50 0°')
  })
  const one = (degrees = 0) => TestEditor.with(
    { objects: [{ id: 'a', class: 'car', shape: { type: 'turned', cx: 200, cy: 150, width: 100, height: 60, degrees } }] },
    { shapes: ALL_SHAPES },
  )
  test('is turned by its handle, and by keys', () => {
    one().click(200, 150).drag(200, 96, 260, 150).expectObjects('a car turned 200,150 100x60 90°')
    one().click(200, 150).key('Alt+Period', 3).expectObjects('a car turned 200,150 100x60 3°')
      .key('Alt+Shift+Comma').expectObjects('a car turned 200,150 100x60 348°').key('Mod+KeyZ').key('Mod+KeyZ')
      .expectObjects('a car turned 200,150 100x60 0°')
  })
  test('keeps the opposite side when one is pulled, whichever way it lies', () => {
    one().click(200, 150).drag(250, 150, 270, 190).expectObjects('a car turned 210,150 120x60 0°')
    one(90).click(200, 150).drag(200, 200, 200, 220).expectObjects('a car turned 200,160 120x60 90°')
  })
  test('by numbers (W33)', () => {
    const editor = one()
    setField(editor, 'a', 'degrees', 370)
    setField(editor, 'a', 'width', 9_000)
    editor.expectObjects('a car turned 200,150 500x60 10°')
  })
  test('sticks out with its corners, and its centre stays on the image', () => {
    one(45).click(200, 150).drag(200, 150, 20, 150).expectObjects('a car turned 56.57,150 100x60 45°')
    const editor = one()
    setField(editor, 'a', 'cx', 900)
    editor.expectObjects('a car turned 400,150 100x60 0°')
  })
})

describe('an ellipse', () => {
  test('is drawn like a box', () => {
    all().tool('ellipse').drag(100, 100, 140, 120).expectObjects('n1 car ellipse 120,110 20x10 0°')
  })
  test('its axes are pulled, and it is turned', () => {
    const editor = all().tool('ellipse').drag(100, 100, 200, 160).tool('select').drag(200, 130, 230, 130)
      .expectObjects('n1 car ellipse 150,130 80x30 0°')
    editor.key('Alt+Shift+Period', 6).expectObjects('n1 car ellipse 150,130 80x30 90°')
    editor.drag(150, 210, 150, 230).expectObjects('n1 car ellipse 150,130 100x30 90°')
  })
})

describe('a box by its outermost points', () => {
  test('is four clicks in any order, and a click is what a drag ends in', () => {
    all().tool('extreme').click(60, 10).click(100, 50).drag(40, 70, 55, 90).expectToBeIn('extreme.stretching').click(20, 40)
      .expectObjects('n1 car box 20,10 80x80')
  })
  test('Backspace takes one back, Escape all', () => {
    const editor = all().tool('extreme').click(60, 10).click(300, 50).key('Backspace').click(100, 50).click(55, 90).click(20, 40)
      .expectObjects('n1 car box 20,10 80x80')
    editor.click(1, 1).click(2, 2).key('Escape').expectToBeIn('extreme.idle').click(3, 3).expectToBeIn('extreme.stretching')
  })
  test('says what it waits for', () => {
    const editor = all().tool('extreme').click(60, 10)
    expect(editor.session.prompt).toContain('another side')
    expect(editor.tool('select').session.prompt).toBe(null)
  })
})

describe('a skeleton (A13)', () => {
  const fish = (key = 'fish') => {
    const editor = all({ ontology: fishes })
    editor.run(`class.${key}`)
    return editor.tool('keypoints')
  }
  test('is its points in order, hidden with Shift, left out with N', () => {
    fish().click(10, 20).click(50, 30, SHIFT).key('KeyN').expectToBeIn('keypoints.idle')
      .expectObjects('n1 fish keypoints 10,20,2 50,30,1 0,0,0')
  })
  test('Enter and Shift+Enter do it by keys; Mod+Enter leaves out the rest', () => {
    fish().key('Enter').key('ArrowRight', 5).key('Shift+Enter').key('Mod+Enter')
      .expectObjects('n1 fish keypoints 200,150,2 250,150,1 0,0,0')
  })
  test('is that of an ancestor, and without any there is none (O7)', () => {
    const editor = fish('carp').click(1, 1).click(9, 9).click(20, 9).expectObjects('n1 carp keypoints 1,1,2 9,9,2 20,9,2')
    editor.key('Escape').tool('keypoints')
    editor.run('class.stone')
    editor.click(1, 1).expectToBeIn('keypoints.idle')
    expect(editor.lines()).toHaveLength(1)
    expect(editor.session.prompt).toContain('no skeleton')
  })
  test('begun before a reload it goes on, with what was hidden and left out (W44)', () => {
    const before = fish().click(10, 20, SHIFT).key('KeyN')
    const after = all({ ontology: fishes })
    expect(after.takeUpLine(before.line, 'keypoints', before.marks)).toBe(true)
    after.expectToBeIn('keypoints.stretching').click(30, 30).expectObjects('n1 fish keypoints 10,20,1 0,0,0 30,30,2')
    expect(after.line).toEqual([])
    const line = before.line
    expect(before.pointerMove(70, 70).line).toBe(line)
  })
  test('none left out is all left out, which is nothing (W13)', () => {
    fish().keys('KeyN', 'KeyN', 'KeyN').expectToBeIn('keypoints.idle').expectObjects()
  })
  const one = () => TestEditor.with(
    { objects: [{ id: 'a', class: 'fish', shape: { type: 'keypoints', points: [[100, 100, 2], [0, 0, 0], [200, 120, 1]] } }] },
    { shapes: ALL_SHAPES, ontology: fishes },
  )
  test('a point is dragged, hidden, deleted; the others stay', () => {
    const editor = one().click(100, 100).drag(200, 120, 210, 130).expectObjects('a fish keypoints 100,100,2 0,0,0 210,130,1')
    editor.key('BracketRight').key('KeyN').expectObjects('a fish keypoints 100,100,1 0,0,0 210,130,1')
    editor.key('Delete').expectObjects('a fish keypoints 0,0,0 0,0,0 210,130,1')
    editor.key('BracketRight').key('Delete').expectObjects('a fish keypoints 0,0,0 0,0,0 210,130,1')
  })
  test('what was absent comes between the others, by the panel', () => {
    const editor = one()
    setField(editor, 'a', '1', 2)
    editor.expectObjects('a fish keypoints 100,100,2 150,110,2 200,120,1')
    setHandle(editor, 'a', 1, [999, 110])
    editor.expectObjects('a fish keypoints 100,100,2 400,110,2 200,120,1')
  })
  test('its edges are those of the class, where both ends are', () => {
    const editor = one()
    const [object] = editor.scene.objects
    if (object === undefined) throw new Error('there is one')
    expect(editor.drawingOf(object).paths).toEqual([])
    setField(editor, 'a', '1', 2)
    const [changed] = editor.scene.objects
    expect(changed && editor.drawingOf(changed).paths.map(({ points }) => points)).toEqual([[[100, 100], [150, 110]], [[150, 110], [200, 120]]])
  })
})

describe('every kind of shape', () => {
  const shapes: readonly Shape[] = [
    boxAt('', 10, 20, 40, 30).shape,
    { type: 'turned', cx: 50, cy: 60, width: 40, height: 20, degrees: 30 },
    { type: 'polygon', points: [[10, 10], [90, 10], [90, 90], [10, 90]], holes: [[[30, 30], [60, 30], [60, 60]]] },
    { type: 'line', points: [[10, 10], [40, 20]] },
    { type: 'point', x: 30, y: 40 },
    { type: 'ellipse', cx: 50, cy: 50, rx: 30, ry: 20, degrees: 75 },
    { type: 'keypoints', points: [[10, 10, 2], [0, 0, 0], [30, 40, 1]] },
    maskOf({ left: 10, top: 20, width: 3, height: 2, pixels: Uint8Array.from([1, 0, 1, 1, 1, 1]) }, { width: 400, height: 300 }),
  ]
  test('is read as it is written, and not with more in it (W8, W9)', () => {
    for (const shape of shapes) {
      expect(util(shape).parse(JSON.parse(JSON.stringify(shape)))).toEqual(shape)
      expect(util(shape).parse({ ...shape, more: 1 } as never)).toBe(null)
    }
    expect(shapes.map(({ type }) => type)).toEqual(ALL_SHAPES)
  })
  test('moves by its translation, and is turned and stretched within the rules', () => {
    const size = { width: 400, height: 300 }
    for (const shape of shapes) {
      const before = util(shape).bounds(shape)
      const moved = util(shape).translate(shape, [7, 9])
      const after = util(shape).bounds(moved)
      expect([after.left - before.left, after.top - before.top]).toEqual([expect.closeTo(7, 9), expect.closeTo(9, 9)])
      const stretched = util(shape).stretch(shape, { ...before, right: before.right + 20 })
      for (const each of [stretched, util(shape).turn?.(shape, 200) ?? shape]) {
        const clamped = util(each).clamp(each, size)
        expect(util(clamped).isWorthKeeping(clamped)).toBe(true)
        expect(util(clamped).clamp(clamped, size)).toEqual(clamped)
      }
    }
  })
  test('a hole is outside', () => {
    const [holed] = shapes.filter(({ type }) => type === 'polygon')
    expect(holed && distanceTo(holed, [50, 40])).toBeGreaterThan(0)
    expect(holed && distanceTo(holed, [20, 20])).toBeLessThan(0)
  })
})
