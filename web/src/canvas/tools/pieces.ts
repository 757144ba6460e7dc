import type { Editor } from '../editor'
import { cancelErrand, send } from '../errands'
import type { Gesture } from '../events'
import { type Bits, outlinesOf } from '../kernels/rle'
import { type Pieces, bitsOfPieces, growFrom, pieceAt, sideFor } from '../kernels/slic'
import { wantPixels } from '../picture'
import { paint } from './painting'
import { type Children, type Mode, State } from './state'

// Once for each picture.
const known = new WeakMap<Editor, Pieces>()
const dividing = new WeakSet<Editor>()
/** How far two colours may be apart in CIELAB for each step of the tolerance that the brackets change. */
const PER_STEP = 0.4

/** Takes pieces of one colour into a mask (W58): what a click would take is seen before it. */
export class PiecesTool extends State {
  #seen: { readonly piece: number; readonly tolerance: number; readonly bits: Bits } | null = null
  protected override children: Children = {
    idle: new Idle(this.editor, 'idle', this),
    pointing: new Pointing(this.editor, 'pointing', this),
  }

  protected override enter(): void {
    this.editor.updateSession({ cursor: 'crosshair', hovered: null })
    this.#seen = null
    this.prepare()
    this.go('idle')
  }
  protected override exit(): void {
    if (dividing.delete(this.editor)) cancelErrand(this.editor)
    this.editor.updateSession({ crosshair: null, draft: null, prompt: null })
  }

  /** The picture in pieces, or null while it is being divided. */
  prepare(): Pieces | null {
    const { editor } = this
    const there = known.get(editor)
    if (there !== undefined) return there
    const pixels = wantPixels(editor, () => editor.root.tool === 'pieces' && this.prepare())
    if (pixels === null || dividing.has(editor)) return null
    dividing.add(editor)
    send(editor, { kind: 'pieces', pixels, side: sideFor(pixels) }, 'Dividing the picture', (pieces) => {
      dividing.delete(editor)
      known.set(editor, pieces)
      if (editor.root.tool === 'pieces') this.show()
    })
    return null
  }

  /** What a click here would take. */
  get bits(): Bits | null {
    const { editor } = this
    const pieces = this.prepare()
    if (pieces === null) return null
    const [piece, { tolerance }] = [pieceAt(pieces, editor.spot), editor.session]
    if (this.#seen?.piece !== piece || this.#seen.tolerance !== tolerance) {
      // The brackets go from 0, a single piece.
      const taken = growFrom(pieces, piece, tolerance * PER_STEP)
      this.#seen = { piece, tolerance, bits: bitsOfPieces(pieces, taken, editor.image) }
    }
    return this.#seen.bits
  }

  show(): void {
    const { editor, bits } = this
    const paths = bits === null ? [] : outlinesOf(bits).map((points) => ({ closed: true, points }))
    editor.updateSession({ draft: bits === null ? null : { points: [], next: null, closed: true, closing: false, paths } })
  }

  take(): void {
    const { editor, bits } = this
    if (bits === null) editor.say('The picture is being divided: in a moment')
    else paint(editor, bits, 'add')
  }
}

abstract class Step extends State {
  protected get tool(): PiecesTool {
    return this.parent as PiecesTool
  }
}

class Idle extends Step {
  protected override readonly own: Mode = 'ready'
  protected override on(input: Gesture): void {
    if (input.type === 'move') this.tool.show()
    if (input.type === 'down') this.pass('pointing')
    if (input.type === 'confirm') this.tool.take()
    if (input.type === 'cancel' && input.reason === 'escape') this.editor.root.go('select')
  }
}

/** The hand is down: what it is over when it lets go is taken. */
class Pointing extends Step {
  protected override readonly own: Mode = 'gesture'
  protected override on(input: Gesture): void {
    if (input.type === 'move') this.tool.show()
    if (input.type === 'up') this.tool.take()
    if (input.type === 'up' || input.type === 'cancel') this.pass('idle')
  }
}
