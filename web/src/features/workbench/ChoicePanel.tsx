/** A question with answers to choose from: one, or any number. */
import { type Editor, setChoices } from '../../canvas'
import { Kbd } from '../../ui/Kbd'
import type { Ontology } from '../queue/model'
import css from './Choice.module.css'
import { nest } from './classes'
import { choiceKeys, keyLabel } from './keys'
import { useEditor } from './useEditor'

interface ChoiceProps {
  editor: Editor
  ontology: Ontology
  many: boolean
  /** How many others chose each, where the adjudicator sees the votes. */
  votes?: ReadonlyMap<string, string> | undefined
  /** Whether the keys of the classes mark spans, so that choosing wants Alt besides. */
  withAlt?: boolean
}

/** Chooses, or takes back: the same by press and by key. */
export function toggleChoice(editor: Editor, key: string, many: boolean): void {
  const choices = editor.item.choices ?? []
  const has = choices.includes(key)
  if (!many) setChoices(editor, has ? [] : [key])
  else setChoices(editor, has ? choices.filter((each) => each !== key) : [...choices, key])
}

export function ChoicePanel({ editor, ontology, many, votes, withAlt = false }: ChoiceProps) {
  const choices = useEditor(editor, ({ item }) => item.choices) ?? []
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const rows = nest(ontology)
  const keys = choiceKeys(rows.map(({ each }) => each))
  const options = rows.map(({ each, depth }) => {
    const picked = choices.includes(each.key)
    const chord = keys.get(each.key)
    const shared = { type: 'button', className: css.choice, style: { marginInlineStart: depth * 20 }, disabled: isReadOnly, onClick: () => toggleChoice(editor, each.key, many) } as const
    const inside = (
      <>
        <span className={css.tick} data-many={many ? '' : undefined} />
        <span className={css.swatch} style={{ background: each.color }} />
        <span className={css.name}>
          {each.name}
          {each.description && <small>{each.description}</small>}
        </span>
        {votes?.get(each.key) !== undefined && <span className={css.votes}>{votes.get(each.key)}</span>}
        {chord !== undefined && <Kbd>{keyLabel(withAlt ? `Alt+${chord}` : chord)}</Kbd>}
      </>
    )
    return many
      ? <button key={each.key} role="checkbox" aria-checked={picked} {...shared}>{inside}</button>
      : <button key={each.key} role="radio" aria-checked={picked} {...shared}>{inside}</button>
  })
  if (many) return <div className={css.choices} role="group" aria-label="Choose all that apply">{options}</div>
  return <div className={css.choices} role="radiogroup" aria-label="Choose one">{options}</div>
}
