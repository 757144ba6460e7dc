import { type Diff, reverse, squash } from './diff'
import { STEPS_MAX } from './limits'
import type { Store, StoredRecord } from './store'

interface Step<R> {
  readonly label: string
  readonly diff: Diff<R>
}

/**
 * Undo and redo, by listening: tools never record anything themselves. A tool calls `mark` when a
 * gesture begins; everything until the next mark is one step, however many moves it took (W5).
 */
export class History<R extends StoredRecord> {
  #label = ''
  #step: Diff<R> = new Map()
  #undos: Step<R>[] = []
  #redos: Step<R>[] = []
  /** What could be redone before the step in hand began, for the case that it is bailed out of. */
  #shelved: Step<R>[] = []
  readonly #store: Store<R>

  constructor(store: Store<R>) {
    this.#store = store
    store.listen((diff, source) => {
      if (source !== 'user') return
      const work = new Map([...diff].filter(([, [before, after]]) => (after ?? before)?.scope === 'document'))
      if (work.size === 0) return
      if (this.#redos.length > 0) {
        this.#shelved = this.#redos
        this.#redos = []
      }
      this.#step = squash(this.#step, work)
    })
  }

  /** The label of the step that is still open, or '' when nothing has been done since the mark. */
  get open(): string {
    return this.#step.size > 0 ? this.#label : ''
  }

  get canUndo(): boolean {
    return this.#step.size > 0 || this.#undos.length > 0
  }

  get canRedo(): boolean {
    return this.#redos.length > 0
  }

  mark(label = ''): void {
    if (this.#step.size > 0) {
      this.#undos.push({ label: this.#label, diff: this.#step })
      if (this.#undos.length > STEPS_MAX) this.#undos.shift()
    }
    this.#step = new Map()
    this.#shelved = []
    this.#label = label
  }

  /** Takes the last step back and returns its label, or null when there was none. */
  undo(): string | null {
    this.mark()
    const step = this.#undos.pop()
    if (step === undefined) return null
    this.#store.apply(reverse(step.diff), 'history')
    this.#redos.push(step)
    return step.label
  }

  redo(): string | null {
    this.mark()
    const step = this.#redos.pop()
    if (step === undefined) return null
    this.#store.apply(step.diff, 'history')
    this.#undos.push(step)
    return step.label
  }

  /** Takes back the gesture in hand, as if it had never begun (W6): what could be redone still can. */
  bail(): void {
    this.#store.apply(reverse(this.#step), 'history')
    this.#step = new Map()
    if (this.#shelved.length > 0) this.#redos = this.#shelved
    this.#shelved = []
  }

  /** Forgets everything: another document has taken the place of the one these steps were about. */
  clear(): void {
    this.#step = new Map()
    this.#undos = []
    this.#redos = []
    this.#shelved = []
  }
}
