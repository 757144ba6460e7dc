/**
 * A text as an answer counts it, in code points, and as a browser does, in units of UTF-16; and where one
 * may stand in it. Nothing here knows what is drawn.
 */

/** A piece of the text that is laid out by itself: a line of it, or a part of a very long one. In units. */
export interface Block {
  readonly start: number
  /** Without the characters that end the line. */
  readonly end: number
}

/** Units after which a line is shown in parts: a browser lays out no more of it than is seen. */
export const BLOCK_UNITS_MAX = 2_000

export class TextIndex {
  readonly text: string
  /** Code points. */
  readonly length: number
  readonly blocks: readonly Block[]
  /** Where a code point takes two units. */
  readonly #pairs: readonly number[]

  constructor(text: string) {
    this.text = text
    const pairs: number[] = []
    for (const { index } of text.matchAll(/[\u{10000}-\u{10ffff}]/gu)) pairs.push(index)
    this.#pairs = pairs
    this.length = text.length - pairs.length
    this.blocks = blocksOf(text)
  }

  /** Of a place within a pair, that of the pair. */
  toPoint(unit: number): number {
    return unit - below(this.#pairs, (at) => at < unit)
  }

  toUnit(point: number): number {
    return point + below(this.#pairs, (at, i) => at - i < point)
  }

  /** What stands between two places in code points. */
  slice(start: number, end: number): string {
    return this.text.slice(this.toUnit(start), this.toUnit(end))
  }

  /** The block that holds this unit; the end of a line belongs to the line. */
  blockAt(unit: number): number {
    return Math.max(0, below(this.blocks, ({ start }) => start <= unit) - 1)
  }
}

/** How many of a sorted list come before the turn. */
function below<T>(list: readonly T[], isBefore: (each: T, i: number) => boolean): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(list[middle] as T, middle)) low = middle + 1
    else high = middle
  }
  return low
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  const line = (from: number, end: number) => {
    let start = from
    while (end - start > BLOCK_UNITS_MAX) {
      const cut = cutBefore(text, start, start + BLOCK_UNITS_MAX)
      blocks.push({ start, end: cut })
      start = cut
    }
    blocks.push({ start, end })
  }
  let start = 0
  for (const { 0: ending, index } of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) {
    line(start, index)
    start = index + ending.length
  }
  line(start, text.length)
  return blocks
}

/** Behind the last space; or else where no character is torn. */
function cutBefore(text: string, start: number, limit: number): number {
  for (let at = limit; at > start + BLOCK_UNITS_MAX / 2; at--) {
    if (/\s/.test(text[at - 1] ?? '') && !isInside(text, at)) return at
  }
  let at = limit
  while (at > start + 1 && isInside(text, at)) at--
  return at
}

const isInside = (text: string, at: number): boolean =>
  /^(?:[\udc00-\udfff]|\p{M}|\u200d)/u.test(text.slice(at, at + 2)) || text[at - 1] === '\u200d'

export type Unit = 'character' | 'word'

// Made once: they are slow to make, and hold nothing of a text.
let segmenters: Readonly<Record<Unit, Intl.Segmenter>> | null = null
function segmenter(unit: Unit): Intl.Segmenter {
  segmenters ??= { character: new Intl.Segmenter(undefined, { granularity: 'grapheme' }), word: new Intl.Segmenter(undefined, { granularity: 'word' }) }
  return segmenters[unit]
}

/** The next place to stand at, in units, from one of them: by what people call a character, or by words; over the ends of lines. */
export function stepFrom(index: TextIndex, unit: number, by: Unit, step: 1 | -1, at = index.blockAt(unit)): number {
  const { text, blocks } = index
  const { start, end } = blocks[at] as Block
  const local = unit - start
  if (step === 1 && unit >= end) return blocks[at + 1]?.start ?? unit
  if (step === -1 && unit <= start) {
    const before = blocks[at - 1]
    // Two parts of one line meet at one place: there the step goes on.
    if (before === undefined) return unit
    return before.end < start ? before.end : stepFrom(index, unit, by, step, at - 1)
  }
  return start + stepIn(text.slice(start, end), local, by, step)
}

function stepIn(text: string, from: number, by: Unit, step: 1 | -1): number {
  const parts = [...segmenter(by).segment(text)].filter((part) => by === 'character' || part.isWordLike === true)
  if (step === 1) {
    for (const { index, segment } of parts) if (index + segment.length > from) return index + segment.length
    return text.length
  }
  for (const { index } of parts.reverse()) if (index < from) return index
  return 0
}

/** A range, in units, widened to the words that it touches and narrowed by the space at its ends. */
export function snapToWords(index: TextIndex, range: readonly [start: number, end: number]): [start: number, end: number] {
  let [start, end] = trimmed(index.text, range)
  if (start >= end) return [start, end]
  const within = (unit: number, side: 0 | 1): number => {
    const block = index.blocks[index.blockAt(unit)] as Block
    const part = segmenter('word').segment(index.text.slice(block.start, block.end)).containing(unit - block.start)
    if (part === undefined || part.isWordLike !== true) return side === 0 ? unit : unit + 1
    return block.start + part.index + (side === 0 ? 0 : part.segment.length)
  }
  start = within(start, 0)
  // The last unit may be the second of a pair: what holds it holds all of it.
  end = Math.max(end, within(end - 1, 1))
  return [start, end]
}

function trimmed(text: string, [start, end]: readonly [number, number]): [number, number] {
  let [from, to] = [start, end]
  while (from < to && /\s/.test(text[from] as string)) from++
  while (to > from && /\s/.test(text[to - 1] as string)) to--
  return [from, to]
}

const RTL = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u

/** The direction of a line: that of its first letter, as a browser has it. */
export function isRightToLeft(line: string): boolean {
  const letter = /\p{L}/u.exec(line)?.[0]
  return letter !== undefined && RTL.test(letter)
}

export interface Passage {
  readonly id: string
  readonly start: number
  readonly end: number
}

/** A piece of a block over which nothing begins or ends, with what covers it. In units. */
export interface Piece {
  readonly start: number
  readonly end: number
  readonly ids: readonly string[]
}

/** Cuts a block wherever a passage begins or ends. All in units. */
export function piecesOf({ start, end }: Block, passages: readonly Passage[]): Piece[] {
  const inside = passages.filter((each) => each.start < end && each.end > start)
  const cuts = new Set([start, end])
  for (const each of inside) {
    if (each.start > start) cuts.add(each.start)
    if (each.end < end) cuts.add(each.end)
  }
  const places = [...cuts].sort((a, b) => a - b)
  const pieces: Piece[] = []
  for (let i = 1; i < places.length; i++) {
    const [from, to] = [places[i - 1] as number, places[i] as number]
    pieces.push({ start: from, end: to, ids: inside.filter((each) => each.start <= from && each.end >= to).map(({ id }) => id) })
  }
  return pieces
}

/** A lane below the text for each passage, such that no two that overlap share one: the longer nearer to the text. */
export function lanesOf(passages: readonly Passage[]): Map<string, number> {
  const lanes = new Map<string, number>()
  /** Where the last passage of each lane ends. */
  const ends: number[] = []
  for (const { id, start, end } of inTextOrder(passages)) {
    let lane = ends.findIndex((last) => last <= start)
    if (lane < 0) lane = ends.length
    ends[lane] = end
    lanes.set(id, lane)
  }
  return lanes
}

/** By where they begin; of those that begin together, the longer first. */
export const inTextOrder = <P extends Passage>(passages: readonly P[]): P[] =>
  [...passages].sort((a, b) => a.start - b.start || b.end - a.end || (a.id < b.id ? -1 : 1))
