import { Follower, type Place, greyOf } from '../../../canvas/kernels/match'

/** Told the first picture with a box on it, then one picture after the other; tells where the thing is in each, or null. */
export type ToFollow = { readonly bitmap: ImageBitmap; readonly at?: Place }
export type Followed = (Place & { readonly score: number }) | null

let follower: Follower | null = null

self.onmessage = ({ data: { bitmap, at } }: MessageEvent<ToFollow>) => {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) return self.postMessage(null satisfies Followed)
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  const picture = greyOf(context.getImageData(0, 0, canvas.width, canvas.height))
  if (at !== undefined) {
    follower = new Follower(picture, at)
    self.postMessage({ ...at, score: 1 } satisfies Followed)
  } else self.postMessage((follower?.next(picture) ?? null) satisfies Followed)
}
