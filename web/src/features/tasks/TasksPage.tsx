import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import * as q from '../../api/queries'
import type { Project, TaskRow, TaskState } from '../../api/types'
import { Badge, EmptyState, SkeletonRows } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { ErrorState } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { ago, dateTime, number } from '../../ui/format'
import { type Column, Grid } from '../../ui/Grid'
import { ExternalId, Thumb } from '../data/Items'
import data from '../data/Data.module.css'
import { TaskBadge, taskNames } from '../projects/bits'
import { useProject } from '../projects/useProject'
import { SavedViews } from '../views/SavedViews'
import css from './Tasks.module.css'

const states = Object.keys(taskNames) as TaskState[]
export const stageNames = { label: 'Label', rework: 'Rework', review: 'Review', adjudicate: 'Adjudicate' }
const TYPING_MS = 250

const columnsOf = (project: string): Column<TaskRow>[] => [
  {
    key: 'task', title: 'Task', width: 'minmax(220px, 1fr)',
    cell: (task) => <div className={data.item}><Thumb url={task.thumb_url} text={!task.thumb_url} /><Link to="/projects/$project/tasks/$task" params={{ project, task: task.id }} className={css.link} tabIndex={-1}><ExternalId id={task.external_id} /></Link></div>,
  },
  { key: 'state', title: 'State', width: '130px', cell: (task) => <TaskBadge state={task.state} /> },
  { key: 'stage', title: 'Stage', width: '110px', cell: (task) => (task.stage ? stageNames[task.stage] : '–') },
  { key: 'answers', title: 'Answers', width: '90px', end: true, cell: (task) => `${number(task.answers)} of ${number(task.overlap)}` },
  { key: 'agreement', title: 'Agreement', width: '104px', end: true, cell: (task) => (task.agreement === null ? '–' : task.agreement.toFixed(2)) },
  { key: 'priority', title: 'Priority', width: '84px', end: true, cell: (task) => (task.priority === 0 ? '–' : <Badge bare tone="warn">{number(task.priority)}</Badge>) },
  { key: 'at', title: 'Changed', width: '150px', cell: (task) => <time dateTime={task.updated_at} title={dateTime(task.updated_at)}>{ago(task.updated_at)}</time> },
]

export function TasksPage() {
  const project = useProject()
  return <Tasks key={project.id} project={project} />
}

function Tasks({ project }: { project: Project }) {
  const navigate = useNavigate()
  const search = useSearch({ from: '/inside/shell/projects/$project/tasks' })
  const [text, setText] = useState(search.q ?? '')
  const list = useInfiniteQuery(q.tasks({ project: project.id, ...search }))
  const columns = useMemo(() => columnsOf(project.id), [project.id])
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])

  // The filter is in the address: it can be sent to somebody, and the way back finds it again.
  useEffect(() => {
    if (text.trim() === (search.q ?? '')) return
    const timer = setTimeout(() => {
      const { q: _, ...rest } = search
      void navigate({ to: '/projects/$project/tasks', params: { project: project.id }, search: text.trim() ? { ...rest, q: text.trim() } : rest, replace: true })
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, search, navigate, project.id])

  const setState = (state: TaskState | null) => {
    const { state: _, ...rest } = search
    void navigate({ to: '/projects/$project/tasks', params: { project: project.id }, search: state ? { ...rest, state } : rest, replace: true })
  }
  const clear = () => {
    setText('')
    void navigate({ to: '/projects/$project/tasks', params: { project: project.id }, search: {}, replace: true })
  }
  const take = (filter: Readonly<Record<string, string>>) => {
    setText(filter.q ?? '')
    void navigate({ to: '/projects/$project/tasks', params: { project: project.id }, search: filter, replace: true })
  }
  const filtered = Boolean(search.q || search.state || search.person)
  return (
    <>
      <div className={css.filters}>
        <Field label="Search tasks" hideLabel icon="search" type="search" placeholder="External id begins with…" value={text} onChange={setText} />
        <div role="radiogroup" aria-label="State" className={css.states}>
          {[null, ...states].map((state) => (
            <label key={state ?? 'all'} className={css.state}>
              <input type="radio" name="state" checked={(search.state ?? null) === state} onChange={() => setState(state)} />
              {state ? taskNames[state] : 'All'}
            </label>
          ))}
        </div>
        {search.person && <Button size="small" icon="x" onPress={clear}>Only one person’s tasks</Button>}
      </div>
      <SavedViews project={project.id} page="tasks" filter={search as Readonly<Record<string, string>>} onTake={take} />
      {list.isPending ? <SkeletonRows />
        : list.isError ? <ErrorState error={list.error} retry={() => void list.refetch()} />
        : rows.length === 0 ? (
          filtered
            ? <EmptyState icon="search" title="No task is like that" acts={<Button onPress={clear}>Show all tasks</Button>} />
            : <EmptyState icon="list" title="No tasks yet">Each item that comes in becomes a task.</EmptyState>
        ) : (
          <Grid
            label="Tasks" rows={rows} columns={columns} rowKey={(task) => task.id} rowHeight={54} least={900} height="72dvh" partial={list.hasNextPage}
            onEnd={() => { if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage() }}
            onOpen={(task) => void navigate({ to: '/projects/$project/tasks/$task', params: { project: project.id, task: task.id } })}
            foot={<span role="status">{number(rows.length)} shown{list.hasNextPage ? ', more below' : ''}{list.isFetchingNextPage ? ' · loading…' : ''}</span>}
          />
        )}
    </>
  )
}
