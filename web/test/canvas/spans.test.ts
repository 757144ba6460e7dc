import { beforeAll, describe, expect, it } from 'vitest'
import { type Answer, Editor, type Kit, compare, loadKits, markRange, putEnd, select, selectAt, setClass, setRange, spansOf } from '../../src/canvas'

const ontology = {
  classes: [
    { key: 'person', name: 'Person', color: '#e8590c', hotkey: '1' },
    { key: 'place', name: 'Place', color: '#2f9e44', hotkey: '2' },
  ],
  attributes: [{ key: 'sure', name: 'Sure', type: 'boolean', scope: 'object' as const, default: true }],
}
const TEXT = '🚗 Ada Lovelace met\nمحمد علي in Paris'

let kits: Kit[] = []
beforeAll(async () => {
  kits = await loadKits(['span'])
})

function open(answer: Answer = {}, text = TEXT): Editor {
  let n = 0
  return new Editor({ image: { width: 1, height: 1 }, text, ontology, answer, newId: () => `s${++n}`, shapes: ['span'], kits })
}
const press = (editor: Editor, code: string, modifiers: { shift?: boolean; alt?: boolean; mod?: boolean } = {}, repeat = false) =>
  editor.dispatch({ type: 'keydown', code, repeat, modifiers: { shift: false, alt: false, mod: false, ...modifiers } })
const said = (editor: Editor) => spansOf(editor).map(({ class: key, shape }) => `${key} ${editor.text?.slice(shape.start, shape.end)}`)

describe('spans of a text', () => {
  it('go out as they came in, beside what is not understood', () => {
    const answer = {
      spans: [
        { id: 'b', class: 'person', start: 2, end: 14, attributes: { sure: false } },
        { id: 'a', class: 'place', start: 2, end: 5, more: 1 },
        { id: 'c', class: 'place', start: 2.5, end: 5 },
      ],
      note: 'x',
    }
    expect(open(answer).toAnswer()).toEqual(answer)
  })

  it('are marked by keys alone, in code points', () => {
    const editor = open()
    press(editor, 'ArrowRight')
    press(editor, 'ArrowRight')
    expect(editor.session.range).toEqual({ anchor: 2, focus: 2 })
    press(editor, 'ArrowRight', { shift: true, mod: true })
    press(editor, 'ArrowRight', { shift: true, mod: true })
    press(editor, 'Digit1')
    expect(said(editor)).toEqual(['person Ada Lovelace'])
    expect(editor.toAnswer().spans).toEqual([{ id: 's1', class: 'person', start: 2, end: 14, attributes: { sure: true } }])
    expect(editor.session.selected).toEqual(['s1'])
    // Nothing is selected in the text any more, so the next class is one for what is marked.
    press(editor, 'Digit2')
    expect(said(editor)).toEqual(['place Ada Lovelace'])
    editor.undo()
    expect(said(editor)).toEqual(['person Ada Lovelace'])
    editor.undo()
    expect(editor.toAnswer().spans).toBeUndefined()
    editor.redo()
    expect(said(editor)).toEqual(['person Ada Lovelace'])
  })

  it('in a line from the right to the left, left is on', () => {
    const editor = open()
    const line = [...TEXT].indexOf('\n') + 1
    editor.act(() => setRange(editor, { anchor: line, focus: line }))
    press(editor, 'ArrowLeft', { shift: true, mod: true })
    press(editor, 'Enter')
    expect(said(editor)).toEqual(['person محمد'])
    press(editor, 'ArrowLeft', { alt: true, mod: true })
    expect(said(editor)).toEqual(['person محمد علي'])
    press(editor, 'ArrowRight', { alt: true })
    expect(said(editor)).toEqual(['person محمد عل'])
  })

  it('have ends that keys move, and keep one character at least', () => {
    const editor = open({ spans: [{ id: 'a', class: 'person', start: 2, end: 5 }] })
    editor.act(() => select(editor, ['a']))
    press(editor, 'ArrowLeft', { alt: true })
    press(editor, 'ArrowLeft', { alt: true }, true)
    press(editor, 'ArrowLeft', { alt: true }, true)
    expect(said(editor)).toEqual(['person A'])
    press(editor, 'ArrowLeft', { alt: true, shift: true })
    press(editor, 'ArrowLeft', { alt: true, shift: true })
    press(editor, 'ArrowLeft', { alt: true, shift: true })
    expect(said(editor)).toEqual(['person 🚗 A'])
    expect(editor.act(() => putEnd(editor, 'a', 'end', 999))).toBe(true)
    expect(editor.toAnswer().spans?.[0]?.end).toBe([...TEXT].length)
  })

  it('cannot be marked twice alike, and nothing can where one only looks', () => {
    const editor = open({ spans: [{ id: 'a', class: 'person', start: 2, end: 5 }] })
    editor.act(() => setRange(editor, { anchor: 5, focus: 2 }))
    expect(editor.act(() => markRange(editor))).toBe(false)
    expect(editor.session.selected).toEqual(['a'])
    editor.act(() => setRange(editor, { anchor: 5, focus: 2 }))
    editor.act(() => setClass(editor, 'place'))
    expect(said(editor)).toEqual(['person Ada', 'place Ada'])
    editor.setReadOnly('on')
    editor.act(() => setRange(editor, { anchor: 0, focus: 5 }))
    expect(editor.act(() => markRange(editor))).toBe(false)
    expect(spansOf(editor)).toHaveLength(2)
  })

  it('take the key of a class when they are selected after words of the text', () => {
    const editor = open({ spans: [{ id: 'a', class: 'person', start: 2, end: 5 }] })
    editor.act(() => setRange(editor, { anchor: 6, focus: 14 }))
    editor.act(() => select(editor, ['a']))
    press(editor, 'Digit2')
    expect(said(editor)).toEqual(['place Ada'])
  })

  it('are found by a click, the shortest first and then what is around it', () => {
    const spans = [
      { id: 'all', class: 'person', start: 0, end: 19 },
      { id: 'name', class: 'person', start: 2, end: 14 },
      { id: 'first', class: 'person', start: 2, end: 5 },
    ]
    const editor = open({ spans })
    const found = [1, 2, 3, 4].map(() => {
      editor.act(() => selectAt(editor, 3))
      return editor.session.selected[0]
    })
    expect(found).toEqual(['first', 'name', 'all', 'first'])
    editor.act(() => selectAt(editor, 5))
    expect(editor.session.selected).toEqual(['name'])
    editor.act(() => selectAt(editor, 25))
    expect(editor.session.selected).toEqual([])
    press(editor, 'Period')
    expect(editor.session.said.text).toBe('Person, “🚗 Ada Lovelace met”')
    press(editor, 'Delete')
    expect(said(editor)).toEqual(['person Ada Lovelace', 'person Ada'])
  })

  it('are compared like other objects', () => {
    const before = { spans: [{ id: 'a', class: 'person', start: 2, end: 5 }, { id: 'b', class: 'place', start: 7, end: 9 }] }
    const after = { spans: [{ id: 'a', class: 'person', start: 2, end: 14 }] }
    const { changed, removed, item } = compare(before, after)
    expect(changed.map(({ id, aspects }) => [id, aspects])).toEqual([['a', ['shape']]])
    expect([removed.map(({ id }) => id), item]).toEqual([['b'], []])
  })

  it('no key means two things', () => {
    expect(open().keymap.conflicts).toEqual([])
  })
})
