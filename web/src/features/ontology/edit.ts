import type { AttributeType } from '../../api/types'
import { type AttributeRow, type ClassRow, type Doc, freeColor, freeHotkey, type OptionRow, type RelationRow, span, uid } from './model'

export type Edit =
  | { type: 'class.add'; names: readonly string[]; after?: string }
  | { type: 'class.change'; uid: string; change: Partial<Pick<ClassRow, 'name' | 'color' | 'hotkey' | 'description' | 'skeleton' | 'retired'>> }
  | { type: 'class.remove'; uid: string }
  | { type: 'class.up' | 'class.down' | 'class.in' | 'class.out'; uid: string }
  /** Dropped before the row at `index`, `depth` levels in. */
  | { type: 'class.drop'; uid: string; index: number; depth: number }
  | { type: 'attribute.add'; kind: AttributeType; scope: 'object' | 'item' }
  | { type: 'attribute.change'; uid: string; change: Partial<Omit<AttributeRow, 'uid' | 'key' | 'options'>> }
  | { type: 'attribute.remove' | 'attribute.up' | 'attribute.down'; uid: string }
  | { type: 'relation.add' }
  | { type: 'relation.change'; uid: string; change: Partial<Omit<RelationRow, 'uid' | 'key'>> }
  | { type: 'relation.remove'; uid: string }
  | { type: 'option.add'; uid: string; names: readonly string[] }
  | { type: 'option.change'; uid: string; option: string; change: Partial<Pick<OptionRow, 'name' | 'retired'>> }
  | { type: 'option.remove' | 'option.up' | 'option.down'; uid: string; option: string }

const swap = <R>(rows: readonly R[], at: number, by: -1 | 1): readonly R[] => {
  const to = at + by
  if (at < 0 || to < 0 || to >= rows.length) return rows
  const out = [...rows]
  ;[out[at], out[to]] = [out[to] as R, out[at] as R]
  return out
}

const withClasses = (doc: Doc, classes: readonly ClassRow[]): Doc => ({ ...doc, classes })

/** Moves the class and its descendants so that it comes before what is now at `index`, and puts it at `depth` if the place allows. */
function place(doc: Doc, from: number, index: number, depth: number): Doc {
  const size = span(doc.classes, from)
  if (index > from && index < from + size) return doc // Not into itself.
  const moved = doc.classes.slice(from, from + size)
  const rest = [...doc.classes.slice(0, from), ...doc.classes.slice(from + size)]
  const at = index > from ? index - size : index
  const above = rest[at - 1]
  const below = rest[at]
  const deepest = above ? above.depth + 1 : 0
  const shallowest = below ? below.depth : 0
  const next = Math.max(Math.min(shallowest, deepest), Math.min(depth, deepest))
  const shift = next - (moved[0]?.depth ?? 0)
  rest.splice(at, 0, ...moved.map((row) => ({ ...row, depth: row.depth + shift })))
  return withClasses(doc, rest)
}

/** The same level of the same parent, one place up or down. */
function sibling(doc: Doc, at: number, by: -1 | 1): Doc {
  const depth = doc.classes[at]?.depth ?? 0
  if (by === 1) {
    const next = at + span(doc.classes, at)
    return doc.classes[next]?.depth === depth ? place(doc, at, next + span(doc.classes, next), depth) : doc
  }
  let to = at - 1
  while (to >= 0 && (doc.classes[to]?.depth ?? 0) > depth) to -= 1
  return doc.classes[to]?.depth === depth ? place(doc, at, to, depth) : doc
}

function editClass(doc: Doc, edit: Extract<Edit, { type: `class.${string}` }>): Doc {
  if (edit.type === 'class.add') {
    let next = doc
    const start = edit.after === undefined ? -1 : doc.classes.findIndex((row) => row.uid === edit.after)
    const depth = start < 0 ? 0 : (doc.classes[start]?.depth ?? 0)
    let at = start < 0 ? doc.classes.length : start + span(doc.classes, start)
    for (const name of edit.names) {
      const row: ClassRow = { uid: uid(), key: null, name, color: freeColor(next), hotkey: freeHotkey(next), depth, description: '', skeleton: null, retired: false }
      next = withClasses(next, next.classes.toSpliced(at, 0, row))
      at += 1
    }
    return next
  }
  const at = doc.classes.findIndex((row) => row.uid === edit.uid)
  const row = doc.classes[at]
  if (!row) return doc
  switch (edit.type) {
    case 'class.change': return withClasses(doc, doc.classes.with(at, { ...row, ...edit.change }))
    case 'class.remove': {
      // Children of a removed class move up to its place.
      const size = span(doc.classes, at)
      const classes = doc.classes.flatMap((each, index) => (index === at ? [] : index > at && index < at + size ? [{ ...each, depth: each.depth - 1 }] : [each]))
      const rest = (ids: readonly string[]) => ids.filter((id) => id !== edit.uid)
      return {
        classes,
        attributes: doc.attributes.map((attribute) => ({ ...attribute, classes: rest(attribute.classes) })),
        relations: doc.relations.map((relation) => ({ ...relation, from: rest(relation.from), to: rest(relation.to) })),
      }
    }
    case 'class.up': return sibling(doc, at, -1)
    case 'class.down': return sibling(doc, at, 1)
    case 'class.in': return row.depth <= (doc.classes[at - 1]?.depth ?? -1) ? place(doc, at, at, row.depth + 1) : doc
    case 'class.out': {
      if (row.depth === 0) return doc
      // Out of its parent means below its parent's other descendants.
      let end = at + span(doc.classes, at)
      while (end < doc.classes.length && (doc.classes[end]?.depth ?? 0) >= row.depth) end += span(doc.classes, end)
      return place(doc, at, end, row.depth - 1)
    }
    case 'class.drop': return place(doc, at, edit.index, Math.max(0, edit.depth))
  }
}

const usual = { boolean: 'Yes or no', select: 'One of', multi: 'Some of', text: 'Text', number: 'Number' } as const

function editRelation(doc: Doc, edit: Extract<Edit, { type: `relation.${string}` }>): Doc {
  const { relations } = doc
  if (edit.type === 'relation.add') return { ...doc, relations: [...relations, { uid: uid(), key: null, name: 'Belongs to', from: [], to: [], isMutual: false, retired: false }] }
  const at = relations.findIndex((row) => row.uid === edit.uid)
  const row = relations[at]
  if (!row) return doc
  return { ...doc, relations: edit.type === 'relation.remove' ? relations.toSpliced(at, 1) : relations.with(at, { ...row, ...edit.change }) }
}

function editAttribute(doc: Doc, edit: Exclude<Edit, { type: `class.${string}` | `relation.${string}` }>): Doc {
  if (edit.type === 'attribute.add') {
    const options = edit.kind === 'select' || edit.kind === 'multi' ? [{ uid: uid(), key: null, name: 'Option 1', retired: false }] : []
    const row: AttributeRow = { uid: uid(), key: null, name: usual[edit.kind], type: edit.kind, scope: edit.scope, classes: [], options, required: false, default: null, min: null, max: null, perFrame: false, description: '', retired: false }
    return { ...doc, attributes: [...doc.attributes, row] }
  }
  const at = doc.attributes.findIndex((row) => row.uid === edit.uid)
  const row = doc.attributes[at]
  if (!row) return doc
  const put = (next: AttributeRow): Doc => ({ ...doc, attributes: doc.attributes.with(at, next) })
  const optionAt = 'option' in edit ? row.options.findIndex((option) => option.uid === edit.option) : -1
  const option = row.options[optionAt]
  switch (edit.type) {
    case 'attribute.change': {
      const next = { ...row, ...edit.change }
      if (edit.change.type && edit.change.type !== row.type) {
        next.default = null
        if ((next.type === 'select' || next.type === 'multi') && next.options.length === 0) next.options = [{ uid: uid(), key: null, name: 'Option 1', retired: false }]
      }
      return put(next)
    }
    case 'attribute.remove': return { ...doc, attributes: doc.attributes.toSpliced(at, 1) }
    case 'attribute.up': return { ...doc, attributes: swap(doc.attributes, at, -1) }
    case 'attribute.down': return { ...doc, attributes: swap(doc.attributes, at, 1) }
    case 'option.add': return put({ ...row, options: [...row.options, ...edit.names.map((name) => ({ uid: uid(), key: null, name, retired: false }))] })
    case 'option.change': return option ? put({ ...row, options: row.options.with(optionAt, { ...option, ...edit.change }), ...(edit.change.retired ? { default: without(row.default, edit.option) } : {}) }) : doc
    case 'option.remove': return put({ ...row, options: row.options.filter((each) => each.uid !== edit.option), default: without(row.default, edit.option) })
    case 'option.up': return put({ ...row, options: swap(row.options, optionAt, -1) })
    case 'option.down': return put({ ...row, options: swap(row.options, optionAt, 1) })
  }
}

const without = (value: AttributeRow['default'], option: string): AttributeRow['default'] =>
  value === option ? null : Array.isArray(value) ? value.filter((each) => each !== option) : value

export function apply(doc: Doc, edit: Edit): Doc {
  if (edit.type.startsWith('class.')) return editClass(doc, edit as Extract<Edit, { type: `class.${string}` }>)
  if (edit.type.startsWith('relation.')) return editRelation(doc, edit as Extract<Edit, { type: `relation.${string}` }>)
  return editAttribute(doc, edit as Exclude<Edit, { type: `class.${string}` | `relation.${string}` }>)
}

/** The document with what it was and what it will be again. Typing into one field is one step. */
export interface History { doc: Doc; past: readonly Doc[]; future: readonly Doc[]; tag: string | null }
export type Act = Edit | { type: 'undo' } | { type: 'redo' } | { type: 'load'; doc: Doc }

const PAST_MAX = 200

export const begin = (doc: Doc): History => ({ doc, past: [], future: [], tag: null })

export function step(state: History, act: Act): History {
  switch (act.type) {
    case 'load': return begin(act.doc)
    case 'undo': {
      const doc = state.past.at(-1)
      return doc ? { doc, past: state.past.slice(0, -1), future: [state.doc, ...state.future], tag: null } : state
    }
    case 'redo': {
      const [doc, ...future] = state.future
      return doc ? { doc, past: [...state.past, state.doc], future, tag: null } : state
    }
  }
  const doc = apply(state.doc, act)
  if (doc === state.doc) return state
  const tag = act.type.endsWith('.change') && 'uid' in act && 'change' in act ? `${act.uid} ${'option' in act ? act.option : ''} ${Object.keys(act.change).join()}` : null
  const typing = tag !== null && tag === state.tag && /name|description|color|min|max|default/.test(tag)
  return { doc, past: typing ? state.past : [...state.past, state.doc].slice(-PAST_MAX), future: [], tag }
}
