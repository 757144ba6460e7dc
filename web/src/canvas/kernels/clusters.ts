// A kernel: data in, data out. What stands on the ground in a cloud of points, and the box that fits it.

/** Places of points, three numbers each. */
export type Places = Float32Array

/** The height of the ground, cell by cell; known only where there are points. */
export interface Ground {
  readonly cell: number
  heightAt(x: number, y: number): number | null
}

/** Metres: cells in which the ground is looked for, the steepest climb from one to the next, and how far below the others a
 *  point may lie and still be no echo from below the road. */
const CELL = 1
const CLIMB = 0.35
const ECHO = 2

/**
 * The ground by the lowest points of cells: what lies a climb above the lowest of its neighbours stands on it. The level
 * is first found as the plane that most of the lowest points lie near (RANSAC, Fischler and Bolles 1981, on drawn
 * triples; the draw is always the same), so that a hole in the ground or a roof pulls nothing.
 */
export function groundOf(places: Places, count: number, around?: { x: number; y: number; reach: number }): Ground {
  const lowest = new Map<string, [x: number, y: number, z: number]>()
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [places[3 * i] as number, places[3 * i + 1] as number, places[3 * i + 2] as number]
    if (around !== undefined && (Math.abs(x - around.x) > around.reach || Math.abs(y - around.y) > around.reach)) continue
    const key = `${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`
    const known = lowest.get(key)
    if (known === undefined) lowest.set(key, [x, y, z])
    else if (z < known[2]) lowest.set(key, [x, y, z])
  }
  const plane = planeOf([...lowest.values()])
  const heights = new Map<string, number>()
  for (const [key, [x, y, z]] of lowest) {
    const level = plane === null ? z : plane[0] * x + plane[1] * y + plane[2]
    // A cell that sees nothing of the ground, only what stands on it, has the level of the plane.
    const reach = CLIMB + 0.04 * Math.hypot(x - (around?.x ?? x), y - (around?.y ?? y))
    heights.set(key, z - level > reach ? level : z < level - ECHO ? level : z)
  }
  return {
    cell: CELL,
    heightAt(x, y) {
      const [column, row] = [Math.floor(x / CELL), Math.floor(y / CELL)]
      let best: number | null = null
      for (let reach = 0; reach <= 3 && best === null; reach++) {
        for (let i = -reach; i <= reach; i++) {
          for (let j = -reach; j <= reach; j++) {
            const height = heights.get(`${column + i} ${row + j}`)
            if (height !== undefined && (best === null || height < best)) best = height
          }
        }
      }
      return best ?? (plane === null ? null : plane[0] * x + plane[1] * y + plane[2])
    },
  }
}

const DRAWS = 200
/** Metres from a plane that still count as it. */
const THICK = 0.15
/** The steepest road. */
const SLOPE_MAX = 0.35

type Plane = readonly [byX: number, byY: number, level: number]

function planeOf(points: readonly (readonly [number, number, number])[]): Plane | null {
  if (points.length < 3) return points[0] === undefined ? null : [0, 0, Math.min(...points.map(([, , z]) => z))]
  let state = 1
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return points[state % points.length] as readonly [number, number, number]
  }
  let best: { plane: Plane; near: number } | null = null
  for (let draw = 0; draw < DRAWS; draw++) {
    const plane = through(next(), next(), next())
    if (plane === null) continue
    let near = 0
    for (const [x, y, z] of points) {
      const above = z - (plane[0] * x + plane[1] * y + plane[2])
      if (Math.abs(above) < THICK) near += 1
      // The ground is below what stands on it.
      else if (above < 0) near -= 0.5
    }
    if (best === null || near > best.near) best = { plane, near }
  }
  return best?.plane ?? [0, 0, median(points.map(([, , z]) => z))]
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

function through(a: readonly [number, number, number], b: readonly [number, number, number], c: readonly [number, number, number]): Plane | null {
  const [ux, uy, uz] = [b[0] - a[0], b[1] - a[1], b[2] - a[2]]
  const [vx, vy, vz] = [c[0] - a[0], c[1] - a[1], c[2] - a[2]]
  const normal = ux * vy - uy * vx
  if (Math.abs(normal) < 1e-6) return null
  const [byX, byY] = [(uz * vy - uy * vz) / normal, (ux * vz - uz * vx) / normal]
  if (Math.hypot(byX, byY) > SLOPE_MAX) return null
  return [byX, byY, a[2] - byX * a[0] - byY * a[1]]
}

export interface Found {
  readonly centre: readonly [number, number, number]
  readonly size: readonly [number, number, number]
  readonly yaw: number
  /** How many points it was fitted to. */
  readonly points: number
}

/** Metres: points nearer than this hang together; the farther from the scanner, the thinner they lie. */
const TOGETHER = 0.45
const THINNER = 0.012
/** Along the beams a side that is seen at a slant has its points farther apart than across them. */
const SLANT = 2
/** Above the ground: what is lower belongs to it. */
const ABOVE = 0.2
/** The largest thing that one click takes: from the place of the click. */
const REACH = 12
const POINTS_MIN = 5

/**
 * The box around what stands where somebody points: the points above the ground that hang together with the nearest one
 * (euclidean clustering), and the upright box that fits their outline. `scanner` says how thin the points lie there.
 */
export function boxAt(places: Places, count: number, at: readonly [number, number, number], scanner: readonly [number, number, number]): Found | null {
  const ground = groundOf(places, count, { x: at[0], y: at[1], reach: REACH + 8 })
  const standing: number[] = []
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [places[3 * i] as number, places[3 * i + 1] as number, places[3 * i + 2] as number]
    if (Math.abs(x - at[0]) > REACH || Math.abs(y - at[1]) > REACH) continue
    const height = ground.heightAt(x, y)
    if (height === null || z - height > ABOVE) standing.push(i)
  }
  const far = Math.hypot(at[0] - scanner[0], at[1] - scanner[1], at[2] - scanner[2])
  const members = together(places, standing, at, scanner, TOGETHER + THINNER * far)
  if (members.length < POINTS_MIN) return null
  return enclose(places, members, ground, scanner)
}

/** The points that hang together with the one nearest to a place, as it is seen from the scanner. */
function together(places: Places, among: readonly number[], at: readonly [number, number, number], scanner: readonly [number, number, number], reach: number): number[] {
  const [wayX, wayY] = [at[0] - scanner[0], at[1] - scanner[1]]
  const way = Math.hypot(wayX, wayY) || 1
  const [cos, sin] = [wayX / way, wayY / way]
  // Places with the way along the beams made shorter: three numbers each.
  const seen = new Float32Array(3 * among.length)
  const cells = new Map<string, number[]>()
  const of = (i: number) => [Math.floor((seen[3 * i] as number) / reach), Math.floor((seen[3 * i + 1] as number) / reach), Math.floor((seen[3 * i + 2] as number) / reach)] as const
  let [nearest, least] = [-1, Infinity]
  for (const [i, point] of among.entries()) {
    const [x, y, z] = [(places[3 * point] as number) - at[0], (places[3 * point + 1] as number) - at[1], (places[3 * point + 2] as number) - at[2]]
    seen.set([(x * cos + y * sin) / SLANT, y * cos - x * sin, z], 3 * i)
    const key = of(i).join(' ')
    const there = cells.get(key)
    if (there === undefined) cells.set(key, [i])
    else there.push(i)
    const far = Math.hypot(x, y, z)
    if (far < least) [nearest, least] = [i, far]
  }
  if (nearest < 0 || least > 1.5) return []
  // Cells that touch hang together if any two of their points do; a cell is taken whole.
  const begun = of(nearest)
  const members: number[] = []
  const waiting: (readonly [number, number, number])[] = [begun]
  const known = new Set([begun.join(' ')])
  for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
    const mine = cells.get(cell.join(' ')) ?? []
    members.push(...mine)
    for (let i = -1; i <= 1; i++) {
      for (let j = -1; j <= 1; j++) {
        for (let k = -1; k <= 1; k++) {
          const next = [cell[0] + i, cell[1] + j, cell[2] + k] as const
          const key = next.join(' ')
          const there = cells.get(key)
          if (there === undefined || known.has(key) || !touch(seen, mine, there, reach)) continue
          known.add(key)
          waiting.push(next)
        }
      }
    }
  }
  return members.map((i) => among[i] as number)
}

/** Of large cells not all pairs are looked at: one in reach is enough, and dense cells have many. */
const PAIRS_MAX = 40

function touch(places: Places, a: readonly number[], b: readonly number[], reach: number): boolean {
  const [stepA, stepB] = [Math.max(1, Math.floor(a.length / PAIRS_MAX)), Math.max(1, Math.floor(b.length / PAIRS_MAX))]
  for (let i = 0; i < a.length; i += stepA) {
    for (let j = 0; j < b.length; j += stepB) {
      const [p, q] = [3 * (a[i] as number), 3 * (b[j] as number)]
      const [x, y, z] = [(places[p] as number) - (places[q] as number), (places[p + 1] as number) - (places[q + 1] as number), (places[p + 2] as number) - (places[q + 2] as number)]
      if (x * x + y * y + z * z < reach * reach) return true
    }
  }
  return false
}

const STEPS = 90

/**
 * The upright box by the L that a scanner sees of a thing: of all directions the one in which the points lie nearest to
 * the sides (Zhang, Xu, Dong and Dolan, "Efficient L-shape fitting for vehicle detection", 2017: closeness).
 */
function enclose(places: Places, members: readonly number[], ground: Ground, scanner: readonly [number, number, number]): Found {
  const xs = members.map((i) => places[3 * i] as number)
  const ys = members.map((i) => places[3 * i + 1] as number)
  const zs = members.map((i) => places[3 * i + 2] as number)
  let best: { yaw: number; score: number; low: readonly [number, number]; high: readonly [number, number] } | null = null
  for (let step = 0; step < STEPS; step++) {
    const yaw = (step * Math.PI) / 2 / STEPS
    const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)]
    let [lowA, highA, lowB, highB] = [Infinity, -Infinity, Infinity, -Infinity]
    for (let i = 0; i < xs.length; i++) {
      const [x, y] = [xs[i] as number, ys[i] as number]
      const [a, b] = [x * cos + y * sin, -x * sin + y * cos]
      if (a < lowA) lowA = a
      if (a > highA) highA = a
      if (b < lowB) lowB = b
      if (b > highB) highB = b
    }
    let score = 0
    for (let i = 0; i < xs.length; i++) {
      const [x, y] = [xs[i] as number, ys[i] as number]
      const [a, b] = [x * cos + y * sin, -x * sin + y * cos]
      const near = Math.min(a - lowA, highA - a, b - lowB, highB - b)
      score += 1 / Math.max(near, 0.03)
    }
    if (best === null || score > best.score) best = { yaw, score, low: [lowA, lowB], high: [highA, highB] }
  }
  const { yaw, low, high } = best as NonNullable<typeof best>
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)]
  const here = [scanner[0] * cos + scanner[1] * sin, -scanner[0] * sin + scanner[1] * cos] as const
  const { a: [lowA, highA], b: [lowB, highB] } = completed([low[0], high[0]], [low[1], high[1]], here)
  const [a, b] = [(lowA + highA) / 2, (lowB + highB) / 2]
  const [x, y] = [a * cos - b * sin, a * sin + b * cos]
  const [top, floor] = [zs.reduce((p, q) => Math.max(p, q), -Infinity), ground.heightAt(x, y) ?? zs.reduce((p, q) => Math.min(p, q), Infinity)]
  const [along, across] = [highA - lowA, highB - lowB]
  const height = Math.max(0.1, top - floor)
  // The longer side is its length.
  const isLong = along >= across
  return {
    centre: [x, y, floor + height / 2],
    size: [Math.max(0.1, isLong ? along : across), Math.max(0.1, isLong ? across : along), height],
    yaw: isLong ? yaw : yaw + Math.PI / 2,
    points: members.length,
  }
}

type Stretch = readonly [low: number, high: number]

/** Of cars, by their width: how long most are. What is narrower than a car is about as deep as it is wide. */
const LONG = 2.35
const NARROW = 1.2
const CAR_WIDTH: Stretch = [1.3, 2.8]
const CAR_LENGTH: Stretch = [2.8, 7]

/**
 * Of a thing that shows one side alone, the other as long as such things are: the end of a car is behind it as long as a car, its flank
 * as wide. It reaches away from where it is looked at from, so that what is seen stays where it is.
 */
function completed(a: Stretch, b: Stretch, here: readonly [number, number]): { a: Stretch; b: Stretch } {
  const [long, short] = a[1] - a[0] >= b[1] - b[0] ? [a[1] - a[0], b[1] - b[0]] : [b[1] - b[0], a[1] - a[0]]
  const isIn = (value: number, [from, to]: Stretch) => value >= from && value <= to
  const wanted = long < NARROW ? 0.8 * long : isIn(long, CAR_WIDTH) && short < 0.35 * long ? LONG * long : isIn(long, CAR_LENGTH) && short < 0.3 * long ? long / LONG : short
  const reach = (stretch: Stretch, from: number): Stretch => {
    if (stretch[1] - stretch[0] >= wanted) return stretch
    return from < (stretch[0] + stretch[1]) / 2 ? [stretch[0], stretch[0] + wanted] : [stretch[1] - wanted, stretch[1]]
  }
  return a[1] - a[0] >= b[1] - b[0] ? { a, b: reach(b, here[1]) } : { a: reach(a, here[0]), b }
}
