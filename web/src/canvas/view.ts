import type { Editor } from './editor'
import type { PinchInput, WheelInput } from './events'
import { type Camera, type ZoomRange, centre, fitTo, keepOnImage, pan, reveal, toImage, zoomAt } from './kernels/camera'
import { type Bounds, type Point, type Size, add, clamp, clampPoint, round, roundPoint, union } from './kernels/geometry'
import { BRUSH_MAX, BRUSH_MIN, CROSSHAIR_FAR_PX, CROSSHAIR_PX, FIT_MARGIN_PX, ZOOM_MAX, ZOOM_MIN } from './limits'
import { selectedObjects } from './selection'
import { boundsOfShape } from './shapes'

// How the image is looked at. None of it is work: nothing here is undone or saved.

const RANGE: ZoomRange = { min: ZOOM_MIN, max: ZOOM_MAX }
/** What one press of the zoom keys does. */
const ZOOM_STEP = Math.SQRT2
/** Pixels of scrolling that double or halve the zoom. */
const WHEEL_PX = 240
const PAN_KEY_PX = 64

export function setCamera(editor: Editor, camera: Camera): void {
  const { screen } = editor.session
  editor.updateSession({ camera: keepOnImage(camera, screen, editor.image), fitted: false })
}

export function setScreen(editor: Editor, screen: Size): void {
  const before = editor.session
  editor.updateSession({ screen })
  if (before.fitted) {
    zoomToFit(editor)
    return
  }
  // What was in the middle stays in the middle.
  const middle = toImage(before.camera, [before.screen.width / 2, before.screen.height / 2])
  setCamera(editor, centre(before.camera, middle, screen))
}

const whole = ({ image }: Editor): Bounds => ({ left: 0, top: 0, right: image.width, bottom: image.height })

const middleOf = ({ session }: Editor): Point => [session.screen.width / 2, session.screen.height / 2]

export function zoomToFit(editor: Editor): void {
  editor.updateSession({ camera: fitTo(whole(editor), editor.session.screen, FIT_MARGIN_PX, RANGE), fitted: true })
}

export function zoomToSelection(editor: Editor): boolean {
  const bounds = selectedObjects(editor).map(({ shape }) => boundsOfShape(shape))
  if (bounds.length === 0) return false
  setCamera(editor, fitTo(bounds.reduce(union), editor.session.screen, 4 * FIT_MARGIN_PX, RANGE))
  return true
}

export const zoomBy = (editor: Editor, factor: number, at: Point = middleOf(editor)): void =>
  setCamera(editor, zoomAt(editor.session.camera, at, factor, RANGE))

/** Brings a place of the image into the middle of the screen. */
export const centreOn = (editor: Editor, at: Point): void => setCamera(editor, centre(editor.session.camera, at, editor.session.screen))

export const zoomTo = (editor: Editor, zoom: number): void => zoomBy(editor, zoom / editor.session.camera.zoom)
export const zoomIn = (editor: Editor): void => zoomBy(editor, ZOOM_STEP)
export const zoomOut = (editor: Editor): void => zoomBy(editor, 1 / ZOOM_STEP)

export const panByKey = (editor: Editor, [x, y]: Point): void =>
  setCamera(editor, pan(editor.session.camera, [-Math.sign(x) * PAN_KEY_PX, -Math.sign(y) * PAN_KEY_PX]))

/** The wheel zooms where the pointer is; with Shift it pans (W20). */
export function onWheel(editor: Editor, { screen, delta, modifiers }: WheelInput): void {
  if (modifiers?.shift === true) setCamera(editor, pan(editor.session.camera, [-(delta[0] || delta[1]), 0]))
  else zoomBy(editor, 2 ** (-delta[1] / WHEEL_PX), screen)
}

export function onPinch(editor: Editor, { screen, by, factor }: PinchInput): void {
  setCamera(editor, zoomAt(pan(editor.session.camera, by), screen, factor, RANGE))
}

/** Half the width of the brush, in whole pixels of the image, at least by one at a time. */
export function sizeBrush(editor: Editor, factor: number): boolean {
  const { brush, brushAt } = editor.session
  if (brushAt === null) return false
  const next = Math.round(brush * factor)
  const to = clamp(next === brush ? brush + Math.sign(factor - 1) : next, BRUSH_MIN, BRUSH_MAX)
  editor.updateSession({ brush: to })
  editor.say(`Brush ${2 * to} pixels wide`)
  return true
}

export type CrosshairStep = 'near' | 'far' | 'fine'

/** Moves the pointer that keys have (W41); the first press shows it, in the middle of what is seen. */
export function moveCrosshair(editor: Editor, direction: Point, step: CrosshairStep): void {
  showCrosshair(editor)
  const { crosshair, camera, screen } = editor.session
  if (crosshair === null) return
  const px = step === 'far' ? CROSSHAIR_FAR_PX : CROSSHAIR_PX
  // Whole pixels of the image, so that a step and its return meet.
  const length = step === 'fine' ? 1 : Math.max(1, Math.round(px / camera.zoom))
  const to = clampPoint(add(crosshair, [direction[0] * length, direction[1] * length]), editor.image)
  editor.updateSession({ crosshair: to })
  setCamera(editor, reveal(camera, to, screen, CROSSHAIR_FAR_PX))
  editor.root.handle({ type: 'move', screen: editor.screenHere })
  editor.say(`${round(to[0])}, ${round(to[1])}`)
}

export function showCrosshair(editor: Editor): void {
  if (editor.session.crosshair !== null) return
  const [x, y] = clampPoint(toImage(editor.session.camera, middleOf(editor)), editor.image)
  editor.updateSession({ crosshair: roundPoint([Math.round(x), Math.round(y)]) })
}
