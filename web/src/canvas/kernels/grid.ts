import { type Bounds, overlaps } from './geometry'

/** Image pixels: the side of a cell of the finest level. */
const FINEST = 64

interface Entry {
  readonly id: string
  readonly bounds: Bounds
  readonly cells: readonly number[]
  readonly level: number
}

/**
 * Which shapes may be near a place. A stack of grids, each twice as coarse as the one below; a
 * shape lies in the finest whose cells are at least its size, so it is in four cells at most,
 * whatever its size. Putting and removing cost the same however many shapes there are.
 */
export class Grid {
  #entries = new Map<string, Entry>()
  #cells = new Map<number, Set<Entry>>()
  /** How many shapes are on each level: empty levels are not searched. */
  #levels = new Map<number, number>()

  get size(): number {
    return this.#entries.size
  }

  put(id: string, bounds: Bounds): void {
    this.remove(id)
    const extent = Math.max(bounds.right - bounds.left, bounds.bottom - bounds.top, 1)
    const level = Math.max(0, Math.ceil(Math.log2(extent / FINEST)))
    const cells = cellsOf(bounds, level)
    const entry: Entry = { id, bounds, cells, level }
    for (const cell of cells) {
      const there = this.#cells.get(cell)
      if (there === undefined) this.#cells.set(cell, new Set([entry]))
      else there.add(entry)
    }
    this.#levels.set(level, (this.#levels.get(level) ?? 0) + 1)
    this.#entries.set(id, entry)
  }

  remove(id: string): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    for (const cell of entry.cells) {
      const there = this.#cells.get(cell)
      there?.delete(entry)
      if (there?.size === 0) this.#cells.delete(cell)
    }
    const left = (this.#levels.get(entry.level) ?? 1) - 1
    if (left === 0) this.#levels.delete(entry.level)
    else this.#levels.set(entry.level, left)
    this.#entries.delete(id)
  }

  /** The ids of the shapes whose bounds touch these, in no order. */
  query(bounds: Bounds): string[] {
    const found = new Set<string>()
    for (const [level] of this.#levels) {
      if (cellCount(bounds, level) > this.#entries.size) return this.#scan(bounds)
      for (const cell of cellsOf(bounds, level)) {
        const there = this.#cells.get(cell)
        if (there === undefined) continue
        for (const entry of there) if (overlaps(entry.bounds, bounds)) found.add(entry.id)
      }
    }
    return [...found]
  }

  /** Asked for more cells than there are shapes, it is quicker to look at each shape. */
  #scan(bounds: Bounds): string[] {
    const found: string[] = []
    for (const [id, entry] of this.#entries) if (overlaps(entry.bounds, bounds)) found.push(id)
    return found
  }

  /** All that the index holds, in a form that two indexes can be compared by. */
  dump(): string[] {
    const lines = [...this.#cells].map(([cell, there]) => `${cell} ${Array.from(there, ({ id }) => id).sort().join(',')}`)
    return [...lines.sort(), ...[...this.#levels].map(([level, n]) => `level ${level} ${n}`).sort()]
  }
}

/** Cells to a row, beyond what any image has: 2^20 of 64 pixels. */
const SPAN = 2 ** 20

const cellSize = (level: number): number => FINEST * 2 ** level

function cellCount(b: Bounds, level: number): number {
  const size = cellSize(level)
  return ((b.right - b.left) / size + 1) * ((b.bottom - b.top) / size + 1)
}

/** The numbers of the cells that bounds touch: level, column and row in one, so that a look at a place makes no text. */
function cellsOf(b: Bounds, level: number): number[] {
  const size = cellSize(level)
  const cells: number[] = []
  for (let x = Math.floor(b.left / size); x <= Math.floor(b.right / size); x++) {
    for (let y = Math.floor(b.top / size); y <= Math.floor(b.bottom / size); y++) cells.push((level * SPAN + x + SPAN / 2) * SPAN + y + SPAN / 2)
  }
  return cells
}
