import type { Imported, OntologyClass } from '../../api/types'
import { Badge } from '../../ui/Bits'
import { AnchorButton } from '../../ui/Button'
import { number } from '../../ui/format'
import { layout } from '../../ui/Page'
import { Select } from '../../ui/Select'
import { typeNames } from '../ontology/Attributes'
import css from './Found.module.css'
import { type Fate, formatName, lossName } from './found'

interface Props {
  job: string
  result: Imported
  classes: readonly OntologyClass[]
  fates: ReadonlyMap<string, Fate>
  onFate: (name: string, fate: Fate) => void
}

/** What a file holds, what becomes of it, and what would be lost: before anything is kept. */
export function Found({ job, result, classes, fates, onFate }: Props) {
  const { found, losses = {} } = result
  const lost = Object.entries(losses).sort(([, a], [, b]) => b.count - a.count)
  return (
    <div className={layout.stack}>
      <p className={css.what}>
        <Badge tone="info">{result.format ? formatName(result.format) : 'Rows of items'}</Badge>
        {found && <span>{number(found.items)} {found.videos ? (found.items === 1 ? 'video' : 'videos') : found.items === 1 ? 'item' : 'items'}, {number(found.marks)} {found.videos ? 'keyframes' : found.marks === 1 ? 'mark' : 'marks'}{found.predicted > 0 && `, ${number(found.predicted)} of them by a model`}</span>}
      </p>
      <dl className={css.counts}>
        <div><dt>New items</dt><dd>{number(result.created)}</dd></div>
        <div><dt>Items here that get an answer</dt><dd>{number(result.answered)}</dd></div>
        <div><dt>Nothing new</dt><dd>{number(result.repeated)}</dd></div>
        <div data-bad={result.bad > 0 ? '' : undefined}>
          <dt>Cannot be taken</dt>
          <dd>
            {number(result.bad)}
            {result.bad > 0 && <AnchorButton size="small" icon="download" href={`/api/jobs/${job}/errors`} download={`errors-${job}.csv`}>Error file</AnchorButton>}
          </dd>
        </div>
      </dl>
      {(result.opinions ?? 0) > 0 && <p className={layout.quiet}>Answers of several people to the same items, taken as theirs: {number(result.opinions ?? 0)}.</p>}
      {(result.missing ?? 0) > 0 && <p className={layout.quiet}>Pictures that are neither in the file nor in the project: {number(result.missing ?? 0)}. Upload them first, or pack them into one archive with the labels.</p>}
      {found && found.classes.length > 0 && (
        <section className={layout.stack}>
          <h3>Classes</h3>
          <ul className={css.rows}>
            {found.classes.map(({ name, marks }) => (
              <li key={name}>
                <span className={css.name} dir="auto">{name}</span>
                <span className={layout.quiet}>{number(marks)}</span>
                <Select
                  label={`What ${name} becomes`} hideLabel value={optionOf(fates.get(name) ?? 'new')} onChange={(value) => onFate(name, fateOf(value))}
                  options={[{ value: 'new', label: 'A new class' }, { value: 'out', label: 'Left out' }, ...classes.filter((each) => !each.retired).map((each) => ({ value: `to:${each.key}`, label: each.name }))]}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
      {found && found.attributes.length > 0 && (
        <section className={layout.stack}>
          <h3>Attributes</h3>
          <ul className={css.rows}>
            {found.attributes.map(({ name, whole, marks, type, options }) => (
              <li key={`${whole} ${name}`}>
                <span className={css.name} dir="auto">{name}</span>
                <span className={layout.quiet}>{number(marks)}</span>
                <span className={layout.quiet}>{typeNames[type]}{options.length > 0 && `: ${options.slice(0, 6).join(', ')}${options.length > 6 ? '…' : ''}`}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {found && found.relations.length > 0 && (
        <section className={layout.stack}>
          <h3>Relations</h3>
          <ul className={css.rows}>
            {found.relations.map(({ name, links, mutual }) => (
              <li key={name}>
                <span className={css.name} dir="auto">{name}</span>
                <span className={layout.quiet}>{number(links)}</span>
                <span className={layout.quiet}>{mutual ? 'both ways' : 'one way'}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {lost.length > 0 && (
        <section className={layout.stack}>
          <h3>What does not come over as it is</h3>
          <ul className={css.rows}>
            {lost.map(([kind, { count, examples }]) => (
              <li key={kind}>
                <span className={css.name}>{lossName(kind)}</span>
                <span className={layout.quiet}>{number(count)}</span>
                <span className={css.example} dir="auto" title={examples.join('\n')}>{examples[0]}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

const optionOf = (fate: Fate): string => (typeof fate === 'string' ? fate : `to:${fate.to}`)
const fateOf = (value: string): Fate => (value === 'new' || value === 'out' ? value : { to: value.slice(3) })
