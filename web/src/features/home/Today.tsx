import { useQuery } from '@tanstack/react-query'
import * as q from '../../api/queries'
import { duration, money, number } from '../../ui/format'
import { Figures } from '../../ui/Page'

/** The day so far, as it is counted and paid. Absent until it is known; it is not worth an error of its own. */
export function Today() {
  const { data } = useQuery(q.work)
  if (!data || data.answers_total === 0) return null
  return (
    <Figures
      items={[
        { name: 'Answers today', value: number(data.answers_today), note: `of ${number(data.answers_total)} in all` },
        { name: 'Time at work today', value: duration(data.active_ms_today / 1000) },
        ...data.earned.map(({ currency, amount_minor }) => ({ name: 'Earned', value: money(amount_minor, currency) })),
      ]}
    />
  )
}
