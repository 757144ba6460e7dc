import type { Camera, Size } from '../../../canvas'

/** One canvas of the stack, as many device pixels as it covers. */
export class Surface {
  readonly element: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  #ratio = 1
  /** Whether nothing is drawn on it: it need not be wiped then, and the screen not be handed all of it. */
  #isBlank = true

  constructor(host: HTMLElement) {
    this.element = document.createElement('canvas')
    this.element.style.cssText = 'position:absolute;inset-block-start:0;inset-inline-start:0;inline-size:100%;block-size:100%;pointer-events:none'
    const context = this.element.getContext('2d')
    if (context === null) throw new Error('This browser cannot draw on a canvas')
    this.#context = context
    host.append(this.element)
  }

  resize(size: Size, ratio: number): void {
    this.#ratio = ratio
    // Setting the size of a canvas wipes it, even to the size that it has.
    this.element.width = Math.max(1, Math.round(size.width * ratio))
    this.element.height = Math.max(1, Math.round(size.height * ratio))
    this.#isBlank = true
    // A canvas of a new size is copied to the screen once, blank as it is: one that is not shown is not.
    this.element.style.display = 'none'
  }

  /** To draw with: whoever only looks must not ask for it. */
  get context(): CanvasRenderingContext2D {
    if (this.#isBlank) this.element.style.display = ''
    this.#isBlank = false
    return this.#context
  }

  clear(): void {
    if (this.#isBlank) return
    this.#context.setTransform(1, 0, 0, 1, 0, 0)
    this.#context.clearRect(0, 0, this.element.width, this.element.height)
    this.#isBlank = true
  }

  /** From here on, drawing is in pixels of the screen. */
  toScreen(): void {
    this.context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0)
  }

  get ratio(): number {
    return this.#ratio
  }
}

/** From image pixels to device pixels: a device pixel is `x * scale + dx`. */
export interface Projection {
  readonly scale: number
  readonly dx: number
  readonly dy: number
}

export const projection = (camera: Camera, ratio: number): Projection => ({
  scale: camera.zoom * ratio,
  dx: -camera.x * camera.zoom * ratio,
  dy: -camera.y * camera.zoom * ratio,
})
