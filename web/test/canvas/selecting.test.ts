import { describe, expect, test } from 'vitest'
import { clearFlag, flag, reorderSelection, select, setAttribute, setClass, setGeometry, setNote } from '../../src/canvas'
import { ALT, SHIFT, TestEditor, boxAt, ontology, polygonAt } from './hands'

//  big ┌──────────────┐      right ┌────┐
//      │  small ┌──┐  │            └────┘
//      └────────┴──┴──┘
const three = () =>
  TestEditor.with({ objects: [boxAt('small', 40, 40, 20, 20), boxAt('big', 0, 0, 100, 100), boxAt('right', 200, 0, 50, 50)] })
const square = () => TestEditor.with({ objects: [polygonAt('p', [[100, 100], [200, 100], [200, 200], [100, 200]])] })

describe('picking (W15)', () => {
  test('the small shape under the large one is the one that moves', () => {
    three().pointerDown(50, 50).expectToBeIn('select.pointing').pointerMove(60, 50).expectToBeIn('select.translating')
      .pointerUp(70, 50).expectToBeIn('select.idle').expectSelected('small')
      .expectObjects('small car box 60,40 20x20', 'big car box 0,0 100x100', 'right car box 200,0 50x50')
  })
  test('an edge within reach wins over the inside of another', () => { three().click(98, 60).expectSelected('big') })
  test('a tremble is a click (W14)', () => {
    three().pointerDown(50, 50).pointerMove(51, 51).expectToBeIn('select.pointing').pointerUp(51, 51)
    expect(three().pointerDown(50, 50).pointerMove(51, 51).pointerUp(51, 51).history.canUndo).toBe(false)
  })
  test('shift adds and takes away; a plain click beside everything takes all away', () => {
    three().click(50, 50).click(225, 25, SHIFT).expectSelected('small', 'right').click(50, 50, SHIFT).expectSelected('right')
      .click(350, 250).expectSelected()
  })
  test('a marquee takes what lies wholly within it (W19)', () => {
    three().drag(120, 120, 30, 30).expectSelected('small').drag(190, 60, 260, -5, SHIFT).expectSelected('small', 'right')
  })
  test('a cancelled marquee takes nothing', () => {
    three().click(225, 25).pointerDown(150, 150, SHIFT).pointerMove(30, 30).expectToBeIn('select.brushing').key('Escape')
      .expectSelected('right').expectToBeIn('select.idle')
  })
  test('the first finger of a pinch picks nothing', () => {
    const editor = three().click(225, 25).pointerDown(50, 50)
    editor.dispatch({ type: 'pinch', screen: [50, 50], by: [0, 0], factor: 1 })
    editor.expectToBeIn('select.idle').expectSelected('right')
  })
  test('many move as one, and stop as one at the rim (W12)', () => {
    three().key('Mod+KeyA').drag(225, 25, 400, 25)
      .expectObjects('small car box 190,40 20x20', 'big car box 150,0 100x100', 'right car box 350,0 50x50')
  })
})

describe('undo (W5)', () => {
  test('one gesture is one step back, and one step forth', () => {
    const editor = three().drag(50, 50, 90, 50).drag(225, 25, 225, 75)
    const after = editor.lines()
    editor.key('Mod+KeyZ').expectObjects('small car box 80,40 20x20', 'big car box 0,0 100x100', 'right car box 200,0 50x50')
    editor.key('Mod+KeyZ').keys('Mod+KeyY', 'Mod+KeyY').expectObjects(...after)
  })
  test('a held arrow is one step; each press is one of its own', () => {
    const editor = three().click(225, 25).key('ArrowRight', 20).key('Shift+ArrowDown')
    expect(editor.lines()[2]).toBe('right car box 220,10 50x50')
    editor.key('Mod+KeyZ').key('Mod+KeyZ')
    expect(editor.lines()[2]).toBe('right car box 200,0 50x50')
    expect(editor.history.canUndo).toBe(false)
  })
  test('what was deleted comes back selected', () => {
    three().click(225, 25).key('Delete').key('Mod+KeyZ').expectSelected('right')
  })
  test('a cancelled move leaves what could be redone (W6)', () => {
    const editor = three().drag(50, 50, 90, 50).key('Mod+KeyZ')
    editor.pointerDown(50, 50).pointerMove(90, 90).key('Escape')
    expect(editor.lines()[0]).toBe('small car box 40,40 20x20')
    expect(editor.key('Mod+KeyY').lines()[0]).toBe('small car box 80,40 20x20')
  })
  test('work that fails in the middle leaves the image as it was (W4)', () => {
    const editor = three().drag(50, 50, 90, 50)
    const before = editor.toAnswer()
    expect(() => editor.work('fail', () => { editor.store.remove('big'); throw new Error('a bug') })).toThrow('a bug')
    expect(editor.toAnswer()).toEqual(before)
    expect(editor.key('Mod+KeyZ').lines()[0]).toBe('small car box 40,40 20x20')
  })
})

describe('resizing a box', () => {
  test.each([
    ['top left', 200, 0, 180, 10, '180,10 70x40'], ['top', 225, 0, 0, 10, '200,10 50x40'],
    ['right', 250, 25, 270, 99, '200,0 70x50'], ['bottom right', 250, 50, 300, 80, '200,0 100x80'],
    ['turned over', 250, 50, 190, 80, '190,0 10x80'], ['past the rim', 250, 50, 900, 900, '200,0 200x300'],
  ])('%s', (_, x0, y0, x1, y1, want) => {
    expect(three().click(225, 25).drag(x0, y0, x1, y1).lines()[2]).toBe(`right car box ${want}`)
  })
  test('to nothing: it is put back (W13)', () => {
    const editor = three().click(225, 25).drag(250, 50, 200, 0)
    expect(editor.lines()[2]).toBe('right car box 200,0 50x50')
    expect(editor.history.canUndo).toBe(false)
  })
  test('by keys, and a polygon too (W30)', () => {
    expect(three().click(225, 25).key('Alt+ArrowRight').key('Alt+Shift+ArrowUp').lines()[2]).toBe('right car box 200,0 51x40')
    square().click(150, 150).key('Alt+Shift+ArrowRight').expectObjects('p car polygon 100,100 210,100 210,200 100,200')
  })
  test('by numbers: clamped, and refused if nothing is left (W33)', () => {
    const editor = three()
    expect(setGeometry(editor, 'right', { type: 'box', x: 390.004, y: 1, width: 50, height: 9 })).toBe(true)
    expect(editor.lines()[2]).toBe('right car box 390,1 10x9')
    expect(setGeometry(editor, 'right', { type: 'box', x: 900, y: 1, width: 50, height: 9 })).toBe(false)
  })
})

describe('editing vertices (W34)', () => {
  test('a vertex is dragged', () => {
    square().click(150, 150).pointerDown(200, 200).pointerMove(210, 230).expectToBeIn('select.reshaping').pointerUp(220, 240)
      .expectObjects('p car polygon 100,100 200,100 220,240 100,200')
  })
  test('the middle of an edge becomes one', () => {
    square().click(150, 150).drag(150, 100, 150, 50).expectObjects('p car polygon 100,100 150,50 200,100 200,200 100,200')
  })
  test('a double-click on an edge inserts one there', () => {
    square().click(150, 150).doubleClick(120, 101).expectObjects('p car polygon 100,100 120,100 200,100 200,200 100,200')
  })
  test('Alt and a click delete one, down to a triangle', () => {
    square().click(150, 150).click(200, 200, ALT).click(100, 200, ALT).expectObjects('p car polygon 100,100 200,100 100,200')
  })
  test('all of it by keys: take hold, move, insert, delete', () => {
    const editor = square().key('Period').keys('BracketRight', 'BracketRight').key('Shift+ArrowRight')
    editor.expectObjects('p car polygon 100,100 210,100 200,200 100,200')
    editor.key('Insert').expectObjects('p car polygon 100,100 210,100 205,150 200,200 100,200')
    editor.keys('Delete').expectObjects('p car polygon 100,100 210,100 200,200 100,200')
  })
})

describe('what is hidden or locked (W16)', () => {
  test('is not picked, not brushed, not changed', () => {
    const editor = three()
    flag(editor, 'hidden', ['small'], 'on')
    flag(editor, 'locked', ['right'], 'on')
    editor.click(50, 50).expectSelected('big').click(225, 25).expectSelected().key('Mod+KeyA').expectSelected('big')
    select(editor, ['small', 'right'])
    const before = editor.toAnswer()
    editor.keys('Delete', 'ArrowRight', 'Alt+ArrowDown', 'Digit2', 'Mod+BracketLeft')
    expect(setAttribute(editor, ['right'], 'doors', 5)).toBe(false)
    expect(editor.toAnswer()).toEqual(before)
    clearFlag(editor, 'hidden')
    editor.key('Delete').expectObjects('big car box 0,0 100x100', 'right car box 200,0 50x50')
  })
})

describe('order (W17)', () => {
  test.each([
    ['forward', 'big small right'], ['backward', 'small big right'], ['front', 'big right small'], ['back', 'small big right'],
  ] as const)('small goes %s', (move, want) => {
    const editor = three()
    select(editor, ['small'])
    reorderSelection(editor, move)
    expect(editor.toAnswer().objects?.map(({ id }) => id).join(' ')).toBe(want)
    editor.undo()
    expect(editor.toAnswer().objects?.map(({ id }) => id).join(' ')).toBe('small big right')
  })
  test('neighbours go as one block, and stop as one at the top', () => {
    const editor = three()
    select(editor, ['small', 'big'])
    reorderSelection(editor, 'forward')
    reorderSelection(editor, 'forward')
    expect(editor.toAnswer().objects?.map(({ id }) => id)).toEqual(['right', 'small', 'big'])
  })
})

describe('class and attributes', () => {
  test('a new class drops what it has not, keeps what it has, adds its defaults (W18)', () => {
    const object = { ...boxAt('a', 0, 0, 9, 9), attributes: { doors: 3, occluded: true, unknown: 'kept' } }
    const editor = TestEditor.with({ objects: [object] }, { ontology })
    select(editor, ['a'])
    expect(setClass(editor, 'child')).toBe(true)
    expect(editor.toAnswer().objects).toEqual([
      { ...object, class: 'child', attributes: { occluded: true, unknown: 'kept', age: 30 } },
    ])
    editor.undo()
    expect(editor.toAnswer()).toEqual({ objects: [object] })
  })
  test('typing a note is one step', () => {
    const editor = three()
    for (const note of ['a', 'ab', 'abc']) setNote(editor, note)
    expect(editor.toAnswer().note).toBe('abc')
    editor.undo()
    expect(editor.toAnswer().note).toBe(undefined)
  })
})

describe('copies', () => {
  test('are set off, selected, and have names of their own', () => {
    three().click(225, 25).keys('Mod+KeyC', 'Mod+KeyV').expectSelected('n1')
      .expectObjects('small car box 40,40 20x20', 'big car box 0,0 100x100', 'right car box 200,0 50x50', 'n1 car box 210,10 50x50')
  })
  test('cut and duplicate', () => {
    three().click(225, 25).keys('Mod+KeyX').key('Mod+KeyZ').click(225, 25).key('Mod+KeyD').expectSelected('n1')
  })
})

describe('an answer that may only be read (W10)', () => {
  test('is looked at, and never changed', () => {
    const editor = three()
    editor.setReadOnly('on')
    const before = editor.toAnswer()
    expect(editor.setTool('box')).toBe(false)
    editor.drag(50, 50, 90, 90).expectSelected('small').keys('Delete', 'ArrowLeft', 'Digit2', 'Mod+KeyD', 'Mod+KeyZ')
    expect(setGeometry(editor, 'small', { type: 'box', x: 0, y: 0, width: 9, height: 9 })).toBe(false)
    expect(editor.toAnswer()).toEqual(before)
    expect(editor.key('Period').session.said.text).toMatch(/^Car, box, 100 by 100 pixels/)
  })
})
