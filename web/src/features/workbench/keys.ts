/**
 * The keys of the frame around the editor. They stand in one registry with the editor's own and the
 * project's hotkeys, so that no key means two things and the list of keys is complete.
 */
import { type Binding, type Chord, type Editor, Keymap, type Mode, type Remapping, chordLabel, chordOf, commands, toolIds } from '../../canvas'
import { classCommands } from '../../canvas/commands'
import type { Ontology, OntologyClass } from '../queue/model'

export interface FrameCommand extends Binding {
  readonly run: () => void
}

const RESTING: readonly Mode[] = ['select', 'ready']

/** A key of the frame: it works while no shape is under way. */
export const frameKey = (id: string, label: string, keys: readonly Chord[], run: () => void): FrameCommand => ({
  id: `frame.${id}`,
  label,
  keys,
  when: RESTING,
  run,
})

export interface Keys {
  readonly map: Keymap
  readonly frame: ReadonlyMap<string, FrameCommand>
}

interface Options {
  frame: readonly FrameCommand[]
  /** Which keys of the editor and of the project are in use now. */
  editor: 'all' | 'looking' | 'none'
  classes: readonly Binding[]
  /** What there is to do, and the tools: the keys of others would be promises that nobody keeps. */
  does?: Pick<Editor, 'commands' | 'tools'>
  /** What the person has put on other keys. */
  remapping?: Remapping
}

/** Commands that change nothing: what a reviewer has before the decision to fix. */
const LOOKING = /^(zoom|nudge|select|frame\.|span\.(next|previous|leave)|tool\.(select|pan|comment)|cancel|hide|camera\.|copy$)/

export function makeKeys({ frame, editor, classes, does = { commands, tools: toolIds }, remapping = {} }: Options): Keys {
  const isThere = (id: string) => !id.startsWith('tool.') || does.tools.some((tool) => id === `tool.${tool}`)
  const own = editor === 'none' ? [] : does.commands.filter(({ id }) => isThere(id) && (editor === 'all' || LOOKING.test(id)))
  const map = new Keymap([
    { rank: 'default', bindings: [...frame, ...own] },
    { rank: 'project', bindings: classes },
  ])
  map.remap(remapping)
  return { map, frame: new Map(frame.map((command) => [command.id, command])) }
}

export const drawingClasses = (ontology: Ontology): readonly Binding[] => classCommands(ontology as never)

/** Keys for choosing: the ontology's own, and digits for the first classes that have none. */
export function choiceKeys(classes: readonly OntologyClass[]): Map<string, Chord> {
  const taken = new Set(classes.map(({ hotkey }) => hotkey))
  const free = [...'123456789'].filter((digit) => !taken.has(digit))
  const keys = new Map<string, Chord>()
  for (const { key, hotkey } of classes) {
    const letter = hotkey ?? free.shift()
    if (letter !== undefined && letter !== null) keys.set(key, letter >= 'a' ? `Key${letter.toUpperCase()}` : `Digit${letter}`)
  }
  return keys
}

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

export const keyLabel = (chord: Chord): string => (chord === 'Shift+Slash' ? '?' : chordLabel(chord, isMac ? 'mac' : 'other'))

export const chordOfEvent = (event: KeyboardEvent): Chord =>
  chordOf({
    code: event.code,
    modifiers: { shift: event.shiftKey, alt: event.altKey, mod: isMac ? event.metaKey : event.ctrlKey },
  })

export const toKeyInput = (event: KeyboardEvent) => ({
  type: event.type as 'keydown' | 'keyup',
  code: event.code,
  repeat: event.repeat,
  modifiers: { shift: event.shiftKey, alt: event.altKey, mod: isMac ? event.metaKey : event.ctrlKey },
})

/** Where keys are letters to be written, or belong to a list or a menu that has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)
}
