/**
 * What a person keeps for themselves: saved views, and how they look at their work.
 *
 * (W170) It is here at once and without the network, and with the server as soon as it can be: the next device has it, too.
 * (W171) An entry is one thing. What was changed here and has not been sent wins over what the server has; of the same entry that two devices
 *        changed, the last to arrive counts.
 * (W172) What the server refuses is given up, and said.
 */
import { del, get, onOccasion, put } from '../api/client'
import { isApiError, isPassing } from '../api/errors'
import { toast } from '../ui/toast'

export interface Door {
  all(): Promise<{ readonly entries: readonly { readonly entry: string; readonly value: unknown }[] }>
  put(entry: string, value: unknown): Promise<unknown>
  remove(entry: string): Promise<unknown>
}

/** A change on its way; null takes the entry away. */
interface Change { readonly value: unknown }
type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

export class Kept {
  readonly #name: string
  readonly #door: Door
  readonly #storage: Storage
  readonly #listeners = new Set<() => void>()
  readonly #onRefused: (message: string) => void
  #entries = new Map<string, unknown>()
  #waiting = new Map<string, Change>()
  #syncing: Promise<void> | null = null
  #isAgain = false

  constructor(name: string, door: Door, storage: Storage, onRefused: (message: string) => void = () => {}) {
    this.#name = name
    this.#door = door
    this.#storage = storage
    this.#onRefused = onRefused
    this.reload()
  }

  /** What this device has, of the server and of what waits. */
  reload(): void {
    let kept: unknown = null
    try {
      kept = JSON.parse(this.#storage.getItem(this.#name) ?? 'null')
    } catch {
      // Another version wrote it, or a browser that keeps nothing: the server has it.
    }
    const part = (key: string): Record<string, unknown> => (isObject(kept) && isObject(kept[key]) ? kept[key] : {})
    this.#entries = new Map(Object.entries(part('entries')))
    this.#waiting = new Map(Object.entries(part('waiting')).map(([entry, value]) => [entry, { value }]))
    this.#tell()
  }

  get(entry: string): unknown {
    const change = this.#waiting.get(entry)
    return change === undefined ? (this.#entries.get(entry) ?? null) : change.value
  }

  /** Those whose names begin so. */
  under(beginning: string): [entry: string, value: unknown][] {
    const names = [...new Set([...this.#entries.keys(), ...this.#waiting.keys()])].filter((entry) => entry.startsWith(beginning))
    return names.sort().map((entry): [string, unknown] => [entry, this.get(entry)]).filter(([, value]) => value !== null)
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0
  }

  /** Keeps a value; null keeps nothing any more. */
  set(entry: string, value: unknown): void {
    this.#waiting.set(entry, { value })
    this.#store()
    this.#tell()
    void this.sync()
  }

  /** Sends what waits, and takes what the server has; without the network it stays as it is. */
  sync(): Promise<void> {
    if (this.#syncing !== null) {
      this.#isAgain = true
      return this.#syncing
    }
    this.#syncing = this.#rounds().finally(() => {
      this.#syncing = null
    })
    return this.#syncing
  }

  async #rounds(): Promise<void> {
    do {
      this.#isAgain = false
      try {
        await this.#send()
        const { entries } = await this.#door.all()
        this.#entries = new Map(entries.map(({ entry, value }) => [entry, value]))
        this.#store()
        this.#tell()
      } catch (error) {
        // It is tried again with the next change, and when the network is back.
        if (!isApiError(error)) throw error
        return
      }
    } while (this.#isAgain)
  }

  async #send(): Promise<void> {
    for (const [entry, change] of [...this.#waiting]) {
      try {
        if (change.value === null) await this.#door.remove(entry)
        else await this.#door.put(entry, change.value)
      } catch (error) {
        const isRefused = isApiError(error) && !isPassing(error) && [409, 413, 422].includes(error.status)
        if (!isRefused) throw error
        this.#onRefused(error.problems[0]?.message ?? error.message)
      }
      // Changed once more meanwhile, it waits on.
      if (this.#waiting.get(entry) === change) this.#waiting.delete(entry)
      if (change.value === null) this.#entries.delete(entry)
      else this.#entries.set(entry, change.value)
    }
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #store(): void {
    const waiting = Object.fromEntries([...this.#waiting].map(([entry, { value }]) => [entry, value]))
    try {
      this.#storage.setItem(this.#name, JSON.stringify({ entries: Object.fromEntries(this.#entries), waiting }))
    } catch {
      // A browser that keeps nothing: it holds until the page is left, and with the server.
    }
  }
}

const door: Door = {
  all: () => get('/api/kept'),
  put: (entry, value) => put(`/api/kept/${entry}`, { value }, { retries: 0 }),
  remove: (entry) => del(`/api/kept/${entry}`, { retries: 0 }),
}
/** How often a page that is looked at again asks. */
const ASK_MS = 20_000
const known = new Map<string, Kept>()

/** What a person keeps in an organization: one for the page, as long as it lives. */
export function keptOf(person: string, organization: string | null): Kept {
  const name = `fairmark.kept.${person}.${organization ?? ''}`
  const had = known.get(name)
  if (had !== undefined) return had
  const kept = new Kept(name, door, localStorage, (message) => toast(`It could not be kept: ${message}`, { tone: 'bad' }))
  known.set(name, kept)
  let askedAt = Date.now()
  const ask = () => {
    askedAt = Date.now()
    void kept.sync()
  }
  window.addEventListener('storage', ({ key }) => key === name && kept.reload())
  window.addEventListener('online', ask)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && Date.now() - askedAt > ASK_MS && ask())
  onOccasion((occasion) => occasion === 'online' && kept.isWaiting && ask())
  ask()
  return kept
}
