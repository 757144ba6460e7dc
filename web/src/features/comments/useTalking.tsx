/** The conversation about the answer in hand, beside it: its section of the panel, its keys, its pins on the picture. */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { type Editor, cameraInFront, openPin } from '../../canvas'
import * as q from '../../api/queries'
import type { CommentPin, Thread } from '../../api/types'
import { Button } from '../../ui/Button'
import { Kbd } from '../../ui/Kbd'
import { type FrameCommand, frameKey, keyLabel } from '../workbench/keys'
import { Section } from '../workbench/Side'
import type { Bench } from '../workbench/useBench'
import { useEditor, useStateOf } from '../workbench/useEditor'
import { Threads, type Side, countText, turnsOf } from './Comments'
import { NEW, Talk, type TalkState, pinsOf } from './talk'

export interface Talking {
  readonly state: TalkState
  readonly section: ReactNode
  readonly commands: readonly FrameCommand[]
  /** What of it is to be seen now. */
  readonly wanted: `comments ${string}` | undefined
  /** Opens a thread, and brings it before the reader. */
  open(thread: string): void
}

const NO_STATE: TalkState = { threads: [], drafts: {}, sending: [], failure: null }
const NOBODY = { state: NO_STATE, listen: () => () => {} }

/** Null where nothing has been handed in yet that could be talked of. */
export function useTalking({ home, work, editor, ontology }: Bench, side: Side): Talking | null {
  const client = useQueryClient()
  const { before } = work.claim
  const answer = before?.id ?? null
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said by then is told with the claim, once
  const talk = useMemo(() => (answer === null ? null : new Talk(home.place, answer, before?.comments ?? [])), [home, answer])
  useEffect(() => {
    if (talk === null) return
    void talk.start((inbox) => client.setQueryData(q.inbox.queryKey, inbox))
    return () => talk.close()
  }, [talk, client])
  const state = useStateOf<TalkState>(talk ?? NOBODY)
  const open = useEditor(editor, ({ session }) => session.pin)
  const asked = useEditor(editor, ({ session }) => session.pointed)

  useEffect(() => editor.act(() => editor.updateSession({ pins: pinsOf(state) })), [editor, state])
  useEffect(() => {
    if (asked === null || talk === null) return
    editor.act(() => editor.updateSession({ pointed: null }))
    const { left, top, right, bottom } = asked.at
    const region = { x: left, y: top, width: right - left, height: bottom - top }
    begin(talk, editor, { region, ...inCamera(editor), ...(asked.object === null ? {} : { object: asked.object }), ...frameOf(editor) })
  }, [asked, talk, editor])
  const isFocusing = useRef(false)
  // When its part of the panel is up.
  useEffect(() => {
    if (open === null) return
    const thread = threadOnPage(open)
    thread?.scrollIntoView({ block: 'nearest' })
    if (isFocusing.current) thread?.focus()
    isFocusing.current = false
  }, [open])

  if (talk === null) return null
  const { threads } = state
  const openThread = (id: string) => {
    isFocusing.current = id !== open
    openPin(editor, id)
    if (id === open) threadOnPage(id)?.focus()
  }
  const step = (by: 1 | -1) => {
    const at = threads.findIndex(({ id }) => id === open)
    const next = threads[at < 0 ? (by === 1 ? 0 : threads.length - 1) : (at + by + threads.length) % threads.length]
    if (next !== undefined) openThread(next.id)
  }
  const current = (): Thread | undefined => threads.find(({ id }) => id === open)
  const turn = () => {
    const thread = current()
    const [to] = thread === undefined ? [] : turnsOf(thread, side)
    if (thread !== undefined && to !== undefined) void talk.turn(thread, to[0])
  }
  const commands = [
    frameKey('comment', 'Comment on what is selected', ['KeyW'], () => begin(talk, editor, pinOfSelection(editor))),
    frameKey('comment.next', 'Next comment', ['Shift+Period'], () => step(1)),
    frameKey('comment.previous', 'Previous comment', ['Shift+Comma'], () => step(-1)),
    frameKey('comment.reply', 'Reply to the open comment', ['Alt+KeyW'], () => {
      const thread = current()
      if (thread !== undefined && state.drafts[thread.id] === undefined) talk.write(thread.id, { text: '', pin: null })
    }),
    frameKey('comment.turn', side === 'reviewer' ? 'Resolve the open comment, or open it again' : 'The open comment is done, or not', ['Alt+Shift+KeyW'], turn),
  ]
  const section = (
    <Section
      part="comments"
      title={countText(threads)}
      extra={<Button size="small" look="quiet" onPress={() => begin(talk, editor, pinOfSelection(editor))}>Comment <Kbd>{keyLabel('KeyW')}</Kbd></Button>}
    >
      <Threads talk={talk} side={side} editor={editor} ontology={ontology} open={open} />
    </Section>
  )
  const now = state.drafts[NEW] === undefined ? open : NEW
  return { state, section, commands, open: openThread, wanted: now === null ? undefined : `comments ${now}` }
}

const threadOnPage = (id: string) => document.querySelector<HTMLElement>(`[data-thread="${CSS.escape(id)}"]`)

/** Goes on with what was begun, about something else; or begins. */
function begin(talk: Talk, editor: Editor, pin: CommentPin): void {
  const { text = '' } = talk.state.drafts[NEW] ?? {}
  talk.write(NEW, { text, pin })
  editor.say('Write the comment')
  // A field that is there already takes the focus again.
  document.querySelector<HTMLElement>('[data-own-keys] textarea')?.focus()
}

/** Of a video, the frame that is shown belongs to whatever is said (W92). */
const frameOf = ({ frames, session }: Editor): CommentPin => (frames > 0 ? { frame: session.frame } : {})

/** What is in the hand is what is meant: the selected object, the passage, the place of the crosshair, or all of it. */
function pinOfSelection(editor: Editor): CommentPin {
  const { session, text, scene } = editor
  const frame = frameOf(editor)
  const [object] = session.selected
  if (object !== undefined && scene.get(object) !== null) return { object, ...frame }
  const { range, crosshair } = session
  if (text !== null && range !== null && range.anchor !== range.focus) {
    return { passage: [Math.min(range.anchor, range.focus), Math.max(range.anchor, range.focus)] }
  }
  return crosshair === null ? frame : { region: { x: crosshair[0], y: crosshair[1], width: 0, height: 0 }, ...inCamera(editor), ...frame }
}

/** On which of several pictures a place is. */
function inCamera(editor: Editor): Pick<CommentPin, 'camera'> {
  const camera = cameraInFront(editor)
  return camera === undefined ? {} : { camera }
}
