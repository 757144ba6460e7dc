import { isInFront } from './cameras'
import type { Editor } from './editor'
import { type Camera, toImage, toScreen } from './kernels/camera'
import { type Point, add, clamp, distance, grow, overlaps, scale } from './kernels/geometry'
import { pick } from './kernels/pick'
import { nearestEdge } from './kernels/polygon'
import { MIDPOINT_EDGE_PX, TURN_PX } from './limits'
import type { ObjectRecord } from './records'
import { changeableSelection, isPickable, selectedObjects } from './selection'
import { boundsOfShape, distanceTo, util } from './shapes'
import type { Handle } from './shapes/util'

/** The object that a click at this place of the image means (W15), or null. */
export const hitObject = (editor: Editor, at: Point): string | null => hitAny(editor, at, NO_GHOSTS).object

/** What a click at this place means: an object, or what is suggested there; of two that lie alike the object (W152). */
export function hitAny(editor: Editor, at: Point, ghosts: readonly ObjectRecord[] = editor.session.ghosts): { readonly object: string | null; readonly ghost: string | null } {
  const reach = editor.reach / editor.session.camera.zoom
  const spot = grow({ left: at[0], top: at[1], right: at[0], bottom: at[1] }, reach)
  const candidate = ({ id, shape, class: key }: ObjectRecord) => ({
    id,
    distance: distanceTo(shape, at, editor.skeletonOf(key)),
    // Asked for only where no edge is near.
    get area() {
      return util(shape).area(shape)
    },
  })
  const objects = editor.scene.within(spot).filter(({ id }) => isPickable(editor, id)).reverse()
  const near = ghosts.filter((ghost) => isInFront(editor, ghost) && overlaps(boundsOfShape(ghost.shape), spot))
  const id = pick([...objects, ...near].map(candidate), reach)
  const isObject = objects.some((object) => object.id === id)
  return { object: isObject ? id : null, ghost: isObject ? null : id }
}
const NO_GHOSTS: readonly ObjectRecord[] = []

/** Where a handle is on the screen. */
export function handleOnScreen(camera: Camera, { at, off }: Handle): Point {
  const place = toScreen(camera, at)
  return off === undefined ? place : add(place, scale(off, TURN_PX))
}

export interface HandleHit {
  readonly object: string
  readonly handle: number
}

/** The handle of the one selected object that is under the pointer: vertices before midpoints. */
export function hitHandle(editor: Editor): HandleHit | null {
  const [object, ...others] = changeableSelection(editor)
  if (object === undefined || others.length > 0 || selectedObjects(editor).length > 1) return null
  const { camera } = editor.session
  const { left, top, right, bottom } = boundsOfShape(object.shape)
  // On a tiny shape handles would cover all of it, and it could never be moved. A line, a point has no inside to keep free.
  const hasInside = util(object.shape).area(object.shape) > 0
  const room = hasInside ? (Math.min(right - left, bottom - top) * camera.zoom) / 3 : editor.reach
  const reach = clamp(room, 3, editor.reach)
  let best: { handle: number; distance: number } | null = null
  for (const [handle, each] of util(object.shape).handles(object.shape).entries()) {
    const { kind, edge } = each
    if (edge * camera.zoom < MIDPOINT_EDGE_PX) continue
    // Any vertex in reach is nearer than any midpoint. What stands beside the shape hides nothing of it.
    const away = distance(handleOnScreen(camera, each), editor.screenHere) + (kind === 'midpoint' ? reach : 0)
    const limit = kind === 'midpoint' ? 2 * reach : kind === 'turn' ? editor.reach : reach
    if (away <= limit && (best === null || away < best.distance)) best = { handle, distance: away }
  }
  return best === null ? null : { object: object.id, handle: best.handle }
}

export interface EdgeHit {
  readonly object: string
  readonly edge: number
  readonly at: Point
}

/** The edge of the one selected object that is under this place of the screen. */
export function hitEdge(editor: Editor, screen: Point): EdgeHit | null {
  const [object, ...others] = changeableSelection(editor)
  if (object === undefined || others.length > 0) return null
  const { camera } = editor.session
  const hit = nearestEdge(editor.drawingOf(object).paths, toImage(camera, screen))
  if (hit === null || hit.distance * camera.zoom > editor.reach) return null
  return { object: object.id, edge: hit.edge, at: hit.at }
}
