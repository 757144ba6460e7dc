import { describe, expect, test } from 'vitest'
import { type Answer, differences, openPin, placeOfPin } from '../../src/canvas'
import { paired } from '../../src/features/workbench/agreement'
import { TestEditor } from './hands'

const PLAIN = { shift: false, alt: false, mod: false }

const car = (id: string, x: number, more = {}) => ({ id, class: 'car', shape: { type: 'box', x, y: 50, width: 40, height: 30 }, ...more }) as never

describe('pins (W100)', () => {
  test('are no part of the answer, nor of what can be undone', () => {
    const editor = TestEditor.with({ objects: [car('a', 10)] })
    const before = editor.toAnswer()
    editor.act(() => editor.updateSession({ pins: [{ id: 't', number: 1, at: null, object: 'a', isOver: false }] }))
    expect(editor.toAnswer()).toEqual(before)
    expect(editor.undo()).toBe(false)
  })

  test('follow their object, and stay where they were put when it is gone', () => {
    const editor = TestEditor.with({ objects: [car('a', 10)] })
    const pin = { id: 't', number: 1, at: { left: 1, top: 2, right: 3, bottom: 4 }, object: 'a', isOver: false }
    expect(placeOfPin(editor, pin)).toMatchObject({ left: 10, top: 50 })
    editor.loadAnswer({ objects: [] })
    expect(placeOfPin(editor, pin)).toBe(pin.at)
    expect(placeOfPin(editor, { ...pin, at: null })).toBeNull()
  })

  test('open by a click on their head, in a looked-at answer too, and select their object', () => {
    const editor = TestEditor.with({ objects: [car('a', 10)] }, { readOnly: true })
    editor.act(() => editor.updateSession({ pins: [{ id: 't', number: 1, at: null, object: 'a', isOver: false }] }))
    // The head stands off the upper right corner (50, 50).
    editor.click(61, 39)
    expect(editor.session.pin).toBe('t')
    expect(editor.session.selected).toEqual(['a'])
    openPin(editor, null)
    expect(editor.session.pin).toBeNull()
  })
})

describe('pointing at what is spoken of (W101)', () => {
  test('a click means the place and the object there, a drag a region; the answer stays', () => {
    const editor = TestEditor.with({ objects: [car('a', 10)] }, { readOnly: true })
    editor.tool('comment').click(20, 60)
    expect(editor.session.pointed).toEqual({ at: { left: 20, top: 60, right: 20, bottom: 60 }, object: 'a' })
    editor.expectToBeIn('select.idle')
    editor.tool('comment').pointerMove(100, 100).pointerDown(100, 100).pointerMove(160, 140).pointerUp(160, 140)
    expect(editor.session.pointed).toEqual({ at: { left: 100, top: 100, right: 160, bottom: 140 }, object: null })
    expect(editor.session.marquee).toBeNull()
  })

  test('escape drops it, and without comments there is no such tool', () => {
    const editor = TestEditor.with({})
    editor.tool('comment').pointerMove(10, 10).pointerDown(10, 10).pointerMove(60, 60)
    editor.dispatch({ type: 'keydown', code: 'Escape', modifiers: PLAIN })
    expect(editor.session.pointed).toBeNull()
    expect(editor.session.marquee).toBeNull()
    expect(new TestEditor({ comments: false }).tools).not.toContain('comment')
  })
})

describe('differences (W102)', () => {
  const before: Answer = { objects: [car('a', 10), car('b', 100, { attributes: { doors: 3 } }), car('c', 200)], choices: ['rain'] as never, note: 'x' }

  test('by id: what is gone, new, elsewhere, or said otherwise', () => {
    const after: Answer = { objects: [car('a', 12), car('b', 100, { attributes: { doors: 5 } }), car('d', 300)], choices: ['sun'] as never, note: 'y' }
    const found = differences(before, after).map(({ id, kind, aspects, attributes }) => [id, kind, aspects.join(), attributes])
    expect(found).toEqual([
      ['c', 'removed', '', []],
      ['d', 'added', '', []],
      ['a', 'changed', 'shape', []],
      ['b', 'changed', 'attributes', [['doors', 3, 5]]],
      [':choices', 'item', '', []],
    ])
    expect(differences(before, before)).toEqual([])
  })

  test('by likeness: two people call the same thing otherwise, and in another order', () => {
    const other: Answer = { objects: [car('c', 101, { attributes: { doors: 3 } }), car('x', 10)], choices: ['rain'] as never }
    const found = differences(before, other, paired).map(({ id, kind, aspects }) => [id, kind, aspects.join()])
    expect(found).toEqual([
      ['c', 'removed', ''],
      ['b', 'changed', 'shape'],
    ])
  })

  test('skeletons are alike by their points, not by the box around them', () => {
    const person = (id: string, points: number[][]) => ({ id, class: 'person', shape: { type: 'keypoints', points } }) as never
    const one: Answer = { objects: [person('a', [[0, 0, 2], [100, 0, 2], [50, 200, 2]])] }
    const near: Answer = { objects: [person('z', [[1, 1, 2], [99, 2, 2], [51, 199, 2]])] }
    const crossed: Answer = { objects: [person('z', [[100, 0, 2], [0, 0, 2], [50, 200, 2]])] }
    expect(differences(one, near, paired).map(({ kind }) => kind)).toEqual(['changed'])
    expect(differences(one, crossed, paired).map(({ kind }) => kind)).toEqual(['removed', 'added'])
  })
})
