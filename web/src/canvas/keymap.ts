import { type KeyInput, NO_MODIFIERS } from './events'
import type { Mode } from './tools/state'

/**
 * A key with its modifiers, by the place of the key on the keyboard and not by what is printed on
 * it: `Mod+Shift+KeyZ`. Modifiers come in the order Mod, Alt, Shift.
 */
export type Chord = string

export interface Binding {
  readonly id: string
  /** What it does, for the list of keys and for tooltips. */
  readonly label: string
  readonly keys: readonly Chord[]
  readonly when: readonly Mode[]
}

/** What a person has changed: the keys of a command, or none. */
export interface Remapping {
  readonly [id: string]: readonly Chord[]
}

/** Two commands want one key at one time (W35). The one kept works; the other has lost this key. */
export interface Conflict {
  readonly chord: Chord
  readonly kept: string
  readonly lost: string
}

/** Who says so, the stronger later: the editor, the project's ontology, the person at the keys. */
const RANKS = ['default', 'project', 'person'] as const
export type Rank = (typeof RANKS)[number]

export interface Layer {
  readonly rank: Rank
  readonly bindings: readonly Binding[]
}

const CHORD = /^(Mod\+)?(Alt\+)?(Shift\+)?[A-Z][A-Za-z0-9]*$/

export const isChord = (text: string): boolean => CHORD.test(text)

/** Whether there is a time at which both could be meant. */
export const sharesMode = (a: Binding, b: Binding): boolean => a.when.some((mode) => b.when.includes(mode))

/** The one registry of keys. Whoever wants a key asks here, so that no key ever means two things. */
export class Keymap {
  readonly #layers: readonly Layer[]
  #remapping: Remapping = {}
  #table = new Map<string, string>()
  #conflicts: Conflict[] = []

  constructor(layers: readonly Layer[]) {
    this.#layers = layers
    this.#build()
  }

  /** Takes the whole of a person's changes, in place of those before. */
  remap(remapping: Remapping): void {
    this.#remapping = remapping
    this.#build()
  }

  get conflicts(): readonly Conflict[] {
    return this.#conflicts
  }

  find(chord: Chord, mode: Mode): string | null {
    return this.#table.get(`${mode} ${chord}`) ?? null
  }

  /** All commands with the keys that work for them, for the list of keys. */
  get bindings(): Binding[] {
    const all = this.#layers.flatMap(({ bindings }) => bindings)
    return all.map((binding) => ({ ...binding, keys: this.keysOf(binding.id) }))
  }

  keysOf(id: string): Chord[] {
    const binding = this.#layers.flatMap(({ bindings }) => bindings).find((b) => b.id === id)
    if (binding === undefined) return []
    const wanted = this.#remapping[id] ?? binding.keys
    return wanted.filter((chord) => binding.when.some((mode) => this.find(chord, mode) === id))
  }

  #build(): void {
    this.#table = new Map()
    const conflicts = new Map<string, Conflict>()
    // The strongest takes its keys first; of equals, the first to ask.
    for (const rank of RANKS.toReversed()) {
      for (const { chord, binding } of this.#claims(rank)) {
        if (!isChord(chord)) throw new Error(`${binding.id}: ${chord} is not a key`)
        for (const mode of binding.when) {
          const kept = this.#table.get(`${mode} ${chord}`)
          if (kept === undefined) this.#table.set(`${mode} ${chord}`, binding.id)
          else if (kept !== binding.id) conflicts.set(`${chord} ${kept} ${binding.id}`, { chord, kept, lost: binding.id })
        }
      }
    }
    this.#conflicts = [...conflicts.values()]
  }

  #claims(rank: Rank): { chord: Chord; binding: Binding }[] {
    return this.#layers.flatMap((layer) =>
      layer.bindings.flatMap((binding) => {
        const own = this.#remapping[binding.id]
        if ((own === undefined ? layer.rank : 'person') !== rank) return []
        return (own ?? binding.keys).map((chord) => ({ chord, binding }))
      }),
    )
  }
}

/** The chord that a key press is. The keys of the number pad count as those they double. */
export function chordOf({ code, modifiers = NO_MODIFIERS }: Pick<KeyInput, 'code' | 'modifiers'>): Chord {
  const key = code === 'NumpadEnter' ? 'Enter' : code.replace(/^Numpad(\d)$/, 'Digit$1')
  return `${modifiers.mod ? 'Mod+' : ''}${modifiers.alt ? 'Alt+' : ''}${modifiers.shift ? 'Shift+' : ''}${key}`
}

const PRINTED: { readonly [code: string]: string } = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  BracketLeft: '[',
  BracketRight: ']',
  Comma: ',',
  Period: '.',
  Equal: '=',
  Minus: '-',
  Semicolon: ';',
  Quote: "'",
  Backquote: '`',
  Backslash: '\\',
  Slash: '/',
  Escape: 'Esc',
  NumpadAdd: 'Num +',
  NumpadSubtract: 'Num -',
}

/** How a chord is written for people. `layout` knows what is printed on the keys, where the browser tells. */
export function chordLabel(chord: Chord, platform: 'mac' | 'other', layout?: ReadonlyMap<string, string>): string {
  const parts = chord.split('+').map((part) => {
    if (part === 'Mod') return platform === 'mac' ? '⌘' : 'Ctrl'
    const printed = layout?.get(part)?.toUpperCase() ?? PRINTED[part]
    return printed ?? part.replace(/^(Key|Digit)/, '')
  })
  return parts.join(platform === 'mac' ? ' ' : '+')
}
