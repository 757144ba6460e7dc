import { isApiError, isPassing } from '../../api/errors'
import type { Upload } from '../../api/types'

/**
 * Many files on their way to the server.
 *
 * (U1) At most `CONCURRENCY` at a time, each in pieces of `PIECE_BYTES`; a broken way costs one piece, not the file.
 * (U2) The server knows a file by its external id and length. So the same file dropped again, after a reload or another
 *      day, goes on where it was; nothing about it is kept here.
 * (U3) A wrong offset is the server telling us the right one. A refusal of the content (4xx) fails that file with the
 *      reason and goes on with the others. A broken way is tried again, longer and longer, then fails.
 * (U4) Pausing lets go of the pieces in flight at once; going on asks the server how far each file came.
 * (U5) A part of an item is brought over and left there. A list that names parts goes last, when all of them have come; without one of
 *      them it waits, and says so.
 */
export interface Door {
  open(file: { external_id: string; name: string; bytes: number; last_modified: number }, signal: AbortSignal): Promise<Upload>
  send(upload: string, offset: number, piece: Blob, signal: AbortSignal): Promise<Upload>
  finish(upload: string, signal: AbortSignal): Promise<Upload>
}

export type FileState = 'waiting' | 'sending' | 'done' | 'failed' | 'canceled'
export interface Entry {
  readonly externalId: string
  readonly name: string
  readonly bytes: number
  readonly state: FileState
  readonly sent: number
  readonly problem: string | null
  /** It was there already, from an earlier upload. */
  readonly known: boolean
}
export interface Totals { files: number; done: number; failed: number; canceled: number; bytes: number; sent: number; moving: boolean; paused: boolean; bytesPerSecond: number }

export const CONCURRENCY = 4
export const PIECE_BYTES = 4 * 1024 * 1024
const TRIES_MAX = 6
const WAIT_MS = 1_000
const TELL_MS = 200
const SPEED_WINDOW_MS = 8_000

export interface Dropped {
  readonly externalId: string
  readonly file: Blob & { readonly name: string; readonly lastModified?: number }
  /** A part of an item, which is none by itself (U5). */
  readonly part?: boolean
}
/** A file that names others, and what is done with it once it and they are there. */
export interface List extends Dropped {
  readonly needs: readonly string[]
  readonly begin: (upload: string, signal: AbortSignal) => Promise<void>
}
interface Work { entry: Entry; readonly dropped: Dropped | List; abort: AbortController | null }

/** What is wrong with the file itself says more than that something is. */
const reason = (error: unknown): string =>
  isApiError(error) ? (error.problems[0]?.message ?? error.message) : error instanceof Error ? error.message : 'It did not arrive.'

export class UploadQueue {
  readonly #door: Door
  readonly #pause: (ms: number) => Promise<void>
  readonly #works = new Map<string, Work>()
  readonly #listeners = new Set<() => void>()
  /** Called when an item came to be; many calls become one. */
  onMade: () => void = () => {}
  #waiting: string[] = []
  #running = 0
  #paused = false
  #timer: ReturnType<typeof setTimeout> | null = null
  #speed: { at: number; bytes: number }[] = []
  #snapshot: { entries: readonly Entry[]; totals: Totals } = { entries: [], totals: { files: 0, done: 0, failed: 0, canceled: 0, bytes: 0, sent: 0, moving: false, paused: false, bytesPerSecond: 0 } }

  constructor(door: Door, pause: (ms: number) => Promise<void> = (ms) => new Promise((go) => setTimeout(go, ms))) {
    this.#door = door
    this.#pause = pause
  }

  /** Adds files; one that is here already is taken up again unless it is done. Returns how many are new. */
  add(files: readonly (Dropped | List)[]): number {
    let added = 0
    for (const dropped of files) {
      const { externalId, file } = dropped
      const had = this.#works.get(externalId)
      if (had && had.entry.state !== 'failed' && had.entry.state !== 'canceled') continue
      const entry: Entry = { externalId, name: file.name, bytes: file.size, state: 'waiting', sent: 0, problem: null, known: false }
      this.#works.set(externalId, { entry, dropped, abort: null })
      this.#waiting.push(externalId)
      added += 1
    }
    this.#tell()
    this.#fill()
    return added
  }

  pause(): void {
    this.#paused = true
    const held: string[] = []
    for (const [id, work] of this.#works) {
      if (work.entry.state !== 'sending') continue
      work.abort?.abort()
      this.#set(id, { state: 'waiting' })
      held.push(id)
    }
    this.#waiting.unshift(...held)
    this.#tell()
  }

  resume(): void {
    this.#paused = false
    this.#tell()
    this.#fill()
  }

  retry(externalId?: string): void {
    for (const [id, { entry }] of this.#works) {
      if ((externalId !== undefined && id !== externalId) || (entry.state !== 'failed' && entry.state !== 'canceled')) continue
      if (externalId === undefined && entry.state === 'canceled') continue
      this.#set(id, { state: 'waiting', problem: null })
      this.#waiting.push(id)
    }
    this.#fill()
  }

  cancel(externalId?: string): void {
    for (const [id, work] of this.#works) {
      if (externalId !== undefined && id !== externalId) continue
      if (work.entry.state !== 'waiting' && work.entry.state !== 'sending') continue
      work.abort?.abort()
      this.#set(id, { state: 'canceled' })
    }
    this.#waiting = this.#waiting.filter((id) => this.#works.get(id)?.entry.state === 'waiting')
    this.#tell()
  }

  /** Forgets what is over, well or not. */
  clear(): void {
    for (const [id, { entry }] of this.#works) if (entry.state !== 'waiting' && entry.state !== 'sending') this.#works.delete(id)
    this.#tell()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  get = () => this.#snapshot

  #fill(): void {
    const held: string[] = []
    while (!this.#paused && this.#running < CONCURRENCY) {
      const id = this.#waiting.shift()
      if (id === undefined) break
      const work = this.#works.get(id)
      if (work?.entry.state !== 'waiting') continue
      const [need] = this.#lacking(work)
      if (need === 'waiting' || need === 'sending') {
        held.push(id)
        continue
      }
      if (need !== undefined) {
        this.#set(id, { state: 'failed', problem: 'It waits for files that did not arrive' })
        continue
      }
      this.#running += 1
      void this.#run(id, work).finally(() => {
        this.#running -= 1
        this.#fill()
      })
    }
    this.#waiting.push(...held)
    this.#tell()
  }

  /** How far those are that a list needs and that have not come: what is on its way first. */
  #lacking({ dropped }: Work): FileState[] {
    if (!('needs' in dropped)) return []
    const states = dropped.needs.map((id) => this.#works.get(id)?.entry.state ?? 'done').filter((state) => state !== 'done')
    return states.sort((a, b) => Number(b === 'waiting' || b === 'sending') - Number(a === 'waiting' || a === 'sending'))
  }

  async #run(id: string, work: Work): Promise<void> {
    const abort = new AbortController()
    work.abort = abort
    this.#set(id, { state: 'sending', problem: null })
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#send(id, work, abort.signal)
        return
      } catch (error) {
        if (abort.signal.aborted) return // Paused or canceled: the state is set already.
        const passing = isPassing(error) || (isApiError(error) && error.status === 429)
        if (!passing || tries >= TRIES_MAX) {
          this.#set(id, { state: 'failed', problem: reason(error) })
          return
        }
        const asked = isApiError(error) ? (error.retryAfter ?? 0) * 1_000 : 0
        this.#set(id, { problem: 'Waiting for the server…' })
        await this.#pause(Math.max(asked, WAIT_MS * 2 ** (tries - 1)))
        if (abort.signal.aborted) return
        this.#set(id, { problem: null })
      }
    }
  }

  async #send(id: string, { dropped, entry }: Work, signal: AbortSignal): Promise<void> {
    const { file } = dropped
    const state = await this.#door.open({ external_id: id, name: entry.name, bytes: file.size, last_modified: file.lastModified ?? 0 }, signal)
    if (state.state === 'done' || state.item) {
      this.#done(id, true)
      return
    }
    let { offset } = state
    for (let corrections = 0; offset < file.size; ) {
      this.#set(id, { sent: offset })
      try {
        const next = await this.#door.send(state.id, offset, file.slice(offset, offset + PIECE_BYTES), signal)
        this.#speed.push({ at: Date.now(), bytes: next.offset - offset })
        offset = next.offset
      } catch (error) {
        const right = isApiError(error) && error.code === 'wrong_offset' ? error.details.offset : undefined
        corrections += 1
        if (typeof right !== 'number' || corrections > 3) throw error
        offset = right
      }
    }
    this.#set(id, { sent: file.size })
    if ('begin' in dropped) await dropped.begin(state.id, signal)
    else if (!dropped.part) await this.#door.finish(state.id, signal)
    this.#done(id, false)
  }

  #done(id: string, known: boolean): void {
    const work = this.#works.get(id)
    if (work?.entry.state !== 'sending') return
    this.#set(id, { state: 'done', sent: work.entry.bytes, known })
    this.onMade()
  }

  #set(id: string, change: Partial<Entry>): void {
    const work = this.#works.get(id)
    if (!work) return
    work.entry = { ...work.entry, ...change }
    this.#tell()
  }

  /** Thousands of pieces must not mean thousands of renders. */
  #tell(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#look()
      for (const listener of this.#listeners) listener()
    }, TELL_MS)
  }

  #look(): void {
    const entries = [...this.#works.values()].map((work) => work.entry)
    const totals: Totals = { files: entries.length, done: 0, failed: 0, canceled: 0, bytes: 0, sent: 0, moving: false, paused: this.#paused, bytesPerSecond: 0 }
    for (const entry of entries) {
      if (entry.state === 'canceled') {
        totals.canceled += 1
        continue
      }
      totals.bytes += entry.bytes
      totals.sent += entry.sent
      if (entry.state === 'done') totals.done += 1
      else if (entry.state === 'failed') totals.failed += 1
      else totals.moving = true
    }
    const now = Date.now()
    this.#speed = this.#speed.filter((each) => now - each.at < SPEED_WINDOW_MS)
    const first = this.#speed[0]
    if (first) totals.bytesPerSecond = this.#speed.reduce((sum, each) => sum + each.bytes, 0) / Math.max(1, (now - first.at) / 1_000)
    this.#snapshot = { entries, totals }
  }
}
