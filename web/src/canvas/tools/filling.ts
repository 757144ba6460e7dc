import type { Gesture } from '../events'
import { flood } from '../kernels/flood'
import { wantPixels } from '../picture'
import { paint } from './painting'
import { type Children, type Mode, State } from './state'

/** Fills what hangs together and is of one colour, by a click or Enter; the brackets say how alike is alike. */
export class FillTool extends State {
  protected override children: Children = {
    idle: new Idle(this.editor, 'idle', this),
    pointing: new Pointing(this.editor, 'pointing', this),
  }
  protected override enter(): void {
    this.editor.updateSession({ cursor: 'crosshair', hovered: null })
    wantPixels(this.editor)
    this.go('idle')
  }
  protected override exit(): void {
    this.editor.updateSession({ crosshair: null, prompt: null })
  }

  fill(): void {
    const { editor } = this
    const pixels = wantPixels(editor)
    if (pixels === null) editor.say('The picture is being read: try again in a moment')
    else paint(editor, flood(pixels, editor.spot, editor.session.tolerance, editor.image), 'add')
  }
}

class Idle extends State {
  protected override readonly own: Mode = 'ready'
  protected override on(input: Gesture): void {
    if (input.type === 'down') this.pass('pointing')
    if (input.type === 'confirm') (this.parent as FillTool).fill()
    if (input.type === 'cancel' && input.reason === 'escape') this.editor.root.go('select')
  }
}

class Pointing extends State {
  protected override readonly own: Mode = 'gesture'
  protected override on(input: Gesture): void {
    if (input.type === 'up') (this.parent as FillTool).fill()
    if (input.type === 'up' || input.type === 'cancel') this.pass('idle')
  }
}
