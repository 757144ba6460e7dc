/** Light, dark, or as the system says. Kept on this device only. */
export type Theme = 'system' | 'light' | 'dark'

const KEY = 'fairmark.theme'
const listeners = new Set<() => void>()

const read = (): Theme => {
  try {
    const kept = localStorage.getItem(KEY)
    return kept === 'light' || kept === 'dark' ? kept : 'system'
  } catch {
    return 'system' // Storage may be forbidden; the theme then lasts as long as the page.
  }
}

let theme: Theme = read()

export function applyTheme(): void {
  const root = document.documentElement
  if (theme === 'system') delete root.dataset.theme
  else root.dataset.theme = theme
}

export const themeStore = {
  get: () => theme,
  set(next: Theme) {
    theme = next
    try {
      if (next === 'system') localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, next)
    } catch {
      // As above.
    }
    applyTheme()
    for (const listener of listeners) listener()
  },
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}
