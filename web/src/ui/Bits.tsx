import { type ReactNode, useEffect, useRef, useState } from 'react'
import css from './Bits.module.css'
import { Button } from './Button'
import { Icon, type IconName } from './Icon'

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'info' | 'violet' | 'accent'

/** A state in one word. The word carries the meaning; the colour only helps. */
export function Badge({ tone = 'plain', bare, children }: { tone?: Tone; bare?: boolean; children: ReactNode }) {
  return <span className={css.badge} data-tone={tone} data-bare={bare ? '' : undefined}>{children}</span>
}

export interface Part { label: string; value: number; tone: 'good' | 'warn' | 'bad' | 'info' | 'violet' | 'accent' | 'none' }

/** A bar of parts of a whole; without a total it only says that something is going on. */
export function Progress({ label, parts, total, thin }: { label: string; parts: readonly Part[]; total: number | null; thin?: boolean }) {
  const sum = parts.reduce((all, part) => all + (part.tone === 'none' ? 0 : part.value), 0)
  const known = total !== null && total > 0
  return (
    <div
      className={css.bar}
      data-thin={thin ? '' : undefined}
      data-open={total === null ? '' : undefined}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={known ? total : undefined}
      aria-valuenow={known ? Math.min(sum, total) : undefined}
      aria-valuetext={known ? parts.filter((part) => part.value > 0).map((part) => `${part.label} ${part.value}`).join(', ') || `0 of ${total}` : undefined}
    >
      {total === null
        ? <span />
        : parts.map((part) => (
            <span key={part.label} data-tone={part.tone} style={{ inlineSize: `${known ? (100 * part.value) / total : 0}%` }} />
          ))}
    </div>
  )
}

export function Skeleton({ width = '100%', height = 16 }: { width?: number | string; height?: number | string }) {
  return <span className={css.skeleton} style={{ inlineSize: width, blockSize: height }} aria-hidden="true" />
}

const widths = ['72%', '54%', '63%', '48%', '69%', '58%', '50%', '66%']

/** Holds the place of a list that is on its way. */
export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <div className={css.rows} role="status">
      <span className="sr">Loading…</span>
      {widths.slice(0, rows).map((width) => <Skeleton key={width} width={width} height={18} />)}
    </div>
  )
}

/** Nothing here yet: says why, and what to do about it. */
export function EmptyState({ icon, title, children, acts }: { icon: IconName; title: string; children?: ReactNode; acts?: ReactNode }) {
  return (
    <div className={css.state}>
      <Icon name={icon} size={36} strokeWidth={1.2} />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {acts && <div className={css.acts}>{acts}</div>}
    </div>
  )
}

export function Note({ tone = 'info', title, children, live }: { tone?: 'info' | 'warn' | 'bad' | 'good'; title?: string; children?: ReactNode; live?: boolean }) {
  const icon = tone === 'good' ? 'check' : tone === 'info' ? 'info' : 'warn'
  return (
    <div className={css.note} data-tone={tone} role={live ? (tone === 'bad' ? 'alert' : 'status') : undefined}>
      <Icon name={icon} />
      <div>{title && <strong>{title}</strong>}{children}</div>
    </div>
  )
}

export function CopyButton({ text, label = 'Copy', small }: { text: string; label?: string; small?: boolean }) {
  const [done, setDone] = useState(false)
  const timer = useRef(0)
  useEffect(() => () => clearTimeout(timer.current), [])
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setDone(true)
    timer.current = window.setTimeout(() => setDone(false), 1600)
  }
  return (
    <Button icon={done ? 'check' : 'copy'} size={small ? 'small' : 'medium'} onPress={() => void copy().catch(() => {})}>
      {done ? 'Copied' : label}
      <span className="sr" role="status">{done ? 'Copied' : ''}</span>
    </Button>
  )
}

/** A link or a secret to take away: selectable, and copied with one press. */
export function CopyRow({ text, label }: { text: string; label: string }) {
  return (
    <div className={css.copyrow}>
      <input readOnly value={text} aria-label={label} dir="ltr" onFocus={(event) => event.target.select()} />
      <CopyButton text={text} />
    </div>
  )
}
