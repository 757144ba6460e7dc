import type { QueryClient } from '@tanstack/react-query'
import { patch, post, setOrganization } from './client'
import * as q from './queries'
import type { Session } from './types'

/** A new session means another reader: nothing that the former one had read stays. */
export function enter(client: QueryClient, session: Session): Session {
  client.clear()
  client.setQueryData(q.session.queryKey, session)
  setOrganization(session.organization?.id ?? null)
  return session
}

export const signIn = async (client: QueryClient, email: string, password: string): Promise<Session> =>
  enter(client, await post<Session>('/api/session', { email, password }))

export const moveTo = async (client: QueryClient, organization: string): Promise<Session> => {
  setOrganization(null)
  return enter(client, await patch<Session>('/api/session', { organization }))
}
