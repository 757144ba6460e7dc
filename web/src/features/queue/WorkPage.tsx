import { getRouteApi } from '@tanstack/react-router'
import { NotFound } from '../shell/Fallbacks'
import { Workbench } from '../workbench/Workbench'
import type { Door } from './model'

const route = getRouteApi('/inside/projects/$project/work/$stage')
const doors: readonly string[] = ['label', 'review', 'adjudicate'] satisfies Door[]

/** The work screen; its address says of which project, and which kind of work. */
export function WorkPage() {
  const { project, stage } = route.useParams()
  if (!doors.includes(stage)) return <NotFound />
  return <Workbench project={project} door={stage as Door} />
}
