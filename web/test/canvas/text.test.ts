import { describe, expect, it } from 'vitest'
import { BLOCK_UNITS_MAX, TextIndex, isRightToLeft, lanesOf, piecesOf, snapToWords, stepFrom } from '../../src/canvas/kernels/text'

// A car, an a with an accent of its own, Arabic, a family of joined people, CRLF.
const TEXT = '🚗 a\u0301 fast\r\nسيارة حمراء\r\n👩‍👩‍👧 end'

describe('code points and units', () => {
  it('agree with counting one by one, there and back', () => {
    const index = new TextIndex(TEXT)
    const points = [...TEXT]
    expect(index.length).toBe(points.length)
    let unit = 0
    for (const [point, char] of points.entries()) {
      expect(index.toUnit(point)).toBe(unit)
      expect(index.toPoint(unit)).toBe(point)
      if (char.length === 2) expect(index.toPoint(unit + 1)).toBe(point)
      unit += char.length
    }
    expect(index.toUnit(points.length)).toBe(TEXT.length)
    expect(index.toPoint(TEXT.length)).toBe(points.length)
    expect(index.slice(0, 1)).toBe('🚗')
    expect(index.slice(points.indexOf('س'), points.indexOf('س') + 5)).toBe('سيارة')
  })

  it('lines end where they end, and nothing of the text is lost between them', () => {
    const text = 'one\r\ntwo\nthree\rfour\u2028\n'
    const { blocks } = new TextIndex(text)
    expect(blocks.map(({ start, end }) => text.slice(start, end))).toEqual(['one', 'two', 'three', 'four', '', ''])
    expect(blocks[1]?.start).toBe(5)
  })

  it('a line without an end is shown in parts that tear no character', () => {
    for (const text of ['word '.repeat(2_000), '🚗'.repeat(3_000), 'a\u0301'.repeat(3_000), '👩‍👩‍👧'.repeat(800)]) {
      const { blocks } = new TextIndex(text)
      expect(blocks.length).toBeGreaterThan(1)
      expect(blocks.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text)
      for (const { start, end } of blocks) {
        expect(end - start).toBeLessThanOrEqual(BLOCK_UNITS_MAX)
        expect(text.slice(start, start + 2)).toMatch(/^([a-z]|🚗|👩)/u)
      }
    }
  })

  it('a megabyte is read at once', () => {
    const text = 'Zwei Wörter und ein Auto 🚗.\n'.repeat(40_000)
    const before = process.cpuUsage()
    const index = new TextIndex(text)
    for (let i = 0; i < 10_000; i++) index.toUnit((i * 97) % index.length)
    const { user } = process.cpuUsage(before)
    expect(index.blocks).toHaveLength(40_001)
    expect(user / 1_000).toBeLessThan(1_000)
  })
})

describe('where one may stand', () => {
  const index = new TextIndex(TEXT)
  const walk = (from: number, by: 'character' | 'word', step: 1 | -1) => {
    const places = [from]
    for (let at = from; ; ) {
      const next = stepFrom(index, at, by, step)
      if (next === at) return places
      places.push(next)
      at = next
    }
  }

  it('no step ends within a character, and the way back is the way there', () => {
    const there = walk(0, 'character', 1)
    expect(walk(TEXT.length, 'character', -1)).toEqual([...there].reverse())
    const said = there.slice(1).map((at, i) => TEXT.slice(there[i], at))
    expect(said.slice(0, 4)).toEqual(['🚗', ' ', 'a\u0301', ' '])
    expect(said).toContain('\r\n')
    expect(said).toContain('👩‍👩‍👧')
  })

  it('words are stepped over whole, in any script', () => {
    const ends = walk(0, 'word', 1).map((at) => TEXT.slice(0, at))
    expect(ends.some((said) => said.endsWith('سيارة'))).toBe(true)
    expect(ends.some((said) => said.endsWith('a\u0301'))).toBe(true)
  })

  it('a long line is gone through in both directions', () => {
    const long = new TextIndex('a'.repeat(3 * BLOCK_UNITS_MAX))
    expect(stepFrom(long, BLOCK_UNITS_MAX, 'character', -1)).toBe(BLOCK_UNITS_MAX - 1)
    expect(stepFrom(long, BLOCK_UNITS_MAX - 1, 'character', 1)).toBe(BLOCK_UNITS_MAX)
    expect(stepFrom(long, BLOCK_UNITS_MAX, 'character', 1)).toBe(BLOCK_UNITS_MAX + 1)
  })

  it.each([
    ['The quick fox', 6, 11, 'quick fox'],
    ['The quick fox', 3, 10, 'quick'],
    ['The quick, fox', 4, 10, 'quick,'],
    ['say 🚗 now', 4, 6, '🚗'],
    ['قال محمد اليوم', 5, 7, 'محمد'],
    ['one\ntwo', 1, 6, 'one\ntwo'],
    ['   ', 0, 2, ''],
  ])('in %j, %i to %i snaps to %j', (text, start, end, said) => {
    expect(text.slice(...snapToWords(new TextIndex(text), [start, end]))).toBe(said)
  })

  it('a line is read in the direction of its first letter', () => {
    expect([isRightToLeft('12: سيارة car'), isRightToLeft('car سيارة'), isRightToLeft('שלום'), isRightToLeft('…')]).toEqual([true, false, true, false])
  })
})

describe('what is marked', () => {
  const passages = [
    { id: 'outer', start: 0, end: 20 },
    { id: 'inner', start: 5, end: 10 },
    { id: 'across', start: 8, end: 25 },
    { id: 'later', start: 30, end: 35 },
  ]

  it('overlapping passages have lanes of their own, and lanes are used again', () => {
    expect(Object.fromEntries(lanesOf(passages))).toEqual({ outer: 0, inner: 1, across: 2, later: 0 })
  })

  it('a line is cut where something begins or ends', () => {
    const pieces = piecesOf({ start: 2, end: 40 }, passages)
    expect(pieces.map(({ start, end, ids }) => `${start}-${end} ${ids.join('+')}`)).toEqual([
      '2-5 outer',
      '5-8 outer+inner',
      '8-10 outer+inner+across',
      '10-20 outer+across',
      '20-25 across',
      '25-30 ',
      '30-35 later',
      '35-40 ',
    ])
  })
})
