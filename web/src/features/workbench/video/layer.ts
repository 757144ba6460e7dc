import type { Camera, Pixels, Size } from '../../../canvas'
import type { LiveSource, PictureEvents, PictureLayer } from '../render/live'
import { Raster } from '../render/raster'
import type { Frames } from './frames'

/** Device pixels per image pixel from which on the pixels themselves are what one wants to see. */
const PIXELS_FROM = 4

/** The frame of a video at the bottom of the stack, in the place of a picture. */
class VideoLayer implements PictureLayer {
  readonly raster: Raster
  readonly #frames: Frames
  readonly #stop: () => void
  #drawn: ImageBitmap | null = null

  constructor(host: HTMLElement, frames: Frames, { onChange, onReady, onError }: PictureEvents) {
    this.raster = new Raster(host, onChange)
    this.#frames = frames
    this.#stop = frames.listen((error) => {
      if (error !== null) return onError(error)
      onReady()
      onChange()
    })
    if (frames.shown !== null) onReady()
  }

  start(): void {
    this.#frames.retry()
  }

  draw(camera: Camera, screen: Size): void {
    const { raster } = this
    const { width, height } = this.#frames.table
    const bitmap = this.#frames.shown?.bitmap ?? null
    if (raster.isStale(camera, screen, { width, height }) || bitmap !== this.#drawn) {
      this.#drawn = bitmap
      raster.draw(camera, screen, () => {
        if (bitmap === null) return
        const { to, surface: { context } } = raster
        context.imageSmoothingEnabled = to.scale < PIXELS_FROM
        const [left, top] = [Math.round(to.dx), Math.round(to.dy)]
        context.drawImage(bitmap, left, top, Math.max(1, Math.round(width * to.scale + to.dx) - left), Math.max(1, Math.round(height * to.scale + to.dy) - top))
      })
    }
    raster.place(camera)
  }

  destroy(): void {
    this.#stop()
    this.raster.destroy()
  }
}

export const liveSource = (frames: Frames): LiveSource => ({
  width: frames.table.width,
  height: frames.table.height,
  attach: (host, events) => new VideoLayer(host, frames, events),
  async pixels(): Promise<Pixels> {
    const bitmap = frames.shown?.bitmap
    if (bitmap === undefined) throw new Error('The frame is not here yet')
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (context === null) throw new Error('This browser cannot read a picture')
    context.drawImage(bitmap, 0, 0)
    const { width, height, data } = context.getImageData(0, 0, bitmap.width, bitmap.height)
    return { width, height, scale: frames.table.width / width, data }
  },
})
