import { describe, expect, it } from 'vitest'
import { type Answer, Editor, type PointsRecord, flag, givePoints, loadKits, ownersOf, pointsIn, select, selectPoint, setClass } from '../../src/canvas'
import { countOf, pointsOf, stretchesOf } from '../../src/canvas/shapes/points3d'

const ontology = { classes: ['road', 'car'].map((key, i) => ({ key, name: key, color: '#1971c2', hotkey: String(i + 1) })), attributes: [] }

async function begun(answer: Answer = {}): Promise<Editor> {
  let id = 0
  return new Editor({ image: { width: 1, height: 1 }, clouds: 2, ontology, answer, newId: () => `id${id++}`, shapes: ['points3d'], kits: await loadKits(['points3d']) })
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
const said = (editor: Editor, cloud = 0) => pointsIn(editor, cloud).map((record: PointsRecord) => `${record.class} ${stretchesOf(record.shape).map(([from, to]) => `${from}-${to}`).join(' ')}`)

describe('points (W128)', () => {
  it('are runs, and read back as they were', () => {
    const bits = new Uint8Array(1_000)
    for (const i of [0, 1, 2, 500, 999]) bits[i] = 1
    const shape = pointsOf(0, bits, 1)
    expect(stretchesOf(shape)).toEqual([[0, 3], [500, 501], [999, 1_000]])
    expect(countOf(shape)).toBe(5)
    expect(stretchesOf(pointsOf(0, new Uint8Array(10), 1))).toEqual([])
  })

  it('belong to one class at a time, and one stroke is one step', async () => {
    const editor = await begun()
    expect(givePoints(editor, 0, 100, range(10, 50), 'class')).toBe(true)
    setClass(editor, 'car')
    givePoints(editor, 0, 100, range(40, 60), 'class')
    expect(said(editor)).toEqual(['road 10-40', 'car 40-60'])
    givePoints(editor, 0, 100, range(70, 80), 'class')
    expect(said(editor)).toEqual(['road 10-40', 'car 40-60 70-80'])
    editor.undo()
    editor.undo()
    expect(said(editor)).toEqual(['road 10-50'])
    editor.redo()
    givePoints(editor, 0, 100, range(0, 100), 'none')
    expect(said(editor)).toEqual([])
    // The same again changes nothing.
    expect(givePoints(editor, 0, 100, range(0, 100), 'none')).toBe(false)
  })

  it('of another cloud are others, and what is locked keeps its own', async () => {
    const editor = await begun()
    givePoints(editor, 0, 100, range(0, 10), 'class')
    setClass(editor, 'car')
    givePoints(editor, 1, 50, range(0, 10), 'class')
    expect([said(editor, 0), said(editor, 1)]).toEqual([['road 0-10'], ['car 0-10']])
    flag(editor, 'locked', [pointsIn(editor, 0)[0]?.id ?? ''], 'on')
    givePoints(editor, 0, 100, range(5, 15), 'class')
    expect(said(editor)).toEqual(['road 0-10', 'car 10-15'])
    expect(selectPoint(editor, 0, 100, 12)).toBe(true)
    expect(editor.getSnapshot().selected.map(({ class: key }) => key)).toEqual(['car'])
    expect(selectPoint(editor, 0, 100, 90)).toBe(false)
  })

  it('go to the selected one of their class', async () => {
    const two = { objects: [{ id: 'a', class: 'road', shape: pointsOf(0, Uint8Array.from(range(0, 20), (i) => (i < 5 ? 1 : 0)), 1) }, { id: 'b', class: 'road', shape: pointsOf(0, Uint8Array.from(range(0, 20), (i) => (i > 15 ? 1 : 0)), 1) }] } as unknown as Answer
    const editor = await begun(two)
    select(editor, ['b'])
    givePoints(editor, 0, 20, range(8, 10), 'class')
    expect(said(editor)).toEqual(['road 0-5', 'road 8-10 16-20'])
    expect([...ownersOf(pointsIn(editor, 0), 20)].slice(4, 10)).toEqual([1, 0, 0, 0, 2, 2])
  })
})
