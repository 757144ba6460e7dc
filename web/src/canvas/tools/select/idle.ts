import { deleteHandle, insertVertexAt } from '../../actions'
import type { DoubleClickInput, Gesture, PointerInput } from '../../events'
import { stopJoining } from '../../relations'
import { isChangeable, selectedObjects, select } from '../../selection'
import { util } from '../../shapes'
import { pointAtGhost } from '../../ghosts'
import { hitAny, hitEdge, hitHandle } from '../../hits'
import { hitPin, openPin } from '../../pins'
import { State } from '../state'

export class Idle extends State {
  protected override enter(): void {
    this.#hover()
  }

  protected override on(input: Gesture): void {
    const { editor } = this
    if (input.type === 'move') this.#hover()
    if (input.type === 'down' && (input.button ?? 0) === 0) this.#press(input)
    if (input.type === 'doubleclick') this.#insert(input)
    if (input.type === 'cancel' && input.reason === 'escape') {
      // One thing at a time: first the vertex in hand is let go, then the objects.
      if (stopJoining(editor)) return
      if (editor.session.handle !== null) editor.updateSession({ handle: null })
      else select(editor, [])
    }
  }

  #press(input: PointerInput): void {
    const { editor } = this
    const pin = hitPin(editor)
    if (pin !== null) {
      openPin(editor, pin)
      return
    }
    const handle = hitHandle(editor)
    const { object, ghost } = handle === null ? hitAny(editor, editor.here) : { object: handle.object, ghost: null }
    if (ghost !== null) pointAtGhost(editor, ghost)
    if (handle !== null && input.modifiers?.alt === true) deleteHandle(editor, handle.object, handle.handle)
    else if (handle !== null) this.pass('pointing', handle)
    else if (object !== null) this.#pressObject(object, input)
    else this.#pressNothing(input)
  }

  #pressNothing(input: PointerInput): void {
    const { editor } = this
    if (input.modifiers?.shift !== true) select(editor, [])
    // On glass, one finger beside everything moves the image: there is no space bar to hold.
    if (input.pointer === 'touch') editor.root.suspend()
    else this.pass('brushing')
  }

  #pressObject(object: string, input: PointerInput): void {
    const { editor } = this
    const { selected } = editor.session
    const isSelected = selected.includes(object)
    if (input.modifiers?.shift === true) {
      select(editor, isSelected ? selected.filter((id) => id !== object) : [...selected, object])
      if (isSelected) return
    } else if (!isSelected) select(editor, [object])
    this.pass('pointing', { object, before: selected })
  }

  #insert({ screen }: DoubleClickInput): void {
    const edge = hitEdge(this.editor, screen)
    if (edge !== null) insertVertexAt(this.editor, edge.object, edge.edge, edge.at)
  }

  #hover(): void {
    const { editor } = this
    if (hitPin(editor) !== null) {
      editor.updateSession({ hovered: null, cursor: 'pointer' })
      return
    }
    const handle = hitHandle(editor)
    const { object: hovered, ghost } = handle === null ? hitAny(editor, editor.here) : { object: handle.object, ghost: null }
    editor.updateSession({ hovered, cursor: ghost === null ? this.#cursor(handle, hovered) : 'pointer' })
  }

  #cursor(handle: ReturnType<typeof hitHandle>, hovered: string | null): string {
    const { editor } = this
    if (handle !== null) {
      const object = editor.scene.get(handle.object)
      return object === null ? 'default' : (util(object.shape).handles(object.shape)[handle.handle]?.cursor ?? 'default')
    }
    if (hovered === null) return 'default'
    const isMovable = isChangeable(editor, hovered) && selectedObjects(editor).some(({ id }) => id === hovered)
    return isMovable ? 'move' : 'pointer'
  }
}
