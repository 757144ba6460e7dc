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

/** What was found wrong at a glance, and what right. */
export interface Glance {
  readonly flagged: string[]
  readonly confirmed: string[]
}

/** What was said at a glance of tasks that are not on the screen yet, by slot. */
const glances = new Map<string, Glance>()

export function glanceAhead(slot: string, { flagged, confirmed }: Glance): void {
  const before = glances.get(slot)
  const wrong = new Set([...(before?.flagged ?? []), ...flagged].filter((id) => !confirmed.includes(id)))
  const right = new Set([...(before?.confirmed ?? []), ...confirmed].filter((id) => !wrong.has(id)))
  glances.set(slot, { flagged: [...wrong], confirmed: [...right] })
}

/** Takes the suggestions that were confirmed, and takes what was flagged in hand. */
export function settle({ editor, suggestions }: Work, { flagged, confirmed }: Glance): void {
  const waits = (id: string) => suggestions.state.waiting.some((ghost) => ghost.id === id)
  const right = confirmed.filter(waits)
  if (right.length > 0) suggestions.take(right)
  const drawn = flagged.filter((id) => editor.scene.get(id) !== null)
  editor.act(() => {
    if (drawn.length > 0) editor.setTool('select')
    select(editor, drawn)
    if (drawn.length > 0) editor.say(`${drawn.length} flagged at a glance: selected`)
  })
  suggestions.focus(flagged.find(waits) ?? null)
}

/** Does what was said of a task before it came onto the screen. */
export function takeFlagged(work: Work): void {
  const glance = glances.get(work.claim.slot)
  glances.delete(work.claim.slot)
  if (glance !== undefined) settle(work, glance)
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
