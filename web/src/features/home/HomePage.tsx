import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import * as q from '../../api/queries'
import type { Project } from '../../api/types'
import { EmptyState, SkeletonRows } from '../../ui/Bits'
import { LinkButton } from '../../ui/Button'
import { ErrorState } from '../../ui/ErrorState'
import { layout, Page, Section } from '../../ui/Page'
import { ProjectCard } from '../projects/ProjectCard'
import { InboxSection } from '../comments/Inbox'
import { canManage, canRead, useSession } from '../session'
import { ToLabel } from './ToLabel'
import { ToReview } from './ToReview'
import { Today } from './Today'

// Only operators see it.
const OrganizationList = lazy(() => import('../people/OrganizationsPage').then((module) => ({ default: module.OrganizationList })))

const greeting = (hour: number) => (hour < 5 ? 'Good night' : hour < 12 ? 'Good morning' : hour < 18 ? 'Good afternoon' : 'Good evening')

/** What this person would most likely do next, by role. */
export function HomePage() {
  const session = useSession()
  const first = session.person.name.split(/\s+/)[0] ?? session.person.name
  const title = `${greeting(new Date().getHours())}, ${first}`

  if (!session.organization) {
    return session.person.operator
      ? <Page title={title} lede="You run this installation. Organizations keep their data apart; you read none of it."><Suspense fallback={<SkeletonRows />}><OrganizationList /></Suspense></Page>
      : (
        <Page title={title}>
          <EmptyState icon="building" title={session.organizations.length > 0 ? 'Choose an organization' : 'You are in no organization yet'}
            acts={session.organizations.length > 0 && <LinkButton to="/organizations/choose" look="primary">Choose</LinkButton>}>
            {session.organizations.length === 0 && 'As soon as somebody invites you, their link brings you in.'}
          </EmptyState>
        </Page>
      )
  }
  return <Inside title={title} />
}

function Inside({ title }: { title: string }) {
  const session = useSession()
  const projects = useQuery(q.projects)
  const make = canManage(session) && <LinkButton to="/projects/new" look="primary" icon="plus">New project</LinkButton>
  const open = (projects.data?.items ?? []).filter((project) => project.state === 'published' || project.state === 'paused')
  const body = projects.isPending ? <SkeletonRows />
    : projects.isError ? <ErrorState error={projects.error} retry={() => void projects.refetch()} />
    : session.role === 'contributor' ? <><InboxSection /><Today /><ToLabel projects={open} /></>
    : session.role === 'reviewer' ? <><InboxSection /><ToReview projects={open} /><Today /><ToLabel projects={open} short /></>
    : <ForManagers projects={projects.data.items} managing={canManage(session)} />
  return <Page title={title} acts={canRead(session) && open.length > 0 && make}>{body}</Page>
}

function ForManagers({ projects, managing }: { projects: readonly Project[]; managing: boolean }) {
  const live = projects.filter((project) => project.state !== 'archived')
  if (live.length === 0) {
    return (
      <EmptyState icon="projects" title={managing ? 'Start your first project' : 'No projects yet'} acts={managing && <LinkButton to="/projects/new" look="primary" icon="plus">New project</LinkButton>}>
        {managing ? 'Pick what you ask, name the classes, drop in your data, and invite people. It takes a few minutes.' : 'As soon as a manager makes one, it is here.'}
      </EmptyState>
    )
  }
  const published = live.filter((project) => project.state === 'published')
  return (
    <>
      <InboxSection />
      {managing && published.length > 0 && <ToReview projects={published} quiet />}
      <Section title="Projects">
        <div className={layout.cards}>{live.map((project) => <ProjectCard key={project.id} project={project} />)}</div>
      </Section>
    </>
  )
}
