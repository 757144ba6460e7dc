import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { get } from './client'
import type * as t from './types'

/**
 * What the pages read, each with its key. A key begins with the noun; after a change, `invalidateQueries` with the
 * noun reads it again.
 */
export const setup = queryOptions({ queryKey: ['setup'], queryFn: () => get<t.Setup>('/api/setup'), staleTime: 60_000 })
export const session = queryOptions({ queryKey: ['session'], queryFn: () => get<t.Session>('/api/session'), staleTime: 60_000, retry: false })
export const sessions = queryOptions({ queryKey: ['sessions'], queryFn: () => get<t.Listed<t.SessionRow>>('/api/sessions', { query: { limit: 200 } }) })
export const organizations = queryOptions({ queryKey: ['organizations'], queryFn: () => get<t.Listed<t.Organization>>('/api/organizations', { query: { limit: 200 } }) })
export const members = queryOptions({ queryKey: ['members'], queryFn: () => get<t.Listed<t.Member>>('/api/members', { query: { limit: 200 } }) })
export const invitations = queryOptions({ queryKey: ['invitations'], queryFn: () => get<t.Listed<t.Invitation>>('/api/invitations', { query: { limit: 200 } }) })
export const keys = queryOptions({ queryKey: ['keys'], queryFn: () => get<t.Listed<t.KeyRow>>('/api/keys', { query: { limit: 200 } }) })
export const work = queryOptions({ queryKey: ['work'], queryFn: () => get<t.Work>('/api/work') })

export const inbox = queryOptions({ queryKey: ['inbox'], queryFn: () => get<t.Inbox>('/api/inbox'), refetchInterval: 30_000 })
export const comments = (answer: string) => queryOptions({ queryKey: ['comments', answer], queryFn: () => get<t.Listed<t.Thread>>(`/api/answers/${answer}/comments`, { query: { limit: 200 } }) })

export const templates = queryOptions({ queryKey: ['templates'], queryFn: () => get<t.Listed<t.Template>>('/api/templates'), staleTime: Number.POSITIVE_INFINITY })
export const projects = queryOptions({ queryKey: ['projects'], queryFn: () => get<t.Listed<t.Project>>('/api/projects', { query: { limit: 200 } }) })
export const project = (id: string) => queryOptions({ queryKey: ['project', id], queryFn: () => get<t.Project>(`/api/projects/${id}`) })
export const ontology = (id: string, version?: number) =>
  queryOptions({ queryKey: ['ontology', id, version ?? 'latest'], queryFn: () => get<t.OntologyVersion>(`/api/projects/${id}/ontology`, { query: { version } }), ...(version ? { staleTime: Number.POSITIVE_INFINITY } : {}) })
export const instructions = (id: string, version?: number) =>
  queryOptions({ queryKey: ['instructions', id, version ?? 'latest'], queryFn: () => get<t.Instructions>(`/api/projects/${id}/instructions`, { query: { version } }), ...(version ? { staleTime: Number.POSITIVE_INFINITY } : {}) })
export const progress = (id: string) => queryOptions({ queryKey: ['progress', id], queryFn: () => get<t.Progress>(`/api/projects/${id}/progress`) })
export const quality = (id: string) => queryOptions({ queryKey: ['quality', id], queryFn: () => get<t.Quality>(`/api/projects/${id}/quality`) })
export const personQuality = (project: string, person: string) => queryOptions({ queryKey: ['quality', project, person], queryFn: () => get<t.PersonQuality>(`/api/projects/${project}/people/${person}/quality`) })
export const contests = (id: string) => queryOptions({ queryKey: ['contests', id], queryFn: () => get<t.Listed<t.Contest>>(`/api/projects/${id}/contests`) })
export const ownScores = queryOptions({ queryKey: ['work', 'scores'], queryFn: () => get<t.OwnScores>('/api/work/scores') })
export const backends = (id: string) => queryOptions({ queryKey: ['backends', id], queryFn: () => get<t.Listed<t.Backend>>(`/api/projects/${id}/backends`) })
export const outcomes = (id: string) => queryOptions({ queryKey: ['outcomes', id], queryFn: () => get<t.Listed<t.ModelOutcomes>>(`/api/projects/${id}/outcomes`) })
export const models = queryOptions({ queryKey: ['models'], queryFn: () => get<t.Listed<t.LocalModel>>('/api/models'), staleTime: Number.POSITIVE_INFINITY })
/** Not waited for: without a connection it fails at once. */
export const prompters = (id: string) =>
  queryOptions({ queryKey: ['prompters', id], queryFn: () => get<t.Listed<t.Prompter>>(`/api/projects/${id}/prompters`), networkMode: 'always', retry: false, staleTime: 60_000 })
export const suggestions = (task: string) => queryOptions({ queryKey: ['suggestions', task], queryFn: () => get<t.Listed<t.TaskSuggestion>>(`/api/tasks/${task}/suggestions`) })
export const queue = (id: string) => queryOptions({ queryKey: ['queue', id], queryFn: () => get<t.QueueCounts>(`/api/projects/${id}/queue`) })

const pages = { initialPageParam: null as string | null, getNextPageParam: (last: t.Listed<unknown>) => last.next_cursor ?? null }

export const gold = (id: string) =>
  infiniteQueryOptions({ queryKey: ['gold', id], queryFn: ({ pageParam }) => get<t.Listed<t.Gold>>(`/api/projects/${id}/gold`, { query: { cursor: pageParam } }), ...pages })
export const items = (id: string, q: string) =>
  infiniteQueryOptions({ queryKey: ['items', id, q], queryFn: ({ pageParam }) => get<t.Listed<t.Item>>(`/api/projects/${id}/items`, { query: { q, cursor: pageParam, limit: 100 } }), ...pages })
export const tasks = (filter: { project: string; state?: string | undefined; q?: string | undefined; person?: string | undefined }) =>
  infiniteQueryOptions({ queryKey: ['tasks', filter], queryFn: ({ pageParam }) => get<t.Listed<t.TaskRow>>('/api/tasks', { query: { ...filter, cursor: pageParam, limit: 100 } }), ...pages })
export const openTasks = (project: string) => queryOptions({ queryKey: ['tasks', 'open', project], queryFn: () => get<t.Listed<t.TaskRow>>('/api/tasks', { query: { project, state: 'queued', limit: 200 } }) })
export const task = (id: string) => queryOptions({ queryKey: ['task', id], queryFn: () => get<t.Task>(`/api/tasks/${id}`) })
export const item = (id: string) => queryOptions({ queryKey: ['item', id], queryFn: () => get<t.Item>(`/api/items/${id}`) })

const moving = (job: t.Job) => job.state === 'queued' || job.state === 'running'
export const jobs = (project?: string) =>
  queryOptions({
    queryKey: ['jobs', project ?? 'all'],
    queryFn: () => get<t.Listed<t.Job>>('/api/jobs', { query: { project, limit: 50 } }),
    refetchInterval: (query) => (query.state.data?.items.some(moving) ? 1_500 : 20_000),
  })
export const job = (id: string) =>
  queryOptions({ queryKey: ['job', id], queryFn: () => get<t.Job>(`/api/jobs/${id}`), refetchInterval: (query) => (query.state.data && !moving(query.state.data) ? false : 1_200) })
export const releases = (id: string) =>
  queryOptions({
    queryKey: ['releases', id],
    queryFn: () => get<t.Listed<t.Release>>(`/api/projects/${id}/releases`, { query: { limit: 100 } }),
    refetchInterval: (query) => (query.state.data?.items.some((release) => release.state === 'queued' || release.state === 'running') ? 1_500 : false),
  })
export const releaseFormats = (id: string) => queryOptions({ queryKey: ['release formats', id], queryFn: () => get<t.Listed<t.FormatOffer>>(`/api/projects/${id}/releases/formats`), staleTime: 60_000 })
/** What the formats would lose, with their names, so that an answer says what it is of. */
export const releasePreview = (id: string, formats: readonly t.Format[]) =>
  queryOptions({
    queryKey: ['release preview', id, formats],
    queryFn: async () => ({ formats, ...(await get<t.ReleasePreview>(`/api/projects/${id}/releases/preview`, { query: { formats: formats.join(',') } })) }),
    staleTime: 60_000,
  })
export const release = (id: string) => queryOptions({ queryKey: ['release', id], queryFn: () => get<t.Release>(`/api/releases/${id}`) })
