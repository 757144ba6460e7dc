import { type Diff, type Editor, type EditorRecord, type OntologyClass, type Pixels, type Size, setScreen } from '../../../canvas'
import { beside } from './beside'
import { Bitmaps } from './bitmaps'
import { Hands } from './hands'
import { ImageLayer } from './image-layer'
import type { ImageSource } from './image-source'
import type { LiveSource, PictureLayer } from './live'
import { readPixels } from './pixels'
import { OverlayLayer } from './overlay-layer'
import { ShapesLayer } from './shapes-layer'

export interface CanvasViewOptions {
  readonly host: HTMLElement
  readonly editor: Editor
  /** Of several pictures of one moment each, in the order of the editor's cameras. */
  readonly source: ImageSource | LiveSource | readonly ImageSource[]
  /** The name of the canvas, for those who hear the page. */
  readonly label: string
  /** Decoded pictures, shared between views so that the next one can be there before it is shown. */
  readonly bitmaps?: Bitmaps
  /** Where keys are listened for: the canvas alone, unless a page gives it the whole document. */
  readonly keyTarget?: Document
  readonly onReady?: () => void
  readonly onError?: (error: Error) => void
}

/** How the picture is shown; 1 is as it is. */
export interface Look {
  readonly brightness: number
  readonly contrast: number
}

type Layer = 'image' | 'shapes' | 'overlay'

const UNKNOWN_CLASS = '#f06595'

/**
 * Shows an editor in a page: picture, shapes, and what is in the hand, each on a canvas of its own,
 * and hands the page's events to the editor. It draws when something has changed, once a frame.
 */
export class CanvasView {
  /** Takes the focus and the pointer. Put no element of your own in it. */
  readonly element: HTMLElement
  readonly #editor: Editor
  #image: PictureLayer
  readonly #pictureOf: (pane: number) => PictureLayer
  readonly #readerOf: (pane: number) => () => Promise<Pixels>
  #look: Look = { brightness: 1, contrast: 1 }
  readonly #shapes: ShapesLayer
  readonly #overlay: OverlayLayer
  readonly #hands: Hands
  readonly #observer: ResizeObserver
  readonly #stopListening: (() => void)[]
  readonly #classes: ReadonlyMap<string, OntologyClass>
  readonly #beside = beside()
  #frame = 0
  #dirty: { [K in Layer]: boolean } = { image: true, shapes: true, overlay: true }
  #ratio = 0
  #size: Size = { width: -1, height: -1 }
  #dimmed = false
  /** Frames drawn, for the benchmark. */
  frames = 0

  constructor({ host, editor, source, label, bitmaps = new Bitmaps(), ...options }: CanvasViewOptions) {
    this.#editor = editor
    this.#classes = new Map(editor.ontology.classes.map((c) => [c.key, c]))
    this.element = document.createElement('div')
    this.element.tabIndex = 0
    this.element.setAttribute('role', 'application')
    this.element.setAttribute('aria-label', label)
    this.element.dir = 'ltr'
    this.element.style.cssText =
      'position:relative;inline-size:100%;block-size:100%;overflow:hidden;touch-action:none;user-select:none;-webkit-user-select:none'
    host.append(this.element)

    const colorOf = (key: string): string => this.#classes.get(key)?.color ?? UNKNOWN_CLASS
    const events = {
      onChange: () => this.#invalidate('image'),
      onReady: options.onReady ?? (() => {}),
      onError: options.onError ?? ((error: Error) => console.error(error)),
    }
    const sourceAt = (pane: number): ImageSource | LiveSource => {
      if (!Array.isArray(source)) return source as ImageSource | LiveSource
      const found = (source as readonly ImageSource[])[pane]
      if (found === undefined) throw new Error(`There is no picture ${pane}`)
      return found
    }
    this.#pictureOf = (pane) => {
      const one = sourceAt(pane)
      return 'attach' in one ? one.attach(this.element, events) : new ImageLayer(this.element, one, bitmaps, events)
    }
    this.#readerOf = (pane) => {
      const one = sourceAt(pane)
      return () => ('attach' in one ? one.pixels() : readPixels(one, bitmaps))
    }
    this.#image = this.#pictureOf(editor.session.pane)
    this.#shapes = new ShapesLayer(this.element, editor, colorOf, () => this.#invalidate('shapes'))
    this.#overlay = new OverlayLayer(this.element, editor, colorOf)
    this.#hands = new Hands(editor, this.element, options.keyTarget ?? this.element, () => this.#showCursor())
    this.#stopListening = [
      editor.store.listen((diff) => this.#hear(diff)),
      // Also told when no record has changed but the hand has: what it held goes back to its layer.
      editor.subscribe(() => this.#invalidate('overlay')),
    ]
    editor.readPixels = this.#readerOf(editor.session.pane)
    editor.elsewhere = this.#beside.elsewhere
    this.#observer = new ResizeObserver(() => this.#resize())
    this.#observer.observe(this.element)
    this.#resize()
  }

  focus(): void {
    this.element.focus({ preventScroll: true })
  }

  /** Brightness and contrast of the picture alone: the shapes stay as they are. */
  setLook(look: Look): void {
    this.#look = look
    const { brightness, contrast } = look
    const isPlain = brightness === 1 && contrast === 1
    this.#image.raster.surface.element.style.filter = isPlain ? '' : `brightness(${brightness}) contrast(${contrast})`
  }

  /** While something is selected, the others step back. */
  setDimming(to: 'on' | 'off'): void {
    this.#dimmed = to === 'on'
    this.#invalidate('overlay')
  }

  /** Asks again for what did not come. */
  retry(): void {
    this.#image.start()
  }

  /** How often all shapes have been drawn, for the benchmark. */
  get rasters(): number {
    return this.#shapes.raster.draws
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame)
    for (const stop of this.#stopListening) stop()
    this.#observer.disconnect()
    this.#beside.end()
    this.#hands.destroy()
    this.#image.destroy()
    this.#shapes.raster.destroy()
    this.#overlay.destroy()
    this.element.remove()
  }

  #hear(diff: Diff<EditorRecord>): void {
    if (this.#shapes.hear(diff)) this.#invalidate('shapes')
    for (const [before, after] of diff.values()) {
      const isCamera = after?.kind === 'session' && before?.kind === 'session' && after.camera !== before.camera
      if (isCamera) this.#invalidate('image', 'shapes')
      if (after?.kind === 'session' && before?.kind === 'session' && after.pane !== before.pane) this.#turn(after.pane)
    }
  }

  /** Another of several pictures comes to the front, in the same moment as what is on it. */
  #turn(pane: number): void {
    this.#image.destroy()
    this.#image = this.#pictureOf(pane)
    const { raster } = this.#image
    // At the bottom of the stack, where the other one was.
    this.element.prepend(raster.surface.element)
    const { clientWidth: width, clientHeight: height } = this.element
    raster.resize({ width, height }, this.#ratio)
    this.setLook(this.#look)
    this.#shapes.turn()
    this.#editor.readPixels = this.#readerOf(pane)
    this.#invalidate('image', 'shapes', 'overlay')
  }

  #invalidate(...layers: Layer[]): void {
    for (const layer of layers) this.#dirty[layer] = true
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw())
  }

  #draw(): void {
    this.#frame = 0
    this.frames += 1
    // Moved to another screen, or zoomed by the browser: the same size, other pixels.
    if (devicePixelRatio !== this.#ratio) this.#resize()
    const { camera, screen, selected } = this.#editor.session
    const dirty = this.#dirty
    this.#dirty = { image: false, shapes: false, overlay: false }
    if (dirty.image) this.#image.draw(camera, screen)
    // The hand has let go: what it held must be drawn on the layer below before it leaves the overlay.
    if (dirty.shapes || (this.#shapes.lifted.size > 0 && this.#editor.root.mode !== 'gesture')) this.#shapes.draw(camera, screen)
    this.#overlay.draw(this.#shapes.lifted)
    this.#shapes.raster.surface.element.style.opacity = this.#dimmed && selected.length > 0 ? '0.35' : ''
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.element
    // Being observed begins with being told of a size that is known.
    if (this.#ratio === devicePixelRatio && this.#size.width === width && this.#size.height === height) return
    this.#ratio = devicePixelRatio
    this.#size = { width, height }
    for (const layer of [this.#image.raster, this.#shapes.raster, this.#overlay.surface]) layer.resize({ width, height }, this.#ratio)
    const { screen } = this.#editor.session
    if (screen.width !== width || screen.height !== height) setScreen(this.#editor, { width, height })
    this.#invalidate('image', 'shapes', 'overlay')
  }

  #showCursor(): void {
    const { isSpaceHeld, root, session } = this.#editor
    const cursor = isSpaceHeld && root.mode !== 'gesture' ? 'grab' : session.cursor
    if (this.element.style.cursor !== cursor) this.element.style.cursor = cursor
  }
}
