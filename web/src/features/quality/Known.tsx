import type { Answer } from '../../api/types'
import { layout } from '../../ui/Page'
import { said } from './said'

/** What is known of a task, and why it is so where whoever said it told. */
export function Known({ answer }: { answer: Answer }) {
  return <span dir="auto">{said(answer)}{answer.note && <> <span className={layout.quiet}>“{answer.note}”</span></>}</span>
}
