import { create } from '../actions'
import type { Gesture } from '../events'
import { type Point, distance } from '../kernels/geometry'
import { simplify } from '../kernels/polygon'
import { DRAG_PX, FREEHAND_TOLERANCE_PX, POINTS_MAX, POINTS_MIN } from '../limits'
import { withoutRepeats } from '../shapes/polygon'
import { type Children, type Mode, State, type Target } from './state'

/**
 * Draws a polygon (W42): click by click, freehand while the button is held, or point by point with
 * the crosshair. Until it is closed it is a draft of the session and no object of the answer.
 */
export class PolygonTool extends State {
  protected override children: Children = {
    idle: new Idle(this.editor, 'idle', this),
    pointing: new Pointing(this.editor, 'pointing', this),
    freehand: new Freehand(this.editor, 'freehand', this),
    drawing: new Drawing(this.editor, 'drawing', this),
  }
  protected override enter({ line }: Target): void {
    this.editor.updateSession({ cursor: 'crosshair', hovered: null })
    if (line === undefined) this.go('idle')
    else {
      this.editor.updateSession({ draft: { points: line, next: null, closed: false, closing: false } })
      this.go('drawing')
    }
  }
  protected override exit(): void {
    this.editor.updateSession({ draft: null, crosshair: null })
  }
}

abstract class Drafting extends State {
  protected get points(): readonly Point[] {
    return this.editor.session.draft?.points ?? []
  }

  /** Would a point here close the line? */
  protected isClosing(points: readonly Point[] = this.points): boolean {
    const first = points[0]
    return first !== undefined && points.length >= POINTS_MIN && this.isNear(first, this.editor.reach)
  }

  protected isNear(point: Point, reachPx: number): boolean {
    return distance(point, this.editor.spot) * this.editor.session.camera.zoom <= reachPx
  }

  protected show(points: readonly Point[]): void {
    const draft = { points, next: this.editor.spot, closed: false, closing: this.isClosing(points) }
    this.editor.updateSession({ draft: points.length > 0 ? draft : null })
  }

  /** To the state that fits what there is. */
  protected settle(): void {
    this.pass(this.points.length > 0 ? 'drawing' : 'idle')
  }

  protected addPoint(): void {
    const { editor, points } = this
    const last = points[points.length - 1]
    // The second click of a double-click is not a point of its own.
    if (last !== undefined && this.isNear(last, editor.session.crosshair === null ? DRAG_PX : 0)) return
    if (points.length >= POINTS_MAX) editor.say(`A polygon has at most ${POINTS_MAX} points`)
    else this.show([...points, editor.spot])
  }

  protected close(): void {
    if (this.points.length < POINTS_MIN) {
      this.editor.say('A polygon needs at least three points')
    } else if (create(this.editor, { type: 'polygon', points: withoutRepeats(this.points) }) !== null) {
      this.editor.updateSession({ draft: null })
    }
    // Refused, the line stays for the hand to better: nobody draws forty points twice.
    this.settle()
  }
}

class Idle extends Drafting {
  protected override readonly own: Mode = 'ready'
  protected override on(input: Gesture): void {
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
    if (this.isClosing()) this.close()
    else {
      this.addPoint()
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
    if (this.isClosing()) this.close()
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
    if (input.type === 'finish') this.close()
    if (input.type === 'confirm') this.#confirm()
    if (input.type === 'back') {
      this.show(points.slice(0, -1))
      this.settle()
    }
    // A double-click on the first point has closed the line by its first click and begun another by its second.
    if (input.type === 'doubleclick' && points.length === 1) this.#drop()
    else if (input.type === 'doubleclick') this.close()
    if (input.type === 'cancel' && input.reason === 'escape') {
      this.#drop()
      editor.say('Polygon dropped')
    }
  }

  /** With the crosshair, Enter puts points until it is pressed twice in one place; without, it closes (W43). */
  #confirm(): void {
    const last = this.points[this.points.length - 1]
    const closes = this.editor.session.crosshair === null || this.isClosing() || (last !== undefined && this.isNear(last, 0))
    if (closes) this.close()
    else {
      this.addPoint()
      this.editor.say(`Point ${this.points.length}`)
    }
  }

  #drop(): void {
    this.show([])
    this.settle()
  }
}
