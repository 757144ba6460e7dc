import type { Editor } from './editor'
import { toImage, toScreen } from './kernels/camera'
import { type Point, clamp, distance, grow } from './kernels/geometry'
import { pick } from './kernels/pick'
import { nearestEdge } from './kernels/polygon'
import { MIDPOINT_EDGE_PX } from './limits'
import { changeableSelection, isPickable, selectedObjects } from './selection'
import { boundsOfShape, distanceTo, util } from './shapes'

/** The object that a click at this place of the image means (W15), or null. */
export function hitObject(editor: Editor, at: Point): string | null {
  const reach = editor.reach / editor.session.camera.zoom
  const spot = { left: at[0], top: at[1], right: at[0], bottom: at[1] }
  const candidates = editor.scene
    .within(grow(spot, reach))
    .filter(({ id }) => isPickable(editor, id))
    .reverse()
    .map(({ id, shape }) => ({ id, distance: distanceTo(shape, at), area: util(shape).area(shape) }))
  return pick(candidates, reach)
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
  // On a tiny shape handles would cover all of it, and it could never be moved.
  const room = (Math.min(right - left, bottom - top) * camera.zoom) / 3
  const reach = clamp(room, 3, editor.reach)
  let best: { handle: number; distance: number } | null = null
  for (const [handle, { at, kind, edge }] of util(object.shape).handles(object.shape).entries()) {
    if (edge * camera.zoom < MIDPOINT_EDGE_PX) continue
    // Any vertex in reach is nearer than any midpoint.
    const away = distance(toScreen(camera, at), editor.screenHere) + (kind === 'midpoint' ? reach : 0)
    const limit = kind === 'midpoint' ? 2 * reach : reach
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
  const hit = nearestEdge(util(object.shape).outline(object.shape), toImage(camera, screen))
  if (hit === null || hit.distance * camera.zoom > editor.reach) return null
  return { object: object.id, edge: hit.edge, at: hit.at }
}
