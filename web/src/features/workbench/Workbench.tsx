/** The screen of one project's queue: opening, a task, nothing to do, or why not. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import * as q from '../../api/queries'
import type { Project } from '../../api/types'
import { EmptyState } from '../../ui/Bits'
import { Button, LinkButton } from '../../ui/Button'
import { useTitle } from '../../ui/Page'
import type { ClaimsState } from '../queue/claims'
import type { Door, Prompter } from '../queue/model'
import { useSession } from '../session'
import css from './Bench.module.css'
import { Header } from './Header'
import { Notices } from './Notices'
import { usePresence } from './presence'
import { useStateOf } from './useEditor'
import { type Queue, taskPart, useQueue, useWork } from './useWork'

const NOBODY: readonly Prompter[] = []

const titles: Record<Door, string> = { label: 'Label', review: 'Review', adjudicate: 'Adjudicate' }

export function Workbench({ project: id, door }: { project: string; door: Door }) {
  const session = useSession()
  const { data: project, error, refetch } = useQuery(q.project(id))
  const { queue, failure } = useQueue(session.organization?.id ?? 'none', session.person.id, id, door)
  // Whoever is not there, or is not heard of, is not asked: labelling goes on without.
  const prompters = useQuery({ ...q.prompters(id), enabled: door === 'label' })
  const title = titles[door]
  useTitle(project === undefined ? title : `${title} · ${project.name}`)
  const away = <LinkButton to="/">Find other work</LinkButton>
  if (project === undefined && error !== null) {
    return <Plain title={title}><EmptyState icon="warn" title="The project cannot be opened" acts={<><Button onPress={() => void refetch()}>Try again</Button>{away}</>}>{error.message}</EmptyState></Plain>
  }
  if (failure !== null) {
    return (
      <Plain title={title}>
        <EmptyState icon="warn" title="This browser keeps nothing on this device" acts={<><Button onPress={() => window.location.reload()}>Try again</Button>{away}</>}>
          Your work would not be safe here: {failure.message}. A private window or a full disk may be the reason.
        </EmptyState>
      </Plain>
    )
  }
  if (project === undefined || queue === null || prompters.isLoading) return <Loading />
  return <Desk key={`${id} ${door}`} queue={queue} project={project} door={door} prompters={prompters.data?.items ?? NOBODY} />
}

function Desk({ queue, project, door, prompters }: { queue: Queue; project: Project; door: Door; prompters: readonly Prompter[] }) {
  const { home, claims } = queue
  const state = useStateOf(claims)
  const { opened, isGoing, failure, retry } = useWork(home, state.current, project, prompters)
  usePresence(isGoing ? null : (opened?.work ?? null), claims)
  // What has opened the work is what shows it.
  const part = taskPart.get()
  if (opened !== null && part !== null) {
    return (
      <div className={css.desk} inert={isGoing}>
        <part.Task key={part.screenOf(opened)} queue={queue} project={project} door={door} opened={opened} prompters={prompters} />
      </div>
    )
  }
  const isIdle = state.current === null && state.phase !== 'loading'
  return (
    <main className={css.bench} data-workbench="">
      <Header projectId={project.id} projectName={project.name} title={titles[door]} />
      <Notices home={home} claims={claims} work={null} onNext={() => claims.advance()} />
      {failure !== null
        ? <div className={css.empty}><EmptyState icon="warn" title="The task cannot be opened" acts={<Button onPress={retry}>Try again</Button>}>{failure.message}</EmptyState></div>
        : isIdle ? <Nothing state={state} door={door} project={project} onAgain={() => void claims.again()} /> : <Waiting />}
    </main>
  )
}

const allDone: Record<Door, string> = {
  label: 'You have labelled everything that waits for you',
  review: 'Nothing waits for a review',
  adjudicate: 'Nothing waits for a decision',
}

/** No task: because all is done, because the server is away, or because it says no. */
function Nothing({ state, door, project, onAgain }: { state: ClaimsState; door: Door; project: Project; onAgain: () => void }) {
  const { phase, refusal } = state
  if (phase === 'unreachable' || phase === 'signed_out' || phase === 'elsewhere') return <Waiting />
  const acts = (
    <>
      <Button onPress={onAgain}>Look again</Button>
      <LinkButton to="/" look="primary">Find other work</LinkButton>
    </>
  )
  return (
    <div className={css.empty}>
      {phase === 'refused'
        ? <EmptyState icon="info" title="There is no work here for you now" acts={acts}>{refusal?.message ?? ''}</EmptyState>
        : (
          <EmptyState icon="check" title="All done here" acts={acts}>
            {allDone[door]} in “{project.name}”. This page looks again by itself and shows the next task as soon as there is one.
          </EmptyState>
        )}
    </div>
  )
}

function Waiting() {
  return <div className={css.skeleton} role="status"><span className={css.pulse} /><span>Getting the next task…</span></div>
}

function Plain({ title, children }: { title: string; children: ReactNode }) {
  return <main className={css.empty}><h1 className="sr">{title}</h1>{children}</main>
}

function Loading() {
  return (
    <main className={css.bench} data-workbench="">
      <div className={css.header} />
      <div />
      <Waiting />
    </main>
  )
}
