/** Adjudicating: see all answers at once, begin from one of them, put it right, decide. */
import { useEffect, useMemo, useState } from 'react'
import { Button } from '../../ui/Button'
import { Opinions, VoteList, votesOf } from './Adjudicate'
import { AnswerSections, sideTabs } from './Answer'
import css from './Review.module.css'
import { toggleChoice } from './ChoicePanel'
import { CloudStage } from './CloudStage'
import { DifferenceList, useDifferences } from './Differences'
import { Frame, MainButton, useGuide } from './Frame'
import { Hint } from './Hint'
import { Picture } from './Picture'
import { Section, Side } from './Side'
import { Stage } from './Stage'
import { TOGETHER, Together, withTogether } from './Together'
import { TextStage } from './TextStage'
import { ToolBar, ZoomBar } from './Tools'
import { VideoStage } from './VideoStage'
import { AnswerTalk } from '../comments/Conversation'
import { type Opinion, choosesOnly } from '../queue/model'
import { frameKey, keyLabel } from './keys'
import { layerColor, overlayEditor, showLayers, whoseOntology } from './overlay'
import { type Bench, NO_CLASSES, choiceCommands, useClasses, useMarks } from './useBench'

export function AdjudicateBench({ bench }: { bench: Bench }) {
  return choosesOnly(bench.question) ? <VotesBench bench={bench} /> : <ShapesBench bench={bench} />
}

const NO_OPINIONS: readonly Opinion[] = []

/** Where the question is a choice: the votes, and the decision at once. */
function VotesBench({ bench }: { bench: Bench }) {
  const { work, ontology, question, editor } = bench
  const opinions = work.claim.before?.answers ?? NO_OPINIONS
  const guide = useGuide(work)
  const classes = useClasses(ontology, true)
  const votes = useMemo(() => votesOf(opinions), [opinions])
  const submit = () => void bench.handIn('adjudication', {}, 'with answer')
  useEffect(() => editor.setReadOnly('off'), [editor])
  return (
    <Frame
      bench={bench}
      guide={guide}
      commands={[frameKey('submit', 'Decide', ['Mod+Enter', 'Enter'], submit)]}
      editorKeys={question.media === 'image' ? 'looking' : 'none'}
      classes={classes}
      onClass={(key) => toggleChoice(editor, key, question.choice === 'multi')}
      acts={<MainButton shortcut={keyLabel('Mod+Enter')} busy={bench.isBusy} onPress={submit}>Decide</MainButton>}
      stage={<Stage bench={bench} />}
      side={
        <Side tabs={[]}>
          <AnswerSections bench={bench} votes={votes} />
          <Section part="always" title="Votes"><VoteList opinions={opinions} ontology={ontology} /></Section>
        </Side>
      }
    />
  )
}

/** Where things are marked: all answers over the picture, then one of them to begin from. */
function ShapesBench({ bench }: { bench: Bench }) {
  const { work, ontology, question, editor } = bench
  const { before, item } = work.claim
  const opinions = useMemo(() => withTogether(before), [before])
  const guide = useGuide(work)
  const [chosen, setChosen] = useState<string | null>(() => work.kept<string>('chosen'))
  const [isComparing, setComparing] = useState(editor.session.readOnly)
  // What all say together lies over what each says: it is looked at when it is asked for.
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set([TOGETHER]))
  const classes = useClasses(ontology, false)
  const marks = useMarks(editor, work, opinions.find(({ id }) => id === chosen)?.answer ?? null)
  const layers = useMemo(() => opinions.map(({ id, contributor, answer }, i) => ({ id, name: contributor.name, color: layerColor(i), answer })), [opinions])
  const overlay = useMemo(() => overlayEditor(item, layers, ontology), [item, layers, ontology])
  const whose = useMemo(() => whoseOntology(layers), [layers])
  useEffect(() => showLayers(overlay, hidden), [overlay, hidden])
  const [pair, setPair] = useState<readonly [number, number]>([0, 1])
  const first = opinions[pair[0]]
  const differing = useDifferences({
    editor: overlay, ontology, from: first?.answer ?? null, to: opinions[pair[1]]?.answer ?? null,
    tense: 'between', shown: 'both', by: 'likeness',
  })

  const begin = (opinion: Opinion | null, label: string) => {
    // The note was written to the reviewer of that answer, not to those who read the decision.
    const { note: _, ...answer } = opinion?.answer ?? {}
    work.replaceWith(answer, label)
    work.keep('fixing', true)
    work.keep('chosen', opinion?.id ?? null)
    setChosen(opinion?.id ?? null)
    setComparing(false)
  }
  const choose = (index: number) => {
    const opinion = opinions[index]
    if (opinion !== undefined) begin(opinion, `Begin from answer ${index + 1}`)
  }
  const toggle = (id: string) => {
    const next = new Set(hidden)
    if (!next.delete(id)) next.add(id)
    setHidden(next)
  }
  const submit = () => void bench.handIn('adjudication', chosen === null || chosen === TOGETHER ? {} : { chosen }, 'with answer')
  const isBegun = !editor.session.readOnly
  const compare = () => setComparing(!isComparing || !isBegun)

  const commands = [
    ...opinions.slice(0, 9).map(({ contributor }, i) =>
      frameKey(`choose${i + 1}`, `Begin from ${contributor.name}`, [isComparing ? `Digit${i + 1}` : `Alt+Digit${i + 1}`], () => choose(i))),
    frameKey('compare', 'Compare the answers', ['Shift+KeyC'], compare),
    ...(isComparing ? differing.commands : []),
    ...(isComparing ? [] : [frameKey('submit', 'Decide', ['Mod+Enter'], submit), ...choiceCommands(bench)]),
  ]
  return (
    <Frame
      bench={bench}
      guide={guide}
      commands={commands}
      editorKeys={isComparing ? 'none' : 'all'}
      classes={isComparing ? NO_CLASSES : classes}
      acts={
        <>
          {isBegun && <Button onPress={compare}>{isComparing ? 'Back to the decision' : 'Compare'} <Hint>{keyLabel('Shift+KeyC')}</Hint></Button>}
          {isComparing
            ? !isBegun && <Button onPress={() => begin(null, 'Begin with nothing')}>Begin with nothing</Button>
            : <MainButton shortcut={keyLabel('Mod+Enter')} busy={bench.isBusy} onPress={submit}>Decide</MainButton>}
        </>
      }
      tools={isComparing ? undefined : <ToolBar editor={editor} />}
      stage={
        isComparing
          ? question.media === 'video' ? (
            <VideoStage key="overlay" editor={overlay} item={item} ontology={whose} label="All answers on the video" autoFocus over={<ZoomBar editor={overlay} />} />
          ) : question.media === 'text' ? <TextStage key="overlay" editor={overlay} label="All answers on the text" /> : question.media === 'cloud' ? <CloudStage key="overlay" editor={overlay} item={item} label="All answers in the cloud" autoFocus /> : (
            <>
              <Picture key="overlay" editor={overlay} item={item} label="All answers on the picture" autoFocus />
              <ZoomBar editor={overlay} />
            </>
          )
          : <Stage key="decision" bench={bench} />
      }
      side={
        <Side key={isComparing ? 'compare' : 'decide'} tabs={isComparing ? [] : sideTabs(question)}>
          <Section part={isComparing ? 'always' : 'objects'} title={isComparing && !isBegun ? 'Choose the answer to begin from' : 'Answers'}>
            {before?.consensus?.value && <Together consensus={before.consensus} ontology={ontology} />}
            <Opinions opinions={opinions} before={before} chosen={chosen} hidden={isComparing ? hidden : null} onToggle={toggle} onChoose={choose} />
            {isComparing && question.choice !== null && <VoteList opinions={before?.answers ?? NO_OPINIONS} ontology={ontology} />}
          </Section>
          {isComparing && opinions.length > 1 && <PairChoice opinions={opinions} pair={pair} onChange={setPair} />}
          {isComparing && <DifferenceList title={`From ${pair[0] + 1} to ${pair[1] + 1}`} differences={differing} />}
          {isComparing && first !== undefined && <Section part="always" title={`Comments on ${pair[0] + 1}, of ${first.contributor.name}`}><AnswerTalk key={first.id} answer={first.id} side="reviewer" isReader={false} /></Section>}
          {!isComparing && <AnswerSections bench={bench} marks={marks} />}
        </Side>
      }
    />
  )
}

/** Which two answers are told apart, one thing after another. */
function PairChoice({ opinions, pair, onChange }: { opinions: readonly Opinion[]; pair: readonly [number, number]; onChange: (pair: readonly [number, number]) => void }) {
  const choice = (side: 0 | 1, label: string) => (
    <label>
      {label}
      <select value={pair[side]} onChange={({ target }) => onChange(side === 0 ? [Number(target.value), pair[1]] : [pair[0], Number(target.value)])}>
        {opinions.map(({ id, contributor }, i) => <option key={id} value={i}>{i + 1} {contributor.name}</option>)}
      </select>
    </label>
  )
  return (
    <Section part="always" title="Differences">
      <div className={css.pair}>{choice(0, 'From')}{choice(1, 'to')}</div>
    </Section>
  )
}
