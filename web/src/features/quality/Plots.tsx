import type { ReactNode } from 'react'
import type { Quality, Share } from '../../api/types'
import { date, number, percent } from '../../ui/format'
import css from './Quality.module.css'

const WIDTH = 440

/** A picture of numbers with a sentence that says what it shows. */
export function Plot({ says, children }: { says: ReactNode; children: ReactNode }) {
  return <figure className={css.plot}>{children}<figcaption>{says}</figcaption></figure>
}

/** A share with the interval in which it lies, on a rail from none to all. */
export function ShareRail({ share, flagged }: { share: Share; flagged?: boolean }) {
  const text = share.share === null ? 'no gold yet' : `${percent(share.share)} (${percent(share.low)}–${percent(share.high)})`
  return (
    <span className={css.skill} data-flagged={flagged ? '' : undefined}>
      <svg viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">
        <line className={css.rail} x1="2" x2="98" y1="7" y2="7" vectorEffect="non-scaling-stroke" />
        {share.share !== null && <line className={css.span} x1={2 + 96 * share.low} x2={2 + 96 * share.high} y1="7" y2="7" vectorEffect="non-scaling-stroke" />}
        {share.share !== null && <rect className={css.dot} x={1 + 96 * share.share} width="2" y="1" height="12" />}
      </svg>
      <output>{text}</output>
    </span>
  )
}

/** A share by name, with the interval in which it lies. */
export interface Named { name: string; share: number; low: number; high: number }

/** Only where there is one. */
export const named = (name: string, share: Share): Named[] =>
  share.share === null ? [] : [{ name, share: share.share, low: share.low, high: share.high }]

/** Shares under each other, with intervals and the plan's target. */
export function Shares({ rows, target }: { rows: readonly Named[]; target: number | null }) {
  const height = rows.length * 34 + 22
  const from = Math.floor(Math.min(0.5, ...rows.map((row) => row.low)) * 10) / 10
  const at = (share: number) => 112 + ((WIDTH - 180) * (share - from)) / (1 - from)
  const marks = [from, (1 + from) / 2, 1]
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={rows.map((row) => `${row.name}: ${percent(row.share, 1)}, between ${percent(row.low)} and ${percent(row.high)}`).join('; ')}>
      {marks.map((mark) => (
        <g key={mark}>
          <line className={css.grid} x1={at(mark)} x2={at(mark)} y1="0" y2={height - 18} />
          <text x={at(mark)} y={height - 4} textAnchor="middle">{percent(mark)}</text>
        </g>
      ))}
      {target !== null && target >= from && <line className={css.ref} x1={at(target)} x2={at(target)} y1="0" y2={height - 18} />}
      {rows.map((row, index) => {
        const y = index * 34 + 17
        return (
          <g key={row.name}>
            <text x="0" y={y + 4} data-strong="">{row.name}</text>
            <line className={css.whisker} x1={at(row.low)} x2={at(row.high)} y1={y} y2={y} />
            <circle className={index === 0 ? css.fill : css.pale} cx={at(row.share)} cy={y} r="6" />
            <text x={WIDTH} y={y + 4} textAnchor="end" data-strong="">{percent(row.share, 1)}</text>
          </g>
        )
      })}
    </svg>
  )
}

/** What is told of labels (a line across) against what gold says of them (a point with its interval), level after level. */
export function Calibration({ levels }: { levels: Quality['calibration'] }) {
  const height = levels.length * 34 + 22
  const from = Math.floor(Math.min(0.5, ...levels.map((level) => Math.min(level.confidence, level.gold.share === null ? 1 : level.gold.low))) * 10) / 10
  const at = (share: number) => 112 + ((WIDTH - 220) * (share - from)) / (1 - from)
  const said = (level: Quality['calibration'][number]) => (level.gold.share === null ? 'no gold' : `${number(level.gold.right)} of ${number(level.gold.all)} right`)
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={levels.map((level) => `Told ${percent(level.confidence)}: ${said(level)}`).join('; ')}>
      {[from, (1 + from) / 2, 1].map((mark) => (
        <g key={mark}>
          <line className={css.grid} x1={at(mark)} x2={at(mark)} y1="0" y2={height - 18} />
          <text x={at(mark)} y={height - 4} textAnchor="middle">{percent(mark)}</text>
        </g>
      ))}
      {levels.map((level, index) => {
        const y = index * 34 + 17
        return (
          <g key={level.from}>
            <text x="0" y={y + 4} data-strong="">told {percent(level.confidence)}</text>
            {level.gold.share !== null && <line className={css.whisker} x1={at(level.gold.low)} x2={at(level.gold.high)} y1={y} y2={y} />}
            {level.gold.share !== null && <circle className={css.pale} cx={at(level.gold.share)} cy={y} r="6" />}
            <line className={css.told} x1={at(level.confidence)} x2={at(level.confidence)} y1={y - 12} y2={y + 12} />
            <text x={WIDTH} y={y + 4} textAnchor="end">{said(level)}</text>
          </g>
        )
      })}
    </svg>
  )
}

/** How many labels took how many answers, against the fixed number. */
export function Spread({ cost }: { cost: Quality['cost'] }) {
  const most = Math.max(cost.overlap, ...cost.spread.map((row) => row.answers))
  const top = Math.max(1, ...cost.spread.map((row) => row.labels))
  const step = (WIDTH - 8) / most
  const height = 150
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height + 34}`} role="img" aria-label={cost.spread.map((row) => `${number(row.labels)} tasks took ${row.answers} answers`).join('; ')}>
      <line className={css.grid} x1="0" x2={WIDTH} y1={height} y2={height} />
      {cost.adaptive && <line className={css.ref} x1={4 + (cost.overlap - 0.5) * step} x2={4 + (cost.overlap - 0.5) * step} y1="8" y2={height} />}
      {cost.spread.map((row) => {
        const tall = Math.max(2, ((height - 20) * row.labels) / top)
        return (
          <g key={row.answers}>
            <rect className={css.fill} x={4 + (row.answers - 1) * step + step * 0.12} width={step * 0.76} y={height - tall} height={tall} rx="2" />
            <text x={4 + (row.answers - 0.5) * step} y={height - tall - 5} textAnchor="middle">{number(row.labels)}</text>
          </g>
        )
      })}
      {Array.from({ length: most }, (_, index) => index + 1).map((answers) => (most <= 12 || answers === 1 || answers % 5 === 0) && (
        <text key={answers} x={4 + (answers - 0.5) * step} y={height + 15} textAnchor="middle" data-strong={answers === cost.overlap ? '' : undefined}>{answers}</text>
      ))}
      <text x={WIDTH / 2} y={height + 30} textAnchor="middle">answers for one task</text>
    </svg>
  )
}

/** Right answers to gold over time, in steps of equally many, with the interval of each. */
export function Drift({ steps }: { steps: Quality['drift'] }) {
  const height = 150
  const x = (index: number) => 34 + ((WIDTH - 44) * (index + 0.5)) / steps.length
  const y = (share: number) => 6 + (height - 12) * (1 - share)
  const points = steps.map((step, index) => `${x(index)},${y(step.share.share ?? 0)}`)
  const band = [...steps.map((step, index) => `${x(index)},${y(step.share.high)}`), ...steps.map((step, index) => `${x(index)},${y(step.share.low)}`).reverse()]
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height + 18}`} role="img" aria-label={`Right answers to gold: first ${percent(steps[0]?.share.share ?? 0)}, last ${percent(steps.at(-1)?.share.share ?? 0)}`}>
      {[0, 0.5, 1].map((mark) => (
        <g key={mark}>
          <line className={css.grid} x1="34" x2={WIDTH} y1={y(mark)} y2={y(mark)} />
          <text x="28" y={y(mark) + 4} textAnchor="end">{percent(mark)}</text>
        </g>
      ))}
      <polygon className={css.band} points={band.join(' ')} />
      <polyline className={css.line} points={points.join(' ')} />
      {steps.map((step, index) => <circle key={`${step.from}${points[index]}`} className={css.fill} cx={x(index)} cy={y(step.share.share ?? 0)} r="3" />)}
      <text x="34" y={height + 14}>oldest</text>
      <text x={WIDTH} y={height + 14} textAnchor="end">latest</text>
    </svg>
  )
}

/** Right answers to gold, and agreement, week by week, each with its interval. */
export function Weeks({ weeks }: { weeks: Quality['weeks'] }) {
  const height = 150
  const times = weeks.map((week) => Date.parse(week.from))
  const first = times[0] ?? 0
  const last = times.at(-1) ?? 0
  const x = (from: string, aside: number) => aside + (last > first ? 46 + ((WIDTH - 68) * (Date.parse(from) - first)) / (last - first) : (34 + WIDTH) / 2)
  const y = (share: number) => 6 + (height - 12) * (1 - share)
  const lines = [
    { key: 'gold', line: css.line, dot: css.fill, points: weeks.flatMap(({ from, gold }) => (gold.share === null ? [] : [{ x: x(from, -3), value: gold.share, low: gold.low, high: gold.high }])) },
    { key: 'agreement', line: css.other, dot: css.ink, points: weeks.flatMap(({ from, agreement }) => (agreement === null ? [] : [{ x: x(from, 3), ...agreement }])) },
  ]
  const says = weeks.map((week) => `week of ${date(week.from)}: ${week.gold.share === null ? 'no gold' : `${percent(week.gold.share)} right on gold`}, ${week.agreement === null ? 'no agreement' : `agreement ${percent(week.agreement.value)}`}`)
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height + 18}`} role="img" aria-label={says.join('; ')}>
      {[0, 0.5, 1].map((mark) => (
        <g key={mark}>
          <line className={css.grid} x1="34" x2={WIDTH} y1={y(mark)} y2={y(mark)} />
          <text x="28" y={y(mark) + 4} textAnchor="end">{percent(mark)}</text>
        </g>
      ))}
      {lines.map(({ key, line, dot, points }) => (
        <g key={key}>
          {points.map((point) => <line key={point.x} className={css.faint} x1={point.x} x2={point.x} y1={y(point.low)} y2={y(point.high)} />)}
          <polyline className={line} points={points.map((point) => `${point.x},${y(point.value)}`).join(' ')} />
          {points.map((point) => <circle key={point.x} className={dot} cx={point.x} cy={y(point.value)} r="3.5" />)}
        </g>
      ))}
      {weeks.length === 1
        ? <text x={(34 + WIDTH) / 2} y={height + 14} textAnchor="middle">{date(weeks[0]?.from ?? '')}</text>
        : <><text x="34" y={height + 14}>{date(weeks[0]?.from ?? '')}</text><text x={WIDTH} y={height + 14} textAnchor="end">{date(weeks.at(-1)?.from ?? '')}</text></>}
    </svg>
  )
}

/** Row after row what is so, column after column what was said; darker where more of the row. */
export function Matrix({ classes, counts }: { classes: readonly string[]; counts: readonly (readonly number[])[] }) {
  return (
    <div className={css.scroll}>
      <table className={css.matrix}>
        <thead><tr><th scope="col">is ↓ said →</th>{classes.map((name) => <th key={name} scope="col" title={name}>{name}</th>)}</tr></thead>
        <tbody>
          {classes.map((name, row) => {
            const line = counts[row] ?? []
            const sum = line.reduce((all, count) => all + count, 0)
            return (
              <tr key={name}>
                <th scope="row" title={name}>{name}</th>
                {classes.map((said, column) => {
                  const share = sum > 0 ? (line[column] ?? 0) / sum : 0
                  return (
                    <td key={said} data-off={row === column ? undefined : ''} style={{ '--share': share } as React.CSSProperties} title={`${name} called ${said}: ${number(line[column] ?? 0)} of ${number(sum)}`}>
                      {sum > 0 ? percent(share) : '–'}
                    </td>
                  )
                })}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

/** Of each class, how often it was said where it holds and where it does not. */
export function Rates({ rates }: { rates: Quality['rates'] }) {
  const share = (some: number, all: number) => (all > 0 ? some / all : null)
  const cell = (value: number | null, off: boolean, title: string) => (
    <td data-off={off ? '' : undefined} style={{ '--share': value ?? 0 } as React.CSSProperties} title={title}>{value === null ? '–' : percent(value)}</td>
  )
  return (
    <div className={css.scroll}>
      <table className={css.matrix}>
        <thead><tr><th scope="col">said …</th><th scope="col">where it holds</th><th scope="col">where not</th></tr></thead>
        <tbody>
          {rates.map((rate) => (
            <tr key={rate.class}>
              <th scope="row" title={rate.class}>{rate.class}</th>
              {cell(share(rate.said, rate.holds), false, `${number(rate.said)} of ${number(rate.holds)}`)}
              {cell(share(rate.said_wrongly, rate.holds_not), true, `${number(rate.said_wrongly)} of ${number(rate.holds_not)}`)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
