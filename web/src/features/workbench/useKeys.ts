import { useEffect, useMemo, useRef } from 'react'
import type { Binding, Editor, Remapping } from '../../canvas'
import { type FrameCommand, type Keys, chordOfEvent, isTyping, makeKeys, toKeyInput } from './keys'

/** Which keys of the editor are in use. */
export type EditorKeys = 'all' | 'looking' | 'none'

interface Options {
  editor: Editor
  frame: readonly FrameCommand[]
  editorKeys: EditorKeys
  classes: readonly Binding[]
  onClass: ((key: string) => void) | undefined
  /** What the person has put on other keys. */
  remapping: Remapping
}

/**
 * One listener for the page. The frame's own keys come first; what is left goes to the editor,
 * wherever the focus is, unless something that has the focus wants it for itself.
 */
export function useKeys({ editor, frame, editorKeys, classes, onClass, remapping }: Options): Keys {
  const latest = useRef({ frame, onClass })
  latest.current = { frame, onClass }
  const signature = frame.map(({ id, keys }) => `${id} ${keys.join(' ')}`).join('; ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the signature stands for the commands
  const keys = useMemo(() => {
    const stable = latest.current.frame.map((command) => ({
      ...command,
      // The command of the last drawing of the page, not of the first.
      run: () => latest.current.frame.find(({ id }) => id === command.id)?.run(),
    }))
    return makeKeys({ frame: stable, editor: editorKeys, classes, does: editor, remapping })
  }, [signature, editorKeys, classes, editor, remapping])

  useEffect(() => editor.keymap.remap(remapping), [editor, remapping])

  useEffect(() => {
    const onFrameKey = (event: KeyboardEvent) => {
      if (event.isComposing || isElsewhere(event.target)) return
      const chord = chordOfEvent(event)
      if (isTyping(event.target) && chord !== 'Mod+Enter' && chord !== 'Mod+KeyK') {
        if (chord === 'Escape') (event.target as HTMLElement).blur()
        return
      }
      if (isPress(event)) return
      const id = keys.map.find(chord, editor.getSnapshot().mode)
      const command = id === null ? undefined : keys.frame.get(id)
      const { onClass } = latest.current
      const classKey = id?.startsWith('class.') && onClass !== undefined ? id.slice('class.'.length) : null
      if (command === undefined && classKey === null) return
      event.preventDefault()
      event.stopPropagation()
      if (event.repeat) return
      if (command !== undefined) command.run()
      else if (classKey !== null) onClass?.(classKey)
    }
    const toEditor = (event: KeyboardEvent) => {
      // A Space that is held is let go wherever the focus is by then.
      if (event.type === 'keyup' && event.code === 'Space') editor.dispatch(toKeyInput(event))
      if (event.defaultPrevented || event.isComposing || editorKeys === 'none') return
      if (isTyping(event.target) || isElsewhere(event.target) || isPress(event)) return
      // The canvas has heard it already.
      if (event.target instanceof HTMLElement && event.target.closest('[role=application]') !== null) return
      if (editor.dispatch(toKeyInput(event))) event.preventDefault()
    }
    window.addEventListener('keydown', onFrameKey, { capture: true })
    window.addEventListener('keydown', toEditor)
    window.addEventListener('keyup', toEditor)
    return () => {
      window.removeEventListener('keydown', onFrameKey, { capture: true })
      window.removeEventListener('keydown', toEditor)
      window.removeEventListener('keyup', toEditor)
    }
  }, [keys, editor, editorKeys])
  return keys
}

/** A menu, a list that is open, a dialog, a comment that is written: their keys are their own. */
const isElsewhere = (target: EventTarget | null): boolean =>
  document.querySelector('[role=dialog], [role=alertdialog]') !== null ||
  (target instanceof HTMLElement && target.closest('[role=menu], [role=listbox], [data-own-keys]') !== null)

/** Enter and Space press the button that has the focus. */
const isPress = (event: KeyboardEvent): boolean =>
  (event.code === 'Enter' || event.code === 'Space') && !event.ctrlKey && !event.metaKey &&
  event.target instanceof HTMLElement && event.target.closest('button, a, [role=button], input, summary') !== null
