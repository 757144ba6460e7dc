/**
 * A cloud on the screen: what is fetched, how it is looked at, and what is marked. What the hand does is in `hand.ts`, what is said of points in
 * `painting.ts`, what the points say in `sight.ts`. It knows no framework; the page around it listens and draws the small views.
 */
import { type CloudView, type CuboidRecord, type Editor, createCuboid, putStand, setFrame, solidOf, solidsOf } from '../../../canvas'
import { boxAt } from '../../../canvas/kernels/clusters'
import { type Place, type Ray, type Solid, hitOf, lengthOf, minus, plus, times, toWorld } from '../../../canvas/kernels/space'
import type { Outlook } from '../../../canvas/kernels/strokes'
import type { Stand } from '../../../canvas/shapes/cuboid3d'
import type { Scene } from '../../queue/model'
import { COLOURINGS, type Colouring, type Drawn, Drawing } from './drawing'
import { Hand } from './hand'
import { OPENING, type Orbit, axesOf, eyeOf, rayThrough, turnedBy, zoomedBy } from './orbit'
import { type Gathering, Painting } from './painting'
import { CloudPoints } from './points'
import { extentIn, groundAt, merged, pointNear, pointsAround } from './sight'

/** Points that are held at once: of one cloud, or of several along a drive. */
const POINTS_MAX = matchMedia('(pointer: coarse)').matches ? 1_500_000 : 4_000_000
/** Clouds of a drive that are kept after they were looked at. */
const CLOUDS_KEPT = 12
/** Radians of a press of an arrow. */
const TURN_KEY = 0.12
/** Metres round what is looked at in which a large cloud is shown whole. */
const NEAR_METRES = 60

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
  /** How far a stroke over points that are not on the screen is. */
  readonly gathering: Gathering | null
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
  #preview: (Preview & { readonly frame: number }) | null = null
  #orbit: Orbit = { target: [0, 0, 0], distance: 60, azimuth: Math.PI, elevation: 0.7 }
  #isFitted = false
  readonly #host: HTMLElement
  readonly #drawing: Drawing
  readonly #loaded = new Map<number, Loaded>()
  readonly #coming = new Map<number, AbortController>()
  readonly #listeners = new Set<() => void>()
  readonly #stops: (() => void)[] = []
  #state: ViewState = { phase: 'loading', message: '', colouring: 'height', size: 2, together: false, points: 0, gathering: null }
  #frame = -1
  #nearAt: Place | null = null
  readonly painting: Painting
  readonly #hand: Hand
  #nearSoon = 0

  constructor({ host, editor, scene }: ViewOptions) {
    this.#host = host
    this.editor = editor
    this.scene = scene
    const [first] = scene.clouds
    this.origin = (first?.pose.translation ?? [0, 0, 0]).map(Math.round) as unknown as Place
    this.#drawing = new Drawing(host)
    this.painting = new Painting({
      editor, host,
      drawing: this.#drawing,
      origin: this.origin,
      frame: () => this.#frame,
      cloud: () => this.#loaded.get(this.#frame)?.cloud,
      outlook: () => this.#outlook(),
      onGathering: (gathering) => this.#tell({ gathering }),
    })
    this.#hand = new Hand(this, this.#drawing.canvas)
    if (editor.tools.includes('points3d') || editor.scene.objects.some(({ shape }) => shape.type === 'points3d')) this.#state = { ...this.#state, colouring: 'class' }
    const classes = editor.ontology.classes
    this.#drawing.setPalette((number) => FILE_COLORS[number % FILE_COLORS.length] as string, (number) => classes[number - 1]?.color ?? '#868e96')
    const sized = new ResizeObserver(() => this.#drawing.resize(host.clientWidth, host.clientHeight))
    sized.observe(host)
    this.#drawing.resize(host.clientWidth, host.clientHeight)
    this.#stops.push(
      () => sized.disconnect(),
      editor.subscribe(() => this.#follow()),
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
    this.#hand.destroy()
    this.painting.destroy()
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
      this.painting.cancel()
      this.#frame = frame
      void this.#load(frame)
      this.#showFrames()
    }
    this.#drawCuboids()
    this.painting.colour()
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
        this.painting.colour()
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
      if (loaded === undefined || !loaded.cloud.isLarge || !loaded.cloud.isWhole) return
      if (this.#nearAt !== null && lengthOf(minus(this.#nearAt, target)) < NEAR_METRES / 3) return
      this.#nearAt = target
      const frame = this.#frame
      loaded.cloud.loadNear(target, NEAR_METRES, () => {
        this.#drawing.show(frame, loaded.cloud)
        this.painting.colour()
        this.#tell({ points: this.#count() })
      }).catch((error: unknown) => this.#tell({ phase: 'failed', message: String(error) }))
    }, 250)
  }

  // How it is looked at

  get orbitNow(): Orbit {
    return this.#orbit
  }

  #outlook(): Outlook {
    const [right, up, ahead] = axesOf(this.#orbit)
    const { width, height } = this.#host.getBoundingClientRect()
    return { eye: eyeOf(this.#orbit), right, up, ahead, width, height, scale: height / 2 / Math.tan(OPENING / 2) }
  }

  look(orbit: Orbit): void {
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
    this.look({ target: isScan ? cloud.scanner : middle, distance: isScan ? Math.min(wide, 70) : wide, azimuth: Math.PI + yawOf(pose.rotation), elevation: 0.62 })
  }

  focus(): void {
    const [record] = this.editor.getSnapshot().selected
    const solid = record === undefined ? undefined : this.solids().find((each) => each.record.id === record.id)?.solid
    if (solid === undefined) return
    const distance = Math.max(6, 3 * lengthOf(solid.size))
    this.look({ ...this.#orbit, target: minus(solid.centre, this.origin), distance })
  }

  /** Looks at a place of the world from where one looks now. */
  lookAt(place: Place, distance = 14): void {
    this.look({ ...this.#orbit, target: minus(place, this.origin), distance })
  }

  fromAbove(): void {
    this.look({ ...this.#orbit, elevation: 1.5 })
  }

  orbit(x: number, y: number): void {
    this.look(turnedBy(this.#orbit, x * TURN_KEY, y * TURN_KEY))
  }

  zoom(factor: number): void {
    this.look(zoomedBy(this.#orbit, factor))
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
      if (each === 'class') return cloud?.index.class === true || this.editor.tools.includes('points3d') || this.painting.isAnythingSaid
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

  /** Where the hand has a cuboid; at another moment that is of no meaning, and is never written there. */
  get preview(): Preview | null {
    return this.#preview?.frame === this.editor.session.frame ? this.#preview : null
  }

  setPreview(preview: Preview | null): void {
    this.#preview = preview === null ? null : { ...preview, frame: this.editor.session.frame }
    this.#drawCuboids()
    this.#tell()
  }

  /** Puts the cuboid down where the hand has it. */
  settle(label: string): void {
    const { preview } = this
    this.#preview = null
    if (preview === null) return
    const record = this.editor.scene.get(preview.id)
    if (record !== null && record.shape.type === 'cuboid3d') putStand(this.editor, record as CuboidRecord, label, preview.stand, preview.size)
    this.#drawCuboids()
    this.#tell()
  }

  // What the points say

  groundAt = (place: Place): number | null => groundAt(this.#seen(), this.origin, place)
  extentIn = (solid: Solid): { readonly low: Place; readonly high: Place } | null => extentIn(this.#seen(), this.origin, solid)
  pointsAround = (solid: Solid, margin: number): Float32Array => pointsAround(this.#seen(), this.origin, solid, margin)
  pointNear = (ray: Ray, angle: number): Place | null => pointNear(this.#seen(), this.origin, ray, angle)
  /** How many points lie in a box. */
  countIn = (solid: Solid): number => this.pointsAround(solid, 0).length / 3

  sizeBrush(factor: number): void {
    this.painting.sizeBrush(factor)
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
    const { places, count } = merged(this.#seen())
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

  /** Of the two ways that a box may look, the one that the scanner drives. */
  #ahead(yaw: number): number {
    const drive = yawOf(this.scene.clouds[this.#frame]?.pose.rotation ?? [1, 0, 0, 0])
    return Math.cos(yaw - drive) >= 0 ? yaw : yaw + Math.PI
  }

  putInMiddle(): void {
    const { tool } = this.editor.getSnapshot()
    if (tool === 'brush3d' || tool === 'eraser3d') {
      const ball = this.painting.ballUnder(this.#worldRay(rayThrough(this.#orbit, 0, 0)))
      const nothing = () => this.editor.act(() => this.editor.say('There is nothing to change in the middle of the view'))
      if (ball === null) nothing()
      else void this.painting.go([ball], tool === 'brush3d' ? 'class' : 'none').then((done) => !done && !this.painting.isGathering && nothing())
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

  /** The half line of the world through a place of the window. */
  rayAt(x: number, y: number): Ray {
    const { width, height, left, top } = this.#host.getBoundingClientRect()
    return this.#worldRay(rayThrough(this.#orbit, (2 * (x - left) - width) / height, 1 - (2 * (y - top)) / height))
  }

  #worldRay({ from, along }: Ray): Ray {
    return { from: plus(from, this.origin), along }
  }

  get height(): number {
    return this.#host.clientHeight
  }

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
