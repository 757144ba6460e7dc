import type { Gesture } from '../../events'
import { joinTo } from '../../relations'
import { changeableSelection, select } from '../../selection'
import { type Mode, State, type Target } from '../state'

/** Down on a shape or a handle, not yet moved: a click so far. */
export class Pointing extends State {
  protected override readonly own: Mode = 'gesture'
  #target: Target = {}

  protected override enter(target: Target): void {
    this.#target = target
  }

  protected override on(input: Gesture): void {
    const { editor } = this
    const { object, handle } = this.#target
    if (input.type === 'move' && editor.isDragging()) {
      if (handle !== undefined) this.pass('reshaping', this.#target)
      else if (changeableSelection(editor).length > 0) this.pass('translating')
    }
    if (input.type === 'up') {
      if (handle !== undefined) editor.updateSession({ handle })
      // A click, not a drag of the whole selection after all: it picks the one.
      else if (object !== undefined && input.modifiers?.shift !== true) {
        select(editor, [object])
        joinTo(editor, object)
      }
    }
    // The first finger of a pinch meant nothing by coming down.
    if (input.type === 'cancel' && this.#target.before !== undefined) select(editor, this.#target.before)
    if (input.type === 'up' || input.type === 'cancel') this.pass('idle')
  }
}
