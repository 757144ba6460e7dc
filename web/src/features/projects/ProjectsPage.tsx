import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import * as q from '../../api/queries'
import { EmptyState, SkeletonRows } from '../../ui/Bits'
import { LinkButton } from '../../ui/Button'
import { Segments } from '../../ui/Choice'
import { ErrorState } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { layout, Page } from '../../ui/Page'
import { canManage, useSession } from '../session'
import { ProjectCard } from './ProjectCard'
import css from './ProjectsPage.module.css'

type Shown = 'open' | 'archived'

export function ProjectsPage() {
  const session = useSession()
  const projects = useQuery(q.projects)
  const [shown, setShown] = useState<Shown>('open')
  const [text, setText] = useState('')
  const make = canManage(session) && <LinkButton to="/projects/new" look="primary" icon="plus">New project</LinkButton>
  const all = projects.data?.items ?? []
  const wanted = text.trim().toLocaleLowerCase()
  const rows = all.filter((project) =>
    (project.state === 'archived') === (shown === 'archived') && project.name.toLocaleLowerCase().includes(wanted))

  return (
    <Page title="Projects" lede="A project asks one question of many items." acts={make}>
      {projects.isPending ? <SkeletonRows />
        : projects.isError ? <ErrorState error={projects.error} retry={() => void projects.refetch()} />
        : all.length === 0 ? (
          <EmptyState icon="projects" title="No projects yet" acts={make}>
            {canManage(session) ? 'A project holds an ontology, instructions, data and the people who label it.' : 'As soon as a manager publishes one, it is here.'}
          </EmptyState>
        ) : (
          <>
            <div className={css.filter}>
              <Field label="Search projects" hideLabel icon="search" placeholder="Search by name" type="search" value={text} onChange={setText} />
              <Segments label="Which projects" value={shown} onChange={setShown} options={[{ value: 'open', label: 'Open' }, { value: 'archived', label: 'Archived' }]} />
            </div>
            {rows.length > 0
              ? <div className={layout.cards}>{rows.map((project) => <ProjectCard key={project.id} project={project} />)}</div>
              : <EmptyState icon="search" title={wanted ? `Nothing is named “${text.trim()}”` : shown === 'archived' ? 'Nothing is archived' : 'No open projects'} />}
          </>
        )}
    </Page>
  )
}
