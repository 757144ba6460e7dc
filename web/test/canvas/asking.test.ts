import { describe, expect, test } from 'vitest'
import { kit as places } from '../../src/canvas/tools/places'
import { ALT, TestEditor } from './hands'

const withModel = () => new TestEditor()

describe('pointing at what a model is asked about (W151)', () => {
  test('clicks are places on the thing, with Alt beside it; nothing of it is in the answer', () => {
    const editor = withModel().tool('ask').expectToBeIn('ask.idle').click(10, 20).click(30, 40, ALT)
    expect(editor.session.asked).toEqual({ box: null, points: [{ at: [10, 20], inside: true }, { at: [30, 40], inside: false }] })
    editor.expectObjects()
    expect(editor.getSnapshot().canUndo).toBe(false)
  })

  test('a drag is a box, whichever way it goes, and begins anew', () => {
    const editor = withModel().tool('ask').click(5, 5).pointerDown(90, 80).pointerMove(50, 50).expectToBeIn('ask.boxing').pointerUp(30, 20)
    editor.expectToBeIn('ask.idle')
    expect(editor.session.asked).toEqual({ box: { left: 30, top: 20, right: 90, bottom: 80 }, points: [] })
    expect(editor.session.marquee).toBe(null)
  })

  test('Escape takes the places back, then puts the tool away', () => {
    const editor = withModel().tool('ask').click(10, 20).key('Escape').expectToBeIn('ask.idle')
    expect(editor.session.asked.points).toEqual([])
    editor.key('Escape').expectToBeIn('select.idle')
  })

  test('with another tool in the hand, nothing is asked any more', () => {
    const editor = withModel().tool('ask').click(10, 20).tool('box')
    expect(editor.session.asked).toEqual({ box: null, points: [] })
  })

  test('where no model is there is no such tool', () => {
    const editor = new TestEditor({ kits: [places] })
    expect(editor.tools).not.toContain('ask')
    expect(editor.setTool('ask')).toBe(false)
    editor.key('Backslash').expectToBeIn('select.idle')
  })
})
