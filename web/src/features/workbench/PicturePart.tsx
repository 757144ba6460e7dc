/** A picture on the stage. What draws it is fetched when the first one is. */
import type { ComponentProps } from 'react'
import { Late, useLate } from '../../ui/late'
import css from './Bench.module.css'
import type { Picture } from './Picture'

const part = new Late(() => import('./Picture'))

export function PicturePart(props: ComponentProps<typeof Picture>) {
  const { Picture } = useLate(part, true) ?? {}
  if (Picture === undefined) return <div className={css.skeleton} role="status"><span className={css.pulse} /><span className="sr">The picture is loading</span></div>
  return <Picture {...props} />
}
