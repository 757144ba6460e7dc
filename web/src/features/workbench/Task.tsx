/** A task on the screen, with the editor in it: what the frame around the queue fetches once, while the first task comes. */
import { useEffect } from 'react'
import type { Project } from '../../api/types'
import type { ClaimsOnScreen } from '../queue/claims'
import type { Home } from '../queue/home'
import type { Door, Prompter } from '../queue/model'
import { AdjudicateBench } from './AdjudicateBench'
import { type GoldActs, GoldBench } from './GoldBench'
import { LabelBench } from './LabelBench'
import { ReviewBench } from './ReviewBench'
import { useBench } from './useBench'
import type { Opened, Queue } from './useWork'

export { Work } from '../queue/work'
export { layDown, takeFlagged, takeUp } from './hand'

interface TaskProps {
  queue: Queue
  project: Project
  door: Door
  opened: Opened
  prompters: readonly Prompter[]
}

interface GoldProps {
  queue: { readonly home: Home; readonly claims: ClaimsOnScreen }
  project: Project
  opened: Opened
  acts: GoldActs
}

export function Gold({ queue, project, opened, acts }: GoldProps) {
  return <GoldBench bench={useBench({ ...queue, ...opened, project })} acts={acts} />
}

export function Task({ queue, project, door, opened, prompters }: TaskProps) {
  const bench = useBench({ ...queue, ...opened, project })
  const { work, editor } = bench
  // Work that no key or pointer of this page made is work all the same: it counts as input.
  useEffect(() => editor.onDocumentDiff(() => work.input()), [editor, work])
  if (door === 'review') return <ReviewBench bench={bench} />
  if (door === 'adjudicate') return <AdjudicateBench bench={bench} />
  return <LabelBench bench={bench} prompters={prompters} />
}
