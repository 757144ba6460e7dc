import type { Gesture } from '../../events'
import { type Bounds, boundsBetween, contains } from '../../kernels/geometry'
import { isPickable, select } from '../../selection'
import { boundsOfShape } from '../../shapes'
import { type Mode, State } from '../state'

/** Down beside everything: a drag selects what lies wholly within it, beside what was selected (W19). */
export class Brushing extends State {
  protected override readonly own: Mode = 'gesture'
  #before: readonly string[] = []

  protected override enter(): void {
    this.#before = this.editor.session.selected
  }

  protected override exit(): void {
    this.editor.updateSession({ marquee: null })
  }

  protected override on(input: Gesture): void {
    const { editor } = this
    if (input.type === 'move' && editor.isDragging()) this.#brush(boundsBetween(editor.start, editor.here))
    if (input.type === 'cancel') select(editor, this.#before)
    if (input.type === 'up' || input.type === 'cancel') this.pass('idle')
  }

  #brush(marquee: Bounds): void {
    const { editor } = this
    const inside = editor.scene
      .within(marquee)
      .filter(({ id, shape }) => isPickable(editor, id) && contains(marquee, boundsOfShape(shape)))
      .map(({ id }) => id)
    select(editor, [...new Set([...this.#before, ...inside])])
    editor.updateSession({ marquee })
  }
}
