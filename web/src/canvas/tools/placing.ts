import { create } from '../actions'
import type { Editor } from '../editor'
import { cancelErrand } from '../errands'
import type { Gesture } from '../events'
import type { Point } from '../kernels/geometry'
import type { Shape } from '../shapes'
import type { Dot, Path } from '../shapes/util'
import { type Children, type Mark, type Mode, State, type Target } from './state'

/** A place that the hand has put, and as what. */
export interface Place {
  readonly at: Point
  readonly as: Mark
}

/** How a shape is made of a few places. */
export interface Plan {
  /** How many places it takes; none where the class in the hand does not allow it, which is then said. */
  count(editor: Editor): number
  /** Whether the two ends of a drag are a place each, or the drag is a slow click. */
  readonly drag: 'two places' | 'one place'
  /** The shape that these places make; the last may still be in the hand. */
  shape(places: readonly Place[], editor: Editor): Shape
  /** When the tool is taken in the hand. */
  begin?(editor: Editor): void
  /** Makes something else of the places than the shape itself. */
  make?(places: readonly Place[], editor: Editor): void
  /** What is seen before there are places enough for a shape. */
  preview(places: readonly Place[], editor: Editor): { readonly paths: readonly Path[]; readonly dots?: readonly Dot[] }
  /** Whether it is a single place, whatever the class. */
  readonly isOne?: boolean
  /** What to do next, in words. */
  prompt?(placed: number, editor: Editor): string
  /** Whether a place may be left out, and the shape be finished without the rest. */
  readonly mayLack?: boolean
}

/**
 * Draws what is made of a number of places: a box of two, a turned box of three, a skeleton of those
 * that its class has. A place is put by a click, by the end of a drag, or by Enter with the crosshair (W40).
 */
export class PlacingTool extends State {
  readonly plan: Plan
  places: readonly Place[] = []
  #line: { readonly of: readonly Place[]; readonly points: readonly Point[]; readonly marks: readonly Mark[] } = { of: [], points: [], marks: [] }

  protected override children: Children = {
    idle: new Idle(this.editor, 'idle', this),
    pointing: new Pointing(this.editor, 'pointing', this),
    drawing: new Drawing(this.editor, 'drawing', this),
    stretching: new Stretching(this.editor, 'stretching', this),
  }

  constructor(editor: Editor, id: string, parent: State, plan: Plan) {
    super(editor, id, parent)
    this.plan = plan
    // After the only place there is nothing to wait for.
    if (plan.isOne === true) {
      const { stretching: _, ...others } = this.children
      this.children = others
    }
  }

  protected override enter({ line = [], marks = [] }: Target): void {
    this.editor.updateSession({ cursor: 'crosshair', hovered: null })
    this.plan.begin?.(this.editor)
    // What was begun earlier goes on, unless that many places are too many now.
    if (line.length < this.plan.count(this.editor)) this.put(line.map((at, i) => ({ at, as: marks[i] ?? 'visible' })))
    else this.go('idle')
  }
  protected override exit(): void {
    this.editor.updateSession({ draft: null, crosshair: null, prompt: null })
  }

  /** Goes on with these places: to the next, or, when all are there, to the shape. */
  put(places: readonly Place[]): void {
    const { editor, plan } = this
    const count = plan.count(editor)
    if (places.length > 0 && places.length < count) {
      this.places = places
      if (plan.prompt !== undefined) editor.say(plan.prompt(places.length, editor))
      this.go('stretching')
      return
    }
    if (places.length > 0 && count > 0) {
      if (plan.make === undefined) create(editor, plan.shape(places, editor))
      else plan.make(places, editor)
    }
    this.go('idle')
  }

  /** The places as the draft has them: the same lists until there are others, so that they are kept once. */
  #lineOf(places: readonly Place[]): { readonly points: readonly Point[]; readonly marks: readonly Mark[] } {
    if (this.#line.of !== places) this.#line = { of: places, points: places.map(({ at }) => at), marks: places.map(({ as }) => as) }
    const { points, marks } = this.#line
    return { points, marks }
  }

  /** Shows what there is, with the place that the hand would put now. */
  show(): void {
    const { editor, plan, places } = this
    const next = [...places, { at: editor.spot, as: 'visible' } as const]
    const seen = next.length < plan.count(editor) ? plan.preview(next, editor) : drawingOf(editor, plan.shape(next, editor))
    editor.updateSession({
      draft: { ...this.#lineOf(places), next: null, closed: true, closing: false, paths: seen.paths, dots: seen.dots ?? [] },
      prompt: plan.prompt?.(places.length, editor) ?? null,
    })
  }
}

const drawingOf = (editor: Editor, shape: Shape): { readonly paths: readonly Path[]; readonly dots: readonly Dot[] } =>
  editor.drawingOf({ shape, class: editor.session.class ?? '' })

abstract class Step extends State {
  protected get tool(): PlacingTool {
    return this.parent as PlacingTool
  }

  protected here(input: Gesture): Place {
    const isHidden = ('modifiers' in input && input.modifiers?.shift === true) || (input.type === 'confirm' && input.how === 'hidden')
    return { at: this.editor.spot, as: isHidden ? 'hidden' : 'visible' }
  }

  protected add(place: Place): void {
    this.tool.put([...this.tool.places, place])
  }
}

class Idle extends Step {
  protected override readonly own: Mode = 'ready'
  protected override enter(): void {
    const { editor, tool } = this
    tool.places = []
    editor.updateSession({ draft: null, prompt: tool.plan.prompt?.(0, editor) ?? null })
  }
  protected override on(input: Gesture): void {
    const { editor, tool } = this
    if (input.type === 'down') this.pass('pointing')
    if (input.type === 'confirm') this.add(this.here(input))
    if (input.type === 'skip' && tool.plan.mayLack === true) this.add({ at: editor.spot, as: 'absent' })
    if (input.type === 'cancel' && input.reason === 'escape' && !cancelErrand(editor)) editor.root.go('select')
  }
}

/** Down, not yet moved: a drag or a click. */
class Pointing extends Step {
  protected override readonly own: Mode = 'gesture'
  #from: Point = [0, 0]
  protected override enter(): void {
    this.#from = this.editor.spot
  }
  protected override on(input: Gesture): void {
    if (input.type === 'move' && this.editor.isDragging()) this.pass('drawing', { from: this.#from })
    if (input.type === 'up') this.add({ ...this.here(input), at: this.#from })
    if (input.type === 'cancel') this.pass(this.tool.places.length > 0 ? 'stretching' : 'idle')
  }
}

/** The hand is down and drags a place, or both ends of a side. */
class Drawing extends Step {
  protected override readonly own: Mode = 'gesture'
  #before: readonly Place[] = []
  protected override enter({ from }: Target): void {
    const { tool } = this
    this.#before = tool.places
    const isFirst = tool.plan.drag === 'two places' && tool.places.length === 0
    if (isFirst) tool.places = [{ at: from ?? this.editor.spot, as: 'visible' }]
    tool.show()
  }
  protected override on(input: Gesture): void {
    if (input.type === 'move') this.tool.show()
    if (input.type === 'up') this.add(this.here(input))
    if (input.type === 'cancel') {
      this.tool.places = this.#before
      this.pass(this.#before.length > 0 ? 'stretching' : 'idle')
    }
  }
}

/** Some places are put and the hand is off: the next click or confirm puts another. */
class Stretching extends Step {
  protected override readonly own: Mode = 'drawing'
  protected override enter(): void {
    this.tool.show()
  }
  protected override on(input: Gesture): void {
    const { tool, editor } = this
    if (input.type === 'move') tool.show()
    if (input.type === 'down') this.pass('pointing')
    if (input.type === 'confirm') this.add(this.here(input))
    if (input.type === 'finish') this.#finish(input)
    if (input.type === 'skip' && tool.plan.mayLack === true) this.add({ at: editor.spot, as: 'absent' })
    if (input.type === 'back') this.#back()
    if (input.type === 'cancel' && input.reason === 'escape') this.pass('idle')
  }

  /** All the rest is absent, where that may be; else the last place is here. */
  #finish(input: Gesture): void {
    const { tool, editor } = this
    if (tool.plan.mayLack !== true) {
      this.add(this.here(input))
      return
    }
    const lacking = tool.plan.count(editor) - tool.places.length
    tool.put([...tool.places, ...Array.from({ length: lacking }, () => ({ at: editor.spot, as: 'absent' }) as const)])
  }

  #back(): void {
    const { tool } = this
    tool.places = tool.places.slice(0, -1)
    this.pass(tool.places.length > 0 ? 'stretching' : 'idle')
  }
}
