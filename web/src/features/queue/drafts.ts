/**
 * Drafts: the work in hand, sent to the server now and then, so that it is also there on another
 * device.
 *
 * (D1) At most one draft in about two seconds, and the last change is always followed by one.
 * (D2) Each carries this device's id and a number that only rises, across tabs and reloads too, and where the clock was set back.
 * (D3) When a task is opened, this device's own work wins over its own draft; between devices the
 *      newer wins, and the other is offered. While the device keeps nothing (a full disk), its drafts
 *      go under the name of another, so that what it kept before does not win over them.
 * (D4) A draft that cannot be sent is sent later; work never waits for it.
 * (D5) Work on a task that was looked out and is leased by nobody (fence 0) stays on this device.
 */
import type { Answer, Claim } from './model'
import { newId } from './place'
import { type QueueServer, Refused } from './server'

export interface DraftState {
  /** When the server last took the draft, by the server's clock. */
  readonly savedAt: number | null
  /** Whether there are changes that the server has not got. */
  readonly behind: boolean
  /** The server refused the draft for good: the task is not this person's any more. */
  readonly refused: Refused | null
}

interface Options {
  server: QueueServer
  device: string
  claim: Claim
  /** Whether this device keeps the work, too. */
  isKept: () => boolean
  /** The answer as it stands now. */
  answer: () => Answer
  onChange: () => void
}

const EVERY_MS = 2_000
const RETRY_MS_FIRST = 2_000
const RETRY_MS_MAX = 30_000

export class Drafts {
  readonly #options: Options
  #state: DraftState
  #timer: ReturnType<typeof setTimeout> | null = null
  #sending = false
  #tries = 0
  #seq = 0
  #closed = false
  readonly #unkept = newId('dev_')

  constructor(options: Options) {
    this.#options = options
    const saved = options.claim.draft?.saved_at
    this.#seq = options.claim.draft?.device === options.device ? options.claim.draft.seq : 0
    this.#state = { savedAt: saved === undefined ? null : Date.parse(saved), behind: false, refused: null }
  }

  get state(): DraftState {
    return this.#state
  }

  /** The document changed. */
  changed(): void {
    if (this.#closed || this.#state.refused !== null || this.#options.claim.fence === 0) return
    if (!this.#state.behind) this.#set({ behind: true })
    this.#schedule(EVERY_MS)
  }

  /** Sends at once what has not been sent: before going to another task. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#state.behind && !this.#sending) await this.#send()
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null || this.#sending || this.#closed) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#send()
    }, delayMs)
  }

  async #send(): Promise<void> {
    const { server, claim, device, isKept, answer } = this.#options
    this.#sending = true
    this.#set({ behind: false })
    // Clock readings rise across tabs and reloads of one device (D2).
    this.#seq = Math.max(this.#seq + 1, Date.now())
    let nextMs = EVERY_MS
    try {
      const { saved_at } = await server.draft(claim.slot, { fence: claim.fence, answer: answer(), device: isKept() ? device : this.#unkept, seq: this.#seq })
      this.#tries = 0
      this.#set({ savedAt: Date.parse(saved_at) })
    } catch (error) {
      if (error instanceof Refused) this.#set({ refused: error })
      nextMs = Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** this.#tries)
      this.#tries += 1
      this.#set({ behind: true })
    }
    this.#sending = false
    if (this.#state.behind && this.#state.refused === null) this.#schedule(nextMs)
  }

  #set(change: Partial<DraftState>): void {
    this.#state = { ...this.#state, ...change }
    if (!this.#closed) this.#options.onChange()
  }
}

export interface LocalAnswer {
  readonly answer: Answer
  readonly savedAt: number
}

export interface Choice {
  readonly use: { readonly from: 'device' | 'server'; readonly answer: Answer; readonly savedAt: number } | null
  /** The one that was not used, where it says something else. */
  readonly other: { readonly from: 'device' | 'server'; readonly answer: Answer; readonly savedAt: number } | null
}

/** Which work to open a task with (D3). */
export function chooseWork(local: LocalAnswer | null, server: Claim['draft'], device: string): Choice {
  const here = local === null ? null : ({ from: 'device', ...local } as const)
  const there =
    server === null ? null : ({ from: 'server', answer: server.answer, savedAt: Date.parse(server.saved_at) } as const)
  if (here === null || there === null) return { use: here ?? there, other: null }
  // The journal hears each change before any draft is sent: nothing of this device can be newer than it.
  if (server?.device === device) return { use: here, other: null }
  const [use, other] = here.savedAt >= there.savedAt ? [here, there] : [there, here]
  return { use, other: sameAnswer(use.answer, other.answer) ? null : other }
}

/** Whether two answers say the same, whatever the order of their keys and whether empty parts are written. */
export function sameAnswer(a: Answer, b: Answer): boolean {
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b))
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .filter(([, inner]) => !isNothing(inner))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, canonical(inner)]))
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
