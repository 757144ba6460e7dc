import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Format, FormatOffer, Question } from '../src/api/types'
import { about, chosenFirst, formats, groups, lossesOf, lossText, recommended, shelves } from '../src/features/releases/formats'

const known = JSON.parse(readFileSync(new URL('../../docs/spec/openapi.json', import.meta.url), 'utf8')).components.schemas.Format.enum as Format[]
const pictures: Question = { media: 'image', shapes: ['box', 'polygon'], choice: null }
const offers: FormatOffer[] = (['native', 'coco', 'csv', 'yolo', 'yolo-segment', 'voc', 'label-studio', 'parquet', 'tsv'] as Format[]).map((format) => ({ format, file: `${format}.zip` }))
const seen = (filter: string, chosen: Format[] = []) => shelves(offers, recommended(pictures), filter, chosen).map(({ title, formats }) => `${title}: ${formats.join(' ')}`)

describe('what is offered', () => {
  test('each format of the server has a name of its own, one line of help and a group', () => {
    const told = known.filter((format) => format in formats)
    expect(known.filter((format) => !told.includes(format)).every((format) => /^(trl|openai)-|^(sharegpt|alpaca|hh|arena|conllu|coco-results)$/.test(format))).toBe(true)
    const names = told.map((format) => about(format).name)
    expect(new Set(names).size).toBe(names.length)
    for (const format of told) {
      expect(about(format).help.length, format).toBeGreaterThan(20)
      expect(about(format).help.length, format).toBeLessThan(110)
      expect(groups.map((each) => each.group)).toContain(about(format).group)
    }
  })

  test('what most people want comes first, and follows the shapes that are drawn', () => {
    const of = (question: Partial<Question>) => recommended({ ...pictures, ...question }).join(' ')
    expect(of({})).toBe('native coco yolo yolo-segment csv')
    expect(of({ shapes: ['turned'] })).toBe('native coco yolo-obb csv')
    expect(of({ shapes: ['keypoints'] })).toBe('native coco yolo-pose csv')
    expect(of({ shapes: [], choice: 'single' })).toBe('native coco yolo-classify csv')
    expect(of({ media: 'text', shapes: [], spans: true })).toBe('native spans csv parquet')
    expect(of({ media: 'video' })).toBe('native cvat_video mot coco csv')
    expect(chosenFirst({ media: 'cloud', shapes: ['points3d'], choice: null })).toEqual(['native', 'points'])
  })

  test('the others stand by group, and a filter leaves those with all of its words', () => {
    expect(seen('')).toEqual(['Pictures: voc', 'Tables: parquet tsv', 'Whole data sets: label-studio'])
    expect(seen('  PASCAL xml ')).toEqual(['Pictures: voc'])
    expect(seen('tables')).toEqual(['Tables: parquet tsv'])
    expect(seen('label-studio')).toEqual(['Whole data sets: label-studio'])
    expect(seen('nothing of the kind')).toEqual([])
  })

  test('what is chosen stays whatever the filter says', () => {
    expect(seen('parquet', ['voc'])).toEqual(['Pictures: voc', 'Tables: parquet'])
  })
})

describe('what is lost', () => {
  const loss = [
    { format: 'voc' as const, what: 'note', count: 2, examples: [] },
    { format: 'csv' as const, what: 'object', count: 1, examples: ['a'] },
    { format: 'voc' as const, what: 'relation', count: 40, examples: [] },
  ]
  test('stands format by format in the order asked for, the most first, also where it is nothing', () => {
    expect(lossesOf(loss, ['native', 'csv', 'voc']).map(({ format, count, losses }) => [format, count, losses.map((each) => each.what).join(' ')])).toEqual([
      ['native', 0, ''], ['csv', 1, 'object'], ['voc', 42, 'relation note'],
    ])
  })

  test('of a format that was not asked for comes last, and is not left out', () => {
    expect(lossesOf(loss, ['voc']).map(({ format }) => format)).toEqual(['voc', 'csv'])
  })

  test('is said in words', () => {
    expect(lossText('hole_cut_open')).toBe('holes, cut open into the outline')
    expect(lossText('place_of_the_imu')).toBe('place of the imu')
  })
})
