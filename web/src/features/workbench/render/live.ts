import type { Camera, Pixels, Size } from '../../../canvas'
import type { Raster } from './raster'

export interface PictureEvents {
  readonly onChange: () => void
  readonly onReady: () => void
  readonly onError: (error: Error) => void
}

/** What lies at the bottom of the stack: a picture, or the frame of a video. */
export interface PictureLayer {
  readonly raster: Raster
  /** Begins to load, or begins again after an error. */
  start(): void
  draw(camera: Camera, screen: Size): void
  destroy(): void
}

/** A picture that changes by itself, and brings its own layer. */
export interface LiveSource extends Size {
  attach(host: HTMLElement, events: PictureEvents): PictureLayer
  pixels(): Promise<Pixels>
}
