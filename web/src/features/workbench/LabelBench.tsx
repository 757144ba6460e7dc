/** Labelling, and labelling again after a rejection. */
import { classesOf, stepClass } from '../../canvas'
import { toggleChoice } from './ChoicePanel'
import { Frame, MainButton, useGuide } from './Frame'
import { VerdictPanel } from './Rework'
import { AnswerSections, sideTabs } from './Answer'
import { Side } from './Side'
import { Stage } from './Stage'
import { ToolBar } from './Tools'
import { frameKey, keyLabel } from './keys'
import { choosesOnly } from '../queue/model'
import { useEditor } from './useEditor'
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
  const only = useEditor(editor, ({ session }) => session.only)
  const classCount = classesOf(editor).length
  const isLastClass = only === null || classesOf(editor).findIndex(({ key }) => key === only) === classCount - 1
  // One class at a time, a task is through when all of its classes are.
  const submit = () => (isLastClass ? void bench.handIn('answer', {}, 'with answer') : void editor.act(() => stepClass(editor, 1)))
  const commands = [
    frameKey('submit', name, isChoice ? ['Mod+Enter', 'Enter'] : ['Mod+Enter'], submit),
    ...choiceCommands(bench),
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
      acts={<MainButton shortcut={keyLabel('Mod+Enter')} busy={bench.isBusy} onPress={submit}>{isLastClass ? name : 'Next class'}</MainButton>}
      tools={isChoice ? undefined : <ToolBar editor={editor} onCopyPrevious={hasPrevious ? bench.copyPrevious : undefined} />}
      stage={<Stage bench={bench} />}
      side={
        <Side tabs={sideTabs(question)}>
          {isRework && <VerdictPanel claim={claim} editor={editor} ontology={ontology} onRead={guide.read} />}
          <AnswerSections bench={bench} marks={marks} />
        </Side>
      }
    />
  )
}
