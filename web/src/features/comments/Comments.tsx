/** The threads about an answer: read, answered, turned; by mouse, finger and keys, with the picture or without it. */
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { type Editor, excerpt, openPin } from '../../canvas'
import type { CommentPin, Thread, ThreadState } from '../../api/types'
import { Badge, type Tone } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { ago, dateTime, number } from '../../ui/format'
import { classNamed } from '../workbench/classes'
import { keyLabel } from '../workbench/keys'
import { useStateOf } from '../workbench/useEditor'
import type { Ontology } from '../queue/model'
import css from './Comments.module.css'
import { type Draft, NEW, type Sending, type Talk, waitsForContributor } from './talk'

export type Side = 'contributor' | 'reviewer'

interface Where {
  talk: Talk
  /** On which side the reader stands. */
  side: Side
  /** The picture or text beside the threads, where there is one. */
  editor?: Editor | undefined
  ontology?: Ontology | undefined
  /** The thread that is open, where the picture does not say it. */
  open?: string | null | undefined
  /** Whether the reader may only read. */
  isReader?: boolean
}

const states: Record<ThreadState, { tone: Tone; text: string }> = {
  open: { tone: 'warn', text: 'Open' },
  done: { tone: 'info', text: 'Done' },
  resolved: { tone: 'good', text: 'Resolved' },
}

export function Threads({ talk, side, editor, ontology, open = null, isReader = false }: Where) {
  const { threads, drafts, sending, failure } = useStateOf(talk)
  // What stands on the screen is read.
  const last = threads.at(-1)?.comments.at(-1)?.id
  const count = threads.reduce((sum, { comments }) => sum + comments.length, 0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each comment that comes, there is more that was read
  useEffect(() => talk.read(), [talk, last, count])
  const begun = drafts[NEW]
  return (
    <div className={css.threads}>
      {threads.length === 0 && begun === undefined && <p className={css.none}>Nothing was said yet.</p>}
      {threads.length > 0 && (
        <ol>
          {threads.map((thread, i) => (
            <ThreadItem
              key={thread.id}
              talk={talk}
              thread={thread}
              number={i + 1}
              side={side}
              editor={editor}
              ontology={ontology}
              isOpen={open === thread.id}
              isReader={isReader}
              draft={drafts[thread.id]}
              sending={sending.filter((each) => each.thread === thread.id)}
            />
          ))}
        </ol>
      )}
      {sending.filter((each) => each.thread === null).map((each) => <OnItsWay key={each.submission} letter={each} />)}
      {begun !== undefined && (
        <Writing talk={talk} thread={NEW} draft={begun} label={`New comment ${aboutText(begun.pin, editor, ontology)}`} send="Comment" />
      )}
      {failure !== null && <p className={css.failure} role="alert">{failure}</p>}
    </div>
  )
}

interface ThreadItemProps extends Where {
  thread: Thread
  number: number
  isOpen: boolean
  draft: Draft | undefined
  sending: readonly Sending[]
}

function ThreadItem({ talk, thread, number: place, side, editor, ontology, isOpen, isReader = false, draft, sending }: ThreadItemProps) {
  const { id, state, pin, comments } = thread
  const about = aboutText(pin, editor, ontology)
  const show = () => editor !== undefined && openPin(editor, id)
  const reply = () => talk.write(id, draft ?? { text: '', pin: null })
  return (
    <li>
      <article className={css.thread} data-thread={id} data-state={state} data-open={isOpen ? '' : undefined} tabIndex={-1} aria-label={`Comment ${place} ${about}, ${states[state].text}`}>
        <header>
          {editor === undefined || Object.keys(pin).length === 0
            ? <span className={css.about}><i className={css.head}>{place}</i><span dir="auto">{about}</span></span>
            : <button type="button" className={css.about} onClick={show}><span className="sr">Show comment </span><i className={css.head}>{place}</i> <span dir="auto">{about}</span></button>}
          <Badge tone={states[state].tone} bare>{states[state].text}</Badge>
        </header>
        {comments.map(({ id: comment, side: from, own, name, text, at }) => (
          <div key={comment} className={css.comment} data-side={from}>
            <small><b dir="auto">{own ? 'You' : (name ?? (from === 'reviewer' ? 'Reviewer' : 'Contributor'))}</b> <time dateTime={at} title={dateTime(at)}>{ago(at)}</time></small>
            <p dir="auto">{text}</p>
          </div>
        ))}
        {sending.map((each) => <OnItsWay key={each.submission} letter={each} />)}
        {draft !== undefined && <Writing talk={talk} thread={id} draft={draft} label={`Reply to comment ${place}`} send="Reply" />}
        {!isReader && draft === undefined && (
          <footer>
            <Button size="small" look="quiet" onPress={reply}>Reply<span className="sr"> to comment {place}</span></Button>
            <Turns talk={talk} thread={thread} side={side} number={place} />
          </footer>
        )}
      </article>
    </li>
  )
}

/** What the reader may turn the thread to, as C3 has it. */
export function turnsOf({ state, began }: Thread, side: Side): readonly (readonly [ThreadState, string])[] {
  if (side === 'reviewer' || began === 'contributor') return state === 'resolved' ? [['open', 'Open again']] : [['resolved', 'Resolve']]
  if (state === 'resolved') return []
  return state === 'open' ? [['done', 'Done']] : [['open', 'Not done']]
}

function Turns({ talk, thread, side, number: place }: { talk: Talk; thread: Thread; side: Side; number: number }) {
  return turnsOf(thread, side).map(([to, text]) => (
    <Button key={to} size="small" look={to === 'open' ? 'quiet' : 'plain'} {...(to === 'open' ? {} : { icon: 'check' as const })} onPress={() => void talk.turn(thread, to)}>
      {text}<span className="sr">: comment {place}</span>
    </Button>
  ))
}

function OnItsWay({ letter }: { letter: Sending }) {
  return (
    <div className={css.comment} data-sending="" role="status">
      <small><b>You</b> is being sent; it is kept on this device</small>
      <p dir="auto">{letter.text}</p>
    </div>
  )
}

const TEXT_MAX = 4_000

interface WritingProps {
  talk: Talk
  thread: string
  draft: Draft
  label: string
  send: string
}

function Writing({ talk, thread, draft, label, send }: WritingProps) {
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => field.current?.focus(), [])
  const post = () => {
    const from = field.current?.closest('article')
    if (talk.send(thread)) from?.focus()
  }
  const drop = () => {
    const from = field.current?.closest('article')
    talk.write(thread, null)
    from?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      post()
    } else if (event.key === 'Escape') {
      event.preventDefault()
      // What is written stays; only what is empty goes.
      if (draft.text.trim() === '') drop()
      else field.current?.blur()
    }
  }
  return (
    <div className={css.writing} data-own-keys="">
      <label>
        {label}
        <textarea ref={field} dir="auto" rows={3} maxLength={TEXT_MAX} value={draft.text} onChange={({ target }) => talk.write(thread, { ...draft, text: target.value })} onKeyDown={onKeyDown} />
      </label>
      <div>
        <Button size="small" look="quiet" onPress={drop}>Drop</Button>
        <Button size="small" look="primary" isDisabled={draft.text.trim() === ''} onPress={post}>{send} <span className={css.hint} aria-hidden="true">{keyLabel('Mod+Enter')}</span></Button>
      </div>
    </div>
  )
}

/** What a thread is about, in words. */
export function aboutText(pin: CommentPin | null, editor?: Editor, ontology?: Ontology): string {
  const { object, region, passage, frame, camera } = pin ?? {}
  const at = `${frame == null ? '' : ` in frame ${number(frame)}`}${camera == null ? '' : ` in camera ${camera}`}`
  if (object !== undefined) {
    // A track is there in frames where it is not seen, too.
    const there = editor?.scene.get(object) ?? editor?.scene.tracks.find(({ id }) => id === object) ?? (editor === undefined ? undefined : null)
    if (there !== undefined && there !== null && ontology !== undefined) {
      const { name } = classNamed(ontology, there.class)
      return there.kind === 'object' && there.shape.type === 'span' && editor !== undefined ? `on ${name} “${excerpt(editor, there.shape)}”${at}` : `on ${name}${at}`
    }
    return there === null ? `on an object that is gone${at}` : `on an object${at}`
  }
  if (passage !== undefined) return editor?.text == null ? 'on a passage' : `on “${excerpt(editor, { start: passage[0], end: passage[1] })}”`
  if (region !== undefined) return `${(region.width ?? 0) + (region.height ?? 0) > 0 ? 'on a region' : 'on a place'}${at}`
  return `on the whole answer${at}`
}

/** How many threads are still to be answered, in words for a title. */
export function countText(threads: readonly Thread[]): string {
  const open = threads.filter(({ state }) => state === 'open').length
  if (threads.length === 0) return 'Comments'
  return open === 0 ? `Comments, ${number(threads.length)}` : `Comments, ${number(open)} open`
}

export const waiting = (threads: readonly Thread[]): Thread[] => threads.filter(waitsForContributor)
