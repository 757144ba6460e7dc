import type { Attribute, AttributeOption, AttributeType, AttributeValue, Ontology, OntologyClass, RelationKind, Skeleton } from '../../api/types'

/**
 * An ontology while it is edited.
 *
 * (E1) Rows have an identity of their own (`uid`); a key is given once, when a row is first saved, and never changes (O1).
 * (E2) Classes lie in the order of the tree: a class, then its descendants, then its next sibling. `depth` says the rest.
 * (E3) A row that was ever saved is retired, not removed (O6).
 */
export interface ClassRow { uid: string; key: string | null; name: string; color: string; hotkey: string | null; depth: number; description: string; skeleton: Skeleton | null; retired: boolean }
export interface OptionRow { uid: string; key: string | null; name: string; retired: boolean }
export interface AttributeRow {
  uid: string
  key: string | null
  name: string
  type: AttributeType
  scope: 'object' | 'item'
  classes: readonly string[]
  options: readonly OptionRow[]
  required: boolean
  /** Of the attribute's own type; options by uid. */
  default: AttributeValue | null
  min: number | null
  max: number | null
  perFrame: boolean
  description: string
  retired: boolean
}
/** How one object may stand to another; the classes of its ends by uid, none meaning all. */
export interface RelationRow { uid: string; key: string | null; name: string; from: readonly string[]; to: readonly string[]; isMutual: boolean; retired: boolean }
export interface Doc { readonly classes: readonly ClassRow[]; readonly attributes: readonly AttributeRow[]; readonly relations: readonly RelationRow[] }
export interface Problem { uid: string; field: string; message: string }

export const palette = ['#e8590c', '#1971c2', '#2f9e44', '#c2255c', '#7048e8', '#f08c00', '#0c8599', '#e03131', '#5c940d', '#9c36b5', '#3b5bdb', '#846358', '#099268', '#d6336c', '#495057', '#b08900'] as const
const hotkeys = [...'1234567890qwertyuiopasdfghjklzxcvbnm']

let made = 0
export const uid = (): string => {
  made += 1
  return `row-${made}`
}

/** A key from a name: what is left of it in `a–z 0–9 _ -`, made different from those that are taken. */
export function keyFrom(name: string, taken: ReadonlySet<string>, fallback: string): string {
  const base = name.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/[^a-z0-9_-]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 56) || fallback
  if (!taken.has(base)) return base
  for (let n = 2; ; n += 1) if (!taken.has(`${base}_${n}`)) return `${base}_${n}`
}

export const freeColor = (doc: Doc): string => {
  const used = new Set(doc.classes.map((row) => row.color))
  return palette.find((color) => !used.has(color)) ?? palette[doc.classes.length % palette.length] ?? '#495057'
}
export const freeHotkey = (doc: Doc): string | null => {
  const used = new Set(doc.classes.filter((row) => !row.retired).map((row) => row.hotkey))
  return hotkeys.find((key) => !used.has(key)) ?? null
}

/** Keys in the order of the classes, for a list in which nobody has chosen any. */
export const inKeyOrder = (doc: Doc): Doc => ({ ...doc, classes: doc.classes.map((row, index) => ({ ...row, hotkey: hotkeys[index] ?? null })) })

/** Classes in tree order, with their depth; those whose parents make a circle come at the top level. */
function inOrder(classes: readonly OntologyClass[]): { row: OntologyClass; depth: number }[] {
  const known = new Set(classes.map((row) => row.key))
  const children = new Map<string | null, OntologyClass[]>()
  for (const row of classes) {
    const parent = row.parent && known.has(row.parent) ? row.parent : null
    children.set(parent, [...(children.get(parent) ?? []), row])
  }
  const out: { row: OntologyClass; depth: number }[] = []
  const seen = new Set<string>()
  const walk = (row: OntologyClass, depth: number) => {
    if (seen.has(row.key)) return
    seen.add(row.key)
    out.push({ row, depth })
    for (const child of children.get(row.key) ?? []) walk(child, depth + 1)
  }
  for (const row of children.get(null) ?? []) walk(row, 0)
  for (const row of classes) walk(row, 0)
  return out
}

export function open(ontology: Ontology): Doc {
  const uids = new Map(ontology.classes.map((row) => [row.key, uid()]))
  const classes = inOrder(ontology.classes).map(({ row, depth }, index): ClassRow => ({
    uid: uids.get(row.key) ?? uid(), key: row.key, name: row.name, depth, color: row.color ?? palette[index % palette.length] ?? '#495057',
    hotkey: row.hotkey ?? null, description: row.description ?? '', skeleton: row.skeleton ?? null, retired: row.retired ?? false,
  }))
  const attributes = ontology.attributes.map((row): AttributeRow => {
    const options = (row.options ?? []).map((option): OptionRow => ({ uid: uid(), key: option.key, name: option.name, retired: option.retired ?? false }))
    const toUid = (key: string) => options.find((option) => option.key === key)?.uid ?? key
    const value = row.default ?? null
    return {
      uid: uid(), key: row.key, name: row.name, type: row.type, scope: row.scope, options, required: row.required ?? false,
      classes: (row.classes ?? []).flatMap((key) => uids.get(key) ?? []),
      default: row.type === 'select' && typeof value === 'string' ? toUid(value) : row.type === 'multi' && Array.isArray(value) ? value.map(toUid) : value,
      min: row.min ?? null, max: row.max ?? null, perFrame: row.per_frame ?? false, description: row.description ?? '', retired: row.retired ?? false,
    }
  })
  const toUids = (keys: readonly string[] | undefined) => (keys ?? []).flatMap((key) => uids.get(key) ?? [])
  const relations = (ontology.relations ?? []).map((row): RelationRow => ({
    uid: uid(), key: row.key, name: row.name, from: toUids(row.from), to: toUids(row.to), isMutual: row.direction === 'both_ways', retired: row.retired ?? false,
  }))
  return { classes, attributes, relations }
}

/** The same, never saved: names may still change, and keys with them. */
export const asNew = (doc: Doc): Doc => ({
  classes: doc.classes.map((row) => ({ ...row, key: null })),
  attributes: doc.attributes.map((row) => ({ ...row, key: null, options: row.options.map((option) => ({ ...option, key: null })) })),
  relations: doc.relations.map((row) => ({ ...row, key: null })),
})

/** The nearest row above that is one level up. */
export function parentOf(classes: readonly ClassRow[], index: number): ClassRow | null {
  const depth = classes[index]?.depth ?? 0
  for (let at = index - 1; at >= 0; at -= 1) {
    const row = classes[at]
    if (row && row.depth < depth) return row
  }
  return null
}

/** How many rows the class at `index` and its descendants take. */
export function span(classes: readonly ClassRow[], index: number): number {
  const depth = classes[index]?.depth ?? 0
  let end = index + 1
  while (end < classes.length && (classes[end]?.depth ?? 0) > depth) end += 1
  return end - index
}

const named = <R extends { key: string | null; name: string }>(rows: readonly R[], fallback: string): Map<R, string> => {
  const taken = new Set(rows.flatMap((row) => row.key ?? []))
  const out = new Map<R, string>()
  for (const row of rows) {
    const key = row.key ?? keyFrom(row.name, taken, fallback)
    taken.add(key)
    out.set(row, key)
  }
  return out
}

/** The ontology as it is saved; new rows get their keys here. */
export function close(doc: Doc): Ontology {
  const classKeys = named(doc.classes, 'class')
  const byUid = new Map(doc.classes.map((row) => [row.uid, classKeys.get(row) ?? '']))
  const attributeKeys = named(doc.attributes, 'attribute')
  return {
    classes: doc.classes.map((row, index): OntologyClass => {
      const parent = parentOf(doc.classes, index)
      return {
        key: classKeys.get(row) ?? '', name: row.name.trim(), color: row.color, hotkey: row.retired ? null : row.hotkey, parent: parent ? (byUid.get(parent.uid) ?? null) : null,
        ...(row.description.trim() ? { description: row.description.trim() } : {}), ...(row.skeleton ? { skeleton: row.skeleton } : {}), ...(row.retired ? { retired: true } : {}),
      }
    }),
    attributes: doc.attributes.map((row): Attribute => {
      const optionKeys = named(row.options, 'option')
      const toKey = (id: string) => optionKeys.get(row.options.find((option) => option.uid === id) as OptionRow) ?? ''
      const hasOptions = row.type === 'select' || row.type === 'multi'
      const value = row.default === null || row.default === '' ? null
        : row.type === 'select' && typeof row.default === 'string' ? toKey(row.default)
        : row.type === 'multi' && Array.isArray(row.default) ? row.default.map(toKey) : row.default
      return {
        key: attributeKeys.get(row) ?? '', name: row.name.trim(), type: row.type, scope: row.scope, required: row.required,
        ...(row.scope === 'object' ? { classes: row.classes.flatMap((id) => byUid.get(id) ?? []) } : {}),
        ...(hasOptions ? { options: row.options.map((option): AttributeOption => ({ key: optionKeys.get(option) ?? '', name: option.name.trim(), ...(option.retired ? { retired: true } : {}) })) } : {}),
        ...(value !== null && !(Array.isArray(value) && value.length === 0) ? { default: value } : {}),
        ...(row.type === 'number' && row.min !== null ? { min: row.min } : {}), ...(row.type === 'number' && row.max !== null ? { max: row.max } : {}),
        ...(row.perFrame && row.scope === 'object' ? { per_frame: true } : {}),
        ...(row.retired ? { retired: true } : {}),
      }
    }),
    ...(doc.relations.length > 0 ? { relations: closeRelations(doc, byUid) } : {}),
  }
}

function closeRelations(doc: Doc, classKeys: ReadonlyMap<string, string>): RelationKind[] {
  const keys = named(doc.relations, 'relation')
  const toKeys = (ids: readonly string[]) => ids.flatMap((id) => classKeys.get(id) ?? [])
  return doc.relations.map((row) => ({
    key: keys.get(row) ?? '', name: row.name.trim(), from: toKeys(row.from), to: toKeys(row.to),
    ...(row.isMutual ? { direction: 'both_ways' as const } : {}), ...(row.retired ? { retired: true } : {}),
  }))
}

/** Everything that would be refused, before it is sent. */
export function problems(doc: Doc): Problem[] {
  const out: Problem[] = []
  const keys = new Map<string, ClassRow>()
  for (const row of doc.classes) {
    if (!row.name.trim()) out.push({ uid: row.uid, field: 'name', message: 'A class needs a name.' })
    if (row.hotkey && !row.retired) {
      const other = keys.get(row.hotkey)
      if (other) out.push({ uid: row.uid, field: 'hotkey', message: `“${row.hotkey.toUpperCase()}” is also the key of ${other.name || 'another class'}.` })
      else keys.set(row.hotkey, row)
    }
  }
  for (const row of doc.relations) if (!row.name.trim()) out.push({ uid: row.uid, field: 'name', message: 'A relation needs a name.' })
  for (const row of doc.attributes) {
    if (!row.name.trim()) out.push({ uid: row.uid, field: 'name', message: 'An attribute needs a name.' })
    if ((row.type === 'select' || row.type === 'multi') && !row.options.some((option) => !option.retired)) out.push({ uid: row.uid, field: 'options', message: `${row.name || 'This attribute'} needs at least one option.` })
    for (const option of row.options) if (!option.name.trim()) out.push({ uid: row.uid, field: 'options', message: `An option of ${row.name || 'this attribute'} has no name.` })
    if (row.type === 'number' && row.min !== null && row.max !== null && row.min > row.max) out.push({ uid: row.uid, field: 'max', message: 'The greatest value is below the least one.' })
  }
  return out
}
