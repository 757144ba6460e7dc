import type { Progress } from '../../api/types'
import { number, time } from '../../ui/format'
import css from './Overview.module.css'

const WIDTH = 480
const HEIGHT = 72

/** Answers per hour over the last day, one bar an hour. */
export function Hours({ hours }: { hours: Progress['hours'] }) {
  const top = Math.max(1, ...hours.map((hour) => hour.answers))
  const step = WIDTH / Math.max(1, hours.length)
  const total = hours.reduce((sum, hour) => sum + hour.answers, 0)
  const first = hours[0]
  return (
    <figure className={css.hours}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${number(total)} answers in the last ${hours.length} hours, at most ${number(top)} in one hour`}>
        {hours.map((hour, index) => {
          const height = hour.answers === 0 ? 1.5 : Math.max(3, (hour.answers / top) * (HEIGHT - 4))
          return (
            <rect key={hour.at} x={index * step + 1.5} y={HEIGHT - height} width={step - 3} height={height} rx="1.5" data-now={index === hours.length - 1 ? '' : undefined}>
              <title>{`${time(hour.at)}: ${number(hour.answers)}`}</title>
            </rect>
          )
        })}
      </svg>
      <figcaption>
        <span>{first ? time(first.at) : ''}</span>
        <span>{number(total)} answers in 24 h · most in an hour {number(top)}</span>
        <span>now</span>
      </figcaption>
    </figure>
  )
}
