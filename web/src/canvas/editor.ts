import { Autosave, type DocumentListener } from './autosave'
import { commands, classCommands, type Command } from './commands'
import { type CameraImage, cameraCommands, cameraInFront, cameraOfChange, showCameraOf } from './cameras'
import type { Diff } from './diff'
import { type Answer, EMPTY_ITEM, inDrawingOrder, toAnswer, toRecords } from './document'
import type { Input, PointerInput } from './events'
import { History } from './history'
import type { Kit } from './kits'
import { Keymap, type Remapping, chordOf } from './keymap'
import { toImage } from './kernels/camera'
import { type Point, type Size, clampPoint, distance, roundPoint } from './kernels/geometry'
import type { Elsewhere } from './kernels/jobs'
import type { Pixels } from './kernels/pixels'
import type { Place, Solid } from './kernels/space'
import { TextIndex } from './kernels/text'
import { DRAG_PX, REACH_PX, REACH_TOUCH_PX } from './limits'
import { NO_ONTOLOGY, type Ontology, skeletonOf } from './ontology'
import { type EditorRecord, EMPTY_SESSION, ITEM, type ItemRecord, type ObjectRecord, type PlacedRecord, type RelationRecord, SESSION, type Session } from './records'
import { Scene } from './scene'
import { type ShapeKind, type Shape, util } from './shapes'
import type { Dot, Handle, Path, Skeleton } from './shapes/util'
import { Snapshots, type Snapshot } from './snapshot'
import { excerpt } from './spans'
import { Store } from './store'
import { trackOf } from './standing'
import { type ToolId, isDrawingTool, toolIds, toolRow, toolsFor } from './tools'
import { Root } from './tools/root'
import type { Mark } from './tools/state'
import { onPinch, onWheel, showCrosshair } from './view'

export interface EditorOptions {
  readonly image: Size
  /** The text, where the item is one: then there is no image. */
  readonly text?: string
  /** How many clouds of points there are, where the item is of clouds: then there is no image. */
  readonly clouds?: number
  /** Of a video: how many there are. */
  readonly frames?: number
  /** Where the item is several pictures of one moment: then each of them is the image in its turn. */
  readonly cameras?: readonly CameraImage[]
  readonly ontology?: Ontology
  readonly answer?: Answer
  /** Makes an id that is probably new; the editor sees to it that it is. */
  readonly newId: () => string
  readonly readOnly?: boolean
  /** Whether the answer is talked of: then a place can be pointed at for that. */
  readonly comments?: boolean
  /** The kinds of shapes that the project asks for: they say which tools there are. */
  readonly shapes?: readonly ShapeKind[]
  /** The tools for them, as `loadKits` has fetched them; who only looks needs none. */
  readonly kits?: readonly Kit[]
  /** What this person has put on other keys. */
  readonly keys?: Remapping
}

/** What only the page of a text knows: where its lines lie. Places are code points. */
export interface TextView {
  lineFrom(point: number, way: 'up' | 'down'): number | null
  firstSeen(): number
}

/** What only the page of a cloud knows: its points, and how it is looked at. Places are those of the world. */
export interface CloudView {
  /** The height of the ground; null where it is not seen. */
  groundAt(place: Place): number | null
  /** The room that the points in a box and a little around it take, along its own axes; null where they are too few. */
  extentIn(solid: Solid): { readonly low: Place; readonly high: Place } | null
  fit(): void
  focus(): void
  fromAbove(): void
  orbit(x: number, y: number): void
  zoom(factor: number): void
  nextColouring(): void
  putInMiddle(): void
  sizeBrush(factor: number): void
}

/** What only the page of a video can do. */
export interface Player {
  toggle(): void
  /** Looks for the selected track in the frames that follow, and proposes. */
  follow(): void
}

/** Of the commands for pictures, those that mean the same for a text. */
const OF_TEXTS = /^(undo|redo|delete|select\.(all|none)|hide|lock)/
/** And for clouds. */
const OF_CLOUDS = /^(tool\.select|cancel|undo|redo|delete|select\.|hide|lock)/

/** What makes two of one or one of two, which in a video is done to tracks (W83). */
const NOT_IN_VIDEOS = /^(cut|merge|holes\.fill)$/

/** The command under the keys that it has in a video (W89). */
function inVideo(command: Command): Command {
  const tool = toolIds.find((id) => command.id === `tool.${id}`)
  const { inVideo: keys } = tool === undefined ? {} : toolRow(tool)
  return keys === undefined ? command : { ...command, keys }
}

const NO_POINTS: readonly Point[] = []

/** The shell: it gathers, it asks a kernel or a util, it writes. */
export class Editor {
  readonly store = new Store<EditorRecord>()
  readonly history = new History(this.store)
  readonly scene = new Scene()
  readonly keymap: Keymap
  readonly text: TextIndex | null
  /** Several pictures of one moment; none of anything else. */
  readonly cameras: readonly CameraImage[]
  /** How many clouds there are; null where there are none. */
  readonly clouds: number | null
  /** Frames of the video; none of anything else. */
  readonly frames: number
  readonly ontology: Ontology
  readonly tools: readonly ToolId[]
  readonly root: Root
  /** Everything that a key or a button can do here, but for the classes. */
  readonly commands: readonly Command[]
  /** Where the gesture began, on the image, and where the pointer is, on the screen. */
  start: Point = [0, 0]
  screenHere: Point = [0, 0]
  isSpaceHeld = false
  /** The picture itself, for tools that look at it, and how a page reads it for them. */
  pixels: Pixels | null = null
  readPixels: (() => Promise<Pixels>) | null = null
  /** Does long work beside the page, where there is somebody to do it. */
  elsewhere: Elsewhere | null = null
  textView: TextView | null = null
  cloudView: CloudView | null = null
  player: Player | null = null
  #screenStart: Point = [0, 0]
  #pointer: 'mouse' | 'pen' | 'touch' = 'mouse'
  /** How many acts we are in the middle of; being built counts as one. */
  #depth = 1
  readonly #image: Size
  #replayed: Diff<EditorRecord> | null = null
  readonly #newId: () => string
  readonly #skeletons = new Map<string, Skeleton | null>()
  readonly #commands: ReadonlyMap<string, Command>
  readonly #autosave: Autosave
  readonly #snapshots: Snapshots

  constructor(options: EditorOptions) {
    this.text = options.text === undefined ? null : new TextIndex(options.text)
    this.frames = options.frames ?? 0
    this.#image = this.text === null ? options.image : { width: this.text.length, height: 1 }
    this.clouds = options.clouds ?? null
    this.ontology = options.ontology ?? NO_ONTOLOGY
    this.#newId = options.newId
    this.cameras = options.cameras ?? []
    this.scene.cameras = this.cameras.map(({ name }) => name)
    this.store.listen((diff, source) => {
      this.scene.update(diff)
      if (source === 'history') this.#replayed = diff
    })
    this.#autosave = new Autosave(this)
    this.#snapshots = new Snapshots(this)
    const first = this.ontology.classes.find(({ retired }) => retired !== true)
    this.store.put({ ...EMPTY_SESSION, class: first?.key ?? null, readOnly: options.readOnly ?? false }, EMPTY_ITEM)
    const kits = options.kits ?? []
    this.root = new Root(this, kits, options.comments === true)
    const isOffered = (id: ToolId) => this.root.has(id) && (this.clouds === null || id !== 'pan') && (this.frames === 0 || !NOT_IN_VIDEOS.test(id))
    const offered = toolsFor(options.shapes ?? []).filter(isOffered)
    this.tools = this.text === null ? offered : []
    const general = commands.filter(({ id }) => this.#offers(id)).map((command) => (this.frames > 0 ? inVideo(command) : command))
    const ofKits = kits.flatMap((kit) => kit.commands).filter(({ id }) => this.frames === 0 || !NOT_IN_VIDEOS.test(id))
    this.commands = [...general, ...cameraCommands(this.cameras), ...ofKits]
    const ofClasses = classCommands(this.ontology)
    this.#commands = new Map([...this.commands, ...ofClasses].map((command) => [command.id, command]))
    this.keymap = new Keymap([
      { rank: 'default', bindings: this.commands },
      { rank: 'project', bindings: ofClasses },
    ])
    this.keymap.remap(options.keys ?? {})
    this.loadAnswer(options.answer ?? {})
    this.#depth = 0
    this.#tell()
  }

  /** A text and a cloud have few of the commands for pictures, and in a video the keys of tools that it has not are taken. */
  #offers(id: string): boolean {
    if (this.text !== null) return OF_TEXTS.test(id)
    if (this.clouds !== null) return OF_CLOUDS.test(id)
    return this.frames === 0 || !id.startsWith('tool.') || this.tools.some((tool) => id === `tool.${tool}`)
  }

  /** The picture: of several the one in front. */
  get image(): Size {
    return this.cameras.length === 0 ? this.#image : (this.cameras[this.session.pane] ?? this.#image)
  }

  get session(): Session {
    return this.store.get(SESSION) as Session
  }

  get item(): ItemRecord {
    return this.store.get(ITEM) as ItemRecord
  }

  updateSession(change: Partial<Session>): void {
    const { session } = this
    const keys = Object.keys(change) as (keyof Session)[]
    if (keys.every((key) => change[key] === session[key])) return
    this.act(() => this.store.put({ ...session, ...change }))
  }

  /** Objects and what holds a place among them, in drawing order. */
  placed(): PlacedRecord[] {
    const isPlaced = (record: EditorRecord): record is PlacedRecord =>
      record.kind === 'object' || record.kind === 'track' || (record.kind === 'foreign' && record.list !== 'relations')
    const placed = this.store.all().filter(isPlaced)
    return placed.sort(inDrawingOrder)
  }

  topOrder(): number {
    return this.store.all().reduce((top, record) => ('order' in record ? Math.max(top, record.order) : top), 0)
  }

  freshId(taken: Set<string> = new Set()): string {
    let id = this.#newId()
    while (this.store.get(id) !== null || taken.has(id)) id = this.#newId()
    taken.add(id)
    return id
  }

  /** The skeleton of a class (O7); a published ontology never changes, so once is enough. */
  skeletonOf(classKey: string): Skeleton | null {
    const known = this.#skeletons.get(classKey)
    if (known !== undefined) return known
    const skeleton = skeletonOf(this.ontology, classKey)
    this.#skeletons.set(classKey, skeleton)
    return skeleton
  }

  /** The lines and dots of an object. */
  drawingOf({ shape, class: key }: Pick<ObjectRecord, 'shape' | 'class'>): { readonly paths: readonly Path[]; readonly dots: readonly Dot[] } {
    const its = util(shape)
    return { paths: its.paths(shape, this.skeletonOf(key)), dots: its.dots?.(shape) ?? [] }
  }

  handlesOf = ({ shape }: { readonly shape: Shape }): readonly Handle[] => util(shape).handles(shape)

  // Where the hand is

  /** The pointer, or the crosshair of the keyboard, on the image and beyond it. */
  get here(): Point {
    return this.session.crosshair ?? toImage(this.session.camera, this.screenHere)
  }

  /** The same, where a point may be put: on the image, on the hundredth of a pixel. */
  get spot(): Point {
    return roundPoint(clampPoint(this.here, this.image))
  }

  get startSpot(): Point {
    return roundPoint(clampPoint(this.start, this.image))
  }

  /** Screen pixels: how near is "on it". */
  get reach(): number {
    return this.#pointer === 'mouse' ? REACH_PX : REACH_TOUCH_PX
  }

  isDragging(): boolean {
    return distance(this.#screenStart, this.screenHere) >= DRAG_PX
  }

  // The ways in

  /** Every event of the page, the keyboard, or a test. Says whether it meant anything here. */
  dispatch(input: Input): boolean {
    return this.act(() => {
      switch (input.type) {
        case 'keydown':
          return this.#keyDown(input.code, chordOf(input), input.repeat === true)
        case 'keyup':
          return this.#keyUp(input.code)
        case 'wheel':
          if (this.root.mode !== 'gesture') onWheel(this, input)
          return true
        case 'pinch':
          this.#interrupt()
          onPinch(this, input)
          return true
        case 'leave':
          this.updateSession({ hovered: null })
          return true
        case 'blur':
          this.isSpaceHeld = false
          this.#interrupt()
          return true
        case 'down':
        case 'move':
        case 'up':
          // The other button opens menus; it draws nothing.
          if (input.button === 2) return false
          this.#locate(input)
          this.root.handle(input)
          return true
        default:
          this.root.handle(input)
          return true
      }
    })
  }

  #locate({ type, screen, pointer }: PointerInput): void {
    // Browsers repeat the last move when the page shifts; only a real one puts the crosshair away.
    if (type !== 'move' || distance(screen, this.screenHere) > 0) this.updateSession({ crosshair: null })
    this.screenHere = screen
    this.#pointer = pointer ?? 'mouse'
    // A second finger or button does not move the start of the gesture that the first is making.
    if (type !== 'down' || this.root.mode === 'gesture') return
    this.#screenStart = screen
    this.start = this.here
  }

  #keyDown(code: string, chord: string, repeat: boolean): boolean {
    if (code === 'Space') {
      this.isSpaceHeld = true
      return true
    }
    const id = this.keymap.find(chord, this.root.mode)
    return id !== null && this.run(id, repeat ? 'repeat' : 'once')
  }

  #keyUp(code: string): boolean {
    if (code === 'Space') this.isSpaceHeld = false
    return code === 'Space'
  }

  /** Runs a command by its id, as its key would: false when it does not apply now. */
  run(id: string, press: 'once' | 'repeat' = 'once'): boolean {
    const command = this.#commands.get(id)
    if (command === undefined || !command.when.includes(this.root.mode)) return false
    return this.act(() => command.run(this, press) !== false)
  }

  /** Puts a tool in the hand, if the project and the mode allow it. */
  setTool(id: ToolId): boolean {
    if (!this.root.has(id) || (isDrawingTool(id) && (this.session.readOnly || !this.tools.includes(id)))) return false
    return this.act(() => {
      this.#interrupt()
      this.root.go(id)
      return true
    })
  }

  /** The points of the shape that is begun and not finished, while the hand is off. */
  get line(): readonly Point[] {
    return this.root.mode === 'drawing' ? (this.session.draft?.points ?? NO_POINTS) : NO_POINTS
  }

  /** What these points were put as, where they are not all alike. */
  get marks(): readonly Mark[] {
    return this.session.draft?.marks ?? []
  }

  /** Goes on with a shape that was begun before a reload, where it still fits the image (W44). */
  takeUpLine(points: readonly unknown[], tool: ToolId = 'polygon', marks: readonly Mark[] = []): boolean {
    const isPoint = (point: unknown): point is Point => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite)
    const line = points.filter(isPoint).map((point) => clampPoint(point, this.image))
    if (line.length === 0 || !this.setTool(tool)) return false
    return this.act(() => {
      this.root.go(tool, { line, marks })
      return true
    })
  }

  setReadOnly(to: 'on' | 'off'): void {
    if (to === 'on') this.setTool('select')
    this.act(() => this.updateSession({ readOnly: to === 'on' }))
  }

  /** Enter, from the keyboard: it needs the crosshair to have a place. */
  confirm(how: 'plain' | 'hidden' = 'plain'): void {
    if (this.root.mode === 'ready') showCrosshair(this)
    this.root.handle({ type: 'confirm', how })
  }

  // The ways to write

  /** One step of work: undone as one, refused in read-only mode. Merged steps of one label are one. */
  work(label: string, change: () => void, merging: 'merge' | 'apart' = 'apart'): boolean {
    if (this.session.readOnly) return false
    const isFromOutside = this.#depth === 0
    return this.act(() => {
      // The work of a panel must not mix with a gesture in the hand.
      if (isFromOutside) this.#interrupt()
      if (merging === 'apart' || this.history.open !== label) this.history.mark(label)
      change()
      return true
    })
  }

  /**
   * Writes to the answer: the backstop that keeps a read-only answer as it is (W10). In a video, what is
   * written to an object is written to the track that it stands for (W81).
   */
  put(records: readonly (PlacedRecord | RelationRecord | ItemRecord)[]): void {
    if (this.session.readOnly) return
    const kept = this.frames === 0 ? records : records.map((record) => (record.kind === 'object' ? trackOf(this, record) : record))
    this.store.put(...kept)
  }

  /** All that happens, happens in here: whole or not at all, and told once when it is over. */
  act<T>(change: () => T): T {
    this.#depth += 1
    try {
      return this.store.transact(change)
    } catch (error) {
      // The records are back as they were; a chart left in the middle of a gesture would not know it.
      if (this.#depth === 1) this.root.go('select')
      throw error
    } finally {
      this.#depth -= 1
      if (this.#depth === 0) this.#tell()
    }
  }

  #tell(): void {
    if (this.root.mode !== 'gesture') this.#autosave.flush()
    this.#snapshots.tell()
  }

  #interrupt(): void {
    if (this.root.mode === 'gesture') this.root.handle({ type: 'cancel', reason: 'interrupt' })
  }

  undo(): boolean {
    return this.#replay('Undone', () => this.history.undo())
  }

  redo(): boolean {
    return this.#replay('Redone', () => this.history.redo())
  }

  #replay(word: string, step: () => string | null): boolean {
    if (this.session.readOnly) return false
    return this.act(() => {
      this.#interrupt()
      const label = step()
      if (label === null) return false
      // What is undone or done again is to be seen.
      const camera = this.#replayed === null ? null : cameraOfChange(this.#replayed, cameraInFront(this))
      if (camera !== null) showCameraOf(this, { camera })
      this.say(`${word}: ${label}`)
      return true
    })
  }

  // The answer

  toAnswer(): Answer {
    return toAnswer(this.store.all())
  }

  /** Puts another answer in place of this one; it is nobody's work here, so there is nothing to undo. */
  loadAnswer(answer: Answer): void {
    this.act(() => {
      this.root.go('select')
      const gone = this.store.all().filter((record) => record.scope === 'document')
      const next = toRecords(answer)
      const diff = new Map<string, [EditorRecord | null, EditorRecord | null]>(gone.map((record) => [record.id, [record, null]]))
      for (const record of next) diff.set(record.id, [this.store.get(record.id), record])
      this.store.apply(diff, 'server')
      this.history.clear()
      this.updateSession({ selected: [], handle: null, hovered: null, hidden: new Set(), locked: new Set(), range: null, proposal: null, joining: null, only: null })
    })
  }

  // The ways out

  /** Calls back when anything has changed, once for each thing that happened. */
  subscribe = (listener: () => void): (() => void) => this.#snapshots.subscribe(listener)
  /** The same object until something changes, and the same parts until they do. */
  getSnapshot = (): Snapshot => this.#snapshots.get()

  /** Calls back with each finished piece of work, never in the middle of a gesture (W51). */
  onDocumentDiff(listener: DocumentListener): () => void {
    return this.#autosave.listen(listener)
  }

  /** What an object is called for short: its class, and its place in the list; of a passage, what it says. */
  nameOf(id: string): string {
    const record = this.scene.get(id)
    if (record === null) return ''
    const name = this.ontology.classes.find(({ key }) => key === record.class)?.name ?? record.class
    if (record.shape.type === 'span' && this.text !== null) return `${name} “${excerpt(this, record.shape, 40)}”`
    return `${name} ${this.scene.objects.indexOf(record) + 1}`
  }

  /** A sentence about an object, for those who hear the image. */
  describe(id: string): string {
    const record = this.scene.get(id)
    if (record === null) return ''
    const name = this.ontology.classes.find(({ key }) => key === record.class)?.name ?? record.class
    const joined = this.scene.relations.filter(({ from, to }) => from === id || to === id).length
    const stands = [record.group === null ? '' : `, in group ${record.group}`, joined === 0 ? '' : `, ${joined} ${joined === 1 ? 'relation' : 'relations'}`]
    const marks = [...stands, this.session.locked.has(id) ? ', locked' : '', this.session.hidden.has(id) ? ', hidden' : '']
    const { shape } = record
    const track = record.seen === undefined ? '' : `track ${id}, ${record.seen.isKeyframe ? 'keyframe' : 'on the way between keyframes'}${record.seen.occluded ? ', covered' : ''}, `
    const what = shape.type === 'span' && this.text !== null ? `“${excerpt(this, shape)}”` : util(shape).describe(shape)
    const where = record.camera === undefined ? '' : `in camera ${record.camera}, `
    return `${name}, ${where}${track}${what}${marks.join('')}`
  }

  say(text: string): void {
    this.updateSession({ said: { count: this.session.said.count + 1, text } })
  }
}
