import { type Asked, type Camera, type Draft, type Editor, type Ghost, type Handle, type ObjectRecord, type Pin, type Point, type Proposal, boundsOfShape, handleOnScreen, isInFront, placeOfPin, toScreen } from '../../../canvas'
import { PIN_PX } from '../../../canvas/limits'
import { headOfPin, isPinInFront } from '../../../canvas/pins'
import { proposedAt } from '../../../canvas/standing'
import { paintArcs } from './arcs'
import { CASING, dashesOf, paintDots, stroke, trace, tracePaths } from './paint'
import { type Projection, Surface, projection } from './surface'

const HANDLE_PX = 12
/** Screen pixels: handles nearer to each other than this would hide the line that they are about. */
const HANDLE_GAP_PX = 10
/** Screen pixels: an edge shorter than this has no handle in its middle, as the hit test has it. */
const MIDPOINT_EDGE_PX = 36
const LIGHT = '#ffffff'
const DARK = '#101418'
const DIM = '#868e96'
const ACCENT = '#1c7ed6'
const ASKED = '#9c36b5'
/** Screen pixels. */
const GHOST_DASH: [number, number] = [7, 5]
const PIN = '#ffd43b'
const GONE = '#ff6b6b'
const WANTED = '#69db7c'

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
      session.selected.length + lifted.size + scene.relations.length + session.ghosts.length + session.asked.points.length + session.pins.length + session.others.length === 0 &&
      session.asked.box === null &&
      [session.hovered, session.draft, session.marquee, session.crosshair, session.snapped, session.brushAt, session.joining, session.proposal].every((part) => part === null)
    // A canvas that is wiped is handed to the screen again, all of it; an empty one need not be.
    if (isEmpty && this.#isEmpty) return
    this.#isEmpty = isEmpty
    surface.clear()
    if (isEmpty) return
    surface.toScreen()
    surface.context.lineJoin = 'round'
    const to = projection(session.camera, 1)
    const isHere = (of: { readonly camera?: string | undefined }) => isInFront(this.#editor, of)
    for (const ghost of session.ghosts) if (isHere(ghost)) this.#ghost(ghost, to, ghost.id === session.ghost)
    const selected = new Set(session.selected)
    for (const other of session.others) if (isHere(other)) this.#other(other, to)
    for (const id of lifted) if (!selected.has(id)) this.#object(id, to, 2)
    if (session.hovered !== null && !selected.has(session.hovered)) this.#object(session.hovered, to, 2.5)
    for (const id of selected) this.#object(id, to, 3)
    paintArcs(surface.context, this.#editor)
    const only = selected.size === 1 ? scene.get(session.selected[0] ?? '') : null
    if (only !== null && isHere(only)) this.#handles(only, session.camera)
    if (session.proposal !== null) this.#proposed(session.proposal, session.frame, to)
    if (session.draft !== null) this.#draft(session.draft, to, session.camera)
    if (session.brushAt !== null) this.#brush(session.brushAt, session.camera)
    this.#asked(session.asked, to)
    if (session.snapped !== null) this.#snap(toScreen(session.camera, session.snapped))
    for (const pin of session.pins) if (isPinInFront(this.#editor, pin)) this.#pin(pin)
    this.#marquee(to)
    this.#crosshair()
  }

  #object(id: string, to: Projection, width: number): void {
    const object = this.#editor.scene.get(id)
    if (object === null || this.#editor.session.hidden.has(id) || !isInFront(this.#editor, object)) return
    const { context } = this.surface
    const color = this.#colorOf(object.class)
    const { paths, dots } = this.#editor.drawingOf(object)
    context.beginPath()
    tracePaths(context, paths, to, 'closed')
    context.globalAlpha = 0.22
    context.fillStyle = color
    context.fill('evenodd')
    context.globalAlpha = 1
    tracePaths(context, paths, to, 'open')
    stroke(context, CASING, width + 3)
    stroke(context, LIGHT, width + 1)
    context.setLineDash([...dashesOf(object)])
    stroke(context, color, width)
    context.setLineDash([])
    paintDots(context, dots, color, to, width > 2 ? 1.25 : 1)
  }

  /** What is suggested: dashes, for nobody has drawn it. */
  #ghost(ghost: ObjectRecord, to: Projection, isCurrent: boolean): void {
    const { context } = this.surface
    const color = this.#colorOf(ghost.class)
    const { paths, dots } = this.#editor.drawingOf(ghost)
    context.beginPath()
    tracePaths(context, paths, to, 'closed')
    context.globalAlpha = isCurrent ? 0.2 : 0.06
    context.fillStyle = color
    context.fill('evenodd')
    context.globalAlpha = 1
    tracePaths(context, paths, to, 'open')
    stroke(context, CASING, isCurrent ? 6 : 3.5)
    context.setLineDash(GHOST_DASH)
    stroke(context, LIGHT, isCurrent ? 4 : 2)
    context.lineDashOffset = GHOST_DASH[0]
    stroke(context, color, isCurrent ? 4 : 2)
    context.lineDashOffset = 0
    context.setLineDash([])
    paintDots(context, dots, color, to, isCurrent ? 1.25 : 1)
  }

  /** Where a model is asked to look. */
  #asked({ box, points }: Asked, { scale, dx, dy }: Projection): void {
    const { context } = this.surface
    if (box !== null) {
      context.beginPath()
      context.rect(box.left * scale + dx, box.top * scale + dy, (box.right - box.left) * scale, (box.bottom - box.top) * scale)
      stroke(context, CASING, 4)
      stroke(context, ASKED, 2)
    }
    for (const { at, inside } of points) {
      const [x, y] = [at[0] * scale + dx, at[1] * scale + dy]
      context.beginPath()
      context.arc(x, y, HANDLE_PX * 0.6, 0, 2 * Math.PI)
      context.fillStyle = inside ? ASKED : LIGHT
      context.fill()
      stroke(context, DARK, 1.5)
      context.beginPath()
      context.moveTo(x - 3.5, y)
      context.lineTo(x + 3.5, y)
      if (inside) {
        context.moveTo(x, y - 3.5)
        context.lineTo(x, y + 3.5)
      }
      stroke(context, inside ? LIGHT : DARK, 2)
    }
  }

  /** Dashed: how another answer has it. What is not wanted is crossed out besides, for colour says nothing alone. */
  #other({ class: key, shape, mark }: Ghost, to: Projection): void {
    const { context } = this.surface
    const { paths, dots } = this.#editor.drawingOf({ class: key, shape })
    const color = mark === 'gone' ? GONE : WANTED
    context.beginPath()
    tracePaths(context, paths, to, 'closed')
    tracePaths(context, paths, to, 'open')
    if (mark === 'gone') {
      const { left, top, right, bottom } = boundsOfShape(shape)
      trace(context, [[left, top], [right, bottom]], to, false)
      trace(context, [[left, bottom], [right, top]], to, false)
    }
    stroke(context, CASING, 4.5)
    context.setLineDash([7, 5])
    stroke(context, color, 2.5)
    context.setLineDash([])
    paintDots(context, dots, color, to, 1)
  }

  /** The region that is spoken of, and beside it the number of the thread. */
  #pin(pin: Pin): void {
    const place = placeOfPin(this.#editor, pin)
    const head = headOfPin(this.#editor, pin)
    if (place === null || head === null) return
    const { context } = this.surface
    const { camera } = this.#editor.session
    const isOpen = this.#editor.session.pin === pin.id
    const [x, y] = toScreen(camera, [place.left, place.top])
    const [right, bottom] = toScreen(camera, [place.right, place.bottom])
    context.globalAlpha = pin.isOver && !isOpen ? 0.6 : 1
    context.beginPath()
    if (right - x + bottom - y > 0) context.rect(x, y, right - x, bottom - y)
    else context.arc(x, y, 4, 0, 2 * Math.PI)
    stroke(context, CASING, 4)
    context.setLineDash([3, 3])
    stroke(context, PIN, 2)
    context.setLineDash([])
    context.beginPath()
    context.moveTo(right, y)
    context.lineTo(...head)
    stroke(context, CASING, 2)
    context.beginPath()
    context.arc(...head, PIN_PX / 2 + (isOpen ? 2 : 0), 0, 2 * Math.PI)
    context.fillStyle = pin.isOver ? DIM : PIN
    context.fill()
    stroke(context, isOpen ? ACCENT : LIGHT, isOpen ? 3 : 2)
    context.fillStyle = pin.isOver ? LIGHT : DARK
    context.font = '600 12px system-ui, sans-serif'
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.fillText(pin.isOver ? '✓' : String(pin.number), head[0], head[1] + 0.5)
    context.globalAlpha = 1
  }

  /** What a tracker found here and nobody has taken. */
  #proposed(proposal: Proposal, frame: number, to: Projection): void {
    const found = proposedAt(proposal, frame)
    if (found === null) return
    const { context } = this.surface
    const { class: key } = this.#editor.scene.tracks.find(({ id }) => id === proposal.track) ?? { class: '' }
    const { paths, dots } = this.#editor.drawingOf({ shape: found.shape, class: key })
    context.beginPath()
    for (const { points, closed } of paths) trace(context, points, to, closed)
    for (const { at } of dots) {
      const [x, y] = [at[0] * to.scale + to.dx, at[1] * to.scale + to.dy]
      context.moveTo(x + HANDLE_PX, y)
      context.arc(x, y, HANDLE_PX, 0, 2 * Math.PI)
    }
    stroke(context, CASING, 5)
    stroke(context, LIGHT, 3)
    context.setLineDash([4, 4])
    stroke(context, ACCENT, 3)
    context.setLineDash([])
  }

  /** Where a point goes that snaps. */
  #snap([x, y]: Point): void {
    const { context } = this.surface
    context.beginPath()
    context.arc(x, y, HANDLE_PX * 0.75, 0, 2 * Math.PI)
    stroke(context, CASING, 4)
    stroke(context, ACCENT, 2.5)
  }

  #handles(object: ObjectRecord, camera: Camera): void {
    const { id } = object
    const { session } = this.#editor
    if (session.readOnly || session.locked.has(id) || session.hidden.has(id)) return
    const { width, height } = session.screen
    let last: Point = [Number.NEGATIVE_INFINITY, 0]
    const handles = this.#editor.handlesOf(object)
    this.#stem(handles, camera)
    for (const [i, handle] of handles.entries()) {
      const { kind, edge } = handle
      const [x, y] = handleOnScreen(camera, handle)
      if (x < -HANDLE_PX || y < -HANDLE_PX || x > width + HANDLE_PX || y > height + HANDLE_PX) continue
      if (edge * camera.zoom < MIDPOINT_EDGE_PX) continue
      const isHeld = session.handle === i
      if (!isHeld && Math.hypot(x - last[0], y - last[1]) < HANDLE_GAP_PX) continue
      last = [x, y]
      this.#handle([x, y], kind, isHeld ? ACCENT : handle.look === 'hollow' ? DIM : LIGHT)
    }
  }

  /** From the side to the handle that stands off it, from a point to what bends the line there: the two belong together. */
  #stem(handles: readonly Handle[], camera: Camera): void {
    const tied = handles.filter(({ kind, from }) => kind === 'turn' || from !== undefined)
    if (tied.length === 0) return
    const { context } = this.surface
    context.beginPath()
    for (const handle of tied) {
      context.moveTo(...toScreen(camera, handle.from ?? handle.at))
      context.lineTo(...handleOnScreen(camera, handle))
    }
    stroke(context, CASING, 3.5)
    stroke(context, LIGHT, 1.5)
  }

  #handle([x, y]: Point, kind: Handle['kind'], fill: string): void {
    const { context } = this.surface
    const half = kind === 'control' ? HANDLE_PX / 2 - 1 : HANDLE_PX / 2
    context.beginPath()
    if (kind === 'corner' || kind === 'side') context.rect(x - half, y - half, HANDLE_PX, HANDLE_PX)
    else context.arc(x, y, half, 0, 2 * Math.PI)
    context.globalAlpha = kind === 'midpoint' ? 0.55 : 1
    context.fillStyle = fill
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

  #draft({ points, next, ahead = [], closed, closing, fills = true, paths, dots = [], thick }: Draft, to: Projection, camera: Camera): void {
    const { context } = this.surface
    const color = this.#colorOf(this.#editor.session.class ?? '')
    if (thick !== undefined) {
      this.#brushStroke(paths?.[0]?.points ?? [], thick, color, to)
      return
    }
    const line = next === null ? points : closing ? [...points, ...ahead] : [...points, ...ahead, next]
    context.beginPath()
    if (paths === undefined) trace(context, line, to, closed || closing)
    else tracePaths(context, paths, to, 'closed')
    context.globalAlpha = fills ? 0.18 : 0
    context.fillStyle = color
    context.fill()
    context.globalAlpha = 1
    if (paths !== undefined) tracePaths(context, paths, to, 'open')
    stroke(context, CASING, 5)
    stroke(context, color, 2)
    paintDots(context, dots, color, to, 1)
    if (closed) return
    for (const [i, point] of points.entries()) {
      const isTarget = i === 0 && points.length >= 3
      if (isTarget || i === points.length - 1) this.#handle(toScreen(camera, point), 'vertex', isTarget && closing ? ACCENT : LIGHT)
    }
  }

  /** As the pixels will be, half seen through; what is erased is white. */
  #brushStroke(points: readonly Point[], thick: number, color: string, to: Projection): void {
    const { context } = this.surface
    context.save()
    context.globalAlpha = 0.5
    context.lineCap = 'round'
    context.beginPath()
    const [first] = points
    if (points.length === 1 && first !== undefined) trace(context, [first, [first[0] + 0.01 + 1 / to.scale, first[1]]], to, false)
    else trace(context, points, to, false)
    stroke(context, this.#editor.root.tool === 'eraser' ? LIGHT : color, 2 * thick * to.scale)
    context.restore()
  }

  /** The rim of the brush, where it would paint. */
  #brush(at: Point, camera: Camera): void {
    const { context } = this.surface
    const [x, y] = toScreen(camera, at)
    context.beginPath()
    context.arc(x, y, Math.max(2, this.#editor.session.brush * camera.zoom), 0, 2 * Math.PI)
    stroke(context, CASING, 3)
    stroke(context, LIGHT, 1.5)
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
