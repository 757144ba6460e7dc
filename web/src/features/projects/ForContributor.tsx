import { useQuery } from '@tanstack/react-query'
import * as q from '../../api/queries'
import type { Project } from '../../api/types'
import { SkeletonRows } from '../../ui/Bits'
import { Card } from '../../ui/Page'
import { ToLabel } from '../home/ToLabel'
import { Markdown } from '../instructions/Markdown'

/** A project as a contributor sees it: what waits, and the instructions. */
export function ForContributor({ project }: { project: Project }) {
  const instructions = useQuery(q.instructions(project.id))
  return (
    <>
      <ToLabel projects={[project]} />
      <Card title="Instructions">
        {instructions.isPending ? <SkeletonRows rows={4} /> : instructions.data?.markdown.trim() ? <Markdown text={instructions.data.markdown} /> : <p>None are written yet.</p>}
      </Card>
    </>
  )
}
