import { useEffect } from 'react'
import type { ClaimsOnScreen } from '../queue/claims'
import type { Work } from '../queue/work'

/** Tells the work and the queue that somebody is here. */
export function usePresence(work: Work | null, claims: ClaimsOnScreen | null): void {
  useEffect(() => {
    const onInput = () => {
      work?.input()
      claims?.input()
    }
    const onVisible = () => {
      const isVisible = document.visibilityState === 'visible'
      work?.visible(isVisible)
      if (isVisible) claims?.input()
    }
    const events = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const
    for (const name of events) window.addEventListener(name, onInput, { capture: true, passive: true })
    document.addEventListener('visibilitychange', onVisible)
    return () => {
      for (const name of events) window.removeEventListener(name, onInput, { capture: true })
      document.removeEventListener('visibilitychange', onVisible)
    }
  }, [work, claims])
}
