import type { Pin, Proposal, TrackRecord } from '../../../canvas'
import { reachOf } from '../../../canvas/kernels/tracks'

export const ROW_PX = 26
export const RULER_PX = 26

/** Which part of the video is seen: the frame at the left edge, and how many pixels a frame takes. */
export interface Span {
  readonly from: number
  readonly perFrame: number
}

export interface Palette {
  readonly ink: string
  readonly faint: string
  readonly line: string
  readonly ground: string
  readonly accent: string
  readonly chosen: string
  readonly pin: string
}

export interface Scene {
  readonly tracks: readonly TrackRecord[]
  readonly firstRow: number
  /** Pixels by which the first row is scrolled out. */
  readonly shift: number
  readonly frames: number
  readonly frame: number
  readonly span: Span
  readonly selected: ReadonlySet<string>
  readonly hidden: ReadonlySet<string>
  readonly proposal: Proposal | null
  /** What is spoken of, and which of it is open. */
  readonly pins: readonly Pin[]
  readonly pin: string | null
  readonly colorOf: (classKey: string) => string
  /** What a frame is called on the ruler, where every so many are. */
  readonly nameOf: (frame: number, step: number) => string
}

/** Pixels a frame may take, at most; the least shows the whole video. */
export const PER_FRAME_MAX = 24

export const fitted = (frames: number, width: number): Span => ({ from: 0, perFrame: Math.min(PER_FRAME_MAX, width / Math.max(1, frames)) })

/** Zooms about a place, and stays on the video. */
export function zoomed({ from, perFrame }: Span, factor: number, at: number, frames: number, width: number): Span {
  const to = Math.min(PER_FRAME_MAX, Math.max(width / Math.max(1, frames), perFrame * factor))
  return bounded({ from: from + at / perFrame - at / to, perFrame: to }, frames, width)
}

export function bounded({ from, perFrame }: Span, frames: number, width: number): Span {
  return { from: Math.max(0, Math.min(from, frames - width / perFrame)), perFrame }
}

/** The least move after which the frame is well inside. */
export function revealing(span: Span, frame: number, frames: number, width: number): Span {
  const x = (frame + 0.5 - span.from) * span.perFrame
  const margin = Math.min(40, width / 4)
  if (x >= margin && x <= width - margin) return span
  return bounded({ ...span, from: frame + 0.5 - (x < margin ? margin : width - margin) / span.perFrame }, frames, width)
}

/** Steps of the ruler, in frames: 1, 2, 5, 10, …, the first that leaves room for the words. */
export function stepOf(perFrame: number, room = 76): number {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) if (digit * power * perFrame >= room) return digit * power
  }
}

/** Half of the width of a pin on the ruler, and how near to it is on it. */
const PIN_PX = 7

/** The pin at a place of the ruler, the last on top. */
export const pinAt = (pins: readonly Pin[], { from, perFrame }: Span, x: number): Pin | undefined =>
  pins.findLast(({ frame }) => frame !== undefined && Math.abs((frame + 0.5 - from) * perFrame - x) <= PIN_PX)

type Context = CanvasRenderingContext2D

/** Draws what is seen of the timeline, and nothing else: its cost is that of the screen, not of the video. */
export function paintTimeline(context: Context, width: number, height: number, scene: Scene, palette: Palette): void {
  const { span, frames, frame, firstRow, shift } = scene
  const x = (at: number) => (at - span.from) * span.perFrame
  const [first, last] = [Math.floor(span.from), Math.min(frames - 1, Math.ceil(span.from + width / span.perFrame))]
  context.clearRect(0, 0, width, height)
  context.save()
  context.beginPath()
  context.rect(0, RULER_PX, width, height - RULER_PX)
  context.clip()
  // The frame that is shown, as wide as it is.
  context.fillStyle = palette.chosen
  context.fillRect(x(frame), RULER_PX, Math.max(1, span.perFrame), height)
  for (let row = firstRow; row < scene.tracks.length; row++) {
    const top = RULER_PX + (row - firstRow) * ROW_PX - shift
    if (top > height) break
    const track = scene.tracks[row]
    if (track !== undefined) paintRow(context, width, top, track, scene, palette, x)
  }
  context.restore()

  context.fillStyle = palette.ground
  context.fillRect(0, 0, width, RULER_PX)
  context.fillStyle = palette.line
  context.fillRect(0, RULER_PX - 1, width, 1)
  context.font = '11px system-ui, sans-serif'
  context.textBaseline = 'middle'
  const step = stepOf(span.perFrame)
  for (let at = Math.ceil(first / step) * step; at <= last; at += step) {
    context.fillStyle = palette.line
    context.fillRect(Math.round(x(at + 0.5)), RULER_PX - 7, 1, 6)
    context.fillStyle = palette.faint
    context.fillText(scene.nameOf(at, step), x(at + 0.5) + 4, RULER_PX / 2 - 1)
  }
  const here = Math.round(x(frame + 0.5))
  context.fillStyle = palette.accent
  context.fillRect(here - 1, 0, 2, height)
  context.beginPath()
  context.moveTo(here - 6, 0)
  context.lineTo(here + 6, 0)
  context.lineTo(here + 6, 8)
  context.lineTo(here, 14)
  context.lineTo(here - 6, 8)
  context.fill()
  for (const pin of scene.pins) if (pin.frame !== undefined) paintPin(context, x(pin.frame + 0.5), pin, scene.pin === pin.id, palette)
}

/** A comment, by its number, on the frame that it is about. */
function paintPin(context: Context, at: number, { number, isOver }: Pin, isOpen: boolean, palette: Palette): void {
  context.beginPath()
  context.arc(at, RULER_PX - PIN_PX - 2, PIN_PX, 0, 2 * Math.PI)
  context.fillStyle = isOver ? palette.line : palette.pin
  context.fill()
  context.lineWidth = isOpen ? 2.5 : 1
  context.strokeStyle = isOpen ? palette.accent : palette.ink
  context.stroke()
  context.fillStyle = isOver ? palette.ink : '#101418'
  context.font = '600 9px system-ui, sans-serif'
  context.textAlign = 'center'
  context.fillText(isOver ? '✓' : String(number), at, RULER_PX - PIN_PX - 1.5)
  context.textAlign = 'start'
}

function paintRow(context: Context, width: number, top: number, track: TrackRecord, scene: Scene, palette: Palette, x: (frame: number) => number): void {
  const { frames, selected, hidden, colorOf, proposal } = scene
  const isSelected = selected.has(track.id)
  const middle = top + ROW_PX / 2
  if (isSelected) {
    context.globalAlpha = 0.5
    context.fillStyle = palette.chosen
    context.fillRect(0, top, width, ROW_PX)
  }
  context.globalAlpha = hidden.has(track.id) ? 0.35 : 1
  context.fillStyle = colorOf(track.class)
  const { keyframes } = track
  const end = frames
  for (const [i, keyframe] of keyframes.entries()) {
    const next = keyframes[i + 1]?.frame ?? end
    const [left, right] = [Math.max(-10, x(keyframe.frame)), Math.min(width + 10, x(next))]
    if (right < 0 || left > width || keyframe.outside === true) continue
    // What stays as it was said last is thinner; what is covered is only an outline.
    const thick = i + 1 < keyframes.length ? 8 : 4
    if (keyframe.occluded === true) {
      context.strokeStyle = colorOf(track.class)
      context.lineWidth = 1.5
      context.setLineDash([3, 2])
      context.strokeRect(left, middle - thick / 2, Math.max(1, right - left), thick)
      context.setLineDash([])
    } else context.fillRect(left, middle - thick / 2, Math.max(1, right - left), thick)
  }
  if (proposal?.track === track.id) {
    const [first, last] = reachOf(proposal.keyframes)
    context.strokeStyle = palette.accent
    context.lineWidth = 2
    context.setLineDash([4, 3])
    context.strokeRect(x(first), middle - 7, Math.max(2, x(last + 1) - x(first)), 14)
    context.setLineDash([])
  }
  // Keyframes so near to each other that they would be one blot are drawn as far apart as can be told.
  let before = -Infinity
  for (const { frame, outside } of keyframes) {
    const at = x(frame + 0.5)
    if (at < -8 || at > width + 8 || at - before < 3) continue
    before = at
    const size = isSelected ? 5.5 : 4.5
    context.beginPath()
    context.moveTo(at, middle - size)
    context.lineTo(at + size, middle)
    context.lineTo(at, middle + size)
    context.lineTo(at - size, middle)
    context.closePath()
    context.fillStyle = outside === true ? palette.ground : palette.ink
    context.strokeStyle = palette.ink
    context.lineWidth = 1.25
    context.fill()
    context.stroke()
  }
  context.globalAlpha = 1
}
