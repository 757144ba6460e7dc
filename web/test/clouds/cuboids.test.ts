import { describe, expect, it } from 'vitest'
import { type Answer, Editor, type CuboidRecord, compare, createCuboid, loadKits, putStand, removeKey, select, setFrame, setMoving, standAt, standOf, toggleGone } from '../../src/canvas'

const ontology = { classes: [{ key: 'car', name: 'Car', color: '#1971c2', hotkey: '1' }, { key: 'person', name: 'Person', color: '#e8590c', hotkey: '2' }], attributes: [] }

async function begun(answer: Answer = {}, clouds = 6): Promise<Editor> {
  let id = 0
  return new Editor({ image: { width: 1, height: 1 }, clouds, ontology, answer, newId: () => `id${id++}`, shapes: ['cuboid3d'], kits: await loadKits(['cuboid3d']) })
}

const made = (editor: Editor) => createCuboid(editor, { centre: [-4_000_010.12345, 5, 1], size: [4, 2, 1.5], yaw: 1 }) as CuboidRecord
const press = (editor: Editor, chord: string) => {
  const parts = chord.split('+')
  return editor.dispatch({ type: 'keydown', code: parts[parts.length - 1] as string, modifiers: { shift: parts.includes('Shift'), alt: parts.includes('Alt'), mod: parts.includes('Mod') } })
}
const only = (editor: Editor) => editor.scene.objects[0] as CuboidRecord

describe('cuboids (W120)', () => {
  it('come out of an answer as they went in', async () => {
    const shape = { type: 'cuboid3d', size: [4, 2, 1.5], centre: [1.23456789, 2, 0.75], yaw: 1, path: [{ frame: 0, centre: [1.23456789, 2, 0.75], yaw: 1 }, { frame: 3, centre: [5, 2, 0.75], yaw: 1, gone: true }] }
    const answer = { objects: [{ id: 'a', class: 'car', shape }] } as unknown as Answer
    expect((await begun(answer)).toAnswer()).toEqual(answer)
    // What is not understood is kept, too.
    const odd = { objects: [{ id: 'a', class: 'car', shape: { ...shape, wheels: 4 } }] } as unknown as Answer
    expect((await begun(odd)).toAnswer()).toEqual(odd)
  })

  it('stand on the millimetre, far from the origin and below zero', async () => {
    const editor = await begun()
    expect(made(editor).shape.centre).toEqual([-4_000_010.123, 5, 1])
    expect(made(editor).shape.yaw).toBe(1)
  })

  it('move along their own axes, and a held key is one step (W121)', async () => {
    const editor = await begun()
    const { id, shape } = made(editor)
    select(editor, [id])
    press(editor, 'ArrowUp')
    const [x, y] = only(editor).shape.centre
    expect(x - shape.centre[0]).toBeCloseTo(0.05 * Math.cos(1), 2)
    expect(y - shape.centre[1]).toBeCloseTo(0.05 * Math.sin(1), 2)
    for (let n = 0; n < 5; n += 1) editor.dispatch({ type: 'keydown', code: 'PageUp', repeat: n > 0 })
    expect(only(editor).shape.centre[2]).toBeCloseTo(1.25)
    editor.undo()
    expect(only(editor).shape.centre[2]).toBe(1)
    editor.undo()
    expect(only(editor).shape.centre).toEqual(shape.centre)
  })

  it('grow upwards from the ground, turn on the spot, and turn round', async () => {
    const editor = await begun()
    const { id } = made(editor)
    select(editor, [id])
    press(editor, 'Alt+Shift+PageUp')
    expect(only(editor).shape.size[2]).toBe(2)
    expect(only(editor).shape.centre[2] - 1).toBeCloseTo(0.25)
    press(editor, 'Alt+Shift+Comma')
    expect(only(editor).shape.yaw).toBeCloseTo(1 + Math.PI / 12, 3)
    press(editor, 'KeyR')
    expect(Math.cos(only(editor).shape.yaw - 1 - Math.PI / 12)).toBeCloseTo(-1, 4)
  })

  it('change nothing where only looking is allowed', async () => {
    const editor = await begun()
    const record = made(editor)
    editor.setReadOnly('on')
    select(editor, [record.id])
    press(editor, 'ArrowUp')
    expect(putStand(editor, record, 'move', { centre: [0, 0, 0], yaw: 0 })).toBe(false)
    expect(only(editor)).toBe(record)
  })

  it('have no keys that mean two things (W35)', async () => {
    expect((await begun()).keymap.conflicts).toEqual([])
  })
})

describe('along a drive (W124)', () => {
  it('what stands is changed everywhere, what moves only where one looks', async () => {
    const editor = await begun()
    const record = made(editor)
    setFrame(editor, 3)
    putStand(editor, only(editor), 'move', { centre: [1, 1, 1], yaw: 0 })
    expect(standAt(only(editor).shape, 0)?.centre).toEqual([1, 1, 1])
    setFrame(editor, 0)
    setMoving(editor, only(editor), 'moving')
    setFrame(editor, 4)
    expect(standOf(editor, only(editor))).toBeNull()
    putStand(editor, only(editor), 'move', { centre: [9, 1, 1], yaw: 0 })
    setFrame(editor, 1)
    expect(standOf(editor, only(editor))?.centre).toEqual([3, 1, 1])
    // What is put between two keys becomes one.
    putStand(editor, only(editor), 'move', { centre: [3, 2, 1], yaw: 0 })
    expect(only(editor).shape.path?.map(({ frame }) => frame)).toEqual([0, 1, 4])
    expect(removeKey(editor, only(editor))).toBe(true)
    setFrame(editor, 0)
    expect(removeKey(editor, only(editor))).toBe(true)
    expect(only(editor).shape.centre).toEqual([9, 1, 1])
    expect(removeKey(editor, only(editor))).toBe(false)
    expect(record.id).toBe(only(editor).id)
  })

  it('is gone from a moment on, and there again', async () => {
    const editor = await begun()
    made(editor)
    setMoving(editor, only(editor), 'moving')
    setFrame(editor, 4)
    putStand(editor, only(editor), 'move', { centre: [9, 1, 1], yaw: 0 })
    setFrame(editor, 2)
    expect(toggleGone(editor, only(editor))).toBe(true)
    expect([0, 1, 2, 3, 4].map((frame) => standAt(only(editor).shape, frame) !== null)).toEqual([true, true, false, false, true])
    expect(toggleGone(editor, only(editor))).toBe(true)
    expect(standAt(only(editor).shape, 3)).not.toBeNull()
    setFrame(editor, 0)
    expect(toggleGone(editor, only(editor))).toBe(false)
  })

  it('is there again where it was last, after its last moment, and before its first', async () => {
    const editor = await begun()
    setFrame(editor, 2)
    made(editor)
    setMoving(editor, only(editor), 'moving')
    for (const frame of [5, 0]) {
      setFrame(editor, frame)
      expect(standOf(editor, only(editor))).toBeNull()
      expect(toggleGone(editor, only(editor))).toBe(true)
      expect(standOf(editor, only(editor))?.centre).toEqual([-4_000_010.123, 5, 1])
    }
    expect(only(editor).shape.path?.map(({ frame }) => frame)).toEqual([0, 2, 5])
  })

  it('a change of one moment is a change of its shape (W50)', async () => {
    const editor = await begun()
    made(editor)
    const before = editor.toAnswer()
    setMoving(editor, only(editor), 'moving')
    expect(compare(before, editor.toAnswer()).changed.map(({ aspects }) => aspects)).toEqual([['shape']])
  })
})
