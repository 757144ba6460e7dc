const BYTES_MAX = 200 * 1024 * 1024
/**
 * Pictures fetched at one time, and of them those that are not looked at yet (W192). A browser has six ways to one
 * server: what the page itself asks, and above all what is handed in, must never wait for pictures that are still being cut.
 */
const FETCHES_MAX = 4
const AHEAD_MAX = 2

interface Entry {
  readonly bitmap: ImageBitmap
  readonly bytes: number
}

/** For the screen, or for a task that is not on it yet. */
type Use = 'now' | 'ahead'

/** An address that is waited for, by one or by many. */
interface Wanted {
  readonly url: string
  readonly controller: AbortController
  readonly done: Promise<ImageBitmap>
  readonly begin: () => void
  use: Use
  isBegun: boolean
  /** How many still want it; whoever looks ahead wants it until it is there. */
  count: number
}

/**
 * Decoded pictures by address, up to a number of bytes; the one not looked at for the longest is
 * let go first. Share one between views, and load the next task's picture ahead of its time.
 */
export class Bitmaps {
  readonly #entries = new Map<string, Entry>()
  readonly #wanted = new Map<string, Wanted>()
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax = BYTES_MAX) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  /** What is there now, or null. Use it at once: it may be gone after the next load. */
  get(url: string): ImageBitmap | null {
    const entry = this.#entries.get(url)
    if (entry === undefined) return null
    // Put in again, it is the youngest: a Map keeps the order in which it was filled.
    this.#entries.delete(url)
    this.#entries.set(url, entry)
    return entry.bitmap
  }

  /** Whoever gives up by their signal gives up for themselves; it goes on while somebody else waits. */
  load(url: string, signal?: AbortSignal, use: Use = 'now'): Promise<ImageBitmap> {
    const here = this.get(url)
    if (here !== null) return Promise.resolve(here)
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    const wanted = this.#wanted.get(url) ?? this.#want(url)
    wanted.count += 1
    if (use === 'now') wanted.use = 'now'
    this.#next()
    if (signal === undefined) return wanted.done
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        reject(signal.reason)
        wanted.count -= 1
        if (wanted.count === 0) this.#drop(wanted)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      wanted.done.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
    })
  }

  #want(url: string): Wanted {
    const controller = new AbortController()
    let begin = (): void => undefined
    const turn = new Promise<void>((resolve) => {
      begin = resolve
    })
    const done = turn.then(() => this.#fetch(url, controller.signal))
    const wanted: Wanted = { url, controller, done, begin, use: 'ahead', isBegun: false, count: 0 }
    done.catch(() => undefined).finally(() => this.#drop(wanted))
    this.#wanted.set(url, wanted)
    return wanted
  }

  #drop(wanted: Wanted): void {
    if (this.#wanted.get(wanted.url) !== wanted) return
    this.#wanted.delete(wanted.url)
    wanted.controller.abort()
    this.#next()
  }

  /** Begins what may begin: what is looked at before what is not yet. */
  #next(): void {
    const all = [...this.#wanted.values()]
    const begun = all.filter(({ isBegun }) => isBegun)
    let ahead = begun.filter(({ use }) => use === 'ahead').length
    let count = begun.length
    for (const use of ['now', 'ahead'] as const) {
      for (const wanted of all) {
        if (wanted.isBegun || wanted.use !== use) continue
        if (count >= FETCHES_MAX || (use === 'ahead' && ahead >= AHEAD_MAX)) return
        if (use === 'ahead') ahead += 1
        count += 1
        wanted.isBegun = true
        wanted.begin()
      }
    }
  }

  async #fetch(url: string, signal: AbortSignal): Promise<ImageBitmap> {
    const response = await fetch(url, { credentials: 'same-origin', signal })
    if (!response.ok) throw new Error(`The picture did not come: ${response.status} for ${url}`)
    const bitmap = await createImageBitmap(await response.blob())
    this.#keep(url, bitmap)
    return bitmap
  }

  #keep(url: string, bitmap: ImageBitmap): void {
    const bytes = bitmap.width * bitmap.height * 4
    this.#entries.set(url, { bitmap, bytes })
    this.#bytes += bytes
    for (const [oldest, entry] of this.#entries) {
      // One larger than the limit stays, alone: it is being looked at.
      if (this.#bytes <= this.#bytesMax || oldest === url) break
      this.#entries.delete(oldest)
      this.#bytes -= entry.bytes
      entry.bitmap.close()
    }
  }

  clear(): void {
    for (const { bitmap } of this.#entries.values()) bitmap.close()
    this.#entries.clear()
    this.#bytes = 0
  }
}
