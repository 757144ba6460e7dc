/** The adjudicator's panel: who said what, how far they agree, and whose answer to begin from. */
import { percent } from '../../ui/format'
import { Kbd } from '../../ui/Kbd'
import type { Before, Ontology, Opinion } from '../queue/model'
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
  onChoose: (index: number) => void
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
            <span dir="auto">{contributor.name} <small>{answer.objects?.length ?? 0}</small></span>
            <button type="button" className={css.link} aria-label={`Begin from the answer of ${contributor.name}`} onClick={() => onChoose(i)}>{id === chosen ? 'Chosen' : 'Choose'}</button>
            {i < 9 && <Kbd>{hidden === null ? `Alt+${i + 1}` : i + 1}</Kbd>}
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

/** Who chose what, where the question is a choice. */
export function VoteTable({ opinions, ontology }: { opinions: readonly Opinion[]; ontology: Ontology }) {
  const rows = nest(ontology).filter(({ each }) => opinions.some(({ answer }) => answer.choices?.includes(each.key)))
  return (
    <div className={css.scroll}>
      <table className={css.table}>
        <thead>
          <tr><th scope="col">Answer</th>{opinions.map(({ id, contributor }) => <th key={id} scope="col" dir="auto">{contributor.name}</th>)}<th scope="col">Votes</th></tr>
        </thead>
        <tbody>
          {rows.map(({ each }) => {
            const votes = opinions.filter(({ answer }) => answer.choices?.includes(each.key))
            return (
              <tr key={each.key}>
                <th scope="row" dir="auto">{each.name}</th>
                {opinions.map(({ id, answer }) => <td key={id} data-yes={answer.choices?.includes(each.key) ? '' : undefined}>{answer.choices?.includes(each.key) ? '✓' : ''}</td>)}
                <td>{votes.length}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

export function votesOf(opinions: readonly Opinion[]): Map<string, string> {
  const votes = new Map<string, number>()
  for (const { answer } of opinions) for (const key of answer.choices ?? []) votes.set(key, (votes.get(key) ?? 0) + 1)
  return new Map([...votes].map(([key, count]) => [key, `${count} of ${opinions.length}`]))
}
