import { create } from '../actions'
import type { Editor } from '../editor'
import { type Point, clampPoint, roundPoint, samePoint } from '../kernels/geometry'
import { type Terrain, type Ways, terrainOf, wayTo, waysFrom } from '../kernels/wire'
import { wantPixels } from '../picture'
import { withoutRepeats } from '../shapes/polygon'
import type { Trace } from './tracing'

// What costs time is done once for each picture, and once for each place that a way goes out from.
const terrains = new WeakMap<Editor, Terrain>()
const ways = new WeakMap<Editor, { readonly from: Point; readonly ways: Ways }>()

function waysOf(editor: Editor, from: Point): Ways | null {
  const known = ways.get(editor)
  if (known !== undefined && samePoint(known.from, from)) return known.ways
  const pixels = wantPixels(editor)
  if (pixels === null) return null
  const terrain = terrains.get(editor) ?? terrainOf(pixels)
  terrains.set(editor, terrain)
  const found = waysFrom(terrain, from)
  ways.set(editor, { from, ways: found })
  return found
}

/** A polygon whose sides keep to the edges of the picture from click to click (W56). */
export const scissors: Trace = {
  name: 'polygon',
  closed: true,
  min: 3,
  enter: (editor) => void wantPixels(editor),
  along(editor, from, to) {
    const found = waysOf(editor, from)
    return found === null ? [] : wayTo(found, to).map((point) => roundPoint(clampPoint(point, editor.image)))
  },
  finish: (points, editor) => create(editor, { type: 'polygon', points: withoutRepeats(points) }) !== null,
}
