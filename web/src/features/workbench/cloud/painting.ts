/**
 * What is said of points (W128, W174): strokes over those that are on the screen, and then over all that lie in them, fetched or not.
 */
import { type Editor, type PointsRecord, givePoints, ownersOf, pointsIn, selectPoint } from '../../../canvas'
import { type Place, type Ray, lengthOf, minus } from '../../../canvas/kernels/space'
import { type Ball, type Outlook, type Stroke, PointSet, brushed, lassoed } from '../../../canvas/kernels/strokes'
import type { Drawing } from './drawing'
import { OPENING } from './orbit'
import type { CloudPoints } from './points'
import { pointNear } from './sight'

/** Screen pixels: half the width of the brush. */
const BRUSH_MIN = 3
const BRUSH_MAX = 200
/** A stroke that is done sooner says nothing of how far it is. */
const TOLD_MS = 150

export type To = 'class' | 'none'

/** How far a stroke over points that are not on the screen is: nodes of the tree. */
export interface Gathering {
  readonly done: number
  readonly total: number
}

/** What the view tells of itself. */
interface Around {
  readonly editor: Editor
  readonly drawing: Drawing
  readonly host: HTMLElement
  readonly origin: Place
  frame(): number
  /** The cloud that is looked at. */
  cloud(): CloudPoints | undefined
  outlook(): Outlook
  onGathering(gathering: Gathering | null): void
}

export class Painting {
  /** Half the width of the brush, in pixels of the screen. */
  brush = 16
  readonly #around: Around
  readonly #over: SVGSVGElement
  /** What was said of the points that are shown, and how many were shown then. */
  #said: readonly PointsRecord[] = []
  #saidCount = -1
  #gathering: AbortController | null = null

  constructor(around: Around) {
    this.#around = around
    this.#over = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    this.#over.setAttribute('aria-hidden', 'true')
    around.host.append(this.#over)
  }

  destroy(): void {
    this.cancel()
    this.#over.remove()
  }

  get isAnythingSaid(): boolean {
    return this.#said.length > 0
  }

  /** Whether a stroke is still gathering its points. */
  get isGathering(): boolean {
    return this.#gathering !== null
  }

  /** Colours the points that are seen by what was said of them, where that or they have changed. */
  colour(): void {
    const { editor, drawing } = this.#around
    const [cloud, frame] = [this.#around.cloud(), this.#around.frame()]
    if (cloud === undefined) return
    const hidden = editor.session.hidden
    const said = pointsIn(editor, frame).filter(({ id }) => !hidden.has(id))
    const isSame = said.length === this.#said.length && said.every((record, i) => record === this.#said[i]) && cloud.count === this.#saidCount
    if (isSame || (said.length === 0 && this.#said.length === 0)) return
    this.#said = said
    this.#saidCount = cloud.count
    const classes = editor.ontology.classes.map(({ key }) => key)
    const numbers = [0, ...said.map((record) => Math.min(255, classes.indexOf(record.class) + 1))]
    const owners = ownersOf(said, cloud.index.points)
    const { points, count } = cloud
    for (let i = 0; i < count; i++) points.facts[4 * i + 2] = numbers[owners[points.numbers[i] as number] ?? 0] ?? 0
    drawing.refresh(frame)
  }

  /** What the points say anew, whatever they said before: of a cloud that was left, say. */
  forget(): void {
    this.#saidCount = -1
  }

  /** The ball around what the brush is on, as wide as the brush is there; null where there is nothing. */
  ballUnder(ray: Ray): Ball | null {
    const { origin } = this.#around
    const cloud = this.#around.cloud()
    const { eye, height } = this.#around.outlook()
    const pixel = (2 * Math.tan(OPENING / 2)) / Math.max(1, height)
    const at = cloud === undefined ? null : pointNear([cloud], origin, ray, (this.brush * pixel) / 2)
    if (at === null) return null
    const centre = minus(at, origin)
    return { centre, radius: this.brush * lengthOf(minus(centre, eye)) * pixel }
  }

  /** Shows the points of a stroke that are on the screen as they will be, until the hand lets go. */
  tint(stroke: Stroke, to: To): void {
    const { editor, drawing } = this.#around
    const cloud = this.#around.cloud()
    if (cloud === undefined) return
    const { facts } = cloud.points
    const number = to === 'none' ? 0 : editor.ontology.classes.findIndex(({ key }) => key === editor.session.class) + 1
    for (const i of cloud.within(stroke)) facts[4 * i + 2] = number
    drawing.refresh(this.#around.frame())
  }

  /** Gives up what was shown. */
  untint(): void {
    this.forget()
    this.colour()
  }

  lasso(ring: readonly (readonly [number, number])[], to: To): Promise<boolean> {
    return this.stroke(lassoed(this.#around.outlook(), ring), to)
  }

  go(balls: readonly Ball[], to: To): Promise<boolean> {
    return balls.length === 0 ? Promise.resolve(false) : this.stroke(brushed(balls), to)
  }

  /**
   * Says of all points in a stroke what class they have, as one step. Of a cloud that is not here as a whole the nodes that the stroke touches are
   * read, run by run; nothing is said before all of them are through.
   */
  async stroke(stroke: Stroke, to: To): Promise<boolean> {
    const { editor } = this.#around
    const [cloud, frame] = [this.#around.cloud(), this.#around.frame()]
    if (cloud === undefined || this.isGathering) return false
    if (!cloud.isLarge) {
      const found = new PointSet(cloud.index.points)
      for (const i of cloud.within(stroke)) found.add(cloud.points.numbers[i] as number)
      return this.#give(frame, cloud, found, to)
    }
    const stop = new AbortController()
    this.#gathering = stop
    const since = performance.now()
    try {
      const found = await cloud.gather(stroke, stop.signal, (done, total) => {
        if (performance.now() - since > TOLD_MS) this.#around.onGathering({ done, total })
      })
      stop.signal.throwIfAborted()
      this.#gathering = null
      return this.#give(frame, cloud, found, to)
    } catch (error) {
      this.untint()
      const why = stop.signal.aborted ? 'The stroke was given up: no point has changed' : `The stroke was given up, for not all of its points came: ${error instanceof Error ? error.message : String(error)}`
      editor.act(() => editor.say(why))
      return false
    } finally {
      this.#gathering = null
      this.#around.onGathering(null)
    }
  }

  /** Gives up the stroke that is still gathering: nothing is said. */
  cancel(): void {
    this.#gathering?.abort()
  }

  #give(frame: number, cloud: CloudPoints, found: PointSet, to: To): boolean {
    const { editor } = this.#around
    this.forget()
    const done = editor.act(() => givePoints(editor, frame, cloud.index.points, found, to))
    this.colour()
    return done
  }

  /** Selects what the nearest point to a half line belongs to. */
  selectOn(ray: Ray, angle: number): boolean {
    const { editor, origin } = this.#around
    const cloud = this.#around.cloud()
    const place = this.#said.length === 0 || cloud === undefined ? null : pointNear([cloud], origin, ray, angle)
    if (place === null || cloud === undefined) return false
    const here = minus(place, origin)
    const { places, numbers } = cloud.points
    for (let i = 0; i < cloud.count; i++) {
      if (places[3 * i] !== Math.fround(here[0]) || places[3 * i + 1] !== Math.fround(here[1]) || places[3 * i + 2] !== Math.fround(here[2])) continue
      return selectPoint(editor, this.#around.frame(), cloud.index.points, numbers[i] as number)
    }
    return false
  }

  /** What the hand draws over the view: a line, or the rim of the brush; in pixels of the window. */
  over(what: { line: readonly (readonly [number, number])[] } | { rim: readonly [number, number] } | null): void {
    const { left, top } = this.#around.host.getBoundingClientRect()
    const make = (name: string, attributes: { readonly [key: string]: string | number }) => {
      const element = document.createElementNS('http://www.w3.org/2000/svg', name)
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
      return element
    }
    this.#over.replaceChildren(...(what === null ? [] : 'line' in what
      ? [make('polygon', { points: what.line.map(([x, y]) => `${x - left},${y - top}`).join(' ') })]
      : [make('circle', { cx: what.rim[0] - left, cy: what.rim[1] - top, r: this.brush })]))
  }

  sizeBrush(factor: number): void {
    const { editor } = this.#around
    this.brush = Math.min(BRUSH_MAX, Math.max(BRUSH_MIN, this.brush * factor))
    editor.act(() => editor.say(`Brush ${Math.round(2 * this.brush)} pixels wide`))
  }
}
