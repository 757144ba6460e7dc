/**
 * The keys that a person has put elsewhere (W35): kept in this browser, for this person, in every
 * project. A key is a place on the keyboard, so a change of the layout changes none of them.
 */
import { useSyncExternalStore } from 'react'
import { type Chord, type Remapping, isChord } from '../../canvas'

const NOTHING: Remapping = {}
const nameOf = (person: string): string => `fairmark.keys.${person}`

/** What was kept, without what is no key: another version may have written it, or a hand. */
export function readRemapping(text: string | null): Remapping {
  if (text === null) return NOTHING
  try {
    const kept: unknown = JSON.parse(text)
    if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return NOTHING
    const isKeys = (keys: unknown): keys is readonly Chord[] => Array.isArray(keys) && keys.every((key) => typeof key === 'string' && isChord(key))
    return Object.fromEntries(Object.entries(kept).filter(([, keys]) => isKeys(keys)))
  } catch {
    return NOTHING
  }
}

export class KeyChanges {
  readonly #name: string
  readonly #listeners = new Set<() => void>()
  #state: Remapping

  constructor(person: string) {
    this.#name = nameOf(person)
    this.#state = readRemapping(localStorage.getItem(this.#name))
    // Changed in another tab, it holds in this one, too.
    window.addEventListener('storage', ({ key, newValue }) => key === this.#name && this.#take(readRemapping(newValue)))
  }

  get state(): Remapping {
    return this.#state
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Gives a command these keys; null gives it back its own. */
  set(id: string, keys: readonly Chord[] | null): void {
    const { [id]: _, ...others } = this.#state
    this.#keep(keys === null ? others : { ...others, [id]: keys })
  }

  reset(): void {
    this.#keep(NOTHING)
  }

  #keep(next: Remapping): void {
    this.#take(next)
    try {
      if (Object.keys(next).length === 0) localStorage.removeItem(this.#name)
      else localStorage.setItem(this.#name, JSON.stringify(next))
    } catch {
      // A browser that keeps nothing: the keys hold until the page is left.
    }
  }

  #take(next: Remapping): void {
    this.#state = next
    for (const listener of this.#listeners) listener()
  }
}

const known = new Map<string, KeyChanges>()

export function keyChangesOf(person: string): KeyChanges {
  const changes = known.get(person) ?? new KeyChanges(person)
  known.set(person, changes)
  return changes
}

export const useRemapping = (changes: KeyChanges): Remapping => useSyncExternalStore(changes.listen, () => changes.state)
