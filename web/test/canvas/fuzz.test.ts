import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Answer, type Diff, type EditorRecord, flag, reorderSelection, select, setAttribute, setClass, toolIds, util } from '../../src/canvas'
import { squash } from '../../src/canvas/diff'
import { maskOf } from '../../src/canvas/shapes/mask'
import { ALL_SHAPES, TestEditor, boxAt, fishes, ontology, polygonAt, random } from './hands'

const kept = readFileSync(new URL('./seeds.txt', import.meta.url), 'utf8').match(/^\d+/gm) ?? []
const seeds = [...new Set([...kept.map(Number), ...Array.from({ length: 60 }, (_, i) => i + 1)])]

const painted = (({ width, height, counts }) => ({ width, height, counts }))(maskOf({ left: 20, top: 90, width: 30, height: 20, pixels: new Uint8Array(600).fill(1) }, { width: 400, height: 300 }))

const start: Answer = {
  objects: [
    { ...boxAt('a', 10, 10, 80, 60), attributes: { occluded: true } },
    { ...polygonAt('b', [[100, 20], [180, 30], [150, 120]], 'person'), attributes: { occluded: false } },
    { id: 'm', class: 'car', shape: { type: 'mask', rle: [3] } } as never,
    { ...boxAt('c', 30, 30, 20, 20), attributes: { occluded: true } },
    { id: 't', class: 'car', shape: { type: 'turned', cx: 60, cy: 100, width: 40, height: 20, degrees: 30 }, attributes: { occluded: true } },
    { id: 'e', class: 'car', shape: { type: 'ellipse', cx: 150, cy: 100, rx: 20, ry: 30, degrees: 0 }, attributes: { occluded: true } },
    { id: 'l', class: 'car', shape: { type: 'line', points: [[10, 120], [60, 130], [120, 125]] }, attributes: { occluded: true } },
    { id: 'w', class: 'car', shape: { type: 'line', points: [[10, 40], [60, 50], [120, 45]], curves: [[[20, 60], [40, 60]], null] }, attributes: { occluded: true } },
    { id: 'z', class: 'car', shape: { type: 'solid', corners: [[20, 20], [20, 60], [60, 20], [60, 60], [80, 15], [80, 45], [40, 15], [40, 45]] }, attributes: { occluded: true } },
    { id: 's', class: 'person', shape: { type: 'keypoints', points: [[150, 10, 2], [160, 20, 1], [0, 0, 0]] }, attributes: { occluded: true } },
    { id: 'h', class: 'car', shape: { type: 'polygon', points: [[90, 60], [140, 60], [140, 110], [90, 110]], holes: [[[100, 70], [120, 70], [110, 90]]] }, attributes: { occluded: true } },
    { id: 'k', class: 'car', shape: { type: 'mask', ...painted }, attributes: { occluded: true } },
  ],
  relations: [{ relation: 'near', from: 'a', to: 'c' }, { relation: 'near', from: 'a', to: 'gone' }],
  note: 'as it was',
}

const zoo = { ...ontology, relations: [{ key: 'near', name: 'near', direction: 'both_ways' as const }, { key: 'drives', name: 'drives', from: ['person'], to: ['car'] }], classes: [...ontology.classes.map((each) => (each.key === 'person' ? { ...each, skeleton: fishes.classes[0]?.skeleton ?? null } : each))] }

const FOLLOWING = [['undo', 'redo'], ['point.next', 'point.insert'], ['select.all', 'merge'], ['select.all', 'holes.fill'], ['select.all', 'group.none'], ['point.next', 'point.visibility'],  ['select.next', 'turn.left'], ['select.all', 'group'], ['group', 'group.none'], ['group', 'group.select'], ['select.next', 'relation.join'], ['tool.eraser', 'confirm'], ['select.all', 'line.bend'], ['select.next', 'turn.left.far'], ['select.next', 'turn.right.far']] as const

const visited = new Set<string>()
const ran = new Set<string>()

describe('whatever the hands do', () => {
  test.each(seeds)('seed %i', (seed) => {
    const below = random(seed)
    const editor = TestEditor.with(start, { ontology: zoo, shapes: ALL_SHAPES })
    // Coarse and motley: something to fill, and edges to follow.
    editor.pixels = { width: 40, height: 30, scale: 10, data: Uint8ClampedArray.from({ length: 40 * 30 * 4 }, (_, i) => (i * 7919) % 256 > 128 ? 200 : 60) }
    const [original, atStart] = [editor.toAnswer(), new Map(editor.store.all().map((r) => [r.id, r]))]
    let heard: Diff<EditorRecord> = new Map()
    let saved: Diff<EditorRecord> = new Map()
    editor.store.listen((diff) => { heard = squash(heard, diff) })
    editor.onDocumentDiff((diff) => {
      expect(editor.root.mode).not.toBe('gesture')
      saved = squash(saved, diff)
    })
    const pointer = (): [number, number] => [below(210), below(140)]
    const modifiers = () => ({ shift: below(4) === 0, alt: below(12) === 0, mod: false })

    for (let step = 0; step < 600; step++) {
      const die = below(100)
      if (die < 20) editor.pointerDown(...pointer(), modifiers(), below(20) === 0 ? 1 + below(2) : 0)
      else if (die < 45) editor.pointerMove(...pointer(), modifiers())
      else if (die < 62) editor.pointerUp(...pointer(), modifiers())
      else if (die < 66) editor.doubleClick(...pointer())
      else if (die < 70) editor.setTool(['select' as const, ...toolIds][below(2 * toolIds.length)] ?? 'select')
      else if (die < 90) {
        const command = editor.commands[below(editor.commands.length)]
        // Some commands come into their own only after others: those follow each other now and then.
        const [first, second] = FOLLOWING[below(40)] ?? []
        if (first !== undefined && second !== undefined && editor.run(first) && editor.run(second)) ran.add(second)
        if (command !== undefined && editor.run(command.id, below(3) === 0 ? 'repeat' : 'once')) ran.add(command.id)
      } else if (die < 92) {
        // A matter of the session: it must change nothing of what would be saved (W16).
        const before = editor.root.mode === 'gesture' ? null : JSON.stringify(editor.toAnswer())
        const [id, which] = [editor.scene.objects[below(20)]?.id, below(2) === 0 ? 'hidden' : 'locked'] as const
        if (id !== undefined) flag(editor, which, [id], below(2) === 0 ? 'on' : 'off')
        if (before !== null) expect(JSON.stringify(editor.toAnswer())).toBe(before)
      } else if (die < 94) setClass(editor, (['car', 'person', 'child'] as const)[below(3)] ?? 'car')
      else if (die === 94) setAttribute(editor, editor.session.selected, 'doors', below(5))
      else if (die === 95) reorderSelection(editor, (['forward', 'backward', 'front', 'back'] as const)[below(4)] ?? 'front')
      else if (die === 96) editor.dispatch({ type: 'wheel', screen: pointer(), delta: [0, below(200) - 100] })
      else if (die === 97) editor.dispatch({ type: 'pinch', screen: pointer(), by: [below(9) - 4, 0], factor: 1 })
      else if (die === 98) editor.dispatch({ type: below(2) === 0 ? 'blur' : 'leave' })
      else {
        editor.updateSession({ camera: { zoom: 1, x: 0, y: 0 } })
        // From the list, where any one is as near as any other.
        const id = editor.scene.objects[below(12)]?.id
        if (id !== undefined && editor.root.mode === 'select') editor.act(() => select(editor, [id]))
      }
      visited.add(editor.root.path)
    }
    editor.dispatch({ type: 'blur' })
    editor.setTool('select')

    // What listeners heard adds up to what the store holds; what autosave heard, to the answer.
    for (const [diff, scope] of [[heard, null], [saved, 'document']] as const) {
      const added = new Map(atStart)
      for (const [id, [, after]] of diff) {
        if (after === null) added.delete(id)
        else added.set(id, after)
      }
      const of = (records: Iterable<EditorRecord>) => new Set([...records].filter((r) => scope === null || r.scope === scope))
      expect(of(added.values())).toEqual(of(editor.store.all()))
    }
    // The index is as one built now would be, and so is the order.
    const [index, rebuilt] = editor.scene.audit()
    expect(index).toEqual(rebuilt)
    expect(editor.scene.objects).toEqual(editor.placed().filter((r) => r.kind === 'object'))
    // Nothing is kept that could not be handed in (A1, A3), and what was drawn carries its defaults (O5).
    for (const { id, shape, attributes } of editor.scene.objects) {
      expect(util(shape).isWorthKeeping(shape)).toBe(true)
      expect(util(shape).clamp(shape, editor.image)).toEqual(shape)
      if (/^n/.test(id)) expect(attributes).toHaveProperty('occluded')
    }
    // Back to the start and forth again, to the letter.
    const here = editor.toAnswer()
    let steps = 0
    while (editor.undo()) steps += 1
    expect(editor.toAnswer()).toEqual(original)
    for (; steps > 0; steps--) expect(editor.redo()).toBe(true)
    expect(editor.toAnswer()).toEqual(here)
    // And a reader changes nothing.
    editor.setReadOnly('on')
    for (const { id } of editor.commands) editor.run(id)
    editor.drag(...pointer(), ...pointer())
    expect(editor.toAnswer()).toEqual(here)
  })

  // A fuzzer that never gets anywhere finds nothing.
  test('the seeds above have been everywhere', () => {
    const leaves = new TestEditor().root.leaves
    expect(leaves.length).toBeGreaterThan(13)
    expect([...visited].sort()).toEqual(leaves.sort())
    expect(new TestEditor().commands.filter(({ id }) => !ran.has(id)).map(({ id }) => id)).toEqual([])
  })
})
