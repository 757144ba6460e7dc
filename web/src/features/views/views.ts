/** Filters of a page under a name: with the person, on each of their devices (W173). */
import { randomText } from '../../api/client'
import type { Kept } from '../kept'

/** What a page filters by; a filter that is empty filters by nothing. */
export type Filter = Readonly<Record<string, string>>

export interface View {
  readonly name: string
  readonly filter: Filter
}

export type Page = 'tasks' | 'items'

const VIEWS_MAX = 30
export const NAME_MAX = 60
const BEGINNING = 'view.'

export const isSame = (a: Filter, b: Filter): boolean => {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return keys.every((key) => (a[key] ?? '') === (b[key] ?? ''))
}

export const isEmpty = (filter: Filter): boolean => isSame(filter, {})

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function isView(view: unknown): view is View {
  if (!isObject(view)) return false
  const { name, filter } = view
  return typeof name === 'string' && name !== '' && isObject(filter) && Object.values(filter).every((value) => typeof value === 'string')
}

/** What a browser kept before views were with the person, without what is no view. */
export function readViews(text: string | null): readonly View[] {
  try {
    const kept: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(kept) ? kept.filter(isView).map(({ name, filter }) => ({ name, filter })) : []
  } catch {
    return []
  }
}

/** A view as it is kept: an entry of its own, so that two devices that save different ones do not meet. */
interface Entry extends View {
  readonly project: string
  readonly page: string
  /** When it was saved, by the clock of the device: of two of one name the later is shown. */
  readonly at: number
}

export class Views {
  readonly #kept: Kept
  readonly #project: string
  readonly #page: Page
  #state: readonly View[] = []

  constructor(kept: Kept, project: string, page: Page) {
    this.#kept = kept
    this.#project = project
    this.#page = page
    this.#read()
    kept.listen(() => this.#read())
  }

  get state(): readonly View[] {
    return this.#state
  }

  listen = (listener: () => void): (() => void) => this.#kept.listen(listener)

  /** One of the same name is replaced; the oldest makes room. */
  save({ name, filter }: View): void {
    const own = this.#entries()
    const before = own.find(([, view]) => view.name === name)
    const others = own.filter(([entry]) => entry !== before?.[0])
    const gone = others.slice(0, Math.max(0, others.length - VIEWS_MAX + 1))
    for (const [entry] of gone) this.#kept.set(entry, null)
    this.#kept.set(before?.[0] ?? `${BEGINNING}${randomText(20)}`, { project: this.#project, page: this.#page, name, filter, at: Date.now() } satisfies Entry)
  }

  remove(name: string): void {
    for (const [entry, view] of this.#entries()) if (view.name === name) this.#kept.set(entry, null)
  }

  /** Takes over what this browser kept by itself. */
  adopt(views: readonly View[]): void {
    for (const view of views) if (!this.#state.some(({ name }) => name === view.name)) this.save(view)
  }

  #entries(): [string, Entry][] {
    const all = this.#kept.under(BEGINNING).filter((pair): pair is [string, Entry] => isView(pair[1]))
    return all.filter(([, view]) => view.project === this.#project && view.page === this.#page).sort(([, a], [, b]) => Number(a.at) - Number(b.at))
  }

  #read(): void {
    const byName = new Map<string, View>()
    for (const [, { name, filter }] of this.#entries()) {
      byName.delete(name)
      byName.set(name, { name, filter })
    }
    this.#state = [...byName.values()]
  }
}

const known = new WeakMap<Kept, Map<string, Views>>()

export function viewsOf(kept: Kept, person: string, project: string, page: Page): Views {
  const all = known.get(kept) ?? new Map<string, Views>()
  known.set(kept, all)
  const had = all.get(`${project}.${page}`)
  if (had !== undefined) return had
  const views = new Views(kept, project, page)
  all.set(`${project}.${page}`, views)
  const before = `fairmark.views.${person}.${project}.${page}`
  try {
    const old = readViews(localStorage.getItem(before))
    localStorage.removeItem(before)
    views.adopt(old)
  } catch {
    // A browser that keeps nothing has nothing to hand over.
  }
  return views
}
