// A kernel: data in, data out. Nothing here may import the editor, the store, or the page.

/** A place on the image (pixels, A1) or on the screen; the answer document writes points the same way. */
export type Point = readonly [x: number, y: number]

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Bounds {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export const add = (a: Point, b: Point): Point => [a[0] + b[0], a[1] + b[1]]
export const sub = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1]]
export const scale = (a: Point, by: number): Point => [a[0] * by, a[1] * by]
export const middle = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
export const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1])
export const samePoint = (a: Point, b: Point): boolean => a[0] === b[0] && a[1] === b[1]
export const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value))

/** A hundredth of a pixel is finer than any hand and keeps the saved numbers short (W11). */
export const round = (value: number): number => Math.round(value * 100) / 100
export const roundPoint = (p: Point): Point => [round(p[0]), round(p[1])]
export const clampPoint = (p: Point, size: Size): Point => [clamp(p[0], 0, size.width), clamp(p[1], 0, size.height)]

export const boundsBetween = (a: Point, b: Point): Bounds => ({
  left: Math.min(a[0], b[0]),
  top: Math.min(a[1], b[1]),
  right: Math.max(a[0], b[0]),
  bottom: Math.max(a[1], b[1]),
})

export function boundsOf(points: readonly Point[]): Bounds {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of points) {
    if (x < left) left = x
    if (x > right) right = x
    if (y < top) top = y
    if (y > bottom) bottom = y
  }
  return { left, top, right, bottom }
}

export const union = (a: Bounds, b: Bounds): Bounds => ({
  left: Math.min(a.left, b.left),
  top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right),
  bottom: Math.max(a.bottom, b.bottom),
})

export const grow = (b: Bounds, by: number): Bounds => ({
  left: b.left - by,
  top: b.top - by,
  right: b.right + by,
  bottom: b.bottom + by,
})

export const overlaps = (a: Bounds, b: Bounds): boolean =>
  a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top

export const contains = (outer: Bounds, inner: Bounds): boolean =>
  outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom

/** The part of a shift that keeps the bounds on the image, so that nothing is deformed at the rim (W12). */
export function limitShift(bounds: Bounds, by: Point, size: Size): Point {
  return [
    clamp(by[0], Math.min(0, -bounds.left), Math.max(0, size.width - bounds.right)),
    clamp(by[1], Math.min(0, -bounds.top), Math.max(0, size.height - bounds.bottom)),
  ]
}

export function distanceToSegment(p: Point, a: Point, b: Point): number {
  return distance(p, nearestOnSegment(p, a, b))
}

export function nearestOnSegment(p: Point, a: Point, b: Point): Point {
  const [ab, ap] = [sub(b, a), sub(p, a)]
  const lengthSquared = ab[0] * ab[0] + ab[1] * ab[1]
  const t = lengthSquared === 0 ? 0 : clamp((ap[0] * ab[0] + ap[1] * ab[1]) / lengthSquared, 0, 1)
  return [a[0] + ab[0] * t, a[1] + ab[1] * t]
}

/** The square of the distance to a segment: asked for thousands of times at each move of the hand, so nothing is made on the way. */
function squareTo(px: number, py: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy, ex, ey] = [bx - ax, by - ay, px - ax, py - ay]
  const long = dx * dx + dy * dy
  const t = long === 0 ? 0 : clamp((ex * dx + ey * dy) / long, 0, 1)
  const [x, y] = [ex - dx * t, ey - dy * t]
  return x * x + y * y
}

/** Distance to what some closed outlines enclose together, even-odd: negative inside, positive outside. */
export function distanceToRings([px, py]: Point, rings: readonly (readonly Point[])[]): number {
  let nearest = Infinity
  let inside = false
  for (const ring of rings) {
    let a = ring[ring.length - 1]
    for (let i = 0; i < ring.length; i++) {
      const b = ring[i]
      if (a === undefined || b === undefined) break
      const square = squareTo(px, py, a[0], a[1], b[0], b[1])
      if (square < nearest) nearest = square
      const crosses = a[1] > py !== b[1] > py
      if (crosses && px < ((b[0] - a[0]) * (py - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside
      a = b
    }
  }
  return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest)
}

/** Distance to an open line. */
export function distanceToLine([px, py]: Point, line: readonly Point[]): number {
  let nearest = line[0] === undefined ? Infinity : (line[0][0] - px) ** 2 + (line[0][1] - py) ** 2
  for (let i = 1; i < line.length; i++) {
    const [a, b] = [line[i - 1], line[i]]
    if (a === undefined || b === undefined) continue
    const square = squareTo(px, py, a[0], a[1], b[0], b[1])
    if (square < nearest) nearest = square
  }
  return Math.sqrt(nearest)
}

/** Where a point comes to lie when it is turned clockwise, as seen on the screen, about another. */
export function turnPoint([x, y]: Point, degrees: number, [cx, cy]: Point): Point {
  const [sin, cos] = sinCos(degrees)
  return [cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos]
}

/** Exact at right angles, so that what is turned four times by 90 degrees is where it was. */
export function sinCos(degrees: number): readonly [sin: number, cos: number] {
  const quarter = (degrees / 90) % 4
  if (Number.isInteger(quarter)) return ([[0, 1], [1, 0], [0, -1], [-1, 0]] as const)[(quarter + 4) % 4] ?? [0, 1]
  const radians = (degrees * Math.PI) / 180
  return [Math.sin(radians), Math.cos(radians)]
}

/** From 0 up to 360, on the hundredth of a degree. */
export const roundDegrees = (degrees: number): number => round(((degrees % 360) + 360) % 360) % 360

/** Where a coordinate comes to lie when one stretch becomes another. */
export const spread = (at: number, a: number, b: number, c: number, d: number): number =>
  b === a ? c : c + ((at - a) * (d - c)) / (b - a)

export const spreadPoint = ([x, y]: Point, from: Bounds, to: Bounds): Point => [
  spread(x, from.left, from.right, to.left, to.right),
  spread(y, from.top, from.bottom, to.top, to.bottom),
]
