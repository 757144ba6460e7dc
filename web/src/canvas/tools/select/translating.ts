import type { Gesture } from '../../events'
import { type Bounds, type Point, limitShift, roundPoint, sub, union } from '../../kernels/geometry'
import type { ObjectRecord } from '../../records'
import { changeableSelection } from '../../selection'
import { boundsOfShape, util } from '../../shapes'
import { type Mode, State } from '../state'

export class Translating extends State {
  protected override readonly own: Mode = 'gesture'
  #before: readonly ObjectRecord[] = []
  #bounds: Bounds = { left: 0, top: 0, right: 0, bottom: 0 }

  protected override enter(): void {
    this.#before = changeableSelection(this.editor)
    this.#bounds = this.#before.map(({ shape }) => boundsOfShape(shape)).reduce(union)
    this.editor.history.mark('move')
    this.editor.updateSession({ cursor: 'move', hovered: null })
    this.#move('both')
  }

  protected override on(input: Gesture): void {
    if (input.type === 'cancel') this.editor.history.bail()
    else if (input.type === 'move' || input.type === 'up') this.#move(input.modifiers?.shift === true ? 'one' : 'both')
    if (input.type === 'up' || input.type === 'cancel') this.pass('idle')
  }

  /** Always from the start of the gesture, never from the last move: errors do not add up (W7). */
  #move(axes: 'both' | 'one'): void {
    const { editor } = this
    const [x, y] = sub(editor.here, editor.start)
    const straight: Point = Math.abs(x) > Math.abs(y) ? [x, 0] : [0, y]
    const by = limitShift(this.#bounds, roundPoint(axes === 'one' ? straight : [x, y]), editor.image)
    editor.put(
      this.#before.map((record) => {
        const moved = util(record.shape).translate(record.shape, by)
        return { ...record, shape: util(moved).clamp(moved, editor.image) }
      }),
    )
  }
}
