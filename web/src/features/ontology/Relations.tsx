import { type CSSProperties, type Dispatch, useRef } from 'react'
import { Button, IconButton } from '../../ui/Button'
import { Checkbox } from '../../ui/Choice'
import { Menu, MenuItem } from '../../ui/Menu'
import { Card, layout } from '../../ui/Page'
import { toast } from '../../ui/toast'
import type { Act } from './edit'
import type { Doc, Problem, RelationRow } from './model'
import css from './Ontology.module.css'

interface Props { doc: Doc; problems: readonly Problem[]; act: Dispatch<Act> }

/** How one thing may stand to another: a trailer to what pulls it, a person to a place. */
export function Relations({ doc, problems, act }: Props) {
  const list = useRef<HTMLDivElement>(null)
  const add = () => {
    act({ type: 'relation.add' })
    requestAnimationFrame(() => {
      const last = [...(list.current?.querySelectorAll<HTMLInputElement>('[data-relation]') ?? [])].at(-1)
      last?.focus()
      last?.select()
    })
  }
  return (
    <Card title="Relations" acts={<Button size="small" icon="plus" onPress={add}>Add a relation</Button>}>
      {doc.relations.length === 0 && <p className={layout.quiet}>None yet. A relation joins two things that are marked: what pulls what, who lives where.</p>}
      <div className={css.column} ref={list}>
        {doc.relations.map((row) => <Relation key={row.uid} row={row} doc={doc} act={act} problems={problems.filter(({ uid }) => uid === row.uid)} />)}
      </div>
    </Card>
  )
}

function Relation({ row, doc, act, problems }: { row: RelationRow } & Props) {
  const change = (change: Partial<Omit<RelationRow, 'uid' | 'key'>>) => act({ type: 'relation.change', uid: row.uid, change })
  const remove = () => {
    act({ type: 'relation.remove', uid: row.uid })
    toast(`${row.name || 'The relation'} removed.`, { act: { label: 'Undo', run: () => act({ type: 'undo' }) } })
  }
  return (
    <fieldset className={css.attribute} data-retired={row.retired ? '' : undefined} aria-label={row.name || 'New relation'}>
      <header>
        <input className={css.name} data-relation="" value={row.name} dir="auto" aria-label="Name" maxLength={200} aria-invalid={problems.length > 0 || undefined} onChange={(event) => change({ name: event.target.value })} />
        {row.retired && <span className={css.type}>retired</span>}
        <Menu label={`More for ${row.name}`} trigger={<IconButton icon="more" size="small" label="More" />}>
          {row.key === null
            ? <MenuItem icon="trash" danger onAction={remove}>Remove</MenuItem>
            : <MenuItem icon="archive" onAction={() => change({ retired: !row.retired })}>{row.retired ? 'Bring back' : 'Retire'}</MenuItem>}
        </Menu>
      </header>
      {!row.retired && (
        <div className={css.body}>
          <Ends title={row.isMutual ? 'One end' : 'From'} doc={doc} chosen={row.from} onChange={(from) => change({ from })} />
          <Ends title={row.isMutual ? 'The other end' : 'To'} doc={doc} chosen={row.to} onChange={(to) => change({ to })} />
          <div className={css.wide}>
            <Checkbox label="Goes both ways" help="Either end may be called the first: next to, same as." checked={row.isMutual} onChange={(isMutual) => change({ isMutual })} />
          </div>
          {problems.map(({ message }) => <p key={message} className={css.problem} role="alert">{message}</p>)}
        </div>
      )}
    </fieldset>
  )
}

interface EndsProps { title: string; doc: Doc; chosen: readonly string[]; onChange: (chosen: readonly string[]) => void }

function Ends({ title, doc, chosen, onChange }: EndsProps) {
  return (
    <div className={layout.stack} role="group" aria-label={title}>
      <span className={css.caption}>{title} <span className={layout.quiet}>{chosen.length === 0 ? 'any class' : 'these and those below them'}</span></span>
      <div className={css.pick}>
        {doc.classes.filter((each) => !each.retired || chosen.includes(each.uid)).map((each) => (
          <label key={each.uid}>
            <input type="checkbox" checked={chosen.includes(each.uid)} onChange={(event) => onChange(event.target.checked ? [...chosen, each.uid] : chosen.filter((id) => id !== each.uid))} />
            <span className={css.dot} style={{ '--dot': each.color } as CSSProperties} />{each.name || 'New class'}
          </label>
        ))}
      </div>
    </div>
  )
}
