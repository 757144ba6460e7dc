/** What an expert knows of a task, said where anybody says it: the answer is drawn or chosen, the note says why it is so, and the task is gold. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { post } from '../../api/client'
import { toast } from '../../ui/toast'
import { toggleChoice } from './ChoicePanel'
import { Frame, MainButton, useGuide } from './Frame'
import { AnswerSections, sideTabs } from './Answer'
import { Section, Side } from './Side'
import { Stage } from './Stage'
import { ToolBar } from './Tools'
import { frameKey, keyLabel } from './keys'
import { choosesOnly } from '../queue/model'
import { type Bench, choiceCommands, useClasses } from './useBench'

export interface GoldActs {
  /** What comes after a task has become gold. */
  readonly onMade: () => void
  /** Shows another task, where any will do. */
  readonly onOther: (() => void) | undefined
  readonly onLeave: () => void
}

export function GoldBench({ bench, acts: { onMade, onOther, onLeave } }: { bench: Bench; acts: GoldActs }) {
  const { work, ontology, question, editor } = bench
  const { claim } = work
  const client = useQueryClient()
  const guide = useGuide(work)
  const isChoice = choosesOnly(question)
  const classes = useClasses(ontology, isChoice)
  const make = useMutation({
    mutationFn: (answer: unknown) => post(`/api/projects/${claim.project}/gold`, { task: claim.task, answer }),
    onSuccess: async () => {
      await work.discard()
      const changed = [['task', claim.task], ['tasks'], ['gold', claim.project], ['quality', claim.project]]
      await Promise.all(changed.map((queryKey) => client.invalidateQueries({ queryKey })))
      toast('It is gold now, and is dealt among the others.', { tone: 'good' })
      onMade()
    },
    onError: (error) => toast(error.message, { tone: 'bad' }),
  })
  const submit = () => {
    if (make.isPending) return
    const answer = bench.checked()
    if (answer !== null) make.mutate(answer)
  }
  const commands = [
    frameKey('submit', 'Save as gold', isChoice ? ['Mod+Enter', 'Enter'] : ['Mod+Enter'], submit),
    ...(onOther === undefined ? [] : [frameKey('other', 'Another task', ['Shift+KeyS'], onOther)]),
    ...choiceCommands(bench),
  ]
  return (
    <Frame
      bench={bench}
      guide={guide}
      commands={commands}
      editorKeys={!isChoice ? 'all' : question.media === 'image' ? 'looking' : 'none'}
      classes={classes}
      onClass={isChoice ? (key) => toggleChoice(editor, key, question.choice === 'multi') : undefined}
      leaving={{ other: onOther, leave: onLeave }}
      acts={<MainButton shortcut={keyLabel('Mod+Enter')} busy={make.isPending} onPress={submit}>Save as gold</MainButton>}
      tools={isChoice ? undefined : <ToolBar editor={editor} />}
      stage={<Stage bench={bench} />}
      side={
        <Side tabs={sideTabs(question)}>
          <Section part="always" title="A known answer">
            <p>Say what is so. The task is dealt among the others, and what people answer to it tells how far they can be relied on.</p>
          </Section>
          <AnswerSections bench={bench} note="Why it is so, for those who said otherwise" />
        </Side>
      }
    />
  )
}
