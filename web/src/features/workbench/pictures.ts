/**
 * Pictures ahead of their tasks: fetched and decoded while the person is still at the task before.
 */
import type { Item } from './model'

/** Larger pictures are seen through tiles; their preview is what is needed at once. */
const FULL_PIXELS_MAX = 16_000_000

/** Begins to load what the item shows first; answers how to let go of it. */
export function prefetchItem({ picture, width, height }: Item): () => void {
  if (picture === null) return () => undefined
  const isSmall = (width ?? 0) * (height ?? 0) <= FULL_PIXELS_MAX
  const urls = [picture.preview_url, ...(isSmall && picture.full_url !== null ? [picture.full_url] : [])]
  const images = urls.map((url) => {
    const image = new Image()
    image.decoding = 'async'
    image.src = url
    // A picture that cannot be had now is asked for again, and told, when its task is on the screen.
    image.decode().catch(() => undefined)
    return image
  })
  return () => {
    for (const image of images) if (!image.complete) image.src = ''
  }
}
