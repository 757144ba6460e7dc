import type { Skeleton } from './shapes/util'

/**
 * What may be said of an image: rules O1 to O10 of the answer document's specification. Only what
 * the editor itself must know is written down here; forms for attributes belong to the pages.
 */
export interface OntologyClass {
  readonly key: string
  readonly name: string
  readonly color: string
  readonly hotkey?: string | null
  readonly parent?: string | null
  readonly skeleton?: Skeleton | null
  readonly retired?: boolean
}

export interface OntologyAttribute {
  readonly key: string
  readonly type: string
  readonly scope: 'object' | 'item'
  readonly classes?: readonly string[]
  readonly default?: unknown
  /** Of a thing in a video: whether it may be another at each keyframe (O8). */
  readonly per_frame?: boolean
  readonly retired?: boolean
}

/** A way in which one object may stand to another (O10). */
export interface RelationKind {
  readonly key: string
  readonly name: string
  readonly from?: readonly string[]
  readonly to?: readonly string[]
  readonly direction?: 'one_way' | 'both_ways'
  readonly retired?: boolean
}

export interface Ontology {
  readonly classes: readonly OntologyClass[]
  readonly attributes: readonly OntologyAttribute[]
  readonly relations?: readonly RelationKind[]
}

export interface Attributes {
  readonly [key: string]: unknown
}

export const NO_ONTOLOGY: Ontology = { classes: [], attributes: [] }

/** The class and those above it (O2). A circle, which no published ontology has, ends the walk. */
function lineage(ontology: Ontology, key: string): Set<string> {
  const line = new Set<string>()
  let at: string | null | undefined = key
  while (at !== null && at !== undefined && !line.has(at)) {
    line.add(at)
    const name: string = at
    at = ontology.classes.find((c) => c.key === name)?.parent
  }
  return line
}

/** Whether a relation may lead from an object of the one class to one of the other (A51). */
export function joins(ontology: Ontology, { from = [], to = [], direction }: RelationKind, a: string, b: string): boolean {
  const fits = (classes: readonly string[], key: string) => {
    const line = lineage(ontology, key)
    return classes.length === 0 || classes.some((each) => line.has(each))
  }
  return (fits(from, a) && fits(to, b)) || (direction === 'both_ways' && fits(from, b) && fits(to, a))
}

/** The skeleton of the class, its own or of the nearest ancestor that has one (O7). */
export function skeletonOf(ontology: Ontology, classKey: string): Skeleton | null {
  for (const key of lineage(ontology, classKey)) {
    const own = ontology.classes.find((c) => c.key === key)?.skeleton
    if (own !== undefined && own !== null) return own
  }
  return null
}

/** The attributes that objects of this class have (O4). */
export function attributesOf(ontology: Ontology, classKey: string): OntologyAttribute[] {
  const line = lineage(ontology, classKey)
  return ontology.attributes.filter(
    ({ scope, classes = [] }) => scope === 'object' && (classes.length === 0 || classes.some((key) => line.has(key))),
  )
}

/** What a new object of this class is said to be, before anybody has said anything (O5). */
export function defaultsOf(ontology: Ontology, classKey: string): Attributes {
  const values: [string, unknown][] = []
  for (const { key, default: value, retired } of attributesOf(ontology, classKey)) {
    if (value !== undefined && value !== null && retired !== true) values.push([key, value])
  }
  return Object.fromEntries(values)
}

/**
 * The attributes of an object whose class changes (W18): what the new class has too is kept, what
 * it has not is dropped, what it adds takes its default.
 */
export function attributesUnder(ontology: Ontology, classKey: string, attributes: Attributes): Attributes {
  const known = new Set(attributesOf(ontology, classKey).map(({ key }) => key))
  const declared = new Set(ontology.attributes.map(({ key }) => key))
  // A key that the ontology does not declare at all is not ours to drop.
  const kept = Object.entries(attributes).filter(([key]) => known.has(key) || !declared.has(key))
  return { ...defaultsOf(ontology, classKey), ...Object.fromEntries(kept) }
}
