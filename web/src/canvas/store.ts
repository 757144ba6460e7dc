import { type Diff, reverse, squash } from './diff'

/**
 * Where a record lives (W1). `document` is the annotator's work: undone, saved and sent. `session`
 * is how they look at it (selection, camera, what is hidden): kept in this tab only. `presence` is
 * what others see of them, and nobody keeps.
 */
export type Scope = 'document' | 'session' | 'presence'
export type Source = 'user' | 'server' | 'history'

export interface StoredRecord {
  readonly id: string
  readonly scope: Scope
}

export type Listener<R> = (diff: Diff<R>, source: Source) => void

/**
 * The only thing in the editor that changes. Records are frozen; a change puts a new one.
 *
 * Listeners are told at once, change by change (W2). One that draws or saves waits for the next
 * frame by itself; the history cannot wait, for a gesture may be taken back the moment it is made.
 */
export class Store<R extends StoredRecord> {
  #records = new Map<string, R>()
  #listeners = new Set<Listener<R>>()
  #transaction: Diff<R> | null = null

  get(id: string): R | null {
    return this.#records.get(id) ?? null
  }

  all(): R[] {
    return [...this.#records.values()]
  }

  put(...records: R[]): void {
    this.apply(new Map(records.map((record) => [record.id, [this.get(record.id), record]])))
  }

  remove(...ids: string[]): void {
    this.apply(new Map(ids.map((id) => [id, [this.get(id), null]])))
  }

  apply(diff: Diff<R>, source: Source = 'user'): void {
    if (diff.size === 0) return
    for (const [id, [, after]] of diff) {
      if (after === null) this.#records.delete(id)
      else this.#records.set(id, Object.freeze(after))
    }
    if (this.#transaction !== null) this.#transaction = squash(this.#transaction, diff)
    for (const listener of this.#listeners) listener(diff, source)
  }

  /** Runs `change` whole or not at all (W4). */
  transact<T>(change: () => T): T {
    if (this.#transaction !== null) return change()
    this.#transaction = new Map()
    try {
      return change()
    } catch (error) {
      this.apply(reverse(this.#transaction))
      throw error
    } finally {
      this.#transaction = null
    }
  }

  listen(listener: Listener<R>): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
