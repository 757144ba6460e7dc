import { type Bounds, clamp } from '../kernels/geometry'
import { hasNumbers } from './parse'
import type { Handle, ShapeUtil } from './util'

/**
 * A passage of a text (A16), as a shape of a world in which x counts code points and nothing is higher than
 * one. So all that is done with objects is done with passages: undone, saved, compared, given a class.
 */
export interface Span {
  readonly type: 'span'
  readonly start: number
  /** The first code point that no longer belongs. */
  readonly end: number
}

const spanOf = (start: number, end: number): Span => ({ type: 'span', start: Math.round(start), end: Math.round(end) })
const boundsOf = ({ start, end }: Span): Bounds => ({ left: start, top: 0, right: end, bottom: 1 })

export const span: ShapeUtil<Span> = {
  name: 'Span',
  parse(value) {
    if (!hasNumbers(value, 'span', ['start', 'end'])) return null
    const { start, end } = value as unknown as Span
    return Number.isInteger(start) && Number.isInteger(end) ? { type: 'span', start, end } : null
  },
  paths: ({ start, end }) => [{ closed: true, points: [[start, 0], [end, 0], [end, 1], [start, 1]] }],
  bounds: boundsOf,
  area: ({ start, end }) => end - start,
  translate: ({ start, end }, [by]) => spanOf(start + by, end + by),
  stretch: (_, { left, right }) => spanOf(left, right),
  handles: ({ start, end }): Handle[] =>
    [start, end].map((at) => ({ kind: 'side', at: [at, 0.5], cursor: 'ew-resize', edge: Infinity })),
  moveHandle: ({ start, end }, handle, [to]) =>
    handle === 0 ? spanOf(Math.min(to, end - 1), end) : spanOf(start, Math.max(to, start + 1)),
  clamp: ({ start, end }, { width }) => spanOf(clamp(start, 0, width), clamp(end, 0, width)),
  isWorthKeeping: ({ start, end }) => end > start,
  describe: ({ start, end }) => `characters ${start + 1} to ${end}`,
  fields: ({ start, end }) => [
    { key: 'start', name: 'From', value: start },
    { key: 'end', name: 'To', value: end },
  ],
  withField: (shape, key, value) => ({ ...shape, [key]: Math.round(value) }),
}
