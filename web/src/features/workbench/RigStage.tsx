/** Several pictures of one moment on the stage. What draws them is fetched when the first ones are. */
import type { ComponentProps } from 'react'
import { Late, useLate } from '../../ui/late'
import css from './Bench.module.css'
import type { Rig } from './Rig'

const part = new Late(() => import('./Rig'))

export function RigStage(props: ComponentProps<typeof Rig>) {
  const { Rig } = useLate(part, true) ?? {}
  if (Rig === undefined) return <div className={css.skeleton} role="status"><span className={css.pulse} /><span className="sr">The pictures are loading</span></div>
  return <Rig {...props} />
}
