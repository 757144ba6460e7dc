import { useQueries } from '@tanstack/react-query'
import * as q from '../../api/queries'
import type { Project } from '../../api/types'
import { EmptyState } from '../../ui/Bits'
import { LinkButton } from '../../ui/Button'
import { number } from '../../ui/format'
import { Section } from '../../ui/Page'
import { QuestionPicture } from '../projects/bits'
import css from './Home.module.css'

/** More than these nobody chooses from, and each is asked for by itself. */
const SHOWN_MAX = 24

/** What waits for a verdict, or for a decision between answers that disagree. `quiet` says nothing when nothing waits. */
export function ToReview({ projects: all, quiet }: { projects: readonly Project[]; quiet?: boolean }) {
  const projects = all.slice(0, SHOWN_MAX)
  const queues = useQueries({ queries: projects.map((project) => q.queue(project.id)) })
  const waiting = projects
    .map((project, index) => ({ project, review: queues[index]?.data?.review ?? 0, adjudicate: queues[index]?.data?.adjudicate ?? 0 }))
    .filter((row) => row.review + row.adjudicate > 0)
    .sort((a, b) => b.review + b.adjudicate - (a.review + a.adjudicate))

  if (waiting.length === 0) {
    return quiet || queues.some((each) => each.isPending) ? null : <EmptyState icon="check" title="Nothing waits for review">New answers show up here as they come in.</EmptyState>
  }
  return (
    <Section title="Waits for review">
      <div className={css.list}>
        {waiting.map(({ project, review, adjudicate }, index) => (
          <div key={project.id} className={css.start} data-first={index === 0 && !quiet ? '' : undefined}>
            <QuestionPicture question={project.question} />
            <div>
              <h3 dir="auto">{project.name}</h3>
              <p>{number(review)} to review · {number(adjudicate)} to adjudicate</p>
            </div>
            <div className={css.acts}>
              {review > 0 && (
                <LinkButton to="/projects/$project/work/$stage" params={{ project: project.id, stage: 'review' }} look={index === 0 && !quiet ? 'primary' : 'plain'}>
                  Review<span className="sr"> {project.name}</span>
                </LinkButton>
              )}
              {adjudicate > 0 && (
                <LinkButton to="/projects/$project/work/$stage" params={{ project: project.id, stage: 'adjudicate' }} icon="scale">
                  Adjudicate<span className="sr"> {project.name}</span>
                </LinkButton>
              )}
            </div>
          </div>
        ))}
      </div>
    </Section>
  )
}
