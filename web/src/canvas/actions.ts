import { type AnswerObject, parseObject, toAnswerObject } from './document'
import { cameraInFront, imageOf, isInFront } from './cameras'
import { isCuboid, setCuboidField } from './cuboids'
import type { Editor } from './editor'
import { type Point, add, limitShift, round, roundPoint, samePoint, union } from './kernels/geometry'
import { showOnly } from './only'
import { type Move, reorder } from './kernels/order'
import { NUDGE, OBJECTS_MAX, PASTE_OFFSET } from './limits'
import { attributesUnder, defaultsOf } from './ontology'
import type { ObjectRecord } from './records'
import { changeableSelection, isChangeable, isPickable, select } from './selection'
import { type Shape, boundsOfShape, util } from './shapes'
import { markRange, rangeInHand } from './spans'

// The work that can be done on an answer, one function each. All go through `editor.work`, which
// makes each a step of the history and refuses them in read-only mode. Each says whether it did anything.

/** Adds what a tool has drawn, under the class in the hand; refused, it returns null and says why. */
export function create(editor: Editor, drawn: Shape, label = 'draw'): ObjectRecord | null {
  const shape = util(drawn).clamp(drawn, editor.image)
  const { class: key } = editor.session
  if (key === null) return refuse(editor, 'Choose a class first')
  if (editor.scene.objects.length >= OBJECTS_MAX) return refuse(editor, `An answer has at most ${OBJECTS_MAX} objects`)
  if (!util(shape).isWorthKeeping(shape)) return refuse(editor, 'Too small to be kept')
  const defaults = defaultsOf(editor.ontology, key)
  const record: ObjectRecord = {
    id: editor.freshId(),
    scope: 'document',
    kind: 'object',
    order: editor.topOrder() + 1,
    class: key,
    shape,
    attributes: Object.keys(defaults).length > 0 ? defaults : null,
    group: null,
    rest: {},
    ...inCameraInFront(editor),
  }
  if (!editor.work(label, () => editor.put([record]))) return null
  select(editor, [record.id])
  editor.say(`${label === 'draw' ? 'Drawn' : 'Marked'}: ${editor.describe(record.id)}`)
  return record
}

/** What says of a new object that it is in the picture in front. */
function inCameraInFront(editor: Editor): { readonly camera?: string } {
  const camera = cameraInFront(editor)
  return camera === undefined ? {} : { camera }
}

/** Says why nothing was done. */
export function refuse(editor: Editor, why: string): null {
  editor.say(why)
  return null
}

/** Changes each of these objects; what the change leaves as it is, is not written. */
export function change(
  editor: Editor,
  label: string,
  objects: readonly ObjectRecord[],
  how: (record: ObjectRecord) => ObjectRecord,
  merging: 'merge' | 'apart' = 'apart',
): boolean {
  const changed = objects.map(how).filter((record, i) => record !== objects[i])
  return changed.length > 0 && editor.work(label, () => editor.put(changed), merging)
}

/** Puts numbers in the place of a gesture (W33): clamped, rounded, and refused if nothing would be left. */
export function setGeometry(editor: Editor, id: string, wanted: Shape): boolean {
  const record = editor.scene.get(id)
  if (record === null || !isChangeable(editor, id)) return false
  return setShapeUnlessSmall(editor, record, wanted, 'reshape')
}

/** The shape in the place of what was there, unless nothing would be left. */
export function setShapeUnlessSmall(editor: Editor, record: ObjectRecord, wanted: Shape, label: string): boolean {
  const shape = util(wanted).clamp(wanted, imageOf(editor, record))
  if (!util(shape).isWorthKeeping(shape)) return refuse(editor, 'Too small to be kept') !== null
  return change(editor, label, [record], () => ({ ...record, shape }))
}

/** A place for the point in hand, in numbers (W33). */
export function setHandle(editor: Editor, id: string, handle: number, to: Point): boolean {
  const record = editor.scene.get(id)
  if (record === null || !isChangeable(editor, id)) return false
  return setShapeUnlessSmall(editor, record, util(record.shape).moveHandle(record.shape, handle, to), 'reshape')
}

/** One of the numbers of a shape (W33). */
export function setField(editor: Editor, id: string, key: string, value: number): boolean {
  const record = editor.scene.get(id)
  if (record !== null && isCuboid(record)) return setCuboidField(editor, record, key, value)
  const wanted = record === null ? undefined : util(record.shape).withField?.(record.shape, key, value)
  return wanted !== undefined && setGeometry(editor, id, wanted)
}

export function remove(editor: Editor): boolean {
  // A track can be deleted in a frame where it is not seen.
  const there = editor.session.readOnly ? [] : editor.session.selected.filter((id) => editor.store.get(id) !== null && isPickable(editor, id))
  // What lies in another picture is not deleted by a key that means this one.
  const ids = there.filter((id) => isInFront(editor, editor.scene.get(id) ?? {}))
  if (there.length > 0 && ids.length === 0) return refuse(editor, 'It is in another camera') !== null
  if (ids.length === 0) return false
  const done = editor.work('delete', () => editor.store.remove(...ids))
  if (done) editor.say(ids.length === 1 ? 'Deleted' : `${ids.length} objects deleted`)
  return done
}

/** Moves the handle in hand, or else the selection as a whole (W30). */
export function nudge(editor: Editor, by: Point, merging: 'merge' | 'apart' = 'apart'): boolean {
  const objects = changeableSelection(editor)
  const [first] = objects
  if (first === undefined) return false
  const { handle } = editor.session
  const grip = handle === null || objects.length > 1 ? undefined : util(first.shape).handles(first.shape)[handle]
  if (handle !== null && grip !== undefined) {
    return reshape(editor, 'reshape', [first], ({ shape }) => util(shape).moveHandle(shape, handle, add(grip.at, by)), merging)
  }
  const bounds = objects.map(({ shape }) => boundsOfShape(shape)).reduce(union)
  const shift = limitShift(bounds, roundPoint(by), editor.image)
  reshape(editor, 'move', objects, ({ shape }) => util(shape).translate(shape, shift), merging)
  return true
}

/** Moves the right and the lower side of the selected shapes: resizing without a drag (W30). */
export const resizeBy = (editor: Editor, by: Point, merging: 'merge' | 'apart' = 'apart'): boolean =>
  reshape(
    editor,
    'resize',
    changeableSelection(editor),
    ({ shape }) => {
      const { left, top, right, bottom } = boundsOfShape(shape)
      const to = { left, top, right: Math.max(left + NUDGE, right + by[0]), bottom: Math.max(top + NUDGE, bottom + by[1]) }
      return util(shape).stretch(shape, to)
    },
    merging,
  )

/** Turns the selected shapes that can be turned, each about its own centre. */
export const turnBy = (editor: Editor, degrees: number, merging: 'merge' | 'apart' = 'apart'): boolean =>
  reshape(editor, 'turn', changeableSelection(editor), ({ shape }) => util(shape).turn?.(shape, degrees) ?? shape, merging)

function reshape(
  editor: Editor,
  label: string,
  objects: readonly ObjectRecord[],
  how: (record: ObjectRecord) => Shape,
  merging: 'merge' | 'apart' = 'apart',
): boolean {
  const to = (record: ObjectRecord): ObjectRecord => {
    const moved = how(record)
    if (moved === record.shape) return record
    const shape = util(moved).clamp(moved, editor.image)
    return util(shape).isWorthKeeping(shape) ? { ...record, shape } : record
  }
  return change(editor, label, objects, to, merging)
}

export function insertVertexAt(editor: Editor, id: string, edge: number, at: Point): boolean {
  const record = editor.scene.get(id)
  if (record === null || !isChangeable(editor, id)) return false
  const shape = util(record.shape).insertVertex?.(record.shape, edge, roundPoint(at)) ?? null
  if (shape === null) return false
  const done = change(editor, 'insert point', [record], () => ({ ...record, shape }))
  if (done) editor.updateSession({ handle: newVertex(record.shape, shape) ?? edge + 1 })
  return done
}

/** The vertex that the one shape has and the other has not. */
function newVertex(before: Shape, after: Shape): number | null {
  const vertices = (shape: Shape) => util(shape).handles(shape).filter(({ kind }) => kind === 'vertex').map(({ at }) => at)
  const known = vertices(before)
  const found = vertices(after).findIndex((at, i) => known[i] === undefined || !samePoint(at, known[i]))
  return found < 0 ? null : found
}

/** The next of the ways in which the point in hand can be there: visible, hidden. */
export function cycleHandleState(editor: Editor): boolean {
  const [object, ...others] = changeableSelection(editor)
  const { handle } = editor.session
  if (object === undefined || others.length > 0 || handle === null) return false
  const shape = util(object.shape).cycleVertex?.(object.shape, handle) ?? null
  if (shape === null || !change(editor, 'visibility', [object], () => ({ ...object, shape }))) return false
  editor.say(editor.describe(object.id))
  return true
}

/** Deletes a vertex: of a box there is none, and a triangle keeps its three. */
export function deleteHandle(editor: Editor, id: string, handle: number): boolean {
  const record = editor.scene.get(id)
  if (record === null || !isChangeable(editor, id)) return false
  const shape = util(record.shape).deleteVertex?.(record.shape, handle) ?? null
  if (shape === null || !util(shape).isWorthKeeping(shape)) return refuse(editor, 'This point cannot be deleted') !== null
  const done = change(editor, 'delete point', [record], () => ({ ...record, shape }))
  if (done) editor.updateSession({ handle: null })
  return done
}

/** Changes the class of the selection, and is the class of what is drawn next (W18). */
export function setClass(editor: Editor, key: string): boolean {
  const isKnown = editor.ontology.classes.some((c) => c.key === key && c.retired !== true)
  if (!isKnown) return false
  editor.updateSession({ class: key })
  // Where one class at a time is shown, its key goes to it.
  if (editor.session.only !== null && editor.session.selected.length === 0 && rangeInHand(editor) === null) return showOnly(editor, key)
  // What is selected of a text wants the class before what is marked already does.
  if (rangeInHand(editor) !== null) return markRange(editor)
  if (editor.root.mode !== 'select') return true
  const others = changeableSelection(editor).filter((record) => record.class !== key)
  return change(editor, 'class', others, (record) => {
    const attributes = attributesUnder(editor.ontology, key, record.attributes ?? {})
    return { ...record, class: key, attributes: Object.keys(attributes).length > 0 ? attributes : null }
  })
}

/** Says something of objects; `undefined` takes back what was said. */
export const setAttribute = (editor: Editor, ids: readonly string[], key: string, value: unknown): boolean =>
  change(
    editor,
    'attribute',
    ids.filter((id) => isChangeable(editor, id)).flatMap((id) => editor.scene.get(id) ?? []),
    (record) => ({ ...record, attributes: withValue(record.attributes, key, value) }),
  )

export const setItemAttribute = (editor: Editor, key: string, value: unknown): boolean =>
  editor.work('attribute', () => {
    editor.store.put({ ...editor.item, attributes: withValue(editor.item.attributes, key, value) })
  })

export const setChoices = (editor: Editor, choices: readonly string[]): boolean =>
  editor.work('choice', () => editor.store.put({ ...editor.item, choices: [...new Set(choices)] }))

/** Typing is one step, however many letters. */
export const setNote = (editor: Editor, note: string): boolean =>
  editor.work('note', () => editor.store.put({ ...editor.item, note: note === '' ? null : note }), 'merge')

function withValue(attributes: ObjectRecord['attributes'], key: string, value: unknown): ObjectRecord['attributes'] {
  const { [key]: _, ...others } = attributes ?? {}
  const next = value === undefined ? others : { ...attributes, [key]: value }
  return Object.keys(next).length > 0 ? next : null
}

export function reorderSelection(editor: Editor, move: Move): boolean {
  const moving = new Set(changeableSelection(editor).map(({ id }) => id))
  const moved = reorder(editor.placed(), moving, move)
  if (moved.length === 0) return false
  const orders = new Map(moved.map(({ id, order }) => [id, order]))
  return editor.work('order', () =>
    editor.put(editor.placed().flatMap((record) => {
      const order = orders.get(record.id)
      return order === undefined ? [] : [{ ...record, order }]
    })),
  )
}

/** The selection as it would be saved: for the clipboard, or to take along to the next image. */
export const exportSelection = (editor: Editor): AnswerObject[] => {
  const ids = new Set(editor.session.selected)
  return editor.scene.objects.filter(({ id }) => ids.has(id)).map(toAnswerObject)
}

/**
 * Adds copies of objects, under new ids, and selects them. They are brought onto this image, which
 * may be smaller than the one they come from; what is then not worth keeping is left out. They are in no group, and in
 * the picture in front, or in that of the camera that they say.
 */
export function importSelection(editor: Editor, objects: readonly unknown[], offset = 0, label = 'paste', where: 'in front' | 'as said' = 'in front'): boolean {
  const room = OBJECTS_MAX - editor.scene.objects.length
  const taken = new Set<string>()
  const records = objects.slice(0, room).flatMap((value, i): ObjectRecord[] => {
    const parsed = parseObject(value, editor.topOrder() + 1 + i)
    if (parsed === null) return []
    const { camera, ...record } = parsed
    const isThere = where === 'as said' && editor.cameras.some(({ name }) => name === camera)
    const on = isThere && camera !== undefined ? { camera } : inCameraInFront(editor)
    const moved = util(record.shape).translate(record.shape, [offset, offset])
    const shape = util(moved).clamp(moved, imageOf(editor, on))
    return util(shape).isWorthKeeping(shape) ? [{ ...record, ...on, id: editor.freshId(taken), shape, group: null }] : []
  })
  if (records.length === 0 || !editor.work(label, () => editor.put(records))) return false
  const ids = records.map(({ id }) => id)
  select(editor, ids)
  editor.say(ids.length === 1 ? 'One object added' : `${ids.length} objects added`)
  return true
}

export function copy(editor: Editor): boolean {
  const clipboard = exportSelection(editor)
  if (clipboard.length === 0) return false
  editor.updateSession({ clipboard })
  return true
}

export const cut = (editor: Editor): boolean => copy(editor) && remove(editor)
export const paste = (editor: Editor): boolean => importSelection(editor, editor.session.clipboard, PASTE_OFFSET)
export const duplicate = (editor: Editor): boolean =>
  importSelection(editor, exportSelection(editor), PASTE_OFFSET, 'duplicate')

/** Takes hold of the next handle of the one selected shape, for the keys to move (W34). */
export function cycleHandle(editor: Editor, step: 1 | -1): boolean {
  const [object, ...others] = changeableSelection(editor)
  if (object === undefined || others.length > 0) return false
  const handles = [...util(object.shape).handles(object.shape).entries()].filter(([, { kind }]) => kind !== 'midpoint')
  const here = handles.findIndex(([handle]) => handle === editor.session.handle)
  const next = here < 0 ? (step === 1 ? 0 : handles.length - 1) : (here + step + handles.length) % handles.length
  const [handle, grip] = handles[next] ?? []
  if (handle === undefined || grip === undefined) return false
  editor.updateSession({ handle })
  editor.say(`${grip.kind === 'control' ? 'Bend' : 'Point'} ${next + 1} of ${handles.length}, ${round(grip.at[0])}, ${round(grip.at[1])}`)
  return true
}

/** Puts a vertex halfway to the next one. */
export function insertAfterHandle(editor: Editor): boolean {
  const [object, ...others] = changeableSelection(editor)
  const { handle } = editor.session
  if (object === undefined || others.length > 0 || handle === null) return false
  const handles = util(object.shape).handles(object.shape)
  const vertices = handles.filter(({ kind }) => kind === 'vertex').length
  const midpoint = handles[vertices + handle]
  return handle < vertices && midpoint?.kind === 'midpoint' && insertVertexAt(editor, object.id, handle, midpoint.at)
}

/** Deletes the vertex in hand, or else the selection. */
export function removeInHand(editor: Editor): boolean {
  const { handle, selected } = editor.session
  const [id] = selected
  const shape = id === undefined ? undefined : editor.scene.get(id)?.shape
  const kind = handle === null || shape === undefined ? undefined : util(shape).handles(shape)[handle]?.kind
  const isVertex = kind === 'vertex' || kind === 'control'
  if (isVertex && handle !== null && selected.length === 1 && id !== undefined) return deleteHandle(editor, id, handle)
  return remove(editor)
}
