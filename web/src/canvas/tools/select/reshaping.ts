import type { Gesture } from '../../events'
import { crossesItself } from '../../kernels/polygon'
import type { ObjectRecord } from '../../records'
import { isChangeable } from '../../selection'
import { util } from '../../shapes'
import { cornersAt, snapped } from '../../snapping'
import { type Mode, State, type Target } from '../state'

/** A handle is in the hand: the corner of a box, a vertex, or the midpoint that becomes one. */
export class Reshaping extends State {
  protected override readonly own: Mode = 'gesture'
  #before: ObjectRecord | null = null
  #handle = 0
  /** The corners of neighbours that lie where this one did, and go with it (W48). */
  #shared: readonly { readonly record: ObjectRecord; readonly handle: number }[] = []

  protected override enter({ object, handle }: Target): void {
    this.#before = this.editor.scene.get(object ?? '')
    this.#handle = handle ?? 0
    this.#shared = this.#findShared()
    this.editor.history.mark('reshape')
    this.#move()
  }

  protected override exit(): void {
    this.editor.updateSession({ snapped: null })
  }

  #findShared(): { record: ObjectRecord; handle: number }[] {
    const { editor } = this
    const grip = this.#before === null ? undefined : editor.handlesOf(this.#before)[this.#handle]
    if (!editor.session.snapping || grip?.kind !== 'vertex') return []
    const [x, y] = grip.at
    const others = editor.scene.within({ left: x, top: y, right: x, bottom: y }).filter(({ id }) => id !== this.#before?.id && isChangeable(editor, id))
    return cornersAt(editor, grip.at, others)
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
    const kind = editor.handlesOf(before)[this.#handle]?.kind
    const isCorner = kind === 'vertex' || kind === 'midpoint'
    const to = isCorner ? snapped(editor, before.id) : kind === 'turn' ? editor.here : editor.spot
    editor.put(
      [{ record: before, handle: this.#handle }, ...this.#shared].map(({ record, handle }) => {
        const moved = util(record.shape).moveHandle(record.shape, handle, to)
        return { ...record, shape: util(moved).clamp(moved, editor.image) }
      }),
    )
  }

  #finish(): void {
    const { editor } = this
    const ids = [this.#before?.id ?? '', ...this.#shared.map(({ record }) => record.id)]
    const after = ids.flatMap((id) => editor.scene.get(id) ?? [])
    if (!after.every(({ shape }) => util(shape).isWorthKeeping(shape))) {
      editor.history.bail()
      editor.say('Too small: put back as it was')
    } else if (after.some((record) => editor.drawingOf(record).paths.some(({ points, closed }) => closed && crossesItself(points)))) {
      editor.say('The outline crosses itself')
    }
  }
}
