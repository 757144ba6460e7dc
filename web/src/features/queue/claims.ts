/**
 * The tasks in hand: the one on the screen and the next few, leased and with their pictures ready.
 *
 * (C1) After handing in, the next task is on the screen without waiting for the server.
 * (C2) A task is in one tab only, whatever the server gives out again after a reload.
 * (C3) What has been handed in and not been acknowledged yet is not offered again.
 * (C4) Leases are renewed every third of their length while somebody is at the page, and not longer:
 *      a page left open holds nothing back.
 * (C5) Leaving gives back what was not begun. What was begun stays leased until its time is up.
 * (C6) A lease that ended is told; the work stays, and may still be handed in until it is known
 *      that somebody else has the task.
 */
import type { Claim, Door } from './model'
import type { Locks } from './outbox'
import { Elsewhere, type QueueServer, Refused, SignedOut } from './server'

export interface SlotLocks extends Locks {
  query(): Promise<{ held?: { name?: string }[] }>
}

export type Phase = 'loading' | 'working' | 'empty' | 'unreachable' | 'signed_out' | 'elsewhere' | 'refused'
export type Lease = 'held' | 'expired' | 'lost'

export interface ClaimsState {
  readonly phase: Phase
  readonly current: Claim | null
  readonly ahead: readonly Claim[]
  /** How many slots wait for this person beyond those in hand, when last told. */
  readonly waiting: number
  readonly lease: Lease
  /** When the current lease ends, by this device's clock. */
  readonly until: number | null
  readonly refusal: Refused | null
}

/** What a screen needs of them: of a task that nobody leased, too. */
export type ClaimsOnScreen = Pick<ClaimsInHand, 'project' | 'state' | 'listen' | 'input' | 'again' | 'wish' | 'advance' | 'reopen' | 'giveBack'>

interface Options {
  server: QueueServer
  locks: SlotLocks
  /** Names the person's place on this device; locks of one person do not touch another's. */
  place: string
  project: string
  door: Door
  /** Slots of letters that are on their way (C3). */
  handedIn: () => readonly string[]
  /** Whether the person has begun to work on a slot. */
  begun: (slot: string) => Promise<boolean>
  /** Begins to load what the claim shows; answers how to let go of it. */
  prefetch?: (claim: Claim) => () => void
  visible?: () => boolean
}

interface Held {
  claim: Claim
  until: number
  leaseMs: number
  beatAt: number
  letGo: () => void
  unlock: () => void
}

const AHEAD = 2
/** A person holds at most ten. */
const AHEAD_MAX = 9
const TICK_MS = 5_000
const LOOK_AGAIN_MS = 20_000
const RETRY_MS_FIRST = 1_000
const RETRY_MS_MAX = 30_000
/** A lease whose length makes no sense (a wrong clock) is taken for this long. */
const LEASE_MS_MIN = 30_000

export class ClaimsInHand {
  readonly #options: Options
  readonly #listeners = new Set<() => void>()
  readonly #held = new Map<string, Held>()
  #state: ClaimsState = {
    phase: 'loading',
    current: null,
    ahead: [],
    waiting: 0,
    lease: 'held',
    until: null,
    refusal: null,
  }
  #timer: ReturnType<typeof setInterval> | null = null
  #asking: Promise<void> | null = null
  #askAt = 0
  #tries = 0
  #lastInput = Date.now()
  #closed = false
  /** How many tasks are to wait behind the one on the screen. */
  #wanted = AHEAD

  constructor(options: Options) {
    this.#options = options
  }

  get project(): string {
    return this.#options.project
  }

  get state(): ClaimsState {
    return this.#state
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.tick(), TICK_MS)
    await this.topUp()
  }

  /** Somebody is at the page. */
  input(): void {
    this.#lastInput = Date.now()
  }

  /** Asks for as many tasks as are missing; concurrent calls are one. */
  topUp(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  /** Asks now, not when the next try is due: the person pressed a button, or signed in again. */
  async again(): Promise<void> {
    this.#tries = 0
    if (this.#state.current === null) this.#set({ phase: 'loading', refusal: null })
    await this.topUp()
  }

  /** More tasks than usual are to be at hand, for somebody who looks at many at once. */
  wish(tasks: number): void {
    this.#wanted = Math.max(AHEAD, Math.min(AHEAD_MAX, tasks - 1))
    void this.topUp()
  }

  /** Goes to the next task (C1). The one on the screen has been handed in, skipped or given back. */
  advance(): void {
    const { current } = this.#state
    if (current !== null) this.#drop(current.slot)
    const next = this.#state.ahead[0] ?? null
    this.#show(next)
    if (!this.#closed) void this.topUp()
  }

  /** Puts a task on the screen before all others: a refused answer is opened again. */
  async reopen(claim: Claim): Promise<boolean> {
    const { current } = this.#state
    if (current?.slot === claim.slot) return true
    if (!(await this.#hold(claim))) return false
    this.#show(claim)
    return true
  }

  /** Gives the task on the screen back and goes on. */
  async giveBack(): Promise<void> {
    const { current } = this.#state
    if (current === null) return
    // Best effort: if the server is not there now, the lease ends by itself.
    const released = this.#options.server.release(current.slot, current.fence).catch(() => undefined)
    this.advance()
    await released
  }

  /** Leaves the queue (C5). `leaving` is for a page that is going away. */
  async leave(how: 'staying' | 'leaving'): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearInterval(this.#timer)
    const { server } = this.#options
    const held = [...this.#held.values()]
    const { current } = this.#state
    // A page going away has no time to ask its database: only what never was on the screen is surely untouched.
    const released = held.filter(({ claim }) => claim.slot !== current?.slot)
    const sent = released.map(({ claim }) => server.release(claim.slot, claim.fence, how).catch(() => undefined))
    for (const { claim } of released) this.#drop(claim.slot)
    if (current !== null && how === 'staying' && !(await this.#options.begun(current.slot))) {
      sent.push(server.release(current.slot, current.fence).catch(() => undefined))
    }
    if (current !== null) this.#drop(current.slot)
    this.#set({ current: null, ahead: [] })
    await Promise.all(sent)
  }

  /** What time brings: renewals, ends of leases, and looking again for work. Called by a timer. */
  async tick(): Promise<void> {
    const now = Date.now()
    this.#expire(now)
    if (this.#isActive(now)) {
      const due = [...this.#held.values()].filter((held) => held.beatAt <= now)
      await Promise.all(due.map((held) => this.#beat(held)))
    }
    const missing = this.#state.ahead.length < this.#wanted && this.#state.waiting > 0
    const wants = this.#state.current === null || missing || this.#state.phase === 'unreachable'
    if (wants && now >= this.#askAt && this.#isVisible()) await this.topUp()
  }

  async #ask(): Promise<void> {
    const { server, project, door } = this.#options
    const missing = this.#wanted + 1 - this.#held.size
    if (missing <= 0 || this.#closed) return
    try {
      const holding = await this.#holding()
      const { claims, waiting } = await server.claim(project, door, missing, holding)
      this.#tries = 0
      for (const claim of claims) await this.#adopt(claim)
      this.#askAt = Date.now() + LOOK_AGAIN_MS
      if (this.#state.current === null) this.#set({ waiting, phase: 'empty', refusal: null })
      else this.#set({ waiting, phase: 'working' })
    } catch (error) {
      this.#fail(error)
    }
  }

  async #adopt(claim: Claim): Promise<void> {
    if (this.#held.has(claim.slot) || this.#options.handedIn().includes(claim.slot)) return
    if (!(await this.#hold(claim))) return
    if (this.#closed) {
      this.#drop(claim.slot)
      return
    }
    if (this.#state.current === null) this.#show(claim)
    else this.#set({ ahead: [...this.#state.ahead, claim] })
  }

  /** Takes the slot for this tab (C2); false where another tab has it. */
  async #hold(claim: Claim): Promise<boolean> {
    if (this.#held.has(claim.slot)) return true
    const unlock = await this.#lock(claim.slot)
    if (unlock === null) return false
    const now = Date.now()
    const until = this.#localTime(claim.until)
    const leaseMs = Math.max(LEASE_MS_MIN, until - now)
    const letGo = this.#options.prefetch?.(claim) ?? (() => undefined)
    this.#held.set(claim.slot, { claim, until, leaseMs, beatAt: now + leaseMs / 3, letGo, unlock })
    return true
  }

  #lock(slot: string): Promise<(() => void) | null> {
    const { locks } = this.#options
    return new Promise((resolve) => {
      void locks.request(this.#lockName(slot), { ifAvailable: true }, async (lock) => {
        if (lock === null) return resolve(null)
        await new Promise<void>((unlock) => resolve(unlock))
      })
    })
  }

  #lockName(slot: string): string {
    return `${this.#options.place}/slot/${slot}`
  }

  /** Every slot that this browser holds, in any tab, or has handed in and not seen acknowledged. */
  async #holding(): Promise<string[]> {
    const prefix = this.#lockName('')
    const { held = [] } = await this.#options.locks.query()
    const locked = held.flatMap(({ name }) => (name?.startsWith(prefix) ? [name.slice(prefix.length)] : []))
    return [...new Set([...this.#held.keys(), ...locked, ...this.#options.handedIn()])]
  }

  async #beat(held: Held): Promise<void> {
    const { claim } = held
    held.beatAt = Date.now() + held.leaseMs / 3
    try {
      const { until } = await this.#options.server.heartbeat(claim.slot, claim.fence)
      held.until = this.#localTime(until)
      if (this.#state.current?.slot === claim.slot) this.#set({ until: held.until, lease: 'held' })
    } catch (error) {
      if (error instanceof Refused) this.#ended(held, error)
      else if (error instanceof SignedOut || error instanceof Elsewhere) this.#fail(error)
      else held.beatAt = Date.now() + TICK_MS
    }
  }

  /** The server says that the lease is over (C6). */
  #ended(held: Held, refusal: Refused): void {
    const { slot } = held.claim
    if (this.#state.current?.slot === slot) this.#set({ lease: 'lost', refusal })
    else this.#discard(slot)
  }

  #expire(now: number): void {
    for (const { claim, until } of [...this.#held.values()]) {
      if (until > now) continue
      if (this.#state.current?.slot !== claim.slot) this.#discard(claim.slot)
      else if (this.#state.lease === 'held') this.#set({ lease: 'expired' })
    }
  }

  #discard(slot: string): void {
    this.#drop(slot)
    this.#set({ ahead: this.#state.ahead.filter((claim) => claim.slot !== slot) })
  }

  #fail(error: unknown): void {
    if (error instanceof SignedOut) this.#set({ phase: 'signed_out' })
    else if (error instanceof Elsewhere) this.#set({ phase: 'elsewhere' })
    else if (error instanceof Refused) {
      if (this.#state.current === null) this.#set({ phase: 'refused', refusal: error })
    } else this.#set({ phase: 'unreachable' })
    const ceiling = Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** this.#tries)
    this.#tries += 1
    this.#askAt = Date.now() + ceiling
  }

  #show(claim: Claim | null): void {
    const until = claim === null ? null : (this.#held.get(claim.slot)?.until ?? null)
    const ahead = this.#state.ahead.filter(({ slot }) => slot !== claim?.slot)
    const { current } = this.#state
    // A task that is pushed aside by a reopened one waits right behind it.
    const aside = current !== null && claim !== null && this.#held.has(current.slot) ? [current] : []
    const phase = claim === null ? 'loading' : 'working'
    this.#set({ current: claim, ahead: [...aside, ...ahead], lease: 'held', until, phase, refusal: null })
  }

  #drop(slot: string): void {
    const held = this.#held.get(slot)
    if (held === undefined) return
    this.#held.delete(slot)
    held.letGo()
    held.unlock()
  }

  #localTime(iso: string): number {
    return Date.parse(iso) - this.#options.server.skewMs
  }

  #isVisible(): boolean {
    return this.#options.visible?.() ?? true
  }

  #isActive(now: number): boolean {
    const leaseMs = Math.max(LEASE_MS_MIN, ...[...this.#held.values()].map((held) => held.leaseMs))
    return this.#isVisible() && now - this.#lastInput < leaseMs
  }

  #set(change: Partial<ClaimsState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}
