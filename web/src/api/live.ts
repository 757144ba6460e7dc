import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import * as q from './queries'
import type { Job, Listed, Progress } from './types'

const WAIT_MIN_MS = 1_000
const WAIT_MAX_MS = 30_000

export type Liveness = 'connecting' | 'live' | 'waiting'

/**
 * Hears a stream of the server's, each kind of event by its own ear; answers how to stop. A broken stream is taken up
 * again by the browser with the last event's id; one that the server ended, by us, less and less often. A hidden page
 * lets go of its stream.
 */
export function follow(path: string, ears: Readonly<Record<string, (data: unknown) => void>>, onState: (state: Liveness) => void = () => {}): () => void {
  let source: EventSource | null = null
  let timer = 0
  let wait = WAIT_MIN_MS
  let ended = false

  const open = () => {
    if (ended || document.hidden || source) return
    source = new EventSource(path)
    source.onopen = () => {
      wait = WAIT_MIN_MS
      onState('live')
    }
    for (const [kind, hear] of Object.entries(ears)) {
      source.addEventListener(kind, (event) => {
        onState('live')
        hear(JSON.parse((event as MessageEvent<string>).data))
      })
    }
    source.onerror = () => {
      onState('waiting')
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
}

/**
 * Follows one project: progress and jobs come in as they change, straight into the cache that the page reads.
 */
export function useLive(project: string): Liveness {
  const client = useQueryClient()
  const [state, setState] = useState<Liveness>('connecting')

  useEffect(() => {
    const progress = (data: unknown) => {
      const before = client.getQueryData<Progress>(q.progress(project).queryKey)
      const now = data as Progress
      client.setQueryData(q.progress(project).queryKey, now)
      // What waits for the reader themselves is their own question: asked again where tasks have moved.
      const moved = before && (Object.keys(now.tasks) as (keyof Progress['tasks'])[]).some((state) => before.tasks[state] !== now.tasks[state])
      if (moved) void client.invalidateQueries({ queryKey: q.queue(project).queryKey })
    }
    const job = (data: unknown) => {
      const job = data as Job
      client.setQueryData(q.jobs(project).queryKey, (had: Listed<Job> | undefined) =>
        had && { ...had, items: had.items.some(({ id }) => id === job.id) ? had.items.map((each) => (each.id === job.id ? job : each)) : [job, ...had.items] })
      client.setQueryData(q.job(job.id).queryKey, job)
      if (job.state === 'done') void client.invalidateQueries({ queryKey: ['releases', project] })
    }
    return follow(`/api/live?project=${encodeURIComponent(project)}`, { progress, job }, setState)
  }, [client, project])

  return state
}
