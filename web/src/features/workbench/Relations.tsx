/** How objects, or passages of a text, stand to each other: as a list, for those who do not see the arcs too. */
import { type Editor, type ObjectRecord, type RelationRecord, describeRelation, group, join, kindOf, kindsBetween, membersOf, select, selectGroup, setRelation, turnRelation, ungroup, unrelate } from '../../canvas'
import { Button } from '../../ui/Button'
import { Kbd } from '../../ui/Kbd'
import type { Ontology } from '../queue/model'
import { Glyph } from './Glyph'
import { classNamed } from './classes'
import { keyLabel } from './keys'
import css from './Panels.module.css'
import { useEditor } from './useEditor'

interface PartProps {
  editor: Editor
  ontology: Ontology
}

/** All relations of the answer. */
export function RelationList({ editor, ontology }: PartProps) {
  const relations = useEditor(editor, (snapshot) => snapshot.relations)
  const selected = useEditor(editor, ({ session }) => session.selected)
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  if (relations.length === 0) {
    return <p className={css.none}>{isReadOnly ? 'None.' : <>None yet. Select one, press <Kbd>{keyOf(editor, 'relation.join')}</Kbd>, and click what it is joined to.</>}</p>
  }
  return (
    <ul className={css.relations} aria-label="Relations">
      {relations.map((relation) => (
        <Row key={relation.id} editor={editor} ontology={ontology} relation={relation} readOnly={isReadOnly} isShown={selected.includes(relation.from) && selected.includes(relation.to)} />
      ))}
    </ul>
  )
}

interface RowProps extends PartProps {
  relation: RelationRecord
  readOnly: boolean
  isShown: boolean
}

function Row({ editor, ontology, relation, readOnly, isShown }: RowProps) {
  const { from, to } = relation
  const [a, b] = [editor.scene.get(from), editor.scene.get(to)]
  const kind = kindOf(ontology as never, relation.relation)
  if (a === null || b === null) return null
  const kinds = kindsBetween(editor, a, b)
  // One that does not fit any longer stays in the list until somebody decides.
  const offered = kinds.some(({ key }) => key === kind?.key) || kind === undefined ? kinds : [kind, ...kinds]
  const canTurn = kind?.direction !== 'both_ways'
  return (
    <li className={css.relation} data-shown={isShown ? '' : undefined}>
      <End editor={editor} ontology={ontology} object={a} />
      {readOnly || offered.length < 2
        ? <span className={css.relationName}>{kind?.name ?? relation.relation}</span>
        : (
          <select className={css.relationName} aria-label={`How: ${describeRelation(editor, relation)}`} value={relation.relation} onChange={(event) => setRelation(editor, relation, event.target.value)}>
            {offered.map(({ key, name }) => <option key={key} value={key}>{name}</option>)}
          </select>
        )}
      <span aria-hidden="true" className={css.arrow}>{canTurn ? '→' : '↔'}</span>
      <End editor={editor} ontology={ontology} object={b} />
      {!readOnly && (
        <span className={css.relationActs}>
          {canTurn && <Act glyph="swap" label={`Turn round: ${describeRelation(editor, relation)}`} onPress={() => turnRelation(editor, relation)} />}
          <Act glyph="bin" label={`Take away: ${describeRelation(editor, relation)}`} onPress={() => unrelate(editor, relation.id)} />
        </span>
      )}
    </li>
  )
}

function Act({ glyph, label, onPress }: { glyph: 'swap' | 'bin'; label: string; onPress: () => void }) {
  return <button type="button" className={css.flag} data-on="" aria-label={label} title={label} onClick={onPress}><Glyph name={glyph} size={16} /></button>
}

/** One end: a press selects it. */
function End({ editor, ontology, object }: PartProps & { object: ObjectRecord }) {
  return (
    <button type="button" className={css.end} title={editor.describe(object.id)} onClick={() => editor.act(() => select(editor, [object.id]))}>
      <span className={css.swatch} style={{ background: classNamed(ontology, object.class).color }} />
      <bdi>{editor.nameOf(object.id)}</bdi>
    </button>
  )
}

/** What can be done with what is selected: joining, grouping. */
export function Standing({ editor, ontology }: PartProps) {
  const selected = useEditor(editor, (snapshot) => snapshot.selected)
  const joining = useEditor(editor, ({ session }) => session.joining)
  const inHand = useEditor(editor, ({ session }) => session.relation)
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const [first] = selected
  const kinds = (ontology.relations ?? []).filter(({ retired }) => retired !== true)
  const number = first !== undefined && selected.every((object) => object.group === first.group) ? first.group : null
  const others = number === null ? 0 : membersOf(editor, number).length - 1
  if (first === undefined || (isReadOnly && number === null)) return null
  return (
    <div className={css.standing}>
      {number !== null && (
        <p>
          Group {number}, with {others} {others === 1 ? 'other' : 'others'}
          <Button size="small" look="quiet" onPress={() => editor.act(() => selectGroup(editor))}>Select them</Button>
          {!isReadOnly && <Button size="small" look="quiet" onPress={() => ungroup(editor)}>Take out <Kbd>{keyOf(editor, 'group.none')}</Kbd></Button>}
        </p>
      )}
      {!isReadOnly && selected.length > 1 && (
        <Button size="small" onPress={() => group(editor)}>Group {selected.length} <Kbd>{keyOf(editor, 'group')}</Kbd></Button>
      )}
      {!isReadOnly && kinds.length > 0 && selected.length <= 2 && (
        <div className={css.joining}>
          {kinds.length > 1 && (
            <select aria-label="Relation in hand" value={inHand ?? kinds[0]?.key ?? ''} onChange={(event) => editor.act(() => editor.updateSession({ relation: event.target.value }))}>
              {kinds.map(({ key, name }) => <option key={key} value={key}>{name}</option>)}
            </select>
          )}
          <Button size="small" onPress={() => editor.act(() => join(editor))}>
            {joining === first.id ? 'Now click the other' : selected.length === 2 ? 'Join the two' : 'Join to…'} <Kbd>{keyOf(editor, 'relation.join')}</Kbd>
          </Button>
        </div>
      )}
    </div>
  )
}

const keyOf = (editor: Editor, id: string): string => {
  const [chord] = editor.keymap.keysOf(id)
  return chord === undefined ? '' : keyLabel(chord)
}
