/** Reviewing: look, then accept, put right, or send back with a clause and a reason. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import * as q from '../../api/queries'
import { Note } from '../../ui/Bits'
import { toast } from '../../ui/toast'
import { AnswerSections, sideTabs } from './Answer'
import { toggleChoice } from './ChoicePanel'
import { Frame, useGuide } from './Frame'
import { Decision, NO_REJECTION, RejectForm, type Rejection, type ReviewMode } from './Review'
import { Section, Side } from './Side'
import { Together } from './Together'
import { Stage } from './Stage'
import { ToolBar } from './Tools'
import { frameKey } from './keys'
import { choosesOnly } from '../queue/model'
import { type Bench, NO_CLASSES, choiceCommands, useClasses, useMarks } from './useBench'

export function ReviewBench({ bench }: { bench: Bench }) {
  const { work, ontology, question, editor, project } = bench
  const { claim } = work
  const guide = useGuide()
  const [mode, setMode] = useState<ReviewMode>(() => firstMode(bench))
  const [rejection, setRejection] = useState<Rejection>(() => work.kept<Rejection>('rejection') ?? NO_REJECTION)
  const [strict, setStrict] = useState(false)
  const { data: instructions } = useQuery(q.instructions(project.id, claim.instructions_version))
  const isFixing = mode === 'fixing'
  const isChoice = choosesOnly(question)
  const classes = useClasses(ontology, isChoice)
  const original = claim.before?.answer ?? {}
  const marks = useMarks(editor, work, isFixing ? original : null)

  const accept = () => void bench.handIn('review', { verdict: 'accept' })
  const fix = () => {
    editor.setReadOnly('off')
    work.keep('fixing', true)
    setMode('fixing')
  }
  const back = () => {
    if (isFixing) {
      work.replaceWith(original, 'Drop the fix')
      editor.setReadOnly('on')
      work.keep('fixing', null)
    } else work.keep('rejection', null)
    setMode('looking')
  }
  const reject = () => {
    const { clause, reason } = rejection
    if (clause !== '' && reason.trim() !== '') return void bench.handIn('review', { verdict: 'reject', clause, reason: reason.trim() })
    setStrict(true)
    toast('A rejection needs a clause and a reason.', { tone: 'bad' })
  }
  const handIn = () => (mode === 'rejecting' ? reject() : void bench.handIn('review', { verdict: 'fix' }, 'with answer'))
  const write = (next: Rejection) => {
    setRejection(next)
    work.keep('rejection', next)
  }

  const commands = {
    looking: [
      frameKey('accept', 'Accept', ['KeyA', 'Mod+Enter'], accept),
      frameKey('fix', 'Fix', ['KeyF'], fix),
      frameKey('reject', 'Reject', ['KeyR'], () => setMode('rejecting')),
    ],
    fixing: [frameKey('submit', 'Hand in the fix', ['Mod+Enter'], handIn), ...choiceCommands(bench)],
    rejecting: [frameKey('submit', 'Reject', ['Mod+Enter'], handIn), frameKey('back', 'Cancel', ['Escape'], back)],
  }
  return (
    <Frame
      bench={bench}
      guide={guide}
      commands={commands[mode]}
      editorKeys={isChoice ? (question.media === 'image' ? 'looking' : 'none') : isFixing ? 'all' : 'looking'}
      classes={isFixing ? classes : NO_CLASSES}
      onClass={isChoice && isFixing ? (key) => toggleChoice(editor, key, question.choice === 'multi') : undefined}
      acts={<Decision mode={mode} isBusy={bench.isBusy} onAccept={accept} onFix={fix} onReject={() => setMode('rejecting')} onHandIn={handIn} onBack={back} />}
      tools={isChoice ? undefined : <ToolBar editor={editor} />}
      stage={<Stage bench={bench} />}
      side={mode === 'rejecting'
        ? (
          <Side key="reject" tabs={[]}>
            <Section part="always" title="Reject">
              <RejectForm clauses={instructions?.clauses ?? []} rejection={rejection} strict={strict} onRead={guide.read} onChange={write} />
            </Section>
          </Side>
        )
        : (
          <Side key={mode} tabs={isFixing ? sideTabs(question) : sideTabs(question).slice(1)}>
            <Byline bench={bench} />
            <AnswerSections bench={bench} marks={marks} />
          </Side>
        )}
    />
  )
}

function firstMode({ editor, work }: Bench): ReviewMode {
  if (!editor.session.readOnly) return 'fixing'
  return work.kept<Rejection>('rejection') === null ? 'looking' : 'rejecting'
}

/** Whose answer it is, and what they wrote to the reviewer. */
function Byline({ bench: { work, ontology } }: { bench: Bench }) {
  const { before } = work.claim
  const note = before?.answer?.note
  return (
    <Section part="always">
      {before?.consensus?.value
        ? <Together consensus={before.consensus} ontology={ontology} />
        : before?.contributor !== undefined && <p>Answer of <strong dir="auto">{before.contributor.name}</strong></p>}
      {note && <Note title="Note to you"><p dir="auto">{note}</p></Note>}
    </Section>
  )
}
