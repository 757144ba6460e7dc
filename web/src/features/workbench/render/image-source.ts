import type { Bounds } from '../../../canvas'

/** A picture that is small enough to be fetched whole. */
export interface WholeImage {
  readonly width: number
  readonly height: number
  readonly fullUrl: string
}

export interface Level {
  readonly width: number
  readonly height: number
  /** Pixels of this level per pixel of the picture: 1, then 1/2, 1/4, … */
  readonly scale: number
}

/** A picture cut into tiles, once per level; level 0 is full size and each next one is half as large. */
export interface TiledImage {
  readonly width: number
  readonly height: number
  readonly levels: readonly Level[]
  readonly tileSize: number
  readonly tileUrl: (level: number, column: number, row: number) => string
  /** The whole picture, small: what is seen until the tiles are there. */
  readonly previewUrl: string
}

export type ImageSource = WholeImage | TiledImage

export interface Tile {
  readonly url: string
  /** Where it lies on the picture. */
  readonly on: Bounds
}

/** The coarsest level that still has a pixel for each pixel of the screen. */
export function levelFor(levels: readonly { readonly scale: number }[], devicePixelsPerPixel: number): number {
  let best = 0
  for (const [i, { scale }] of levels.entries()) if (scale >= devicePixelsPerPixel * 0.95) best = i
  return best
}

/** The tiles of a level that touch these bounds of the picture, the ones in the middle first. */
export function tilesWithin(image: TiledImage, level: number, seen: Bounds): Tile[] {
  const at = image.levels[level]
  if (at === undefined) return []
  const side = image.tileSize / at.scale
  const [columns, rows] = [Math.ceil(at.width / image.tileSize), Math.ceil(at.height / image.tileSize)]
  const clampTo = (value: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(value / side)))
  const tiles: (Tile & { readonly away: number })[] = []
  if (seen.right <= 0 || seen.bottom <= 0 || seen.left >= image.width || seen.top >= image.height) return []
  for (let column = clampTo(seen.left, columns); column <= clampTo(seen.right, columns); column++) {
    for (let row = clampTo(seen.top, rows); row <= clampTo(seen.bottom, rows); row++) {
      const on = {
        left: column * side,
        top: row * side,
        right: Math.min(image.width, (column + 1) * side),
        bottom: Math.min(image.height, (row + 1) * side),
      }
      const dx = (on.left + on.right - seen.left - seen.right) / 2
      const dy = (on.top + on.bottom - seen.top - seen.bottom) / 2
      tiles.push({ url: image.tileUrl(level, column, row), on, away: Math.hypot(dx, dy) })
    }
  }
  return tiles.sort((a, b) => a.away - b.away)
}
