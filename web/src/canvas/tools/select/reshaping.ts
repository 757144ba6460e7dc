import type { Gesture } from '../../events'
import { crossesItself } from '../../kernels/polygon'
import type { ObjectRecord } from '../../records'
import { util } from '../../shapes'
import { type Mode, State, type Target } from '../state'

/** A handle is in the hand: the corner of a box, a vertex, or the midpoint that becomes one. */
export class Reshaping extends State {
  protected override readonly own: Mode = 'gesture'
  #before: ObjectRecord | null = null
  #handle = 0

  protected override enter({ object, handle }: Target): void {
    this.#before = this.editor.scene.get(object ?? '')
    this.#handle = handle ?? 0
    this.editor.history.mark('reshape')
    this.#move()
  }

  protected override on(input: Gesture): void {
    if (input.type === 'cancel') this.editor.history.bail()
    else if (input.type === 'move' || input.type === 'up') this.#move()
    if (input.type === 'up') this.#finish()
    if (input.type === 'up' || input.type === 'cancel') this.pass('idle')
  }

  #move(): void {
    const { editor } = this
    const before = this.#before
    if (before === null) return
    const moved = util(before.shape).moveHandle(before.shape, this.#handle, editor.spot)
    editor.put([{ ...before, shape: util(moved).clamp(moved, editor.image) }])
  }

  #finish(): void {
    const { editor } = this
    const after = editor.scene.get(this.#before?.id ?? '')
    if (after === null) return
    if (!util(after.shape).isWorthKeeping(after.shape)) {
      editor.history.bail()
      editor.say('Too small: put back as it was')
    } else if (crossesItself(util(after.shape).outline(after.shape))) editor.say('The outline crosses itself')
  }
}
