import { create, setShapeUnlessSmall } from '../actions'
import type { Editor } from '../editor'
import type { Gesture } from '../events'
import type { Point } from '../kernels/geometry'
import { mix, strokeOf } from '../kernels/brush'
import type { Bits } from '../kernels/rle'
import type { ObjectRecord } from '../records'
import { changeableSelection } from '../selection'
import { type Mask, bitsOfMask, maskOf } from '../shapes/mask'
import { type Children, type Mode, State } from './state'

/** The one selected mask that is painted on, if there is one. */
function canvasOf(editor: Editor): { readonly record: ObjectRecord; readonly shape: Mask } | null {
  const [record, ...others] = changeableSelection(editor)
  return record?.shape.type === 'mask' && others.length === 0 ? { record, shape: record.shape } : null
}

/**
 * Adds pixels to the selected mask, or takes them from it (W49). Where none is selected, or it is of another class than
 * the one in the hand, what is added is a new object.
 */
export function paint(editor: Editor, bits: Bits, how: 'add' | 'take'): boolean {
  const canvas = canvasOf(editor)
  if (how === 'take' && canvas === null) {
    editor.say('Select the mask to take pixels from')
    return false
  }
  if (canvas !== null && (how === 'take' || canvas.record.class === editor.session.class)) {
    const mixed = mix(bitsOfMask(canvas.shape), bits, how)
    const done = setShapeUnlessSmall(editor, canvas.record, maskOf(mixed, editor.image), how === 'add' ? 'paint' : 'erase')
    if (done) editor.say(editor.describe(canvas.record.id))
    return done
  }
  return create(editor, maskOf(bits, editor.image)) !== null
}

/** A round brush, or an eraser: by a drag, or from one Enter with the crosshair to the next. */
export class PaintTool extends State {
  readonly how: 'add' | 'take'
  line: Point[] = []
  protected override children: Children = {
    idle: new Idle(this.editor, 'idle', this),
    painting: new Painting(this.editor, 'painting', this),
    stroking: new Stroking(this.editor, 'stroking', this),
  }

  constructor(editor: Editor, id: string, parent: State, how: 'add' | 'take') {
    super(editor, id, parent)
    this.how = how
  }

  protected override enter(): void {
    this.editor.updateSession({ cursor: 'none', hovered: null })
    this.go('idle')
  }
  protected override exit(): void {
    this.editor.updateSession({ draft: null, crosshair: null, brushAt: null })
  }

  show(): void {
    const { editor, line } = this
    const draft = { points: [], next: null, closed: true, closing: false, paths: [{ closed: false, points: [...line] }], thick: editor.session.brush }
    editor.updateSession({ draft: line.length > 0 ? draft : null, brushAt: editor.spot })
  }
}

abstract class Brush extends State {
  protected get tool(): PaintTool {
    return this.parent as PaintTool
  }
  protected finish(): void {
    const { tool, editor } = this
    paint(editor, strokeOf(tool.line, editor.session.brush, editor.image), tool.how)
    this.pass('idle')
  }
}

class Idle extends Brush {
  protected override readonly own: Mode = 'ready'
  protected override enter(): void {
    this.tool.line = []
    this.tool.show()
  }
  protected override on(input: Gesture): void {
    if (input.type === 'move') this.tool.show()
    if (input.type === 'down') this.pass('painting')
    if (input.type === 'confirm') this.pass('stroking')
    if (input.type === 'cancel' && input.reason === 'escape') this.editor.root.go('select')
  }
}

class Painting extends Brush {
  protected override readonly own: Mode = 'gesture'
  protected override enter(): void {
    this.tool.line = [this.editor.spot]
    this.tool.show()
  }
  protected override on(input: Gesture): void {
    if (input.type === 'cancel') this.pass('idle')
    if (input.type !== 'move' && input.type !== 'up') return
    this.tool.line.push(this.editor.spot)
    this.tool.show()
    if (input.type === 'up') this.finish()
  }
}

/** The stroke goes where the crosshair goes, until Enter is pressed again. */
class Stroking extends Brush {
  protected override readonly own: Mode = 'drawing'
  protected override enter(): void {
    this.tool.line = [this.editor.spot]
    this.tool.show()
  }
  protected override on(input: Gesture): void {
    const { tool, editor } = this
    if (input.type === 'move') {
      tool.line.push(editor.spot)
      tool.show()
    }
    if (input.type === 'down') this.pass('painting')
    if (input.type === 'confirm' || input.type === 'finish') this.finish()
    if (input.type === 'back') {
      tool.line.pop()
      tool.show()
      if (tool.line.length === 0) this.pass('idle')
    }
    if (input.type === 'cancel' && input.reason === 'escape') this.pass('idle')
  }
}
