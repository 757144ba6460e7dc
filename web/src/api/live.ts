import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import * as q from './queries'
import type { Job, Listed, Progress } from './types'

const WAIT_MIN_MS = 1_000
const WAIT_MAX_MS = 30_000

export type Liveness = 'connecting' | 'live' | 'waiting'

/**
 * Follows one project: progress and jobs come in as they change, straight into the cache that the page reads.
 * A broken stream is taken up again by the browser with the last event's id; one that the server ended, by us,
 * less and less often. A hidden page lets go of its stream.
 */
export function useLive(project: string): Liveness {
  const client = useQueryClient()
  const [state, setState] = useState<Liveness>('connecting')

  useEffect(() => {
    let source: EventSource | null = null
    let timer = 0
    let wait = WAIT_MIN_MS
    let ended = false

    const open = () => {
      if (ended || document.hidden || source) return
      source = new EventSource(`/api/live?project=${encodeURIComponent(project)}`)
      source.onopen = () => {
        wait = WAIT_MIN_MS
        setState('live')
      }
      source.addEventListener('progress', (event) => {
        setState('live')
        const before = client.getQueryData<Progress>(q.progress(project).queryKey)
        const now = JSON.parse(event.data) as Progress
        client.setQueryData(q.progress(project).queryKey, now)
        // What waits for the reader themselves is their own question: asked again where tasks have moved.
        const moved = before && (Object.keys(now.tasks) as (keyof Progress['tasks'])[]).some((state) => before.tasks[state] !== now.tasks[state])
        if (moved) void client.invalidateQueries({ queryKey: q.queue(project).queryKey })
      })
      source.addEventListener('job', (event) => {
        const job = JSON.parse(event.data) as Job
        client.setQueryData(q.jobs(project).queryKey, (had: Listed<Job> | undefined) =>
          had && { ...had, items: had.items.some(({ id }) => id === job.id) ? had.items.map((each) => (each.id === job.id ? job : each)) : [job, ...had.items] })
        client.setQueryData(q.job(job.id).queryKey, job)
        if (job.state === 'done') void client.invalidateQueries({ queryKey: ['releases', project] })
      })
      source.onerror = () => {
        setState('waiting')
        if (source?.readyState !== EventSource.CLOSED) return // The browser itself tries again.
        close()
        timer = window.setTimeout(open, wait)
        wait = Math.min(WAIT_MAX_MS, wait * 2)
      }
    }
    const close = () => {
      source?.close()
      source = null
      clearTimeout(timer)
    }
    const onVisible = () => (document.hidden ? close() : open())

    open()
    document.addEventListener('visibilitychange', onVisible)
    return () => {
      ended = true
      document.removeEventListener('visibilitychange', onVisible)
      close()
    }
  }, [client, project])

  return state
}
