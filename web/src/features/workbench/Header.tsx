/** The bar above the work: where one is, whether the work is safe, and how long the task is one's own. */
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import { Icon } from '../../ui/Icon'
import type { ClaimsOnScreen } from '../queue/claims'
import type { Home } from '../queue/home'
import type { Work } from '../queue/work'
import css from './Bench.module.css'
import { useStateOf } from './useEditor'

interface HeaderProps {
  projectId: string
  projectName: string
  title: string
  children?: ReactNode
  acts?: ReactNode
}

export function Header({ projectId, projectName, title, children, acts }: HeaderProps) {
  return (
    <header className={css.header}>
      <Link to="/projects/$project" params={{ project: projectId }} className={css.back} aria-label={`Leave the work and go to ${projectName}`}>
        <Icon name="chevron" className={css.backIcon} />
      </Link>
      <div className={css.where}>
        <h1 dir="auto">{title}</h1>
        <span dir="auto">{projectName}</span>
      </div>
      <div className={css.states}>{children}</div>
      <div className={css.acts}>{acts}</div>
    </header>
  )
}

const clock = (ms: number): string => new Date(ms).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false })

/** When the work was last safe: on this device, and on the server. */
export function SaveState({ work, outbox }: { work: Work; outbox: Home['outbox'] }) {
  const { deviceAt, serverAt, behind, failure } = useSyncExternalStore(work.subscribe, work.getSnapshot)
  const sending = useStateOf(outbox, ({ waiting }) => waiting.length)
  const here = deviceAt === null ? null : `Saved on this device ${clock(deviceAt)}`
  const there = serverAt === null ? null : `on the server ${clock(serverAt)}`
  const text = failure !== null
    ? `Not saved on this device: ${failure}`
    : here !== null
      ? [here, there].filter(Boolean).join(' · ')
      : there !== null ? `Saved ${there}` : 'No changes yet'
  const tone = failure !== null ? 'bad' : behind || sending > 0 ? 'busy' : 'good'
  return (
    <div className={css.saved} data-tone={tone} title={sending > 0 ? `${text}. ${sending} handed in, on the way to the server.` : text}>
      <span className={css.dot} />
      <span className={css.savedText}>{text}</span>
      {sending > 0 && <span className={css.sending}>{sending} on the way</span>}
    </div>
  )
}

const WORKED_EVERY_MS = 5_000

/** The time that is counted for this task: what is shown is what is handed in. */
export function WorkedTime({ work }: { work: Work }) {
  const [ms, setMs] = useState(() => work.activeMs)
  useEffect(() => {
    const timer = setInterval(() => setMs(work.activeMs), WORKED_EVERY_MS)
    return () => clearInterval(timer)
  }, [work])
  const seconds = Math.floor(ms / 1_000)
  const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return <span className={css.worked} title={`${text} of work counted for this task. It stops when the page is hidden or untouched for two minutes.`}>{text}</span>
}

const SOON_MS = 120_000

/** Says when the task stops being one's own; quiet until that is near. */
export function LeaseState({ claims }: { claims: ClaimsOnScreen }) {
  const until = useStateOf(claims, (state) => state.until)
  const lease = useStateOf(claims, (state) => state.lease)
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  if (until === null || lease !== 'held') return null
  const left = until - now
  if (left > SOON_MS || left <= 0) return null
  const minutes = Math.floor(left / 60_000)
  const seconds = Math.floor((left % 60_000) / 1_000)
  return (
    <span className={css.lease} role="timer">
      <Icon name="clock" size={16} /> {minutes}:{String(seconds).padStart(2, '0')} left
    </span>
  )
}
