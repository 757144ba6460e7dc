import { describe, expect, test } from 'vitest'
import { type TiledImage, levelFor, tilesWithin } from '../../src/features/workbench/render/image-source'

const image: TiledImage = {
  width: 5000,
  height: 3000,
  levels: [
    { width: 5000, height: 3000, scale: 1 },
    { width: 2500, height: 1500, scale: 0.5 },
    { width: 1250, height: 750, scale: 0.25 },
  ],
  tileSize: 512,
  tileUrl: (level, column, row) => `${level}/${column}_${row}`,
  previewUrl: 'preview',
}

describe('a picture in tiles (W60)', () => {
  test.each([
    [2, 0], [1, 0], [0.8, 0], [0.5, 1], [0.3, 1], [0.25, 2], [0.01, 2],
  ])('at zoom %d it is seen from level %d', (zoom, level) => {
    expect(levelFor(image.levels, zoom)).toBe(level)
  })

  test('only the tiles that are seen, those in the middle first', () => {
    const tiles = tilesWithin(image, 0, { left: 500, top: 0, right: 1600, bottom: 300 })
    expect(tiles.map(({ url }) => url)).toEqual(expect.arrayContaining(['0/0_0', '0/1_0', '0/2_0', '0/3_0']))
    expect(tiles).toHaveLength(4)
    expect(['0/1_0', '0/2_0']).toContain(tiles[0]?.url)
  })

  test('the last tile ends where the picture ends', () => {
    const [tile] = tilesWithin(image, 1, { left: 4900, top: 2900, right: 9000, bottom: 9000 })
    expect(tile).toMatchObject({ url: '1/4_2', on: { left: 4096, top: 2048, right: 5000, bottom: 3000 } })
  })

  test('beside the picture there is none', () => {
    expect(tilesWithin(image, 0, { left: -90, top: -90, right: -1, bottom: -1 })).toEqual([])
  })
})
