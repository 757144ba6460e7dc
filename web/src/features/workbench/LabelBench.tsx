/** Labelling, and labelling again after a rejection. */
import { useEffect, useRef, useState } from 'react'
import { waiting } from '../comments/Comments'
import { useTalking } from '../comments/useTalking'
import { toggleChoice } from './ChoicePanel'
import { Frame, MainButton, useGuide } from './Frame'
import { DifferenceList } from './Differences'
import { Unanswered, VerdictPanel, useChanges } from './Rework'
import { AnswerSections, sideTabs } from './Answer'
import { Side } from './Side'
import { Stage } from './Stage'
import { ToolBar } from './Tools'
import { frameKey, keyLabel } from './keys'
import { choosesOnly } from '../queue/model'
import { type Bench, choiceCommands, useClasses, useMarks } from './useBench'

export function LabelBench({ bench }: { bench: Bench }) {
  const { work, ontology, question, editor } = bench
  const { claim } = work
  const guide = useGuide()
  // Passages of one text are none of another.
  const hasPrevious = bench.hasPrevious && question.spans !== true
  const isRework = claim.stage === 'rework'
  const isChoice = choosesOnly(question)
  const marks = useMarks(editor, work, isRework ? (claim.before?.answer ?? null) : null)
  const classes = useClasses(ontology, isChoice)
  const name = isRework ? 'Hand in again' : 'Hand in'
  const talking = useTalking(bench, 'contributor')
  const changes = useChanges(bench)
  const [isWarning, setWarning] = useState(false)
  const unanswered = waiting(talking?.state.threads ?? [])
  const handIn = () => void bench.handIn('answer', {}, 'with answer')
  const submit = () => (unanswered.length > 0 ? setWarning(true) : handIn())
  const isGoingBack = useRef(false)
  const backToComments = () => {
    isGoingBack.current = true
    setWarning(false)
  }
  // The dialog keeps the focus until it is gone.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the warning closes
  useEffect(() => {
    const [first] = unanswered
    if (isWarning || !isGoingBack.current || first === undefined) return
    isGoingBack.current = false
    talking?.open(first.id)
  }, [isWarning])
  const commands = [
    frameKey('submit', name, isChoice ? ['Mod+Enter', 'Enter'] : ['Mod+Enter'], submit),
    ...choiceCommands(bench),
    ...(talking?.commands ?? []),
    ...changes.differences.commands,
    ...(hasPrevious ? [frameKey('previous', 'Copy from the previous task', ['Mod+Shift+KeyV'], bench.copyPrevious)] : []),
  ]
  return (
    <Frame
      bench={bench}
      guide={guide}
      commands={commands}
      editorKeys={!isChoice ? 'all' : question.media === 'image' ? 'looking' : 'none'}
      classes={classes}
      onClass={isChoice ? (key) => toggleChoice(editor, key, question.choice === 'multi') : undefined}
      acts={<MainButton shortcut={keyLabel('Mod+Enter')} busy={bench.isBusy} onPress={submit}>{name}</MainButton>}
      tools={isChoice ? undefined : <ToolBar editor={editor} onCopyPrevious={hasPrevious ? bench.copyPrevious : undefined} />}
      stage={<Stage bench={bench} />}
      side={
        <Side tabs={talking === null || isChoice ? sideTabs(question) : [...sideTabs(question), ['comments', 'Comments']]} wanted={talking?.wanted}>
          {isRework && <VerdictPanel claim={claim} talking={talking} onRead={guide.read} />}
          <DifferenceList title="What to change" differences={changes.differences} ticks={changes.ticks} />
          {talking?.section}
          <AnswerSections bench={bench} marks={marks} />
          <Unanswered count={unanswered.length} open={isWarning} onClose={backToComments} onHandIn={handIn} />
        </Side>
      }
    />
  )
}
