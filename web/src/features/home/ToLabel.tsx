import { useQueries } from '@tanstack/react-query'
import * as q from '../../api/queries'
import type { Project } from '../../api/types'
import { Badge, EmptyState } from '../../ui/Bits'
import { LinkButton } from '../../ui/Button'
import { money, number } from '../../ui/format'
import { Section } from '../../ui/Page'
import { QuestionPicture, questionText } from '../projects/bits'
import css from './Home.module.css'

/** More than these nobody chooses from, and each is asked for by itself. */
const SHOWN_MAX = 24

/** Label work, the fullest queue first, each with one big button. Rework comes before anything new. */
export function ToLabel({ projects: all, short }: { projects: readonly Project[]; short?: boolean }) {
  const projects = all.slice(0, SHOWN_MAX)
  const queues = useQueries({ queries: projects.map((project) => q.queue(project.id)) })
  const rows = projects
    .map((project, index) => {
      const queue = queues[index]?.data
      return { project, label: queue?.label ?? project.available ?? 0, rework: queue?.rework ?? 0 }
    })
    .sort((a, b) => b.rework - a.rework || b.label - a.label)
  const waiting = rows.filter((row) => row.label + row.rework > 0)

  if (waiting.length === 0) {
    if (short) return null
    return <EmptyState icon="check" title="Nothing waits for you right now">New work shows up here by itself. Everything that you have done is under “My work”.</EmptyState>
  }
  return (
    <Section title={short ? 'Label work' : 'Work that waits for you'}>
      <div className={css.list}>
        {waiting.map(({ project, label, rework }, index) => (
          <div key={project.id} className={css.start} data-first={index === 0 && !short ? '' : undefined}>
            <QuestionPicture question={project.question} />
            <div>
              <h3 dir="auto">{project.name}</h3>
              <p>
                {questionText(project.question)} · {number(label)} waiting
                {project.plan.pay && <> · {money(project.plan.pay.amount_minor, project.plan.pay.currency)} each</>}
              </p>
              {rework > 0 && <Badge tone="warn">{number(rework)} to rework, first</Badge>}
            </div>
            <div className={css.acts}>
              <LinkButton to="/projects/$project/work/$stage" params={{ project: project.id, stage: 'label' }} look={index === 0 && !short ? 'primary' : 'plain'} size={short ? 'medium' : 'large'} icon="play">
                {rework > 0 ? 'Rework' : 'Start'}<span className="sr"> {project.name}</span>
              </LinkButton>
            </div>
          </div>
        ))}
      </div>
    </Section>
  )
}
