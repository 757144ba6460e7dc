import type { Ontology, OntologyClass } from '../queue/model'

export interface Nested {
  readonly each: OntologyClass
  readonly depth: number
}

/** The classes in use, each parent before its children, with how deep they lie (O2). */
export function nest({ classes }: Ontology): Nested[] {
  const live = classes.filter(({ retired }) => !retired)
  const keys = new Set(live.map(({ key }) => key))
  const rows: Nested[] = []
  const placed = new Set<string>()
  const place = (parent: string | null, depth: number) => {
    for (const each of live) {
      const under = each.parent != null && keys.has(each.parent) ? each.parent : null
      if (under !== parent || placed.has(each.key)) continue
      placed.add(each.key)
      rows.push({ each, depth })
      place(each.key, depth + 1)
    }
  }
  place(null, 0)
  return rows
}

export const classNamed = (ontology: Ontology, key: string): OntologyClass =>
  ontology.classes.find((each) => each.key === key) ?? { key, name: key, color: '#868e96' }

const PALETTE = ['#1971c2', '#e8590c', '#2f9e44', '#9c36b5', '#c2255c', '#0c8599', '#f08c00', '#5f3dc4', '#66a80f', '#e03131']

const colored = new WeakMap<Ontology, Ontology>()

/** A class without a colour of its own gets one; always the same, by its place. The same ontology is told as the same one. */
export function withColors(ontology: Ontology): Ontology {
  const known = colored.get(ontology)
  if (known !== undefined) return known
  const classes = ontology.classes.map((each, i) => ({ ...each, color: each.color || (PALETTE[i % PALETTE.length] as string) }))
  const made = { ...ontology, classes }
  colored.set(ontology, made)
  return made
}
