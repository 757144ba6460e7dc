/** A video on the stage. What shows it is fetched when the first one is. */
import type { ReactNode } from 'react'
import type { Editor } from '../../canvas'
import { Late, useLate } from '../../ui/late'
import type { Item, Ontology } from '../queue/model'
import css from './Bench.module.css'

const part = new Late(() => import('./video'))

interface StageProps {
  editor: Editor
  item: Item
  ontology: Ontology
  label: string
  autoFocus?: boolean
  /** What lies over the picture. */
  over?: ReactNode
}

export function VideoStage(props: StageProps) {
  const { VideoView } = useLate(part, true) ?? {}
  if (VideoView === undefined) return <div className={css.skeleton} role="status"><span className={css.pulse} /><span className="sr">The video is loading</span></div>
  return <VideoView {...props} />
}
