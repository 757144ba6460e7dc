import { type Bounds, type Point, boundsOf, nearestOnSegment, overlaps, roundPoint } from './geometry'

// Polygons joined, subtracted and cut. A kernel: data in, data out.
//
// All edges are split where they meet, on the hundredth of a pixel; of the pieces those are kept that have the
// result on one side only, and they are linked to rings with the result on their left. So shared edges, corners
// that lie on edges, and holes need no case of their own.

export type Ring = readonly Point[]
/** The outer ring of a part, and after it its holes. */
export type Part = readonly Ring[]

interface Edge {
  readonly from: Point
  readonly to: Point
}

/** Pixels: nearer than this is on it. */
const NEAR = 0.005
/** Pixels to the side of an edge at which it is asked what lies there. */
const ASIDE = 1e-4
/** Splitting moves edges by less than a hundredth; what that makes meet anew is split again. */
const PASSES = 2

/** What is in either, or what is in the first and not in the second; even-odd. */
export function combine(a: readonly Ring[], b: readonly Ring[], how: 'union' | 'difference'): Part[] {
  const [inA, inB] = splitAll([a, b].map((rings) => rings.map(closed)))
  if (inA === undefined || inB === undefined) return []
  const [isInA, isInB] = [insideOf(inA), insideOf(inB)]
  const holds = (at: Point) => (how === 'union' ? isInA(at) || isInB(at) : isInA(at) && !isInB(at))
  return partsOf(unique([...inA, ...inB].flat()).flatMap((edge) => sided(edge, holds)))
}

/** The parts into which a line divides what the rings enclose; one, where it does not. */
export function divide(rings: readonly Ring[], line: readonly Point[]): Part[] {
  const [outline, cut] = splitAll([rings.map(closed), [open(line)]])
  if (outline === undefined || cut === undefined) return []
  const holds = insideOf(outline)
  const border = unique(outline.flat())
  const known = new Set(border.map(nameOf))
  const inner = unique(cut.flat()).filter((edge) => !known.has(nameOf(edge)) && holds(aside(edge, 1)) && holds(aside(edge, -1)))
  const through = withoutLooseEnds(inner, border)
  return partsOf([...border.flatMap((edge) => sided(edge, holds)), ...through.flatMap(({ from, to }) => [{ from, to }, { from: to, to: from }])])
}

const closed = (ring: Ring): Edge[] => ring.map((from, i) => ({ from: roundPoint(from), to: roundPoint(ring[(i + 1) % ring.length] ?? from) }))
const open = (line: readonly Point[]): Edge[] => closed(line).slice(0, -1)

const keyOf = ([x, y]: Point): string => `${x} ${y}`
const nameOf = ({ from, to }: Edge): string => [keyOf(from), keyOf(to)].sort().join(' ')

function unique(edges: readonly Edge[]): Edge[] {
  return [...new Map(edges.map((edge) => [nameOf(edge), edge])).values()]
}

/** The chains of edges with every edge split where it meets another. */
function splitAll(groups: readonly (readonly Edge[][])[]): Edge[][][] {
  let chains = groups.map((group) => group.map((chain) => [...chain]))
  for (let pass = 0; pass < PASSES; pass++) {
    const cuts = cutsOf(chains.flat(2))
    chains = chains.map((group) => group.map((chain) => chain.flatMap((edge) => split(edge, cuts.get(edge) ?? []))))
  }
  return chains
}

function split({ from, to }: Edge, at: readonly Point[]): Edge[] {
  const along = (p: Point) => (p[0] - from[0]) * (to[0] - from[0]) + (p[1] - from[1]) * (to[1] - from[1])
  const stops = [from, ...[...at].sort((p, q) => along(p) - along(q)), to]
  return stops.slice(1).flatMap((stop, i) => {
    const before = stops[i] ?? stop
    return keyOf(before) === keyOf(stop) ? [] : [{ from: before, to: stop }]
  })
}

/** Where the edges meet, by edge. Sweeps by x, so that only what lies side by side is compared. */
function cutsOf(edges: readonly Edge[]): Map<Edge, Point[]> {
  const cuts = new Map<Edge, Point[]>()
  const add = (edge: Edge, at: Point) => {
    const [known, point] = [cuts.get(edge), roundPoint(at)]
    if (known === undefined) cuts.set(edge, [point])
    else known.push(point)
  }
  const boxed = edges.map((edge): { edge: Edge; box: Bounds } => ({ edge, box: boundsOf([edge.from, edge.to]) }))
  boxed.sort((p, q) => p.box.left - q.box.left)
  for (const [i, p] of boxed.entries()) {
    for (let j = i + 1; j < boxed.length; j++) {
      const q = boxed[j]
      if (q === undefined || q.box.left > p.box.right + NEAR) break
      if (!overlaps(p.box, { ...q.box, top: q.box.top - NEAR, bottom: q.box.bottom + NEAR })) continue
      const crossing = crossingOf(p.edge, q.edge)
      if (crossing !== null) {
        add(p.edge, crossing)
        add(q.edge, crossing)
      }
      for (const end of [q.edge.from, q.edge.to]) if (isOn(end, p.edge)) add(p.edge, end)
      for (const end of [p.edge.from, p.edge.to]) if (isOn(end, q.edge)) add(q.edge, end)
    }
  }
  return cuts
}

function isOn(p: Point, { from, to }: Edge): boolean {
  const at = nearestOnSegment(p, from, to)
  return Math.hypot(at[0] - p[0], at[1] - p[1]) < NEAR
}

/** Where two edges properly cross; meeting by an end is found by the end. */
function crossingOf(p: Edge, q: Edge): Point | null {
  const [dx, dy] = [p.to[0] - p.from[0], p.to[1] - p.from[1]]
  const [ex, ey] = [q.to[0] - q.from[0], q.to[1] - q.from[1]]
  const cross = dx * ey - dy * ex
  if (cross === 0) return null
  const [gx, gy] = [q.from[0] - p.from[0], q.from[1] - p.from[1]]
  const t = (gx * ey - gy * ex) / cross
  const u = (gx * dy - gy * dx) / cross
  return t > 0 && t < 1 && u > 0 && u < 1 ? [p.from[0] + dx * t, p.from[1] + dy * t] : null
}

/** A place just to the left (1) or to the right (-1) of the middle of an edge. */
function aside({ from, to }: Edge, side: 1 | -1): Point {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
  const off = (side * ASIDE) / Math.hypot(dx, dy)
  return [(from[0] + to[0]) / 2 - dy * off, (from[1] + to[1]) / 2 + dx * off]
}

/** Answers whether a place is inside, even-odd, looking only at the edges at its height. */
function insideOf(chains: readonly (readonly Edge[])[]): (at: Point) => boolean {
  const edges = chains.flat()
  const { top, bottom } = boundsOf(edges.flatMap(({ from, to }) => [from, to]))
  const height = Math.max((bottom - top) / Math.max(1, edges.length), 1e-6)
  const bands = new Map<number, Edge[]>()
  const bandOf = (y: number) => Math.floor((y - top) / height)
  for (const edge of edges) {
    const [first, last] = [bandOf(Math.min(edge.from[1], edge.to[1])), bandOf(Math.max(edge.from[1], edge.to[1]))]
    for (let band = first; band <= last; band++) {
      const known = bands.get(band)
      if (known === undefined) bands.set(band, [edge])
      else known.push(edge)
    }
  }
  return ([x, y]) => {
    let inside = false
    for (const { from, to } of bands.get(bandOf(y)) ?? []) {
      if (from[1] > y !== to[1] > y && x < ((to[0] - from[0]) * (y - from[1])) / (to[1] - from[1]) + from[0]) inside = !inside
    }
    return inside
  }
}

/** The edge with what holds on its left; nothing where both sides are alike. */
function sided(edge: Edge, holds: (at: Point) => boolean): Edge[] {
  const [left, right] = [holds(aside(edge, 1)), holds(aside(edge, -1))]
  if (left === right) return []
  return [left ? edge : { from: edge.to, to: edge.from }]
}

/** A cut that ends in the middle of something cuts nothing there. */
function withoutLooseEnds(cut: readonly Edge[], border: readonly Edge[]): Edge[] {
  let kept = [...cut]
  for (;;) {
    const ends = new Map<string, number>()
    for (const { from, to } of [...kept, ...border]) for (const end of [from, to]) ends.set(keyOf(end), (ends.get(keyOf(end)) ?? 0) + 1)
    const tied = kept.filter(({ from, to }) => (ends.get(keyOf(from)) ?? 0) > 1 && (ends.get(keyOf(to)) ?? 0) > 1)
    if (tied.length === kept.length) return kept
    kept = tied
  }
}

/** Links directed edges to rings, and holes to what they are holes of. */
function partsOf(edges: readonly Edge[]): Part[] {
  const rings = link(edges).map((ring) => ({ ring, size: signedArea(ring) })).filter(({ size }) => Math.abs(size) >= NEAR)
  const outers = rings.filter(({ size }) => size > 0).sort((p, q) => p.size - q.size)
  const parts = outers.map(({ ring }) => ({ ring, isIn: insideOf([closed(ring)]), holes: [] as Ring[] }))
  for (const { ring, size } of rings) {
    const [from, to] = ring
    if (size > 0 || from === undefined || to === undefined) continue
    // The smallest first: a hole belongs to the innermost of what is around it.
    const inside = aside({ from, to }, 1)
    parts.find(({ isIn }) => isIn(inside))?.holes.push(ring)
  }
  return parts.map(({ ring, holes }) => [ring, ...holes])
}

function link(edges: readonly Edge[]): Ring[] {
  const leaving = new Map<string, Edge[]>()
  for (const edge of edges) {
    const known = leaving.get(keyOf(edge.from))
    if (known === undefined) leaving.set(keyOf(edge.from), [edge])
    else known.push(edge)
  }
  const used = new Set<Edge>()
  const rings: Ring[] = []
  for (const start of edges) {
    if (used.has(start)) continue
    const ring: Point[] = []
    let at: Edge | undefined = start
    while (at !== undefined && !used.has(at)) {
      used.add(at)
      ring.push(at.from)
      at = nextOf(at, (leaving.get(keyOf(at.to)) ?? []).filter((edge) => !used.has(edge) || edge === start))
    }
    if (ring.length >= 3) rings.push(ring)
  }
  return rings
}

/** Where several go on from one corner, the one that keeps to the same side: parts that touch stay apart. */
function nextOf(edge: Edge, choices: readonly Edge[]): Edge | undefined {
  const back = Math.atan2(edge.from[1] - edge.to[1], edge.from[0] - edge.to[0])
  let best: { edge: Edge; turn: number } | undefined
  for (const choice of choices) {
    const angle = Math.atan2(choice.to[1] - choice.from[1], choice.to[0] - choice.from[0])
    const turn = (back - angle + 4 * Math.PI) % (2 * Math.PI) || 2 * Math.PI
    if (best === undefined || turn < best.turn) best = { edge: choice, turn }
  }
  return best?.edge
}

function signedArea(ring: Ring): number {
  let sum = 0
  let a = ring[ring.length - 1]
  for (const b of ring) {
    if (a !== undefined) sum += a[0] * b[1] - b[0] * a[1]
    a = b
  }
  return sum / 2
}
