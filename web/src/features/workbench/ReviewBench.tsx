/** Reviewing: look, then accept, put right, or send back with a clause and a reason, and perhaps with the changes shown. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import * as q from '../../api/queries'
import { Note } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { toast } from '../../ui/toast'
import { useTalking } from '../comments/useTalking'
import { Opinions } from './Adjudicate'
import { AnswerSections, sideTabs } from './Answer'
import { toggleChoice } from './ChoicePanel'
import { DifferenceList, useAnswer, useDifferences } from './Differences'
import { Frame, useGuide } from './Frame'
import { Hint } from './Hint'
import { Picture } from './Picture'
import { Decision, NO_REJECTION, RejectForm, type Rejection, type ReviewMode } from './Review'
import { Section, Side } from './Side'
import { Together } from './Together'
import { Stage } from './Stage'
import { TextStage } from './TextStage'
import { ToolBar, ZoomBar } from './Tools'
import { frameKey, keyLabel } from './keys'
import { type Answer, type Opinion, choosesOnly } from '../queue/model'
import { layerColor, overlayEditor, showLayers } from './overlay'
import { type Bench, NO_CLASSES, choiceCommands, useClasses, useMarks } from './useBench'

const NOTHING: Answer = {}

export function ReviewBench({ bench }: { bench: Bench }) {
  const { work, ontology, question, editor, project } = bench
  const { claim } = work
  const guide = useGuide(work)
  const [mode, setMode] = useState<ReviewMode>(() => firstMode(bench))
  const [rejection, setRejection] = useState<Rejection>(() => work.kept<Rejection>('rejection') ?? NO_REJECTION)
  const [strict, setStrict] = useState(false)
  const [isComparing, setComparing] = useState(false)
  const { data: instructions } = useQuery(q.instructions(project.id, claim.instructions_version))
  const isFixing = mode === 'fixing'
  const isChoice = choosesOnly(question)
  const classes = useClasses(ontology, isChoice)
  const original = claim.before?.answer ?? NOTHING
  const marks = useMarks(editor, work, isFixing ? original : null)
  const talking = useTalking(bench, 'reviewer')
  const answer = useAnswer(editor)
  const isFixed = !editor.session.readOnly
  // First what became of what was sent back; then, of a fix, what it changes.
  const differing = useDifferences({ editor, ontology, from: isFixed ? original : (claim.before?.sent_back ?? null), to: isFixed ? answer : original, tense: 'made', shown: 'to' })
  const others = useOthers(bench)

  const accept = () => void bench.handIn('review', { verdict: 'accept' })
  const fix = () => {
    editor.setReadOnly('off')
    work.keep('fixing', true)
    setComparing(false)
    setMode('fixing')
  }
  const back = () => {
    if (isFixing) {
      work.replaceWith(original, 'Drop the fix')
      editor.setReadOnly('on')
      work.keep('fixing', null)
      setMode('looking')
      return
    }
    work.keep('rejection', null)
    setMode(isFixed ? 'fixing' : 'looking')
  }
  const reject = () => {
    const { clause, reason } = rejection
    if (clause !== '' && reason.trim() !== '') {
      const said = { verdict: 'reject', clause, reason: reason.trim() }
      return void (isFixed ? bench.handIn('review', said, 'with answer') : bench.handIn('review', said))
    }
    setStrict(true)
    toast('A rejection needs a clause and a reason.', { tone: 'bad' })
  }
  const handIn = () => (mode === 'rejecting' ? reject() : void bench.handIn('review', { verdict: 'fix' }, 'with answer'))
  const write = (next: Rejection) => {
    setRejection(next)
    work.keep('rejection', next)
  }
  const compare = () => setComparing(!isComparing)
  const canCompare = others.opinions.length > 1 && !isChoice

  const beside = [
    ...(talking?.commands ?? []),
    ...differing.commands,
    ...(canCompare ? [frameKey('compare', 'All answers, one over another', ['Shift+KeyC'], compare)] : []),
  ]
  const commands = {
    looking: [
      frameKey('accept', 'Accept', ['KeyA', 'Mod+Enter'], accept),
      frameKey('fix', 'Fix', ['KeyF'], fix),
      frameKey('reject', 'Reject', ['KeyR'], () => setMode('rejecting')),
      ...beside,
    ],
    fixing: [frameKey('submit', 'Hand in the fix', ['Mod+Enter'], handIn), ...choiceCommands(bench), ...beside],
    rejecting: [frameKey('submit', 'Reject', ['Mod+Enter'], handIn), frameKey('back', 'Cancel', ['Escape'], back)],
  }
  const comments = [['comments', 'Comments']] as const
  const editorKeys = isChoice ? (question.media === 'image' || question.media === 'video' ? 'looking' : 'none') : isFixing ? 'all' : 'looking'
  return (
    <Frame
      bench={bench}
      guide={guide}
      commands={commands[mode]}
      editorKeys={isComparing ? 'none' : editorKeys}
      classes={isFixing && !isComparing ? classes : NO_CLASSES}
      onClass={isChoice && isFixing ? (key) => toggleChoice(editor, key, question.choice === 'multi') : undefined}
      acts={
        <>
          {canCompare && mode !== 'rejecting' && <Button onPress={compare}>{isComparing ? 'Back to the answer' : 'All answers'} <Hint>{keyLabel('Shift+KeyC')}</Hint></Button>}
          <Decision mode={mode} isBusy={bench.isBusy} onAccept={accept} onFix={fix} onReject={() => setMode('rejecting')} onPropose={() => setMode('rejecting')} onHandIn={handIn} onBack={back} />
        </>
      }
      tools={isChoice || isComparing ? undefined : <ToolBar editor={editor} />}
      stage={isComparing ? others.stage : <Stage bench={bench} />}
      side={mode === 'rejecting'
        ? (
          <Side key="reject" tabs={[]}>
            <Section part="always" title="Reject">
              {isFixed && <Note title="With what you changed">The contributor sees each of your changes, and makes them or says why not.</Note>}
              <RejectForm clauses={instructions?.clauses ?? []} rejection={rejection} strict={strict} onRead={guide.read} onChange={write} />
            </Section>
          </Side>
        )
        : (
          <Side key={`${mode} ${isComparing}`} tabs={[...(isFixing ? sideTabs(question) : sideTabs(question).slice(1)), ...(isChoice ? [] : comments)]} wanted={talking?.wanted}>
            <Byline bench={bench} />
            {isComparing && others.panel}
            <DifferenceList title={isFixed ? 'Your changes' : 'Since it was sent back'} differences={differing} />
            {talking?.section}
            {!isComparing && <AnswerSections bench={bench} marks={marks} />}
          </Side>
        )}
    />
  )
}

/** All standing answers of the task laid over one another, the one under review first. */
function useOthers({ work, ontology, question }: Bench) {
  const { before, item } = work.claim
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const opinions = useMemo<readonly Opinion[]>(() => {
    const { id, answer, contributor, submitted_at = '', answers = [] } = before ?? {}
    if (id === undefined || answer === undefined || contributor === undefined) return []
    return [{ id, answer, contributor, submitted_at }, ...answers]
  }, [before])
  const overlay = useMemo(
    () => (opinions.length < 2 ? null : overlayEditor(item, opinions.map(({ id, contributor, answer }, i) => ({ id, name: contributor.name, color: layerColor(i), answer })), ontology)),
    [item, opinions, ontology],
  )
  useEffect(() => {
    if (overlay !== null) showLayers(overlay, hidden)
  }, [overlay, hidden])
  const toggle = (id: string) => {
    const next = new Set(hidden)
    if (!next.delete(id)) next.add(id)
    setHidden(next)
  }
  const stage = overlay === null ? null
    : question.media === 'text' ? <TextStage key="overlay" editor={overlay} label="All answers on the text" /> : (
      <>
        <Picture key="overlay" editor={overlay} item={item} label="All answers on the picture" autoFocus />
        <ZoomBar editor={overlay} />
      </>
    )
  const panel = (
    <Section part="always" title="All answers">
      <Opinions opinions={opinions} before={before} chosen={before?.id ?? null} hidden={hidden} onToggle={toggle} />
    </Section>
  )
  return { opinions, stage, panel }
}

function firstMode({ editor, work }: Bench): ReviewMode {
  if (work.kept<Rejection>('rejection') !== null) return 'rejecting'
  return editor.session.readOnly ? 'looking' : 'fixing'
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
