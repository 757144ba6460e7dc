/** The reviewer's decision: right as it is, put right here, or back with a reason. */
import { useEffect, useRef } from 'react'
import type { Clause } from '../../api/types'
import { Button } from '../../ui/Button'
import { Hint } from './Hint'
import css from './Review.module.css'
import { keyLabel } from './keys'

export type ReviewMode = 'looking' | 'fixing' | 'rejecting'

export interface Rejection {
  readonly clause: string
  readonly reason: string
}
export const NO_REJECTION: Rejection = { clause: '', reason: '' }

interface DecisionProps {
  mode: ReviewMode
  isBusy: boolean
  onAccept: () => void
  onFix: () => void
  onReject: () => void
  /** Of a fix: sends it back with the changes shown, instead of making them the label. */
  onPropose: () => void
  onHandIn: () => void
  onBack: () => void
}

export function Decision({ mode, isBusy, onAccept, onFix, onReject, onPropose, onHandIn, onBack }: DecisionProps) {
  const handIn = keyLabel('Mod+Enter')
  if (mode === 'fixing') {
    return (
      <>
        <Button onPress={onBack}>Drop the fix</Button>
        <Button onPress={onPropose}>Send back with these changes</Button>
        <Button look="primary" busy={isBusy} onPress={onHandIn}>Hand in the fix <Hint>{handIn}</Hint></Button>
      </>
    )
  }
  if (mode === 'rejecting') {
    return (
      <>
        <Button onPress={onBack}>Cancel</Button>
        <Button look="danger" busy={isBusy} onPress={onHandIn}>Reject <Hint>{handIn}</Hint></Button>
      </>
    )
  }
  return (
    <>
      <Button onPress={onReject}>Reject <Hint>R</Hint></Button>
      <Button onPress={onFix}>Fix <Hint>F</Hint></Button>
      <Button look="primary" busy={isBusy} onPress={onAccept}>Accept <Hint>A</Hint></Button>
    </>
  )
}

interface RejectProps {
  clauses: readonly Clause[]
  rejection: Rejection
  onChange: (rejection: Rejection) => void
  strict: boolean
  onRead: (clause: string) => void
}

export function RejectForm({ clauses, rejection, onChange, strict, onRead }: RejectProps) {
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  return (
    <div className={css.reject}>
      <fieldset>
        <legend>Which part of the instructions was not followed?</legend>
        {clauses.map(({ id, title }, i) => (
          <div key={id} className={css.clause}>
            <label>
              <input ref={i === 0 ? first : undefined} type="radio" name="clause" checked={rejection.clause === id} onChange={() => onChange({ ...rejection, clause: id })} />
              <span dir="auto">{title}</span>
            </label>
            <button type="button" className={css.read} aria-label={`Read “${title}”`} onClick={() => onRead(id)}>Read</button>
          </div>
        ))}
        {clauses.length === 0 && <p className={css.problem}>The instructions have no headings yet, so there is no clause to point at. Fix the answer instead, or ask for headings.</p>}
        {strict && rejection.clause === '' && clauses.length > 0 && <p className={css.problem} role="alert">Choose a clause.</p>}
      </fieldset>
      <label className={css.reason}>
        What is wrong, and how is it right?
        <textarea dir="auto" rows={4} maxLength={2000} value={rejection.reason} onChange={(event) => onChange({ ...rejection, reason: event.target.value })} />
        {strict && rejection.reason.trim() === '' && <span className={css.problem} role="alert">Write the reason: the contributor reads it.</span>}
      </label>
    </div>
  )
}
