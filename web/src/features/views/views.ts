/** Filters of a page under a name: kept in this browser, for this person and project. */

/** What a page filters by; a filter that is empty filters by nothing. */
export type Filter = Readonly<Record<string, string>>

export interface View {
  readonly name: string
  readonly filter: Filter
}

export type Page = 'tasks' | 'items'

const VIEWS_MAX = 30
export const NAME_MAX = 60

const entry = (person: string, project: string, page: Page): string => `fairmark.views.${person}.${project}.${page}`

export const isSame = (a: Filter, b: Filter): boolean => {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return keys.every((key) => (a[key] ?? '') === (b[key] ?? ''))
}

export const isEmpty = (filter: Filter): boolean => isSame(filter, {})

/** What was kept, without what is no view: another version may have written it, or a hand. */
export function readViews(text: string | null): readonly View[] {
  try {
    const kept: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(kept)) return []
    return kept.filter((view): view is View => {
      if (typeof view !== 'object' || view === null) return false
      const { name, filter } = view as { [key: string]: unknown }
      return typeof name === 'string' && name !== '' && typeof filter === 'object' && filter !== null && Object.values(filter).every((value) => typeof value === 'string')
    })
  } catch {
    return []
  }
}

/** A view of the same name is replaced; the oldest makes room. */
export const withView = (views: readonly View[], view: View): readonly View[] => [...views.filter(({ name }) => name !== view.name), view].slice(-VIEWS_MAX)

export class Views {
  readonly #entry: string
  readonly #listeners = new Set<() => void>()
  #state: readonly View[]

  constructor(person: string, project: string, page: Page) {
    this.#entry = entry(person, project, page)
    this.#state = readViews(localStorage.getItem(this.#entry))
    // Saved in another tab, it is in this one, too.
    window.addEventListener('storage', ({ key, newValue }) => key === this.#entry && this.#take(readViews(newValue)))
  }

  get state(): readonly View[] {
    return this.#state
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  save(view: View): void {
    this.#keep(withView(this.#state, view))
  }

  remove(name: string): void {
    this.#keep(this.#state.filter((view) => view.name !== name))
  }

  #keep(next: readonly View[]): void {
    this.#take(next)
    try {
      if (next.length === 0) localStorage.removeItem(this.#entry)
      else localStorage.setItem(this.#entry, JSON.stringify(next))
    } catch {
      // A browser that keeps nothing: they hold until the page is left.
    }
  }

  #take(next: readonly View[]): void {
    this.#state = next
    for (const listener of this.#listeners) listener()
  }
}

const known = new Map<string, Views>()

export function viewsOf(person: string, project: string, page: Page): Views {
  const name = entry(person, project, page)
  const views = known.get(name) ?? new Views(person, project, page)
  known.set(name, views)
  return views
}
