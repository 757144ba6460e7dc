import { type Camera, type Draft, type Editor, type ObjectRecord, type Point, toScreen, util } from '../../../canvas'
import { CASING, stroke, trace } from './paint'
import { type Projection, Surface, projection } from './surface'

const HANDLE_PX = 12
/** Screen pixels: handles nearer to each other than this would hide the line that they are about. */
const HANDLE_GAP_PX = 10
/** Screen pixels: an edge shorter than this has no handle in its middle, as the hit test has it. */
const MIDPOINT_EDGE_PX = 36
const LIGHT = '#ffffff'
const DARK = '#101418'
const ACCENT = '#1c7ed6'

/** What is in the hand: selected and hovered shapes, handles, the shape being drawn, crosshair, marquee. */
export class OverlayLayer {
  readonly surface: Surface
  readonly #editor: Editor
  readonly #colorOf: (classKey: string) => string
  #isEmpty = false

  constructor(host: HTMLElement, editor: Editor, colorOf: (classKey: string) => string) {
    this.surface = new Surface(host)
    this.#editor = editor
    this.#colorOf = colorOf
  }

  draw(lifted: ReadonlySet<string>): void {
    const { surface } = this
    const { session, scene } = this.#editor
    const isEmpty =
      session.selected.length + lifted.size === 0 &&
      [session.hovered, session.draft, session.marquee, session.crosshair].every((part) => part === null)
    // A canvas that is wiped is handed to the screen again, all of it; an empty one need not be.
    if (isEmpty && this.#isEmpty) return
    this.#isEmpty = isEmpty
    surface.clear()
    surface.toScreen()
    surface.context.lineJoin = 'round'
    const to = projection(session.camera, 1)
    const selected = new Set(session.selected)
    for (const id of lifted) if (!selected.has(id)) this.#object(id, to, 2)
    if (session.hovered !== null && !selected.has(session.hovered)) this.#object(session.hovered, to, 2.5)
    for (const id of selected) this.#object(id, to, 3)
    const only = selected.size === 1 ? scene.get(session.selected[0] ?? '') : null
    if (only !== null) this.#handles(only, session.camera)
    if (session.draft !== null) this.#draft(session.draft, to, session.camera)
    this.#marquee(to)
    this.#crosshair()
  }

  #object(id: string, to: Projection, width: number): void {
    const object = this.#editor.scene.get(id)
    if (object === null || this.#editor.session.hidden.has(id)) return
    const { context } = this.surface
    const color = this.#colorOf(object.class)
    context.beginPath()
    trace(context, util(object.shape).outline(object.shape), to)
    context.globalAlpha = 0.22
    context.fillStyle = color
    context.fill()
    context.globalAlpha = 1
    stroke(context, CASING, width + 3)
    stroke(context, LIGHT, width + 1)
    stroke(context, color, width)
  }

  #handles({ id, shape }: ObjectRecord, camera: Camera): void {
    const { session } = this.#editor
    if (session.readOnly || session.locked.has(id) || session.hidden.has(id)) return
    const { width, height } = session.screen
    let last: Point = [Number.NEGATIVE_INFINITY, 0]
    for (const [i, { kind, at, edge }] of util(shape).handles(shape).entries()) {
      const [x, y] = toScreen(camera, at)
      if (x < -HANDLE_PX || y < -HANDLE_PX || x > width + HANDLE_PX || y > height + HANDLE_PX) continue
      if (edge * camera.zoom < MIDPOINT_EDGE_PX) continue
      const isHeld = session.handle === i
      if (!isHeld && Math.hypot(x - last[0], y - last[1]) < HANDLE_GAP_PX) continue
      last = [x, y]
      this.#handle([x, y], kind, isHeld)
    }
  }

  #handle([x, y]: Point, kind: 'corner' | 'side' | 'vertex' | 'midpoint', isHeld: boolean): void {
    const { context } = this.surface
    const half = HANDLE_PX / 2
    context.beginPath()
    if (kind === 'corner' || kind === 'side') context.rect(x - half, y - half, HANDLE_PX, HANDLE_PX)
    else context.arc(x, y, half, 0, 2 * Math.PI)
    context.globalAlpha = kind === 'midpoint' ? 0.55 : 1
    context.fillStyle = isHeld ? ACCENT : LIGHT
    context.fill()
    stroke(context, DARK, 1.5)
    if (kind === 'midpoint') {
      context.beginPath()
      context.moveTo(x - 3, y)
      context.lineTo(x + 3, y)
      context.moveTo(x, y - 3)
      context.lineTo(x, y + 3)
      stroke(context, DARK, 1.5)
    }
    context.globalAlpha = 1
  }

  #draft({ points, next, closed, closing }: Draft, to: Projection, camera: Camera): void {
    const { context } = this.surface
    const color = this.#colorOf(this.#editor.session.class ?? '')
    const line = next === null || closing ? points : [...points, next]
    context.beginPath()
    trace(context, line, to, closed || closing)
    context.globalAlpha = 0.18
    context.fillStyle = color
    context.fill()
    context.globalAlpha = 1
    stroke(context, CASING, 5)
    stroke(context, color, 2)
    if (closed) return
    for (const [i, point] of points.entries()) {
      const isTarget = i === 0 && points.length >= 3
      if (isTarget || i === points.length - 1) this.#handle(toScreen(camera, point), 'vertex', isTarget && closing)
    }
  }

  #marquee({ scale, dx, dy }: Projection): void {
    const { marquee } = this.#editor.session
    if (marquee === null) return
    const { context } = this.surface
    context.beginPath()
    context.rect(
      marquee.left * scale + dx,
      marquee.top * scale + dy,
      (marquee.right - marquee.left) * scale,
      (marquee.bottom - marquee.top) * scale,
    )
    context.fillStyle = 'rgba(28, 126, 214, 0.15)'
    context.fill()
    stroke(context, LIGHT, 3)
    stroke(context, ACCENT, 1.5)
  }

  #crosshair(): void {
    const { crosshair, camera, screen } = this.#editor.session
    if (crosshair === null) return
    const { context } = this.surface
    const [x, y] = toScreen(camera, crosshair)
    context.beginPath()
    context.moveTo(0, y)
    context.lineTo(screen.width, y)
    context.moveTo(x, 0)
    context.lineTo(x, screen.height)
    stroke(context, CASING, 3)
    stroke(context, LIGHT, 1)
    context.beginPath()
    context.arc(x, y, HANDLE_PX / 2, 0, 2 * Math.PI)
    stroke(context, CASING, 4)
    stroke(context, LIGHT, 2)
  }

  destroy(): void {
    this.surface.element.remove()
  }
}
