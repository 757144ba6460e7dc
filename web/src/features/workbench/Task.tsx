/** A task on the screen, with the editor in it: what the frame around the queue fetches once, while the first task comes. */
import { memo, useEffect } from 'react'
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

/** The frame around the queue hears of much that is nothing to the task. */
export const Task = memo(function Task({ queue, project, door, opened, prompters }: TaskProps) {
  const bench = useBench({ ...queue, ...opened, project })
  const { work, editor } = bench
  // Work that no key or pointer of this page made is work all the same: it counts as input.
  useEffect(() => editor.onDocumentDiff(() => work.input()), [editor, work])
  if (door === 'review') return <ReviewBench bench={bench} />
  if (door === 'adjudicate') return <AdjudicateBench bench={bench} />
  return <LabelBench bench={bench} prompters={prompters} />
})

/**
 * One screen for as many tasks as may follow each other on it (W180): pictures to be labelled that nobody has said
 * anything of, under one ontology. Any other task has a screen of its own.
 */
export function screenOf({ work: { claim, submission } }: Opened): string {
  const { stage, before, item, ontology_version } = claim
  const isPlain = stage === 'label' && before === null && item.video == null && item.scene == null && item.text === null && item.cameras === undefined
  return isPlain ? `pictures ${ontology_version}` : submission
}
