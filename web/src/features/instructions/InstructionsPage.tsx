import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import * as q from '../../api/queries'
import type { Instructions } from '../../api/types'
import { EmptyState, SkeletonRows } from '../../ui/Bits'
import { ErrorState } from '../../ui/ErrorState'
import { dateTime } from '../../ui/format'
import { Card } from '../../ui/Page'
import { useProject } from '../projects/useProject'
import { canManage, useNames, useSession } from '../session'
import { InstructionsEditor } from './InstructionsEditor'
import { Markdown } from './Markdown'

export function InstructionsPage() {
  const session = useSession()
  const nameOf = useNames()
  const project = useProject()
  const latest = useQuery({ ...q.instructions(project.id), refetchOnWindowFocus: false })
  const [taken, setTaken] = useState<Instructions | null>(null)

  if (latest.isPending) return <SkeletonRows />
  if (latest.isError) return <ErrorState error={latest.error} retry={() => void latest.refetch()} />
  const base = taken ?? latest.data
  if (canManage(session) && project.state !== 'archived') return <InstructionsEditor key={base.version} project={project} base={base} onSaved={setTaken} />
  if (!base.markdown.trim()) return <EmptyState icon="book" title="No instructions yet">As soon as a manager writes them, they are here and beside every task.</EmptyState>
  return (
    <Card title={`Version ${base.version}${base.created_at ? `, ${dateTime(base.created_at)}` : ''}${nameOf(base.created_by) ? `, by ${nameOf(base.created_by)}` : ''}`}>
      <Markdown text={base.markdown} />
    </Card>
  )
}
