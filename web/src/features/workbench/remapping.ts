/**
 * The keys that a person has put elsewhere (W35): with the person, on each of their devices (W173), in every
 * project. A key is a place on the keyboard, so a change of the layout changes none of them.
 */
import { useSyncExternalStore } from 'react'
import { type Chord, type Remapping, isChord } from '../../canvas'
import type { Kept } from '../kept'

const NOTHING: Remapping = {}
const ENTRY = 'keys'

/** What was kept, without what is no key: another version may have written it, or a hand. */
export function remappingOf(kept: unknown): Remapping {
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return NOTHING
  const isKeys = (keys: unknown): keys is readonly Chord[] => Array.isArray(keys) && keys.every((key) => typeof key === 'string' && isChord(key))
  return Object.fromEntries(Object.entries(kept).filter(([, keys]) => isKeys(keys)))
}

/** What a browser kept before keys were with the person. */
export function readRemapping(text: string | null): Remapping {
  try {
    return remappingOf(JSON.parse(text ?? 'null'))
  } catch {
    return NOTHING
  }
}

export class KeyChanges {
  readonly #kept: Kept
  #state: Remapping = NOTHING
  #said: unknown = null

  constructor(kept: Kept) {
    this.#kept = kept
    this.#read()
    kept.listen(() => this.#read())
  }

  get state(): Remapping {
    return this.#state
  }

  listen = (listener: () => void): (() => void) => this.#kept.listen(listener)

  /** Gives a command these keys; null gives it back its own. */
  set(id: string, keys: readonly Chord[] | null): void {
    const { [id]: _, ...others } = this.#state
    this.#keep(keys === null ? others : { ...others, [id]: keys })
  }

  reset(): void {
    this.#keep(NOTHING)
  }

  #keep(next: Remapping): void {
    this.#kept.set(ENTRY, Object.keys(next).length === 0 ? null : next)
  }

  #read(): void {
    const said = this.#kept.get(ENTRY)
    // As long as nobody says something else it is the same object: whoever looks is not drawn again.
    if (JSON.stringify(said) === JSON.stringify(this.#said)) return
    this.#said = said
    this.#state = remappingOf(said)
  }
}

const known = new WeakMap<Kept, KeyChanges>()

export function keyChangesOf(kept: Kept, person: string): KeyChanges {
  const had = known.get(kept)
  if (had !== undefined) return had
  const changes = new KeyChanges(kept)
  known.set(kept, changes)
  const before = `fairmark.keys.${person}`
  try {
    const old = readRemapping(localStorage.getItem(before))
    localStorage.removeItem(before)
    if (Object.keys(old).length > 0 && kept.get(ENTRY) === null) kept.set(ENTRY, old)
  } catch {
    // A browser that keeps nothing has nothing to hand over.
  }
  return changes
}

export const useRemapping = (changes: KeyChanges): Remapping => useSyncExternalStore(changes.listen, () => changes.state)
