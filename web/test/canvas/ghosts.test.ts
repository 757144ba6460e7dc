import { describe, expect, test } from 'vitest'
import { selectAt, topRecords } from '../../src/canvas'
import { TestEditor } from './hands'

const box = (id: string, x: number, y: number, width: number, height: number, more = {}) => ({ id, class: 'car', shape: { type: 'box', x, y, width, height }, ...more }) as never
const suggest = (editor: TestEditor, ...objects: never[]): TestEditor => {
  editor.act(() => editor.updateSession({ ghosts: topRecords(editor, objects) }))
  return editor
}

describe('clicking what is suggested (W152)', () => {
  test('lays the finger on it and lets go of what was selected; nothing is written', () => {
    const editor = suggest(TestEditor.with({ objects: [box('a', 10, 10, 40, 40)] }), box('s', 100, 100, 60, 60))
    const before = editor.toAnswer()
    editor.click(30, 30).expectSelected('a')
    editor.click(130, 130).expectSelected()
    expect([editor.session.ghost, editor.session.said.text]).toEqual(['s', 'Suggested: Car'])
    expect(editor.toAnswer()).toEqual(before)
    editor.click(300, 280)
    expect(editor.session.ghost).toBe('s')
  })

  test('an object is meant first where both lie alike, the smaller where one lies in the other', () => {
    const editor = suggest(TestEditor.with({ objects: [box('a', 10, 10, 40, 40), box('road', 5, 5, 300, 250)] }), box('s', 10, 10, 40, 40), box('t', 120, 120, 50, 50))
    editor.click(30, 30).expectSelected('a')
    expect(editor.session.ghost).toBeNull()
    editor.click(145, 145).expectSelected()
    expect(editor.session.ghost).toBe('t')
    editor.click(250, 60).expectSelected('road')
  })

  test('a drag that begins on it still selects what lies in it', () => {
    const editor = suggest(TestEditor.with({ objects: [box('a', 60, 60, 20, 20)] }), box('s', 40, 40, 100, 100))
    editor.drag(50, 50, 120, 120).expectSelected('a')
  })

  test('the pointer says so, and of several pictures only what is in front is meant', () => {
    const cameras = [{ name: 'front', width: 400, height: 300 }, { name: 'rear', width: 400, height: 300 }]
    const editor = suggest(new TestEditor({ cameras }), box('s', 100, 100, 60, 60, { camera: 'rear' }))
    editor.pointerMove(130, 130)
    expect(editor.session.cursor).toBe('default')
    editor.click(130, 130)
    expect(editor.session.ghost).toBeNull()
    editor.key('PageDown')
    editor.updateSession({ camera: { zoom: 1, x: 0, y: 0 } })
    editor.pointerMove(131, 131)
    expect(editor.session.cursor).toBe('pointer')
    editor.click(130, 130)
    expect(editor.session.ghost).toBe('s')
  })

  test('with a tool in the hand a click draws', () => {
    const editor = suggest(TestEditor.with({}), box('s', 100, 100, 60, 60))
    editor.tool('box').drag(110, 110, 150, 150)
    expect(editor.session.ghost).toBeNull()
    expect(editor.lines()).toEqual(['n1 car box 110,110 40x40'])
  })
})

describe('in a text (W153)', () => {
  const span = (id: string, start: number, end: number) => ({ id, class: 'person', shape: { type: 'span', start, end } }) as never
  const text = () => suggest(new TestEditor({ text: 'Ada Lovelace wrote it.', shapes: ['span'], answer: { spans: [{ id: 'm', class: 'person', start: 0, end: 12 }] } as never }), span('s', 4, 12), span('w', 13, 18))

  test('a click means the shortest, then the one around it, round and round', () => {
    const editor = text()
    const click = (point: number, keep: 'alone' | 'with others' = 'alone') => editor.act(() => selectAt(editor, point, keep))
    click(5)
    expect([editor.session.ghost, editor.session.selected, editor.session.said.text]).toEqual(['s', [], 'Suggested: Person “Lovelace”'])
    click(5)
    editor.expectSelected('m')
    click(5)
    expect([editor.session.ghost, editor.session.selected]).toEqual(['s', []])
    click(14)
    expect(editor.session.ghost).toBe('w')
    click(2)
    editor.expectSelected('m')
    click(14, 'with others')
    editor.expectSelected('m')
  })
})
