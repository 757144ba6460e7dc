import type { Editor } from './editor'
import { type Point, clampPoint, distance, grow, nearestOnSegment, roundPoint, samePoint } from './kernels/geometry'
import type { ObjectRecord } from './records'
import { isPickable } from './selection'
import type { Path } from './shapes/util'

// Points that go where a neighbour's points are, so that two outlines share an edge without a gap (W48).

const at = ([x, y]: Point) => ({ left: x, top: y, right: x, bottom: y })

function pathsNear(editor: Editor, spot: Point, reach: number, without: string | null): Path[] {
  const near = editor.scene.within(grow(at(spot), reach)).filter(({ id }) => id !== without && isPickable(editor, id))
  return near.flatMap((record) => editor.drawingOf(record).paths)
}

/**
 * Where a point goes: to the spot of the hand or, while snapping is on, to what lies within reach of
 * it: a corner of a neighbour, or else the nearest place of its edge.
 */
export function snapped(editor: Editor, without: string | null = null): Point {
  const { spot, session } = editor
  if (!session.snapping) return spot
  const reach = editor.reach / session.camera.zoom
  let best: { readonly to: Point; readonly away: number } | null = null
  const offer = (to: Point, away: number, max: number) => {
    if (away <= max && (best === null || away < best.away)) best = { to, away }
  }
  for (const { points, closed } of pathsNear(editor, spot, reach, without)) {
    for (const [i, point] of points.entries()) {
      // A corner in reach is nearer than any edge: half its distance is what counts.
      offer(point, distance(point, spot) / 2, reach / 2)
      const next = points[i + 1] ?? (closed ? points[0] : undefined)
      if (next === undefined) continue
      const on = nearestOnSegment(spot, point, next)
      const away = distance(on, spot)
      offer(on, reach / 2 + away, 1.5 * reach)
    }
  }
  const found = best as { readonly to: Point } | null
  const to = found === null ? null : roundPoint(clampPoint(found.to, editor.image))
  editor.updateSession({ snapped: to })
  return to ?? spot
}

/** Pixels: nearer than this, a point lies on a line. */
const ON = 0.02

/** The corners of a neighbour's outline between two places on it, the shorter way round; none where they share no outline. */
export function between(editor: Editor, from: Point, to: Point): Point[] {
  let best: { readonly corners: Point[]; readonly length: number } | null = null
  for (const { points, closed } of pathsNear(editor, to, ON, null)) {
    const [a, b] = [edgeAt(points, closed, from), edgeAt(points, closed, to)]
    if (a === null || b === null) continue
    for (const corners of ways(points, closed, a, b)) {
      const line = [from, ...corners.filter((p) => !samePoint(p, from) && !samePoint(p, to)), to]
      const length = line.reduce((sum, p, i) => sum + distance(line[i - 1] ?? p, p), 0)
      if (best === null || length < best.length) best = { corners: line.slice(1, -1), length }
    }
  }
  return (best as { readonly corners: Point[] } | null)?.corners ?? []
}

function edgeAt(points: readonly Point[], closed: boolean, p: Point): number | null {
  for (const [i, point] of points.entries()) {
    const next = points[i + 1] ?? (closed ? points[0] : undefined)
    if (next !== undefined && distance(nearestOnSegment(p, point, next), p) < ON) return i
  }
  return null
}

/** The corners passed from an edge to another: forwards, and on a closed line backwards too. */
function ways(points: readonly Point[], closed: boolean, a: number, b: number): Point[][] {
  const count = points.length
  const walk = (from: number, to: number) => {
    const corners: Point[] = []
    for (let i = from; i !== to; i = (i + 1) % count) corners.push(points[(i + 1) % count] ?? [0, 0])
    return corners
  }
  if (closed) return [walk(a, b), walk(b, a).reverse()]
  return a <= b ? [walk(a, b)] : [walk(b, a).reverse()]
}

/** The corners of other objects that lie exactly where this one's does: with snapping on they move as one. */
export function cornersAt(editor: Editor, spot: Point, records: readonly ObjectRecord[]): { record: ObjectRecord; handle: number }[] {
  return records.flatMap((record) => {
    const handle = editor.handlesOf(record).findIndex((each) => each.kind === 'vertex' && samePoint(each.at, spot))
    return handle < 0 ? [] : [{ record, handle }]
  })
}
