import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import * as q from '../../api/queries'
import type { Project } from '../../api/types'
import { ClaimsInHand } from '../queue/claims'
import { type Home, openHome } from '../queue/home'
import type { Claim, Door, Ontology, Prompter } from '../queue/model'
import type { Work } from '../queue/work'
import { Late } from '../../ui/late'
import { withColors } from './classes'
import { prefetchItem } from './pictures'

/** The editor and the panels: on its way while the first task is. */
export const taskPart = new Late(() => import('./Task'))

export interface Queue {
  readonly home: Home
  readonly claims: ClaimsInHand
}

/** Opens the queue of a project for as long as the page shows it. */
export function useQueue(organization: string, person: string, project: string, door: Door): { queue: Queue | null; failure: Error | null } {
  const [queue, setQueue] = useState<Queue | null>(null)
  const [failure, setFailure] = useState<Error | null>(null)
  useEffect(() => {
    let claims: ClaimsInHand | null = null
    let gone = false
    // Not waited for: what needs it asks again, and tells.
    taskPart.start().catch(() => undefined)
    const leave = (how: 'staying' | 'leaving') => {
      gone = true
      void claims?.leave(how)
    }
    const open = async () => {
      const home = await openHome(organization, person)
      if (gone) return
      claims = new ClaimsInHand({
        server: home.server,
        locks: navigator.locks,
        place: home.place.name,
        project,
        door,
        handedIn: () => home.outbox.state.waiting.map(({ slot }) => slot),
        begun: async (slot) => (await home.journal.restore(slot)) !== null,
        prefetch: (claim) => prefetchItem(claim.item),
        visible: () => document.visibilityState === 'visible',
      })
      setQueue({ home, claims })
      await claims.start()
    }
    open().catch((error: unknown) => setFailure(error instanceof Error ? error : new Error(String(error))))
    const onPageHide = () => leave('leaving')
    // A page that the browser kept and shows again has given its tasks back: it starts anew.
    const onPageShow = (event: PageTransitionEvent) => event.persisted && window.location.reload()
    window.addEventListener('pagehide', onPageHide)
    window.addEventListener('pageshow', onPageShow)
    return () => {
      window.removeEventListener('pagehide', onPageHide)
      window.removeEventListener('pageshow', onPageShow)
      leave('staying')
    }
  }, [organization, person, project, door])
  return { queue, failure }
}

export interface Opened {
  readonly work: Work
  readonly ontology: Ontology
}

/**
 * Opens the work on the claim in hand; null until the ontology that it was claimed under is here.
 * While the next one opens, the last one stays in sight (`isGoing`), for it takes a blink.
 */
export function useWork(home: Home, claim: Claim | null, project: Project, prompters: readonly Prompter[]): { opened: Opened | null; isGoing: boolean; failure: Error | null; retry: () => void } {
  const client = useQueryClient()
  const [opened, setOpened] = useState<Opened | null>(null)
  const [failure, setFailure] = useState<Error | null>(null)
  const [attempt, setAttempt] = useState(0)
  const question = useRef(project.question)
  question.current = project.question
  const asks = useRef(false)
  asks.current = prompters.some(({ takes }) => takes.includes('point') || takes.includes('box'))
  // biome-ignore lint/correctness/useExhaustiveDependencies: an attempt is how a person asks to try again
  useEffect(() => {
    if (claim === null) return
    let gone = false
    let work: Work | null = null
    const open = async () => {
      const [{ ontology }, part] = await Promise.all([client.ensureQueryData(q.ontology(claim.project, claim.ontology_version)), taskPart.start()])
      const known = withColors(ontology as Ontology)
      const made = await part.Work.open({ home, claim, ontology: known, question: question.current, asks: asks.current }, () => !gone)
      if (made === null) return
      work = made
      part.takeUp(made, question.current)
      part.takeFlagged(made)
      setFailure(null)
      setOpened({ work: made, ontology: known })
    }
    open().catch((error: unknown) => !gone && setFailure(error instanceof Error ? error : new Error(String(error))))
    return () => {
      gone = true
      if (work !== null) taskPart.get()?.layDown(work)
      work?.close()
    }
  }, [client, home, claim, attempt])
  const isCurrent = opened !== null && claim !== null && opened.work.claim.slot === claim.slot
  const isGoing = !isCurrent && opened !== null && claim !== null && failure === null
  return { opened: isCurrent || isGoing ? opened : null, isGoing, failure, retry: () => setAttempt(attempt + 1) }
}
