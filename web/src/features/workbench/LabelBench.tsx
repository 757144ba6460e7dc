/** Labelling, and labelling again after a rejection. */
import { useEffect, useMemo, useRef } from 'react'
import { classesOf, stepClass } from '../../canvas'
import { toast } from '../../ui/toast'
import { waiting } from '../comments/Comments'
import { useTalking } from '../comments/useTalking'
import { toggleChoice } from './ChoicePanel'
import { Frame, MainButton, useGuide } from './Frame'
import { DifferenceList } from './Differences'
import { Unanswered, VerdictPanel, useChanges } from './Rework'
import { AnswerSections, sideTabs } from './Answer'
import { Side } from './Side'
import { Stage } from './Stage'
import { SuggestionsPanel, suggestionKeys } from './Suggestions'
import { ToolBar } from './Tools'
import { frameKey, keyLabel } from './keys'
import { type Prompter, choosesOnly } from '../queue/model'
import { useAsking } from './useAsking'
import { useEditor, useStateFor } from './useEditor'
import { type Bench, choiceCommands, useClasses, useMarks } from './useBench'

export function LabelBench({ bench, prompters }: { bench: Bench; prompters: readonly Prompter[] }) {
  const { work, ontology, question, editor } = bench
  const { claim } = work
  const guide = useGuide(work)
  // Passages of one text are none of another.
  const hasPrevious = bench.hasPrevious && question.spans !== true && question.media !== 'video'
  const isRework = claim.stage === 'rework'
  const isChoice = choosesOnly(question)
  const marks = useMarks(editor, work, isRework ? (claim.before?.answer ?? null) : null)
  const classes = useClasses(ontology, isChoice)
  const name = isRework ? 'Hand in again' : 'Hand in'
  const asking = useAsking(bench, prompters)
  // biome-ignore lint/correctness/useExhaustiveDependencies: one for each task
  const warned = useMemo(() => ({ current: false }), [work])
  const talking = useTalking(bench, 'contributor')
  const changes = useChanges(bench)
  const [isWarning, setWarning] = useStateFor(work, false)
  const unanswered = waiting(talking?.state.threads ?? [])
  const only = useEditor(editor, ({ session }) => session.only)
  const classCount = classesOf(editor).length
  const isLastClass = only === null || classesOf(editor).findIndex(({ key }) => key === only) === classCount - 1
  const handIn = () => {
    const { length } = work.suggestions.state.waiting
    // What nobody has decided is left out, and never in silence.
    if (length > 0 && !warned.current) {
      warned.current = true
      toast(`${length === 1 ? 'One suggestion is' : `${length} suggestions are`} undecided and will be left out. Take what is right, or hand in once more to go on without.`)
      return
    }
    void bench.handIn('answer', {}, 'with answer')
  }
  const submit = () => {
    // One class at a time, a task is through when all of its classes are.
    if (!isLastClass) editor.act(() => stepClass(editor, 1))
    else if (unanswered.length > 0) setWarning(true)
    else handIn()
  }
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
    ...suggestionKeys(work.suggestions, asking),
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
      editorKeys={!isChoice ? 'all' : question.media === 'image' || question.media === 'video' ? 'looking' : 'none'}
      classes={classes}
      onClass={isChoice ? (key) => toggleChoice(editor, key, question.choice === 'multi') : undefined}
      acts={<MainButton shortcut={keyLabel('Mod+Enter')} busy={bench.isBusy} onPress={submit}>{isLastClass ? name : 'Next class'}</MainButton>}
      tools={isChoice ? undefined : <ToolBar editor={editor} onCopyPrevious={hasPrevious ? bench.copyPrevious : undefined} />}
      stage={<Stage bench={bench} />}
      side={
        <Side tabs={talking === null || isChoice ? sideTabs(question) : [...sideTabs(question), ['comments', 'Comments']]} wanted={talking?.wanted} task={work}>
          {isRework && <VerdictPanel claim={claim} talking={talking} onRead={guide.read} />}
          <SuggestionsPanel work={work} ontology={ontology} asking={asking} />
          <DifferenceList title="What to change" differences={changes.differences} ticks={changes.ticks} />
          {talking?.section}
          <AnswerSections bench={bench} marks={marks} />
          <Unanswered count={unanswered.length} open={isWarning} onClose={backToComments} onHandIn={handIn} />
        </Side>
      }
    />
  )
}
