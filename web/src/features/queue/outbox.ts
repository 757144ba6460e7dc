/**
 * The outbox: what the person has handed in, until the server has acknowledged it.
 *
 * (X1) A letter is on the device before the next task is shown.
 * (X2) Letters go in the order in which they were handed in, one at a time, by one tab at a time.
 * (X3) Every repeat carries the id that the first try carried; a repeat's receipt is a receipt.
 * (X4) Where the server cannot be reached it is tried again, later and later, with jitter; at once
 *      when the network comes back, the page gets the focus, or the person asks.
 * (X5) A signed-out session stops the outbox without losing anything; signing in goes on.
 * (X6) What the server refuses is kept with the refusal until the person has dealt with it.
 */
import type { Receipt } from './model'
import type { Letter, LetterRow, Place, Refusal } from './place'
import { Elsewhere, type QueueServer, Refused, SignedOut, Unreachable } from './server'

export interface OutboxState {
  readonly waiting: readonly Letter[]
  readonly refused: readonly Letter[]
  readonly status: 'idle' | 'sending' | 'waiting' | 'signed_out' | 'elsewhere'
  readonly retryAt: number | null
  /** When the server last acknowledged something, by this device's clock. */
  readonly sentAt: number | null
}

export type Outcome =
  | { readonly letter: Letter; readonly receipt: Receipt | null }
  | { readonly letter: Letter; readonly refusal: Refusal }

/** The part of the Web Locks interface that is used: a fake takes its place in tests. */
export interface Locks {
  request<T>(name: string, options: { ifAvailable?: boolean }, hold: (lock: unknown) => Promise<T>): Promise<T>
}

interface Options {
  place: Place
  server: QueueServer
  locks: Locks
  random?: () => number
}

const RETRY_MS_FIRST = 1_000
const RETRY_MS_MAX = 60_000
/** Later than the next task is on the screen. */
const FLUSH_MS = 1_000

export class Outbox {
  readonly #place: Place
  readonly #server: QueueServer
  readonly #locks: Locks
  readonly #random: () => number
  readonly #listeners = new Set<() => void>()
  readonly #outcomes = new Set<(outcome: Outcome) => void | Promise<void>>()
  readonly #channel: BroadcastChannel
  #state: OutboxState = { waiting: [], refused: [], status: 'idle', retryAt: null, sentAt: null }
  #timer: ReturnType<typeof setTimeout> | null = null
  #tries = 0
  #draining: Promise<void> | null = null
  #again = false
  #closed = false

  constructor({ place, server, locks, random = Math.random }: Options) {
    this.#place = place
    this.#server = server
    this.#locks = locks
    this.#random = random
    this.#channel = new BroadcastChannel(`${place.name}/outbox`)
    this.#channel.onmessage = () => void this.#refresh()
  }

  get state(): OutboxState {
    return this.#state
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Is told what the server said to each letter, before the letter leaves the outbox. */
  onOutcome(listener: (outcome: Outcome) => void | Promise<void>): () => void {
    this.#outcomes.add(listener)
    return () => this.#outcomes.delete(listener)
  }

  /** Reads what earlier tabs left, and begins to send it. */
  async start(): Promise<void> {
    await this.#refresh()
    if (typeof window !== 'undefined') {
      window.addEventListener('online', this.kick)
      window.addEventListener('focus', this.kick)
      document.addEventListener('visibilitychange', this.#whenVisible)
    }
    this.kick()
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#channel.close()
    if (typeof window !== 'undefined') {
      window.removeEventListener('online', this.kick)
      window.removeEventListener('focus', this.kick)
      document.removeEventListener('visibilitychange', this.#whenVisible)
    }
  }

  /** Hands in. Resolves when the letter is on the device (X1); a failure to keep it rejects. */
  async put(letter: Omit<Letter, 'refusal' | 'created_at'>): Promise<void> {
    const row: LetterRow = { ...letter, created_at: Date.now(), refusal: null }
    const tx = this.#place.db.transaction('letters', 'readwrite', { durability: 'relaxed' })
    const known = await tx.store.index('id').get(letter.id)
    // One that was refused is replaced by its correction; one on its way, handed in twice by a
    // double click that got through, is the same letter.
    if (known?.refusal != null) await tx.store.delete(known.order as number)
    if (known === undefined || known.refusal !== null) await tx.store.add(row)
    await tx.done
    const others = this.#state.waiting.filter(({ id }) => id !== row.id)
    this.#set({ waiting: [...others, row], refused: this.#state.refused.filter(({ id }) => id !== row.id) })
    this.#tell()
    this.kick()
    // A killed browser loses nothing of this; a pulled cable might. The next task does not wait for
    // the disk, but a second write, behind the first, takes it all the way there.
    setTimeout(() => void this.#flush(row), FLUSH_MS)
  }

  /** Throws a refused letter away: the person has dealt with it. */
  async dismiss(id: string): Promise<void> {
    const tx = this.#place.db.transaction('letters', 'readwrite')
    const order = await tx.store.index('id').getKey(id)
    if (order !== undefined) await tx.store.delete(order)
    await tx.done
    await this.#refresh()
    this.#tell()
  }

  /** Tries now. */
  readonly kick = (): void => {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#again = true
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = null
      // Someone asked while the last try was ending.
      if (this.#again && !this.#closed) this.kick()
    })
  }

  /** Resolves when the outbox rests: everything sent, or nothing to be done now. */
  async settled(): Promise<void> {
    while (this.#draining !== null) await this.#draining
  }

  readonly #whenVisible = (): void => {
    if (document.visibilityState === 'visible') this.kick()
  }

  async #drain(): Promise<void> {
    // Waiting for the lock, not giving up: if the other tab dies in mid-send, this one goes on (X2).
    await this.#locks.request(`${this.#place.name}/outbox`, {}, async () => {
      this.#again = false
      for (;;) {
        if (this.#closed) return
        const rows = await this.#refresh()
        const letter = rows.find(({ refusal }) => refusal === null)
        if (letter === undefined) return this.#set({ status: 'idle', retryAt: null })
        if (!(await this.#send(letter))) return
      }
    })
  }

  /** Sends one letter; false where the next one must wait. */
  async #send(letter: LetterRow): Promise<boolean> {
    this.#set({ status: 'sending', retryAt: null })
    try {
      const receipt = await this.#server.send(letter)
      await this.#settle({ letter, receipt })
      await this.#place.db.delete('letters', letter.order as number)
      this.#set({ sentAt: Date.now() })
    } catch (error) {
      if (error instanceof SignedOut || error instanceof Elsewhere) {
        this.#set({ status: error instanceof SignedOut ? 'signed_out' : 'elsewhere' })
        return false
      }
      if (!(error instanceof Refused)) {
        this.#retryLater(error instanceof Unreachable ? error.retryAfterMs : null)
        return false
      }
      const { status, code, message, problems } = error
      const refusal: Refusal = { status, code, message, problems, at: Date.now() }
      await this.#place.db.put('letters', { ...letter, refusal })
      await this.#settle({ letter, refusal })
    }
    this.#tries = 0
    await this.#refresh()
    this.#tell()
    return true
  }

  async #settle(outcome: Outcome): Promise<void> {
    for (const listener of this.#outcomes) await listener(outcome)
  }

  #retryLater(askedMs: number | null): void {
    const ceiling = Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** this.#tries)
    const delay = Math.max(askedMs ?? 0, ceiling / 2 + (ceiling / 2) * this.#random())
    this.#tries += 1
    this.#set({ status: 'waiting', retryAt: Date.now() + delay })
    if (!this.#closed) this.#timer = setTimeout(this.kick, delay)
  }

  async #flush({ created_at }: LetterRow): Promise<void> {
    if (this.#closed) return
    const tx = this.#place.db.transaction('facts', 'readwrite', { durability: 'strict' })
    await Promise.all([tx.store.put(String(created_at), 'handed_in'), tx.done]).catch(() => undefined)
  }

  async #refresh(): Promise<LetterRow[]> {
    const rows = await this.#place.db.getAll('letters')
    this.#set({
      waiting: rows.filter(({ refusal }) => refusal === null),
      refused: rows.filter(({ refusal }) => refusal !== null),
    })
    return rows
  }

  #set(change: Partial<OutboxState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }

  #tell(): void {
    if (!this.#closed) this.#channel.postMessage('changed')
  }
}
