import { type Bounds, type Camera, type Diff, type Editor, type EditorRecord, type ObjectRecord, type Size, boundsOfShape } from '../../../canvas'
import { DOT_PX, paintBatches } from './paint'
import { Raster } from './raster'

/** More changes than this at once, and drawing everything is the smaller work. */
const PATCHES_MAX = 200
const WIDTH_PX = 1.75
const CASING_PX = 3.5
/** What of a shape lies beyond its bounds. */
const MARGIN_PX = DOT_PX + CASING_PX

/**
 * All shapes that are not in the hand, on a raster that a gesture of the camera only moves. A
 * change of a shape draws again what lies under its bounds (W63).
 */
export class ShapesLayer {
  readonly raster: Raster
  readonly #editor: Editor
  readonly #colorOf: (classKey: string) => string
  /** Of several pictures of one moment the one that is drawn; the one in front where none is said. */
  readonly #pane: number | null
  #dirty: Bounds[] = []
  /** Where things of a video stood when they were drawn last: in another frame they stand elsewhere. */
  #standing: readonly Bounds[] = []
  /** In the hand: the overlay draws these while they change. */
  readonly #lifted = new Set<string>()

  constructor(host: HTMLElement, editor: Editor, colorOf: (classKey: string) => string, onRest: () => void, pane: number | null = null) {
    this.raster = new Raster(host, onRest)
    this.#editor = editor
    this.#colorOf = colorOf
    this.#pane = pane
    this.#standing = standingIn(editor)
  }

  /** Takes note of what changed. Says whether this layer has to be drawn for it. */
  hear(diff: Diff<EditorRecord>): boolean {
    const before = this.#dirty.length
    const isGesture = this.#editor.root.mode === 'gesture'
    let isElsewhere = false
    for (const [id, change] of diff) {
      const [was, is] = change
      // What stands for a track is heard of by the track alone, and by the frame.
      if ((was?.kind === 'track' || is?.kind === 'track') && !this.#lifted.has(id)) isElsewhere = true
      if (was?.kind === 'session' && is?.kind === 'session' && was.frame !== is.frame) isElsewhere = true
      for (const record of change) {
        if (record?.kind === 'object' && !this.#lifted.has(id) && this.#isHere(record)) this.#dirty.push(boundsOfShape(record.shape))
      }
      this.#hearSession(change)
      if (isGesture && ((was?.kind === 'object' && this.#isHere(was)) || was?.kind === 'track')) this.#lifted.add(id)
    }
    if (isElsewhere) {
      const standing = standingIn(this.#editor)
      this.#dirty.push(...this.#standing, ...standing)
      this.#standing = standing
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
    if (object !== null && this.#isHere(object)) this.#dirty.push(boundsOfShape(object.shape))
  }

  #isHere({ camera }: ObjectRecord): boolean {
    const { cameras } = this.#editor
    return cameras.length === 0 || camera === cameras[this.#at]?.name
  }

  get #at(): number {
    return this.#pane ?? this.#editor.session.pane
  }

  /** Another picture is in front: nothing of what is drawn is right. */
  turn(): void {
    this.#dirty = []
    this.#lifted.clear()
    this.raster.forget()
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
    this.#standing = standingIn(this.#editor)
  }

  draw(camera: Camera, screen: Size): void {
    this.settle()
    const { raster } = this
    if (raster.isStale(camera, screen, this.#editor.cameras[this.#at] ?? this.#editor.image) || this.#dirty.length > PATCHES_MAX) {
      this.#dirty = []
      raster.draw(camera, screen, (covers) => this.#paint(covers))
    } else this.#patch()
    raster.place(camera)
  }

  #patch(): void {
    const dirty = this.#dirty
    this.#dirty = []
    const { to, zoom, surface } = this.raster
    const { context } = surface
    const margin = MARGIN_PX / zoom
    const [first, ...others] = dirty.map((bounds) => grow(bounds, margin))
    if (first === undefined) return
    // One patch around all of them: it is one shape nearly always, before and after.
    const all = others.reduce(union, first)
    const [left, top] = [Math.floor(all.left * to.scale + to.dx), Math.floor(all.top * to.scale + to.dy)]
    const [right, bottom] = [Math.ceil(all.right * to.scale + to.dx), Math.ceil(all.bottom * to.scale + to.dy)]
    context.save()
    context.beginPath()
    context.rect(left, top, right - left, bottom - top)
    context.clip()
    context.clearRect(left, top, right - left, bottom - top)
    this.#paint(grow(all, margin))
    context.restore()
  }

  #paint(bounds: Bounds): void {
    const { hidden } = this.#editor.session
    const objects = this.#editor.scene.within(grow(bounds, MARGIN_PX / this.raster.zoom), this.#at).filter(({ id }) => !hidden.has(id) && !this.#lifted.has(id))
    if (objects.length === 0) return
    const { to, surface } = this.raster
    const strokes = { width: WIDTH_PX * surface.ratio, casing: CASING_PX * surface.ratio, ratio: surface.ratio }
    paintBatches(surface.context, objects, { editor: this.#editor, colorOf: this.#colorOf }, to, strokes)
  }
}

/** Where things of a video stand in the frame that is shown. */
const standingIn = ({ scene }: Editor): readonly Bounds[] => (scene.tracks.length === 0 ? [] : scene.objects.map(({ shape }) => boundsOfShape(shape)))

const grow = (b: Bounds, by: number): Bounds => ({ left: b.left - by, top: b.top - by, right: b.right + by, bottom: b.bottom + by })

const union = (a: Bounds, b: Bounds): Bounds => ({
  left: Math.min(a.left, b.left),
  top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right),
  bottom: Math.max(a.bottom, b.bottom),
})
