export interface Candidate {
  readonly id: string
  /** To the outline: negative inside. */
  readonly distance: number
  readonly area: number
}

/**
 * What a click means (W15). An edge within reach wins, the nearest first; otherwise the smallest
 * shape around the point, so that a small object on a large one can always be picked. Candidates
 * come topmost first, and of equals the first is taken.
 */
export function pick(candidates: readonly Candidate[], reach: number): string | null {
  const edges = candidates.filter((c) => Math.abs(c.distance) <= reach)
  if (edges.length > 0) return least(edges, (c) => Math.abs(c.distance))
  return least(
    candidates.filter((c) => c.distance < 0),
    (c) => c.area,
  )
}

function least(items: readonly Candidate[], by: (item: Candidate) => number): string | null {
  let best: Candidate | null = null
  for (const item of items) if (best === null || by(item) < by(best)) best = item
  return best?.id ?? null
}
