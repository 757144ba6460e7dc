import { describe, expect, test } from 'vitest'
import { Keymap, sharesMode } from '../../src/canvas'
import { findCommands } from '../../src/features/workbench/CommandPalette'
import { makeKeys } from '../../src/features/workbench/keys'
import { readRemapping } from '../../src/features/workbench/remapping'
import { tickOf } from '../../src/features/workbench/render/aids'
import { edgesText, pointsText, readSkeleton } from '../../src/features/ontology/skeleton'

describe('keys put elsewhere (W35, W36)', () => {
  test('what was kept is read, and what is no key is left out', () => {
    expect(readRemapping('{"tool.box":["KeyJ"],"undo":[],"redo":["ctrl-y"],"copy":"KeyC"}')).toEqual({ 'tool.box': ['KeyJ'], undo: [] })
    for (const broken of [null, '', '[]', '3', '{"a":', 'null']) expect(readRemapping(broken)).toEqual({})
  })
  test('a person’s key takes it from whoever had it, and the quarrel is told', () => {
    const { map } = makeKeys({ frame: [], editor: 'all', classes: [], remapping: { 'tool.ellipse': ['KeyB'] } })
    expect(map.find('KeyB', 'select')).toBe('tool.ellipse')
    expect(map.conflicts).toContainEqual({ chord: 'KeyB', kept: 'tool.ellipse', lost: 'tool.box' })
    expect(map.keysOf('tool.box')).toEqual(['Shift+KeyB'])
  })
  test('tools that are not there have no keys', () => {
    const { map } = makeKeys({ frame: [], editor: 'all', classes: [], does: { commands: [], tools: ['select'] } })
    expect(map.bindings).toEqual([])
  })
  test('only what can be meant at one time is a quarrel', () => {
    const when = (...modes: ('select' | 'ready' | 'drawing')[]) => ({ id: '', label: '', keys: [], when: modes })
    expect(sharesMode(when('select'), when('ready', 'drawing'))).toBe(false)
    expect(sharesMode(when('select', 'ready'), when('ready', 'drawing'))).toBe(true)
    expect(new Keymap([]).bindings).toEqual([])
  })
})

describe('the palette of commands (W36)', () => {
  const bindings = ['Zoom in', 'Turned box', 'Box', 'Box by four points', 'Move left, far'].map((label) => ({ id: label, label, keys: [], when: [] }))
  const found = (wanted: string) => findCommands(bindings, wanted).map(({ label }) => label)
  test('each word begins a word of the name, and names that begin with it come first', () => {
    expect(found('box')).toEqual(['Box', 'Box by four points', 'Turned box'])
    expect(found('bo tu')).toEqual(['Turned box'])
    expect(found('FAR')).toEqual(['Move left, far'])
    expect(found('oom')).toEqual([])
    expect(found('  ')).toHaveLength(5)
  })
})

test('a ruler counts in ones, twos and fives', () => {
  expect([0.1, 0.5, 1, 3, 64].map(tickOf)).toEqual([1000, 200, 100, 50, 2])
})

describe('a skeleton as text (O7)', () => {
  const saved = { points: [{ key: 'nose', name: 'Nose' }, { key: 'left_eye', name: 'Left eye' }], edges: [[0, 1]] as [number, number][] }
  test('is read as it is written', () => {
    expect(readSkeleton(pointsText(saved), edgesText(saved), null)).toEqual({ skeleton: saved, problem: null })
    expect(readSkeleton('Nose\n Left-eye \n', 'Nose - Left-eye', null).skeleton?.points[1]).toEqual({ key: 'left-eye', name: 'Left-eye' })
    expect(readSkeleton('', '', null)).toEqual({ skeleton: null, problem: null })
  })
  test('saved, its points are renamed and no more', () => {
    expect(readSkeleton('Snout\nLeft eye', '', saved).skeleton?.points).toEqual([{ key: 'nose', name: 'Snout' }, { key: 'left_eye', name: 'Left eye' }])
    for (const points of ['', 'Nose', 'Nose\nLeft eye\nTail']) expect(readSkeleton(points, '', saved).problem).toContain('renamed')
  })
  test('what joins nothing is told', () => {
    expect(readSkeleton('Nose\nNose', '', null).problem).toContain('same name')
    for (const edge of ['Nose', 'Nose – Tail', 'Nose – Nose']) expect(readSkeleton('Nose\nEar', edge, null).problem).toContain('joins no two')
  })
})
