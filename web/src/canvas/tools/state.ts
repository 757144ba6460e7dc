import type { Editor } from '../editor'
import type { Gesture } from '../events'
import type { Point } from '../kernels/geometry'

/**
 * What a key may do now (W32). `select`: nothing is under way. `ready`: a drawing tool waits for
 * its first point. `drawing`: a shape is begun and the hand is off. `gesture`: the hand is down.
 */
export type Mode = 'select' | 'ready' | 'drawing' | 'gesture'

/** What a place of a shape is put as: only skeletons tell these apart. */
export type Mark = 'visible' | 'hidden' | 'absent'

/** Makes a state, such as a tool, under another. */
export type MakeState = (editor: Editor, id: string, parent: State) => State

/** What a gesture is about, handed to the state that takes it over. */
export interface Target {
  readonly object?: string
  readonly handle?: number
  readonly from?: Point
  /** What was selected before the hand came down. */
  readonly before?: readonly string[]
  /** A line that was begun earlier and goes on, and what its points are where they are not all alike. */
  readonly line?: readonly Point[]
  readonly marks?: readonly Mark[]
}

export interface Children {
  readonly [id: string]: State
}

/**
 * A state of the chart. It handles what it understands and hands the rest to the child in charge.
 * A gesture is a path through the chart: `select.idle → select.pointing → select.translating`.
 */
export abstract class State {
  protected children: Children = {}
  protected current: State | null = null
  readonly editor: Editor
  readonly id: string
  readonly parent: State | null
  protected readonly own: Mode = 'select'

  constructor(editor: Editor, id: string, parent: State | null) {
    this.editor = editor
    this.id = id
    this.parent = parent
  }

  protected enter?(target: Target): void
  protected exit?(): void
  protected on?(input: Gesture): void

  /** Of the innermost state in charge, without the root: `select.translating`. */
  get path(): string {
    const below = this.current?.path ?? ''
    if (this.parent === null) return below
    return below === '' ? this.id : `${this.id}.${below}`
  }

  get mode(): Mode {
    return this.current?.mode ?? this.own
  }

  /** The paths of all states under this one that can be in charge. */
  get leaves(): string[] {
    const prefix = this.parent === null ? '' : `${this.id}.`
    const below = Object.values(this.children).flatMap((child) => child.leaves.map((leaf) => `${prefix}${leaf}`))
    return below.length > 0 ? below : [this.id]
  }

  /** Puts another child in charge. */
  go(id: string, target: Target = {}): void {
    const next = this.children[id]
    if (next === undefined) throw new Error(`${this.id} has no state ${id}`)
    this.current?.leave()
    this.current = next
    next.enter?.(target)
  }

  /** Lets a sibling take over. */
  protected pass(id: string, target: Target = {}): void {
    this.parent?.go(id, target)
  }

  protected leave(): void {
    this.current?.leave()
    this.current = null
    this.exit?.()
  }

  handle(input: Gesture): void {
    const child = this.current
    this.on?.(input)
    if (this.current === child) child?.handle(input)
  }
}
