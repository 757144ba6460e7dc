/** Everything that can be done now, found by its name. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import type { Binding } from '../../canvas'
import { Dialog } from '../../ui/Dialog'
import { Kbd } from '../../ui/Kbd'
import css from './KeyList.module.css'
import { keyLabel } from './keys'

interface Props {
  bindings: readonly Binding[]
  open: boolean
  onClose: () => void
  onRun: (id: string) => void
}

/** Each word of what is looked for begins a word of the name; those whose name begins with it come first. */
export function findCommands(bindings: readonly Binding[], wanted: string): Binding[] {
  const words = wanted.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const matches = bindings.filter(({ label }) => {
    const parts = label.toLowerCase().split(/[\s,]+/)
    return words.every((word) => parts.some((part) => part.startsWith(word)))
  })
  const first = (label: string) => (words[0] !== undefined && label.toLowerCase().startsWith(words[0]) ? 0 : 1)
  return matches.sort((a, b) => first(a.label) - first(b.label))
}

export function CommandPalette({ bindings, open, onClose, onRun }: Props) {
  const id = useId()
  const [wanted, setWanted] = useState('')
  const [at, setAt] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const found = findCommands(bindings, wanted)
  const active = Math.min(at, found.length - 1)

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is active, and of what, is what has to be seen
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }, [active, wanted])

  const run = (binding: Binding | undefined) => {
    if (binding === undefined) return
    onClose()
    onRun(binding.id)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: found.length - 1 }
    const step = steps[event.key]
    if (step !== undefined) setAt((step + found.length) % Math.max(1, found.length))
    else if (event.key === 'Enter') run(found[active])
    else return
    event.preventDefault()
  }
  return (
    <Dialog title="Commands" open={open} onClose={onClose}>
      <div className={css.palette}>
        <input
          type="text"
          role="combobox"
          aria-label="What do you want to do?"
          placeholder="What do you want to do?"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
          autoComplete="off"
          autoFocus
          value={wanted}
          onChange={({ target }) => {
            setWanted(target.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
        <div ref={list} id={`${id}-list`} className={css.found} role="listbox" aria-label="Commands" tabIndex={-1}>
          {found.map((binding, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
            // biome-ignore lint/a11y/useFocusableInteractive: as above
            <div key={binding.id} id={`${id}-${i}`} role="option" aria-selected={i === active} onClick={() => run(binding)} onPointerMove={() => setAt(i)}>
              <span>{binding.label}</span>
              <span>{binding.keys.slice(0, 1).map((chord) => <Kbd key={chord}>{keyLabel(chord)}</Kbd>)}</span>
            </div>
          ))}
        </div>
        <p className="sr" role="status">{found.length === 0 ? 'There is no such command.' : `${found.length} commands`}</p>
        {found.length === 0 && <p>There is no such command.</p>}
      </div>
    </Dialog>
  )
}
