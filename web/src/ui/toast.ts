/** What the page says in passing, newest last. Kept outside React so that anything may speak. */
export interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'plain' | 'good' | 'bad'
  readonly act: { readonly label: string; readonly run: () => void } | null
}

const LIFE_MS = 5_000
const LIFE_WITH_ACT_MS = 10_000
const TOASTS_MAX = 4

let toasts: readonly Toast[] = []
let next = 1
const listeners = new Set<() => void>()
const timers = new Map<number, ReturnType<typeof setTimeout>>()

const set = (value: readonly Toast[]) => {
  toasts = value
  for (const listener of listeners) listener()
}

export const toastStore = {
  get: () => toasts,
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
  /** While a person reads or reaches for one, none goes away. */
  hold() {
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
  },
  go() {
    for (const each of toasts) arm(each)
  },
}

const arm = (each: Toast) => {
  clearTimeout(timers.get(each.id))
  timers.set(each.id, setTimeout(() => dismiss(each.id), each.act ? LIFE_WITH_ACT_MS : LIFE_MS))
}

export function dismiss(id: number): void {
  clearTimeout(timers.get(id))
  timers.delete(id)
  set(toasts.filter((each) => each.id !== id))
}

/** Says something; `act` is usually Undo. */
export function toast(text: string, options: { tone?: Toast['tone']; act?: { label: string; run: () => void } } = {}): number {
  const each: Toast = { id: next++, text, tone: options.tone ?? 'plain', act: options.act ?? null }
  set([...toasts, each].slice(-TOASTS_MAX))
  arm(each)
  return each.id
}
