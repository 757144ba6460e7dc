import { refuse } from './actions'
import type { Editor } from './editor'
import { defaultsOf } from './ontology'
import type { ObjectRecord } from './records'
import { isChangeable, select } from './selection'
import { type Points3d, pointsOf, stretchesOf } from './shapes/points3d'

// What can be said of points. The points of one class in one cloud are one object, until somebody selects another of that class;
// a point belongs to one object at a time.

export interface PointsRecord extends ObjectRecord {
  readonly shape: Points3d
}

export const isPoints = (record: ObjectRecord): record is PointsRecord => record.shape.type === 'points3d'

export const pointsIn = (editor: Editor, cloud: number): PointsRecord[] => editor.scene.objects.filter(isPoints).filter(({ shape }) => shape.cloud === cloud)

/** To which object each point of a cloud belongs: its place in the list, from 1; 0 to none. The later lies on top. */
export function ownersOf(records: readonly PointsRecord[], count: number): Uint16Array {
  const owners = new Uint16Array(count)
  for (const [i, { shape }] of records.entries()) for (const [from, to] of stretchesOf(shape)) owners.fill(i + 1, from, to)
  return owners
}

/** Gives points of a cloud to the class in hand, or takes them from whatever has them. What is hidden or locked keeps its own. */
export function givePoints(editor: Editor, cloud: number, count: number, numbers: Iterable<number>, to: 'class' | 'none'): boolean {
  const { class: key, selected } = editor.session
  if (editor.session.readOnly) return false
  if (to === 'class' && key === null) return refuse(editor, 'Choose a class first') !== null
  const there = pointsIn(editor, cloud)
  const owners = ownersOf(there, count)
  const free = there.map(({ id }) => isChangeable(editor, id))
  const ofClass = there.map((record, i) => ({ record, i })).filter(({ record, i }) => record.class === key && free[i])
  const own = to === 'none' ? null : (ofClass.find(({ record }) => selected.includes(record.id)) ?? ofClass[0] ?? null)
  // What has no object yet is that of a new one.
  const mine = own === null ? there.length + 1 : own.i + 1
  const touched = new Set<number>()
  let taken = 0
  for (const number of numbers) {
    const owner = owners[number]
    if (owner === undefined || (to === 'class' && owner === mine) || (owner > 0 && free[owner - 1] !== true) || (to === 'none' && owner === 0)) continue
    if (owner > 0) touched.add(owner)
    owners[number] = to === 'none' ? 0 : mine
    taken += 1
  }
  if (taken === 0) return false
  const changed: ObjectRecord[] = []
  const gone: string[] = []
  for (const owner of touched) {
    const record = there[owner - 1] as PointsRecord
    if (owners.includes(owner)) changed.push({ ...record, shape: pointsOf(cloud, owners, owner) })
    else gone.push(record.id)
  }
  if (to === 'class' && key !== null) {
    const shape = pointsOf(cloud, owners, mine)
    if (own !== null) changed.push({ ...own.record, shape })
    else {
      const defaults = defaultsOf(editor.ontology, key)
      const attributes = Object.keys(defaults).length > 0 ? defaults : null
      changed.push({ id: editor.freshId(), scope: 'document', kind: 'object', order: editor.topOrder() + 1, class: key, shape, attributes, group: null, rest: {} })
    }
  }
  const done = editor.work(to === 'none' ? 'erase' : 'mark', () => {
    editor.store.remove(...gone)
    editor.put(changed)
  })
  if (done) editor.say(`${taken.toLocaleString('en')} points ${to === 'none' ? 'taken away' : `are ${editor.ontology.classes.find((each) => each.key === key)?.name ?? key}`}`)
  return done
}

/** Selects the object that a point belongs to. */
export function selectPoint(editor: Editor, cloud: number, count: number, number: number): boolean {
  const there = pointsIn(editor, cloud)
  const record = there[(ownersOf(there, count)[number] ?? 0) - 1]
  if (record === undefined) return false
  select(editor, [record.id])
  editor.say(editor.describe(record.id))
  return true
}
