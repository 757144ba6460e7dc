/** A text on the stage. What shows it is fetched when the first one is. */
import type { Editor } from '../../canvas'
import { Late, useLate } from '../../ui/late'
import css from './Bench.module.css'

const part = new Late(() => import('./text'))

export function TextStage({ editor, label, autoFocus = false }: { editor: Editor; label: string; autoFocus?: boolean }) {
  const { TextView } = useLate(part, true) ?? {}
  if (TextView === undefined) return <div className={css.skeleton} role="status"><span className={css.pulse} /><span className="sr">The text is loading</span></div>
  return <TextView editor={editor} label={label} autoFocus={autoFocus} />
}
