import type { Blocks } from './blocks'
import { type Frames, Kept, type Shown, upright } from './kept'
import { type FrameTable, keyBefore } from './table'

/** Pictures that wait in the decoder, and that are being made into bitmaps, at one time. */
const QUEUE_MAX = 6
const MAKING_MAX = 4
/** Frames beyond the wanted one that are decoded before anybody asks. */
const AHEAD_MAX = 24

/**
 * Frames by the browser's decoder (WebCodecs): which bytes make which frame is known from the table, so a frame is
 * what it is by number and not by time. Each picture goes through under the number of its sample as its time.
 */
export class Decoded implements Frames {
  readonly table: FrameTable
  readonly #config: VideoDecoderConfig
  readonly #blocks: Blocks
  readonly #kept: Kept
  readonly #gone = new AbortController()
  readonly #listeners = new Set<(error: Error | null) => void>()
  readonly #readers = new Map<number, { resolve: (bitmap: ImageBitmap) => void; reject: (error: Error) => void }[]>()
  #decoder: VideoDecoder | null = null
  #wanted = 0
  #way: 1 | -1 = 1
  #shown: Shown | null = null
  /** The next picture for the decoder, where this run of it began, and the last frame that came out. */
  #next = 0
  #start = 0
  #last = -1
  #making = 0
  #isRunning = false
  #failure: Error | null = null
  /** Pictures that went through the decoder, for the benchmark. */
  decoded = 0

  constructor(table: FrameTable, blocks: (signal: AbortSignal) => Blocks, config: VideoDecoderConfig) {
    this.table = table
    this.#config = config
    this.#blocks = blocks(this.#gone.signal)
    this.#kept = new Kept(table)
  }

  get shown(): Shown | null {
    return this.#shown
  }

  want(frame: number): void {
    if (frame !== this.#wanted) this.#way = frame < this.#wanted ? -1 : 1
    this.#wanted = frame
    this.#show()
    void this.#run()
  }

  read(frame: number): Promise<ImageBitmap> {
    const there = this.#kept.get(frame)
    if (there !== undefined) return Promise.resolve(there)
    return new Promise((resolve, reject) => {
      this.#readers.set(frame, [...(this.#readers.get(frame) ?? []), { resolve, reject }])
      void this.#run()
    })
  }

  retry(): void {
    this.#failure = null
    void this.#run()
  }

  listen(listener: (error: Error | null) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  destroy(): void {
    this.#gone.abort()
    if (this.#decoder !== null && this.#decoder.state !== 'closed') this.#decoder.close()
    for (const waiting of this.#readers.values()) for (const { reject } of waiting) reject(new Error('The video was closed.'))
    this.#readers.clear()
    this.#kept.clear()
  }

  #show(): void {
    const bitmap = this.#kept.get(this.#wanted)
    if (bitmap === undefined || this.#shown?.bitmap === bitmap) return
    this.#shown = { frame: this.#wanted, bitmap }
    this.#tell(null)
  }

  #tell(error: Error | null): void {
    for (const listener of this.#listeners) listener(error)
  }

  /** How far around the wanted frame others are kept: to the side to which one goes, most. */
  get #window(): readonly [number, number] {
    const room = Math.floor(this.#kept.capacity / 2)
    const ahead = Math.min(AHEAD_MAX, room)
    const [back, on] = this.#way === 1 ? [Math.min(room, 8), ahead] : [ahead, Math.min(room, 4)]
    return [Math.max(0, this.#wanted - back), Math.min(this.table.count - 1, this.#wanted + on)]
  }

  #goal(): number | null {
    if (!this.#kept.has(this.#wanted)) return this.#wanted
    const [reader] = this.#readers.keys()
    if (reader !== undefined) return reader
    const [from, to] = this.#window
    if (this.#way === -1) {
      for (let frame = this.#wanted - 1; frame >= from; frame--) if (!this.#kept.has(frame)) return frame
    }
    for (let frame = this.#wanted + 1; frame <= to; frame++) if (!this.#kept.has(frame)) return frame
    return null
  }

  async #run(): Promise<void> {
    if (this.#isRunning || this.#failure !== null) return
    this.#isRunning = true
    try {
      for (let goal = this.#goal(); goal !== null && !this.#gone.signal.aborted; goal = this.#goal()) await this.#decodeTo(goal)
    } catch (error) {
      if (!this.#gone.signal.aborted) this.#fail(error instanceof Error ? error : new Error(String(error)))
    } finally {
      this.#isRunning = false
    }
  }

  #fail(error: Error): void {
    this.#failure = error
    for (const waiting of this.#readers.values()) for (const { reject } of waiting) reject(error)
    this.#readers.clear()
    this.#tell(error)
  }

  /** Feeds the decoder until this frame has come out of it, or nobody wants it any more. */
  async #decodeTo(goal: number): Promise<void> {
    const { table } = this
    const sample = table.sampleOf[goal] ?? 0
    const key = keyBefore(table, sample)
    // Going on is shorter than beginning anew, unless the frame has gone by or a later beginning is nearer.
    const isOnTheWay = this.#decoder?.state === 'configured' && sample >= this.#start && goal > this.#last && key <= this.#next
    let decoder = isOnTheWay && this.#decoder !== null ? this.#decoder : this.#begin(key)
    let begun = key
    while (!this.#kept.has(goal)) {
      if (this.#gone.signal.aborted || this.#isIdle(goal)) return
      if (this.#failure !== null) throw this.#failure
      if (this.#next < table.frameOf.length && !(this.#next > sample && this.#last >= goal)) {
        const [at, length] = [table.offsets[this.#next] ?? 0, table.bytes[this.#next] ?? 0]
        const data = await this.#blocks.read(at, length)
        this.#blocks.ahead(at)
        if (decoder.state !== 'configured') throw this.#failure ?? new Error('The decoder stopped.')
        decoder.decode(new EncodedVideoChunk({ type: table.keys[this.#next] === 1 ? 'key' : 'delta', timestamp: this.#next, data }))
        this.#next += 1
        while (decoder.decodeQueueSize > QUEUE_MAX || this.#making > MAKING_MAX) await this.#pause()
        continue
      }
      // Nothing more to feed: what is still inside comes out, and the next run begins at a key.
      if (decoder.state === 'configured') await decoder.flush()
      while (this.#making > 0) await this.#pause()
      if (this.#kept.has(goal)) break
      if (begun === 0 || this.#isIdle(goal)) {
        if (this.#isIdle(goal)) return
        throw new Error(`Frame ${goal} cannot be decoded.`)
      }
      // Some pictures need what comes before the key that they follow.
      begun = keyBefore(table, begun - 1)
      decoder = this.#begin(begun)
    }
    if (this.#next >= table.frameOf.length) this.#close()
  }

  /** Whether nobody wants this frame any more, while the wanted one waits. */
  #isIdle(goal: number): boolean {
    const [from, to] = this.#window
    const isAsked = goal === this.#wanted || this.#readers.has(goal)
    return !isAsked && (goal < from || goal > to || !this.#kept.has(this.#wanted))
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 1))
  }

  #begin(key: number): VideoDecoder {
    this.#close()
    const decoder = new VideoDecoder({
      output: (frame) => void this.#take(frame),
      error: (error) => {
        if (this.#decoder === decoder) this.#fail(new Error(`This frame cannot be decoded: ${error.message}`))
      },
    })
    decoder.configure(this.#config)
    this.#decoder = decoder
    this.#next = key
    this.#start = key
    this.#last = -1
    return decoder
  }

  #close(): void {
    if (this.#decoder !== null && this.#decoder.state !== 'closed') this.#decoder.close()
    this.#decoder = null
  }

  async #take(picture: VideoFrame): Promise<void> {
    const frame = this.table.frameOf[picture.timestamp] ?? -1
    this.decoded += 1
    this.#last = Math.max(this.#last, frame)
    const [from, to] = this.#window
    const isWanted = (frame >= from && frame <= to) || this.#readers.has(frame)
    if (frame < 0 || !isWanted || this.#kept.has(frame) || this.#gone.signal.aborted) return picture.close()
    this.#making += 1
    try {
      const bitmap = await upright(picture, this.table)
      if (this.#gone.signal.aborted) return bitmap.close()
      this.#kept.put(frame, bitmap, this.#wanted)
      for (const { resolve } of this.#readers.get(frame) ?? []) resolve(bitmap)
      this.#readers.delete(frame)
      if (frame === this.#wanted) this.#show()
    } catch (error) {
      if (!this.#gone.signal.aborted) this.#fail(error instanceof Error ? error : new Error(String(error)))
    } finally {
      this.#making -= 1
      picture.close()
    }
  }
}
