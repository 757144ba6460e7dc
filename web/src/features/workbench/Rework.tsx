/** What the reviewer said about the answer, and what of it is still to be done. */
import { useState } from 'react'
import { type Difference, differences } from '../../canvas'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { dateTime, number } from '../../ui/format'
import { waiting } from '../comments/Comments'
import type { Talking } from '../comments/useTalking'
import type { Answer, Claim } from '../queue/model'
import { type DifferencesInHand, useAnswer, useDifferences } from './Differences'
import css from './Review.module.css'
import type { Bench } from './useBench'

interface VerdictProps {
  claim: Claim
  talking: Talking | null
  onRead: (clause: string) => void
}

export function VerdictPanel({ claim, talking, onRead }: VerdictProps) {
  const verdict = claim.before?.verdict
  if (verdict === undefined) return null
  const { clause, clause_title, reason, at } = verdict
  const left = waiting(talking?.state.threads ?? [])
  const [first] = left
  return (
    <section className={css.verdict} aria-label="The reviewer's verdict">
      <h2>The reviewer sent this back</h2>
      {clause !== null && clause !== '' && (
        <p>Not as the instructions say: <button type="button" className={css.link} onClick={() => onRead(clause)}>{clause_title ?? clause}</button></p>
      )}
      {reason && <blockquote dir="auto">{reason}</blockquote>}
      {first !== undefined && (
        <p><button type="button" className={css.link} onClick={() => talking?.open(first.id)}>{left.length === 1 ? 'One comment waits for you' : `${number(left.length)} comments wait for you`}</button></p>
      )}
      <small>{dateTime(at)}</small>
    </section>
  )
}

export interface Changes {
  readonly differences: DifferencesInHand
  readonly ticks: {
    isMade(difference: Difference): boolean
    toggle(difference: Difference): void
    take(difference: Difference): void
  }
}

const NO_TICKS: readonly string[] = []

/**
 * What the reviewer would have otherwise. A change is made where the answer has it by now, or where its contributor says so.
 */
export function useChanges({ editor, ontology, work }: Bench): Changes {
  const from = work.claim.before?.answer ?? null
  const to = work.claim.before?.verdict?.fixed_answer ?? null
  const now = useAnswer(editor)
  const [ticked, setTicked] = useState<readonly string[]>(() => work.kept<string[]>('ticks') ?? NO_TICKS)
  const left = new Set(to === null ? [] : differences(now as never, to as never).map(({ id }) => id))
  const isMade = ({ id }: Difference) => !left.has(id) || ticked.includes(id)
  const found = useDifferences({ editor, ontology, from, to, tense: 'to change', shown: 'from', isMade })
  const toggle = ({ id }: Difference) => {
    const next = ticked.includes(id) ? ticked.filter((each) => each !== id) : [...ticked, id]
    setTicked(next)
    work.keep('ticks', next.length === 0 ? null : next)
  }
  const take = (difference: Difference) => {
    if (to !== null) work.replaceWith(taken(work.answer(), to, difference), 'Take the change')
  }
  return { differences: found, ticks: { isMade, toggle, take } }
}

/** An answer with one thing as it is in another. */
export function taken(now: Answer, to: Answer, { id, of }: Pick<Difference, 'id' | 'of'>): Answer {
  if (of !== null) {
    const { [of as 'choices']: _, ...rest } = now
    const said = to[of as 'choices']
    return said === undefined ? rest : { ...rest, [of]: said }
  }
  const list = <T extends { readonly id: string }>(mine: readonly T[] = [], theirs: readonly T[] = []): T[] => {
    const wanted = theirs.find((each) => each.id === id)
    if (wanted === undefined) return mine.filter((each) => each.id !== id)
    return mine.some((each) => each.id === id) ? mine.map((each) => (each.id === id ? wanted : each)) : [...mine, wanted]
  }
  return {
    ...now,
    ...(now.objects === undefined && to.objects === undefined ? {} : { objects: list(now.objects, to.objects) }),
    ...(now.spans === undefined && to.spans === undefined ? {} : { spans: list(now.spans, to.spans) }),
  }
}

/** Says before handing in that something was not answered; it keeps nobody from it. */
export function Unanswered({ count, open, onClose, onHandIn }: { count: number; open: boolean; onClose: () => void; onHandIn: () => void }) {
  return (
    <Dialog
      title={count === 1 ? 'One comment is not answered' : `${number(count)} comments are not answered`}
      open={open}
      onClose={onClose}
      role="alertdialog"
      foot={
        <>
          <Button onPress={onHandIn}>Hand in anyway</Button>
          <Button look="primary" autoFocus onPress={onClose}>Back to the comments</Button>
        </>
      }
    >
      <p>The reviewer waits for a word: reply, or say that it is done.</p>
    </Dialog>
  )
}
