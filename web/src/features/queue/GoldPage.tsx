/** The work screen on a task of one's own choosing, or any that nobody has answered yet, to say what is known of it. */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import * as q from '../../api/queries'
import type { Project, Task } from '../../api/types'
import { EmptyState } from '../../ui/Bits'
import { LinkButton } from '../../ui/Button'
import { ErrorState } from '../../ui/ErrorState'
import { useTitle } from '../../ui/Page'
import { canReview, useSession } from '../session'
import css from '../workbench/Bench.module.css'
import { usePresence } from '../workbench/presence'
import { taskPart, useWork } from '../workbench/useWork'
import type { ClaimsOnScreen, ClaimsState } from './claims'
import { type Home, openHome } from './home'
import type { Answer, Claim } from './model'

const route = getRouteApi('/inside/projects/$project/gold/$task')

export function GoldPage() {
  const { project: id, task } = route.useParams()
  const session = useSession()
  const project = useQuery(q.project(id))
  useTitle(project.data === undefined ? 'Gold' : `Gold · ${project.data.name}`)
  if (!canReview(session)) return <Plain><EmptyState icon="eye" title="Only reviewers say what is known" /></Plain>
  if (project.isError) return <Plain><ErrorState error={project.error} retry={() => void project.refetch()} /></Plain>
  if (project.data === undefined) return <Waiting />
  return task === 'any' ? <AnyTask project={project.data} /> : <OneTask key={task} project={project.data} id={task} />
}

/** Tasks that nobody has answered yet, in an order of their own each time, so that gold is like the rest. What is put off comes again behind the others. */
function AnyTask({ project }: { project: Project }) {
  const tasks = useQuery({ ...q.openTasks(project.id), staleTime: 0, gcTime: 0 })
  const [order, setOrder] = useState<string[] | null>(null)
  if (order === null && tasks.data !== undefined) setOrder(shuffled(tasks.data.items.map(({ id }) => id)))
  if (order === null && tasks.isError) return <Plain><ErrorState error={tasks.error} retry={() => void tasks.refetch()} /></Plain>
  if (order === null) return <Waiting />
  const [id, ...rest] = order
  if (id === undefined) {
    return (
      <Plain>
        <EmptyState icon="check" title="No other task waits for its first answer" acts={<LinkButton to="/projects/$project/quality" params={{ project: project.id }} look="primary">Back to quality</LinkButton>}>
          A task that was answered is made gold from its own page.
        </EmptyState>
      </Plain>
    )
  }
  const ahead = { made: () => setOrder(rest), ...(rest.length > 0 ? { other: () => setOrder([...rest, id]) } : {}) }
  return <OneTask key={id} project={project} id={id} ahead={ahead} />
}

/** What comes once a task is gold, and what instead of it. */
interface Ahead {
  made: () => void
  other?: () => void
}

function shuffled(ids: string[]): string[] {
  const left = [...ids]
  for (let i = left.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[left[i], left[j]] = [left[j] as string, left[i] as string]
  }
  return left
}

function OneTask({ project, id, ahead }: { project: Project; id: string; ahead?: Ahead }) {
  const session = useSession()
  const task = useQuery(q.task(id))
  const [home, setHome] = useState<Home | null>(null)
  const [failure, setFailure] = useState<Error | null>(null)
  const organization = session.organization?.id ?? 'none'
  useEffect(() => {
    let gone = false
    taskPart.start().catch(() => undefined)
    openHome(organization, session.person.id).then(
      (opened) => !gone && setHome(opened),
      (error: unknown) => !gone && setFailure(error instanceof Error ? error : new Error(String(error))),
    )
    return () => {
      gone = true
    }
  }, [organization, session.person.id])
  if (task.isError) return <Plain><ErrorState error={task.error} retry={() => void task.refetch()} /></Plain>
  if (failure !== null) return <Plain><EmptyState icon="warn" title="This browser keeps nothing on this device">Your work would not be safe here: {failure.message}.</EmptyState></Plain>
  if (task.data === undefined || home === null) return <Waiting />
  return <Desk home={home} project={project} task={task.data} ahead={ahead} />
}

const NOBODY: readonly never[] = []

function Desk({ home, project, task, ahead }: { home: Home; project: Project; task: Task; ahead: Ahead | undefined }) {
  const navigate = useNavigate()
  // As it was when it was opened: what is read again meanwhile takes nothing from under the hand.
  const [claims] = useState(() => claimOf(project, task))
  const { opened, failure } = useWork(home, claims.state.current, project, NOBODY)
  usePresence(opened?.work ?? null, claims)
  const { Gold } = taskPart.get() ?? {}
  const leave = () => void navigate({ to: '/projects/$project/quality', params: { project: project.id } })
  const onMade = ahead?.made ?? (() => void navigate({ to: '/projects/$project/tasks/$task', params: { project: project.id, task: task.id } }))
  if (failure !== null) return <Plain><EmptyState icon="warn" title="The task cannot be opened">{failure.message}</EmptyState></Plain>
  if (opened === null || Gold === undefined) return <Waiting />
  return <div className={css.desk}><Gold queue={{ home, claims }} project={project} opened={opened} acts={{ onMade, onOther: ahead?.other, onLeave: leave }} /></div>
}

/** A task that was looked out and is leased by nobody: its slot is of this device alone, and no draft of it goes to the server. */
function claimOf(project: Project, task: Task): ClaimsOnScreen {
  const known = task.label?.value as Answer | undefined
  const claim: Claim = {
    slot: `gold-${task.id}`,
    task: task.id,
    project: project.id,
    stage: 'label',
    fence: 0,
    until: '',
    item: task.item as Claim['item'],
    ontology_version: project.ontology_version,
    instructions_version: project.instructions_version,
    draft: null,
    suggestion: null,
    before: known === undefined ? null : { answer: known },
  }
  const state: ClaimsState = { phase: 'working', current: claim, ahead: [], waiting: 0, lease: 'held', until: null, refusal: null }
  const done = async () => undefined
  return {
    project: project.id, state,
    listen: () => () => undefined,
    input: () => undefined, advance: () => undefined, wish: () => undefined,
    again: done, giveBack: done, reopen: async () => false,
  }
}

function Plain({ children }: { children: React.ReactNode }) {
  return <main className={css.empty}><h1 className="sr">Gold</h1>{children}</main>
}

function Waiting() {
  return <main className={css.bench} data-workbench=""><div className={css.header} /><div /><div className={css.skeleton} role="status"><span className={css.pulse} /><span>Getting the task…</span></div></main>
}
