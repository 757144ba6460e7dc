import { refuse } from './actions'
import { idOfRelation } from './document'
import type { Editor } from './editor'
import { type Ontology, type RelationKind, joins } from './ontology'
import type { ObjectRecord, RelationRecord } from './records'
import { changeableAnywhere, isChangeable, select } from './selection'

// How objects stand to each other: relations from one to another, and groups (W130–W133).

/** Relations of an answer, as many as objects (A50). */
const RELATIONS_MAX = 50_000

export const kindOf = ({ relations = [] }: Ontology, key: string): RelationKind | undefined => relations.find((kind) => kind.key === key)

/** The kinds that may lead from the one object to the other. */
export const kindsBetween = ({ ontology }: Editor, from: ObjectRecord, to: ObjectRecord): RelationKind[] =>
  (ontology.relations ?? []).filter((kind) => kind.retired !== true && joins(ontology, kind, from.class, to.class))

export const relationsOf = (editor: Editor, id: string): RelationRecord[] => editor.scene.relations.filter(({ from, to }) => from === id || to === id)

/** Whether it is said already; of a kind that goes both ways, from either end. */
function isSaid({ store, ontology }: Editor, relation: string, from: string, to: string): boolean {
  const isMutual = kindOf(ontology, relation)?.direction === 'both_ways'
  return store.get(idOfRelation(relation, from, to)) !== null || (isMutual && store.get(idOfRelation(relation, to, from)) !== null)
}

/** Joins two objects; of the kind in hand, or else the first that may lead there. */
export function relate(editor: Editor, from: string, to: string, wanted: string | null = editor.session.relation): boolean {
  const [a, b] = [editor.scene.get(from), editor.scene.get(to)]
  if (a === null || b === null || from === to || !isChangeable(editor, from) || !isChangeable(editor, to)) return false
  const fitting = kindsBetween(editor, a, b)
  const kind = fitting.find(({ key }) => key === wanted) ?? fitting[0]
  if (kind === undefined) {
    const name = (key: string) => editor.ontology.classes.find((each) => each.key === key)?.name ?? key
    return refuse(editor, `No relation leads from ${name(a.class)} to ${name(b.class)}`) !== null
  }
  const id = idOfRelation(kind.key, from, to)
  if (isSaid(editor, kind.key, from, to)) return refuse(editor, 'They stand so to each other already') !== null
  if (editor.scene.relations.length >= RELATIONS_MAX) return refuse(editor, `An answer has at most ${RELATIONS_MAX} relations`) !== null
  const record: RelationRecord = { id, scope: 'document', kind: 'relation', order: editor.topOrder() + 1, relation: kind.key, from, to }
  if (!editor.work('relation', () => editor.put([record]))) return false
  editor.say(`Joined: ${describeRelation(editor, record)}`)
  return true
}

export function unrelate(editor: Editor, id: string): boolean {
  const done = editor.store.get(id) !== null && editor.work('relation', () => editor.store.remove(id))
  if (done) editor.say('Relation taken away')
  return done
}

/** Another kind for a relation, if it may lead there and is not said already. */
export function setRelation(editor: Editor, { id, from, to }: RelationRecord, relation: string): boolean {
  const record = editor.store.get(id)
  if (record?.kind !== 'relation' || isSaid(editor, relation, from, to)) return false
  return editor.work('relation', () => {
    editor.store.remove(id)
    editor.put([{ ...record, id: idOfRelation(relation, from, to), relation }])
  })
}

/** The ends of a relation the other way round, where that may be. */
export function turnRelation(editor: Editor, { id, from, to, relation }: RelationRecord): boolean {
  const [a, b, kind] = [editor.scene.get(from), editor.scene.get(to), kindOf(editor.ontology, relation)]
  const record = editor.store.get(id)
  if (a === null || b === null || kind === undefined || record?.kind !== 'relation' || isSaid(editor, relation, to, from)) return false
  if (!joins(editor.ontology, kind, b.class, a.class)) return refuse(editor, `${kind.name} does not lead that way`) !== null
  return editor.work('relation', () => {
    editor.store.remove(id)
    editor.put([{ ...record, id: idOfRelation(relation, to, from), from: to, to: from }])
  })
}

/**
 * The key that joins: with two selected, the first to the second; with one, it waits for the other, which the key
 * again (or a click) joins it to.
 */
export function join(editor: Editor): boolean {
  const selected = changeableAnywhere(editor)
  const [first, second] = selected
  const { joining } = editor.session
  if ((editor.ontology.relations ?? []).length === 0 || first === undefined || selected.length > 2) return false
  if (second !== undefined) return relate(editor, first.id, second.id)
  if (joining !== null && joining !== first.id) return joinTo(editor, first.id)
  editor.updateSession({ joining: first.id })
  editor.say('Joined to which? Click it, or go to it with period and comma and press the key again')
  return true
}

/** Somebody has pointed at this object: what waits for the other end has it now. */
export function joinTo(editor: Editor, id: string): boolean {
  const { joining } = editor.session
  if (joining === null || joining === id) return false
  editor.updateSession({ joining: null })
  return relate(editor, joining, id)
}

export function stopJoining(editor: Editor): boolean {
  if (editor.session.joining === null) return false
  editor.updateSession({ joining: null })
  editor.say('Not joined')
  return true
}

/** The next kind of relation comes into the hand. */
export function nextRelation(editor: Editor): boolean {
  const kinds = (editor.ontology.relations ?? []).filter(({ retired }) => retired !== true)
  if (kinds.length === 0) return false
  const at = kinds.findIndex(({ key }) => key === (editor.session.relation ?? kinds[0]?.key))
  const next = kinds[(at + 1) % kinds.length]
  if (next === undefined) return false
  editor.updateSession({ relation: next.key })
  editor.say(`Relation in hand: ${next.name}`)
  return true
}

// Groups

export const membersOf = (editor: Editor, group: number): ObjectRecord[] => editor.scene.objects.filter((object) => object.group === group)

/** Those selected come to belong together, and to nothing else. */
export function group(editor: Editor): boolean {
  const objects = changeableAnywhere(editor)
  if (objects.length < 2) return false
  const taken = new Set(editor.scene.objects.flatMap((object) => object.group ?? []))
  let number = 1
  while (taken.has(number)) number += 1
  if (!editor.work('group', () => editor.put(objects.map((object) => ({ ...object, group: number }))))) return false
  editor.say(`Group ${number}, of ${objects.length}`)
  return true
}

export function ungroup(editor: Editor): boolean {
  const objects = changeableAnywhere(editor).filter((object) => object.group !== null)
  if (objects.length === 0) return false
  const done = editor.work('group', () => editor.put(objects.map((object) => ({ ...object, group: null }))))
  if (done) editor.say(objects.length === 1 ? 'In no group' : `${objects.length} objects in no group`)
  return done
}

/** Selects all that belong together with what is selected. */
export function selectGroup(editor: Editor): boolean {
  const groups = new Set(editor.session.selected.flatMap((id) => editor.scene.get(id)?.group ?? []))
  const members = editor.scene.objects.filter((object) => object.group !== null && groups.has(object.group))
  if (members.length === 0) return false
  select(editor, members.map(({ id }) => id))
  editor.say(`${members.length} objects of the group selected`)
  return true
}

export function describeRelation(editor: Editor, { relation, from, to }: RelationRecord): string {
  return `${editor.nameOf(from)} ${kindOf(editor.ontology, relation)?.name ?? relation} ${editor.nameOf(to)}`
}
