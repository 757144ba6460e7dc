/** Every key that works now, the quarrels between them, and the way to put them elsewhere. */
import { useEffect, useState } from 'react'
import { type Binding, type Chord, sharesMode } from '../../canvas'
import { Note } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { Kbd } from '../../ui/Kbd'
import css from './KeyList.module.css'
import { type Keys, chordOfEvent, keyLabel } from './keys'
import { type KeyChanges, useRemapping } from './remapping'

const groups: readonly (readonly [title: string, pattern: RegExp])[] = [
  ['The task', /^frame\.(?!aid|light|contrast)/],
  ['Classes', /^class\./],
  ['Tools', /^(tool|confirm|finish|back|cancel|skip|brush|snap)/],
  ['Objects', /^(select|delete|copy|cut|paste|duplicate|order|hide|lock|point|undo|redo|merge|holes|turn)/],
  ['View', /^(zoom|frame\.(aid|light|contrast))/],
  ['Arrows', /^(nudge|resize|aim|caret)/],
  ['Spans', /^span/],
]

interface Props {
  keys: Keys
  changes: KeyChanges
  open: boolean
  onClose: () => void
}

/** A key that is wanted for a command, and who has it now. */
interface Wish {
  readonly id: string
  readonly chord: Chord | null
  readonly owner: Binding | null
}

export function KeyList({ keys, changes, open, onClose }: Props) {
  const remapping = useRemapping(changes)
  const [isChanging, setChanging] = useState(false)
  const [wish, setWish] = useState<Wish | null>(null)
  const all = keys.map.bindings
  const names = new Map(all.map(({ id, label }) => [id, label]))
  const quarrels = keys.map.conflicts.filter(({ lost }) => keys.map.keysOf(lost).length === 0)
  const shown = isChanging ? all : all.filter((binding) => binding.keys.length > 0)

  const take = (id: string, chord: Chord) => {
    changes.set(id, [chord])
    setWish(null)
  }
  useCapture(wish !== null && wish.chord === null, (chord) => {
    if (wish === null) return
    if (chord === null) setWish(null)
    else if (chord === 'Backspace' || chord === 'Delete') {
      changes.set(wish.id, [])
      setWish(null)
    } else {
      const mine = all.find(({ id }) => id === wish.id)
      const owner = all.find((other) => other.id !== wish.id && other.keys.includes(chord) && mine !== undefined && sharesMode(other, mine)) ?? null
      if (owner === null) take(wish.id, chord)
      else setWish({ ...wish, chord, owner })
    }
  })

  return (
    <Dialog
      title="Keys"
      open={open}
      onClose={onClose}
      wide
      foot={
        <>
          {isChanging && <Button isDisabled={Object.keys(remapping).length === 0} onPress={() => changes.reset()}>All as they were</Button>}
          <Button
            aria-pressed={isChanging}
            onPress={() => {
              setWish(null)
              setChanging(!isChanging)
            }}
          >
            {isChanging ? 'Done' : 'Change keys'}
          </Button>
        </>
      }
    >
      {isChanging && <p className={css.help}>Choose a command, then press its new key. A key is a place on the keyboard: another layout changes nothing. What you change holds for you, in this browser.</p>}
      {quarrels.length > 0 && (
        <Note tone="warn" title="Keys wanted twice">
          {quarrels.map(({ chord, kept, lost }) => <p key={chord + lost}><Kbd>{keyLabel(chord)}</Kbd> is {names.get(kept)}; {names.get(lost)} has no key.</p>)}
        </Note>
      )}
      {wish?.chord != null && (
        <div className={css.asked}>
          <Note tone="warn" title={`${keyLabel(wish.chord)} is ${wish.owner?.label ?? ''}`} live>
            <p>Give it to “{names.get(wish.id)}”? “{wish.owner?.label}” then has no key, or its other one.</p>
            <Button size="small" look="primary" autoFocus onPress={() => wish.chord !== null && take(wish.id, wish.chord)}>Take it</Button>{' '}
            <Button size="small" onPress={() => setWish(null)}>Leave it</Button>
          </Note>
        </div>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long list is scrolled by keys */}
      <section className={css.keys} data-changing={isChanging ? '' : undefined} tabIndex={0} aria-label="All keys">
        {groups.map(([title, pattern]) => {
          const own = shown.filter(({ id }) => pattern.test(id))
          if (own.length === 0) return null
          return (
            <div key={title} className={css.group}>
              <h3>{title}</h3>
              <dl>
                {own.map(({ id, label, keys: chords }) => (
                  <div key={id} data-changed={remapping[id] === undefined ? undefined : ''}>
                    <dt>{label}</dt>
                    <dd>
                      {wish?.id === id && wish.chord === null
                        ? <span role="status">Press a key; Esc leaves it, ⌫ takes it away</span>
                        : chords.slice(0, 2).map((chord) => <Kbd key={chord}>{keyLabel(chord)}</Kbd>)}
                      {isChanging && (
                        <>
                          {remapping[id] !== undefined && <Button size="small" look="quiet" aria-label={`Undo the change of ${label}`} onPress={() => changes.set(id, null)}>Undo</Button>}
                          <Button size="small" aria-label={`Change the key of ${label}`} onPress={() => setWish({ id, chord: null, owner: null })}>Change</Button>
                        </>
                      )}
                    </dd>
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

const ALONE = /^(Control|Shift|Alt|Meta|CapsLock|Fn)/

/** The next key that is pressed, before anything else hears of it; null for Escape. */
function useCapture(isOn: boolean, tell: (chord: Chord | null) => void): void {
  useEffect(() => {
    if (!isOn) return
    const onKey = (event: KeyboardEvent) => {
      if (ALONE.test(event.code)) return
      event.preventDefault()
      event.stopImmediatePropagation()
      tell(event.code === 'Escape' ? null : chordOfEvent(event))
    }
    window.addEventListener('keydown', onKey, { capture: true })
    return () => window.removeEventListener('keydown', onKey, { capture: true })
  })
}
