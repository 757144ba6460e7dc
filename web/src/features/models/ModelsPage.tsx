import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { del, post } from '../../api/client'
import * as q from '../../api/queries'
import type { Backend, Job, ModelOutcomes, Project } from '../../api/types'
import { Badge, EmptyState, Note, SkeletonRows, type Tone } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Confirm } from '../../ui/Dialog'
import { ErrorState } from '../../ui/ErrorState'
import { ago, dateTime, number, percent } from '../../ui/format'
import { Table } from '../../ui/Grid'
import { Menu, MenuItem } from '../../ui/Menu'
import { Card, layout } from '../../ui/Page'
import { toast } from '../../ui/toast'
import { JobList } from '../data/JobList'
import { useProject } from '../projects/useProject'
import { canManage, useSession } from '../session'
import { BackendDialog } from './BackendDialog'
import { FetchDialog } from './FetchDialog'
import css from './Models.module.css'

/** The models that a project asks: how they are, what they are asked, and what people made of what they said. */
export function ModelsPage() {
  const session = useSession()
  const project = useProject()
  const backends = useQuery({ ...q.backends(project.id), enabled: canManage(session) })
  const [dialog, setDialog] = useState<{ kind: 'connect' } | { kind: 'change' | 'fetch' | 'remove'; backend: Backend } | null>(null)
  const close = () => setDialog(null)
  const remove = useRemove(project.id)
  if (!canManage(session)) return <EmptyState icon="eye" title="Only managers connect models" />
  if (backends.isPending) return <SkeletonRows rows={4} />
  if (backends.isError) return <ErrorState error={backends.error} retry={() => void backends.refetch()} />
  const { items } = backends.data
  const connect = <Button look="primary" icon="plus" onPress={() => setDialog({ kind: 'connect' })}>Connect a model</Button>
  return (
    <>
      {items.length === 0
        ? (
          <EmptyState icon="search" title="No model helps yet" acts={connect}>
            A model suggests, and people decide: nothing of what it says is in an answer before somebody has taken it. Begin with the detector that comes with the server, or connect one that speaks Label Studio’s ML protocol.
          </EmptyState>
        )
        : (
          <>
            <div className={layout.between}><p className={layout.quiet}>A model suggests, and people decide. What it says is in no answer before somebody has taken it.</p>{connect}</div>
            <ul className={css.backends}>
              {items.map((backend) => (
                <li key={backend.id}>
                  <BackendCard
                    backend={backend}
                    onChange={() => setDialog({ kind: 'change', backend })}
                    onFetch={() => setDialog({ kind: 'fetch', backend })}
                    onRemove={() => setDialog({ kind: 'remove', backend })}
                  />
                </li>
              ))}
            </ul>
          </>
        )}
      <JobList project={project.id} managing title="Jobs" limit={4} />
      <Outcomes project={project} />
      {dialog?.kind === 'connect' && <BackendDialog project={project} onClose={close} />}
      {dialog?.kind === 'change' && <BackendDialog project={project} backend={dialog.backend} onClose={close} />}
      {dialog?.kind === 'fetch' && <FetchDialog project={project} backend={dialog.backend} onClose={close} />}
      <Confirm title={`Remove ${dialog?.kind === 'remove' ? dialog.backend.name : ''}?`} act="Remove" open={dialog?.kind === 'remove'} onClose={close} onConfirm={() => (dialog?.kind === 'remove' ? remove.mutateAsync(dialog.backend) : null)}>
        <p>It is not asked any more, and what lets us in there is forgotten. What it has suggested stays, and so does what became of it.</p>
      </Confirm>
    </>
  )
}

function useRemove(project: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (backend: Backend) => del(`/api/backends/${backend.id}`),
    onSuccess: async (_, backend) => {
      await client.invalidateQueries({ queryKey: ['backends', project] })
      toast(`${backend.name} is not asked any more.`)
    },
  })
}

const states: Record<Backend['state'], readonly [Tone, string]> = { up: ['good', 'Up'], down: ['bad', 'Down'], unknown: ['plain', 'Not tested'] }

interface CardProps {
  backend: Backend
  onChange: () => void
  onFetch: () => void
  onRemove: () => void
}

function BackendCard({ backend, onChange, onFetch, onRemove }: CardProps) {
  const client = useQueryClient()
  const { id, name, kind, state } = backend
  const test = useMutation({
    mutationFn: () => post<Backend>(`/api/backends/${id}/check`),
    onSuccess: (now) => {
      client.setQueryData(q.backends(backend.project).queryKey, (before) => before && { ...before, items: before.items.map((each) => (each.id === id ? now : each)) })
      if (now.state === 'up') toast(`${name} is up${now.model_version ? `: ${now.model_version}` : ''}.`, { tone: 'good' })
    },
  })
  const train = useMutation({
    mutationFn: () => post<Job>(`/api/backends/${id}/train`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['jobs'] })
      toast('The labels are on their way.', { tone: 'good' })
    },
  })
  const [tone, word] = states[state]
  return (
    <Card
      title={<span className={css.title}><bdi>{name}</bdi> <Badge tone={tone}>{word}</Badge></span>}
      acts={
        <>
          <Button size="small" icon="retry" busy={test.isPending} onPress={() => test.mutate()}>Test</Button>
          <Button size="small" look="primary" icon="download" onPress={onFetch}>Fetch suggestions…</Button>
          <Menu label={`More of ${name}`} trigger={<Button size="small" look="quiet" icon="more"><span className="sr">More of {name}</span></Button>}>
            <MenuItem icon="edit" onAction={onChange}>Change…</MenuItem>
            {kind === 'label_studio' ? <MenuItem icon="book" onAction={() => train.mutate()}>Train with the labels</MenuItem> : null}
            <MenuItem icon="trash" onAction={onRemove}>Remove…</MenuItem>
          </Menu>
        </>
      }
    >
      <dl className={css.facts}>
        <div><dt>Where</dt><dd>{kind === 'local' ? <>In this server: {backend.model}</> : <code>{backend.url}</code>}</dd></div>
        {kind === 'label_studio' && <div><dt>Lets us in with</dt><dd>{backend.user ? <>{backend.user} and a password</> : backend.has_secret ? 'a token' : 'nothing'}</dd></div>}
        <div><dt>Version</dt><dd>{backend.model_version ?? '–'}</dd></div>
        <div><dt>Last asked</dt><dd>{backend.checked_at ? <time dateTime={backend.checked_at} title={dateTime(backend.checked_at)}>{ago(backend.checked_at)}</time> : 'never'}</dd></div>
        <div><dt>Left out</dt><dd>{backend.at_least > 0 ? `what is less sure than ${percent(backend.at_least)}` : 'nothing'}</dd></div>
        <div><dt>In the workbench</dt><dd>{backend.prompts ? 'may be asked' : 'not offered'}</dd></div>
      </dl>
      {state === 'down' && backend.problem && <Note tone="bad" title="It could not be reached">{backend.problem}</Note>}
    </Card>
  )
}

/** What people made of it: the record is kept for each object, and added up here. */
function Outcomes({ project }: { project: Project }) {
  const outcomes = useQuery(q.outcomes(project.id))
  if (!outcomes.data || outcomes.data.items.length === 0) return null
  const share = (row: ModelOutcomes, value: number) => {
    const all = row.kept + row.changed + row.rejected
    return <>{number(value)} <small className={layout.quiet}>{all === 0 ? '' : percent(value / all)}</small></>
  }
  return (
    <Card title="What became of suggestions">
      <Table
        label="What became of suggestions" rows={outcomes.data.items} rowKey={(row) => row.model}
        columns={[
          { key: 'model', title: 'Model', cell: (row) => <bdi>{row.model}</bdi> },
          { key: 'answers', title: 'Answers', end: true, cell: (row) => number(row.answers) },
          { key: 'kept', title: 'Kept as they were', end: true, cell: (row) => share(row, row.kept) },
          { key: 'changed', title: 'Changed', end: true, cell: (row) => share(row, row.changed) },
          { key: 'rejected', title: 'Turned down', end: true, cell: (row) => share(row, row.rejected) },
        ]}
      />
      <p className={layout.quiet}>Of the latest 1,000 tasks with answers; objects, spans and choices are counted alike. What was suggested for a single task, and what became of each object of it, is on the page of the task.</p>
    </Card>
  )
}
