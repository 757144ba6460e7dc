import type { Gesture } from '../events'
import type { Point } from '../kernels/geometry'
import { util } from '../shapes'
import { boxBetween } from '../shapes/box'
import { create } from '../actions'
import { type Children, type Mode, State, type Target } from './state'

/** Draws a box: by a drag, by two clicks, or by two confirms of the crosshair (W40). */
export class BoxTool extends State {
  protected override children: Children = {
    idle: new Idle(this.editor, 'idle', this),
    pointing: new Pointing(this.editor, 'pointing', this),
    drawing: new Drawing(this.editor, 'drawing', this),
    stretching: new Stretching(this.editor, 'stretching', this),
  }
  protected override enter(): void {
    this.editor.updateSession({ cursor: 'crosshair', hovered: null })
    this.go('idle')
  }
  protected override exit(): void {
    this.editor.updateSession({ draft: null, crosshair: null })
  }
}

class Idle extends State {
  protected override readonly own: Mode = 'ready'
  protected override on(input: Gesture): void {
    const { editor } = this
    if (input.type === 'down') this.pass('pointing')
    if (input.type === 'confirm') this.pass('stretching', { from: editor.spot })
    if (input.type === 'cancel' && input.reason === 'escape') editor.root.go('select')
  }
}

/** Down, not yet moved: a drag or the first of two clicks. */
class Pointing extends State {
  protected override readonly own: Mode = 'gesture'
  #from: Point = [0, 0]
  protected override enter(): void {
    this.#from = this.editor.spot
  }
  protected override on(input: Gesture): void {
    if (input.type === 'move' && this.editor.isDragging()) this.pass('drawing', { from: this.#from })
    if (input.type === 'up') this.pass('stretching', { from: this.#from })
    if (input.type === 'cancel') this.pass('idle')
  }
}

abstract class Spanning extends State {
  #from: Point = [0, 0]
  protected override enter({ from }: Target): void {
    this.#from = from ?? this.editor.spot
    this.#show()
  }
  protected override exit(): void {
    this.editor.updateSession({ draft: null })
  }
  #show(): void {
    const shape = boxBetween(this.#from, this.editor.spot)
    this.editor.updateSession({ draft: { points: util(shape).outline(shape), next: null, closed: true, closing: false } })
  }
  protected override on(input: Gesture): void {
    if (input.type === 'move') this.#show()
    if (this.isDone(input)) {
      create(this.editor, boxBetween(this.#from, this.editor.spot))
      this.pass('idle')
    } else if (this.isDropped(input)) this.pass('idle')
  }
  protected abstract isDone(input: Gesture): boolean
  protected abstract isDropped(input: Gesture): boolean
}

/** The hand is down and drags the second corner. */
class Drawing extends Spanning {
  protected override readonly own: Mode = 'gesture'
  protected override isDone = (input: Gesture): boolean => input.type === 'up'
  protected override isDropped = (input: Gesture): boolean => input.type === 'cancel'
}

/** The first corner is set and the hand is off: the next click or confirm sets the second. */
class Stretching extends Spanning {
  protected override readonly own: Mode = 'drawing'
  protected override isDone = ({ type }: Gesture): boolean => type === 'up' || type === 'confirm' || type === 'finish'
  protected override isDropped = (input: Gesture): boolean =>
    input.type === 'back' || (input.type === 'cancel' && input.reason === 'escape')
}
