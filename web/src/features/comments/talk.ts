/**
 * What is said about one answer: the threads as the server has them, and what this person is writing. A comment that is
 * begun is kept on this device letter by letter, and one that is sent until the server has it, under the same submission.
 *
 * (K1) Nothing that was written is lost with the tab, the network or the server.
 * (K2) However often a comment is sent, it is there once.
 */
import type { Pin as SeenPin } from '../../canvas'
import { address, put } from '../../api/client'
import { ApiError } from '../../api/errors'
import { follow } from '../../api/live'
import type { CommentPin, Inbox, Thread, ThreadState } from '../../api/types'
import { type Place, newId } from '../queue/place'

/** A comment in the making: of a thread, or of one that it begins. */
export interface Draft {
  readonly text: string
  readonly pin: CommentPin | null
}

/** One that is on its way. */
export interface Sending extends Draft {
  readonly submission: string
  readonly thread: string | null
}

export interface TalkState {
  readonly threads: readonly Thread[]
  /** By thread; under `NEW`, of the one that would begin. */
  readonly drafts: Readonly<Record<string, Draft>>
  readonly sending: readonly Sending[]
  /** Why the last one was not taken. */
  readonly failure: string | null
}

export const NEW = 'new'

interface Kept {
  readonly drafts: TalkState['drafts']
  readonly sending: TalkState['sending']
}

const AGAIN_MS = 5_000

export class Talk {
  readonly answer: string
  readonly #place: Place
  readonly #listeners = new Set<() => void>()
  #state: TalkState
  #onInbox: (inbox: Inbox) => void = () => {}
  #stop: () => void = () => {}
  #timer = 0
  #isPumping = false
  #heard: readonly Thread[] | null = null

  constructor(place: Place, answer: string, threads: readonly Thread[]) {
    this.answer = answer
    this.#place = place
    this.#state = { threads, drafts: {}, sending: [], failure: null }
  }

  get state(): TalkState {
    return this.#state
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes up what this device kept, and hears what others say from now on. */
  async start(onInbox: (inbox: Inbox) => void): Promise<void> {
    this.#onInbox = onInbox
    const stop = follow(address('/api/inbox/live', { answer: this.answer }), {
      inbox: (data) => this.#onInbox(data as Inbox),
      comments: (data) => {
        this.#heard = (data as { items: Thread[] }).items
        // While words are under way, the news may have them already: nobody is shown them twice.
        if (!this.#isPumping) this.#hear()
      },
    })
    const onOnline = () => void this.#pump()
    window.addEventListener('online', onOnline)
    this.#stop = () => {
      stop()
      window.removeEventListener('online', onOnline)
    }
    const text = await this.#place.db.get('facts', this.#fact)
    if (text === undefined) return
    const kept = JSON.parse(text) as Kept
    // What was written before the device had answered is newer.
    this.#set({ drafts: { ...kept.drafts, ...this.#state.drafts }, sending: [...kept.sending, ...this.#state.sending] })
    void this.#pump()
  }

  close(): void {
    this.#stop()
    clearTimeout(this.#timer)
  }

  /** Writes on; null drops it. */
  write(thread: string, draft: Draft | null): void {
    const { [thread]: _, ...others } = this.#state.drafts
    this.#set({ drafts: draft === null ? others : { ...others, [thread]: draft }, failure: null })
    this.#keep()
  }

  /** Sends what was written; false where there is nothing to send. */
  send(thread: string): boolean {
    const draft = this.#state.drafts[thread]
    if (draft === undefined || draft.text.trim() === '') return false
    const { [thread]: _, ...drafts } = this.#state.drafts
    const letter: Sending = { ...draft, text: draft.text.trim(), submission: newId('sub_'), thread: thread === NEW ? null : thread }
    this.#set({ drafts, sending: [...this.#state.sending, letter], failure: null })
    this.#keep()
    void this.#pump()
    return true
  }

  /** Turns a thread to a state; the page shows it at once, and as it was if the server refuses. */
  async turn(thread: Thread, state: ThreadState): Promise<void> {
    this.#put({ ...thread, state })
    try {
      this.#put(await put<Thread>(`/api/comments/${thread.id}/state`, { state }, { named: true }))
    } catch (error) {
      this.#put(thread)
      this.#set({ failure: error instanceof Error ? error.message : String(error) })
    }
  }

  /** Tells the server that everything that is here was read. */
  read(): void {
    const last = this.#state.threads.flatMap(({ comments }) => comments).reduce<string | null>((most, { id }) => (most === null || id > most ? id : most), null)
    if (last === null) return
    // What is still unread is told again: nothing is lost with this.
    void put(`/api/answers/${this.answer}/read`, { through: last }, { named: true }).catch(() => undefined)
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return
    this.#isPumping = true
    clearTimeout(this.#timer)
    try {
      for (let next = this.#state.sending[0]; next !== undefined; next = this.#state.sending[0]) {
        const { submission, thread, text, pin } = next
        const body = thread === null ? { text, ...(pin === null ? {} : { pin }) } : { text, thread }
        try {
          const said = await put<Thread>(`/api/answers/${this.answer}/comments/${submission}`, body, { named: true, retries: 0 })
          this.#drop(submission, said)
        } catch (error) {
          if (!(error instanceof ApiError) || isForLater(error)) {
            this.#timer = window.setTimeout(() => void this.#pump(), AGAIN_MS)
            return
          }
          // The server has decided: the words go back to where they were written.
          this.#drop(submission)
          this.write(thread ?? NEW, { text, pin })
          this.#set({ failure: error.message })
        }
      }
    } finally {
      this.#isPumping = false
      this.#hear()
    }
  }

  /** A letter is no longer under way; what came of it takes its place in the same moment. */
  #drop(submission: string, said?: Thread): void {
    const sending = this.#state.sending.filter((each) => each.submission !== submission)
    this.#set(said === undefined ? { sending } : { sending, threads: this.#with(said) })
    this.#keep()
  }

  #put(thread: Thread): void {
    this.#set({ threads: this.#with(thread) })
  }

  #with(thread: Thread): readonly Thread[] {
    const { threads } = this.#state
    const isThere = threads.some(({ id }) => id === thread.id)
    return isThere ? threads.map((each) => (each.id === thread.id ? thread : each)) : [...threads, thread]
  }

  /** Shows the latest news, unless they are older than what this page has been told itself. */
  #hear(): void {
    const heard = this.#heard
    this.#heard = null
    if (heard === null) return
    const count = (threads: readonly Thread[]) => threads.reduce((sum, { comments }) => sum + comments.length, 0)
    if (count(heard) >= count(this.#state.threads)) this.#set({ threads: heard })
  }

  #set(change: Partial<TalkState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }

  get #fact(): string {
    return `talk/${this.answer}`
  }

  #keep(): void {
    const { drafts, sending } = this.#state
    const kept: Kept = { drafts, sending }
    const isEmpty = Object.keys(drafts).length + sending.length === 0
    // Handed over at once, before the tab can die; the database keeps the order.
    const { db } = this.#place
    const written: Promise<unknown> = isEmpty ? db.delete('facts', this.#fact) : db.put('facts', JSON.stringify(kept), this.#fact)
    written.catch(() => this.#set({ failure: 'This device keeps nothing: send it before you leave.' }))
  }
}

/** Whether the same may be taken at another time: nobody answered, or not to this person, or not now. */
const isForLater = (error: ApiError): boolean =>
  [0, 401, 408, 429].includes(error.status) || error.status >= 500 ||
  ['organization_changed', 'try_again'].includes(error.code)

/** Whether a thread waits for its contributor: open, and the last word was not theirs. */
export const waitsForContributor = ({ state, began, comments }: Thread): boolean =>
  state === 'open' && began === 'reviewer' && comments.at(-1)?.side !== 'contributor'

/** The threads as the picture shows them, in the order in which they were begun. */
export function pinsOf({ threads, drafts }: TalkState): SeenPin[] {
  const seen = threads.flatMap(({ id, pin, state }, i) => pinOf(id, i + 1, pin, state !== 'open'))
  const { pin = null } = drafts[NEW] ?? {}
  return pin === null ? seen : [...seen, ...pinOf(NEW, threads.length + 1, pin, false)]
}

function pinOf(id: string, number: number, pin: CommentPin, isOver: boolean): SeenPin[] {
  const { object = null, region, passage, camera, frame } = pin
  const at = region !== undefined && region !== null
    ? { left: region.x, top: region.y, right: region.x + (region.width ?? 0), bottom: region.y + (region.height ?? 0) }
    : passage !== undefined && passage !== null ? { left: passage[0], top: 0, right: passage[1], bottom: 1 } : null
  if (at === null && object === null && frame === undefined) return []
  return [{ id, number, at, object, isOver, ...(camera == null ? {} : { camera }), ...(frame === undefined ? {} : { frame }) }]
}
