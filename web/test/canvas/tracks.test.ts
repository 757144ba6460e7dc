import { describe, expect, test } from 'vitest'
import type { Answer, AnswerTrack, Ontology } from '../../src/canvas'
import { boundsOfShape, compare, openPin, placeOfPin, setAttribute, setClass, util } from '../../src/canvas'
import { overlapOf, seenAt, thinned } from '../../src/canvas/kernels/tracks'
import { insertVertexAt } from '../../src/canvas/actions'
import { objectAt } from '../../src/canvas/standing'
import { apart } from '../../src/canvas/shapes'
import { kit as lines } from '../../src/canvas/tools/lines'
import { kit as places } from '../../src/canvas/tools/places'
import { kit as tracksKit } from '../../src/canvas/tools/tracks'
import { acceptProposal, copyForward, goTo, propose, renameTrack } from '../../src/canvas/tracks'
import { SHIFT, TestEditor, random } from './hands'

const ontology: Ontology = {
  classes: [
    { key: 'car', name: 'Car', color: '#1971c2', hotkey: '1' },
    { key: 'person', name: 'Person', color: '#e8590c', hotkey: '2' },
  ],
  attributes: [
    { key: 'make', type: 'text', scope: 'object', classes: ['car'], default: 'unknown' },
    { key: 'brakes', type: 'boolean', scope: 'object', classes: ['car'], per_frame: true, default: false },
  ],
}

const FRAMES = 40
const VIDEO = { shapes: ['box', 'polygon', 'turned'], kits: [places, lines, tracksKit], frames: FRAMES, ontology } as const

/** `0:10,20 30x40 5:…`, with `-` where it is gone and `~` where it is covered. */
const inLetters = ({ id, class: key, keyframes }: AnswerTrack): string =>
  `${id} ${key} ${keyframes.map(({ frame, shape, outside, occluded }) => {
    const { left, top, right, bottom } = boundsOfShape(shape)
    return `${frame}${outside ? '-' : ''}${occluded ? '~' : ''}:${left},${top} ${right - left}x${bottom - top}`
  }).join(' ')}`

class VideoEditor extends TestEditor {
  constructor(answer: Answer = {}) {
    super({ ...VIDEO, answer })
  }
  at(frame: number): this {
    goTo(this, frame)
    expect(this.session.frame).toBe(frame)
    return this
  }
  pick(...ids: string[]): this {
    this.updateSession({ selected: ids })
    return this
  }
  expectTracks(...lines: string[]): this {
    expect((this.toAnswer().tracks ?? []).map(inLetters)).toEqual(lines)
    return this
  }
}

const box = (x: number, y = 0) => ({ type: 'box', x, y, width: 10, height: 10 }) as const
const track = (id: string, ...keyframes: (readonly [frame: number, x: number, outside?: boolean])[]): AnswerTrack => ({
  id, class: 'car', keyframes: keyframes.map(([frame, x, outside]) => ({ frame, shape: box(x), ...(outside ? { outside } : {}) })),
})

describe('tracks', () => {
  test('what is drawn begins a track, and what is moved is a keyframe (W81)', () => {
    const editor = new VideoEditor()
    editor.at(3).tool('box').drag(10, 10, 50, 50).tool('select').expectTracks('n1 car 3:10,10 40x40')
    // Before it begins there is nothing; afterwards it stays.
    editor.at(2).expectObjects().at(9).expectObjects('n1 car box 10,10 40x40')
    editor.drag(20, 30, 80, 30)
    editor.expectTracks('n1 car 3:10,10 40x40 9:70,10 40x40').at(6).expectObjects('n1 car box 40,10 40x40')
    expect(editor.scene.get('n1')?.seen).toEqual({ shape: { type: 'box', x: 40, y: 10, width: 40, height: 40 }, occluded: false, isKeyframe: false })
    editor.undo()
    editor.expectTracks('n1 car 3:10,10 40x40')
    editor.redo()
    editor.expectTracks('n1 car 3:10,10 40x40 9:70,10 40x40')
  })

  test('a cancelled drag never made a keyframe (W6)', () => {
    const editor = new VideoEditor({ tracks: [track('a', [0, 0], [10, 100])] }).at(5).pick('a')
    editor.pointerMove(55, 5).pointerDown(55, 5).pointerMove(155, 50).expectToBeIn('select.translating')
    editor.key('Escape').pointerUp(155, 50)
    editor.expectTracks('a car 0:0,0 10x10 10:100,0 10x10')
    expect(editor.getSnapshot().canUndo).toBe(false)
  })

  test('keyframes come and go (W82)', () => {
    const editor = new VideoEditor({ tracks: [track('a', [0, 0], [10, 100])] }).at(4).pick('a').key('KeyE')
    editor.expectTracks('a car 0:0,0 10x10 4:40,0 10x10 10:100,0 10x10').key('KeyE').expectTracks('a car 0:0,0 10x10 10:100,0 10x10')
    editor.at(0).key('KeyE').expectTracks('a car 10:100,0 10x10').at(10).key('KeyE').expectTracks('a car 10:100,0 10x10')
    expect(editor.session.said.text).toContain('delete the track')
    editor.at(2).key('KeyE').expectTracks('a car 10:100,0 10x10')
  })

  test('gone and back, covered and in view', () => {
    const editor = new VideoEditor({ tracks: [track('a', [0, 0], [10, 100])] }).at(4).pick('a').key('KeyU')
    editor.expectTracks('a car 0:0,0 10x10 4-:40,0 10x10 10:100,0 10x10').expectObjects()
    editor.at(7).expectObjects().key('KeyU').expectTracks('a car 0:0,0 10x10 4-:40,0 10x10 7:70,0 10x10 10:100,0 10x10')
    editor.at(8).key('KeyC').expectTracks('a car 0:0,0 10x10 4-:40,0 10x10 7:70,0 10x10 8~:80,0 10x10 10:100,0 10x10')
    editor.at(0).key('KeyU')
    expect(editor.session.said.text).toContain('begins where')
    expect(seenAt(editor.scene.tracks[0]?.keyframes ?? [], 9)?.occluded).toBe(true)
  })

  test('keys go through the frames and the keyframes', () => {
    const editor = new VideoEditor({ tracks: [track('a', [5, 0], [10, 100]), track('b', [7, 0])] })
    const here = () => editor.session.frame
    editor.key('KeyL', 3)
    expect(here()).toBe(3)
    editor.keys('Shift+KeyL', 'KeyJ')
    expect(here()).toBe(12)
    editor.key('KeyI')
    expect(here()).toBe(10)
    editor.key('KeyI')
    expect(here()).toBe(7)
    editor.pick('a').key('KeyI')
    expect(here()).toBe(5)
    editor.key('KeyI')
    expect(here()).toBe(5)
    editor.key('KeyO')
    expect(here()).toBe(10)
    editor.key('End')
    expect(here()).toBe(FRAMES - 1)
    editor.key('Home')
    expect(here()).toBe(0)
  })

  test('a track is split, merged, exchanged and renamed (W83)', () => {
    const editor = new VideoEditor({ tracks: [track('a', [0, 0], [10, 100])] }).at(5).pick('a').key('KeyS')
    editor.expectTracks('a car 0:0,0 10x10 5-:50,0 10x10', 'n1 car 5:50,0 10x10 10:100,0 10x10').expectSelected('n1')
    editor.pick('a', 'n1').key('KeyM').expectTracks('a car 0:0,0 10x10 5:50,0 10x10 10:100,0 10x10')
    editor.undo()
    editor.undo()
    editor.expectTracks('a car 0:0,0 10x10 10:100,0 10x10')

    const two = new VideoEditor({ tracks: [track('a', [0, 0], [10, 100]), track('b', [0, 300], [10, 200])] }).at(5)
    two.pick('a', 'b').key('KeyM')
    expect(two.session.said.text).toContain('at one time')
    two.key('Shift+KeyM').expectTracks('a car 0:0,0 10x10 5:250,0 10x10 10:200,0 10x10', 'b car 0:300,0 10x10 5:50,0 10x10 10:100,0 10x10')
    expect(renameTrack(two, 'b', 'a')).toBe(false)
    expect(renameTrack(two, 'b', 'bus-7')).toBe(true)
    two.expectSelected('bus-7').undo()
    expect(two.scene.tracks.map(({ id }) => id)).toEqual(['a', 'b'])
  })

  test('boxes are copied forward, never over a keyframe (W84)', () => {
    const editor = new VideoEditor({ tracks: [track('a', [0, 0], [4, 40])] }).at(2).pick('a').key('KeyD')
    editor.expectTracks('a car 0:0,0 10x10 3:20,0 10x10 4:40,0 10x10')
    expect(editor.session.frame).toBe(3)
    expect(copyForward(editor, 1)).toBe(false)
    expect(editor.session.said.text).toContain('already')
    editor.key('Shift+KeyD').expectTracks('a car 0:0,0 10x10 3:20,0 10x10 4:40,0 10x10 13:20,0 10x10')
  })

  test('what may change is said from a frame on (W85)', () => {
    const editor = new VideoEditor()
    editor.at(2).tool('box').drag(10, 10, 50, 50).tool('select').at(6)
    setAttribute(editor, ['n1'], 'brakes', true)
    setAttribute(editor, ['n1'], 'make', 'VW')
    const [made] = editor.toAnswer().tracks ?? []
    expect(made?.attributes).toEqual({ make: 'VW' })
    expect(made?.keyframes.map(({ frame, attributes }) => [frame, attributes])).toEqual([[2, { brakes: false }], [6, { brakes: true }]])
    expect(editor.at(5).scene.get('n1')?.attributes).toEqual({ make: 'VW', brakes: false })
    expect(editor.at(30).scene.get('n1')?.attributes).toEqual({ make: 'VW', brakes: true })
    // The beginning goes, and what it said stays said.
    editor.at(2).pick('n1').key('KeyE')
    expect(editor.toAnswer().tracks?.[0]?.keyframes[0]?.attributes).toEqual({ brakes: true })
    // A class that has not the one drops it everywhere (W18).
    editor.at(6).pick('n1')
    setClass(editor, 'person')
    expect(editor.toAnswer().tracks).toEqual([{ id: 'n1', class: 'person', keyframes: [{ frame: 6, shape: { type: 'box', x: 10, y: 10, width: 40, height: 40 } }] }])
  })

  test('a proposal is taken in few keyframes and changes none (W86)', () => {
    const editor = new VideoEditor({ tracks: [track('a', [0, 0], [20, 0])] }).pick('a')
    const found = Array.from({ length: 12 }, (_, i) => ({ frame: i + 1, shape: box(i < 6 ? (i + 1) * 10 : 60) }))
    expect(propose(editor, 'a', found)).toBe(true)
    editor.expectTracks('a car 0:0,0 10x10 20:0,0 10x10')
    editor.at(3)
    expect(acceptProposal(editor)).toBe(true)
    editor.expectTracks('a car 0:0,0 10x10 1:10,0 10x10 6:60,0 10x10 12:60,0 10x10 20:0,0 10x10')
    expect(editor.session.frame).toBe(12)
    expect(propose(editor, 'a', [{ frame: 20, shape: box(99) }])).toBe(false)
    propose(editor, 'a', [{ frame: 20, shape: box(99) }, { frame: 21, shape: box(99) }])
    editor.key('Enter').expectTracks('a car 0:0,0 10x10 1:10,0 10x10 6:60,0 10x10 12:60,0 10x10 20:0,0 10x10 21:99,0 10x10')
    expect(thinned(found, 1, apart).map(({ frame }) => frame)).toEqual([1, 6, 12])
  })

  test('an answer comes out as it went in, foreign parts too (W8, W9)', () => {
    const strange = { id: 'x', class: 'car', keyframes: [{ frame: 1, shape: { type: 'blob' } }] }
    const answer = { tracks: [{ ...track('a', [0, 0], [10, 100, true]), colour: 'red' }, strange, { ...track('b', [3, 1]), attributes: { make: 'VW' } }], note: 'Dusk' } as unknown as Answer
    expect(new VideoEditor(answer).toAnswer()).toEqual(answer)
  })

  test('two answers are compared track by track (W50)', () => {
    const before = { tracks: [track('a', [0, 0]), track('b', [0, 0])] }
    const after = { tracks: [track('a', [0, 0], [5, 9]), track('c', [0, 0])] }
    const { added, removed, changed, item } = compare(before, after)
    expect([added.map(({ id }) => id), removed.map(({ id }) => id), changed.map(({ id, aspects }) => [id, aspects]), item]).toEqual([['c'], ['b'], [['a', ['shape']]], []])
  })

  test('tracks agree by what they cover in all frames (A35)', () => {
    const [a, half] = [track('a', [0, 0], [9, 0]).keyframes, track('b', [0, 0], [5, 0, true]).keyframes]
    expect(overlapOf(a, a, () => 0)).toBe(1)
    expect(overlapOf(a, half, () => 0)).toBeCloseTo(0.5, 12)
    expect(overlapOf(a, track('c', [0, 5], [9, 5]).keyframes, () => 0)).toBeCloseTo(1 / 3, 12)
    expect(overlapOf(a, track('d', [4, 0]).keyframes, () => 0)).toBeCloseTo(0.6, 12)
  })

  test('nothing changes a track for who only looks (W10)', () => {
    const answer = { tracks: [track('a', [0, 0], [10, 100])] }
    const editor = new VideoEditor(answer)
    editor.setReadOnly('on')
    editor.at(5).pick('a')
    for (const key of ['KeyE', 'KeyU', 'KeyC', 'KeyD', 'KeyS', 'Delete', 'Enter', 'ArrowRight']) editor.key(key)
    expect(editor.toAnswer()).toEqual(answer)
    editor.at(3).key('KeyL')
    expect(editor.session.frame).toBe(4)
  })
})

/** A thing of another shape than a box: an outline and a box that is turned. */
const outline = (x: number) => ({ type: 'polygon', points: [[x, 200], [x + 30, 200], [x, 240]] }) as const
const leaning = (cx: number, degrees: number) => ({ type: 'turned', cx, cy: 150, width: 40, height: 20, degrees }) as const
const OTHERS: AnswerTrack[] = [
  { id: 'p', class: 'person', keyframes: [{ frame: 0, shape: outline(10) }, { frame: 30, shape: outline(310) }] },
  { id: 't', class: 'person', keyframes: [{ frame: 0, shape: leaning(100, 350) }, { frame: 20, shape: leaning(140, 30) }] },
]

describe('tracks of other shapes', () => {
  test('an outline is followed with the corners that it gains (A37)', () => {
    const editor = new VideoEditor({ tracks: [OTHERS[0] as AnswerTrack] }).at(15).pick('p')
    const here = () => editor.scene.get('p')?.shape
    expect(here()).toEqual({ type: 'polygon', points: [[160, 200], [190, 200], [160, 240]] })
    expect(insertVertexAt(editor, 'p', 1, [185, 225])).toBe(true)
    expect(here()).toEqual({ type: 'polygon', points: [[160, 200], [190, 200], [185, 225], [160, 240]] })
    const [track] = editor.scene.tracks
    expect(track?.keyframes.map(({ frame, shape }) => [frame, shape.type === 'polygon' && shape.points.length])).toEqual([[0, 3], [15, 4], [30, 3]])
    // On both sides it goes from what was drawn to what was drawn, and loses the corner on the way out.
    editor.at(29)
    const shape = here()
    expect(shape?.type === 'polygon' && shape.points.length).toBe(4)
    editor.at(30)
    expect(here()).toEqual(outline(310))
  })

  test('a turned box goes the shorter way round, and kinds are not mixed (A36)', () => {
    const editor = new VideoEditor({ tracks: OTHERS }).at(10)
    expect(editor.scene.get('t')?.shape).toEqual(leaning(120, 10))
    editor.at(30).pick('p', 't').key('KeyM').key('Shift+KeyM')
    expect(editor.session.said.text).toContain('one kind of shape')
    expect(editor.toAnswer().tracks).toEqual(OTHERS)
    const mixed = { tracks: [{ ...OTHERS[0], keyframes: [{ frame: 0, shape: outline(1) }, { frame: 2, shape: leaning(50, 1) }] }] } as Answer
    expect(new VideoEditor(mixed).scene.tracks).toEqual([])
    expect(new VideoEditor(mixed).toAnswer()).toEqual(mixed)
  })

  test('the keys of the frames come before those of the tools (W89)', () => {
    const editor = new TestEditor({ ...VIDEO, shapes: ['box', 'turned', 'polygon', 'line', 'point', 'ellipse', 'keypoints', 'solid'], kits: [places, lines, tracksKit] })
    expect(editor.keymap.conflicts).toEqual([])
    for (const key of ['KeyL', 'KeyT', 'KeyE', 'KeyK', 'KeyS', 'KeyO', 'KeyC', 'KeyI']) {
      editor.key(key)
      expect([key, editor.root.tool]).toEqual([key, 'select'])
    }
    for (const [key, tool] of [['KeyA', 'line'], ['KeyF', 'point'], ['Shift+KeyE', 'ellipse'], ['Shift+KeyK', 'keypoints'], ['Alt+KeyI', 'curve'], ['KeyP', 'polygon'], ['KeyR', 'turned']] as const) {
      editor.key(key)
      expect([key, editor.root.tool]).toEqual([key, tool])
      editor.key('KeyV')
    }
    expect(editor.tools).not.toContain('cut')
  })

  test('what is proposed is moved as a whole, and copied forward', () => {
    const editor = new VideoEditor({ tracks: [OTHERS[1] as AnswerTrack] }).at(25).pick('t').key('KeyD')
    expect(editor.scene.tracks[0]?.keyframes.at(-1)).toEqual({ frame: 26, shape: leaning(140, 30) })
    propose(editor, 't', [1, 2, 3].map((n) => ({ frame: 30 + n, shape: leaning(140 + 10 * n, 30) })))
    acceptProposal(editor)
    expect(editor.scene.tracks[0]?.keyframes.slice(-2).map(({ frame }) => frame)).toEqual([31, 33])
  })
})

describe('what is said of a frame', () => {
  test('is seen there alone, and opening it goes there (W92)', () => {
    const editor = new VideoEditor({ tracks: [track('a', [0, 0], [20, 200])] })
    const place = { at: { left: 5, top: 6, right: 5, bottom: 6 }, isOver: false }
    editor.act(() => editor.updateSession({ pins: [{ ...place, id: 'x', number: 1, object: 'a', frame: 10 }, { ...place, id: 'y', number: 2, object: null, frame: 7 }, { id: 'z', number: 3, at: null, object: null, frame: 39, isOver: true }] }))
    const [onTrack, onPlace, onFrame] = editor.session.pins
    const seen = () => [onTrack, onPlace, onFrame].map((pin) => pin !== undefined && placeOfPin(editor, pin))
    expect(seen()).toEqual([null, null, null])
    openPin(editor, 'x')
    expect([editor.session.frame, editor.session.selected]).toEqual([10, ['a']])
    expect(seen()).toEqual([{ left: 100, top: 0, right: 110, bottom: 10 }, null, null])
    openPin(editor, 'y')
    expect([editor.session.frame, seen()[1]]).toEqual([7, place.at])
    openPin(editor, 'z')
    expect([editor.session.frame, editor.session.pin]).toEqual([39, 'z'])
  })
})

const ACTS = ['draw', 'drag', 'step', 'vertex', 'turn', 'KeyE', 'KeyU', 'KeyC', 'KeyD', 'KeyS', 'KeyM', 'Shift+KeyM', 'Delete', 'Digit1', 'Digit2', 'ArrowRight', 'brakes', 'follow', 'undo', 'redo'] as const

describe('whatever is done to tracks', () => {
  /** How often each act changed something, over all seeds: a fuzzer that gets nowhere proves nothing. */
  const worked = new Map<string, number>()

  test.each(Array.from({ length: 30 }, (_, i) => i + 1))('seed %i keeps every rule', (seed) => {
    const draw = random(seed)
    const editor = new VideoEditor({ tracks: [track('a', [0, 0], [20, 200]), track('b', [5, 300], [15, 100, true], [25, 50]), ...OTHERS] })
    const first = JSON.stringify(editor.toAnswer())
    for (let i = 0; i < 80; i++) {
      const act = ACTS[draw(ACTS.length)] as (typeof ACTS)[number]
      const before = JSON.stringify([editor.toAnswer(), editor.session.frame])
      const ids = editor.scene.tracks.map(({ id }) => id)
      if (act === 'step') goTo(editor, draw(FRAMES))
      else if (act === 'draw') editor.tool('box').drag(draw(300), draw(200), draw(400), draw(300)).tool('select')
      else if (act === 'brakes') setAttribute(editor, editor.scene.tracks.filter(({ class: key }) => key === 'car').map(({ id }) => id).slice(0, 1), 'brakes', draw(3) === 0 ? undefined : draw(2) === 0)
      else if (act === 'undo') editor.undo()
      else if (act === 'redo') editor.redo()
      else if (act === 'drag') {
        const object = editor.scene.objects[draw(Math.max(1, editor.scene.objects.length))]
        if (object?.shape.type === 'box') editor.drag(object.shape.x, object.shape.y + object.shape.height / 2, draw(400), draw(300), draw(4) === 0 ? SHIFT : undefined)
      } else if (act === 'vertex') {
        const polygon = editor.scene.objects.find(({ shape }) => shape.type === 'polygon')
        const [a, b] = polygon?.shape.type === 'polygon' ? polygon.shape.points : []
        // Off the middle of an edge: across the whole outline it would leave nothing of it on the way.
        if (polygon !== undefined && a !== undefined && b !== undefined) insertVertexAt(editor, polygon.id, 0, [(a[0] + b[0]) / 2, Math.max(0, (a[1] + b[1]) / 2 - draw(5))])
      } else if (act === 'turn') editor.pick('t').key('Alt+Shift+Period')
      else if (act === 'follow') {
        const boxes = editor.scene.tracks.filter(({ keyframes }) => keyframes[0]?.shape.type === 'box')
        const id = boxes[draw(Math.max(1, boxes.length))]?.id
        const from = draw(FRAMES - 6)
        if (id !== undefined) propose(editor, id, Array.from({ length: 5 }, (_, k) => ({ frame: from + k, shape: box(draw(380), draw(280)) })))
        acceptProposal(editor)
      } else {
        const chosen = [ids[draw(Math.max(1, ids.length))], act.endsWith('KeyM') ? ids[draw(Math.max(1, ids.length))] : undefined]
        editor.pick(...new Set(chosen.filter((id) => id !== undefined)))
        editor.key(act)
      }
      if (JSON.stringify([editor.toAnswer(), editor.session.frame]) !== before) worked.set(act, (worked.get(act) ?? 0) + 1)
      check(editor)
    }
    while (editor.redo()) check(editor)
    const last = JSON.stringify(editor.toAnswer())
    while (editor.undo()) check(editor)
    expect(JSON.stringify(editor.toAnswer())).toBe(first)
    while (editor.redo()) check(editor)
    expect(JSON.stringify(editor.toAnswer())).toBe(last)
    expect(JSON.stringify(new VideoEditor(JSON.parse(last)).toAnswer())).toBe(last)
  })

  test('the seeds above have been everywhere', () => {
    for (const act of ACTS) expect([act, (worked.get(act) ?? 0) >= 5]).toEqual([act, true])
  })
})

/** What the server asks of tracks (A30 to A33), and that what is seen is what they say. */
function check(editor: VideoEditor): void {
  for (const { id, class: key, keyframes, attributes } of editor.toAnswer().tracks ?? []) {
    expect([id, keyframes.length > 0, keyframes[0]?.outside ?? false]).toEqual([id, true, false])
    for (const [i, { frame, shape, attributes: said = {} }] of keyframes.entries()) {
      expect(frame > (keyframes[i - 1]?.frame ?? -1) && frame < FRAMES).toBe(true)
      const { left, top, right, bottom } = boundsOfShape(shape)
      const isInside = left >= 0 && top >= 0 && right <= 400 && bottom <= 300
      expect([id, shape.type, (isInside || shape.type === 'turned') && util(shape).isWorthKeeping(shape)]).toEqual([id, keyframes[0]?.shape.type, true])
      for (const name of Object.keys(said)) expect([name, key]).toEqual(['brakes', 'car'])
    }
    expect('brakes' in (attributes ?? {})).toBe(false)
  }
  const { frame } = editor.session
  const want = editor.scene.tracks.flatMap((each) => objectAt(each, frame) ?? [])
  expect(editor.scene.objects).toEqual(want)
  const [kept, rebuilt] = editor.scene.audit()
  expect(kept).toEqual(rebuilt)
}
