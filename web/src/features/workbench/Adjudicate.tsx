/** The adjudicator's panel: who said what, how far they agree, and whose answer to begin from. */
import { number, percent } from '../../ui/format'
import { Kbd } from '../../ui/Kbd'
import { type Before, type Ontology, type Opinion, markedIn } from '../queue/model'
import css from './Review.module.css'
import { agreement } from './agreement'
import { nest } from './classes'
import { layerColor } from './overlay'

interface OpinionsProps {
  opinions: readonly Opinion[]
  before: Before | null
  chosen: string | null
  /** Null where the answers are not on the picture now. */
  hidden: ReadonlySet<string> | null
  onToggle: (id: string) => void
  /** Absent where there is nothing to choose. */
  onChoose?: (index: number) => void
}

export function Opinions({ opinions, before, chosen, hidden, onToggle, onChoose }: OpinionsProps) {
  const value = before?.agreement
  return (
    <>
      <div className={css.people}>
        {opinions.map(({ id, contributor, answer }, i) => (
          <div key={id} className={css.person} data-chosen={id === chosen ? '' : undefined}>
            {hidden !== null && <input type="checkbox" aria-label={`Show the answer of ${contributor.name}`} checked={!hidden.has(id)} onChange={() => onToggle(id)} />}
            <i className={css.swatch} style={{ background: layerColor(i) }} />
            <span dir="auto">{contributor.name} <small>{markedIn(answer)}</small></span>
            {onChoose !== undefined && <button type="button" className={css.link} aria-label={`${id === chosen ? 'Chosen' : 'Choose'}: begin from the answer of ${contributor.name}`} onClick={() => onChoose(i)}>{id === chosen ? 'Chosen' : 'Choose'}</button>}
            {onChoose !== undefined && i < 9 && <Kbd>{hidden === null ? `Alt+${i + 1}` : i + 1}</Kbd>}
          </div>
        ))}
      </div>
      {opinions.length > 1 && <Pairs opinions={opinions} pairs={before?.pairs ?? []} />}
      {value != null && <p><small>Agreement of all: {percent(value)}</small></p>}
    </>
  )
}

function Pairs({ opinions, pairs }: { opinions: readonly Opinion[]; pairs: NonNullable<Before['pairs']> }) {
  const between = (row: Opinion, column: Opinion): number => {
    const told = pairs.find(({ a, b }) => (a === row.id && b === column.id) || (b === row.id && a === column.id))
    return told?.agreement ?? agreement(row.answer, column.answer)
  }
  return (
    <div className={css.scroll}>
      <table className={css.table}>
        <caption className="sr">Agreement of each pair</caption>
        <thead>
          <tr><td />{opinions.map(({ id }, i) => <th key={id} scope="col"><i className={css.swatch} style={{ background: layerColor(i) }} /> {i + 1}</th>)}</tr>
        </thead>
        <tbody>
          {opinions.map((row, i) => (
            <tr key={row.id}>
              <th scope="row"><i className={css.swatch} style={{ background: layerColor(i) }} /> {i + 1}</th>
              {opinions.map((column, j) => <td key={column.id}>{i === j ? '' : percent(between(row, column))}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Who chose what, where the question is a choice: the most frequent first. */
export function VoteList({ opinions, ontology }: { opinions: readonly Opinion[]; ontology: Ontology }) {
  const rows = nest(ontology)
    .map(({ each }) => ({ each, votes: opinions.filter(({ answer }) => answer.choices?.includes(each.key)) }))
    .filter(({ votes }) => votes.length > 0)
    .sort((a, b) => b.votes.length - a.votes.length)
  return (
    <ul className={css.votes}>
      {rows.map(({ each, votes }) => (
        <li key={each.key}>
          <span className={css.vote}>
            <i className={css.swatch} style={{ background: each.color }} />
            <span dir="auto">{each.name}</span>
            <b>{number(votes.length)}<span className="sr"> of {number(opinions.length)}</span></b>
          </span>
          <meter className={css.share} min={0} max={opinions.length} value={votes.length} aria-label={`Share of ${each.name}`} />
          <small>{votes.map(({ id, contributor }, i) => <span key={id} dir="auto">{i > 0 && ', '}{contributor.name}</span>)}</small>
        </li>
      ))}
    </ul>
  )
}

export function votesOf(opinions: readonly Opinion[]): Map<string, string> {
  const votes = new Map<string, number>()
  for (const { answer } of opinions) for (const key of answer.choices ?? []) votes.set(key, (votes.get(key) ?? 0) + 1)
  return new Map([...votes].map(([key, count]) => [key, `${count} of ${opinions.length}`]))
}
