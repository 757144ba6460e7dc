/**
 * What was in the hand at the last task is in the hand at the next: the tool and the class. A new
 * task begins with drawing where there is nothing yet to select.
 */
import { type ToolId, isDrawingTool, select, setClass, stepClass } from '../../canvas'
import type { Question } from '../queue/model'
import type { Work } from '../queue/work'

interface Hand {
  readonly tool: ToolId
  readonly snapping: boolean
  readonly class: string | null
  readonly only: boolean
}

const hands = new Map<string, Hand>()

/** What was flagged of tasks that are not on the screen yet, by slot. */
const flagged = new Map<string, readonly string[]>()

export const flagAhead = (slot: string, ids: readonly string[]): void => void flagged.set(slot, [...new Set([...(flagged.get(slot) ?? []), ...ids])])

/** Selects what was flagged of a task before it came onto the screen. */
export function takeFlagged({ editor, claim }: Work): void {
  const ids = flagged.get(claim.slot)?.filter((id) => editor.scene.get(id) !== null)
  flagged.delete(claim.slot)
  if (ids === undefined || ids.length === 0) return
  editor.act(() => {
    editor.setTool('select')
    select(editor, ids)
    editor.say(`${ids.length} flagged at a glance: selected`)
  })
}

export function layDown({ editor, claim }: Work): void {
  const { tool, session } = editor.getSnapshot()
  if (!session.readOnly) hands.set(claim.project, { tool, class: session.class, snapping: session.snapping, only: session.only !== null })
}

export function takeUp(work: Work, { shapes, spans }: Question): void {
  const { editor, claim } = work
  if (editor.session.readOnly || (shapes.length === 0 && spans !== true)) return
  const hand = hands.get(claim.project)
  if (hand?.class != null) setClass(editor, hand.class)
  if (hand?.snapping === true) editor.updateSession({ snapping: true })
  // One class at a time begins anew with each task.
  if (hand?.only === true) stepClass(editor, 1)
  const isEmpty = editor.scene.objects.length === 0
  const tool = hand?.tool ?? (isEmpty ? editor.tools.find(isDrawingTool) : 'select')
  if (!work.takeUpLine() && tool !== undefined) editor.setTool(tool)
}
