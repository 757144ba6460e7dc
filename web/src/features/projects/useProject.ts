import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { patch } from '../../api/client'
import * as q from '../../api/queries'
import type { Plan, Project, ProjectState } from '../../api/types'

/** The project of the address. Its route has loaded it. */
export function useProject(): Project {
  const { project } = useParams({ strict: false })
  return useSuspenseQuery(q.project(project ?? '')).data
}

interface Change { name?: string; plan?: Plan; state?: ProjectState }

/** Changes the project on the version that this page shows (H4). */
export function useChangeProject(project: Project) {
  const client = useQueryClient()
  return useMutation({
    meta: { shown: true },
    mutationFn: (change: Change) => patch<Project>(`/api/projects/${project.id}`, { base: project.version, ...change }),
    onSuccess: async (next) => {
      client.setQueryData(q.project(project.id).queryKey, next)
      await client.invalidateQueries({ queryKey: ['projects'] })
    },
    onError: () => client.invalidateQueries({ queryKey: ['project', project.id] }),
  })
}
