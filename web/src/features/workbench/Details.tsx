/** What is said of the selected object, of the item, and to the reviewer. */
import { useMemo } from 'react'
import { type Editor, type Field, type ObjectRecord, cuboidFields, isCuboid, setAttribute, setField, setHandle, setItemAttribute, setNote, util } from '../../canvas'
import { Kbd } from '../../ui/Kbd'
import { Late, useLate } from '../../ui/late'
import { codePoints, itemAttributes, objectAttributes } from '../queue/check'
import type { Ontology, Value, Values } from '../queue/model'
import { AttributeForm } from './AttributeForm'
import css from './Panels.module.css'
import { classNamed } from './classes'
import { useEditor } from './useEditor'

interface DetailsProps {
  editor: Editor
  ontology: Ontology
  /** After the first try to hand in, what is missing is shown, too. */
  strict: boolean
}

export function ObjectDetails({ editor, ontology, strict }: DetailsProps) {
  const selected = useEditor(editor, (snapshot) => snapshot.selected)
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const [object, ...others] = selected
  if (object === undefined) return null
  if (others.length > 0) {
    return <p className={css.none}>{selected.length} objects are selected. {editor.cameras.length > 0 ? 'They can be grouped; a class and deleting apply to those in the picture in front.' : 'A class, hiding, locking and deleting apply to all of them.'}</p>
  }
  const each = classNamed(ontology, object.class)
  const attributes = objectAttributes(ontology, object.class)
  return (
    <section className={css.details} aria-label={`${each.name}, selected object`}>
      <h3><span className={css.swatch} style={{ background: each.color }} />{each.name}</h3>
      <AttributeForm
        key={object.id}
        attributes={attributes}
        values={(object.attributes ?? {}) as Values}
        readOnly={isReadOnly}
        strict={strict}
        set={(key, value, how) => sayOfObject(editor, object, key, value, how)}
      />
      {object.seen !== undefined && <TrackId editor={editor} id={object.id} readOnly={isReadOnly} />}
      <Geometry editor={editor} object={object} readOnly={isReadOnly} />
    </section>
  )
}

const trackParts = new Late(() => import('./video/TrackField'))

/** Who a thing is, in a video. */
function TrackId(props: { editor: Editor; id: string; readOnly: boolean }) {
  const { TrackField } = useLate(trackParts, true) ?? {}
  return TrackField === undefined ? null : <TrackField key={props.id} {...props} />
}

/** Typing is one step, however many letters; a chip is a step of its own. */
function sayOfObject(editor: Editor, { id }: ObjectRecord, key: string, value: Value | undefined, how: 'step' | 'typing'): void {
  if (how === 'step') {
    setAttribute(editor, [id], key, value)
    return
  }
  const record = editor.scene.get(id)
  if (record === null || editor.session.locked.has(id)) return
  const { [key]: _, ...rest } = record.attributes ?? {}
  const attributes = value === undefined ? rest : { ...rest, [key]: value }
  editor.work(`text ${id} ${key}`, () => editor.put([{ ...record, attributes }]), 'merge')
}

/** The shape as numbers, and the place of the point in hand: the way without dragging (W33). */
function Geometry({ editor, object, readOnly }: { editor: Editor; object: ObjectRecord; readOnly: boolean }) {
  const handle = useEditor(editor, ({ session }) => session.handle)
  const { shape, id } = object
  const its = util(shape)
  const frame = useEditor(editor, ({ session }) => session.frame)
  // Along a drive the numbers are those of the moment that is looked at.
  const fields = useMemo(
    () => (frame >= 0 && isCuboid(object) ? cuboidFields(editor, object) : (its.fields?.(shape, editor.skeletonOf(object.class)) ?? [])),
    [editor, object, its, shape, frame],
  )
  const handles = its.handles(shape)
  const grip = handle === null ? undefined : handles[handle]
  const points = handles.filter(({ kind }) => kind === 'vertex' || (kind === 'corner' && fields.length === 0)).length
  const held = grip?.kind === 'vertex' || grip?.kind === 'control' || (grip?.kind === 'corner' && fields.length === 0) ? grip.at : null
  return (
    <>
      {fields.length > 0 && (
        <div className={css.geometry} data-choices={fields[0]?.options === undefined ? undefined : ''}>
          {fields.map((field) => (
            <Numeric key={`${id}-${field.key}`} name={field.name} value={field.value} options={field.options} readOnly={readOnly} onChange={(value) => setField(editor, id, field.key, value)} />
          ))}
        </div>
      )}
      {held !== null && handle !== null && (
        <div className={css.geometry}>
          <Numeric name="Point X" value={held[0]} readOnly={readOnly} onChange={(x) => setHandle(editor, id, handle, [x, held[1]])} />
          <Numeric name="Point Y" value={held[1]} readOnly={readOnly} onChange={(y) => setHandle(editor, id, handle, [held[0], y])} />
        </div>
      )}
      {points > 0 && <p className={css.hint}>{points} points. <Kbd>[</Kbd> <Kbd>]</Kbd> take hold of one, the arrows move it.</p>}
    </>
  )
}

interface NumericProps {
  name: string
  value: number
  options?: Field['options']
  readOnly: boolean
  onChange: (value: number) => void
}

function Numeric({ name, value, options, readOnly, onChange }: NumericProps) {
  if (options !== undefined) {
    return (
      <label>
        {name}
        <select value={value} disabled={readOnly} onChange={({ target }) => onChange(Number(target.value))}>
          {options.map(([each, text]) => <option key={each} value={each}>{text}</option>)}
        </select>
      </label>
    )
  }
  return (
    <label>
      {name}
      <input
        key={value}
        type="number"
        step="any"
        readOnly={readOnly}
        defaultValue={Math.round(value * 100) / 100}
        onBlur={({ target }) => {
          const wanted = Number(target.value)
          if (target.value !== '' && Number.isFinite(wanted) && wanted !== value) onChange(wanted)
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </label>
  )
}

export function ItemDetails({ editor, ontology, strict }: DetailsProps) {
  const item = useEditor(editor, (snapshot) => snapshot.item)
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const attributes = itemAttributes(ontology)
  if (attributes.length === 0) return null
  const set = (key: string, value: Value | undefined, how: 'step' | 'typing') => {
    if (how === 'step') {
      setItemAttribute(editor, key, value)
      return
    }
    const { [key]: _, ...rest } = editor.item.attributes ?? {}
    const said = value === undefined ? rest : { ...rest, [key]: value }
    editor.work(`text item ${key}`, () => editor.put([{ ...editor.item, attributes: said }]), 'merge')
  }
  return <AttributeForm attributes={attributes} values={(item.attributes ?? {}) as Values} set={set} readOnly={isReadOnly} strict={strict} />
}

const NOTE_MAX = 2_000

export function NoteField({ editor, id, label }: { editor: Editor; id: string; label: string }) {
  const note = useEditor(editor, (snapshot) => snapshot.item.note) ?? ''
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const count = codePoints(note)
  return (
    <div className={css.note}>
      <label htmlFor={id}>{label}</label>
      <textarea id={id} dir="auto" rows={2} value={note} readOnly={isReadOnly} placeholder="What was unclear, or why you decided so" onChange={(event) => setNote(editor, event.target.value)} />
      {count > NOTE_MAX * 0.9 && <small data-over={count > NOTE_MAX ? '' : undefined}>{count} of {NOTE_MAX}</small>}
    </div>
  )
}
