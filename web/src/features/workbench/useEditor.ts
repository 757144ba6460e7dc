import { useSyncExternalStore } from 'react'
import type { Editor, Snapshot } from '../../canvas'

/** A part of what the editor shows. Parts keep their identity until they change, so only their readers draw again. */
export function useEditor<T>(editor: Editor, part: (snapshot: Snapshot) => T): T {
  return useSyncExternalStore(editor.subscribe, () => part(editor.getSnapshot()))
}

interface Listened<S> {
  readonly state: S
  listen(listener: () => void): () => void
}

/** The state of a part of the queue. */
export function useStateOf<S>(source: Listened<S>): S {
  return useSyncExternalStore(
    (listener) => source.listen(listener),
    () => source.state,
  )
}
