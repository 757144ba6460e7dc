import { type Bounds, type Camera, type Size, visible } from '../../../canvas'
import { type Projection, Surface, projection } from './surface'

/** The raster is this much wider and higher than the screen, so that a pan has something to show. */
const OVERSIZE = 1.5
/** Milliseconds without a move of the camera after which the layer is drawn sharp again. */
const REST_MS = 140
/** While the camera moves, drawing anew may take this part of the time and no more (W62). */
const DUTY = 1 / 5

/**
 * A canvas larger than the screen that is drawn once and then moved and stretched with the camera
 * by a transform: a frame of a gesture paints nothing, it tells the compositor where the layer lies.
 */
export class Raster {
  readonly surface: Surface
  readonly #onRest: () => void
  #camera: Camera = { zoom: 1, x: 0, y: 0 }
  #covers: Bounds | null = null
  #last: Camera | null = null
  #rest: ReturnType<typeof setTimeout> | undefined
  #isResting = true
  #drawnAt = 0
  #drawMs = 0
  /** How often it has been drawn, for the benchmark. */
  draws = 0

  constructor(host: HTMLElement, onRest: () => void) {
    this.surface = new Surface(host)
    this.surface.element.style.transformOrigin = '0 0'
    this.surface.element.style.willChange = 'transform'
    this.#onRest = onRest
  }

  /** What of the image the raster holds, how image pixels lie on it, and at which zoom. */
  get covers(): Bounds | null {
    return this.#covers
  }
  get to(): Projection {
    return projection(this.#camera, this.surface.ratio)
  }
  get zoom(): number {
    return this.#camera.zoom
  }

  resize({ width, height }: Size, ratio: number): void {
    const size = { width: Math.ceil(width * OVERSIZE), height: Math.ceil(height * OVERSIZE) }
    this.surface.resize(size, ratio)
    this.surface.element.style.inlineSize = `${this.surface.element.width / ratio}px`
    this.surface.element.style.blockSize = `${this.surface.element.height / ratio}px`
    this.forget()
  }

  forget(): void {
    this.#covers = null
  }

  /** Takes note of where the camera is; says whether what is drawn will not do for it. */
  isStale(camera: Camera, screen: Size, image: Size): boolean {
    if (this.#last !== null && this.#last !== camera) this.#moved()
    this.#last = camera
    if (this.#covers === null) return true
    const isCovered = contains(this.#covers, within(visible(camera, screen), image))
    if (this.#isResting) return !isCovered || this.#camera.zoom !== camera.zoom
    return !isCovered && performance.now() - this.#drawnAt > this.#drawMs / DUTY
  }

  #moved(): void {
    this.#isResting = false
    clearTimeout(this.#rest)
    this.#rest = setTimeout(() => {
      this.#isResting = true
      this.#onRest()
    }, REST_MS)
  }

  draw(camera: Camera, screen: Size, paint: (covers: Bounds) => void): void {
    const start = performance.now()
    const margin = (OVERSIZE - 1) / 2 / camera.zoom
    this.#camera = { ...camera, x: camera.x - screen.width * margin, y: camera.y - screen.height * margin }
    this.#covers = visible(this.#camera, { width: screen.width * OVERSIZE, height: screen.height * OVERSIZE })
    this.surface.clear()
    paint(this.#covers)
    this.draws += 1
    this.#drawnAt = performance.now()
    this.#drawMs = this.#drawnAt - start
  }

  /** Lays what is drawn where the camera has it. */
  place(camera: Camera): void {
    const { ratio, element } = this.surface
    const stretch = camera.zoom / this.#camera.zoom
    const x = (this.#camera.x - camera.x) * camera.zoom
    const y = (this.#camera.y - camera.y) * camera.zoom
    // Not stretched, it lies on whole device pixels and stays as sharp as it was drawn.
    const onPixel = (value: number) => (stretch === 1 ? Math.round(value * ratio) / ratio : value)
    element.style.transform = `translate(${onPixel(x)}px, ${onPixel(y)}px) scale(${stretch})`
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

const contains = (outer: Bounds, inner: Bounds): boolean =>
  outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom
