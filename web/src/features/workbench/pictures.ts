/**
 * Pictures and where they come from; also ahead of their tasks: fetched and decoded while the
 * person is still at the task before.
 */
import type { Item } from '../queue/model'
import { Bitmaps } from './render/bitmaps'
import { type ImageSource, type TiledImage, levelFor, tilesWithin } from './render/image-source'

/** Larger pictures are seen through tiles. */
const WHOLE_PIXELS_MAX = 16_000_000
/** Bytes of a video that are worth having before it is on the screen: one block. */
const FIRST_BYTES = 1 << 20
/** Tiles of the next task that are worth having before it is on the screen. */
const TILES_AHEAD_MAX = 12

/** Shared by all views, so that the next picture is there before its view is. */
export const bitmaps = new Bitmaps()

/** The picture of an item; of several that of this camera, or of the first. */
export function sourceOf(item: Item, camera?: string): ImageSource | null {
  const { picture, width, height } = item.cameras?.find(({ name }) => name === camera) ?? item
  if (picture === null || width === null || height === null) return null
  const isSmall = width * height <= WHOLE_PIXELS_MAX || picture.levels.length === 0
  if (isSmall && picture.full_url !== null) return { width, height, fullUrl: picture.full_url }
  if (picture.levels.length === 0) return { width, height, fullUrl: picture.preview_url }
  // Level 0 of the view is the finest, whatever the server calls it.
  const levels = [...picture.levels].sort((a, b) => b.width - a.width)
  return {
    width,
    height,
    levels: levels.map((level) => ({ width: level.width, height: level.height, scale: level.width / width })),
    tileSize: picture.tile_size,
    tileUrl: (level, column, row) =>
      picture.tile_url
        .replace('{level}', String(levels[level]?.level ?? 0))
        .replace('{col}', String(column))
        .replace('{row}', String(row)),
    previewUrl: picture.preview_url,
  }
}

/** The pictures of all cameras of an item, or its one picture. */
export function sourcesOf(item: Item): readonly ImageSource[] {
  const names = item.cameras?.map(({ name }) => name) ?? [undefined]
  return names.flatMap((name) => sourceOf(item, name) ?? [])
}

/** Begins to load what the item shows first; answers how to let go of it. */
export function prefetchItem(item: Item): () => void {
  if (item.video != null) return prefetchVideo(item.video)
  for (const source of sourcesOf(item)) {
    // What cannot be had now is asked for again, and told, when its task is on the screen.
    for (const url of 'fullUrl' in source ? [source.fullUrl] : firstSeen(source)) bitmaps.load(url, undefined, 'ahead').catch(() => undefined)
  }
  return () => undefined
}

/** The table of a video's frames, and the bytes of the first of them: what the browser then has at hand. */
function prefetchVideo({ frames_url, video_url }: NonNullable<Item['video']>): () => void {
  const controller = new AbortController()
  const { signal } = controller
  // As above: what cannot be had now is asked for again. What shows it comes beside it, not after it.
  import('./video').catch(() => undefined)
  fetch(frames_url, { signal }).then((reply) => reply.arrayBuffer()).catch(() => undefined)
  fetch(video_url, { signal, headers: { range: `bytes=0-${FIRST_BYTES - 1}` } }).then((reply) => reply.arrayBuffer()).catch(() => undefined)
  return () => controller.abort()
}

/** The preview, and the tiles that a view of the whole picture will ask for. */
function firstSeen(source: TiledImage): string[] {
  const zoom = Math.min(window.innerWidth / source.width, window.innerHeight / source.height) * window.devicePixelRatio
  const level = levelFor(source.levels, zoom)
  const tiles = tilesWithin(source, level, { left: 0, top: 0, right: source.width, bottom: source.height })
  return [source.previewUrl, ...(tiles.length <= TILES_AHEAD_MAX ? tiles.map(({ url }) => url) : [])]
}
