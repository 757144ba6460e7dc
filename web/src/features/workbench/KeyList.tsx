/** Every key that works now, and the quarrels between them. */
import { Note } from '../../ui/Bits'
import { Dialog } from '../../ui/Dialog'
import { Kbd } from '../../ui/Kbd'
import css from './Bench.module.css'
import { type Keys, keyLabel } from './keys'

const groups: readonly (readonly [title: string, pattern: RegExp])[] = [
  ['The task', /^frame\./],
  ['Classes', /^class\./],
  ['Tools', /^(tool|confirm|finish|back|cancel)/],
  ['Objects', /^(select|delete|copy|cut|paste|duplicate|order|hide|lock|point|undo|redo)/],
  ['View', /^zoom/],
  ['Arrows', /^(nudge|resize|aim)/],
]

export function KeyList({ keys, open, onClose }: { keys: Keys; open: boolean; onClose: () => void }) {
  const bindings = keys.map.bindings.filter((binding) => binding.keys.length > 0)
  const names = new Map(keys.map.bindings.map(({ id, label }) => [id, label]))
  const quarrels = keys.map.conflicts.filter(({ lost }) => keys.map.keysOf(lost).length === 0)
  return (
    <Dialog title="Keys" open={open} onClose={onClose} wide>
      {quarrels.length > 0 && (
        <Note tone="warn" title="Keys wanted twice">
          {quarrels.map(({ chord, kept, lost }) => <p key={chord + lost}><Kbd>{keyLabel(chord)}</Kbd> is {names.get(kept)}; {names.get(lost)} has no key.</p>)}
        </Note>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long list is scrolled by keys */}
      <section className={css.keys} tabIndex={0} aria-label="All keys">
        {groups.map(([title, pattern]) => {
          const own = bindings.filter(({ id }) => pattern.test(id))
          if (own.length === 0) return null
          return (
            <div key={title} className={css.keyGroup}>
              <h3>{title}</h3>
              <dl>
                {own.map(({ id, label, keys: chords }) => (
                  <div key={id}>
                    <dt>{label}</dt>
                    <dd>{chords.slice(0, 2).map((chord) => <Kbd key={chord}>{keyLabel(chord)}</Kbd>)}</dd>
                  </div>
                ))}
              </dl>
            </div>
          )
        })}
      </section>
    </Dialog>
  )
}
