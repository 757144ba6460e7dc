import type { Answer, AttributeValue, Ontology } from '../../api/types'
import { Badge } from '../../ui/Bits'
import { layout } from '../../ui/Page'
import css from './Tasks.module.css'

const valueText = (key: string, value: AttributeValue, ontology: Ontology | null): string => {
  const attribute = ontology?.attributes.find((each) => each.key === key)
  const option = (id: string) => attribute?.options?.find((each) => each.key === id)?.name ?? id
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : Array.isArray(value) ? value.map(option).join(', ') : typeof value === 'string' && attribute?.type === 'select' ? option(value) : String(value)
}

/** An answer in words: what was chosen, how many of what, and the attributes of the whole item. */
export function AnswerText({ answer, ontology }: { answer: Answer; ontology: Ontology | null }) {
  const name = (key: string) => ontology?.classes.find((each) => each.key === key)?.name ?? key
  const counts = new Map<string, number>()
  for (const object of [...(answer.objects ?? []), ...(answer.spans ?? []), ...(answer.tracks ?? [])]) counts.set(object.class, (counts.get(object.class) ?? 0) + 1)
  const attributes = Object.entries(answer.attributes ?? {})
  const nothing = counts.size === 0 && !answer.choices?.length && attributes.length === 0
  return (
    <span className={css.line}>
      {answer.choices?.map((key) => <Badge key={key} tone="accent">{name(key)}</Badge>)}
      {[...counts].map(([key, count]) => <Badge key={key} bare>{count} × {name(key)}</Badge>)}
      {attributes.map(([key, value]) => (
        <span key={key} className={layout.quiet}>{ontology?.attributes.find((each) => each.key === key)?.name ?? key}: {valueText(key, value, ontology)}</span>
      ))}
      {nothing && <span className={layout.quiet}>Nothing marked</span>}
      {answer.note && <span className={layout.quiet}>“{answer.note}”</span>}
    </span>
  )
}
