/**
 * What was in the hand at the last task is in the hand at the next: the tool and the class. A new
 * task begins with drawing where there is nothing yet to select.
 */
import { type ToolId, isDrawingTool, setClass } from '../../canvas'
import type { Question } from '../queue/model'
import type { Work } from '../queue/work'

interface Hand {
  readonly tool: ToolId
  readonly snapping: boolean
  readonly class: string | null
}

const hands = new Map<string, Hand>()

export function layDown({ editor, claim }: Work): void {
  const { tool, session } = editor.getSnapshot()
  if (!session.readOnly) hands.set(claim.project, { tool, class: session.class, snapping: session.snapping })
}

export function takeUp(work: Work, { shapes, spans }: Question): void {
  const { editor, claim } = work
  if (editor.session.readOnly || (shapes.length === 0 && spans !== true)) return
  const hand = hands.get(claim.project)
  if (hand?.class != null) setClass(editor, hand.class)
  if (hand?.snapping === true) editor.updateSession({ snapping: true })
  const isEmpty = editor.scene.objects.length === 0
  const tool = hand?.tool ?? (isEmpty ? editor.tools.find(isDrawingTool) : 'select')
  if (!work.takeUpLine() && tool !== undefined) editor.setTool(tool)
}
