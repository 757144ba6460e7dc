import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import * as q from '../../api/queries'
import type { Job } from '../../api/types'
import { EmptyState, SkeletonRows } from '../../ui/Bits'
import { ErrorState } from '../../ui/ErrorState'
import { Card, Page } from '../../ui/Page'
import { canManage, useSession } from '../session'
import { JobRow } from './JobList'
import css from './Jobs.module.css'

/** Everything that runs in the background, project by project. */
export function JobsPage() {
  const session = useSession()
  const jobs = useQuery(q.jobs())
  const projects = useQuery(q.projects)
  const names = new Map(projects.data?.items.map((project) => [project.id, project.name]))
  const groups = new Map<string | null, Job[]>()
  for (const job of jobs.data?.items ?? []) groups.set(job.project, [...(groups.get(job.project) ?? []), job])

  return (
    <Page title="Jobs" lede="Imports, releases and other work that goes on by itself, also when this page is closed.">
      {jobs.isPending ? <SkeletonRows />
        : jobs.isError ? <ErrorState error={jobs.error} retry={() => void jobs.refetch()} />
        : groups.size === 0 ? <EmptyState icon="jobs" title="No jobs">Imports and releases show up here while they run, and after.</EmptyState>
        : [...groups].map(([project, rows]) => (
            <Card key={project ?? ''} title={project ? <Link to="/projects/$project" params={{ project }}>{names.get(project) ?? 'Project'}</Link> : 'Organization'}>
              <ul className={css.jobs}>{rows.map((job) => <JobRow key={job.id} job={job} managing={canManage(session)} />)}</ul>
            </Card>
          ))}
    </Page>
  )
}
