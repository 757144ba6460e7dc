/** What several answers say together: who has which part of it. */
import { number, percent } from '../../ui/format'
import type { Before, Consensus, Ontology, Opinion } from '../queue/model'
import css from './Review.module.css'
import { votesSaid } from './votes'

/** The id under which what all say together stands among the opinions. */
export const TOGETHER = 'together'

/** The opinions, and last what they say together, where none of them says it. */
export function withTogether(before: Before | null): readonly Opinion[] {
  const opinions = before?.answers ?? []
  const value = before?.consensus?.value
  if (!value) return opinions
  return [...opinions, { id: TOGETHER, contributor: { person: '', name: 'All together' }, answer: value, submitted_at: '' }]
}

export function Together({ consensus: { value, answers, parts }, ontology }: { consensus: Consensus; ontology: Ontology }) {
  const things = [...(value?.objects ?? []), ...(value?.spans ?? [])]
  const classOf = (id: string) => ontology.classes.find(({ key }) => key === (things.find((thing) => thing.id === id)?.class ?? id))
  return (
    <>
      <p>What <strong>{number(answers.length)} answers</strong> say together</p>
      {parts.length > 0 && (
        <ul className={css.parts} aria-label="Parts">
          {parts.map(({ id, answers: from, confidence, attributes }) => (
            <li key={id}>
              <i className={css.swatch} style={{ background: classOf(id)?.color }} />
              <span dir="auto">{classOf(id)?.name ?? id}</span>
              <small>{number(from.length)} of {number(answers.length)}{confidence !== null && ` · ${percent(confidence)}`}{votesSaid(attributes, ontology)}</small>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
