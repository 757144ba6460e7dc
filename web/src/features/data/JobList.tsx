import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { post } from '../../api/client'
import * as q from '../../api/queries'
import type { Imported, Job, JobState } from '../../api/types'
import { Badge, Progress, SkeletonRows, type Tone } from '../../ui/Bits'
import { AnchorButton, Button } from '../../ui/Button'
import { ErrorState } from '../../ui/ErrorState'
import { ago, dateTime, number } from '../../ui/format'
import { Card, layout } from '../../ui/Page'
import css from './Jobs.module.css'

const tones: Record<JobState, Tone> = { queued: 'plain', running: 'info', done: 'good', failed: 'bad', canceled: 'plain' }
const states: Record<JobState, string> = { queued: 'Queued', running: 'Running', done: 'Done', failed: 'Failed', canceled: 'Canceled' }
const kinds: Record<string, string> = {
  import: 'Import', 'import.manifest': 'Import of a manifest', 'import.native': 'Import of a Fairmark export', 'import.coco': 'Import of COCO',
  'import.voc': 'Import of Pascal VOC', 'import.s3': 'Import from a bucket', uploads: 'Files that were refused', release: 'Release', export: 'Release', thumbnails: 'Thumbnails', predict: 'Suggestions of a model', train: 'Training of a model',
}
/** A look before an import: it has kept nothing. */
const isLook = (job: Job): boolean => job.kind === 'import' && (job.result as Imported | null)?.dry_run === true
export const jobName = (kind: string): string => kinds[kind] ?? kind.replace(/[._]/g, ' ').replace(/^./, (first) => first.toUpperCase())

export const isMoving = (job: Job): boolean => job.state === 'queued' || job.state === 'running'

/** One job: what it does, how far it is, what went wrong, and what can be done about it. */
export function JobRow({ job, managing }: { job: Job; managing: boolean }) {
  const client = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => post<Job>(`/api/jobs/${job.id}/cancel`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['jobs'] }),
  })
  const moving = isMoving(job)
  return (
    <li className={css.job}>
      <div className={css.line}>
        <strong>{isLook(job) ? 'Look into a file' : jobName(job.kind)}</strong>
        <Badge tone={tones[job.state]}>{states[job.state]}</Badge>
        <time className={layout.quiet} dateTime={job.created_at} title={dateTime(job.created_at)}>{ago(job.finished_at ?? job.created_at)}</time>
      </div>
      {moving && <Progress label={jobName(job.kind)} total={job.state === 'queued' ? 1 : job.total} parts={[{ label: 'Done', value: job.done, tone: 'accent' }]} thin />}
      <div className={css.line}>
        <span className={layout.quiet}>
          {number(job.done)}{job.total !== null && ` of ${number(job.total)}`}
          {job.bad > 0 && <> · <b className={css.bad}>{number(job.bad)} with errors</b></>}
          {job.message && <> · {job.message}</>}
        </span>
        <span className={css.acts}>
          {job.bad > 0 && managing && <AnchorButton size="small" icon="download" href={`/api/jobs/${job.id}/errors`} download={`errors-${job.id}.csv`}>Error file</AnchorButton>}
          {moving && managing && <Button size="small" icon="x" busy={cancel.isPending} onPress={() => cancel.mutate()}>Cancel</Button>}
        </span>
      </div>
    </li>
  )
}

/** When a job ends, what it brought is read again; also of one that had ended before it was ever seen at work. */
function useEnded(project: string, jobs: readonly Job[] | undefined): void {
  const client = useQueryClient()
  const over = useRef<ReadonlySet<string> | null>(null)
  useEffect(() => {
    if (!jobs) return
    const before = over.current
    over.current = new Set(jobs.filter((job) => !isMoving(job)).map((job) => job.id))
    // Those that were over at first sight are known to the lists beside this one.
    if (before === null || [...over.current].every((id) => before.has(id))) return
    for (const key of [['items', project], ['project', project], ['progress', project], ['releases', project], ['tasks'], ['backends', project], ['outcomes', project]]) void client.invalidateQueries({ queryKey: key })
  }, [client, project, jobs])
}

/** The jobs of a project, newest first. Says nothing when there are none. */
export function JobList({ project, managing, title, limit }: { project: string; managing: boolean; title: string; limit?: number }) {
  const jobs = useQuery(q.jobs(project))
  useEnded(project, jobs.data?.items)
  if (jobs.isPending) return <Card title={title}><SkeletonRows rows={2} /></Card>
  if (jobs.isError) return <Card title={title}><ErrorState error={jobs.error} retry={() => void jobs.refetch()} /></Card>
  const rows = [...jobs.data.items].sort((a, b) => Number(isMoving(b)) - Number(isMoving(a)) || b.created_at.localeCompare(a.created_at)).slice(0, limit ?? 50)
  if (rows.length === 0) return null
  return (
    <Card title={title}>
      <ul className={css.jobs}>{rows.map((job) => <JobRow key={job.id} job={job} managing={managing} />)}</ul>
    </Card>
  )
}
