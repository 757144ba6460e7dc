import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import * as q from '../api/queries'
import type { PersonRef, Role, Session } from '../api/types'

const ladder: Record<Role, number> = { contributor: 0, viewer: 1, reviewer: 2, manager: 3, owner: 4 }

/** The person at this page. Only below the route that has loaded the session. */
export const useSession = (): Session => useSuspenseQuery(q.session).data

export const atLeast = (role: Role | null, least: Role): boolean => role !== null && ladder[role] >= ladder[least]
export const canManage = (session: Session): boolean => atLeast(session.role, 'manager')
export const canReview = (session: Session): boolean => atLeast(session.role, 'reviewer')
export const canRead = (session: Session): boolean => atLeast(session.role, 'viewer')
/** Everybody but a viewer may do label work. */
export const canLabel = (session: Session): boolean => session.role !== null && session.role !== 'viewer'

export const roleNames: Record<Role, string> = { owner: 'Owner', manager: 'Manager', reviewer: 'Reviewer', contributor: 'Contributor', viewer: 'Viewer' }
export const roleHelp: Record<Role, string> = {
  owner: 'Everything, with members, keys and settings',
  manager: 'Projects, data, releases, and members up to manager',
  reviewer: 'Reviews and adjudicates; also labels',
  contributor: 'Labels in published projects',
  viewer: 'Reads projects, progress and releases',
}

/** The name of whoever did something, where all that is known may be their id. Managers know everybody's. */
export function useNames(): (by: string | PersonRef | null | undefined) => string {
  const session = useSession()
  const { data } = useQuery({ ...q.members, enabled: canManage(session), staleTime: 300_000 })
  return (by) => {
    if (by === null || by === undefined) return ''
    if (typeof by !== 'string') return by.name
    if (by === session.person.id) return session.person.name
    return data?.items.find((member) => member.person === by)?.name ?? (/^[a-z]+_[0-9a-zA-Z]+$/.test(by) ? '' : by)
  }
}
