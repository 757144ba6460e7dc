/** What the hand does over a cloud: with a mouse, a pen, one finger or two. One gesture at a time, between coming down and going up. */
import { type CuboidRecord, createCuboid, cuboidInHand, select, standOf } from '../../../canvas'
import { type Place, type Ray, aboutZ, lengthOf, minus, onLevel, plus } from '../../../canvas/kernels/space'
import { type Ball, brushed } from '../../../canvas/kernels/strokes'
import { Palm } from '../palm'
import { eyeOf, pannedBy, turnedBy, zoomedAt } from './orbit'
import type { To } from './painting'
import type { CloudOnScreen } from './view'

/** Screen pixels: less is a tremble, and a tremble is a click. */
const TREMBLE_PX = 4
const TREMBLE_TOUCH_PX = 9
/** Screen pixels within which a point is meant. */
const REACH_PX = 7
const REACH_TOUCH_PX = 14
/** Radians of a pixel. */
const TURN_PX = 0.006
const WHEEL_PX = 400

const rayOf = (view: CloudOnScreen, { clientX, clientY }: PointerEvent): Ray => view.rayAt(clientX, clientY)

/** Radians within which a point is meant. */
const reachOf = (view: CloudOnScreen, { pointerType }: PointerEvent): number =>
  ((pointerType === 'mouse' ? REACH_PX : REACH_TOUCH_PX) * 2 * Math.tan(Math.PI / 8)) / Math.max(1, view.height)

export class Hand {
  readonly #view: CloudOnScreen
  readonly #canvas: HTMLCanvasElement
  readonly #pointers = new Map<number, { x: number; y: number }>()
  readonly #stop = new AbortController()
  readonly #palm = new Palm()
  #gesture: Gesture | null = null

  constructor(view: CloudOnScreen, canvas: HTMLCanvasElement) {
    this.#view = view
    this.#canvas = canvas
    canvas.style.touchAction = 'none'
    const on = <K extends keyof HTMLElementEventMap>(name: K, heard: (event: HTMLElementEventMap[K]) => void) => canvas.addEventListener(name, heard, { passive: false, signal: this.#stop.signal })
    on('contextmenu', (event) => event.preventDefault())
    on('wheel', (event) => {
      event.preventDefault()
      view.look(zoomedAt(view.orbitNow, 2 ** (event.deltaY / WHEEL_PX), this.#groundUnder(event.clientX, event.clientY)))
    })
    const onPointer = (name: 'pointerdown' | 'pointermove' | 'pointerup' | 'pointercancel', heard: (event: PointerEvent) => void) =>
      on(name, (event) => !this.#palm.is(event) && heard(event))
    onPointer('pointerdown', (event) => this.#down(event))
    onPointer('pointermove', (event) => this.#move(event))
    onPointer('pointerup', (event) => this.#up(event))
    onPointer('pointercancel', (event) => {
      if (!this.#pointers.delete(event.pointerId)) return
      this.#gesture?.drop(view)
      this.#gesture = null
    })
  }

  destroy(): void {
    this.#stop.abort()
  }

  #groundUnder(x: number, y: number): Place | null {
    const { orbitNow, origin } = this.#view
    const place = onLevel(this.#view.rayAt(x, y), orbitNow.target[2] + origin[2])
    if (place === null) return null
    const here = minus(place, origin)
    // What lies at the horizon is no place to go to.
    return lengthOf(minus(here, eyeOf(orbitNow))) > 6 * orbitNow.distance ? null : here
  }

  #down(event: PointerEvent): void {
    this.#canvas.setPointerCapture(event.pointerId)
    this.#canvas.parentElement?.focus({ preventScroll: true })
    if (event.pointerType === 'pen' && this.#pointers.size > 0) {
      this.#gesture?.drop(this.#view)
      this.#palm.rest(this.#pointers.keys())
      this.#pointers.clear()
    }
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    if (this.#pointers.size > 1) {
      this.#gesture?.drop(this.#view)
      this.#gesture = new Pinch(this.#pointers)
      return
    }
    this.#gesture = this.#begun(event)
  }

  #begun(event: PointerEvent): Gesture {
    const view = this.#view
    const { editor, painting } = view
    const { tool } = editor.getSnapshot()
    // While the left button draws, the right one turns the view.
    const isPutting = tool !== 'select' && !editor.session.readOnly
    if (event.button === 2 && isPutting) return new Looking('orbit', event)
    if (event.button !== 0 || event.shiftKey) return new Looking('pan', event)
    if (isPutting && tool === 'cuboid3d') return new Putting(event, rayOf(view, event))
    if (isPutting && painting.isGathering) {
      editor.act(() => editor.say('The stroke before is not done yet: wait, or give it up'))
      return new Looking('orbit', event)
    }
    if (isPutting) return tool === 'points3d' ? new Lassoing(event) : new Brushing(view, event, tool === 'brush3d' ? 'class' : 'none')
    const hit = view.cuboidOn(rayOf(view, event))
    return hit !== null && cuboidInHand(editor)?.id === hit.id ? new Moving(event, hit) : new Looking('orbit', event)
  }

  #move(event: PointerEvent): void {
    const known = this.#pointers.get(event.pointerId)
    if (known === undefined) {
      if (event.pointerType === 'mouse') this.#hover(event)
      return
    }
    const by = { x: event.clientX - known.x, y: event.clientY - known.y }
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    this.#gesture?.move(this.#view, event, by)
  }

  #hover(event: PointerEvent): void {
    const { editor, painting } = this.#view
    const { tool } = editor.getSnapshot()
    painting.over(tool === 'brush3d' || tool === 'eraser3d' ? { rim: [event.clientX, event.clientY] } : null)
    const hit = this.#view.cuboidOn(rayOf(this.#view, event))
    editor.act(() => editor.updateSession({ hovered: hit?.id ?? null }))
  }

  #up(event: PointerEvent): void {
    if (!this.#pointers.delete(event.pointerId)) return
    if (this.#pointers.size > 0) return
    const gesture = this.#gesture
    this.#gesture = null
    gesture?.end(this.#view, event)
  }
}

/** What the hand does between coming down and going up. */
interface Gesture {
  move(view: CloudOnScreen, event: PointerEvent, by: { x: number; y: number }): void
  end(view: CloudOnScreen, event: PointerEvent): void
  /** As if it had never been. */
  drop(view: CloudOnScreen): void
}

class Start {
  readonly #x: number
  readonly #y: number
  #isDrag = false

  constructor({ clientX, clientY }: PointerEvent) {
    this.#x = clientX
    this.#y = clientY
  }

  isDrag({ clientX, clientY, pointerType }: PointerEvent): boolean {
    const tremble = pointerType === 'mouse' ? TREMBLE_PX : TREMBLE_TOUCH_PX
    this.#isDrag ||= Math.hypot(clientX - this.#x, clientY - this.#y) > tremble
    return this.#isDrag
  }
}

/** Turns or moves the view; without a move it selects what is there. */
class Looking implements Gesture {
  readonly #what: 'orbit' | 'pan'
  readonly #start: Start

  constructor(what: 'orbit' | 'pan', event: PointerEvent) {
    this.#what = what
    this.#start = new Start(event)
  }

  move(view: CloudOnScreen, event: PointerEvent, { x, y }: { x: number; y: number }): void {
    if (!this.#start.isDrag(event)) return
    view.look(this.#what === 'orbit' ? turnedBy(view.orbitNow, -x * TURN_PX, y * TURN_PX) : pannedBy(view.orbitNow, x, y, view.height))
  }

  end(view: CloudOnScreen, event: PointerEvent): void {
    if (this.#start.isDrag(event) || event.button === 2) return
    const { editor } = view
    const hit = view.cuboidOn(rayOf(view, event))
    editor.act(() => {
      const { selected } = editor.session
      if (event.shiftKey && hit !== null) select(editor, selected.includes(hit.id) ? selected.filter((id) => id !== hit.id) : [...selected, hit.id])
      else if (hit !== null || !view.painting.selectOn(rayOf(view, event), reachOf(view, event))) select(editor, hit === null ? [] : [hit.id])
      if (hit !== null) editor.say(editor.describe(hit.id))
    })
  }

  drop(): void {}
}

class Pinch implements Gesture {
  readonly #pointers: ReadonlyMap<number, { x: number; y: number }>
  #spread: number
  #middle: { x: number; y: number }

  constructor(pointers: ReadonlyMap<number, { x: number; y: number }>) {
    this.#pointers = pointers
    this.#spread = this.#read().spread
    this.#middle = this.#read().middle
  }

  #read(): { spread: number; middle: { x: number; y: number } } {
    const [a, b] = [...this.#pointers.values()]
    if (a === undefined || b === undefined) return { spread: this.#spread, middle: this.#middle }
    return { spread: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)), middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } }
  }

  move(view: CloudOnScreen): void {
    const { spread, middle } = this.#read()
    view.look(zoomedAt(pannedBy(view.orbitNow, middle.x - this.#middle.x, middle.y - this.#middle.y, view.height), this.#spread / spread, null))
    this.#spread = spread
    this.#middle = middle
  }

  end(): void {}
  drop(): void {}
}

/** Moves the cuboid in the hand along the ground. */
class Moving implements Gesture {
  readonly #start: Start
  readonly #record: CuboidRecord
  #from: Place | null = null

  constructor(event: PointerEvent, record: CuboidRecord) {
    this.#start = new Start(event)
    this.#record = record
  }

  move(view: CloudOnScreen, event: PointerEvent): void {
    const stand = standOf(view.editor, this.#record)
    if (stand === null || !this.#start.isDrag(event)) return
    const to = onLevel(rayOf(view, event), stand.centre[2])
    if (to === null) return
    this.#from ??= to
    view.setPreview({ id: this.#record.id, size: this.#record.shape.size, stand: { ...stand, centre: plus(stand.centre, minus(to, this.#from)) } })
  }

  end(view: CloudOnScreen): void {
    if (this.#from !== null) view.settle('move')
  }

  drop(view: CloudOnScreen): void {
    view.setPreview(null)
  }
}

/** Metres: what is drawn shorter than this was a click that slipped. */
const SHORT = 0.3

/** Puts a new cuboid: around what is clicked, or along a drag from its back to its front. */
class Putting implements Gesture {
  readonly #start: Start
  readonly #ray: Ray
  #from: Place | null = null
  #to: Place | null = null

  constructor(event: PointerEvent, ray: Ray) {
    this.#start = new Start(event)
    this.#ray = ray
  }

  move(view: CloudOnScreen, event: PointerEvent): void {
    if (!this.#start.isDrag(event)) return
    if (this.#from === null) {
      const point = view.pointNear(this.#ray, 2 * reachOf(view, event)) ?? onLevel(this.#ray, view.orbitNow.target[2] + view.origin[2])
      if (point === null) return
      const level = view.groundAt(point) ?? point[2]
      this.#from = onLevel(this.#ray, level) ?? point
    }
    this.#to = onLevel(rayOf(view, event), this.#from[2])
    if (this.#to !== null) view.showRays([{ from: this.#from, along: minus(this.#to, this.#from) }], 1)
  }

  end(view: CloudOnScreen, event: PointerEvent): void {
    view.showRays([], 0)
    const { editor } = view
    if (!this.#start.isDrag(event)) {
      const point = view.pointNear(this.#ray, reachOf(view, event))
      if (point !== null) view.boxAt(point)
      else editor.act(() => editor.say('There is no point here'))
      return
    }
    const [from, to] = [this.#from, this.#to]
    if (from === null || to === null || lengthOf(minus(to, from)) < SHORT) return
    const length = lengthOf(minus(to, from))
    const yaw = Math.atan2(to[1] - from[1], to[0] - from[0])
    const size: Place = [length, Math.min(2.6, Math.max(0.6, 0.45 * length)), Math.min(3, Math.max(1.5, 0.38 * length))]
    const centre: Place = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2, from[2] + size[2] / 2]
    // As high and as wide as what stands in it.
    const room = view.extentIn({ centre, size: [size[0], size[1], size[2] + 1], rotation: aboutZ(yaw) })
    const height = room === null ? size[2] : Math.max(0.5, room.high[2] + (size[2] + 1) / 2)
    editor.act(() => {
      const made = createCuboid(editor, { centre: [centre[0], centre[1], from[2] + height / 2], size: [size[0], size[1], height], yaw })
      if (made !== null) editor.setTool('select')
    })
  }

  drop(view: CloudOnScreen): void {
    view.showRays([], 0)
  }
}

/** Takes the points within what is drawn, near and far; with Alt, their class is taken away. */
class Lassoing implements Gesture {
  readonly #line: (readonly [number, number])[]

  constructor({ clientX, clientY }: PointerEvent) {
    this.#line = [[clientX, clientY]]
  }

  move(view: CloudOnScreen, { clientX, clientY }: PointerEvent): void {
    this.#line.push([clientX, clientY])
    view.painting.over({ line: this.#line })
  }

  end(view: CloudOnScreen, { altKey }: PointerEvent): void {
    view.painting.over(null)
    if (this.#line.length < 3) return
    const { left, top } = view.corner
    void view.painting.lasso(this.#line.map(([x, y]) => [x - left, y - top] as const), altKey ? 'none' : 'class')
  }

  drop(view: CloudOnScreen): void {
    view.painting.over(null)
  }
}

/** Goes over points: one stroke is one step. */
class Brushing implements Gesture {
  readonly #to: To
  readonly #balls: Ball[] = []

  constructor(view: CloudOnScreen, event: PointerEvent, to: To) {
    this.#to = to
    this.move(view, event)
  }

  move(view: CloudOnScreen, { clientX, clientY }: PointerEvent): void {
    view.painting.over({ rim: [clientX, clientY] })
    const ball = view.painting.ballUnder(view.rayAt(clientX, clientY))
    if (ball === null) return
    this.#balls.push(ball)
    view.painting.tint(brushed([ball]), this.#to)
  }

  end(view: CloudOnScreen): void {
    void view.painting.go(this.#balls, this.#to)
  }

  drop(view: CloudOnScreen): void {
    view.painting.over(null)
    view.painting.untint()
  }
}
