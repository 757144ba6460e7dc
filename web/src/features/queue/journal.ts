/**
 * The journal: every change of the document that a person is working on, on this device, at once.
 *
 * (J1) A change is handed to the database before the next frame; autosave cannot be turned off.
 * (J2) After a reload, a crash or a killed tab, `restore` gives the document as it was.
 * (J3) A task that was only looked at leaves nothing: the row is made by the first change.
 * (J4) The row is deleted only when the server has acknowledged the answer, or when the person
 *      gives the task back or throws the work away.
 * (J5) A write that fails is told; it is tried again beside the next change or the next reading of the
 *      time, and then carries the whole document.
 * (J6) Work that nobody came back to for a month is let go of: when it is found so old a second time, a
 *      week later, for a clock may be wrong.
 */
import type { Claim } from './model'
import type { Change, Place, WorkRow } from './place'
import { apply } from './steps'

export type Diff = ReadonlyMap<string, readonly [before: unknown, after: unknown]>

export interface LocalWork {
  readonly submission: string
  readonly records: ReadonlyMap<string, unknown>
  /** What happened since the last snapshot, oldest first: the steps that can be taken back. */
  readonly steps: readonly (readonly Change[])[]
  readonly savedAt: number
  readonly activeMs: number
  readonly claim: Claim
  /** The number of the last change, and of the last one in the snapshot. */
  readonly number: number
  readonly through: number
}

interface OpenWork {
  claim: Claim
  submission: string
  records: Map<string, unknown>
  /** Number of the last change; changes up to `through` are in the snapshot on disk. */
  number: number
  through: number
  savedAt: number | null
  activeMs: number
  /**
   * What the next write must carry: the change alone; what was there before it, too, since it is the
   * first; or everything, since a write before it failed (J5).
   */
  next: 'change' | 'before' | 'everything'
}

const DAY_MS = 24 * 3_600_000
const KEPT_MS = 30 * DAY_MS
const FOUND_OLD_MS = 7 * DAY_MS
/** So many single changes lie beside a snapshot before a new one is made. */
const CHANGES_MAX = 256

export class Journal {
  readonly #place: Place
  readonly #open = new Map<string, OpenWork>()
  readonly #listeners = new Set<(slot: string) => void>()
  #failed: Error | null = null

  constructor(place: Place) {
    this.#place = place
  }

  /** The last write's failure, if the journal cannot write: the page must say so. */
  get failed(): Error | null {
    return this.#failed
  }

  savedAt(slot: string): number | null {
    return this.#open.get(slot)?.savedAt ?? null
  }

  listen(listener: (slot: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What this device keeps of a slot, from this tab or an earlier one. */
  async restore(slot: string): Promise<LocalWork | null> {
    const tx = this.#place.db.transaction(['work', 'changes'])
    const [row, changes] = await Promise.all([
      tx.objectStore('work').get(slot),
      tx.objectStore('changes').getAll(range(slot)),
    ])
    if (row === undefined) return null
    const records = new Map(row.records)
    const since = changes.filter(({ number }) => number > row.through)
    for (const { changes } of since) apply(records, changes)
    return {
      submission: row.submission,
      records,
      steps: since.map(({ changes }) => changes),
      savedAt: since.at(-1)?.at ?? row.saved_at,
      activeMs: row.active_ms,
      claim: row.claim,
      number: since.at(-1)?.number ?? row.through,
      through: row.through,
    }
  }

  /**
   * Starts keeping a slot. Writes nothing yet (J3). Where `work` was restored and `records` are as it
   * left them, its steps go on; otherwise the next write carries everything.
   */
  begin(claim: Claim, submission: string, records: ReadonlyMap<string, unknown>, work: LocalWork | null, how: 'anew' | 'going on' = 'anew'): void {
    const isGoingOn = how === 'going on' && work !== null
    this.#open.set(claim.slot, {
      claim,
      submission,
      records: new Map(records),
      number: isGoingOn ? work.number : 0,
      through: isGoingOn ? work.through : 0,
      savedAt: work?.savedAt ?? null,
      activeMs: work?.activeMs ?? 0,
      next: isGoingOn ? 'change' : 'before',
    })
  }

  /** Appends a change (J1). Resolves when it is on the device; never rejects (J5). */
  async append(slot: string, diff: Diff): Promise<void> {
    const work = this.#open.get(slot)
    if (work === undefined || diff.size === 0) return
    const changes: Change[] = [...diff].map(([id, [before, after]]) => [id, before, after])
    const before = work.next === 'before' ? [...work.records] : null
    apply(work.records, changes)
    work.number += 1
    await this.#write(work, changes, before)
  }

  /** Remembers the time worked so far beside the document. */
  async touch(slot: string, activeMs: number): Promise<void> {
    const work = this.#open.get(slot)
    if (work === undefined) return
    work.activeMs = activeMs
    if (work.next === 'before') return
    if (work.next === 'everything') return this.#write(work, [], null)
    await this.#attempt(async () => {
      const tx = this.#place.db.transaction('work', 'readwrite', { durability: 'relaxed' })
      const row = await tx.store.get(slot)
      if (row !== undefined) await tx.store.put({ ...row, active_ms: activeMs })
      await tx.done
    })
  }

  /** Forgets the work on a slot (J4). */
  async close(slot: string): Promise<void> {
    this.#open.delete(slot)
    await this.#attempt(async () => {
      const tx = this.#place.db.transaction(['work', 'changes'], 'readwrite')
      await Promise.all([tx.objectStore('work').delete(slot), tx.objectStore('changes').delete(range(slot)), tx.done])
    })
  }

  /** Lets go of what is too old to be of use (J6). */
  async sweep(now: number): Promise<void> {
    const rows = await this.#place.db.getAll('work')
    for (const row of rows) {
      const { slot } = row
      if (this.#open.has(slot) || now - row.saved_at <= KEPT_MS) continue
      const last = (await this.#place.db.getAll('changes', range(slot))).at(-1)?.at ?? row.saved_at
      if (now - last <= KEPT_MS) continue
      const { found_old_at: found = now } = row
      if (now - found > FOUND_OLD_MS) await this.close(slot)
      else if (row.found_old_at === undefined || found > now) await this.#place.db.put('work', { ...row, found_old_at: now })
    }
  }

  /** Stops keeping a slot in this tab; what is on the device stays. */
  pause(slot: string): void {
    this.#open.delete(slot)
  }

  async #write(work: OpenWork, changes: readonly Change[], before: [string, unknown][] | null): Promise<void> {
    const { slot } = work.claim
    const at = Date.now()
    const { number } = work
    const isWhole = work.next === 'everything' || number - work.through >= CHANGES_MAX
    // Said before the write, so that the changes that follow at once go on top of it.
    if (before !== null) work.through = number - 1
    if (isWhole) work.through = number
    work.next = 'change'
    const written = await this.#attempt(async () => {
      const change = isWhole ? null : { slot, number, at, changes }
      const row = before !== null || isWhole ? this.#row(work, before ?? [...work.records], at) : null
      const tx = this.#place.db.transaction(['work', 'changes'], 'readwrite', { durability: 'relaxed' })
      await Promise.all([
        ...(row === null ? [] : [tx.objectStore('changes').delete(range(slot)), tx.objectStore('work').put(row)]),
        ...(change === null ? [] : [tx.objectStore('changes').put(change)]),
        tx.done,
      ])
    })
    if (!written) work.next = 'everything'
    else work.savedAt = Math.max(work.savedAt ?? 0, at)
    for (const listener of this.#listeners) listener(slot)
  }

  #row(work: OpenWork, records: [string, unknown][], at: number): WorkRow {
    const { claim, submission, through, activeMs } = work
    const { slot, fence } = claim
    return { slot, fence, submission, claim, records, through, saved_at: at, active_ms: activeMs }
  }

  async #attempt(write: () => Promise<void>): Promise<boolean> {
    try {
      await write()
      this.#failed = null
      return true
    } catch (error) {
      this.#failed = error instanceof Error ? error : new Error(String(error))
      return false
    }
  }
}

const range = (slot: string): IDBKeyRange => IDBKeyRange.bound([slot, 0], [slot, Number.MAX_SAFE_INTEGER])
