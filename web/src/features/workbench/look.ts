/**
 * How a picture is looked at: its light, and the aids around it. Never a part of the answer. The
 * light stays until the page is left, for the next picture of a dark street is as dark; the aids are
 * with the person (W173), and in this browser before anybody knows who that is.
 */
import { useSyncExternalStore } from 'react'
import type { Kept } from '../kept'

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

const ENTRY = 'aids'
let keptWith: Kept | null = null

/** Has the aids with the person from now on; hands back what stops it. */
export function keepAids(kept: Kept): () => void {
  keptWith = kept
  const read = () => {
    const said = kept.get(ENTRY)
    if (!Array.isArray(said)) return
    const aids = AIDS.filter((aid) => said.includes(aid))
    if (aids.length !== state.aids.size || aids.some((aid) => !state.aids.has(aid))) setAids(new Set(aids))
  }
  read()
  return kept.listen(read)
}

export function toggleAid(aid: Aid): void {
  const aids = new Set(state.aids)
  if (!aids.delete(aid)) aids.add(aid)
  setAids(aids)
  keptWith?.set(ENTRY, [...aids])
}

function setAids(aids: ReadonlySet<Aid>): void {
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
