/**
 * How a picture is looked at: its light, and the aids around it. Never a part of the answer. The
 * light stays until the page is left, for the next picture of a dark street is as dark; the aids are
 * kept in this browser.
 */
import { useSyncExternalStore } from 'react'

export interface Light {
  /** Percent; 100 is as it is. */
  readonly brightness: number
  readonly contrast: number
}

export const AIDS = ['guides', 'rulers', 'map'] as const
export type Aid = (typeof AIDS)[number]

export interface Look {
  readonly light: Light
  readonly aids: ReadonlySet<Aid>
}

export const PLAIN_LIGHT: Light = { brightness: 100, contrast: 100 }
export const LIGHT_MIN = 25
export const LIGHT_MAX = 300
/** What one press of a key does. */
const LIGHT_STEP = 15
const NAME = 'fairmark.aids'

const listeners = new Set<() => void>()
let state: Look = { light: PLAIN_LIGHT, aids: new Set(AIDS.filter((aid) => (readKept() ?? '').split(' ').includes(aid))) }

function readKept(): string | null {
  try {
    return localStorage.getItem(NAME)
  } catch {
    return null
  }
}

function take(next: Look): void {
  state = next
  for (const listener of listeners) listener()
}

export function setLight(light: Light): void {
  const within = (value: number) => Math.min(LIGHT_MAX, Math.max(LIGHT_MIN, value))
  take({ ...state, light: { brightness: within(light.brightness), contrast: within(light.contrast) } })
}

export function stepLight(which: keyof Light, sign: 1 | -1): void {
  setLight({ ...state.light, [which]: state.light[which] + sign * LIGHT_STEP })
}

export function toggleAid(aid: Aid): void {
  const aids = new Set(state.aids)
  if (!aids.delete(aid)) aids.add(aid)
  take({ ...state, aids })
  try {
    localStorage.setItem(NAME, [...aids].join(' '))
  } catch {
    // A browser that keeps nothing: they hold until the page is left.
  }
}

export const useLook = (): Look =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => state,
  )
