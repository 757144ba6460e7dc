import { describe, expect, it } from 'vitest'
import type { Ontology } from '../src/api/types'
import { type Act, apply, begin, type Edit, step } from '../src/features/ontology/edit'
import { asNew, close, type Doc, keyFrom, open, problems } from '../src/features/ontology/model'

/** A tree as text: two spaces a level. */
const tree = (text: string): Ontology => {
  const parents: string[] = []
  const classes = text.trim().split(/\s*\n/).map((line, index) => {
    const indent = (/^ */.exec(line)?.[0].length ?? 0) / 2
    const key = line.trim()
    parents[indent] = key
    return { key, name: key, color: '#123456', hotkey: null, parent: indent > 0 ? (parents[indent - 1] ?? null) : null, index }
  })
  return { classes: classes.map(({ index: _, ...row }) => row), attributes: [] }
}
const drawn = (doc: Doc): string => doc.classes.map((row) => '  '.repeat(row.depth) + row.name).join('\n')
const at = (doc: Doc, name: string): string => doc.classes.find((row) => row.name === name)?.uid ?? ''

describe('classes', () => {
  const start = open(tree('vehicle\n  car\n  truck\n    tipper\nperson'))
  const move = (type: 'class.up' | 'class.down' | 'class.in' | 'class.out', name: string) => drawn(apply(start, { type, uid: at(start, name) }))

  it('keeps the tree through opening and closing', () => {
    expect(close(start)).toEqual({ ...tree('vehicle\n  car\n  truck\n    tipper\nperson') })
  })
  it.each([
    ['class.up', 'truck', 'vehicle\n  truck\n    tipper\n  car\nperson'],
    ['class.up', 'car', 'vehicle\n  car\n  truck\n    tipper\nperson'],
    ['class.down', 'vehicle', 'person\nvehicle\n  car\n  truck\n    tipper'],
    ['class.in', 'person', 'vehicle\n  car\n  truck\n    tipper\n  person'],
    ['class.in', 'truck', 'vehicle\n  car\n    truck\n      tipper\nperson'],
    ['class.in', 'car', 'vehicle\n  car\n  truck\n    tipper\nperson'],
    ['class.out', 'car', 'vehicle\n  truck\n    tipper\ncar\nperson'],
    ['class.out', 'tipper', 'vehicle\n  car\n  truck\n  tipper\nperson'],
  ] as const)('%s %s', (type, name, wanted) => expect(move(type, name)).toBe(wanted))

  it('drops a class with its descendants, but not into itself', () => {
    const drop = (name: string, index: number, depth: number) => drawn(apply(start, { type: 'class.drop', uid: at(start, name), index, depth }))
    expect(drop('truck', 0, 3)).toBe('truck\n  tipper\nvehicle\n  car\nperson')
    expect(drop('vehicle', 3, 1)).toBe(drawn(start))
    expect(drop('person', 3, 2)).toBe('vehicle\n  car\n  truck\n    person\n    tipper')
  })
  it('lifts the children of a removed class', () => {
    expect(drawn(apply(start, { type: 'class.remove', uid: at(start, 'truck') }))).toBe('vehicle\n  car\n  tipper\nperson')
  })
  it('gives a new class a key once, a free colour and a free hotkey', () => {
    const next = apply(start, { type: 'class.add', names: ['Été', 'Car', '車'] })
    expect(close(next).classes.slice(5).map(({ key, hotkey }) => [key, hotkey])).toEqual([['ete', '1'], ['car_2', '2'], ['class', '3']])
  })
  it('lets go of the keys of a template', () => {
    const doc = asNew(open(tree('car\n  truck')))
    expect(close(apply(doc, { type: 'class.change', uid: at(doc, 'car'), change: { name: 'Dog' } })).classes.map((row) => [row.key, row.parent])).toEqual([['dog', null], ['truck', 'dog']])
  })
  it('survives a circle of parents', () => {
    const circle = open({ classes: [{ key: 'a', name: 'a', parent: 'b' }, { key: 'b', name: 'b', parent: 'a' }], attributes: [] })
    expect(circle.classes).toHaveLength(2)
  })
})

describe('attributes', () => {
  const ontology: Ontology = {
    classes: [{ key: 'car', name: 'Car', color: '#1971c2', hotkey: '1', parent: null }],
    attributes: [{ key: 'colour', name: 'Colour', type: 'select', scope: 'object', classes: ['car'], required: true, options: [{ key: 'red', name: 'Red' }, { key: 'blue', name: 'Blue' }], default: 'blue' }],
  }
  it('keeps options and defaults by key', () => expect(close(open(ontology))).toEqual(ontology))
  it('drops the default with its option', () => {
    const doc = open(ontology)
    const row = doc.attributes[0]!
    const next = apply(doc, { type: 'option.remove', uid: row.uid, option: row.options[1]!.uid })
    expect(close(next).attributes[0]).not.toHaveProperty('default')
  })
  it('forgets a class that is removed', () => {
    const doc = open(ontology)
    expect(close(apply(doc, { type: 'class.remove', uid: doc.classes[0]!.uid })).attributes[0]?.classes).toEqual([])
  })
})

it('names every problem at once', () => {
  const doc = open({
    classes: [{ key: 'a', name: 'A', hotkey: '1' }, { key: 'b', name: ' ', hotkey: '1' }],
    attributes: [{ key: 'c', name: 'C', type: 'select', scope: 'item', options: [] }, { key: 'n', name: 'N', type: 'number', scope: 'item', min: 3, max: 1 }],
  })
  expect(problems(doc).map((problem) => problem.field)).toEqual(['name', 'hotkey', 'options', 'max'])
})

it('makes keys of the allowed characters only', () => {
  for (const name of ['Ça va?', '  ', '日本', 'a'.repeat(200), 'x/y', '__A__']) expect(keyFrom(name, new Set(), 'class')).toMatch(/^[a-z0-9_-]{1,64}$/)
})

/** Any sequence of edits can be taken back to where it began, and the tree stays a tree. */
it('undoes whatever was done', () => {
  const visited = new Set<string>()
  for (let seed = 1; seed <= 60; seed += 1) {
    let random = seed * 2654435761
    const pick = (count: number) => {
      random = (Math.imul(random ^ (random >>> 15), 2246822519) + 0x9e3779b9) >>> 0
      return random % count
    }
    let state = begin(open(tree('a\n  b\n    c\n  d\ne\n  f')))
    const before = drawn(state.doc)
    for (let n = 0; n < 30; n += 1) {
      const row = state.doc.classes[pick(state.doc.classes.length)]
      if (!row) break
      const edits: Edit[] = [
        { type: 'class.up', uid: row.uid }, { type: 'class.down', uid: row.uid }, { type: 'class.in', uid: row.uid }, { type: 'class.out', uid: row.uid },
        { type: 'class.drop', uid: row.uid, index: pick(state.doc.classes.length + 1), depth: pick(4) }, { type: 'class.add', names: ['n'], after: row.uid }, { type: 'class.remove', uid: row.uid },
        { type: 'class.change', uid: row.uid, change: { name: `${row.name}x` } },
      ]
      const act: Act = edits[pick(edits.length)] as Edit
      const next = step(state, act)
      if (next !== state) visited.add(act.type)
      state = next
      state.doc.classes.forEach((each, index) => {
        expect(each.depth).toBeLessThanOrEqual(index === 0 ? 0 : (state.doc.classes[index - 1]?.depth ?? 0) + 1)
      })
    }
    while (state.past.length > 0) state = step(state, { type: 'undo' })
    expect(drawn(state.doc)).toBe(before)
  }
  expect([...visited].sort()).toHaveLength(8)
})
