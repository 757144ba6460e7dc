/** The answer in the side panel: what can be said, what has been said, and of what. */
import { Button } from '../../ui/Button'
import { itemAttributes } from '../queue/check'
import { type Problem, type Question, choosesOnly } from '../queue/model'
import css from './Bench.module.css'
import { ChoicePanel } from './ChoicePanel'
import { ClassPalette } from './ClassPalette'
import { ItemDetails, NoteField, ObjectDetails } from './Details'
import { ObjectList } from './ObjectList'
import { Late, useLate } from '../../ui/late'
import { type Part, Section } from './Side'
import type { Bench } from './useBench'
import { useEditor } from './useEditor'

export const sideTabs = ({ choice, spans }: Question): readonly (readonly [Part, string])[] =>
  choice === null || spans === true ? [['classes', 'Classes'], ['objects', spans === true ? 'Spans' : 'Objects'], ['details', 'Details']] : []

interface AnswerProps {
  bench: Bench
  /** A word beside an object. */
  marks?: ReadonlyMap<string, string> | undefined
  /** What others chose. */
  votes?: ReadonlyMap<string, string> | undefined
  /** What the note is for, where it is for something else. */
  note?: string
}

export function AnswerSections({ bench, marks, votes, note }: AnswerProps) {
  const { editor, ontology, question, strict, problems } = bench
  const ofItem = problems.filter(({ path }) => !/(objects|spans|tracks)\[/.test(path))
  const { stage } = bench.work.claim
  const isLabel = stage === 'label' || stage === 'rework'
  const isChoice = choosesOnly(question)
  const part: Part | 'always' = isChoice ? 'always' : 'details'
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const hasSaid = useEditor(editor, ({ item }) => item.attributes !== null)
  const hasItem = itemAttributes(ontology).length > 0 && (!isReadOnly || hasSaid)
  const title = `The ${{ text: 'text', image: 'picture', video: 'video', cloud: 'cloud' }[question.media]} as a whole`
  return (
    <>
      {ofItem.length > 0 && <Section part="always"><Problems problems={ofItem} /></Section>}
      {question.choice !== null && (
        <Section part={part} title={isChoice ? undefined : 'The class of the text'}>
          <ChoicePanel editor={editor} ontology={ontology} many={question.choice === 'multi'} votes={votes} withAlt={!isChoice} />
        </Section>
      )}
      {!isChoice && <ObjectSections bench={bench} marks={marks} />}
      {hasItem && (
        <Section part={part} title={title}><ItemDetails key={bench.work.submission} editor={editor} ontology={ontology} strict={strict} /></Section>
      )}
      {!isReadOnly && <Section part={part}><NoteField key={bench.work.submission} editor={editor} id="bench-note" label={note ?? (isLabel ? 'Note to the reviewer' : 'Note')} /></Section>}
    </>
  )
}

// Only where there are relations or groups, or there may be.
const relationParts = new Late(() => import('./Relations'))

function ObjectSections({ bench, marks }: Pick<AnswerProps, 'bench' | 'marks'>) {
  const { editor, ontology, question, strict, objectProblems } = bench
  const count = useEditor(editor, ({ objects }) => objects.length)
  const hasSelection = useEditor(editor, ({ selected }) => selected.length > 0)
  const names = { text: 'Spans', image: 'Objects', video: 'In this frame', cloud: 'Objects' }
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const related = useEditor(editor, ({ relations }) => relations.length)
  const standing = useEditor(editor, ({ selected }) => selected.length > 1 || selected.some((object) => object.group !== null))
  const hasRelations = related > 0 || (ontology.relations ?? []).some(({ retired }) => retired !== true)
  const { RelationList, Standing } = useLate(relationParts, hasRelations || standing) ?? {}
  return (
    <>
      {!isReadOnly && <Section part="classes" title="Classes"><ClassPalette editor={editor} ontology={ontology} /></Section>}
      <Section part="objects" title={`${names[question.spans === true ? 'text' : question.media]}, ${count}`} extra={<ShowAll bench={bench} />}>
        <ObjectList key={bench.work.submission} editor={editor} ontology={ontology} problems={objectProblems} marks={marks} />
      </Section>
      {hasSelection && (
        <Section part="details">
          <ObjectDetails editor={editor} ontology={ontology} strict={strict} />
          {Standing && (hasRelations || standing) && <Standing editor={editor} ontology={ontology} />}
        </Section>
      )}
      {RelationList && hasRelations && <Section part="objects" title={`Relations, ${related}`}><RelationList editor={editor} ontology={ontology} /></Section>}
    </>
  )
}

function ShowAll({ bench: { editor } }: { bench: Bench }) {
  const hidden = useEditor(editor, ({ session }) => session.hidden.size)
  if (hidden === 0) return null
  return <Button size="small" look="quiet" onPress={() => editor.act(() => editor.updateSession({ hidden: new Set() }))}>Show {hidden} hidden</Button>
}

function Problems({ problems }: { problems: readonly Problem[] }) {
  return <div role="alert"><ul className={css.problems}>{problems.map(({ path, message }) => <li key={`${path} ${message}`}>{message}</li>)}</ul></div>
}
