import { describe, expect, test } from 'vitest'
import { check, lineage, objectAttributes, objectOf, problemOf } from '../../src/features/queue/check'
import type { Answer, Attribute, Ontology, Question } from '../../src/features/queue/model'

const ontology: Ontology = {
  classes: [
    { key: 'vehicle', name: 'Vehicle', color: '#000000' },
    { key: 'car', name: 'Car', color: '#000000', parent: 'vehicle' },
    { key: 'sign', name: 'Sign', color: '#000000' },
  ],
  attributes: [
    { key: 'plate', name: 'Plate', type: 'text', scope: 'object', classes: ['vehicle'], required: true },
    { key: 'lanes', name: 'Lanes', type: 'number', scope: 'item', min: 0, max: 12 },
  ],
}
const boxes: Question = { media: 'image', shapes: ['box'], choice: null }
const box = (id: string, key: string, attributes = {}) => ({
  id,
  class: key,
  shape: { type: 'box', x: 1, y: 1, width: 5, height: 5 } as const,
  attributes,
})

describe('what is wrong with an answer', () => {
  test('a picture without any object is an answer (A7)', () => {
    expect(check({}, ontology, boxes)).toEqual([])
  })

  test('a span wants the attributes of its class, and is marked once (A16, A17)', () => {
    const names: Question = { media: 'text', shapes: [], choice: null, spans: true }
    const span = (id: string, key: string, start: number, attributes = {}) => ({ id, class: key, start, end: 9, attributes })
    const answer: Answer = { spans: [span('a', 'sign', 2), span('b', 'car', 2), span('c', 'sign', 3), span('d', 'sign', 2)] }
    expect(check(answer, ontology, names)).toMatchObject([
      { path: 'spans[1].attributes.plate' },
      { path: 'spans[3]', code: 'duplicate' },
    ])
    expect(objectOf('spans[1].attributes.plate', answer)).toBe('b')
  })

  test('an attribute of a class is one of its descendants, too (O4), and is missed where it is required (O5)', () => {
    expect(lineage(ontology, 'car')).toEqual(['car', 'vehicle'])
    expect(objectAttributes(ontology, 'sign')).toEqual([])
    const answer: Answer = { objects: [box('a', 'sign'), box('b', 'car')] }
    expect(check(answer, ontology, boxes)).toMatchObject([{ path: 'objects[1].attributes.plate' }])
    expect(objectOf('objects[1].attributes.plate', answer)).toBe('b')
    expect(objectOf('attributes.lanes', answer)).toBe(null)
  })

  test('a skeleton fits its class (A13), or it is told before it is handed in', () => {
    const skeleton = { points: [{ key: 'head', name: 'Head' }, { key: 'tail', name: 'Tail' }] }
    const fish: Ontology = { classes: [{ key: 'fish', name: 'Fish', color: '#000000', skeleton }, { key: 'carp', name: 'Carp', color: '#000000', parent: 'fish' }, { key: 'stone', name: 'Stone', color: '#000000' }], attributes: [] }
    const bones = (id: string, key: string, count: number) => ({ id, class: key, shape: { type: 'keypoints', points: Array.from({ length: count }, () => [1, 2, 2] as const) } as const })
    const answer: Answer = { objects: [bones('a', 'carp', 2), bones('b', 'stone', 2), bones('c', 'fish', 3)] }
    expect(check(answer, fish, { ...boxes, shapes: ['keypoints'] }).map(({ path, code }) => `${path} ${code}`)).toEqual(['objects[1].shape no_skeleton', 'objects[2].shape no_skeleton'])
  })

  test('everything is told at once (A6)', () => {
    const tiny = { ...box('b', 'nothing'), shape: { type: 'box', x: 0, y: 0, width: 0.2, height: 3 } as const }
    const problems = check({ objects: [box('a', 'car'), tiny], attributes: { lanes: 13 } }, ontology, boxes)
    expect(problems.map(({ path }) => path)).toEqual([
      'objects[0].attributes.plate',
      'objects[1].shape',
      'objects[1].class',
      'attributes.lanes',
    ])
  })

  test.each([
    ['single', [], 1],
    ['single', ['car'], 0],
    ['single', ['car', 'sign'], 1],
    ['multi', [], 1],
    ['multi', ['car', 'sign'], 0],
  ] as const)('a %s choice of %j has %i problems (A4)', (choice, choices, count) => {
    expect(check({ choices }, ontology, { media: 'text', shapes: [], choice }).length).toBe(count)
  })

  test('length is counted in code points (A8)', () => {
    expect(check({ note: '🛣️'.repeat(1000) }, ontology, boxes)).toEqual([])
    expect(check({ note: 'x'.repeat(2001) }, ontology, boxes)).toMatchObject([{ path: 'note' }])
  })

  test.each([
    [undefined, null],
    [0, null],
    [13, 'at most 12'],
    [-1, 'at least 0'],
    [Number.NaN, 'a number'],
  ])('lanes of %s: %s', (value, sentence) => {
    const lanes = ontology.attributes[1] as Attribute
    const problem = problemOf(lanes, value)
    if (sentence === null) expect(problem).toBe(null)
    else expect(problem).toContain(sentence)
  })
})
