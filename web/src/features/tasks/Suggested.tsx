import { useQuery } from '@tanstack/react-query'
import * as q from '../../api/queries'
import type { Ontology, Outcome, Task } from '../../api/types'
import { Badge, type Tone } from '../../ui/Bits'
import { ago, dateTime, percent } from '../../ui/format'
import { Card, layout } from '../../ui/Page'
import css from './Tasks.module.css'

const fates: Record<Outcome['fate'], readonly [Tone, string]> = { kept: ['good', 'kept'], changed: ['info', 'changed'], rejected: ['plain', 'turned down'] }

/** What was suggested for a task, and what became of each object of it; nothing where nothing was. */
export function Suggested({ task, ontology }: { task: Task; ontology: Ontology | null }) {
  const suggested = useQuery(q.suggestions(task.id))
  if (!suggested.data || suggested.data.items.length === 0) return null
  const nameOf = (key: string | null) => ontology?.classes.find((each) => each.key === key)?.name ?? key ?? ''
  const who = new Map(task.answers.map(({ id, contributor }) => [id, contributor.name]))
  return (
    <Card title="Suggested">
      {suggested.data.items.map(({ model, asked_at, answers, suggestion, scores }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a list that never changes its order
        <div key={i} className={layout.stack}>
          <p className={css.line}>
            <strong><bdi>{model ?? 'With the data'}</bdi></strong>
            {asked_at && <time className={layout.quiet} dateTime={asked_at} title={dateTime(asked_at)}>asked {ago(asked_at)}</time>}
          </p>
          {answers.length === 0 && <p className={layout.quiet}>{(suggestion.objects?.length ?? 0) + (suggestion.spans?.length ?? 0) + (suggestion.choices?.length ?? 0) === 0 ? 'It saw nothing.' : 'Nobody has answered yet.'}</p>}
          {answers.map((each) => (
            <div key={each.answer}>
              <p className={layout.quiet}>In the answer of <bdi>{who.get(each.answer) ?? 'somebody'}</bdi></p>
              <ul>
                {each.outcomes.map(({ id, class: key, fate, changed = [] }) => {
                  const [tone, word] = fates[fate]
                  return (
                    <li key={id} className={css.line}>
                      <span dir="auto">{key === null ? id : nameOf(key)}</span>
                      {scores[id] !== undefined && <small className={layout.quiet}>{percent(scores[id])}</small>}
                      <Badge tone={tone}>{word}</Badge>
                      {changed.length > 0 && <small className={layout.quiet}>{changed.join(', ')}</small>}
                    </li>
                  )
                })}
              </ul>
            </div>
          ))}
        </div>
      ))}
    </Card>
  )
}
