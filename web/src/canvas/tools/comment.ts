import type { Gesture } from '../events'
import { hitObject } from '../hits'
import { type Bounds, boundsOf } from '../kernels/geometry'
import { type Children, type Mode, State } from './state'

/**
 * Points at what is to be spoken of: a click at a place and the object there, a drag over a region (W101).
 * It changes nothing of the answer, so it is there when the answer is only looked at, too.
 */
export class CommentTool extends State {
  protected override children: Children = {
    idle: new Idle(this.editor, 'idle', this),
    marking: new Marking(this.editor, 'marking', this),
  }
  protected override enter(): void {
    this.editor.updateSession({ cursor: 'crosshair', hovered: null, prompt: 'Click a place, or drag over a region' })
    this.go('idle')
  }
  protected override exit(): void {
    this.editor.updateSession({ marquee: null, crosshair: null, prompt: null })
  }
}

class Idle extends State {
  protected override readonly own: Mode = 'ready'
  protected override on(input: Gesture): void {
    const { editor } = this
    if (input.type === 'down' && (input.button ?? 0) === 0) this.pass('marking')
    if (input.type === 'confirm') ask(this, { left: editor.spot[0], top: editor.spot[1], right: editor.spot[0], bottom: editor.spot[1] })
    if (input.type === 'cancel' && input.reason === 'escape') editor.root.go('select')
  }
}

class Marking extends State {
  protected override readonly own: Mode = 'gesture'
  protected override on(input: Gesture): void {
    const { editor } = this
    const region = boundsOf([editor.startSpot, editor.isDragging() ? editor.spot : editor.startSpot])
    if (input.type === 'move') editor.updateSession({ marquee: region })
    if (input.type === 'up') ask(this, region)
    if (input.type === 'cancel') {
      editor.updateSession({ marquee: null })
      this.pass('idle')
    }
  }
}

/** Hands the place to the page, which asks for the words. */
function ask({ editor }: State, at: Bounds): void {
  const isPoint = at.left === at.right && at.top === at.bottom
  editor.updateSession({ pointed: { at, object: isPoint ? hitObject(editor, [at.left, at.top]) : null } })
  editor.root.go('select')
}
