/** The frames of a video as pictures, whichever way a browser makes them. */
import { Blocks } from './blocks'
import { Decoded } from './decoded'
import type { Frames } from './kept'
import { Played } from './played'
import type { FrameTable } from './table'

export type { Frames } from './kept'

/** Opens a video by its own decoder where the browser has one for it, else by its player. */
export async function openFrames(table: FrameTable, url: string): Promise<Frames> {
  const config: VideoDecoderConfig = { codec: table.codec, ...(table.description.length > 0 ? { description: table.description } : {}) }
  if (typeof VideoDecoder !== 'undefined') {
    const { supported } = await VideoDecoder.isConfigSupported(config).catch(() => ({ supported: false }))
    if (supported === true) return new Decoded(table, (signal) => new Blocks(url, signal), config)
  }
  return new Played(table, url)
}
