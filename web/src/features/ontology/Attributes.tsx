import { type Dispatch, useRef, useState } from 'react'
import type { AttributeType } from '../../api/types'
import { Button, IconButton } from '../../ui/Button'
import { Checkbox, Segments } from '../../ui/Choice'
import { Field } from '../../ui/Field'
import { Menu, MenuItem, MenuRule } from '../../ui/Menu'
import { Card, layout } from '../../ui/Page'
import { Select } from '../../ui/Select'
import { toast } from '../../ui/toast'
import type { Act } from './edit'
import type { AttributeRow, Doc, Problem } from './model'
import css from './Ontology.module.css'
import { Options } from './Options'

interface Props {
  doc: Doc
  problems: readonly Problem[]
  act: Dispatch<Act>
  /** Whether the items are videos, in which a value may change. */
  hasFrames?: boolean
}

export const typeNames: Record<AttributeType, string> = { boolean: 'Yes or no', select: 'One of a list', multi: 'Several of a list', text: 'Text', number: 'Number' }
const types = Object.keys(typeNames) as AttributeType[]

/** What more is said about an object, or about the whole item. */
export function Attributes({ doc, problems, act, hasFrames = false }: Props) {
  const [open, setOpen] = useState<string | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const added = useRef(false)
  const add = (kind: AttributeType) => {
    act({ type: 'attribute.add', kind, scope: 'object' })
    added.current = true
  }
  /** A menu that has closed gives the focus back to its button, however long that takes; from there it goes to the new name. */
  const onFocus = () => {
    if (!added.current) return
    added.current = false
    const last = [...(list.current?.querySelectorAll<HTMLInputElement>('[data-attribute]') ?? [])].at(-1)
    last?.focus()
    last?.select()
  }
  return (
    <Card
      title="Attributes"
      acts={
        <Menu label="Add an attribute" trigger={<Button size="small" icon="plus" onFocus={onFocus}>Add an attribute</Button>}>
          {types.map((kind) => <MenuItem key={kind} onAction={() => add(kind)}>{typeNames[kind]}</MenuItem>)}
        </Menu>
      }
    >
      {doc.attributes.length === 0 && <p className={layout.quiet}>None yet. An attribute asks one more thing: is it occluded, which colour, how many.</p>}
      <div className={css.column} ref={list}>
        {doc.attributes.map((row) => (
          <Attribute
            key={row.uid} row={row} doc={doc} act={act} hasFrames={hasFrames} problems={problems.filter((problem) => problem.uid === row.uid)}
            open={open === row.uid || row.key === null} onOpen={(is) => setOpen(is ? row.uid : null)}
          />
        ))}
      </div>
    </Card>
  )
}

const summary = (row: AttributeRow): string =>
  [typeNames[row.type], row.scope === 'item' ? 'whole item' : row.classes.length > 0 ? row.classes.length === 1 ? '1 class' : `${row.classes.length} classes` : 'every object', row.required ? 'required' : ''].filter(Boolean).join(' · ')

function Attribute({ row, doc, act, hasFrames, problems, open, onOpen }: { row: AttributeRow; doc: Doc; act: Dispatch<Act>; hasFrames: boolean; problems: readonly Problem[]; open: boolean; onOpen: (open: boolean) => void }) {
  const change = (change: Partial<Omit<AttributeRow, 'uid' | 'key' | 'options'>>) => act({ type: 'attribute.change', uid: row.uid, change })
  const hasOptions = row.type === 'select' || row.type === 'multi'
  const remove = () => {
    act({ type: 'attribute.remove', uid: row.uid })
    toast(`${row.name || 'The attribute'} removed.`, { act: { label: 'Undo', run: () => act({ type: 'undo' }) } })
  }
  return (
    <fieldset className={css.attribute} data-retired={row.retired ? '' : undefined} aria-label={row.name || 'New attribute'}>
      <header>
        <input className={css.name} data-attribute="" value={row.name} dir="auto" aria-label="Name" maxLength={200} aria-invalid={problems.some((problem) => problem.field === 'name') || undefined} onChange={(event) => change({ name: event.target.value })} />
        {!open && <span className={css.type}>{row.retired ? 'retired' : summary(row)}</span>}
        {row.key !== null && <IconButton icon={open ? 'up' : 'down'} size="small" label={open ? 'Close' : 'Open'} aria-expanded={open} onPress={() => onOpen(!open)} />}
        <Menu label={`More for ${row.name}`} trigger={<IconButton icon="more" size="small" label="More" />}>
          <MenuItem icon="up" onAction={() => act({ type: 'attribute.up', uid: row.uid })}>Move up</MenuItem>
          <MenuItem icon="down" onAction={() => act({ type: 'attribute.down', uid: row.uid })}>Move down</MenuItem>
          <MenuRule />
          {row.key === null
            ? <MenuItem icon="trash" danger onAction={remove}>Remove</MenuItem>
            : <MenuItem icon="archive" onAction={() => change({ retired: !row.retired })}>{row.retired ? 'Bring back' : 'Retire'}</MenuItem>}
        </Menu>
      </header>
      {open && (
        <div className={css.body}>
          <Select label="Type" value={row.type} disabled={row.key !== null} onChange={(type) => change({ type })} options={types.map((type) => ({ value: type, label: typeNames[type] }))} />
          <div className={css.pair}>
            <span className={css.caption}>About</span>
            <Segments label="About" value={row.scope} onChange={(scope) => change({ scope })} options={[{ value: 'object', label: 'Each object' }, { value: 'item', label: 'The whole item' }]} />
          </div>
          {hasOptions && <div className={css.wide}><Options row={row} act={act} /></div>}
          {row.type === 'number' && (
            <>
              <Field label="Least" type="number" optional value={row.min === null ? '' : String(row.min)} onChange={(text) => change({ min: text === '' ? null : Number(text) })} />
              <Field label="Greatest" type="number" optional value={row.max === null ? '' : String(row.max)} onChange={(text) => change({ max: text === '' ? null : Number(text) })} problem={problems.find((problem) => problem.field === 'max')?.message} />
            </>
          )}
          {row.scope === 'object' && doc.classes.length > 0 && (
            <div className={css.wide}>
              <div className={layout.stack}>
                <span className={css.caption}>For classes <span className={layout.quiet}>{row.classes.length === 0 ? 'all of them' : 'and those below them'}</span></span>
                <div className={css.pick}>
                  {doc.classes.filter((each) => !each.retired || row.classes.includes(each.uid)).map((each) => (
                    <label key={each.uid}>
                      <input type="checkbox" checked={row.classes.includes(each.uid)} onChange={(event) => change({ classes: event.target.checked ? [...row.classes, each.uid] : row.classes.filter((id) => id !== each.uid) })} />
                      <span className={css.dot} style={{ '--dot': each.color } as React.CSSProperties} />{each.name || 'New class'}
                    </label>
                  ))}
                </div>
              </div>
            </div>
          )}
          <Checkbox label="Required" help="An answer without it is not taken." checked={row.required} onChange={(required) => change({ required })} />
          {hasFrames && row.scope === 'object' && <Checkbox label="May change from frame to frame" help="Said at a keyframe, it holds until another says something else." checked={row.perFrame} onChange={(perFrame) => change({ perFrame })} />}
          <DefaultValue row={row} change={change} />
          {problems.filter((problem) => problem.field === 'options').slice(0, 1).map((problem) => <p key={problem.message} className={css.problem} role="alert">{problem.message}</p>)}
        </div>
      )}
    </fieldset>
  )
}

/** What the workbench fills in before anybody says anything. */
function DefaultValue({ row, change }: { row: AttributeRow; change: (change: { default: AttributeRow['default'] }) => void }) {
  const set = (value: AttributeRow['default']) => change({ default: value })
  switch (row.type) {
    case 'boolean':
      return <Select label="Filled in as" value={row.default === true ? 'yes' : row.default === false ? 'no' : 'none'} onChange={(value) => set(value === 'none' ? null : value === 'yes')} options={[{ value: 'none', label: 'Nothing' }, { value: 'no', label: 'No' }, { value: 'yes', label: 'Yes' }]} />
    case 'select':
      return <Select label="Filled in as" value={typeof row.default === 'string' && row.default ? row.default : 'none'} onChange={(value) => set(value === 'none' ? null : value)} options={[{ value: 'none', label: 'Nothing' }, ...row.options.filter((option) => !option.retired).map((option) => ({ value: option.uid, label: option.name || 'New option' }))]} />
    case 'multi': {
      const chosen = Array.isArray(row.default) ? row.default : []
      return (
        <div className={layout.stack}>
          <span className={css.caption}>Filled in as</span>
          <div className={css.pick}>
            {row.options.filter((option) => !option.retired).map((option) => (
              <label key={option.uid}>
                <input type="checkbox" checked={chosen.includes(option.uid)} onChange={(event) => set(event.target.checked ? [...chosen, option.uid] : chosen.filter((id) => id !== option.uid))} />
                {option.name || 'New option'}
              </label>
            ))}
          </div>
        </div>
      )
    }
    case 'number':
      return <Field label="Filled in as" type="number" optional value={typeof row.default === 'number' ? String(row.default) : ''} onChange={(text) => set(text === '' ? null : Number(text))} />
    case 'text':
      return <Field label="Filled in as" optional value={typeof row.default === 'string' ? row.default : ''} onChange={(text) => set(text === '' ? null : text)} />
  }
}
