import type { AttributeVotes } from '../../api/types'
import { number } from '../../ui/format'

/** How many of those who marked or chose the same say the same of each attribute: “; hidden 2 of 3”. */
export function votesSaid(votes: AttributeVotes | undefined, ontology: { readonly attributes: readonly { readonly key: string; readonly name: string }[] } | null): string {
  const name = (key: string) => ontology?.attributes.find((each) => each.key === key)?.name ?? key
  const said = Object.entries(votes ?? {}).map(([key, { same, all }]) => `${name(key)} ${number(same)} of ${number(all)}`)
  return said.length === 0 ? '' : `; ${said.join(', ')}`
}
