import { useCallback, useMemo, useReducer, useSyncExternalStore } from 'react'
import type { Editor, Snapshot } from '../../canvas'

/** A part of what the editor shows. Parts keep their identity until they change, so only their readers draw again. */
export function useEditor<T>(editor: Editor, part: (snapshot: Snapshot) => T): T {
  return useSyncExternalStore(editor.subscribe, () => part(editor.getSnapshot()))
}

interface Listened<S> {
  readonly state: S
  listen(listener: () => void): () => void
}

/** The state of a part of the queue, or a part of that. */
export function useStateOf<S>(source: Listened<S>): S
export function useStateOf<S, T>(source: Listened<S>, part: (state: S) => T): T
export function useStateOf<S, T>(source: Listened<S>, part?: (state: S) => T): S | T {
  const listen = useCallback((listener: () => void) => source.listen(listener), [source])
  return useSyncExternalStore(listen, () => (part === undefined ? source.state : part(source.state)))
}

/**
 * State that belongs to one task. The next one finds it as at the beginning, though the component stays on the page; and
 * whoever sets it late, for a task that is gone from the screen, sets nothing of the one that is there.
 */
export function useStateFor<T>(task: object, begin: T): [T, (next: T) => void] {
  const [, again] = useReducer((count: number) => count + 1, 0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a cell for each task, whatever it began with
  const cell = useMemo(() => ({ value: begin }), [task])
  const set = useCallback(
    (next: T) => {
      if (Object.is(cell.value, next)) return
      cell.value = next
      again()
    },
    [cell],
  )
  return [cell.value, set]
}
