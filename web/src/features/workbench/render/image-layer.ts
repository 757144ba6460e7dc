import type { Bounds, Camera, Size } from '../../../canvas'
import type { Bitmaps } from './bitmaps'
import { type ImageSource, type TiledImage, type WholeImage, levelFor, tilesWithin } from './image-source'
import { Raster } from './raster'
import type { Projection } from './surface'

/** Tiles asked for at one time. */
const FETCHES_MAX = 8
/** Device pixels per image pixel from which on the pixels themselves are what one wants to see. */
const PIXELS_FROM = 4
/** A reduced copy smaller than this is not worth making. */
const REDUCED_MIN = 512

export interface ImageLayerEvents {
  readonly onChange: () => void
  readonly onReady: () => void
  readonly onError: (error: Error) => void
}

/** The picture at the bottom of the stack. What is not there yet is seen coarser, never blank. */
export class ImageLayer {
  readonly raster: Raster
  /** Has something come that is not drawn yet? */
  #isNew = true
  /** Whether the picture as a whole has been drawn: then that it is there is no news. */
  #isDrawn = false
  readonly #source: ImageSource
  readonly #bitmaps: Bitmaps
  readonly #events: ImageLayerEvents
  readonly #pending = new Map<string, AbortController>()
  /** What did not come is not asked for again with every frame. */
  readonly #failed = new Set<string>()
  readonly #gone = new AbortController()
  /** A whole picture at 1, 1/2, 1/4 …: drawing one large bitmap small costs all of its pixels each frame. */
  #reduced: { readonly scale: number; readonly bitmap: ImageBitmap }[] = []

  constructor(host: HTMLElement, source: ImageSource, bitmaps: Bitmaps, events: ImageLayerEvents) {
    this.raster = new Raster(host, events.onChange)
    this.#source = source
    this.#bitmaps = bitmaps
    this.#events = events
    this.start()
  }

  /** Begins to load, or begins again after an error. */
  start(): void {
    this.#failed.clear()
    const url = 'fullUrl' in this.#source ? this.#source.fullUrl : this.#source.previewUrl
    this.#bitmaps.load(url, this.#gone.signal).then(
      (bitmap) => this.#arrived(bitmap),
      (error: unknown) => this.#fail(error),
    )
  }

  async #arrived(bitmap: ImageBitmap): Promise<void> {
    this.#events.onReady()
    if (!this.#isDrawn) this.#changed()
    if (!('fullUrl' in this.#source)) return
    for (let scale = 1 / 2; Math.min(bitmap.width, bitmap.height) * scale >= REDUCED_MIN; scale /= 2) {
      const size = { resizeWidth: Math.round(bitmap.width * scale), resizeHeight: Math.round(bitmap.height * scale) }
      const smaller = await createImageBitmap(bitmap, { ...size, resizeQuality: 'medium' }).catch(() => null)
      // Let go while it was being made, or the source with it: the full picture does as well, only slower.
      if (smaller === null || this.#gone.signal.aborted) return smaller?.close()
      this.#reduced.push({ scale, bitmap: smaller })
      this.#changed()
    }
  }

  #fail(error: unknown): void {
    if (this.#gone.signal.aborted || (error instanceof DOMException && error.name === 'AbortError')) return
    this.#events.onError(error instanceof Error ? error : new Error(String(error)))
  }

  draw(camera: Camera, screen: Size): void {
    const { raster } = this
    if (raster.isStale(camera, screen, this.#source) || this.#isNew) {
      this.#isNew = false
      raster.draw(camera, screen, (covers) => this.#paint(covers))
    }
    raster.place(camera)
  }

  #paint(covers: Bounds): void {
    const { to, surface } = this.raster
    surface.context.imageSmoothingEnabled = to.scale < PIXELS_FROM
    surface.context.imageSmoothingQuality = 'medium'
    if ('fullUrl' in this.#source) this.#drawWhole(this.#source, to)
    else this.#drawTiles(this.#source, to, covers)
  }

  #changed(): void {
    this.#isNew = true
    this.#events.onChange()
  }

  #drawWhole(source: WholeImage, to: Projection): void {
    const all: Bounds = { left: 0, top: 0, right: source.width, bottom: source.height }
    const best = [{ scale: 1 }, ...this.#reduced][levelFor([{ scale: 1 }, ...this.#reduced], to.scale)]
    const bitmap = this.#reduced.find((r) => r === best)?.bitmap ?? this.#bitmaps.get(source.fullUrl)
    if (bitmap !== null) {
      this.#place(bitmap, all, to)
      this.#isDrawn = true
    }
    // Let go to make room for others: fetch it again, the browser still has it.
    else if (!this.#failed.has(source.fullUrl)) this.#fetch(source.fullUrl)
  }

  #drawTiles(source: TiledImage, to: Projection, seen: Bounds): void {
    const preview = this.#bitmaps.get(source.previewUrl)
    if (preview !== null) this.#place(preview, { left: 0, top: 0, right: source.width, bottom: source.height }, to)
    const wanted = levelFor(source.levels, to.scale)
    const tiles = tilesWithin(source, wanted, seen)
    const missing = tiles.filter(({ url }) => this.#bitmaps.get(url) === null)
    if (missing.length > 0) {
      for (let level = source.levels.length - 1; level > wanted; level--) this.#drawLevel(source, level, to, seen)
    }
    this.#drawLevel(source, wanted, to, seen)
    this.#want(missing.map(({ url }) => url))
  }

  #drawLevel(source: TiledImage, level: number, to: Projection, seen: Bounds): void {
    for (const { url, on } of tilesWithin(source, level, seen)) {
      const bitmap = this.#bitmaps.get(url)
      if (bitmap !== null) this.#place(bitmap, on, to)
    }
  }

  /** On whole device pixels, so that neighbours meet without a seam. */
  #place(bitmap: ImageBitmap, on: Bounds, { scale, dx, dy }: Projection): void {
    const [left, top] = [Math.round(on.left * scale + dx), Math.round(on.top * scale + dy)]
    const [right, bottom] = [Math.round(on.right * scale + dx), Math.round(on.bottom * scale + dy)]
    this.raster.surface.context.drawImage(bitmap, left, top, Math.max(1, right - left), Math.max(1, bottom - top))
  }

  /** Fetches these and, of the others, lets go what is still on its way. */
  #want(urls: readonly string[]): void {
    const wanted = new Set(urls)
    for (const [url, controller] of this.#pending) if (!wanted.has(url)) controller.abort()
    for (const url of urls) if (!this.#failed.has(url)) this.#fetch(url)
  }

  #fetch(url: string): void {
    if (this.#pending.has(url) || this.#pending.size >= FETCHES_MAX) return
    const controller = new AbortController()
    this.#pending.set(url, controller)
    this.#bitmaps
      .load(url, controller.signal)
      .catch((error: unknown) => {
        if (controller.signal.aborted) return
        this.#failed.add(url)
        this.#fail(error)
      })
      .finally(() => {
        this.#pending.delete(url)
        if (!this.#gone.signal.aborted) this.#changed()
      })
  }

  destroy(): void {
    this.#gone.abort()
    for (const controller of this.#pending.values()) controller.abort()
    for (const { bitmap } of this.#reduced) bitmap.close()
    this.#reduced = []
    this.raster.destroy()
  }
}
