import { type Frames, Kept, type Shown, upright } from './kept'
import { type FrameTable, frameAt, middleOf } from './table'

/** How long a frame is waited for that a player may have presented before. */
const PRESENTED_MS = 400
/** Seconds by which a player's own rounding may be off. */
const SLACK_S = 0.002

/**
 * Frames by the browser's player, where it has no decoder that can be asked by number: it is sent to the middle of the
 * time that the table gives a frame, which no rounding leaves.
 */
export class Played implements Frames {
  readonly table: FrameTable
  readonly #player = document.createElement('video')
  readonly #kept: Kept
  readonly #listeners = new Set<(error: Error | null) => void>()
  readonly #readers = new Map<number, { resolve: (bitmap: ImageBitmap) => void; reject: (error: Error) => void }[]>()
  #wanted = 0
  #shown: Shown | null = null
  #isRunning = false
  #isGone = false

  constructor(table: FrameTable, url: string) {
    this.table = table
    this.#kept = new Kept(table)
    this.#player.muted = true
    this.#player.preload = 'auto'
    this.#player.playsInline = true
    this.#player.src = url
  }

  get shown(): Shown | null {
    return this.#shown
  }

  want(frame: number): void {
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
    this.#player.load()
    void this.#run()
  }

  listen(listener: (error: Error | null) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  destroy(): void {
    this.#isGone = true
    this.#player.removeAttribute('src')
    this.#player.load()
    for (const waiting of this.#readers.values()) for (const { reject } of waiting) reject(new Error('The video was closed.'))
    this.#readers.clear()
    this.#kept.clear()
  }

  #show(): void {
    const bitmap = this.#kept.get(this.#wanted)
    if (bitmap === undefined || this.#shown?.bitmap === bitmap) return
    this.#shown = { frame: this.#wanted, bitmap }
    for (const listener of this.#listeners) listener(null)
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      for (;;) {
        const [reader] = this.#readers.keys()
        const goal = this.#kept.has(this.#wanted) ? reader : this.#wanted
        if (goal === undefined || this.#isGone) break
        const bitmap = await this.#seek(goal)
        if (this.#isGone) return bitmap.close()
        this.#kept.put(goal, bitmap, this.#wanted)
        for (const { resolve } of this.#readers.get(goal) ?? []) resolve(bitmap)
        this.#readers.delete(goal)
        this.#show()
      }
    } catch (error) {
      const told = error instanceof Error ? error : new Error(String(error))
      for (const waiting of this.#readers.values()) for (const { reject } of waiting) reject(told)
      this.#readers.clear()
      if (!this.#isGone) for (const listener of this.#listeners) listener(told)
    } finally {
      this.#isRunning = false
    }
  }

  async #seek(frame: number): Promise<ImageBitmap> {
    const player = this.#player
    await this.#until('loadedmetadata', () => player.readyState >= HTMLMediaElement.HAVE_METADATA)
    const presented = this.#presented(frame)
    player.currentTime = middleOf(this.table, frame)
    await this.#until('seeked', () => !player.seeking && player.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA)
    await presented
    return upright(player, this.table)
  }

  /** A player says that it is there before its picture is: waits until this frame has been presented, where it tells. */
  #presented(frame: number): Promise<void> {
    const player = this.#player
    if (!('requestVideoFrameCallback' in player)) return Promise.resolve()
    return new Promise((resolve) => {
      // One that was there already is not presented again.
      const late = setTimeout(() => resolve(), PRESENTED_MS)
      const look = (_: number, { mediaTime }: { readonly mediaTime: number }) => {
        if (frameAt(this.table, mediaTime + SLACK_S) !== frame) return void player.requestVideoFrameCallback(look)
        clearTimeout(late)
        resolve()
      }
      player.requestVideoFrameCallback(look)
    })
  }

  #until(event: 'loadedmetadata' | 'seeked', isSo: () => boolean): Promise<void> {
    const player = this.#player
    return new Promise((resolve, reject) => {
      const names = [event, 'loadeddata', 'error'] as const
      const look = () => {
        if (player.error === null && !isSo()) return
        for (const name of names) player.removeEventListener(name, look)
        if (player.error === null) resolve()
        else reject(new Error(`This browser cannot show this video${player.error.message === '' ? '' : `: ${player.error.message}`}.`))
      }
      for (const name of names) player.addEventListener(name, look)
      look()
    })
  }
}
