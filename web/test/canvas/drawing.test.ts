import { describe, expect, test } from 'vitest'
import { TestEditor, boxAt, ontology, polygonAt } from './hands'

describe('drawing a box (W40)', () => {
  test('a drag draws one, whichever way it goes', () => {
    new TestEditor().tool('box').expectToBeIn('box.idle')
      .pointerDown(30, 40).expectToBeIn('box.pointing').pointerMove(20, 20).expectToBeIn('box.drawing').pointerUp(10, 10)
      .expectToBeIn('box.idle').expectObjects('n1 car box 10,10 20x30').expectSelected('n1')
  })

  test('two clicks draw one', () => {
    new TestEditor().tool('box').click(10, 10).expectToBeIn('box.stretching').pointerMove(30, 30)
      .click(50, 40).expectObjects('n1 car box 10,10 40x30')
  })

  test('beyond the rim is the rim (W11)', () => {
    new TestEditor().tool('box').drag(390, 290, 450, 333).expectObjects('n1 car box 390,290 10x10')
  })

  test('a slip of the hand draws none (W13)', () => {
    new TestEditor().tool('box').doubleClick(5, 5).expectObjects().drag(5, 5, 100, 5.5).expectObjects()
  })

  test('what is drawn when zoomed in lands where it was drawn, on the hundredth (W11)', () => {
    const editor = new TestEditor().tool('box')
    editor.updateSession({ camera: { zoom: 3, x: 100, y: 100 } })
    editor.drag(0, 0, 40, 50).expectObjects('n1 car box 100,100 13.33x16.67')
  })

  test('cancelling leaves no trace, neither to see nor to redo (W6)', () => {
    const editor = new TestEditor().tool('box').drag(0, 0, 10, 10).drag(20, 20, 30, 30).key('Mod+KeyZ')
    editor.pointerDown(50, 50).pointerMove(60, 60).key('Escape').expectToBeIn('box.idle').expectObjects('n1 car box 0,0 10x10')
    editor.key('Mod+Shift+KeyZ').expectObjects('n1 car box 0,0 10x10', 'n2 car box 20,20 10x10')
  })

  test('defaults of attributes are filled in (O5), those of the class and of every class', () => {
    const editor = new TestEditor({ ontology }).tool('box').key('Digit2').drag(0, 0, 10, 10)
    expect(editor.toAnswer().objects).toEqual([
      { ...boxAt('n1', 0, 0, 10, 10, 'person'), attributes: { occluded: false, age: 30 } },
    ])
  })

  test('without a class nothing is drawn, and the reason is said', () => {
    const editor = new TestEditor({ ontology: { classes: [], attributes: [] } }).tool('box').drag(0, 0, 10, 10).expectObjects()
    expect(editor.session.said.text).toBe('Choose a class first')
  })

  test('a pinch takes the drag back and keeps the click-click', () => {
    const editor = new TestEditor().tool('box').pointerDown(10, 10).pointerMove(50, 50).expectToBeIn('box.drawing')
    editor.dispatch({ type: 'pinch', screen: [50, 50], by: [0, 0], factor: 1 })
    editor.expectToBeIn('box.idle').expectObjects().click(10, 10).expectToBeIn('box.stretching')
    editor.dispatch({ type: 'pinch', screen: [50, 50], by: [0, 0], factor: 1 })
    editor.expectToBeIn('box.stretching')
  })
})

describe('drawing a polygon (W42)', () => {
  const three = () => new TestEditor().tool('polygon').click(10, 10).click(100, 10).click(100, 100)
  const want = 'n1 car polygon 10,10 100,10 100,100'

  test('a click on the first point closes it', () => {
    three().expectToBeIn('polygon.drawing').click(12, 12).expectToBeIn('polygon.idle').expectObjects(want)
  })
  test('Enter closes it', () => { three().key('Enter').expectObjects(want) })
  test('a double-click puts the last point and closes it', () => {
    three().doubleClick(10, 100).expectToBeIn('polygon.idle').expectObjects(`${want} 10,100`)
  })
  test('a double-click on the first point closes it and begins no other', () => {
    three().doubleClick(10, 10).expectToBeIn('polygon.idle').expectObjects(want)
  })
  test('Backspace takes points back, down to none', () => {
    three().click(300, 200).key('Backspace').key('Enter').expectObjects(want)
    new TestEditor().tool('polygon').click(10, 10).key('Mod+KeyZ').expectToBeIn('polygon.idle')
  })
  test('Escape drops it; a second Escape puts the tool away', () => {
    three().key('Escape').expectToBeIn('polygon.idle').expectObjects().key('Escape').expectToBeIn('select.idle')
  })
  test('two points are no polygon, and are kept for the third', () => {
    new TestEditor().tool('polygon').click(10, 10).click(100, 10).key('Enter').expectToBeIn('polygon.drawing')
      .click(100, 100).key('Enter').expectObjects(want)
  })
  test('a held button draws freehand, and straight stretches need no points between', () => {
    const editor = new TestEditor().tool('polygon').pointerDown(0, 0)
    for (let x = 5; x <= 100; x += 5) editor.pointerMove(x, 0)
    editor.expectToBeIn('polygon.freehand')
    for (let y = 5; y <= 80; y += 5) editor.pointerMove(100, y)
    editor.pointerUp(100, 80).expectToBeIn('polygon.drawing').key('Enter').expectObjects('n1 car polygon 0,0 100,0 100,80')
  })
  test('it can be panned and zoomed in the middle of it', () => {
    const editor = three()
    editor.dispatch({ type: 'keydown', code: 'Space' })
    editor.pointerDown(50, 50).expectToBeIn('pan.dragging').pointerMove(80, 70).pointerUp(80, 70)
    editor.dispatch({ type: 'keyup', code: 'Space' })
    editor.expectToBeIn('polygon.drawing')
    expect(editor.session.camera).toEqual({ zoom: 1, x: -30, y: -20 })
    editor.key('Enter').expectObjects(want)
  })
  test('the draft is no part of the answer until it is closed', () => {
    const editor = new TestEditor().tool('polygon')
    const heard: number[] = []
    editor.onDocumentDiff((diff) => heard.push(diff.size))
    editor.click(10, 10).click(100, 10).click(100, 100)
    expect(heard).toEqual([])
    editor.key('Enter')
    expect(heard).toEqual([1])
    expect(editor.toAnswer()).toEqual({ objects: [polygonAt('n1', [[10, 10], [100, 10], [100, 100]])] })
  })
})

describe('a line from before a reload (W44)', () => {
  test('goes on where it was', () => {
    const before = new TestEditor().tool('polygon').click(50, 50).click(150, 50)
    expect(before.line).toEqual([[50, 50], [150, 50]])
    const after = new TestEditor()
    expect(after.takeUpLine(JSON.parse(JSON.stringify(before.line)))).toBe(true)
    expect(after.root.path).toBe('polygon.drawing')
    expect(after.history.canUndo).toBe(false)
    after.click(100, 150).click(50, 50)
    expect(after.toAnswer().objects?.[0]?.shape).toEqual({ type: 'polygon', points: [[50, 50], [150, 50], [100, 150]] })
    expect(after.line).toEqual([])
  })

  test('is dropped, taken back, and kept on the image like any other', () => {
    const editor = new TestEditor()
    editor.takeUpLine([[50, 50], [9_000, 50], 'no point', [60, null]])
    expect(editor.line).toEqual([[50, 50], [400, 50]])
    editor.run('back')
    expect(editor.line).toEqual([[50, 50]])
    editor.run('cancel')
    expect(editor.line).toEqual([])
    expect(editor.takeUpLine([])).toBe(false)
    expect(new TestEditor({ readOnly: true }).takeUpLine([[1, 1]])).toBe(false)
    expect(new TestEditor({ shapes: ['box'] }).takeUpLine([[1, 1]])).toBe(false)
  })
})

describe('drawing without any pointer (W41, W43)', () => {
  test('a box: aim, Enter, aim, Enter', () => {
    new TestEditor().keys('KeyV', 'Shift+KeyB').key('ArrowLeft', 5).key('ArrowUp', 5).key('Enter').expectToBeIn('box.stretching')
      .key('ArrowRight', 3).key('Shift+ArrowDown').key('Alt+ArrowDown').key('Enter')
      .expectToBeIn('box.idle').expectObjects('n1 car box 150,100 30x61')
  })

  test('a polygon: Enter at each point, and twice in one place to close', () => {
    new TestEditor().key('KeyP').key('Enter').key('ArrowRight', 4).key('Enter').key('ArrowDown', 4).keys('Enter', 'Enter')
      .expectToBeIn('polygon.idle').expectObjects('n1 car polygon 200,150 240,150 240,190')
  })

  test('or Mod+Enter, or Enter on the first point', () => {
    const drawn = () => new TestEditor().key('KeyP').key('Enter').key('ArrowRight', 4).key('Enter').key('ArrowDown', 4).key('Enter')
    drawn().key('Mod+Enter').expectObjects('n1 car polygon 200,150 240,150 240,190')
    drawn().key('ArrowUp', 4).key('ArrowLeft', 4).key('Enter').expectObjects('n1 car polygon 200,150 240,150 240,190')
  })

  test('the crosshair stays on the image, and the image follows it', () => {
    const editor = new TestEditor().key('Shift+KeyB')
    editor.updateSession({ camera: { zoom: 4, x: 0, y: 0 } })
    editor.key('Shift+ArrowRight', 60)
    expect(editor.session.crosshair).toEqual([400, 38])
    const { camera, screen } = editor.session
    expect((400 - camera.x) * camera.zoom).toBeLessThanOrEqual(screen.width)
  })

  test('a pointer that moves takes over; one that lies still does not', () => {
    const editor = new TestEditor().pointerMove(7, 7).key('Shift+KeyB').key('ArrowLeft').pointerMove(7, 7)
    expect(editor.session.crosshair).not.toBe(null)
    editor.pointerMove(8, 7)
    expect(editor.session.crosshair).toBe(null)
  })
})
