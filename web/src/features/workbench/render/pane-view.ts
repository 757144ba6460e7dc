import { type Camera, type Diff, type Editor, type EditorRecord, type ObjectRecord, type PaneView as View, type Point, type Size, isInFront, setView } from '../../../canvas'
import { fitTo, keepOnImage, toImage, zoomAt } from '../../../canvas/kernels/camera'
import { ZOOM_MAX, ZOOM_MIN } from '../../../canvas/limits'
import type { Bitmaps } from './bitmaps'
import { ImageLayer } from './image-layer'
import type { ImageSource } from './image-source'
import { CASING, paintDots, stroke, tracePaths } from './paint'
import { ShapesLayer } from './shapes-layer'
import { Surface, projection } from './surface'

const RANGE = { min: ZOOM_MIN, max: ZOOM_MAX }
/** A small picture may be drawn smaller than a large one may be looked at. */
const SMALL = { min: 0.001, max: ZOOM_MAX }
/** Pixels of scrolling that double or halve the zoom, as on the large picture. */
const WHEEL_PX = 240
const UNKNOWN_CLASS = '#f06595'
const LIGHT = '#ffffff'
const GHOST_DASH: [number, number] = [4, 3]

interface PaneViewOptions {
  readonly host: HTMLElement
  readonly editor: Editor
  readonly source: ImageSource
  /** Its place among the cameras. */
  readonly pane: number
  readonly bitmaps: Bitmaps
  readonly onError: (error: Error) => void
}

/**
 * One of several pictures of one moment, small and alive: what of it was looked at when it was in front last, and what is
 * marked there. The one in front is shown whole, so that a gesture on the large picture costs nothing here.
 */
export class PaneView {
  readonly #host: HTMLElement
  readonly #editor: Editor
  readonly #source: ImageSource
  readonly #pane: number
  readonly #image: ImageLayer
  readonly #shapes: ShapesLayer
  readonly #over: Surface
  readonly #observer: ResizeObserver
  readonly #stops: (() => void)[]
  readonly #colors: ReadonlyMap<string, string>
  #screen: Size = { width: 0, height: 0 }
  #frame = 0

  constructor({ host, editor, source, pane, bitmaps, onError }: PaneViewOptions) {
    this.#host = host
    this.#editor = editor
    this.#source = source
    this.#pane = pane
    this.#colors = new Map(editor.ontology.classes.map(({ key, color }) => [key, color]))
    const layers = document.createElement('div')
    layers.style.cssText = 'position:absolute;inset:0;overflow:hidden;pointer-events:none'
    layers.dir = 'ltr'
    host.prepend(layers)
    const colorOf = (key: string) => this.#colorOf(key)
    this.#image = new ImageLayer(layers, source, bitmaps, { onChange: () => this.#invalidate(), onReady: () => {}, onError })
    this.#shapes = new ShapesLayer(layers, editor, colorOf, () => this.#invalidate(), pane)
    this.#over = new Surface(layers)
    const onWheel = (event: WheelEvent) => this.#zoom(event)
    host.addEventListener('wheel', onWheel, { passive: false })
    this.#stops = [
      editor.store.listen((diff) => this.#hear(diff)),
      // What a hand held here is drawn again when it lets go.
      editor.subscribe(() => this.#shapes.lifted.size > 0 && editor.root.mode !== 'gesture' && this.#invalidate()),
      () => host.removeEventListener('wheel', onWheel),
      () => layers.remove(),
    ]
    this.#observer = new ResizeObserver(() => this.#resize())
    this.#observer.observe(host)
    this.#resize()
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame)
    this.#observer.disconnect()
    this.#image.destroy()
    this.#shapes.raster.destroy()
    for (const stop of this.#stops) stop()
  }

  #colorOf(key: string): string {
    return this.#colors.get(key) ?? UNKNOWN_CLASS
  }

  #hear(diff: Diff<EditorRecord>): void {
    if (this.#shapes.hear(diff)) this.#invalidate()
    for (const [before, after] of diff.values()) {
      if (before?.kind !== 'session' || after?.kind !== 'session') continue
      const isSeen = before.pane !== after.pane || before.selected !== after.selected || before.ghosts !== after.ghosts || before.ghost !== after.ghost
      if (isSeen || before.views.get(this.#pane) !== after.views.get(this.#pane)) this.#invalidate()
    }
  }

  #invalidate(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw())
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.#host
    if (this.#screen.width === width && this.#screen.height === height) return
    this.#screen = { width, height }
    for (const layer of [this.#image.raster, this.#shapes.raster, this.#over]) layer.resize(this.#screen, devicePixelRatio)
    this.#invalidate()
  }

  /** How it is looked at when it is in front; null where that is as a whole. */
  get #view(): View | null {
    const { session } = this.#editor
    const view = session.pane === this.#pane ? null : (session.views.get(this.#pane) ?? null)
    return view === null || view.fitted || view.camera.zoom <= this.#whole.zoom ? null : view
  }

  /** The whole of it as the large picture would show it. */
  get #whole(): Camera {
    return fitTo({ left: 0, top: 0, right: this.#source.width, bottom: this.#source.height }, this.#editor.session.screen, 0, RANGE)
  }

  /** How many of its pixels stand for one of the large picture, of which it shows the same part. */
  get #reduce(): number {
    const { screen } = this.#editor.session
    return Math.min(this.#screen.width / Math.max(1, screen.width), this.#screen.height / Math.max(1, screen.height))
  }

  get #camera(): Camera {
    const { width, height } = this.#screen
    const view = this.#view
    if (view === null) return fitTo({ left: 0, top: 0, right: this.#source.width, bottom: this.#source.height }, this.#screen, 0, SMALL)
    const { screen } = this.#editor.session
    const zoom = view.camera.zoom * this.#reduce
    const [x, y] = toImage(view.camera, [screen.width / 2, screen.height / 2])
    return { zoom, x: x - width / 2 / zoom, y: y - height / 2 / zoom }
  }

  /** The wheel over a picture that is not in front zooms that one (W161). */
  #zoom(event: WheelEvent): void {
    const { session } = this.#editor
    if (session.pane === this.#pane || event.deltaY === 0) return
    event.preventDefault()
    const whole = this.#whole
    const { left, top } = this.#host.getBoundingClientRect()
    const reduce = this.#reduce
    const onLarge = (at: number, small: number, large: number) => (at - small / 2) / reduce + large / 2
    const at: Point = [
      onLarge(event.clientX - left, this.#screen.width, session.screen.width),
      onLarge(event.clientY - top, this.#screen.height, session.screen.height),
    ]
    const zoomed = zoomAt(this.#view?.camera ?? whole, at, 2 ** (-event.deltaY / WHEEL_PX), RANGE)
    const view = zoomed.zoom <= whole.zoom ? { camera: whole, fitted: true } : { camera: keepOnImage(zoomed, session.screen, this.#source), fitted: false }
    this.#editor.act(() => setView(this.#editor, this.#pane, view))
  }

  #draw(): void {
    this.#frame = 0
    const camera = this.#camera
    this.#image.draw(camera, this.#screen)
    this.#shapes.draw(camera, this.#screen)
    this.#drawOver(camera)
  }

  /** What is suggested here, and, where it is not in front, what is selected or said to be the same thing as that (W163). */
  #drawOver(camera: Camera): void {
    const { session, scene } = this.#editor
    const name = this.#editor.cameras[this.#pane]?.name
    const isHere = (object: ObjectRecord) => object.camera === name && !session.hidden.has(object.id)
    this.#over.clear()
    for (const ghost of session.ghosts) if (isHere(ghost)) this.#outline(ghost, camera, ghost.id === session.ghost ? 2.5 : 1.5, GHOST_DASH)
    const selected = session.selected.flatMap((id) => scene.get(id) ?? [])
    if (selected.length === 0) return
    const groups = new Set(selected.flatMap(({ group }) => group ?? []))
    const meant = groups.size === 0 ? selected : scene.objects.filter((object) => session.selected.includes(object.id) || (object.group !== null && groups.has(object.group)))
    for (const object of meant) if (isHere(object) && !isInFront(this.#editor, object)) this.#outline(object, camera, 2.5, [])
  }

  #outline(object: ObjectRecord, camera: Camera, width: number, dash: number[]): void {
    const { context } = this.#over
    this.#over.toScreen()
    const to = projection(camera, 1)
    const color = this.#colorOf(object.class)
    const { paths, dots } = this.#editor.drawingOf(object)
    context.beginPath()
    tracePaths(context, paths, to, 'closed')
    tracePaths(context, paths, to, 'open')
    stroke(context, CASING, width + 2.5)
    context.setLineDash(dash)
    stroke(context, LIGHT, width + (dash.length > 0 ? 0 : 1))
    context.lineDashOffset = dash[0] ?? 0
    stroke(context, color, width)
    context.lineDashOffset = 0
    context.setLineDash([])
    paintDots(context, dots, color, to, 1)
  }
}
