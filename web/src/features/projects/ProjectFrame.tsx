import { useQuery } from '@tanstack/react-query'
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import * as q from '../../api/queries'
import type { Project, ProjectState } from '../../api/types'
import { Button, IconButton, LinkButton } from '../../ui/Button'
import { Confirm } from '../../ui/Dialog'
import { number } from '../../ui/format'
import { Menu, MenuItem } from '../../ui/Menu'
import { Page } from '../../ui/Page'
import { LinkTab, LinkTabs } from '../../ui/Tabs'
import { toast } from '../../ui/toast'
import { canLabel, canManage, canRead, canReview, useSession } from '../session'
import { ProjectBadge } from './bits'
import { useChangeProject, useProject } from './useProject'

const tabs = [
  { to: '/projects/$project', end: '', label: 'Overview' },
  { to: '/projects/$project/data', end: '/data', label: 'Data' },
  { to: '/projects/$project/ontology', end: '/ontology', label: 'Ontology' },
  { to: '/projects/$project/instructions', end: '/instructions', label: 'Instructions' },
  { to: '/projects/$project/tasks', end: '/tasks', label: 'Tasks' },
  { to: '/projects/$project/quality', end: '/quality', label: 'Quality', reviewer: true },
  { to: '/projects/$project/models', end: '/models', label: 'Models', manager: true },
  { to: '/projects/$project/releases', end: '/releases', label: 'Releases' },
  { to: '/projects/$project/settings', end: '/settings', label: 'Settings', manager: true },
] as const

/** What all pages of one project share: its name, its state and the way between them. */
export function ProjectFrame() {
  const session = useSession()
  const project = useProject()
  const { pathname } = useLocation()
  const at = tabs.find((tab) => tab.end !== '' && pathname.startsWith(`/projects/${project.id}${tab.end}`)) ?? tabs[0]
  return (
    <Page
      title={project.name}
      tabTitle={`${at.label} · ${project.name}`}
      badge={<ProjectBadge state={project.state} />}
      crumbs={[
        canRead(session) ? { label: 'Projects', to: '/projects' } : { label: 'Home', to: '/' },
        ...(pathname.startsWith(`/projects/${project.id}/tasks/`) ? [{ label: 'Tasks', to: '/projects/$project/tasks', params: { project: project.id } } as const] : []),
      ]}
      acts={<Acts project={project} />}
    >
      {canRead(session) && (
        <LinkTabs label="Project">
          {tabs.filter((tab) => (!('manager' in tab) || canManage(session)) && (!('reviewer' in tab) || canReview(session))).map((tab) => (
            <LinkTab key={tab.to} to={tab.to} params={{ project: project.id }} activeOptions={{ exact: tab.end === '' }}>{tab.label}</LinkTab>
          ))}
        </LinkTabs>
      )}
      <Outlet />
    </Page>
  )
}

const said: Record<ProjectState, string> = {
  draft: 'The project is a draft again.',
  published: 'Published. Contributors see it now.',
  paused: 'Paused. Nothing new is handed out; what is held may be finished.',
  archived: 'Archived. You find it under “Archived” in the list of projects.',
}

const stages = [
  { stage: 'review', icon: 'eye', label: 'Review' },
  { stage: 'adjudicate', icon: 'scale', label: 'Adjudicate' },
  { stage: 'label', icon: 'play', label: 'Label' },
] as const

/** The ways into work, each with how much of it waits; what only a reviewer can do comes first. */
function Work({ project }: { project: Project }) {
  const session = useSession()
  const { data: queue } = useQuery(q.queue(project.id))
  const waiting = { review: queue?.review ?? 0, adjudicate: queue?.adjudicate ?? 0, label: (queue?.label ?? 0) + (queue?.rework ?? 0) }
  const shown = stages.filter(({ stage }) => waiting[stage] > 0)
  return (shown.length > 0 ? shown : stages.slice(-1)).map(({ stage, icon, label }, index) => (
    <LinkButton key={stage} to="/projects/$project/work/$stage" params={{ project: project.id, stage }} icon={icon} look={index === 0 && !canManage(session) ? 'primary' : 'plain'}>
      {label}{waiting[stage] > 0 && <small> {number(waiting[stage])}</small>}
    </LinkButton>
  ))
}

function Acts({ project }: { project: Project }) {
  const session = useSession()
  const navigate = useNavigate()
  const change = useChangeProject(project)
  const [archiving, setArchiving] = useState(false)
  const { state } = project

  const go = (next: ProjectState) =>
    change.mutateAsync({ state: next }).then(
      () => void toast(said[next], { tone: 'good', ...(next === 'paused' ? { act: { label: 'Resume', run: () => void go('published') } } : {}) }),
      (error: Error) => void toast(error.message, { tone: 'bad' }),
    )
  const work = (stage: string) => () => void navigate({ to: '/projects/$project/work/$stage', params: { project: project.id, stage } })

  return (
    <>
      {state === 'published' && canLabel(session) && canRead(session) && <Work project={project} />}
      {canManage(session) && state === 'draft' && <Button look="primary" icon="flag" busy={change.isPending} onPress={() => void go('published')}>Publish</Button>}
      {canManage(session) && state === 'paused' && <Button look="primary" icon="play" busy={change.isPending} onPress={() => void go('published')}>Resume</Button>}
      {canManage(session) && (
        <>
          <Menu label="More" trigger={<IconButton icon="more" label="More" />}>
            {state === 'published' ? <MenuItem icon="eye" onAction={work('review')}>Review</MenuItem> : null}
            {state === 'published' ? <MenuItem icon="scale" onAction={work('adjudicate')}>Adjudicate</MenuItem> : null}
            {state === 'published' ? <MenuItem icon="pause" onAction={() => void go('paused')}>Pause</MenuItem> : null}
            {state === 'archived'
              ? <MenuItem icon="play" onAction={() => void go('paused')}>Take out of the archive</MenuItem>
              : <MenuItem icon="archive" onAction={() => setArchiving(true)}>Archive…</MenuItem>}
          </Menu>
          <Confirm title={`Archive ${project.name}?`} open={archiving} onClose={() => setArchiving(false)} act="Archive" danger={false} onConfirm={() => go('archived')}>
            <p>Nobody is given its tasks any more. Data, answers and releases stay, and you can take it out of the archive again.</p>
          </Confirm>
        </>
      )}
    </>
  )
}
