/** A cloud of points on the stage. What shows it is fetched when the first one is. */
import type { Editor } from '../../canvas'
import { Late, useLate } from '../../ui/late'
import type { Item } from '../queue/model'
import css from './Bench.module.css'

const part = new Late(() => import('./cloud'))

export function CloudStage({ editor, item, label, autoFocus = false }: { editor: Editor; item: Item; label: string; autoFocus?: boolean }) {
  const { CloudPicture } = useLate(part, true) ?? {}
  if (CloudPicture === undefined) return <div className={css.skeleton} role="status"><span className={css.pulse} /><span className="sr">The cloud is loading</span></div>
  return <CloudPicture editor={editor} item={item} label={label} autoFocus={autoFocus} />
}
