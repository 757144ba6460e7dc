import { dialogBody } from './Dialog'
import { menuBody } from './Menu'
import { selectBody } from './Select'

/** Fetches what is likely wanted soon, once the page has nothing better to do; offline it is then here already. */
export function fetchWhenIdle(): void {
  const go = () => {
    for (const part of [dialogBody, menuBody, selectBody]) part.start().catch(() => {}) // Asked for again when wanted.
  }
  if ('requestIdleCallback' in window) requestIdleCallback(go, { timeout: 8_000 })
  else setTimeout(go, 3_000)
}
