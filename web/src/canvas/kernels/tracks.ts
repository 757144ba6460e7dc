import type { Shape } from '../shapes'
import type { Box } from '../shapes/box'
import { between } from './between'

/** A thing at one frame of a video (A30). What this editor does not know of it is kept (W9). */
export interface Keyframe {
  readonly frame: number
  readonly shape: Shape
  /** From here on, until the next keyframe, nothing of it is seen. */
  readonly outside?: boolean
  /** From here on, until the next keyframe, something stands before it. */
  readonly occluded?: boolean
  readonly attributes?: { readonly [key: string]: unknown }
}

export type Keyframes = readonly Keyframe[]

/** What a track says of one frame. */
export interface Seen {
  readonly shape: Shape
  readonly occluded: boolean
  readonly isKeyframe: boolean
}

/** How many keyframes there are at or before a frame. */
export function countUpTo(keyframes: Keyframes, frame: number): number {
  let [low, high] = [0, keyframes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keyframes[middle]?.frame ?? Infinity) <= frame) low = middle + 1
    else high = middle
  }
  return low
}

/** The last keyframe at or before a frame. */
export const lastAt = (keyframes: Keyframes, frame: number): Keyframe | null => keyframes[countUpTo(keyframes, frame) - 1] ?? null

export const keyframeAt = (keyframes: Keyframes, frame: number): Keyframe | null => {
  const last = lastAt(keyframes, frame)
  return last?.frame === frame ? last : null
}

/** Where it would be, seen or not; null before it begins. */
export function placeAt(keyframes: Keyframes, frame: number): Shape | null {
  const next = countUpTo(keyframes, frame)
  const [before, after] = [keyframes[next - 1], keyframes[next]]
  if (before === undefined) return null
  if (after === undefined || before.frame === frame) return before.shape
  return between(before.shape, after.shape, (frame - before.frame) / (after.frame - before.frame))
}

/** Where it is in a frame; null where nothing of it is seen (A32). */
export function seenAt(keyframes: Keyframes, frame: number): Seen | null {
  const before = lastAt(keyframes, frame)
  const shape = placeAt(keyframes, frame)
  if (before === null || shape === null || before.outside === true) return null
  return { shape, occluded: before.occluded === true, isKeyframe: before.frame === frame }
}

/** What was said last, at or before a frame, of what may change (A33). */
export function saidAt(keyframes: Keyframes, frame: number): { readonly [key: string]: unknown } {
  const said: { [key: string]: unknown } = {}
  for (const keyframe of keyframes) {
    if (keyframe.frame > frame) break
    Object.assign(said, keyframe.attributes)
  }
  return said
}

/** Flags that say nothing are left out, so that an answer that nobody changed comes out as it went in. */
export function flagged(keyframe: Keyframe, flags: { readonly outside?: boolean; readonly occluded?: boolean }): Keyframe {
  const { outside: wasOutside, occluded: wasOccluded, ...rest } = keyframe
  const outside = flags.outside ?? wasOutside ?? false
  const occluded = flags.occluded ?? wasOccluded ?? false
  return { ...rest, ...(outside ? { outside } : {}), ...(occluded ? { occluded } : {}) }
}

/** Puts a keyframe among the others, in the place of the one in its frame. */
export function withKeyframe(keyframes: Keyframes, keyframe: Keyframe): Keyframes {
  const count = countUpTo(keyframes, keyframe.frame)
  const isThere = keyframes[count - 1]?.frame === keyframe.frame
  return [...keyframes.slice(0, isThere ? count - 1 : count), keyframe, ...keyframes.slice(count)]
}

/** The keyframe of a frame, or one that says there what is so anyway; null before the track begins. */
export function madeAt(keyframes: Keyframes, frame: number): Keyframe | null {
  const there = keyframeAt(keyframes, frame)
  if (there !== null) return there
  const [before, shape] = [lastAt(keyframes, frame), placeAt(keyframes, frame)]
  return before === null || shape === null ? null : flagged({ frame, shape }, { outside: before.outside === true, occluded: before.occluded === true })
}

/**
 * The same without what stands before the first frame in which something is seen; what was said there of what may
 * change is said by the first that is left. Nothing, if none is.
 */
export function begun(keyframes: Keyframes): Keyframes {
  const at = keyframes.findIndex(({ outside }) => outside !== true)
  const first = keyframes[at]
  if (first === undefined) return []
  return at === 0 ? keyframes : [saying(first, saidAt(keyframes, first.frame)), ...keyframes.slice(at + 1)]
}

/** A keyframe that says all of this, and nothing where there is nothing to say. */
export function saying(keyframe: Keyframe, said: { readonly [key: string]: unknown }): Keyframe {
  const { attributes: _, ...rest } = keyframe
  return Object.keys(said).length > 0 ? { ...rest, attributes: said } : rest
}

/** What is left without the keyframe of a frame. */
export function withoutKeyframe(keyframes: Keyframes, frame: number): Keyframes {
  const there = keyframeAt(keyframes, frame)
  if (there === null) return keyframes
  const said = saidAt(keyframes, frame)
  const rest = keyframes.filter((keyframe) => keyframe !== there)
  const [first, ...others] = rest
  // What the beginning said must be said by what begins now.
  if (there === keyframes[0] && first !== undefined) return begun([saying(first, { ...said, ...first.attributes }), ...others])
  return begun(rest)
}

/** Two tracks in the place of one: the first is gone from a frame on, in which the second begins. Null where it is not seen there. */
export function splitAt(keyframes: Keyframes, frame: number): readonly [Keyframes, Keyframes] | null {
  const [seen, here] = [seenAt(keyframes, frame), madeAt(keyframes, frame)]
  const before = keyframes.filter((keyframe) => keyframe.frame < frame)
  if (seen === null || here === null || before.length === 0) return null
  const after = keyframes.filter((keyframe) => keyframe.frame > frame)
  const gone = flagged({ frame, shape: seen.shape }, { outside: true })
  return [[...before, gone], [saying(here, saidAt(keyframes, frame)), ...after]]
}

/** From the first keyframe to the last. */
export const reachOf = (keyframes: Keyframes): readonly [number, number] => [keyframes[0]?.frame ?? 0, keyframes[keyframes.length - 1]?.frame ?? 0]

/** One track in the place of two, if one is over before the other begins; else null. */
export function joined(a: Keyframes, b: Keyframes): Keyframes | null {
  const [first, second] = reachOf(a)[0] <= reachOf(b)[0] ? [a, b] : [b, a]
  const [end, start] = [reachOf(first)[1], reachOf(second)[0]]
  if (end < start) return [...first, ...second]
  // It may come back in the very frame from which on it was gone.
  const last = first[first.length - 1]
  return end === start && last?.outside === true ? [...first.slice(0, -1), ...second] : null
}

/** What two tracks are from a frame on, exchanged. */
export function swapped(a: Keyframes, b: Keyframes, frame: number): readonly [Keyframes, Keyframes] {
  const past = (keyframes: Keyframes) => keyframes.filter((keyframe) => keyframe.frame < frame)
  const future = (keyframes: Keyframes): Keyframes => {
    const here = madeAt(keyframes, frame)
    const later = keyframes.filter((keyframe) => keyframe.frame > frame)
    return here === null ? later : [saying(here, saidAt(keyframes, frame)), ...later]
  }
  // Where the other was not there yet, this one is gone until it is.
  const gone = (keyframes: Keyframes, next: Keyframes): Keyframes => {
    const shape = placeAt(keyframes, frame)
    return past(keyframes).length > 0 && next[0]?.frame !== frame && shape !== null ? [flagged({ frame, shape }, { outside: true })] : []
  }
  const [ofA, ofB] = [future(a), future(b)]
  return [begun([...past(a), ...gone(a, ofB), ...ofB]), begun([...past(b), ...gone(b, ofA), ...ofA])]
}

const area = ({ width, height }: Box): number => width * height

function common(a: Box, b: Box): number {
  const side = (x: number, width: number, y: number, length: number) => Math.max(0, Math.min(x + width, y + length) - Math.max(x, y))
  return side(a.x, a.width, b.x, b.width) * side(a.y, a.height, b.y, b.height)
}

/** Frames in which two tracks are compared, at most, as the server has it (A35, A38): of more than boxes, fewer. */
const COMPARED_MAX = 240
const SHAPES_COMPARED_MAX = 60

const isBox = (shape: Shape | undefined): shape is Box => shape?.type === 'box'

/**
 * How much of what two tracks of boxes cover in all frames both cover, 0 to 1; of other shapes, how alike they are in
 * the mean of the frames in which either is seen.
 */
export function overlapOf(a: Keyframes, b: Keyframes, alike: (x: Shape, y: Shape) => number): number {
  if (a.length === 0 || b.length === 0) return 0
  const [first, last] = [Math.min(reachOf(a)[0], reachOf(b)[0]), Math.max(reachOf(a)[1], reachOf(b)[1])]
  const areBoxes = [...a, ...b].every(({ shape }) => isBox(shape))
  const count = Math.min(last - first + 1, areBoxes ? COMPARED_MAX : SHAPES_COMPARED_MAX)
  let [both, either] = [0, 0]
  for (let i = 0; i < count; i++) {
    const frame = first + (count === 1 ? 0 : Math.floor(((last - first) * i) / (count - 1)))
    const [x, y] = [seenAt(a, frame)?.shape, seenAt(b, frame)?.shape]
    if (areBoxes) {
      const shared = isBox(x) && isBox(y) ? common(x, y) : 0
      both += shared
      either += (isBox(x) ? area(x) : 0) + (isBox(y) ? area(y) : 0) - shared
    } else if (x !== undefined || y !== undefined) {
      both += x === undefined || y === undefined ? 0 : alike(x, y)
      either += 1
    }
  }
  return either > 0 ? both / either : 0
}

/**
 * The fewest of these keyframes, the first and the last among them, between which the straight way leads past all of them
 * by at most so many pixels: what a tracker says of each frame, as few keyframes that a person can still work with.
 */
export function thinned(keyframes: Keyframes, pixels: number, apart: (a: Shape, b: Shape) => number): Keyframes {
  const [first, last] = [keyframes[0], keyframes[keyframes.length - 1]]
  if (first === undefined || last === undefined || keyframes.length <= 2) return keyframes
  let [worst, at] = [pixels, -1]
  for (const [i, { frame, shape }] of keyframes.entries()) {
    const way = between(first.shape, last.shape, (frame - first.frame) / (last.frame - first.frame))
    const off = apart(way, shape)
    if (off > worst) [worst, at] = [off, i]
  }
  if (at < 0) return [first, last]
  return [...thinned(keyframes.slice(0, at + 1), pixels, apart), ...thinned(keyframes.slice(at), pixels, apart).slice(1)]
}
