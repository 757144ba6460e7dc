/**
 * A cloud on the screen: what is fetched, how it is looked at, and what the hand does. It knows no framework; the page
 * around it listens and draws the small views.
 */
import { type CloudView, type CuboidRecord, type Editor, type PointsRecord, createCuboid, cuboidInHand, givePoints, ownersOf, pointsIn, putStand, select, selectPoint, setFrame, solidOf, solidsOf, standOf } from '../../../canvas'
import { boxAt, groundOf } from '../../../canvas/kernels/clusters'
import { boundsOf, distanceToRings } from '../../../canvas/kernels/geometry'
import { type Place, type Ray, type Solid, aboutZ, hitOf, inside, lengthOf, minus, onLevel, plus, times, toWorld } from '../../../canvas/kernels/space'
import type { Stand } from '../../../canvas/shapes/cuboid3d'
import type { Scene } from '../../queue/model'
import { COLOURINGS, type Colouring, type Drawn, Drawing } from './drawing'
import { OPENING, type Orbit, axesOf, eyeOf, pannedBy, rayThrough, turnedBy, zoomedAt, zoomedBy } from './orbit'
import { CloudPoints } from './points'

/** Points that are held at once: of one cloud, or of several along a drive. */
const POINTS_MAX = matchMedia('(pointer: coarse)').matches ? 1_500_000 : 4_000_000
/** Clouds of a drive that are kept after they were looked at. */
const CLOUDS_KEPT = 12
/** Screen pixels: less is a tremble, and a tremble is a click. */
const TREMBLE_PX = 4
const TREMBLE_TOUCH_PX = 9
/** Screen pixels within which a point is meant. */
const REACH_PX = 7
const REACH_TOUCH_PX = 14
/** Radians of a pixel, and of a press of an arrow. */
const TURN_PX = 0.006
const TURN_KEY = 0.12
const WHEEL_PX = 400
/** Metres round what is looked at in which a large cloud is shown whole. */
const NEAR_METRES = 60
const POINTS_TO_FIT = 5
/** Metres that are looked at around a cuboid when it is fitted to its points. */
const AROUND = 0.35
/** Screen pixels: half the width of the brush. */
const BRUSH_MIN = 3
const BRUSH_MAX = 200
/** What stands lower above the ground belongs to it. */
const ABOVE = 0.12

export interface Preview {
  readonly id: string
  readonly stand: Stand
  readonly size: Place
}

export interface ViewState {
  readonly phase: 'loading' | 'ready' | 'failed'
  readonly message: string
  readonly colouring: Colouring
  readonly size: number
  /** Whether all clouds of a drive are seen at once. */
  readonly together: boolean
  /** Points on the screen. */
  readonly points: number
}

interface ViewOptions {
  readonly host: HTMLElement
  readonly editor: Editor
  readonly scene: Scene
}

interface Loaded {
  readonly cloud: CloudPoints
  readonly stop: AbortController
}

export class CloudOnScreen implements CloudView {
  readonly editor: Editor
  readonly scene: Scene
  /** What is subtracted from places of the world before they are drawn: single numbers have seven digits. */
  readonly origin: Place
  preview: Preview | null = null
  #orbit: Orbit = { target: [0, 0, 0], distance: 60, azimuth: Math.PI, elevation: 0.7 }
  #isFitted = false
  readonly #host: HTMLElement
  readonly #drawing: Drawing
  readonly #loaded = new Map<number, Loaded>()
  readonly #coming = new Map<number, AbortController>()
  readonly #listeners = new Set<() => void>()
  readonly #stops: (() => void)[] = []
  readonly #pointers = new Map<number, { x: number; y: number }>()
  #state: ViewState = { phase: 'loading', message: '', colouring: 'height', size: 2, together: false, points: 0 }
  #gesture: Gesture | null = null
  #frame = -1
  #nearAt: Place | null = null
  /** Half the width of the brush, in pixels of the screen. */
  brush = 16
  /** What was said of the points that are shown. */
  #said: readonly PointsRecord[] = []
  #saidCount = -1
  readonly #over: SVGSVGElement
  #nearSoon = 0

  constructor({ host, editor, scene }: ViewOptions) {
    this.#host = host
    this.editor = editor
    this.scene = scene
    const [first] = scene.clouds
    this.origin = (first?.pose.translation ?? [0, 0, 0]).map(Math.round) as unknown as Place
    this.#drawing = new Drawing(host)
    this.#over = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    this.#over.setAttribute('aria-hidden', 'true')
    host.append(this.#over)
    if (editor.tools.includes('points3d') || editor.scene.objects.some(({ shape }) => shape.type === 'points3d')) this.#state = { ...this.#state, colouring: 'class' }
    const classes = editor.ontology.classes
    this.#drawing.setPalette((number) => FILE_COLORS[number % FILE_COLORS.length] as string, (number) => classes[number - 1]?.color ?? '#868e96')
    const sized = new ResizeObserver(() => this.#drawing.resize(host.clientWidth, host.clientHeight))
    sized.observe(host)
    this.#drawing.resize(host.clientWidth, host.clientHeight)
    this.#stops.push(
      () => sized.disconnect(),
      editor.subscribe(() => this.#follow()),
      ...this.#hear(),
    )
    editor.cloudView = this
    this.#follow()
  }

  destroy(): void {
    if (this.editor.cloudView === this) this.editor.cloudView = null
    for (const stop of this.#stops) stop()
    for (const stop of this.#coming.values()) stop.abort()
    for (const { cloud, stop } of this.#loaded.values()) {
      stop.abort()
      cloud.close()
    }
    window.clearTimeout(this.#nearSoon)
    this.#listeners.clear()
    this.#over.remove()
    this.#drawing.destroy()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
  getState = (): ViewState => this.#state

  /** Tells the page of what has changed: the state, or what the small views show. */
  #tell(change: Partial<ViewState> = {}): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }

  // What is fetched

  #follow(): void {
    const { frame } = this.editor.session
    if (frame !== this.#frame) {
      this.#frame = frame
      void this.#load(frame)
      this.#showFrames()
    }
    this.#drawCuboids()
    this.#colourPoints()
    this.#tell()
  }

  async #load(frame: number, room = POINTS_MAX): Promise<void> {
    const cloud = this.scene.clouds[frame]
    if (cloud === undefined || this.#loaded.has(frame) || this.#coming.has(frame)) return
    const stop = new AbortController()
    this.#coming.set(frame, stop)
    try {
      const points = await CloudPoints.open(cloud, this.origin, room, stop.signal)
      this.#loaded.set(frame, { cloud: points, stop })
      this.#recolour()
      await points.load(stop.signal, () => {
        this.#drawing.show(frame, points)
        this.#showFrames()
        this.#colourPoints()
        if (!this.#isFitted) {
          this.#isFitted = true
          this.fit()
        }
        this.#tell({ phase: 'ready', points: this.#count() })
      })
      this.#nearer()
      this.#letGo()
    } catch (error) {
      if (stop.signal.aborted) return
      this.#loaded.delete(frame)
      this.#drawing.drop(frame)
      this.#tell({ phase: 'failed', message: error instanceof Error ? error.message : String(error) })
    } finally {
      this.#coming.delete(frame)
    }
  }

  retry(): void {
    this.#tell({ phase: 'loading', message: '' })
    void this.#load(this.#frame)
  }

  /** Of a drive only the clouds that were looked at last are kept. */
  #letGo(): void {
    if (this.#state.together) return
    for (const frame of this.#loaded.keys()) {
      if (this.#loaded.size <= CLOUDS_KEPT) return
      if (frame === this.#frame) continue
      this.#loaded.get(frame)?.stop.abort()
      this.#loaded.delete(frame)
      this.#drawing.drop(frame)
    }
  }

  #isSeen = (frame: number): boolean => this.#state.together || frame === this.#frame

  #showFrames(): void {
    this.#drawing.setVisible(this.#isSeen)
    this.#recolour()
  }

  #seen(): CloudPoints[] {
    return [...this.#loaded].filter(([frame]) => this.#isSeen(frame)).map(([, { cloud }]) => cloud)
  }

  #count(): number {
    return this.#seen().reduce((sum, { count }) => sum + count, 0)
  }

  setTogether(together: boolean): void {
    this.#state = { ...this.#state, together }
    if (together) {
      const room = Math.floor(POINTS_MAX / Math.max(1, this.scene.clouds.length))
      for (const frame of this.scene.clouds.keys()) void this.#load(frame, Math.max(20_000, room))
    }
    this.#showFrames()
    this.#tell({ together, points: this.#count() })
  }

  /** Of a large cloud, all that is near what is looked at, once that rests. */
  #nearer(): void {
    window.clearTimeout(this.#nearSoon)
    this.#nearSoon = window.setTimeout(() => {
      const loaded = this.#loaded.get(this.#frame)
      const { target } = this.#orbit
      if (loaded === undefined || !loaded.cloud.isLarge) return
      if (this.#nearAt !== null && lengthOf(minus(this.#nearAt, target)) < NEAR_METRES / 3) return
      this.#nearAt = target
      const frame = this.#frame
      loaded.cloud.loadNear(target, NEAR_METRES, () => {
        this.#drawing.show(frame, loaded.cloud)
        this.#colourPoints()
        this.#tell({ points: this.#count() })
      }).catch((error: unknown) => this.#tell({ phase: 'failed', message: String(error) }))
    }, 250)
  }

  // How it is looked at

  get orbitNow(): Orbit {
    return this.#orbit
  }

  #look(orbit: Orbit): void {
    this.#orbit = orbit
    this.#drawing.look(orbit)
    this.#nearer()
  }

  fit(): void {
    const [cloud] = this.#seen()
    if (cloud === undefined) return
    const { low, high } = cloud.index
    const { pose } = this.scene.clouds[this.#frame] ?? { pose: null }
    if (pose === null) return
    const middle = minus(toWorld(pose, [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, cloud.index.heights[0]]), this.origin)
    const wide = Math.min(Math.hypot(high[0] - low[0], high[1] - low[1]), 4_000)
    // Most of what is to be labelled is near the scanner; of a map from above it is everywhere.
    const isScan = low[0] < 0 && high[0] > 0 && low[1] < 0 && high[1] > 0 && wide > 40
    this.#look({ target: isScan ? cloud.scanner : middle, distance: isScan ? Math.min(wide, 70) : wide, azimuth: Math.PI + yawOf(pose.rotation), elevation: 0.62 })
  }

  focus(): void {
    const [record] = this.editor.getSnapshot().selected
    const solid = record === undefined ? undefined : this.solids().find((each) => each.record.id === record.id)?.solid
    if (solid === undefined) return
    const distance = Math.max(6, 3 * lengthOf(solid.size))
    this.#look({ ...this.#orbit, target: minus(solid.centre, this.origin), distance })
  }

  /** Looks at a place of the world from where one looks now. */
  lookAt(place: Place, distance = 14): void {
    this.#look({ ...this.#orbit, target: minus(place, this.origin), distance })
  }

  fromAbove(): void {
    this.#look({ ...this.#orbit, elevation: 1.5 })
  }

  orbit(x: number, y: number): void {
    this.#look(turnedBy(this.#orbit, x * TURN_KEY, y * TURN_KEY))
  }

  zoom(factor: number): void {
    this.#look(zoomedBy(this.#orbit, factor))
  }

  setColouring(colouring: Colouring): void {
    this.#tell({ colouring })
    this.#recolour()
  }

  /** Those that mean something for this cloud. */
  colourings(): readonly Colouring[] {
    const [cloud] = this.#seen()
    return COLOURINGS.filter((each) => {
      if (each === 'intensity') return cloud?.index.intensity === true
      if (each === 'colour') return cloud?.index.colour === true
      if (each === 'class') return cloud?.index.class === true || this.editor.tools.includes('points3d') || this.#said.length > 0
      return true
    })
  }

  nextColouring(): void {
    const all = this.colourings()
    const next = all[(all.indexOf(this.#state.colouring) + 1) % all.length] ?? 'height'
    this.setColouring(next)
    this.editor.act(() => this.editor.say(`Coloured by ${next}`))
  }

  #recolour(): void {
    const [cloud] = this.#seen()
    const pose = this.scene.clouds[this.#frame]?.pose
    if (cloud === undefined || pose === undefined) return
    const lift = pose.translation[2] - this.origin[2]
    const [low, high] = cloud.index.heights
    const wide = Math.hypot(...minus(cloud.index.high, cloud.index.low))
    // Of the heights, most of what matters is near the ground.
    this.#drawing.colour(this.#state.colouring, [low + lift, Math.max(low + 1, Math.min(high, low + 6)) + lift], cloud.scanner, Math.min(80, wide / 2))
  }

  setSize(size: number): void {
    this.#drawing.setSize(size)
    this.#tell({ size })
  }

  // What is marked

  /** The cuboids of this moment, with the one in the hand where the hand has it. */
  solids(): { readonly record: CuboidRecord; readonly solid: Solid }[] {
    const { preview } = this
    return solidsOf(this.editor).map((each) => (preview?.id === each.record.id ? { ...each, solid: solidOf(preview.size, preview.stand) } : each))
  }

  #drawCuboids(): void {
    const { selected, hovered } = this.editor.session
    const colors = new Map(this.editor.ontology.classes.map(({ key, color }) => [key, color]))
    this.#drawing.setCuboids(this.solids().map(({ record, solid }): Drawn => ({
      solid: { ...solid, centre: minus(solid.centre, this.origin) },
      color: colors.get(record.class) ?? '#adb5bd',
      look: selected.includes(record.id) ? 'selected' : record.id === hovered ? 'hovered' : 'plain',
    })))
  }

  setPreview(preview: Preview | null): void {
    this.preview = preview
    this.#drawCuboids()
    this.#tell()
  }

  /** Puts the cuboid down where the hand has it. */
  settle(label: string): void {
    const { preview } = this
    if (preview === null) return
    this.preview = null
    const record = this.editor.scene.get(preview.id)
    if (record !== null && record.shape.type === 'cuboid3d') putStand(this.editor, record as CuboidRecord, label, preview.stand, preview.size)
    this.#drawCuboids()
    this.#tell()
  }

  // What the points say

  groundAt(place: Place): number | null {
    const [x, y] = minus(place, this.origin)
    for (const { points, count } of this.#seen()) {
      const height = groundOf(points.places, count, { x, y, reach: 8 }).heightAt(x, y)
      if (height !== null) return height + this.origin[2]
    }
    return null
  }

  extentIn(solid: Solid): { readonly low: Place; readonly high: Place } | null {
    const half = times(solid.size, 0.5)
    const near = this.pointsAround(solid, AROUND)
    let [low, high]: [number[], number[]] = [[Infinity, Infinity, -half[2]], [-Infinity, -Infinity, -Infinity]]
    let count = 0
    for (let i = 0; i < near.length; i += 3) {
      const z = near[i + 2] as number
      if (z < -half[2] + ABOVE) continue
      count += 1
      for (let axis = 0; axis < 3; axis++) {
        const part = near[i + axis] as number
        if (axis < 2) low[axis] = Math.min(low[axis] as number, part)
        high[axis] = Math.max(high[axis] as number, part)
      }
    }
    if (count < POINTS_TO_FIT) return null
    // A hair of room, so that the outermost points lie in it.
    low = low.map((part, axis) => (axis < 2 ? part - 0.02 : part))
    high = high.map((part) => part + 0.02)
    return { low: low as unknown as Place, high: high as unknown as Place }
  }

  /** The points in a box and so many metres around it, along its own axes from its middle. */
  pointsAround(solid: Solid, margin: number): Float32Array {
    const centre = minus(solid.centre, this.origin)
    const half = plus(times(solid.size, 0.5), [margin, margin, margin])
    const reach = lengthOf(half)
    const found: number[] = []
    for (const { points: { places }, count } of this.#seen()) {
      for (let i = 0; i < 3 * count; i += 3) {
        const [x, y, z] = [places[i] as number, places[i + 1] as number, places[i + 2] as number]
        if (Math.abs(x - centre[0]) > reach || Math.abs(y - centre[1]) > reach || Math.abs(z - centre[2]) > reach) continue
        const at = inside({ centre, rotation: solid.rotation }, [x, y, z])
        if (Math.abs(at[0]) <= half[0] && Math.abs(at[1]) <= half[1] && Math.abs(at[2]) <= half[2]) found.push(...at)
      }
    }
    return new Float32Array(found)
  }

  // What is said of points

  /** Colours the points that are seen by what was said of them, where that or they have changed. */
  #colourPoints(): void {
    const loaded = this.#loaded.get(this.#frame)
    if (loaded === undefined) return
    const { cloud } = loaded
    const hidden = this.editor.session.hidden
    const said = pointsIn(this.editor, this.#frame).filter(({ id }) => !hidden.has(id))
    const isSame = said.length === this.#said.length && said.every((record, i) => record === this.#said[i]) && cloud.count === this.#saidCount
    if (isSame || (said.length === 0 && this.#said.length === 0)) return
    this.#said = said
    this.#saidCount = cloud.count
    const classes = this.editor.ontology.classes.map(({ key }) => key)
    const numbers = [0, ...said.map((record) => Math.min(255, classes.indexOf(record.class) + 1))]
    const owners = ownersOf(said, cloud.index.points)
    const { points, count } = cloud
    for (let i = 0; i < count; i++) points.facts[4 * i + 2] = numbers[owners[points.numbers[i] as number] ?? 0] ?? 0
    this.#drawing.refresh(this.#frame)
  }

  /** The points of the cloud that is looked at whose places on the screen, in pixels from its left top, are wanted; by their places in the list. */
  pointsOnScreen(isWanted: (x: number, y: number) => boolean): number[] {
    const loaded = this.#loaded.get(this.#frame)
    if (loaded === undefined) return []
    const { points: { places }, count } = loaded.cloud
    const eye = eyeOf(this.#orbit)
    const [right, up, ahead] = axesOf(this.#orbit)
    const { width, height } = this.#host.getBoundingClientRect()
    const scale = height / 2 / Math.tan(OPENING / 2)
    const found: number[] = []
    for (let i = 0; i < count; i++) {
      const [x, y, z] = [(places[3 * i] as number) - eye[0], (places[3 * i + 1] as number) - eye[1], (places[3 * i + 2] as number) - eye[2]]
      const far = x * ahead[0] + y * ahead[1] + z * ahead[2]
      if (far < 0.1) continue
      const u = width / 2 + ((x * right[0] + y * right[1] + z * right[2]) * scale) / far
      const v = height / 2 - ((x * up[0] + y * up[1] + z * up[2]) * scale) / far
      if (isWanted(u, v)) found.push(i)
    }
    return found
  }

  /** The points in a ball around what the brush is on, as wide as the brush is there; by their places in the list. */
  pointsUnder(x: number, y: number): number[] {
    const loaded = this.#loaded.get(this.#frame)
    const at = this.pointNear(this.#rayAt(x, y), (this.brush * 2 * Math.tan(OPENING / 2)) / Math.max(1, this.#host.clientHeight) / 2)
    if (loaded === undefined || at === null) return []
    const here = minus(at, this.origin)
    const far = lengthOf(minus(here, eyeOf(this.#orbit)))
    const reach = (this.brush * far * 2 * Math.tan(OPENING / 2)) / Math.max(1, this.#host.clientHeight)
    const { points: { places }, count } = loaded.cloud
    const found: number[] = []
    for (let i = 0; i < count; i++) {
      const [a, b, c] = [(places[3 * i] as number) - here[0], (places[3 * i + 1] as number) - here[1], (places[3 * i + 2] as number) - here[2]]
      if (a * a + b * b + c * c <= reach * reach) found.push(i)
    }
    return found
  }

  /** Shows points as they will be, until the hand lets go. */
  tint(points: Iterable<number>, to: 'class' | 'none'): void {
    const loaded = this.#loaded.get(this.#frame)
    if (loaded === undefined) return
    const { facts } = loaded.cloud.points
    const { class: key } = this.editor.session
    const number = to === 'none' ? 0 : this.editor.ontology.classes.findIndex((each) => each.key === key) + 1
    for (const i of points) facts[4 * i + 2] = number
    this.#drawing.refresh(this.#frame)
  }

  /** Says of points, by their places in the list, what class they have. */
  give(points: Iterable<number>, to: 'class' | 'none'): boolean {
    const cloud = this.#loaded.get(this.#frame)?.cloud
    this.#saidCount = -1
    if (cloud === undefined) return false
    const numbers = [...points].map((i) => cloud.points.numbers[i] as number)
    const done = this.editor.act(() => givePoints(this.editor, this.#frame, cloud.index.points, numbers, to))
    this.#colourPoints()
    return done
  }

  /** Selects what the nearest point to a half line belongs to. */
  selectPointOn(ray: Ray, angle: number): boolean {
    const cloud = this.#loaded.get(this.#frame)?.cloud
    const place = this.#said.length === 0 || cloud === undefined ? null : this.pointNear(ray, angle)
    if (place === null || cloud === undefined) return false
    const here = minus(place, this.origin)
    const { places, numbers } = cloud.points
    for (let i = 0; i < cloud.count; i++) {
      if (places[3 * i] !== Math.fround(here[0]) || places[3 * i + 1] !== Math.fround(here[1]) || places[3 * i + 2] !== Math.fround(here[2])) continue
      return selectPoint(this.editor, this.#frame, cloud.index.points, numbers[i] as number)
    }
    return false
  }

  /** What the hand draws over the view: a line, or the rim of the brush. */
  drawOver(what: { line: readonly (readonly [number, number])[] } | { rim: readonly [number, number] } | null): void {
    const { left, top } = this.#host.getBoundingClientRect()
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
    this.brush = Math.min(BRUSH_MAX, Math.max(BRUSH_MIN, this.brush * factor))
    this.editor.act(() => this.editor.say(`Brush ${Math.round(2 * this.brush)} pixels wide`))
  }

  /** How many points lie in a box. */
  countIn = (solid: Solid): number => this.pointsAround(solid, 0).length / 3

  /** The nearest point to a half line of the world, of those within an angle of it. */
  pointNear(ray: Ray, angle: number): Place | null {
    const from = minus(ray.from, this.origin)
    const slope = Math.tan(angle)
    let [best, least]: [Place | null, number] = [null, Infinity]
    for (const { points: { places }, count } of this.#seen()) {
      for (let i = 0; i < 3 * count; i += 3) {
        const x = (places[i] as number) - from[0]
        const y = (places[i + 1] as number) - from[1]
        const z = (places[i + 2] as number) - from[2]
        const far = x * ray.along[0] + y * ray.along[1] + z * ray.along[2]
        if (far < 0.5) continue
        const aside = Math.sqrt(Math.max(0, x * x + y * y + z * z - far * far)) / far
        if (aside > slope) continue
        // The one in front, unless one behind lies much nearer to the middle.
        const cost = far * (1 + 4 * (aside / slope))
        if (cost < least) {
          least = cost
          best = [(places[i] as number), (places[i + 1] as number), (places[i + 2] as number)]
        }
      }
    }
    return best === null ? null : plus(best, this.origin)
  }

  /** The cuboid that a half line of the world meets first. */
  cuboidOn(ray: Ray): CuboidRecord | null {
    const { locked } = this.editor.session
    let [best, least]: [CuboidRecord | null, number] = [null, Infinity]
    for (const { record, solid } of this.solids()) {
      const far = locked.has(record.id) ? null : hitOf(ray, solid)
      if (far !== null && far < least) [best, least] = [record, far]
    }
    return best
  }

  /** Makes the box around what stands at a place of the world. */
  boxAt(place: Place): boolean {
    const here = minus(place, this.origin)
    const [cloud] = this.#seen()
    if (cloud === undefined || this.editor.session.readOnly) return false
    const { places, count } = this.#merged()
    const found = boxAt(places, count, here, cloud.scanner)
    return this.editor.act(() => {
      if (found === null) {
        this.editor.say('Too few points hang together here: drag along its length instead')
        return false
      }
      const yaw = this.#ahead(found.yaw)
      const made = createCuboid(this.editor, { centre: plus(found.centre, this.origin), size: found.size, yaw })
      if (made !== null) this.editor.setTool('select')
      return made !== null
    })
  }

  /** All points that are seen, as one list. */
  #merged(): { places: Float32Array; count: number } {
    const seen = this.#seen()
    const [only] = seen
    if (seen.length === 1 && only !== undefined) return { places: only.points.places, count: only.count }
    const count = seen.reduce((sum, cloud) => sum + cloud.count, 0)
    const places = new Float32Array(3 * count)
    let at = 0
    for (const cloud of seen) {
      places.set(cloud.points.places.subarray(0, 3 * cloud.count), at)
      at += 3 * cloud.count
    }
    return { places, count }
  }

  /** Of the two ways that a box may look, the one that the scanner drives. */
  #ahead(yaw: number): number {
    const drive = yawOf(this.scene.clouds[this.#frame]?.pose.rotation ?? [1, 0, 0, 0])
    return Math.cos(yaw - drive) >= 0 ? yaw : yaw + Math.PI
  }

  putInMiddle(): void {
    const { tool } = this.editor.getSnapshot()
    if (tool === 'brush3d' || tool === 'eraser3d') {
      const { left, top, width, height } = this.#host.getBoundingClientRect()
      const points = this.pointsUnder(left + width / 2, top + height / 2)
      if (!this.give(points, tool === 'brush3d' ? 'class' : 'none')) this.editor.act(() => this.editor.say('There is nothing to change in the middle of the view'))
      return
    }
    const place = this.pointNear(this.#worldRay(rayThrough(this.#orbit, 0, 0)), 0.03)
    if (place === null || !this.boxAt(place)) this.editor.act(() => this.editor.say('There is nothing in the middle of the view: turn it until there is'))
  }

  /** The half lines that bound what a few pixels of a picture may show, to be seen in the cloud. */
  showRays(rays: readonly Ray[], far: number): void {
    this.#drawing.setRays(rays.map(({ from, along }) => [minus(from, this.origin), minus(plus(from, times(along, far)), this.origin)]))
  }

  // The hand

  #worldRay({ from, along }: Ray): Ray {
    return { from: plus(from, this.origin), along }
  }

  #rayAt(x: number, y: number): Ray {
    const { width, height, left, top } = this.#host.getBoundingClientRect()
    return this.#worldRay(rayThrough(this.#orbit, (2 * (x - left) - width) / height, 1 - (2 * (y - top)) / height))
  }

  #hear(): (() => void)[] {
    const { canvas } = this.#drawing
    const on = <K extends keyof HTMLElementEventMap>(name: K, heard: (event: HTMLElementEventMap[K]) => void) => {
      canvas.addEventListener(name, heard, { passive: false })
      return () => canvas.removeEventListener(name, heard)
    }
    canvas.style.touchAction = 'none'
    return [
      on('contextmenu', (event) => event.preventDefault()),
      on('wheel', (event) => {
        event.preventDefault()
        const at = this.#groundUnder(event.clientX, event.clientY)
        this.#look(zoomedAt(this.#orbit, 2 ** (event.deltaY / WHEEL_PX), at))
      }),
      on('pointerdown', (event) => this.#down(event)),
      on('pointermove', (event) => this.#move(event)),
      on('pointerup', (event) => this.#up(event)),
      on('pointercancel', (event) => {
        this.#pointers.delete(event.pointerId)
        this.#gesture?.drop(this)
        this.#gesture = null
      }),
    ]
  }

  #groundUnder(x: number, y: number): Place | null {
    const ray = this.#rayAt(x, y)
    const place = onLevel(ray, this.#orbit.target[2] + this.origin[2])
    if (place === null) return null
    const here = minus(place, this.origin)
    // What lies at the horizon is no place to go to.
    return lengthOf(minus(here, eyeOf(this.#orbit))) > 6 * this.#orbit.distance ? null : here
  }

  #down(event: PointerEvent): void {
    const { canvas } = this.#drawing
    canvas.setPointerCapture(event.pointerId)
    canvas.parentElement?.focus({ preventScroll: true })
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    if (this.#pointers.size > 1) {
      this.#gesture?.drop(this)
      this.#gesture = new Pinch(this.#pointers)
      return
    }
    // While the left button draws, the right one turns the view.
    const { tool } = this.editor.getSnapshot()
    const isPutting = tool !== 'select' && !this.editor.session.readOnly
    if (event.button === 2 && isPutting) this.#gesture = new Looking('orbit', event)
    else if (event.button !== 0 || event.shiftKey) this.#gesture = new Looking('pan', event)
    else if (isPutting && tool === 'points3d') this.#gesture = new Lassoing(event)
    else if (isPutting && tool !== 'cuboid3d') this.#gesture = new Brushing(this, event, tool === 'brush3d' ? 'class' : 'none')
    else if (isPutting) this.#gesture = new Putting(event, this.#rayAt(event.clientX, event.clientY))
    else {
      const hit = this.cuboidOn(this.#rayAt(event.clientX, event.clientY))
      const held = cuboidInHand(this.editor)
      this.#gesture = hit !== null && held?.id === hit.id ? new Moving(event, hit) : new Looking('orbit', event)
    }
  }

  #move(event: PointerEvent): void {
    const known = this.#pointers.get(event.pointerId)
    if (known === undefined) {
      if (event.pointerType === 'mouse') this.#hover(event)
      return
    }
    const by = { x: event.clientX - known.x, y: event.clientY - known.y }
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    this.#gesture?.move(this, event, by)
  }

  #hover(event: PointerEvent): void {
    const { tool } = this.editor.getSnapshot()
    if (tool === 'brush3d' || tool === 'eraser3d') this.drawOver({ rim: [event.clientX, event.clientY] })
    else this.drawOver(null)
    const hit = this.cuboidOn(this.#rayAt(event.clientX, event.clientY))
    this.editor.act(() => this.editor.updateSession({ hovered: hit?.id ?? null }))
  }

  #up(event: PointerEvent): void {
    if (!this.#pointers.delete(event.pointerId)) return
    if (this.#pointers.size > 0) return
    const gesture = this.#gesture
    this.#gesture = null
    gesture?.end(this, event)
  }

  /** What a gesture may ask for. */
  rayAt = (event: PointerEvent): Ray => this.#rayAt(event.clientX, event.clientY)
  reach = (event: PointerEvent): number => {
    const px = event.pointerType === 'mouse' ? REACH_PX : REACH_TOUCH_PX
    return (px * 2 * Math.tan(Math.PI / 8)) / Math.max(1, this.#host.clientHeight)
  }
  turn = (x: number, y: number): void => this.#look(turnedBy(this.#orbit, -x * TURN_PX, y * TURN_PX))
  pan = (x: number, y: number): void => this.#look(pannedBy(this.#orbit, x, y, this.#host.clientHeight))
  pinch = (factor: number, x: number, y: number): void => this.#look(zoomedAt(pannedBy(this.#orbit, x, y, this.#host.clientHeight), factor, null))

  get corner(): { readonly left: number; readonly top: number } {
    return this.#host.getBoundingClientRect()
  }

  setFrame(frame: number): void {
    this.editor.act(() => setFrame(this.editor, frame))
  }
}

const yawOf = ([w, x, y, z]: readonly [number, number, number, number]): number => Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))

/** Apart for most eyes; the classes of a file are numbers without names. */
const FILE_COLORS = ['#868e96', '#1971c2', '#e8590c', '#2f9e44', '#c2255c', '#7048e8', '#f08c00', '#0c8599', '#e03131', '#5c940d', '#9c36b5', '#3b5bdb'] as const

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
    if (this.#what === 'orbit') view.turn(x, y)
    else view.pan(x, y)
  }

  end(view: CloudOnScreen, event: PointerEvent): void {
    if (this.#start.isDrag(event) || event.button === 2) return
    const { editor } = view
    const hit = view.cuboidOn(view.rayAt(event))
    editor.act(() => {
      const { selected } = editor.session
      if (event.shiftKey && hit !== null) select(editor, selected.includes(hit.id) ? selected.filter((id) => id !== hit.id) : [...selected, hit.id])
      else if (hit !== null || !view.selectPointOn(view.rayAt(event), view.reach(event))) select(editor, hit === null ? [] : [hit.id])
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
    view.pinch(this.#spread / spread, middle.x - this.#middle.x, middle.y - this.#middle.y)
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
    const to = onLevel(view.rayAt(event), stand.centre[2])
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
      const point = view.pointNear(this.#ray, 2 * view.reach(event)) ?? onLevel(this.#ray, view.orbitNow.target[2] + view.origin[2])
      if (point === null) return
      const level = view.groundAt(point) ?? point[2]
      this.#from = onLevel(this.#ray, level) ?? point
    }
    this.#to = onLevel(view.rayAt(event), this.#from[2])
    if (this.#to !== null) view.showRays([{ from: this.#from, along: minus(this.#to, this.#from) }], 1)
  }

  end(view: CloudOnScreen, event: PointerEvent): void {
    view.showRays([], 0)
    const { editor } = view
    if (!this.#start.isDrag(event)) {
      const point = view.pointNear(this.#ray, view.reach(event))
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
    view.drawOver({ line: this.#line })
  }

  end(view: CloudOnScreen, { altKey }: PointerEvent): void {
    view.drawOver(null)
    if (this.#line.length < 3) return
    const { left, top } = view.corner
    const ring = this.#line.map(([x, y]) => [x - left, y - top] as const)
    const bounds = boundsOf(ring)
    const isIn = (x: number, y: number) => x >= bounds.left && x <= bounds.right && y >= bounds.top && y <= bounds.bottom && distanceToRings([x, y], [ring]) < 0
    view.give(view.pointsOnScreen(isIn), altKey ? 'none' : 'class')
  }

  drop(view: CloudOnScreen): void {
    view.drawOver(null)
  }
}

/** Goes over points: one stroke is one step. */
class Brushing implements Gesture {
  readonly #to: 'class' | 'none'
  readonly #points = new Set<number>()

  constructor(view: CloudOnScreen, event: PointerEvent, to: 'class' | 'none') {
    this.#to = to
    this.move(view, event)
  }

  move(view: CloudOnScreen, { clientX, clientY }: PointerEvent): void {
    view.drawOver({ rim: [clientX, clientY] })
    const under = view.pointsUnder(clientX, clientY)
    for (const point of under) this.#points.add(point)
    view.tint(under, this.#to)
  }

  end(view: CloudOnScreen): void {
    view.give(this.#points, this.#to)
  }

  drop(view: CloudOnScreen): void {
    view.drawOver(null)
    view.give([], this.#to)
  }
}
