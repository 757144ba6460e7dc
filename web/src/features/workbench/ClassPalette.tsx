/** The classes to draw with, or to give to what is selected; each under its key. */
import { type Editor, setClass } from '../../canvas'
import { Kbd } from '../../ui/Kbd'
import type { Ontology } from '../queue/model'
import { nest } from './classes'
import { keyLabel } from './keys'
import css from './Panels.module.css'
import { useEditor, useStateFor } from './useEditor'

/** With more classes than this a person looks for them by name. */
const FILTER_FROM = 13
/** A name of more letters may be cut off: pointing at it tells the whole. */
const LONG = 24

export function ClassPalette({ editor, ontology }: { editor: Editor; ontology: Ontology }) {
  const current = useEditor(editor, ({ session }) => session.class)
  const selected = useEditor(editor, (snapshot) => snapshot.selected)
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const [filter, setFilter] = useStateFor(editor, '')
  const rows = nest(ontology)
  const wanted = filter.trim().toLowerCase()
  const shown = wanted === '' ? rows : rows.filter(({ each }) => each.name.toLowerCase().includes(wanted) || each.key.includes(wanted))
  const ofSelection = new Set(selected.map((object) => object.class))
  return (
    <div className={css.palette}>
      {rows.length >= FILTER_FROM && (
        <input className={css.filter} type="search" placeholder="Find a class" aria-label="Find a class" value={filter} onChange={(event) => setFilter(event.target.value)} />
      )}
      <div role="group" aria-label="Classes" className={css.classes}>
        {shown.map(({ each, depth }) => {
          const [key] = editor.keymap.keysOf(`class.${each.key}`)
          return (
            <button
              key={each.key}
              type="button"
              className={css.class}
              aria-pressed={each.key === current}
              data-of-selection={ofSelection.has(each.key) ? '' : undefined}
              disabled={isReadOnly}
              title={each.description ?? (each.name.length > LONG ? each.name : undefined)}
              style={{ paddingInlineStart: 8 + depth * 16 }}
              onClick={() => setClass(editor, each.key)}
            >
              <span className={css.swatch} style={{ background: each.color }} />
              <span className={css.className}>{each.name}</span>
              {key !== undefined && <Kbd>{keyLabel(key)}</Kbd>}
            </button>
          )
        })}
        {shown.length === 0 && <p className={css.none}>No class has this name.</p>}
      </div>
    </div>
  )
}
