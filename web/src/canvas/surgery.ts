import { change, refuse, setShapeUnlessSmall } from './actions'
import type { Editor } from './editor'
import { type Part, type Ring, combine, divide } from './kernels/clipping'
import { type Bounds, type Point, boundsOf, overlaps } from './kernels/geometry'
import { OBJECTS_MAX } from './limits'
import type { ObjectRecord } from './records'
import { changeableSelection, isChangeable, select } from './selection'
import { boundsOfShape, util } from './shapes'
import { type Polygon, fromRings, ringsOf } from './shapes/polygon'

// What is done to polygons that are there: holes, cuts, merging (W45–W47).

interface Target {
  readonly record: ObjectRecord
  readonly shape: Polygon
}

const asTarget = (record: ObjectRecord): Target[] => (record.shape.type === 'polygon' ? [{ record, shape: record.shape }] : [])

/** The polygons that the hand means: those selected, or else all that can be changed; near this place, the topmost first. */
function targetsNear(editor: Editor, near: Bounds): Target[] {
  const selected = changeableSelection(editor).flatMap(asTarget)
  const candidates = selected.length > 0 ? selected : editor.scene.within(near).filter(({ id }) => isChangeable(editor, id)).flatMap(asTarget)
  return candidates.filter(({ shape }) => overlaps(boundsOfShape(shape), near)).reverse()
}

const areaOf = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + util(fromRings(part)).area(fromRings(part)), 0)

/** Cuts what the ring encloses out of a polygon (W45). */
export function punchHole(editor: Editor, ring: Ring): boolean {
  for (const { record, shape } of targetsNear(editor, boundsOf(ring))) {
    const parts = combine(ringsOf(shape), [ring], 'difference')
    const [part, ...others] = parts
    if (areaOf(parts) > util(shape).area(shape) - 1) continue
    if (part === undefined) return refuse(editor, 'Nothing would be left of it') !== null
    if (others.length > 0) return refuse(editor, 'It would fall apart: cut it along a line') !== null
    if (!setShapeUnlessSmall(editor, record, fromRings(part), 'hole')) return false
    select(editor, [record.id])
    editor.say(`Hole cut: ${editor.describe(record.id)}`)
    return true
  }
  return refuse(editor, 'There is no polygon to cut a hole into') !== null
}

/** Divides each polygon that the line goes through (W46). The largest part keeps the id. */
export function cutPolygons(editor: Editor, line: readonly Point[]): boolean {
  const cuts = targetsNear(editor, boundsOf(line)).flatMap(({ record, shape }) => {
    const parts = divide(ringsOf(shape), line).map(fromRings).filter((part) => util(part).isWorthKeeping(part))
    return parts.length > 1 ? [{ record, parts: parts.sort((p, q) => util(q).area(q) - util(p).area(p)) }] : []
  })
  if (cuts.length === 0) return refuse(editor, 'The line goes through no polygon') !== null
  const added = cuts.reduce((sum, { parts }) => sum + parts.length - 1, 0)
  if (editor.scene.objects.length + added > OBJECTS_MAX) return refuse(editor, `An answer has at most ${OBJECTS_MAX} objects`) !== null
  const taken = new Set<string>()
  const top = editor.topOrder()
  const records = cuts.flatMap(({ record, parts }) =>
    parts.map((part, i): ObjectRecord => {
      const shape = util(part).clamp(part, editor.image)
      return i === 0 ? { ...record, shape } : { ...record, id: editor.freshId(taken), order: top + taken.size, shape }
    }),
  )
  if (!editor.work('cut', () => editor.put(records))) return false
  select(editor, records.map(({ id }) => id))
  editor.say(`Cut into ${records.length} parts`)
  return true
}

/** Makes one polygon of the selected ones, which must touch (W47). It is the one that was selected first. */
export function mergeSelection(editor: Editor): boolean {
  const targets = changeableSelection(editor).flatMap(asTarget)
  const [first, ...others] = targets
  if (first === undefined || others.length === 0) return false
  const merged = others.reduce<Part[]>((parts, { shape }) => combine(parts.flat(), ringsOf(shape), 'union'), [ringsOf(first.shape)])
  const [part, ...rest] = merged
  if (part === undefined || rest.length > 0) return refuse(editor, 'They do not touch') !== null
  const shape = fromRings(part)
  const done = editor.work('merge', () => {
    editor.store.remove(...others.map(({ record }) => record.id))
    editor.put([{ ...first.record, shape: util(shape).clamp(shape, editor.image) }])
  })
  if (!done) return false
  select(editor, [first.record.id])
  editor.say(`Merged: ${editor.describe(first.record.id)}`)
  return true
}

/** Fills the holes of the selected polygons. */
export function fillHoles(editor: Editor): boolean {
  const filled = (record: ObjectRecord): ObjectRecord =>
    record.shape.type === 'polygon' && record.shape.holes !== undefined ? { ...record, shape: fromRings([record.shape.points]) } : record
  return change(editor, 'fill holes', changeableSelection(editor), filled)
}
