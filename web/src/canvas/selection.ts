import { isInFront, showCameraOf } from './cameras'
import type { Editor } from './editor'
import type { ObjectRecord } from './records'

// The session holds ids; what they stand for is derived. A selected object that is gone is simply
// not selected, and when it comes back by an undo it is selected again.

export function select(editor: Editor, ids: readonly string[]): void {
  const { selected } = editor.session
  if (ids.length === selected.length && ids.every((id, i) => id === selected[i])) return
  const records = editor.cameras.length === 0 ? [] : ids.flatMap((id) => editor.scene.get(id) ?? [])
  // What is selected is to be seen: if nothing of it is in the picture in front, another comes there.
  const [first] = records
  if (first !== undefined && !records.some((record) => isInFront(editor, record))) showCameraOf(editor, first)
  const { range } = editor.session
  // What is selected next is what a key means: no longer the words of the text.
  const caret = range === null ? null : { anchor: range.focus, focus: range.focus }
  editor.updateSession({ selected: [...new Set(ids)], handle: null, range: range?.anchor === range?.focus ? range : caret })
}

export const selectedObjects = (editor: Editor): ObjectRecord[] =>
  editor.session.selected.flatMap((id) => editor.scene.get(id) ?? [])

/** Can a pointer find it? */
export const isPickable = ({ session }: Editor, id: string): boolean => !session.hidden.has(id) && !session.locked.has(id)

/** May work be done on it? What cannot be seen or is locked is not changed by accident (W16). */
export const isChangeable = (editor: Editor, id: string): boolean =>
  !editor.session.readOnly && isPickable(editor, id) && editor.scene.get(id) !== null

/** What a hand and a key mean: of several pictures what is in the one in front. */
export const changeableSelection = (editor: Editor): ObjectRecord[] => changeableAnywhere(editor).filter((record) => isInFront(editor, record))

/** What may be said to belong together, in whatever picture. */
export const changeableAnywhere = (editor: Editor): ObjectRecord[] => selectedObjects(editor).filter(({ id }) => isChangeable(editor, id))

export function selectAll(editor: Editor): void {
  select(
    editor,
    editor.scene.here.filter(({ id }) => isPickable(editor, id)).map(({ id }) => id),
  )
}

/** Selects the neighbour in drawing order, round and round; hidden ones are passed over (W31). */
export function selectNeighbour(editor: Editor, step: 1 | -1): boolean {
  const ids = editor.scene.here.filter(({ id }) => !editor.session.hidden.has(id)).map(({ id }) => id)
  const last = editor.session.selected[editor.session.selected.length - 1]
  const at = last === undefined ? -1 : ids.indexOf(last)
  const next = at < 0 ? (step === 1 ? 0 : ids.length - 1) : (at + step + ids.length) % ids.length
  const id = ids[next]
  if (id === undefined) return false
  select(editor, [id])
  editor.say(editor.describe(id))
  return true
}

type Flag = 'hidden' | 'locked'

/** Hides, shows, locks or unlocks. A matter of the session alone: nothing of it is ever saved. */
export function flag(editor: Editor, which: Flag, ids: readonly string[], to: 'on' | 'off'): void {
  const next = new Set(editor.session[which])
  for (const id of ids) {
    if (to === 'on') next.add(id)
    else next.delete(id)
  }
  editor.updateSession({ [which]: next })
}

/** On for all, unless it is on for all: then off. */
export function toggleFlag(editor: Editor, which: Flag, ids: readonly string[]): boolean {
  if (ids.length === 0) return false
  flag(editor, which, ids, ids.every((id) => editor.session[which].has(id)) ? 'off' : 'on')
  return true
}

/** Whether points go where a neighbour's points are (W48). */
export function toggleSnapping(editor: Editor): void {
  const snapping = !editor.session.snapping
  editor.updateSession({ snapping, snapped: null })
  editor.say(snapping ? 'Points snap to neighbours' : 'Points go where the hand is')
}

export function clearFlag(editor: Editor, which: Flag): boolean {
  if (editor.session[which].size === 0) return false
  editor.updateSession({ [which]: new Set<string>() })
  return true
}
