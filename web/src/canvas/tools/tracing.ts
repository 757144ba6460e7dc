import type { Editor } from '../editor'
import type { Gesture } from '../events'
import { type Point, distance, samePoint } from '../kernels/geometry'
import { simplify } from '../kernels/polygon'
import { DRAG_PX, FREEHAND_TOLERANCE_PX, POINTS_MAX } from '../limits'
import { between, snapped } from '../snapping'
import type { Path } from '../shapes/util'
import { type Children, type Mode, State, type Target } from './state'

/** What a line that is traced comes to be. */
export interface Trace {
  /** What it is called, for those who hear the image. */
  readonly name: string
  /** Whether its end is its beginning. */
  readonly closed: boolean
  readonly min: number
  /** The points between two of the line, where it does not go straight. */
  along?(editor: Editor, from: Point, to: Point): Point[]
  /** What is seen instead of the straight line through the points. */
  preview?(points: readonly Point[]): readonly Path[]
  /** When the tool is taken in the hand. */
  enter?(editor: Editor): void
  /** Makes something of the points; false where that was refused, and the line stays for the hand to better. */
  finish(points: readonly Point[], editor: Editor): boolean
}

/**
 * Traces a line (W42): click by click, freehand while the button is held, or point by point with the
 * crosshair. Until it is finished it is a draft of the session and no object of the answer.
 */
export class TracingTool extends State {
  readonly trace: Trace
  /** How many points there were after each that the hand put: taking one back takes back what came with it. */
  stops: readonly number[] = []
  protected override children: Children = {
    idle: new Idle(this.editor, 'idle', this),
    pointing: new Pointing(this.editor, 'pointing', this),
    freehand: new Freehand(this.editor, 'freehand', this),
    drawing: new Drawing(this.editor, 'drawing', this),
  }

  constructor(editor: Editor, id: string, parent: State, trace: Trace) {
    super(editor, id, parent)
    this.trace = trace
  }

  protected override enter({ line }: Target): void {
    this.editor.updateSession({ cursor: 'crosshair', hovered: null })
    this.trace.enter?.(this.editor)
    this.stops = []
    if (line === undefined) this.go('idle')
    else {
      this.editor.updateSession({ draft: { points: line, next: null, closed: false, closing: false } })
      this.go('drawing')
    }
  }
  protected override exit(): void {
    this.editor.updateSession({ draft: null, crosshair: null, snapped: null })
  }
}

abstract class Drafting extends State {
  protected get tool(): TracingTool {
    return this.parent as TracingTool
  }
  protected get trace(): Trace {
    return this.tool.trace
  }

  protected get points(): readonly Point[] {
    return this.editor.session.draft?.points ?? []
  }

  /** Would a point here close the line? */
  protected isClosing(points: readonly Point[] = this.points): boolean {
    const [first] = points
    return this.trace.closed && first !== undefined && points.length >= this.trace.min && this.isNear(first, this.editor.reach)
  }

  protected isNear(point: Point, reachPx: number): boolean {
    return distance(point, this.editor.spot) * this.editor.session.camera.zoom <= reachPx
  }

  protected show(points: readonly Point[]): void {
    const { editor, trace } = this
    const [last, closing, next] = [points[points.length - 1], this.isClosing(points), snapped(editor)]
    const ahead = last === undefined ? [] : (trace.along?.(editor, last, (closing ? points[0] : undefined) ?? next) ?? [])
    const paths = trace.preview?.([...points, ...(last !== undefined && samePoint(last, next) ? [] : [next])])
    const draft = { points, ahead, next, closed: false, closing, fills: trace.closed, ...(paths === undefined ? {} : { paths }) }
    editor.updateSession({ draft: points.length > 0 ? draft : null })
  }

  /** To the state that fits what there is. */
  protected settle(): void {
    this.pass(this.points.length > 0 ? 'drawing' : 'idle')
  }

  /** Following, along the outline of the neighbour that both this point and the one before it lie on (W48). */
  protected addPoint(how: 'straight' | 'follow' = 'straight'): void {
    const { editor, points } = this
    const last = points[points.length - 1]
    // The second click of a double-click is not a point of its own.
    if (last !== undefined && this.isNear(last, editor.session.crosshair === null ? DRAG_PX : 0)) return
    if (points.length >= POINTS_MAX) editor.say(`A ${this.trace.name} has at most ${POINTS_MAX} points`)
    else {
      const to = snapped(editor)
      const along = last === undefined ? [] : how === 'follow' ? between(editor, last, to) : (this.trace.along?.(editor, last, to) ?? [])
      const next = [...points, ...along, to].slice(0, POINTS_MAX)
      this.tool.stops = [...this.tool.stops.filter((stop) => stop <= points.length), next.length]
      this.show(next)
    }
  }

  protected finish(): void {
    const { trace, editor } = this
    const [first, last] = [this.points[0], this.points[this.points.length - 1]]
    const home = trace.closed && first !== undefined && last !== undefined ? (trace.along?.(editor, last, first) ?? []) : []
    const points = [...this.points, ...home].slice(0, POINTS_MAX)
    if (this.points.length < trace.min) editor.say(`A ${trace.name} needs at least ${trace.min === 2 ? 'two' : 'three'} points`)
    else if (trace.finish(points, editor)) editor.updateSession({ draft: null })
    // Refused, the line stays for the hand to better: nobody draws forty points twice.
    this.settle()
  }
}

class Idle extends Drafting {
  protected override readonly own: Mode = 'ready'
  protected override on(input: Gesture): void {
    if (input.type === 'move') snapped(this.editor)
    if (input.type === 'down') this.pass('pointing')
    if (input.type === 'confirm') {
      this.addPoint()
      this.settle()
    }
    if (input.type === 'cancel' && input.reason === 'escape') this.editor.root.go('select')
  }
}

/** Down, not yet moved: a point, the end of the line, or the start of a freehand stretch. */
class Pointing extends Drafting {
  protected override readonly own: Mode = 'gesture'
  protected override on(input: Gesture): void {
    if (input.type === 'move' && this.editor.isDragging()) this.pass('freehand')
    if (input.type === 'cancel') this.settle()
    if (input.type !== 'up') return
    if (this.isClosing()) this.finish()
    else {
      this.addPoint(input.modifiers?.shift === true ? 'follow' : 'straight')
      this.settle()
    }
  }
}

class Freehand extends Drafting {
  protected override readonly own: Mode = 'gesture'
  #before: readonly Point[] = []
  #line: Point[] = []

  protected override enter(): void {
    this.#before = this.points
    this.#line = [this.editor.startSpot]
    this.#extend()
  }

  #extend(): void {
    this.#line.push(this.editor.spot)
    this.show([...this.#before, ...this.#line])
  }

  protected override on(input: Gesture): void {
    const { editor } = this
    if (input.type === 'cancel') {
      this.show(this.#before)
      this.settle()
    }
    if (input.type === 'move') this.#extend()
    if (input.type !== 'up') return
    this.#line.push(editor.spot)
    const line = simplify(this.#line, FREEHAND_TOLERANCE_PX / editor.session.camera.zoom)
    this.show([...this.#before, ...line].slice(0, POINTS_MAX))
    if (this.isClosing()) this.finish()
    else this.settle()
  }
}

/** The line is begun and the hand is off. */
class Drawing extends Drafting {
  protected override readonly own: Mode = 'drawing'
  protected override on(input: Gesture): void {
    const { editor, points } = this
    if (input.type === 'move') this.show(points)
    if (input.type === 'down') this.pass('pointing')
    if (input.type === 'finish') this.finish()
    if (input.type === 'confirm') this.#confirm(input.how === 'hidden' ? 'follow' : 'straight')
    if (input.type === 'back') {
      const stop = this.tool.stops.findLast((count) => count < points.length)
      this.show(points.slice(0, this.tool.stops.includes(points.length) ? (stop ?? 0) : -1))
      this.settle()
    }
    // A double-click on the first point has closed the line by its first click and begun another by its second.
    if (input.type === 'doubleclick' && points.length === 1) this.#drop()
    else if (input.type === 'doubleclick') this.finish()
    if (input.type === 'cancel' && input.reason === 'escape') {
      this.#drop()
      editor.say(`${this.trace.name[0]?.toUpperCase()}${this.trace.name.slice(1)} dropped`)
    }
  }

  /** With the crosshair, Enter puts points until it is pressed twice in one place; without, it finishes (W43). */
  #confirm(how: 'straight' | 'follow'): void {
    const last = this.points[this.points.length - 1]
    const ends = this.editor.session.crosshair === null || this.isClosing() || (last !== undefined && this.isNear(last, 0))
    if (ends) this.finish()
    else {
      this.addPoint(how)
      this.editor.say(`Point ${this.points.length}`)
    }
  }

  #drop(): void {
    this.show([])
    this.settle()
  }
}
