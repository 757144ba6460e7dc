import { expect } from 'vitest'
import { type Answer, Editor, type Modifiers, type Ontology, type Shape, type ToolId, kinds } from '../../src/canvas'
import type { EditorOptions } from '../../src/canvas'
import { kit as asking } from '../../src/canvas/tools/ask'
import { kit as lines } from '../../src/canvas/tools/lines'
import { kit as pixels } from '../../src/canvas/tools/pixels'
import { kit as places } from '../../src/canvas/tools/places'
import { kit as relations } from '../../src/canvas/tools/relations'

const NONE: Modifiers = { shift: false, alt: false, mod: false }
export const SHIFT: Modifiers = { ...NONE, shift: true }
export const ALT: Modifiers = { ...NONE, alt: true }

export const ontology: Ontology = {
  classes: [
    { key: 'car', name: 'Car', color: '#1971c2', hotkey: '1' },
    { key: 'person', name: 'Person', color: '#e8590c', hotkey: '2' },
    { key: 'child', name: 'Child', color: '#2f9e44', hotkey: 'b', parent: 'person' },
  ],
  attributes: [
    { key: 'occluded', type: 'boolean', scope: 'object', default: false },
    { key: 'age', type: 'number', scope: 'object', classes: ['person'], default: 30 },
    { key: 'doors', type: 'number', scope: 'object', classes: ['car'] },
  ],
}

/**
 * An editor with hands: it points, drags and presses keys, and can be asked where it is. The image
 * lies on the screen pixel on pixel, so that one number means the same on both.
 */
export class TestEditor extends Editor {
  constructor(options: Partial<EditorOptions> = {}) {
    let count = 0
    super({ image: { width: 400, height: 300 }, newId: () => `n${++count}`, shapes: ['box', 'polygon'], comments: true, kits: [places, lines, pixels, relations, asking], ontology: { ...ontology, attributes: [] }, ...options })
    this.updateSession({ screen: { width: 400, height: 300 }, camera: { zoom: 1, x: 0, y: 0 }, fitted: false })
  }

  static with(answer: Answer, options: Partial<EditorOptions> = {}): TestEditor {
    return new TestEditor({ answer, ...options })
  }

  tool(id: ToolId): this {
    expect(this.setTool(id)).toBe(true)
    return this
  }
  pointerDown(x: number, y: number, modifiers = NONE, button = 0): this {
    this.dispatch({ type: 'down', screen: [x, y], button, modifiers })
    return this
  }
  pointerMove(x: number, y: number, modifiers = NONE): this {
    this.dispatch({ type: 'move', screen: [x, y], modifiers })
    return this
  }
  pointerUp(x: number, y: number, modifiers = NONE): this {
    this.dispatch({ type: 'up', screen: [x, y], modifiers })
    return this
  }
  click(x: number, y: number, modifiers = NONE): this {
    return this.pointerMove(x, y).pointerDown(x, y, modifiers).pointerUp(x, y, modifiers)
  }
  doubleClick(x: number, y: number): this {
    this.click(x, y).click(x, y).dispatch({ type: 'doubleclick', screen: [x, y] })
    return this
  }
  drag(x0: number, y0: number, x1: number, y1: number, modifiers = NONE): this {
    return this.pointerMove(x0, y0)
      .pointerDown(x0, y0, modifiers)
      .pointerMove((x0 + x1) / 2, (y0 + y1) / 2, modifiers)
      .pointerMove(x1, y1, modifiers)
      .pointerUp(x1, y1, modifiers)
  }

  /** Presses a chord as it is written in the keymap, once or held for some repeats. */
  key(chord: string, times = 1): this {
    const parts = chord.split('+')
    const code = parts[parts.length - 1] ?? ''
    const modifiers = { mod: parts.includes('Mod'), alt: parts.includes('Alt'), shift: parts.includes('Shift') }
    for (let i = 0; i < times; i++) this.dispatch({ type: 'keydown', code, modifiers, repeat: i > 0 })
    this.dispatch({ type: 'keyup', code, modifiers })
    return this
  }
  keys(...chords: string[]): this {
    for (const chord of chords) this.key(chord)
    return this
  }

  /** Waits for what is reckoned beside the page. */
  async settled(): Promise<this> {
    for (let i = 0; i < 50 && this.session.busy !== null; i++) await new Promise((go) => setTimeout(go))
    return this
  }

  expectToBeIn(path: string): this {
    expect(this.root.path).toBe(path)
    return this
  }
  expectSelected(...ids: string[]): this {
    expect(this.session.selected).toEqual(ids)
    return this
  }
  /** Each object as a line, in drawing order: `n1 car box 10,20 30x40`, `n2 car polygon 0,0 10,0 5,9`. */
  expectObjects(...lines: string[]): this {
    expect(this.lines()).toEqual(lines)
    return this
  }
  lines(): string[] {
    return this.scene.objects.map(({ id, class: key, shape }) => `${id} ${key} ${inLetters(shape)}`)
  }
}

const ring = (points: readonly (readonly number[])[]): string => points.map((point) => point.join(',')).join(' ')

/** A shape as a line: `box 10,20 30x40`, `polygon 0,0 10,0 5,9`, `turned 50,50 30x40 45°`. */
function inLetters(shape: Shape): string {
  switch (shape.type) {
    case 'box': return `box ${shape.x},${shape.y} ${shape.width}x${shape.height}`
    case 'turned': return `turned ${shape.cx},${shape.cy} ${shape.width}x${shape.height} ${shape.degrees}°`
    case 'ellipse': return `ellipse ${shape.cx},${shape.cy} ${shape.rx}x${shape.ry} ${shape.degrees}°`
    case 'point': return `point ${shape.x},${shape.y}`
    case 'span': return `span ${shape.start}-${shape.end}`
    case 'mask': return `mask ${shape.counts}`
    case 'solid': return `solid ${ring(shape.corners)}`
    case 'points3d': return `points ${shape.cloud} ${shape.counts}`
    case 'cuboid3d': return `cuboid ${shape.centre} ${shape.size.join('x')} ${shape.yaw}`
    case 'polygon': return [`polygon ${ring(shape.points)}`, ...(shape.holes ?? []).map((hole) => `hole ${ring(hole)}`)].join(' ')
    default: return `${shape.type} ${ring(shape.points)}`
  }
}

/** Of pictures. */
export const ALL_SHAPES = (Object.keys(kinds) as (keyof typeof kinds)[]).filter((kind) => kind !== 'span' && kind !== 'cuboid3d' && kind !== 'points3d')

/** A class with a skeleton of three points in a row. */
export const fishes: Ontology = {
  classes: [
    { key: 'fish', name: 'Fish', color: '#1971c2', skeleton: { points: [{ key: 'head', name: 'Head' }, { key: 'middle', name: 'Middle' }, { key: 'tail', name: 'Tail' }], edges: [[0, 1], [1, 2]] } },
    { key: 'carp', name: 'Carp', color: '#2f9e44', parent: 'fish' },
    { key: 'stone', name: 'Stone', color: '#868e96' },
  ],
  attributes: [],
}

export const boxAt = (id: string, x: number, y: number, width: number, height: number, key = 'car') =>
  ({ id, class: key, shape: { type: 'box', x, y, width, height } }) as const

export const polygonAt = (id: string, points: readonly (readonly [number, number])[], key = 'car') =>
  ({ id, class: key, shape: { type: 'polygon', points } }) as const

/** The same numbers for the same seed, on every machine. */
export function random(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}


