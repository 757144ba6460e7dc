/** Where a selection goes in the drawing order: one step, or all the way. */
export type Move = 'forward' | 'backward' | 'front' | 'back'

export interface Placed {
  readonly id: string
  readonly order: number
}

/**
 * The new order keys of what moves (W17); `placed` is in drawing order. All the way writes only
 * what is moved; one step exchanges the keys of neighbours, so keys never run out of digits.
 */
export function reorder(placed: readonly Placed[], moving: ReadonlySet<string>, move: Move): Placed[] {
  const picked = placed.filter(({ id }) => moving.has(id))
  const [first, last] = [placed[0], placed[placed.length - 1]]
  if (first === undefined || last === undefined || picked.length === 0) return []
  if (move === 'front' || move === 'back') {
    const rest = placed.filter(({ id }) => !moving.has(id))
    const target = move === 'front' ? [...rest, ...picked] : [...picked, ...rest]
    if (target.every(({ id }, i) => id === placed[i]?.id)) return []
    const from = move === 'front' ? last.order + 1 : first.order - picked.length
    return picked.map(({ id }, i) => ({ id, order: from + i }))
  }
  return exchange(placed, moving, move === 'forward' ? 1 : -1)
}

function exchange(placed: readonly Placed[], moving: ReadonlySet<string>, step: 1 | -1): Placed[] {
  const ids = placed.map(({ id }) => id)
  // Those nearest to where they are going step first, so that a block of neighbours moves as one.
  const start = step === 1 ? ids.length - 2 : 1
  for (let i = start; i >= 0 && i < ids.length; i -= step) {
    const [here, there] = [ids[i], ids[i + step]]
    if (here === undefined || there === undefined || !moving.has(here) || moving.has(there)) continue
    ids[i] = there
    ids[i + step] = here
  }
  return ids.flatMap((id, i) => {
    const at = placed[i]
    return at === undefined || at.id === id ? [] : [{ id, order: at.order }]
  })
}

/** The positions of a longest rising run, patience fashion: what need not move for the rest to be sorted. */
export function longestRise(values: readonly number[]): Set<number> {
  const tails: number[] = []
  const before: number[] = []
  for (const [i, value] of values.entries()) {
    let [low, high] = [0, tails.length]
    while (low < high) {
      const half = (low + high) >> 1
      if ((values[tails[half] ?? 0] ?? 0) < value) low = half + 1
      else high = half
    }
    before.push(low > 0 ? (tails[low - 1] ?? -1) : -1)
    tails[low] = i
  }
  const kept = new Set<number>()
  for (let i = tails[tails.length - 1] ?? -1; i >= 0; i = before[i] ?? -1) kept.add(i)
  return kept
}
