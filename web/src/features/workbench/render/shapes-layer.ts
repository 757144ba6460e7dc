import {
  type Bounds,
  type Camera,
  type Diff,
  type Editor,
  type EditorRecord,
  type Size,
  boundsOfShape,
  visible,
} from '../../../canvas'
import { paintBatches } from './paint'
import { type Projection, Surface, projection } from './surface'

/** The raster is this much wider and higher than the screen, so that a pan has something to show. */
const OVERSIZE = 1.5
/** Milliseconds without a move of the camera after which the shapes are drawn sharp again. */
const REST_MS = 140
/** While the camera moves, drawing anew may take this part of the time and no more. */
const DUTY = 1 / 5
/** More changes than this at once, and drawing everything is the smaller work. */
const PATCHES_MAX = 200
const WIDTH_PX = 1.75
const CASING_PX = 3.5

/**
 * All shapes that are not in the hand. They are drawn once onto a raster larger than the screen; a
 * gesture of the camera moves and stretches the raster, and only its end draws the shapes again.
 * A change of a shape draws again what lies under its bounds.
 */
export class ShapesLayer {
  readonly surface: Surface
  readonly #editor: Editor
  readonly #colorOf: (classKey: string) => string
  readonly #raster: OffscreenCanvas
  readonly #context: OffscreenCanvasRenderingContext2D
  readonly #onRest: () => void
  /** How the camera stood when the raster was drawn, and what of the image it covers. Null: draw anew. */
  #drawn: { readonly camera: Camera; readonly covers: Bounds; readonly to: Projection } | null = null
  #last: Camera | null = null
  #rest: ReturnType<typeof setTimeout> | undefined
  #isResting = true
  #dirty: Bounds[] = []
  /** In the hand: the overlay draws these while they change. */
  readonly #lifted = new Set<string>()
  #rasteredAt = 0
  #rasterMs = 0
  rasters = 0

  constructor(host: HTMLElement, editor: Editor, colorOf: (classKey: string) => string, onRest: () => void) {
    this.surface = new Surface(host)
    this.#editor = editor
    this.#colorOf = colorOf
    this.#onRest = onRest
    this.#raster = new OffscreenCanvas(1, 1)
    const context = this.#raster.getContext('2d')
    if (context === null) throw new Error('This browser cannot draw on a canvas')
    this.#context = context
  }

  /** Takes note of what changed. Says whether this layer has to be drawn for it. */
  hear(diff: Diff<EditorRecord>): boolean {
    const before = this.#dirty.length
    const isGesture = this.#editor.root.mode === 'gesture'
    for (const [id, change] of diff) {
      for (const record of change) {
        if (record?.kind === 'object' && !this.#lifted.has(id)) this.#dirty.push(boundsOfShape(record.shape))
      }
      this.#hearSession(change)
      if (isGesture && change[0]?.kind === 'object') this.#lifted.add(id)
    }
    return this.#dirty.length > before
  }

  #hearSession([before, after]: readonly [EditorRecord | null, EditorRecord | null]): void {
    if (before?.kind !== 'session' || after?.kind !== 'session' || before.hidden === after.hidden) return
    for (const id of before.hidden) if (!after.hidden.has(id)) this.#touch(id)
    for (const id of after.hidden) if (!before.hidden.has(id)) this.#touch(id)
  }

  #touch(id: string): void {
    const object = this.#editor.scene.get(id)
    if (object !== null) this.#dirty.push(boundsOfShape(object.shape))
  }

  /** What the hand holds; the overlay must draw it. */
  get lifted(): ReadonlySet<string> {
    return this.#lifted
  }

  /** When the hand is off again, what it held goes back onto the raster. */
  settle(): void {
    if (this.#lifted.size === 0 || this.#editor.root.mode === 'gesture') return
    const ids = [...this.#lifted]
    this.#lifted.clear()
    for (const id of ids) this.#touch(id)
  }

  resize(size: Size, ratio: number): void {
    this.surface.resize(size, ratio)
    this.#raster.width = Math.ceil(this.surface.element.width * OVERSIZE)
    this.#raster.height = Math.ceil(this.surface.element.height * OVERSIZE)
    this.#drawn = null
  }

  draw(camera: Camera, screen: Size): void {
    if (this.#last !== null && this.#last !== camera) this.#moved()
    this.#last = camera
    this.settle()
    if (this.#mustRaster(camera, screen)) this.#drawAll(camera, screen)
    else this.#patch()
    this.#blit(camera)
  }

  #moved(): void {
    this.#isResting = false
    clearTimeout(this.#rest)
    this.#rest = setTimeout(() => {
      this.#isResting = true
      this.#onRest()
    }, REST_MS)
  }

  #mustRaster(camera: Camera, screen: Size): boolean {
    if (this.#drawn === null || this.#dirty.length > PATCHES_MAX) return true
    const isCovered = contains(this.#drawn.covers, within(visible(camera, screen), this.#editor.image))
    if (this.#isResting) return !isCovered || this.#drawn.camera.zoom !== camera.zoom
    // Too far from what was drawn: draw again in the middle of the gesture, but not all the time.
    return !isCovered && performance.now() - this.#rasteredAt > this.#rasterMs / DUTY
  }

  #drawAll(camera: Camera, screen: Size): void {
    const start = performance.now()
    const { ratio } = this.surface
    const margin = (OVERSIZE - 1) / 2 / camera.zoom
    const wide = { ...camera, x: camera.x - screen.width * margin, y: camera.y - screen.height * margin }
    const covers = visible(wide, { width: screen.width * OVERSIZE, height: screen.height * OVERSIZE })
    this.#drawn = { camera: wide, covers, to: projection(wide, ratio) }
    this.#dirty = []
    this.#context.clearRect(0, 0, this.#raster.width, this.#raster.height)
    this.#paint(covers)
    this.rasters += 1
    this.#rasteredAt = performance.now()
    this.#rasterMs = this.#rasteredAt - start
  }

  #patch(): void {
    const dirty = this.#dirty
    this.#dirty = []
    if (this.#drawn === null || dirty.length === 0) return
    const { to, camera } = this.#drawn
    const margin = CASING_PX / camera.zoom
    const [first, ...others] = dirty.map((bounds) => grow(bounds, margin))
    if (first === undefined) return
    // One patch around all of them: it is one shape nearly always, before and after.
    const all = others.reduce(union, first)
    const [left, top] = [Math.floor(all.left * to.scale + to.dx), Math.floor(all.top * to.scale + to.dy)]
    const [right, bottom] = [Math.ceil(all.right * to.scale + to.dx), Math.ceil(all.bottom * to.scale + to.dy)]
    this.#context.save()
    this.#context.beginPath()
    this.#context.rect(left, top, right - left, bottom - top)
    this.#context.clip()
    this.#context.clearRect(left, top, right - left, bottom - top)
    this.#paint(grow(all, margin))
    this.#context.restore()
  }

  #paint(bounds: Bounds): void {
    if (this.#drawn === null) return
    const { hidden } = this.#editor.session
    const objects = this.#editor.scene.within(bounds).filter(({ id }) => !hidden.has(id) && !this.#lifted.has(id))
    const { ratio } = this.surface
    paintBatches(this.#context, objects, this.#colorOf, this.#drawn.to, { width: WIDTH_PX * ratio, casing: CASING_PX * ratio })
  }

  #blit(camera: Camera): void {
    this.surface.clear()
    if (this.#drawn === null) return
    const to = projection(camera, this.surface.ratio)
    const stretch = camera.zoom / this.#drawn.camera.zoom
    const x = this.#drawn.camera.x * to.scale + to.dx
    const y = this.#drawn.camera.y * to.scale + to.dy
    const { context } = this.surface
    // Not stretched, it lies on whole device pixels and stays as sharp as it was drawn.
    if (stretch === 1) context.drawImage(this.#raster, Math.round(x), Math.round(y))
    else context.drawImage(this.#raster, x, y, this.#raster.width * stretch, this.#raster.height * stretch)
  }

  destroy(): void {
    clearTimeout(this.#rest)
    this.surface.element.remove()
  }
}

const within = (b: Bounds, { width, height }: Size): Bounds => ({
  left: Math.max(0, b.left),
  top: Math.max(0, b.top),
  right: Math.min(width, b.right),
  bottom: Math.min(height, b.bottom),
})

const grow = (b: Bounds, by: number): Bounds => ({ left: b.left - by, top: b.top - by, right: b.right + by, bottom: b.bottom + by })

const union = (a: Bounds, b: Bounds): Bounds => ({
  left: Math.min(a.left, b.left),
  top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right),
  bottom: Math.max(a.bottom, b.bottom),
})

const contains = (outer: Bounds, inner: Bounds): boolean =>
  outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom
