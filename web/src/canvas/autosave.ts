import { type Diff, squash } from './diff'
import type { EditorRecord } from './records'
import type { Source, Store } from './store'

export type DocumentListener = (diff: Diff<EditorRecord>, source: Source) => void

/** Gathers what happens to the answer and hands it on when a piece of work is finished (W51). */
export class Autosave {
  #pending: Diff<EditorRecord> = new Map()
  #source: Source = 'user'
  readonly #listeners = new Set<DocumentListener>()

  constructor({ store }: { readonly store: Store<EditorRecord> }) {
    store.listen((diff, source) => {
      const work = new Map([...diff].filter(([, [before, after]]) => (after ?? before)?.scope === 'document'))
      if (work.size === 0) return
      // A gesture that is taken back (by the history) is one with its making, and leaves nothing to save.
      if ((source === 'server') !== (this.#source === 'server')) this.flush()
      this.#source = source
      this.#pending = squash(this.#pending, work)
    })
  }

  listen(listener: DocumentListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  flush(): void {
    const [diff, source] = [this.#pending, this.#source]
    if (diff.size === 0) return
    this.#pending = new Map()
    for (const listener of this.#listeners) listener(diff, source)
  }
}
