import { useEffect } from 'react'
import type { Session } from '../../api/types'

/** What was handed in on an earlier visit and never arrived goes on its way on any page, not only at work. */
export function useLeftovers({ organization, person }: Session): void {
  const id = organization?.id
  useEffect(() => {
    if (id === undefined) return
    // A browser that keeps nothing has nothing left over.
    import('./home').then(({ resumeHome }) => resumeHome(id, person.id)).catch(() => undefined)
  }, [id, person.id])
}
