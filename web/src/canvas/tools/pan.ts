import type { Gesture } from '../events'
import { type Camera, pan } from '../kernels/camera'
import { type Point, sub } from '../kernels/geometry'
import { setCamera } from '../view'
import type { Root } from './root'
import { type Children, type Mode, State } from './state'

/** The hand: as a tool, or laid over another by the middle button or the space bar. */
export class PanTool extends State {
  protected override children: Children = {
    idle: new Idle(this.editor, 'idle', this),
    dragging: new Dragging(this.editor, 'dragging', this),
  }
  protected override enter(): void {
    this.go('idle')
  }
}

class Idle extends State {
  protected override enter(): void {
    this.editor.updateSession({ cursor: 'grab' })
  }
  protected override on(input: Gesture): void {
    if (input.type === 'down') this.pass('dragging')
    if (input.type === 'cancel' && input.reason === 'escape') this.editor.root.go('select')
  }
}

class Dragging extends State {
  protected override readonly own: Mode = 'gesture'
  #before: Camera = { zoom: 1, x: 0, y: 0 }
  #from: Point = [0, 0]
  #cursor = 'default'

  protected override enter(): void {
    const { session, screenHere } = this.editor
    this.#before = session.camera
    this.#from = screenHere
    this.#cursor = session.cursor
    this.editor.updateSession({ cursor: 'grabbing' })
  }

  protected override on(input: Gesture): void {
    const { editor } = this
    if (input.type === 'down') return
    if (input.type === 'cancel') setCamera(editor, this.#before)
    else setCamera(editor, pan(this.#before, sub(editor.screenHere, this.#from)))
    if (input.type === 'move') return
    editor.updateSession({ cursor: this.#cursor })
    const root: Root = editor.root
    if (root.isSuspended) root.resume()
    else this.pass('idle')
  }
}
