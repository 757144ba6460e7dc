import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import * as q from '../../api/queries'
import type { OntologyVersion } from '../../api/types'
import { SkeletonRows } from '../../ui/Bits'
import { ErrorState } from '../../ui/ErrorState'
import { Card } from '../../ui/Page'
import { useProject } from '../projects/useProject'
import { canManage, useSession } from '../session'
import { OntologyEditor } from './OntologyEditor'
import { open } from './model'
import { Preview } from './Preview'

/** The ontology of a project: to change for managers, to read for the others. */
export function OntologyPage() {
  const session = useSession()
  const project = useProject()
  const latest = useQuery({ ...q.ontology(project.id), refetchOnWindowFocus: false })
  // The editor is made anew on another version only when it asks for it: what is typed is never replaced.
  const [taken, setTaken] = useState<OntologyVersion | null>(null)

  if (latest.isPending) return <SkeletonRows />
  if (latest.isError) return <ErrorState error={latest.error} retry={() => void latest.refetch()} />
  if (!canManage(session) || project.state === 'archived') {
    return <Card title={`Version ${latest.data.version}`}><Preview doc={open(latest.data.ontology)} /></Card>
  }
  const base = taken ?? latest.data
  return <OntologyEditor key={base.version} project={project} base={base} onSaved={setTaken} />
}
