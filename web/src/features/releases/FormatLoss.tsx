import type { ReactNode } from 'react'
import type { Format, Loss } from '../../api/types'
import { cx } from '../../ui/cx'
import { number } from '../../ui/format'
import { layout } from '../../ui/Page'
import { about, lossText } from './formats'
import css from './Releases.module.css'

/** What one format cannot hold: by its nature (`rules`), and as counted. */
export function FormatLoss({ format, losses, count, rules = [], open, state }: {
  format: Format
  losses: readonly Loss[]
  count: number
  rules?: readonly string[]
  open: boolean
  /** Instead of what was counted, as long as it is not. */
  state?: ReactNode
}) {
  const head = <><b>{about(format).name}</b> <span className={layout.quiet}>{state ?? (count === 0 ? 'nothing lost' : `${number(losses.length)} ${losses.length === 1 ? 'kind' : 'kinds'}, ${number(count)} ${count === 1 ? 'time' : 'times'}`)}</span></>
  if (rules.length === 0 && losses.length === 0) return <p className={css.kept}>{head}</p>
  return (
    <details className={css.fold} open={open}>
      <summary>{head}</summary>
      <ul className={css.loss}>
        {rules.map((rule) => <li key={rule} className={css.rule}>{rule}</li>)}
        {losses.map(({ what, count, examples }) => (
          <li key={what}>
            {lossText(what)} <b>{number(count)}</b>
            {examples[0] !== undefined && <span className={cx(layout.quiet, css.example)} dir="auto" title={examples.join('\n')}>{examples[0]}</span>}
          </li>
        ))}
      </ul>
    </details>
  )
}
