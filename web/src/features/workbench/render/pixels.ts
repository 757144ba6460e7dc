import type { Pixels } from '../../../canvas'
import type { Bitmaps } from './bitmaps'
import type { ImageSource } from './image-source'

/** A picture of more pixels than this is read reduced: what looks at it looks at all of it. */
const PIXELS_MAX = 4_000_000

/** Reads the picture, or of a tiled one its preview, into memory. */
export async function readPixels(source: ImageSource, bitmaps: Bitmaps): Promise<Pixels> {
  const bitmap = await bitmaps.load('fullUrl' in source ? source.fullUrl : source.previewUrl)
  const reduce = Math.min(1, Math.sqrt(PIXELS_MAX / (bitmap.width * bitmap.height)))
  const [width, height] = [Math.max(1, Math.round(bitmap.width * reduce)), Math.max(1, Math.round(bitmap.height * reduce))]
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) throw new Error('This browser cannot read a picture')
  context.drawImage(bitmap, 0, 0, width, height)
  return { width, height, scale: source.width / width, data: context.getImageData(0, 0, width, height).data }
}
