const BYTES_MAX = 200 * 1024 * 1024

interface Entry {
  readonly bitmap: ImageBitmap
  readonly bytes: number
}

/**
 * Decoded pictures by address, up to a number of bytes; the one not looked at for the longest is
 * let go first. Share one between views, and load the next task's picture ahead of its time.
 */
export class Bitmaps {
  readonly #entries = new Map<string, Entry>()
  readonly #pending = new Map<string, Promise<ImageBitmap>>()
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

  load(url: string, signal?: AbortSignal): Promise<ImageBitmap> {
    const here = this.get(url)
    if (here !== null) return Promise.resolve(here)
    const pending = this.#pending.get(url)
    if (pending !== undefined) return pending
    const load = this.#fetch(url, signal).finally(() => this.#pending.delete(url))
    this.#pending.set(url, load)
    return load
  }

  async #fetch(url: string, signal: AbortSignal | undefined): Promise<ImageBitmap> {
    const response = await fetch(url, { credentials: 'same-origin', ...(signal === undefined ? {} : { signal }) })
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
