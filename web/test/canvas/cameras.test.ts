import { describe, expect, test } from 'vitest'
import { type Answer, imageOf, openPin, showCamera } from '../../src/canvas'
import { paired } from '../../src/features/workbench/agreement'
import { cameraCommands, cameraOfChange } from '../../src/canvas/cameras'
import { TestEditor } from './hands'

const FRONT = { name: 'front', width: 400, height: 300 }
const REAR = { name: 'rear', width: 200, height: 150 }
const cameras = [FRONT, REAR]
const car = (id: string, camera: string, x: number, more = {}) => ({ id, class: 'car', camera, shape: { type: 'box', x, y: 50, width: 40, height: 30 }, ...more }) as never
/** One car in each, at the same place. */
const both: Answer = { objects: [car('a', 'front', 10), car('b', 'rear', 10)] }
const rig = (answer: Answer = both, more = {}) => new TestEditor({ answer, cameras, ...more })
const size = (editor: TestEditor) => ({ width: editor.image.width, height: editor.image.height })

describe('several pictures of one moment (W160)', () => {
  test('an object says its camera, in and out, and what is not known of it stays', () => {
    const answer: Answer = { objects: [car('a', 'front', 10), car('b', 'rear', 10, { colour: 'kept' }), car('c', 'roof', 10)] }
    expect(rig(answer).toAnswer()).toEqual(answer)
    const broken = { objects: [{ ...(car('a', 'front', 10) as object), camera: 7 }] } as unknown as Answer
    expect(rig(broken).toAnswer()).toEqual(broken)
  })

  test('the one in front is the image, and the keys go round', () => {
    const editor = rig()
    expect(size(editor)).toEqual({ width: 400, height: 300 })
    editor.key('PageDown')
    expect(size(editor)).toEqual({ width: 200, height: 150 })
    expect(editor.session.said.text).toBe('Camera rear, one object')
    editor.key('PageDown')
    expect(editor.session.pane).toBe(0)
    editor.key('PageUp')
    expect(editor.session.pane).toBe(1)
    expect(editor.run('camera.1')).toBe(true)
    expect(editor.session.pane).toBe(0)
    expect(cameraCommands([FRONT])).toEqual([])
    expect(new TestEditor({}).commands.some(({ id }) => id.startsWith('camera.'))).toBe(false)
  })

  test('what is drawn is in the picture in front, and stops at its rim', () => {
    const editor = rig()
    editor.key('PageDown')
    editor.updateSession({ camera: { zoom: 1, x: 0, y: 0 } })
    editor.tool('box').drag(150, 100, 390, 280)
    expect(editor.toAnswer().objects?.[2]).toMatchObject({ camera: 'rear', shape: { x: 150, y: 100, width: 50, height: 50 } })
    editor.key('PageUp')
    editor.updateSession({ camera: { zoom: 1, x: 0, y: 0 } })
    editor.tool('box').drag(150, 100, 390, 280)
    expect(editor.toAnswer().objects?.[3]).toMatchObject({ camera: 'front', shape: { width: 240, height: 180 } })
  })

  test('a click, a marquee, all and the next one mean the picture in front', () => {
    const editor = rig()
    editor.click(10, 60).expectSelected('a')
    editor.key('Mod+KeyA').expectSelected('a')
    editor.key('PageDown')
    editor.updateSession({ camera: { zoom: 1, x: 0, y: 0 } })
    editor.click(10, 60).expectSelected('b')
    editor.key('Period').expectSelected('b')
    editor.key('KeyQ').drag(1, 1, 190, 140).expectSelected('b')
  })

  test('a key moves and deletes only what is in front', () => {
    const editor = rig()
    editor.click(10, 60).key('PageDown')
    editor.expectSelected('a').key('ArrowRight')
    expect(editor.toAnswer()).toEqual(both)
    editor.key('Delete')
    expect(editor.toAnswer()).toEqual(both)
    expect(editor.session.said.text).toBe('It is in another camera')
  })

  test('a class in the hand, undo and redo bring the picture to the front that they change', () => {
    const editor = rig()
    editor.click(10, 60).key('ArrowRight').key('PageDown')
    editor.undo()
    expect([editor.session.pane, editor.session.said.text]).toEqual([0, 'Undone: move'])
    editor.key('PageDown')
    editor.redo()
    expect(editor.session.pane).toBe(0)
    expect(cameraOfChange(new Map(), 'front')).toBeNull()
  })

  test('a shape that is begun is finished before another picture comes', () => {
    const editor = rig()
    editor.tool('polygon').click(10, 10).click(60, 10)
    expect(showCamera(editor, 1)).toBe(false)
    expect([editor.session.pane, editor.session.said.text]).toEqual([0, 'Finish the shape first, or cancel it'])
    editor.key('Escape')
    expect(showCamera(editor, 1)).toBe(true)
  })

  test('a tool stays in the hand, and what it read of the other picture does not', () => {
    const editor = rig()
    editor.pixels = { data: new Uint8ClampedArray(4), width: 1, height: 1 } as never
    editor.tool('box').key('PageDown')
    expect([editor.root.tool, editor.pixels]).toEqual(['box', null])
  })
})

describe('how each is looked at (W161)', () => {
  test('is kept while another is in front', () => {
    const editor = rig()
    const close = { zoom: 4, x: 30, y: 20 }
    editor.updateSession({ camera: close, fitted: false })
    editor.key('PageDown')
    expect(editor.session.fitted).toBe(true)
    editor.key('PageUp')
    expect(editor.session.camera).toEqual(close)
    expect(editor.session.fitted).toBe(false)
  })
})

describe('across the pictures (W162)', () => {
  test('choosing an object brings its picture, unless something chosen is in front', () => {
    const editor = rig({ objects: [car('a', 'front', 10, { group: 4 }), car('b', 'rear', 10, { group: 4 })] })
    editor.act(() => openPin(editor, null))
    editor.click(10, 60).key('PageDown')
    editor.click(390, 290)
    editor.updateSession({ camera: { zoom: 1, x: 0, y: 0 } })
    editor.click(10, 60).expectSelected('b')
    expect(editor.run('group.select')).toBe(true)
    editor.expectSelected('a', 'b')
    expect(editor.session.pane).toBe(1)
  })

  test('two in different pictures are said to be the same thing', () => {
    const editor = rig()
    editor.click(10, 60).key('PageDown')
    editor.updateSession({ camera: { zoom: 1, x: 0, y: 0 } })
    editor.click(10, 60, { shift: true, alt: false, mod: false }).expectSelected('a', 'b')
    expect(editor.run('group')).toBe(true)
    expect(editor.toAnswer().objects?.map((object) => object.group)).toEqual([1, 1])
    expect(editor.describe('b')).toContain('in camera rear')
  })

  test('what is copied comes into the picture in front, or where it says', () => {
    const editor = rig()
    editor.click(10, 60).key('Mod+KeyC').key('PageDown').key('Mod+KeyV')
    expect(editor.toAnswer().objects?.[2]).toMatchObject({ camera: 'rear' })
    expect(imageOf(editor, { camera: 'rear' })).toBe(REAR)
    const plain = TestEditor.with({})
    plain.updateSession({ clipboard: [car('a', 'front', 10)] })
    plain.key('Mod+KeyV')
    expect(plain.toAnswer().objects?.[0]).not.toHaveProperty('camera')
  })

  test('a pin on another picture brings it, and is not clicked through this one', () => {
    const editor = rig()
    const pin = { id: 't', number: 1, at: { left: 50, top: 50, right: 50, bottom: 50 }, object: null, camera: 'rear', isOver: false }
    editor.act(() => editor.updateSession({ pins: [pin] }))
    editor.click(61, 39)
    expect(editor.session.pin).toBeNull()
    openPin(editor, 't')
    expect(editor.session.pane).toBe(1)
  })

  test('what two people say of different cameras is not the same (A63)', () => {
    const objects = (camera: string) => [car('x', camera, 10)] as never
    expect(paired(objects('front'), objects('front'))).toEqual([[0, 0]])
    expect(paired(objects('front'), objects('rear'))).toEqual([])
  })
})
