/** What the reviewer said about the answer, and what differs from how they would have it. */
import { type AnswerObject, type Editor, compare, excerpt, select, zoomToSelection } from '../../canvas'
import { dateTime } from '../../ui/format'
import type { Answer, Claim, Ontology } from '../queue/model'
import css from './Review.module.css'
import { classNamed } from './classes'

interface VerdictProps {
  claim: Claim
  editor: Editor
  ontology: Ontology
  onRead: (clause: string) => void
}

export function VerdictPanel({ claim, editor, ontology, onRead }: VerdictProps) {
  const verdict = claim.before?.verdict
  if (verdict === undefined) return null
  const { clause, clause_title, reason, at, fixed_answer } = verdict
  return (
    <section className={css.verdict} aria-label="The reviewer's verdict">
      <h2>The reviewer sent this back</h2>
      {clause !== null && clause !== '' && (
        <p>Not as the instructions say: <button type="button" className={css.link} onClick={() => onRead(clause)}>{clause_title ?? clause}</button></p>
      )}
      {reason && <blockquote dir="auto">{reason}</blockquote>}
      <small>{dateTime(at)}</small>
      {fixed_answer !== null && claim.before?.answer !== undefined && (
        <Changes from={claim.before.answer} to={fixed_answer} editor={editor} ontology={ontology} />
      )}
    </section>
  )
}

const words = { class: 'other class', shape: 'other place', attributes: 'other details', order: 'other order', other: 'changed' } as const

/** The way from one answer to another, object by object. */
export function Changes({ from, to, editor, ontology }: { from: Answer; to: Answer; editor: Editor; ontology: Ontology }) {
  const { added, removed, changed, item } = compare(from as never, to as never)
  const name = (key: string) => classNamed(ontology, key).name
  const said = ({ class: key, shape }: AnswerObject) => (shape.type === 'span' ? `${name(key)} “${excerpt(editor, shape)}”` : name(key))
  const rows = [
    ...removed.map((each) => ({ id: each.id, mark: 'should not be there', text: said(each) })),
    ...added.map((each) => ({ id: each.id, mark: 'missing', text: said(each) })),
    ...changed.map(({ id, after, aspects }) => ({ id, mark: aspects.map((aspect) => words[aspect]).join(', '), text: said(after) })),
    // What was written to the reviewer is not what the reviewer corrects.
    ...item.filter((aspect) => aspect !== 'note').map((aspect) => ({ id: null, mark: 'changed', text: aspect === 'choices' ? choicesText(from, to, ontology) : aspect })),
  ]
  if (rows.length === 0) return <p>Nothing else differs.</p>
  const show = (id: string) => {
    editor.act(() => {
      select(editor, [id])
      zoomToSelection(editor)
    })
  }
  return (
    <ul className={css.changes}>
      {rows.map(({ id, mark, text }) => (
        <li key={`${id} ${mark} ${text}`}>
          <b>{mark}</b>
          {id !== null && editor.scene.get(id) !== null ? <button type="button" onClick={() => show(id)}>{text}</button> : text}
        </li>
      ))}
    </ul>
  )
}

const choicesText = (from: Answer, to: Answer, ontology: Ontology): string => {
  const names = ({ choices = [] }: Answer) => choices.map((key) => classNamed(ontology, key).name).join(', ') || '—'
  return `${names(from)} → ${names(to)}`
}
