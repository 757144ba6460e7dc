/**
 * A server small enough to be read at a glance, behind a `fetch`: it leases slots, remembers
 * receipts by submission id, and can be made to fail in the ways in which networks do.
 */
import type { Answer, Claim } from '../../src/features/queue/model'
import type { SlotLocks } from '../../src/features/queue/claims'

type Failure = 'down' | 'lost reply' | 'signed out' | 'busy'

interface Slot {
  claim: Claim
  state: 'open' | 'leased' | 'taken' | 'answered' | 'skipped'
}

export class FakeServer {
  readonly slots = new Map<string, Slot>()
  readonly answers = new Map<string, { slot: string; body: string; receipt: object }>()
  readonly drafts: { slot: string; answer: Answer; device: string; seq: number }[] = []
  readonly seen: string[] = []
  readonly sentOrder: string[] = []
  failure: Failure | null = null
  leaseMs = 600_000
  /** Milliseconds that each reply takes. */
  delayMs = 0

  constructor(count: number) {
    for (let i = 1; i <= count; i++) this.slots.set(`slt_${i}`, { claim: this.#claim(i), state: 'open' })
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const path = String(input)
    const body = JSON.parse(String(init?.body ?? 'null')) as Record<string, unknown>
    this.seen.push(`${init?.method} ${path}`)
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs))
    if (this.failure === 'down') throw new TypeError('fetch failed')
    if (this.failure === 'signed out') return error(401, 'not_signed_in', 'Please sign in.')
    if (this.failure === 'busy') return error(503, 'busy', 'Try again.')
    const reply = this.#answer(path, body)
    if (this.failure === 'lost reply') throw new TypeError('connection reset')
    return reply
  }

  /** Somebody else gets the slot: what comes under the old fence is too late. */
  supersede(slot: string): void {
    const { claim } = this.#slot(slot)
    this.slots.set(slot, { claim: { ...claim, fence: claim.fence + 1 }, state: 'taken' })
  }

  #answer(path: string, body: Record<string, unknown>): Response {
    const claims = /^\/api\/projects\/(\w+)\/claims$/.exec(path)
    if (claims !== null) return this.#give(body as { count: number; holding: string[] })
    const [, id = '', action = ''] = /^\/api\/slots\/(\w+)\/(\w+)$/.exec(path) ?? []
    const slot = this.slots.get(id)
    if (slot === undefined) return error(404, 'not_found', 'There is no such slot.')
    const earlier = this.answers.get(String(body.submission))
    if (earlier !== undefined) {
      if (earlier.body !== JSON.stringify(body)) return error(409, 'submission_reused', 'Another answer has this id.')
      return json(earlier.receipt)
    }
    if (slot.claim.fence !== body.fence) return error(409, 'superseded', 'The task was given to someone else.')
    if (action === 'heartbeat') {
      slot.claim = { ...slot.claim, until: this.#until() }
      return json({ until: slot.claim.until })
    }
    if (action === 'release') slot.state = 'open'
    if (action === 'skip') slot.state = 'skipped'
    if (action === 'draft') {
      this.drafts.push({ slot: id, ...(body as unknown as { answer: Answer; device: string; seq: number }) })
      return json({ saved_at: new Date().toISOString() })
    }
    if (action === 'answer' || action === 'review' || action === 'adjudication') {
      if ((body.answer as Answer | undefined)?.note === 'wrong') {
        return error(422, 'invalid_answer', 'The answer is wrong.', [{ path: 'note', code: 'note_bad', message: 'No.' }])
      }
      const receipt = { submission: body.submission, slot: id, task: slot.claim.task, received_at: new Date().toISOString() }
      this.answers.set(String(body.submission), { slot: id, body: JSON.stringify(body), receipt })
      this.sentOrder.push(id)
      slot.state = 'answered'
      return json(receipt)
    }
    return json(null)
  }

  #give({ count, holding }: { count: number; holding: string[] }): Response {
    const free = [...this.slots.entries()].filter(([id, { state }]) => {
      return (state === 'open' || state === 'leased') && !holding.includes(id)
    })
    const given = free.slice(0, count)
    for (const [, slot] of given) {
      slot.state = 'leased'
      slot.claim = { ...slot.claim, until: this.#until() }
    }
    return json({ claims: given.map(([, { claim }]) => claim), waiting: free.length - given.length })
  }

  #slot(id: string): Slot {
    const slot = this.slots.get(id)
    if (slot === undefined) throw new Error(`no ${id}`)
    return slot
  }

  #until(): string {
    return new Date(Date.now() + this.leaseMs).toISOString()
  }

  #claim(i: number): Claim {
    return {
      slot: `slt_${i}`,
      task: `tsk_${i}`,
      project: 'prj_1',
      stage: 'label',
      fence: 1,
      until: this.#until(),
      item: {
        id: `itm_${i}`,
        project: 'prj_1',
        external_id: `${i}.jpg`,
        name: `${i}.jpg`,
        media: 'image',
        width: 100,
        height: 100,
        task: `tsk_${i}`,
        picture: null,
        text: null,
      },
      ontology_version: 1,
      instructions_version: 1,
      draft: null,
      suggestion: null,
      before: null,
    }
  }
}

const json = (body: unknown): Response => Response.json(body)
const error = (status: number, code: string, message: string, problems: object[] = []): Response =>
  Response.json({ error: { code, message, problems, request: 'req_1' } }, { status })

/** Web Locks between the tabs of one test: exclusive, first come first served. */
export class FakeLocks implements SlotLocks {
  readonly #held = new Map<string, Promise<unknown>>()

  async request<T>(name: string, options: { ifAvailable?: boolean }, hold: (lock: unknown) => Promise<T>): Promise<T> {
    while (this.#held.has(name)) {
      if (options.ifAvailable) return hold(null)
      await this.#held.get(name)
    }
    const done = hold({ name })
    this.#held.set(name, done.then(() => undefined, () => undefined))
    try {
      return await done
    } finally {
      this.#held.delete(name)
    }
  }

  async query(): Promise<{ held: { name: string }[] }> {
    return { held: [...this.#held.keys()].map((name) => ({ name })) }
  }

  /** A tab died: the browser lets go of its locks. */
  breakAll(): void {
    this.#held.clear()
  }
}

/** Lets the database and the promises come to rest; their clock is the real one. */
export async function settle(turns = 40): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve))
}
