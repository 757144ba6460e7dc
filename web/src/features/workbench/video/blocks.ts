/** Bytes of a file on the server, fetched in blocks, of which the last ones are kept. */
const BLOCK = 1 << 20
const BLOCKS_MAX = 24

export class Blocks {
  readonly #url: string
  readonly #signal: AbortSignal
  #size = Number.POSITIVE_INFINITY
  readonly #blocks = new Map<number, Promise<Uint8Array<ArrayBuffer>>>()

  constructor(url: string, signal: AbortSignal) {
    this.#url = url
    this.#signal = signal
  }

  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const [first, last] = [Math.floor(offset / BLOCK), Math.floor((offset + Math.max(1, length) - 1) / BLOCK)]
    const parts = await Promise.all(Array.from({ length: last - first + 1 }, (_, i) => this.#block(first + i)))
    const start = offset - first * BLOCK
    const [only] = parts
    if (parts.length === 1 && only !== undefined) return only.subarray(start, start + length)
    const whole = new Uint8Array(length)
    let at = 0
    for (const [i, part] of parts.entries()) {
      const piece = part.subarray(i === 0 ? start : 0, (i === 0 ? start : 0) + length - at)
      whole.set(piece, at)
      at += piece.length
    }
    return whole
  }

  /** Begins to fetch what will be read soon. */
  ahead(offset: number): void {
    const next = Math.floor(offset / BLOCK) + 1
    if (next * BLOCK < this.#size) this.#block(next).catch(() => undefined)
  }

  #block(index: number): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#blocks.get(index)
    if (known !== undefined) {
      // Used last, it goes last.
      this.#blocks.delete(index)
      this.#blocks.set(index, known)
      return known
    }
    const coming = this.#fetch(index)
    this.#blocks.set(index, coming)
    // What did not come is asked for again.
    coming.catch(() => this.#blocks.delete(index))
    for (const old of this.#blocks.keys()) {
      if (this.#blocks.size <= BLOCKS_MAX) break
      this.#blocks.delete(old)
    }
    return coming
  }

  async #fetch(index: number): Promise<Uint8Array<ArrayBuffer>> {
    const headers = { range: `bytes=${index * BLOCK}-${(index + 1) * BLOCK - 1}` }
    const reply = await fetch(this.#url, { headers, signal: this.#signal })
    // Behind the end there is nothing.
    if (reply.status === 416) return new Uint8Array()
    if (!reply.ok) throw new Error(`The video does not come (${reply.status}).`)
    this.#size = Number(/\/(\d+)$/.exec(reply.headers.get('content-range') ?? '')?.[1] ?? this.#size)
    const bytes = new Uint8Array(await reply.arrayBuffer())
    return reply.status === 206 ? bytes : bytes.slice(index * BLOCK, (index + 1) * BLOCK)
  }
}
