import { describe, expect, test } from 'vitest'
import { type Answer, Editor, Keymap, chordLabel, chordOf, compare, exportSelection, importSelection, select, shortIds } from '../../src/canvas'
import { TestEditor, boxAt, ontology, polygonAt } from './hands'

describe('an answer goes out as it came in (W8, W9)', () => {
  const roundTrip = (answer: unknown) => TestEditor.with(answer as Answer).toAnswer()
  test.each<[string, unknown]>([
    ['empty', {}],
    ['no objects, said', { objects: [] }],
    ['a classification', { choices: ['rain'], attributes: { weather: ['rain'] }, note: 'wet' }],
    ['objects', { objects: [boxAt('b', 0.123456, 0, 10, 10), polygonAt('a', [[1, 2], [30, 2], [30, 40]])] }],
    ['attributes, absent and empty', { objects: [{ ...boxAt('b', 0, 0, 9, 9), attributes: {} }, boxAt('c', 0, 0, 9, 9)] }],
    ['beyond the image', { objects: [boxAt('b', -5, 0, 9000, 10)] }],
    ['fields of a newer server', { objects: [{ ...boxAt('b', 0, 0, 9, 9), score: 0.5 }], model: 'm1' }],
    ['shapes of a newer server', { objects: [{ id: 'm', class: 'car', shape: { type: 'mask', rle: [1] } }, boxAt('b', 0, 0, 9, 9)] }],
    ['a box with more to it', { objects: [{ id: 'r', class: 'car', shape: { type: 'box', x: 0, y: 0, width: 9, height: 9, angle: 30 } }] }],
    ['broken objects, one id twice', { objects: [null, 7, boxAt('b', 0, 0, 9, 9), boxAt('b', 1, 1, 9, 9)] }],
  ])('%s', (_, answer) => {
    expect(roundTrip(answer)).toEqual(answer)
  })
  test('ids are short and of the letters that may be used (A2)', () => {
    expect(shortIds(Math.random)()).toMatch(/^[0-9a-z_-]{6}$/)
  })
})

describe('what listeners hear (W51)', () => {
  test('autosave hears a finished gesture once, and a cancelled one never', () => {
    const editor = TestEditor.with({ objects: [boxAt('a', 0, 0, 50, 50)] })
    const heard: string[] = []
    editor.onDocumentDiff((diff, source) => heard.push(`${source} ${[...diff.keys()]}`))
    editor.drag(25, 25, 60, 60)
    expect(heard).toEqual(['user a'])
    editor.pointerDown(60, 60).pointerMove(90, 90).key('Escape').click(300, 200)
    expect(heard).toEqual(['user a'])
    editor.undo()
    editor.loadAnswer({})
    expect(heard).toEqual(['user a', 'history a', 'server :item,a'])
  })
  test('a page hears each thing once, and unchanged parts stay the same', () => {
    const editor = TestEditor.with({ objects: [boxAt('a', 0, 0, 50, 50)] })
    let times = 0
    editor.subscribe(() => { times += 1 })
    const before = editor.getSnapshot()
    expect(editor.getSnapshot()).toBe(before)
    editor.key('Equal')
    expect(times).toBe(1)
    expect(editor.getSnapshot()).not.toBe(before)
    expect(editor.getSnapshot().objects).toBe(before.objects)
    expect(editor.getSnapshot().selected).toBe(before.selected)
    select(editor, ['a'])
    expect(times).toBe(2)
    expect(editor.getSnapshot().selected.map(({ id }) => id)).toEqual(['a'])
  })
})

describe('to the next image', () => {
  test('the selection comes along, brought onto the smaller image', () => {
    const from = TestEditor.with({ objects: [boxAt('a', 0, 0, 50, 50), boxAt('b', 90, 90, 50, 50), boxAt('c', 300, 200, 9, 9)] })
    from.key('Mod+KeyA')
    let n = 0
    const to = new Editor({ image: { width: 100, height: 100 }, newId: () => `m${++n}`, ontology })
    expect(importSelection(to, exportSelection(from))).toBe(true)
    expect(to.toAnswer().objects).toEqual([boxAt('m1', 0, 0, 50, 50), boxAt('m2', 90, 90, 10, 10)])
  })
})

describe('comparing answers (W50)', () => {
  const before: Answer = { objects: [boxAt('a', 0, 0, 9, 9), boxAt('b', 1, 1, 9, 9), boxAt('c', 2, 2, 9, 9)], choices: ['x', 'y'] }
  test('nothing, when nothing has changed but the writing of it', () => {
    const after = { choices: ['y', 'x'], objects: before.objects?.map((o) => ({ ...o, attributes: {} })) ?? [] }
    expect(compare(before, after).isSame).toBe(true)
  })
  test('added, removed, changed; who has moved, and not who was moved past', () => {
    const after: Answer = {
      objects: [boxAt('c', 2, 2, 9, 9), boxAt('a', 0, 0, 9, 8, 'person'), boxAt('d', 0, 0, 9, 9)],
      choices: ['x'],
      note: 'n',
    }
    const { added, removed, changed, same, item } = compare(before, after)
    expect(added.map(({ id }) => id)).toEqual(['d'])
    expect(removed.map(({ id }) => id)).toEqual(['b'])
    expect([...changed.map(({ id, aspects }) => `${id} ${aspects}`), ...same.map(({ id }) => id)].sort()).toEqual(['a class,shape', 'c order'])
    expect(item).toEqual(['choices', 'note'])
  })
})

describe('keys (W35)', () => {
  test('no two commands of ours want one key at one time', () => {
    expect(new Keymap([{ rank: 'default', bindings: new TestEditor().commands }]).conflicts).toEqual([])
  })
  test('the hotkey of a class wins over a default, which keeps its other key', () => {
    const { keymap } = new TestEditor()
    expect(keymap.conflicts).toEqual([{ chord: 'KeyB', kept: 'class.child', lost: 'tool.box' }])
    expect(keymap.keysOf('tool.box')).toEqual(['Shift+KeyB'])
  })
  test('a person wins over both, and is told of a clash with themselves', () => {
    const editor = new TestEditor({ keys: { 'tool.box': ['KeyB'], 'select.next': ['KeyB', 'KeyN'], undo: [] } })
    expect(editor.keymap.find('KeyB', 'ready')).toBe('tool.box')
    expect(editor.keymap.conflicts).toContainEqual({ chord: 'KeyB', kept: 'tool.box', lost: 'select.next' })
    expect(editor.keymap.keysOf('undo')).toEqual([])
  })
  test('what is no key is refused at once', () => {
    expect(() => new TestEditor({ keys: { undo: ['ctrl-z'] } })).toThrow('undo: ctrl-z is not a key')
  })
  test('chords are written and read alike', () => {
    expect(chordOf({ code: 'Numpad1', modifiers: { shift: true, alt: true, mod: true } })).toBe('Mod+Alt+Shift+Digit1')
    expect(chordLabel('Mod+Shift+KeyZ', 'other')).toBe('Ctrl+Shift+Z')
    expect(chordLabel('Mod+KeyZ', 'mac', new Map([['KeyZ', 'w']]))).toBe('⌘ W')
  })
  test('an unknown key is left to the page', () => {
    expect(new TestEditor().dispatch({ type: 'keydown', code: 'F5' })).toBe(false)
  })
})
