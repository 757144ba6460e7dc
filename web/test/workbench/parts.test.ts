import { describe, expect, test } from 'vitest'
import type { Ontology } from '../../src/features/queue/model'
import { agreement, iou } from '../../src/features/workbench/agreement'
import { nest, withColors } from '../../src/features/workbench/classes'
import { choiceKeys, drawingClasses, frameKey, makeKeys } from '../../src/features/workbench/keys'

const named = (key: string, more = {}) => ({ key, name: key, color: '#111111', ...more })

describe('classes', () => {
  test('each parent stands before its children, and what is retired is gone', () => {
    const ontology: Ontology = {
      classes: [named('car', { parent: 'vehicle' }), named('sign'), named('vehicle'), named('old', { retired: true }), named('van', { parent: 'old' })],
      attributes: [],
    }
    expect(nest(ontology).map(({ each, depth }) => `${depth} ${each.key}`)).toEqual(['0 sign', '0 vehicle', '1 car', '0 van'])
  })

  test('a class without a colour gets one', () => {
    expect(withColors({ classes: [{ key: 'a', name: 'A', color: '' }], attributes: [] }).classes[0]?.color).toMatch(/^#/)
  })
})

describe('keys', () => {
  const submit = frameKey('submit', 'Hand in', ['Mod+Enter'], () => undefined)

  test('choices without a hotkey get the digits that are free', () => {
    const keys = choiceKeys([named('a', { hotkey: '1' }), named('b'), named('c', { hotkey: 'x' }), named('d')])
    expect([...keys]).toEqual([['a', 'Digit1'], ['b', 'Digit2'], ['c', 'KeyX'], ['d', 'Digit3']])
  })

  test('a project’s hotkey takes a tool’s key, and the tool keeps its other one', () => {
    const ontology: Ontology = { classes: [named('bus', { hotkey: 'b' })], attributes: [] }
    const { map } = makeKeys({ frame: [submit], editor: 'all', classes: drawingClasses(ontology) })
    expect(map.find('KeyB', 'select')).toBe('class.bus')
    expect(map.keysOf('tool.box')).toEqual(['Shift+KeyB'])
  })

  test('no key of the frame means two things while all of the editor is in use', () => {
    const frame = [
      submit,
      frameKey('skip', '', ['Shift+KeyS'], () => undefined),
      frameKey('guide', '', ['Shift+KeyI'], () => undefined),
      frameKey('note', '', ['Shift+KeyN'], () => undefined),
      frameKey('keys', '', ['Shift+Slash', 'F1'], () => undefined),
      frameKey('previous', '', ['Mod+Shift+KeyV'], () => undefined),
      frameKey('compare', '', ['Shift+KeyC'], () => undefined),
      ...[1, 2, 3].map((n) => frameKey(`choose${n}`, '', [`Alt+Digit${n}`], () => undefined)),
    ]
    expect(makeKeys({ frame, editor: 'all', classes: [] }).map.conflicts).toEqual([])
  })

  test('while only looking, the reviewer’s letters are free', () => {
    const frame = ['KeyA', 'KeyF', 'KeyR'].map((key) => frameKey(key, '', [key], () => undefined))
    const { map } = makeKeys({ frame, editor: 'looking', classes: [] })
    expect(map.conflicts).toEqual([])
    expect(map.find('KeyA', 'select')).toBe('frame.KeyA')
    expect(map.find('KeyB', 'select')).toBe(null)
  })

  test('while a polygon is drawn, the key to hand in closes it', () => {
    const { map } = makeKeys({ frame: [submit], editor: 'all', classes: [] })
    expect(map.find('Mod+Enter', 'drawing')).toBe('finish')
    expect(map.find('Mod+Enter', 'ready')).toBe('frame.submit')
  })
})

describe('agreement', () => {
  const box = (x: number, key = 'car') => ({ id: String(x), class: key, shape: { type: 'box', x, y: 0, width: 10, height: 10 } as const })

  test('boxes: F1 at IoU 0.5 within a class', () => {
    expect(agreement({ objects: [box(0), box(100)] }, { objects: [box(1), box(200)] })).toBeCloseTo(0.5)
    expect(agreement({ objects: [box(0)] }, { objects: [box(0, 'bus')] })).toBe(0)
    expect(agreement({}, {})).toBe(1)
    const span = (start: number, end: number, key = 'car') => ({ id: `s${start}`, class: key, start, end })
    expect(agreement({ spans: [span(0, 10)] }, { spans: [span(0, 5)] })).toBe(1)
    expect(agreement({ spans: [span(0, 10)] }, { spans: [span(0, 4)] })).toBe(0)
    expect(agreement({ spans: [span(0, 10)] }, { spans: [span(0, 10, 'bus')] })).toBe(0)
    expect(agreement({ choices: ['a'], spans: [span(0, 10)] }, { choices: ['a'], spans: [] })).toBe(0.5)
  })

  test('one object is matched once', () => {
    expect(agreement({ objects: [box(0), box(1)] }, { objects: [box(0)] })).toBeCloseTo(2 / 3)
  })

  test('polygons, by sampling', () => {
    const half = { type: 'polygon', points: [[0, 0], [10, 0], [0, 10]] } as const
    expect(iou({ type: 'box', x: 0, y: 0, width: 10, height: 10 }, half as never)).toBeCloseTo(0.5, 1)
  })

  test('choices: what is common of what was said', () => {
    expect(agreement({ choices: ['a'] }, { choices: ['a', 'b'] })).toBeCloseTo(0.5)
  })
})
