/** What the person must know about the work, in the order of weight: one bar each, never a box in the way. */
import { useQuery } from '@tanstack/react-query'
import { useState, useSyncExternalStore } from 'react'
import * as q from '../../api/queries'
import { CopyButton, Note } from '../../ui/Bits'
import { Button, LinkButton } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { Icon, type IconName } from '../../ui/Icon'
import type { ClaimsOnScreen, ClaimsState } from '../queue/claims'
import type { Home } from '../queue/home'
import type { OutboxState } from '../queue/outbox'
import type { Letter } from '../queue/place'
import type { Work } from '../queue/work'
import css from './Bench.module.css'
import { useStateOf } from './useEditor'

type Tone = 'info' | 'warn' | 'bad'

export function Bar({ tone, icon, children, acts }: { tone: Tone; icon: IconName; children: React.ReactNode; acts?: React.ReactNode }) {
  return (
    <div className={css.bar} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={icon} />
      <div>{children}</div>
      {acts && <div className={css.barActs}>{acts}</div>}
    </div>
  )
}

interface NoticesProps {
  home: Home
  claims: ClaimsOnScreen
  work: Work | null
  onNext: () => void
}

export function Notices({ home, claims, work, onNext }: NoticesProps) {
  const outbox = useStateOf(home.outbox)
  const state = useStateOf(claims)
  return (
    <div className={css.notices}>
      <Session outbox={outbox} state={state} onAgain={() => again(home, claims)} />
      <Connection outbox={outbox} state={state} onAgain={() => again(home, claims)} isKept={home.journal.failed === null} />
      {work !== null && <Unkept work={work} />}
      {work !== null && <LeaseBar state={state} work={work} onNext={onNext} />}
      <RefusedLetters letters={outbox.refused} home={home} claims={claims} />
      {work !== null && <Offered work={work} />}
      <Unread answer={work?.claim.before?.id ?? null} />
    </div>
  )
}

/** Somebody has said something about another answer than the one in hand. */
function Unread({ answer }: { answer: string | null }) {
  const { data } = useQuery(q.inbox)
  const [gone, setGone] = useState(0)
  const count = (data?.items ?? []).filter((item) => item.answer !== answer).reduce((sum, { unread }) => sum + unread, 0)
  if (count <= gone) return null
  return (
    <Bar tone="info" icon="text" acts={<><LinkButton to="/" size="small">Read</LinkButton><Button size="small" look="quiet" onPress={() => setGone(count)}>Later</Button></>}>
      {count === 1 ? 'There is a new comment for you.' : `There are ${count} new comments for you.`}
    </Bar>
  )
}

function again(home: Home, claims: ClaimsOnScreen): void {
  home.outbox.kick()
  void claims.again()
}

interface ConnectionProps {
  outbox: OutboxState
  state: ClaimsState
  onAgain: () => void
}

function Session({ outbox, state, onAgain }: ConnectionProps) {
  if (outbox.status === 'signed_out' || state.phase === 'signed_out') {
    const back = window.location.pathname
    return (
      <Bar tone="warn" icon="key" acts={<><LinkButton to="/login" search={{ back }} look="primary" size="small">Sign in</LinkButton><Button size="small" onPress={onAgain}>I have signed in</Button></>}>
        Your session has ended. Everything you did is kept on this device; sign in and go on.
      </Bar>
    )
  }
  if (outbox.status === 'elsewhere' || state.phase === 'elsewhere') {
    return (
      <Bar tone="warn" icon="building" acts={<Button size="small" onPress={onAgain}>Try again</Button>}>
        In another tab you work in another organization now. Change back there to go on here; your work is kept.
      </Bar>
    )
  }
  return null
}

function Connection({ outbox, state, onAgain, isKept }: ConnectionProps & { isKept: boolean }) {
  const online = useSyncExternalStore(subscribeOnline, () => navigator.onLine)
  const isAway = !online || outbox.status === 'waiting' || state.phase === 'unreachable'
  if (!isAway) return null
  const count = outbox.waiting.length
  const waiting = count === 0 ? '' : count === 1 ? ' One answer waits to be sent.' : ` ${count} answers wait to be sent.`
  return (
    <Bar tone="warn" icon="offline" acts={<Button size="small" onPress={onAgain}>Try now</Button>}>
      {online ? 'The server does not answer.' : 'You are offline.'}{isKept ? ' Go on working: everything is kept on this device.' : ''}{waiting}
    </Bar>
  )
}

/** Nothing is written down here any more: what is done is on this page, and on the server as soon as that has it. */
function Unkept({ work }: { work: Work }) {
  const { failure, behind } = useSyncExternalStore(work.subscribe, work.getSnapshot)
  if (failure === null) return null
  return (
    <Bar tone="bad" icon="warn">
      This device keeps nothing now: {failure}. {behind ? 'The server does not have your last changes yet either: leave this page open.' : 'The server has your work so far.'} Make room on the device, and it is kept here again.
    </Bar>
  )
}

function subscribeOnline(listener: () => void): () => void {
  window.addEventListener('online', listener)
  window.addEventListener('offline', listener)
  return () => {
    window.removeEventListener('online', listener)
    window.removeEventListener('offline', listener)
  }
}

function LeaseBar({ state, work, onNext }: { state: ClaimsState; work: Work; onNext: () => void }) {
  if (state.lease === 'expired') {
    return (
      <Bar tone="warn" icon="clock">
        Your time on this task is over, and it may be given to someone else. Your work is kept; go on and hand it in to keep the task.
      </Bar>
    )
  }
  if (state.lease !== 'lost') return null
  return (
    <Bar tone="bad" icon="warn" acts={<><CopyButton small label="Copy the work" text={JSON.stringify(work.answer(), null, 2)} /><Button size="small" look="primary" onPress={onNext}>Next task</Button></>}>
      {explain(state.refusal?.code ?? '', state.refusal?.message ?? '')}
    </Bar>
  )
}

/** The server's refusal in the words of the person whose work it is. */
export function explain(code: string, message: string): string {
  if (code === 'superseded' || code === 'held_by_another' || code === 'not_held') {
    return 'This task was given to someone else in the meantime. Your work is kept here; copy it if you need it.'
  }
  if (code === 'not_found') return 'This task is not there any more: it was cancelled, or you may not see it now. Your work is kept here.'
  return message
}

function Offered({ work }: { work: Work }) {
  useSyncExternalStore(work.subscribe, work.getSnapshot)
  const { offered } = work
  if (offered === null) return null
  const from = offered.from === 'server' ? 'on another device' : 'on this device'
  return (
    <Bar tone="info" icon="history" acts={<><Button size="small" onPress={() => work.takeOffered()}>Use it</Button><Button size="small" look="quiet" onPress={() => work.declineOffered()}>Keep this</Button></>}>
      There is also a draft made {from}, {new Date(offered.savedAt).toLocaleString()}. The newer one is shown.
    </Bar>
  )
}

function RefusedLetters({ letters, home, claims }: { letters: readonly Letter[]; home: Home; claims: ClaimsOnScreen }) {
  const [open, setOpen] = useState(false)
  const { current } = useStateOf(claims)
  const others = letters.filter(({ slot }) => slot !== current?.slot)
  if (others.length === 0) return null
  return (
    <>
      <Bar tone="bad" icon="warn" acts={<Button size="small" onPress={() => setOpen(true)}>See why</Button>}>
        {others.length === 1 ? `“${others[0]?.claim.item.name}” was not accepted by the server.` : `${others.length} answers were not accepted by the server.`} Nothing is lost.
      </Bar>
      <Dialog title="Not accepted" open={open} onClose={() => setOpen(false)} foot={<Button onPress={() => setOpen(false)}>Close</Button>}>
        <div className={css.letters}>
          {others.map((letter) => <RefusedLetter key={letter.id} letter={letter} home={home} claims={claims} onDone={() => setOpen(false)} />)}
        </div>
      </Dialog>
    </>
  )
}

function RefusedLetter({ letter, home, claims, onDone }: { letter: Letter; home: Home; claims: ClaimsOnScreen; onDone: () => void }) {
  const { refusal, claim, body } = letter
  if (refusal === null) return null
  const canOpen = refusal.status === 422 && claim.project === claims.project
  const reopen = async () => {
    if (await claims.reopen(claim)) onDone()
  }
  const dismiss = async () => {
    await home.outbox.dismiss(letter.id)
    await home.journal.close(letter.slot)
  }
  return (
    <Note tone="bad" title={claim.item.name}>
      <p>{explain(refusal.code, refusal.message)}</p>
      {refusal.problems.length > 0 && <ul>{refusal.problems.slice(0, 8).map(({ path, message }) => <li key={`${path} ${message}`}>{message}</li>)}</ul>}
      <div className={css.letterActs}>
        {canOpen && <Button size="small" look="primary" onPress={() => void reopen()}>Open it again</Button>}
        <CopyButton small label="Copy the work" text={JSON.stringify(body.answer ?? body, null, 2)} />
        <Button size="small" look="quiet" onPress={() => void dismiss()}>Throw it away</Button>
      </div>
    </Note>
  )
}
