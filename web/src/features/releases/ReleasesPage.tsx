import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client'
import { useLive } from '../../api/live'
import * as q from '../../api/queries'
import type { Job, Release } from '../../api/types'
import { Badge, EmptyState, Progress, SkeletonRows } from '../../ui/Bits'
import { AnchorButton, Button } from '../../ui/Button'
import { ErrorState } from '../../ui/ErrorState'
import { bytes, dateTime, number } from '../../ui/format'
import { layout, Section } from '../../ui/Page'
import { useProject } from '../projects/useProject'
import { canManage, useNames, useSession } from '../session'
import { about, lossesOf } from './formats'
import { FormatLoss } from './FormatLoss'
import { NewRelease } from './NewRelease'
import css from './Releases.module.css'

/** Immutable, numbered exports of the labels, each with what its formats could not hold. */
export function ReleasesPage() {
  const session = useSession()
  const project = useProject()
  const list = useQuery(q.releases(project.id))
  const [making, setMaking] = useState(false)
  useLive(project.id)
  const managing = canManage(session)
  const make = managing && <Button look="primary" icon="package" onPress={() => setMaking(true)}>Make a release</Button>
  return (
    <Section title="Releases" acts={make}>
      {list.isPending ? <SkeletonRows />
        : list.isError ? <ErrorState error={list.error} retry={() => void list.refetch()} />
        : list.data.items.length === 0 ? (
          <EmptyState icon="package" title="No release yet" acts={make}>A release freezes the labels of every task that is done, in the formats you choose, with checksums and a manifest.</EmptyState>
        )
        : list.data.items.map((release) => <ReleaseCard key={release.id} release={release} managing={managing} />)}
      {making && <NewRelease project={project} onClose={() => setMaking(false)} />}
    </Section>
  )
}

const tones = { queued: 'plain', running: 'info', done: 'good', failed: 'bad', canceled: 'plain' } as const
const states = { queued: 'Queued', running: 'Being made', done: 'Ready', failed: 'Failed', canceled: 'Canceled' } as const

/** The job of a release, whether the server gave it whole or by its id. */
function useJob(release: Release): Job | null {
  const id = typeof release.job === 'string' ? release.job : (release.job?.id ?? null)
  const moving = release.state === 'queued' || release.state === 'running'
  const { data } = useQuery({ ...q.job(id ?? ''), enabled: id !== null && (moving || release.state === 'failed') })
  return data ?? (typeof release.job === 'object' ? release.job : null)
}

function ReleaseCard({ release, managing }: { release: Release; managing: boolean }) {
  const client = useQueryClient()
  const job = useJob(release)
  const nameOf = useNames()
  const moving = release.state === 'queued' || release.state === 'running'
  const cancel = useMutation({
    mutationFn: () => post(`/api/jobs/${job?.id}/cancel`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['releases', release.project] }),
  })
  return (
    <article className={css.release} aria-label={`Release ${release.number}`}>
      <div className={css.head}>
        <h3 dir="auto">{number(release.number)}{release.name && `: ${release.name}`}</h3>
        <Badge tone={tones[release.state]}>{states[release.state]}</Badge>
        {release.formats.map((format) => <Badge key={format} bare>{about(format).name}</Badge>)}
        <span className={layout.quiet}>{release.tasks === 1 ? '1 task' : `${number(release.tasks)} tasks`} · {dateTime(release.created_at)}{nameOf(release.created_by) && ` · ${nameOf(release.created_by)}`}</span>
      </div>
      {moving && (
        <>
          <Progress label={`Release ${release.number}`} total={job?.total ?? null} parts={[{ label: 'Done', value: job?.done ?? 0, tone: 'accent' }]} />
          <div className={layout.between}>
            <span className={layout.quiet}>{job ? `${number(job.done)}${job.total === null ? '' : ` of ${number(job.total)}`}` : 'Waiting to begin'}{job?.message && ` · ${job.message}`}</span>
            {managing && job && <Button size="small" icon="x" busy={cancel.isPending} onPress={() => cancel.mutate()}>Cancel</Button>}
          </div>
        </>
      )}
      {release.state === 'failed' && <p>{job?.message ?? 'It could not be made. Try again; if it fails again, the job’s request id helps to find out why.'}</p>}
      {release.files.length > 0 && (
        <ul className={css.files} aria-label="Files">
          {release.files.map((file) => (
            <li key={file.name}>
              <span><b>{file.name}</b><code title={`SHA-256 ${file.sha256}`}>{file.sha256}</code></span>
              <span className={layout.quiet}>{bytes(file.bytes)}</span>
              <AnchorButton size="small" icon="download" href={file.url} download={file.name}>Download<span className="sr"> {file.name}</span></AnchorButton>
            </li>
          ))}
        </ul>
      )}
      {release.state === 'done' && <Loss release={release} />}
    </article>
  )
}

function Loss({ release }: { release: Release }) {
  const { loss, formats } = release
  if (loss.length === 0) return <p className={layout.quiet}>Nothing was lost in any format.</p>
  const lossy = lossesOf(loss, formats).filter((each) => each.count > 0)
  return (
    <details className={css.fold}>
      <summary>What the formats could not hold ({number(loss.reduce((sum, each) => sum + each.count, 0))})</summary>
      <div className={css.losses}>
        {lossy.map((each) => <FormatLoss key={each.format} {...each} open={lossy.length === 1} />)}
      </div>
    </details>
  )
}
