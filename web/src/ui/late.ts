import { useEffect, useReducer } from 'react'
import { toast } from './toast'

/**
 * A part of the kit that is not needed before somebody asks for it. It is fetched when the page is idle, or on the
 * first wish, and is then simply there.
 */
export class Late<M> {
  readonly #load: () => Promise<M>
  #module: M | null = null
  #coming: Promise<M> | null = null

  constructor(load: () => Promise<M>) {
    this.#load = load
  }

  get = (): M | null => this.#module

  start(): Promise<M> {
    this.#coming ??= this.#load().then(
      (module) => {
        this.#module = module
        return module
      },
      (error: unknown) => {
        this.#coming = null
        throw error
      },
    )
    return this.#coming
  }
}

/** The part, or null until it is here; the component is drawn again when it is. */
export function useLate<M>(part: Late<M>, wanted: boolean): M | null {
  const [, again] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    if (!wanted || part.get()) return
    let gone = false
    part.start().then(
      () => !gone && again(),
      () => toast('A part of this page did not load. Check the connection and try again.', { tone: 'bad' }),
    )
    return () => {
      gone = true
    }
  }, [part, wanted])
  return part.get()
}
