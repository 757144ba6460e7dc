import { change, create, refuse } from './actions'
import type { Editor } from './editor'
import { type Place, type Solid, aboutZ, composed, plus, turned, withinATurn } from './kernels/space'
import type { ObjectRecord } from './records'
import { changeableSelection, isChangeable } from './selection'
import { type Cuboid3d, type Key, type Stand, fieldsOf, rotationOf, roundSize, roundStand, solidOf, standAt } from './shapes/cuboid3d'
import type { Field } from './shapes/util'

// What can be done with cuboids. What is changed is where they stand at the moment that is looked at: of one that moves,
// the key of that moment, which is made where there is none.

export interface CuboidRecord extends ObjectRecord {
  readonly shape: Cuboid3d
}

export const isCuboid = (record: ObjectRecord): record is CuboidRecord => record.shape.type === 'cuboid3d'

/** The cuboids that are there at the moment that is looked at, and the room they take. */
export function solidsOf(editor: Editor): { readonly record: CuboidRecord; readonly solid: Solid }[] {
  const { frame, hidden } = editor.session
  return editor.scene.objects.filter(isCuboid).flatMap((record) => {
    const stand = hidden.has(record.id) ? null : standAt(record.shape, frame)
    return stand === null ? [] : [{ record, solid: solidOf(record.shape.size, stand) }]
  })
}

export function standOf(editor: Editor, { shape }: CuboidRecord): Stand | null {
  return standAt(shape, editor.session.frame)
}

/** The selected cuboid that work may be done on, if it is one alone. */
export function cuboidInHand(editor: Editor): CuboidRecord | null {
  const [record, ...others] = changeableSelection(editor)
  return record !== undefined && others.length === 0 && isCuboid(record) ? record : null
}

/** The shape with another place at this moment, or another size. */
export function standing(shape: Cuboid3d, frame: number, stand: Stand, size: Place = shape.size): Cuboid3d {
  const placed = roundStand(stand)
  const sized = roundSize(size)
  const { path } = shape
  if (path === undefined) return { type: 'cuboid3d', size: sized, ...placed }
  const key: Key = { frame, ...placed }
  const keys = [...path.filter((other) => other.frame !== frame), key].sort((a, b) => a.frame - b.frame)
  return withPath(sized, keys)
}

/** A cuboid that moves stands where its first key says (A42). */
function withPath(size: Place, path: readonly Key[]): Cuboid3d {
  const [first] = path
  if (first === undefined) throw new Error('a path without keys')
  const { frame: _, gone: __, ...stand } = first
  return { type: 'cuboid3d', size, ...stand, path }
}

export function putStand(editor: Editor, record: CuboidRecord, label: string, stand: Stand, size: Place = record.shape.size, merging: 'merge' | 'apart' = 'apart'): boolean {
  if (!isChangeable(editor, record.id)) return false
  const shape = standing(record.shape, editor.session.frame, stand, size)
  return change(editor, label, [record], () => ({ ...record, shape }), merging)
}

/** A new cuboid at this moment. Along a drive it stands still until somebody says that it moves. */
export function createCuboid(editor: Editor, solid: { readonly centre: Place; readonly size: Place; readonly yaw: number }): ObjectRecord | null {
  return create(editor, { type: 'cuboid3d', size: solid.size, centre: solid.centre, yaw: withinATurn(solid.yaw) })
}

/** Moves it along its own axes: ahead, to its left, up. */
export const moveAlong = (editor: Editor, by: Place, merging: 'merge' | 'apart'): boolean =>
  each(editor, 'move', merging, (record, stand) => [{ ...stand, centre: plus(stand.centre, turned(rotationOf(stand), by)) }, record.shape.size])

/** Makes it longer, wider or higher; it stays on the ground. */
export const resizeCuboid = (editor: Editor, by: Place, merging: 'merge' | 'apart'): boolean =>
  each(editor, 'resize', merging, (record, stand) => {
    const size = roundSize(plus(record.shape.size, by))
    const lifted = (size[2] - record.shape.size[2]) / 2
    return [{ ...stand, centre: plus(stand.centre, turned(rotationOf(stand), [0, 0, lifted])) }, size]
  })

/** Turns it on the spot, to its left by so many degrees. */
export const turnCuboid = (editor: Editor, degrees: number, merging: 'merge' | 'apart'): boolean =>
  each(editor, 'turn', merging, (record, stand) => [turnedBy(stand, (degrees * Math.PI) / 180), record.shape.size])

export function turnedBy(stand: Stand, angle: number): Stand {
  const yaw = withinATurn(stand.yaw + angle)
  return stand.rotation === undefined ? { ...stand, yaw } : { ...stand, yaw, rotation: composed(aboutZ(angle), stand.rotation) }
}

function each(editor: Editor, label: string, merging: 'merge' | 'apart', how: (record: CuboidRecord, stand: Stand) => readonly [Stand, Place]): boolean {
  const { frame } = editor.session
  const records = changeableSelection(editor).filter(isCuboid).filter(({ shape }) => standAt(shape, frame) !== null)
  return change(editor, label, records, (record) => {
    const stand = standAt((record as CuboidRecord).shape, frame)
    if (stand === null) return record
    const [next, size] = how(record as CuboidRecord, stand)
    return { ...record, shape: standing((record as CuboidRecord).shape, frame, next, size) }
  }, merging)
}

/** Puts it down on the ground below it, where the cloud shows it. */
export function putOnGround(editor: Editor): boolean {
  const record = cuboidInHand(editor)
  const stand = record === null ? null : standOf(editor, record)
  if (record === null || stand === null || editor.cloudView === null) return false
  const ground = editor.cloudView.groundAt(stand.centre)
  if (ground === null) return refuse(editor, 'The ground is not seen here') !== null
  const centre: Place = [stand.centre[0], stand.centre[1], ground + record.shape.size[2] / 2]
  const done = putStand(editor, record, 'ground', { ...stand, centre })
  if (done) editor.say('On the ground')
  return done
}

/** Fits its sides to the points in it and a little around it; its heading stays. */
export function shrinkToPoints(editor: Editor): boolean {
  const record = cuboidInHand(editor)
  const stand = record === null ? null : standOf(editor, record)
  if (record === null || stand === null || editor.cloudView === null) return false
  const room = editor.cloudView.extentIn(solidOf(record.shape.size, stand))
  if (room === null) return refuse(editor, 'There are too few points in it') !== null
  const size = room.high.map((high, i) => high - (room.low[i] as number)) as unknown as Place
  const middle = room.high.map((high, i) => (high + (room.low[i] as number)) / 2) as unknown as Place
  const centre = plus(stand.centre, turned(rotationOf(stand), middle))
  return putStand(editor, record, 'fit', { ...stand, centre }, size)
}

/** Its numbers at the moment that is looked at. */
export function cuboidFields(editor: Editor, record: CuboidRecord): Field[] {
  const stand = standOf(editor, record)
  return stand === null ? [] : fieldsOf(record.shape.size, stand)
}

export function setCuboidField(editor: Editor, record: CuboidRecord, key: string, value: number): boolean {
  const stand = standOf(editor, record)
  if (stand === null) return false
  const [centre, size] = [[...stand.centre] as [number, number, number], [...record.shape.size] as [number, number, number]]
  const at = { x: 0, y: 1, z: 2, length: 0, width: 1, height: 2 }[key]
  if (key === 'yaw') return putStand(editor, record, 'turn', turnedBy(stand, (value * Math.PI) / 180 - stand.yaw))
  if (at === undefined) return false
  if (key === 'x' || key === 'y' || key === 'z') centre[at] = value
  else {
    if (!(value >= 0.01 && value <= 1_000)) return refuse(editor, 'A side is 0.01 to 1,000 metres long') !== null
    size[at] = value
  }
  return putStand(editor, record, 'reshape', { ...stand, centre }, size)
}

// Along a drive

export function setFrame(editor: Editor, frame: number): boolean {
  if (editor.clouds === null) return false
  const next = Math.min(editor.clouds - 1, Math.max(0, Math.round(frame)))
  if (next === editor.session.frame) return false
  editor.updateSession({ frame: next })
  editor.say(`Cloud ${next + 1} of ${editor.clouds}`)
  return true
}

/** Whether it stands still all the time, or has a place of its own at each key. */
export function setMoving(editor: Editor, record: CuboidRecord, to: 'moving' | 'still'): boolean {
  const { frame } = editor.session
  const stand = standAt(record.shape, frame) ?? record.shape
  const { centre, yaw, rotation } = stand
  const placed = { centre, yaw, ...(rotation === undefined ? {} : { rotation }) }
  const shape: Cuboid3d = to === 'still'
    ? { type: 'cuboid3d', size: record.shape.size, ...placed }
    : withPath(record.shape.size, [{ frame, ...placed }])
  return isChangeable(editor, record.id) && change(editor, to, [record], () => ({ ...record, shape }))
}

/** Takes away the key of this moment; the last one stays. */
export function removeKey(editor: Editor, record: CuboidRecord): boolean {
  const { path = [], size } = record.shape
  const left = path.filter(({ frame }) => frame !== editor.session.frame)
  if (left.length === path.length || left.length === 0 || left[0]?.gone === true || !isChangeable(editor, record.id)) return false
  return change(editor, 'key', [record], () => ({ ...record, shape: withPath(size, left) }))
}

/** From this moment to the next key it is not there; where it is not there, it is from here on, where it was last. */
export function toggleGone(editor: Editor, record: CuboidRecord): boolean {
  const { path, size } = record.shape
  const { frame } = editor.session
  const first = path?.[0]
  if (path === undefined || first === undefined || !isChangeable(editor, record.id)) return false
  const there = standAt(record.shape, frame)
  if (there !== null && frame === first.frame) return refuse(editor, 'It begins here: delete it, or begin later') !== null
  const { centre, yaw, rotation } = there ?? [...path].reverse().find((key) => key.frame <= frame) ?? first
  const key: Key = { frame, centre, yaw, ...(rotation === undefined ? {} : { rotation }), ...(there === null ? {} : { gone: true }) }
  const keys = [...path.filter((other) => other.frame !== frame), key].sort((a, b) => a.frame - b.frame)
  return change(editor, 'gone', [record], () => ({ ...record, shape: withPath(size, keys) }))
}
