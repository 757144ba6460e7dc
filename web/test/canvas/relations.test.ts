import { describe, expect, test } from 'vitest'
import { type Answer, type Ontology, compare, remove, select, setClass, setRelation, turnRelation, unrelate } from '../../src/canvas'
import { kit as relations } from '../../src/canvas/tools/relations'
import { kit as spans } from '../../src/canvas/tools/spans'
import { TestEditor, boxAt, ontology } from './hands'

const related: Ontology = {
  ...ontology,
  attributes: [],
  relations: [
    { key: 'drives', name: 'drives', from: ['person'], to: ['car'] },
    { key: 'near', name: 'is near', direction: 'both_ways' },
  ],
}

const start: Answer = {
  objects: [boxAt('c', 10, 10, 60, 40), boxAt('p', 100, 10, 20, 40, 'child'), boxAt('q', 200, 10, 20, 40, 'person')],
  relations: [{ relation: 'near', from: 'p', to: 'q' }],
}

const open = (answer: Answer = start, more = {}) => TestEditor.with(answer, { ontology: related, kits: [relations], ...more })

const said = (editor: TestEditor) => editor.scene.relations.map(({ relation, from, to }) => `${from} ${relation} ${to}`)

describe('relations', () => {
  test('come out as they came in, those that nobody understands too (W8, W9)', () => {
    const odd = { relation: 'near', from: 'p', to: 'nobody' }
    const answer: Answer = {
      ...start,
      objects: [{ ...boxAt('c', 10, 10, 60, 40), group: 3 }, ...(start.objects?.slice(1) ?? [])],
      relations: [odd, { relation: 'near', from: 'p', to: 'q' }, { relation: 'near', from: 'p', to: 'q' }],
    }
    const editor = open(answer)
    expect(editor.toAnswer()).toEqual(answer)
    expect(said(editor)).toEqual(['p near q'])
  })

  test('are made with two selected, by the key, in the order of selecting', () => {
    const editor = open()
    select(editor, ['p', 'c'])
    editor.key('KeyJ')
    expect(said(editor)).toEqual(['p near q', 'p drives c'])
    // It is said already; the other kind is not.
    editor.key('KeyJ')
    expect(editor.session.said.text).toBe('They stand so to each other already')
    editor.key('Shift+KeyJ').key('KeyJ')
    expect(said(editor)).toEqual(['p near q', 'p drives c', 'p near c'])
    editor.key('Mod+KeyZ')
    editor.key('Mod+KeyZ')
    expect(editor.toAnswer()).toEqual(start)
  })

  test('are made from one to the next that is clicked, or gone to (W130)', () => {
    const editor = open()
    editor.click(110, 10).key('KeyJ')
    expect(editor.session.joining).toBe('p')
    editor.click(10, 20)
    expect(said(editor)).toEqual(['p near q', 'p drives c'])
    expect(editor.session.joining).toBeNull()
    select(editor, ['q'])
    editor.keys('KeyJ', 'Period', 'KeyJ')
    expect(said(editor)).toEqual(['p near q', 'p drives c', 'q drives c'])
    // Escape lets the first end go, and only then what is selected.
    editor.keys('KeyJ', 'Escape')
    expect(editor.session.joining).toBeNull()
    editor.expectSelected('c')
  })

  test('lead only where they may (A51)', () => {
    const editor = open({ ...start, relations: [] }, { ontology: { ...related, relations: related.relations?.slice(0, 1) ?? [] } })
    select(editor, ['c', 'p'])
    editor.key('KeyJ')
    expect(said(editor)).toEqual([])
    expect(editor.session.said.text).toBe('No relation leads from Car to Child')
  })

  test('go with their ends, and come back with them (W131)', () => {
    const editor = open()
    select(editor, ['q'])
    remove(editor)
    expect(editor.toAnswer().relations).toBeUndefined()
    expect(said(editor)).toEqual([])
    editor.undo()
    expect(editor.toAnswer()).toEqual(start)
  })

  test('can be turned, renamed and taken away, a step each', () => {
    const editor = open({ ...start, relations: [{ relation: 'drives', from: 'p', to: 'c' }] })
    const the = () => {
      const [relation] = editor.scene.relations
      if (relation === undefined) throw new Error('it is gone')
      return relation
    }
    expect(turnRelation(editor, the())).toBe(false)
    expect(setRelation(editor, the(), 'near')).toBe(true)
    expect(said(editor)).toEqual(['p near c'])
    expect(unrelate(editor, the().id)).toBe(true)
    expect(said(editor)).toEqual([])
    editor.undo()
    editor.undo()
    expect(said(editor)).toEqual(['p drives c'])
    editor.setReadOnly('on')
    expect(unrelate(editor, the().id)).toBe(false)
  })

  test('are told apart when answers are compared, whatever their order (W50)', () => {
    const more = [...(start.relations ?? []), { relation: 'near', from: 'c', to: 'q' }]
    expect(compare({ ...start, relations: more }, { ...start, relations: [...more].reverse() }).isSame).toBe(true)
    expect(compare(start, { ...start, relations: more }).item).toEqual(['relations'])
  })

  test('join passages of a text', () => {
    const answer: Answer = { spans: [{ id: 'a', class: 'person', start: 0, end: 3 }, { id: 'b', class: 'car', start: 11, end: 14 }] }
    const editor = new TestEditor({ text: 'Ada owns a car', answer, ontology: related, kits: [spans, relations] })
    editor.keys('Period', 'KeyJ', 'Period', 'KeyJ')
    expect(editor.toAnswer()).toEqual({ ...answer, relations: [{ relation: 'drives', from: 'a', to: 'b' }] })
    expect(editor.session.said.text).toBe('Joined: Person “Ada” drives Car “car”')
  })
})

describe('groups', () => {
  test('are made of what is selected, under the lowest free number (W132)', () => {
    const editor = open()
    select(editor, ['c', 'p'])
    editor.key('Mod+KeyG')
    expect(editor.scene.objects.map(({ group }) => group)).toEqual([1, 1, null])
    select(editor, ['p', 'q'])
    editor.key('Mod+KeyG')
    expect(editor.toAnswer().objects?.map(({ group }) => group)).toEqual([1, 2, 2])
    select(editor, ['q'])
    editor.key('Alt+KeyA').expectSelected('p', 'q').key('Mod+Shift+KeyG')
    expect(editor.toAnswer().objects?.map(({ group }) => group)).toEqual([1, undefined, undefined])
  })

  test('are kept by what is cut or given another class, and not by copies', () => {
    const editor = open()
    select(editor, ['c', 'p'])
    editor.keys('Mod+KeyG', 'Mod+KeyD')
    expect(editor.scene.objects.map(({ group }) => group)).toEqual([1, 1, null, null, null])
    select(editor, ['c'])
    setClass(editor, 'person')
    expect(editor.scene.get('c')?.group).toBe(1)
  })
})

describe('one class at a time (W140)', () => {
  test('goes from class to class, the others out of sight and out of reach, and back to all', () => {
    const editor = open()
    const start = editor.toAnswer()
    editor.key('Alt+KeyN')
    expect([editor.session.only, editor.session.class, [...editor.session.hidden]]).toEqual(['car', 'car', ['p', 'q']])
    expect(editor.session.said.text).toBe('Only Car, 1 of 3; 1 there')
    editor.click(100, 30).expectSelected()
    editor.click(10, 30).expectSelected('c')
    editor.keys('KeyQ', 'Alt+KeyN')
    expect([editor.session.only, [...editor.session.hidden]]).toEqual(['person', ['c', 'p']])
    // The key of a class goes to it.
    editor.key('KeyB')
    expect(editor.session.only).toBe('child')
    editor.key('Alt+Shift+KeyN')
    expect(editor.session.only).toBe('person')
    editor.keys('Alt+KeyN', 'Alt+KeyN')
    expect([editor.session.only, editor.session.hidden.size]).toEqual([null, 0])
    expect(editor.toAnswer()).toEqual(start)
  })
})
