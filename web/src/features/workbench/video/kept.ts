import type { FrameTable } from './table'

export interface Shown {
  readonly frame: number
  readonly bitmap: ImageBitmap
}

export interface Frames {
  readonly table: FrameTable
  /** The frame that is wanted, or until it is here the last that was. */
  readonly shown: Shown | null
  /** Asks for a frame, and for those that are likely to be wanted next. */
  want(frame: number): void
  /** A frame, when it is here; not to be closed. */
  read(frame: number): Promise<ImageBitmap>
  /** Asks again for what did not come. */
  retry(): void
  listen(listener: (error: Error | null) => void): () => void
  destroy(): void
}

/** Bytes of pictures that are kept decoded. */
const KEPT_BYTES = 160e6
const KEPT_MIN = 8
const KEPT_MAX = 200

/** Frames that are kept, those around the one that is wanted. */
export class Kept {
  readonly capacity: number
  readonly #frames = new Map<number, ImageBitmap>()

  constructor({ width, height }: { readonly width: number; readonly height: number }) {
    this.capacity = Math.min(KEPT_MAX, Math.max(KEPT_MIN, Math.floor(KEPT_BYTES / (4 * width * height))))
  }

  get = (frame: number): ImageBitmap | undefined => this.#frames.get(frame)
  has = (frame: number): boolean => this.#frames.has(frame)

  /** Keeps a frame; those farthest from the wanted one go. */
  put(frame: number, bitmap: ImageBitmap, wanted: number): void {
    this.#frames.get(frame)?.close()
    this.#frames.set(frame, bitmap)
    while (this.#frames.size > this.capacity) {
      let farthest = wanted
      for (const each of this.#frames.keys()) if (Math.abs(each - wanted) > Math.abs(farthest - wanted)) farthest = each
      this.#frames.get(farthest)?.close()
      this.#frames.delete(farthest)
    }
  }

  clear(): void {
    for (const bitmap of this.#frames.values()) bitmap.close()
    this.#frames.clear()
  }
}

/** A decoded picture the right way up. */
export async function upright(picture: VideoFrame | HTMLVideoElement, { width, height, rotation }: FrameTable): Promise<ImageBitmap> {
  if (rotation === 0 || picture instanceof HTMLVideoElement) return createImageBitmap(picture)
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('This browser cannot turn a picture')
  context.translate(width / 2, height / 2)
  context.rotate((rotation * Math.PI) / 180)
  const [across, down] = rotation % 180 === 0 ? [width, height] : [height, width]
  context.drawImage(picture, -across / 2, -down / 2, across, down)
  return canvas.transferToImageBitmap()
}
