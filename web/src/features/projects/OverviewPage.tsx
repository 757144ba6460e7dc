import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useLive } from '../../api/live'
import * as q from '../../api/queries'
import type { Progress, Project } from '../../api/types'
import { SkeletonRows } from '../../ui/Bits'
import { LinkButton } from '../../ui/Button'
import { ErrorState } from '../../ui/ErrorState'
import { ago, duration, number, percent } from '../../ui/format'
import { Icon } from '../../ui/Icon'
import { Card, Figures, layout } from '../../ui/Page'
import { JobList } from '../data/JobList'
import { canManage, canRead, useSession } from '../session'
import { initials } from '../shell/Account'
import { questionText, TaskBar } from './bits'
import { ForContributor } from './ForContributor'
import { Hours } from './Hours'
import css from './Overview.module.css'
import { useProject } from './useProject'

export function OverviewPage() {
  const session = useSession()
  const project = useProject()
  return canRead(session) ? <Overview project={project} managing={canManage(session)} /> : <ForContributor project={project} />
}

const liveText = { connecting: 'Connecting…', live: 'Live', waiting: 'Reconnecting…' }

function Overview({ project, managing }: { project: Project; managing: boolean }) {
  const live = useLive(project.id)
  const progress = useQuery(q.progress(project.id))
  const steps = managing && (project.state === 'draft' || (progress.data?.tasks.total ?? project.counts.tasks) === 0)

  if (progress.isPending) return <SkeletonRows />
  if (progress.isError) return <ErrorState error={progress.error} retry={() => void progress.refetch()} />
  const { data } = progress
  return (
    <>
      {steps && <Steps project={project} total={data.tasks.total} />}
      <div className={css.grid}>
        <div className={css.column}>
          <Card title="Tasks" acts={<span className={css.live} data-live={live}>{liveText[live]}</span>}>
            <Tasks progress={data} />
          </Card>
          <Figures items={figures(data)} />
          <Card title="Answers by the hour"><Hours hours={data.hours} /></Card>
        </div>
        <div className={css.column}>
          <People progress={data} project={project} />
          <JobList project={project.id} managing={managing} title="Jobs" limit={4} />
          <Card title="Question">
            <p>{questionText(project.question)}</p>
            <p className={layout.quiet}>
              {number(project.plan.overlap)} {project.plan.overlap === 1 ? 'answer' : 'answers'} per task · {project.plan.review === 'all' ? 'every answer reviewed' : 'no review'} · leases of {number(project.plan.lease_minutes)} min
            </p>
          </Card>
        </div>
      </div>
    </>
  )
}

function Tasks({ progress: { tasks, answers, answers_needed } }: { progress: Progress }) {
  const open = Math.max(1, tasks.total - tasks.canceled)
  return (
    <>
      <div className={css.big}>
        <strong>{tasks.total === 0 ? '–' : percent(tasks.done / open, tasks.done / open > 0.99 || tasks.done / open < 0.1 ? 1 : 0)}</strong>
        <span>{number(tasks.done)} of {number(tasks.total - tasks.canceled)} tasks done · {number(answers)} of {number(answers_needed)} answers</span>
      </div>
      <TaskBar counts={tasks} total={tasks.total} legend />
    </>
  )
}

const measures = { alpha_nominal: 'Krippendorff’s alpha', f1_iou50: 'F1 at IoU 0.5' }

function figures(progress: Progress) {
  const { agreement } = progress
  return [
    { name: 'Throughput', value: number(progress.throughput_per_hour, progress.throughput_per_hour < 10 ? 1 : 0), note: 'answers/h' },
    left(progress),
    { name: `Agreement, ${measures[agreement.measure] ?? agreement.measure}`, value: agreement.value === null ? '–' : agreement.value.toFixed(2), note: `${number(agreement.pairs)} pairs` },
  ]
}

/** How long it takes still. Where all answers are in, it is the reviewers' turn, and no rate says how long. */
function left({ tasks, eta_seconds }: Progress) {
  const open = tasks.queued + tasks.in_progress
  if (open === 0 && tasks.in_review > 0) return { name: 'Wait for a decision', value: number(tasks.in_review), note: tasks.in_review === 1 ? 'task' : 'tasks' }
  if (open === 0 && tasks.done > 0) return { name: 'Done in about', value: 'done' }
  return { name: 'Done in about', value: eta_seconds === null ? '–' : duration(eta_seconds) }
}

const stages = { label: 'labels', rework: 'reworks', review: 'reviews', adjudicate: 'adjudicates' }

function People({ progress, project }: { progress: Progress; project: Project }) {
  const people = [...progress.people].sort((a, b) => b.holding.length - a.holding.length || b.answered - a.answered)
  return (
    <Card title="Who is doing what">
      {people.length === 0
        ? <p className={layout.quiet}>{project.state === 'published' ? 'Nobody has begun yet.' : 'Nobody can begin before the project is published.'}</p>
        : (
          <ul className={css.people}>
            {people.map((each) => {
              const holding = each.holding[0]
              return (
                <li key={each.person}>
                  <span className={css.avatar} data-on={holding ? '' : undefined} aria-hidden="true">{initials(each.name)}</span>
                  <span>
                    <Link to="/projects/$project/tasks" params={{ project: project.id }} search={{ person: each.person }} className={css.name} dir="auto">{each.name}</Link>
                    <small>
                      {holding
                        ? <>{stages[holding.stage]} <Link to="/projects/$project/tasks/$task" params={{ project: project.id, task: holding.task }}>a task</Link>, begun {ago(holding.since)}{each.holding.length > 1 && `, holds ${number(each.holding.length)}`}</>
                        : each.last_seen ? `seen ${ago(each.last_seen)}` : 'not seen yet'}
                    </small>
                  </span>
                  <span className={css.count}>{number(each.answered)}<small>answers</small></span>
                </li>
              )
            })}
          </ul>
        )}
    </Card>
  )
}

/** What is left to do before people can begin. */
function Steps({ project, total }: { project: Project; total: number }) {
  const params = { project: project.id }
  const { data: ontology } = useQuery(q.ontology(project.id))
  const { data: instructions } = useQuery(q.instructions(project.id))
  const asked = (ontology?.ontology.classes.length ?? 0) + (ontology?.ontology.attributes?.length ?? 0)
  const steps = [
    { done: asked > 0, name: 'Say what may be said', help: 'Classes and attributes', act: <LinkButton size="small" to="/projects/$project/ontology" params={params}>Ontology</LinkButton> },
    { done: (instructions?.markdown.trim() ?? '') !== '', name: 'Write the instructions', help: 'With good and bad examples; reviewers cite them', act: <LinkButton size="small" to="/projects/$project/instructions" params={params}>Instructions</LinkButton> },
    { done: total > 0, name: 'Bring in the data', help: 'Drop a folder, a manifest, or a bucket', act: <LinkButton size="small" to="/projects/$project/data" params={params}>Data</LinkButton> },
    { done: project.state === 'published', name: 'Publish', help: 'Contributors see it from then on; the button is at the top', act: null },
  ]
  return (
    <Card title="Before people can begin">
      <ol className={css.steps}>
        {steps.map((step, index) => (
          <li key={step.name}>
            <span className={css.tick} data-done={step.done ? '' : undefined}>{step.done ? <Icon name="check" size={14} /> : index + 1}</span>
            <span>{step.name}<small>{step.help}</small>{step.done && <span className="sr">done</span>}</span>
            {step.act}
          </li>
        ))}
      </ol>
    </Card>
  )
}
