import type { Gesture } from '../events'
import type { Kit } from '../kits'
import { type Point, boundsBetween, distance } from '../kernels/geometry'
import type { Asked } from '../records'
import { type Children, type Mode, State, type Target } from './state'

export const NOTHING_ASKED: Asked = { box: null, points: [] }

/**
 * Points at what a model is asked about (W151): a click is a place on the thing, with Alt one beside it, a drag a box
 * around it. The page asks; the tool only says where.
 */
export class AskTool extends State {
  protected override children: Children = {
    idle: new Idle(this.editor, 'idle', this),
    pointing: new Pointing(this.editor, 'pointing', this),
    boxing: new Boxing(this.editor, 'boxing', this),
  }

  protected override enter(): void {
    this.editor.updateSession({ cursor: 'crosshair', hovered: null, prompt: 'Click the thing, or drag a box around it. Alt and click beside it' })
    this.go('idle')
  }

  protected override exit(): void {
    this.editor.updateSession({ asked: NOTHING_ASKED, crosshair: null, prompt: null, marquee: null })
  }
}

abstract class Step extends State {
  protected put(at: Point, input: Gesture): void {
    const { editor } = this
    const isOutside = ('modifiers' in input && input.modifiers?.alt === true) || (input.type === 'confirm' && input.how === 'hidden')
    const { asked } = editor.session
    editor.updateSession({ asked: { ...asked, points: [...asked.points, { at, inside: !isOutside }] } })
    editor.say(isOutside ? 'Not here' : 'Here')
  }
}

class Idle extends Step {
  protected override readonly own: Mode = 'ready'
  protected override on(input: Gesture): void {
    const { editor } = this
    if (input.type === 'down') this.pass('pointing')
    if (input.type === 'confirm') this.put(editor.spot, input)
    if (input.type === 'cancel' && input.reason === 'escape') this.#cancel()
  }

  /** First the places, then the tool. */
  #cancel(): void {
    const { editor } = this
    const { box, points } = editor.session.asked
    if (box === null && points.length === 0) editor.root.go('select')
    else editor.updateSession({ asked: NOTHING_ASKED })
  }
}

/** Down, not yet moved: a place or a box. */
class Pointing extends Step {
  protected override readonly own: Mode = 'gesture'
  #from: Point = [0, 0]
  protected override enter(): void {
    this.#from = this.editor.spot
  }
  protected override on(input: Gesture): void {
    if (input.type === 'move' && this.editor.isDragging()) this.pass('boxing', { from: this.#from })
    if (input.type === 'up') {
      this.put(this.#from, input)
      this.pass('idle')
    }
    if (input.type === 'cancel') this.pass('idle')
  }
}

class Boxing extends State {
  protected override readonly own: Mode = 'gesture'
  #from: Point = [0, 0]
  protected override enter({ from }: Target): void {
    this.#from = from ?? this.editor.spot
  }
  protected override on(input: Gesture): void {
    const { editor } = this
    const box = boundsBetween(this.#from, editor.spot)
    if (input.type === 'move') editor.updateSession({ marquee: box })
    if (input.type !== 'up' && input.type !== 'cancel') return
    editor.updateSession({ marquee: null })
    const isBox = input.type === 'up' && distance([box.left, box.top], [box.right, box.bottom]) > 2 && box.right > box.left && box.bottom > box.top
    if (isBox) editor.updateSession({ asked: { box, points: [] } })
    this.pass('idle')
  }
}

export const kit: Kit = { tools: { ask: (editor, id, parent) => new AskTool(editor, id, parent) }, commands: [] }
