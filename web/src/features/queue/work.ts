/**
 * The work on one claimed task: the editor with the answer in it, and everything that keeps the
 * answer safe. It begins with what this device or another one has of it, and ends by handing in,
 * skipping or giving back.
 */
import { Editor, type EditorOptions, type EditorRecord, type Kit, type Mark, type Point, type ShapeKind, type ToolId, cameraInFront, loadAskKit, loadKits, setClass, shortIds, showCameraOf } from '../../canvas'
import { toAnswer } from '../../canvas/document'
import { type Choice, Drafts, chooseWork, sameAnswer } from './drafts'
import type { Home } from './home'
import type { LocalWork } from './journal'
import { ActiveMeter } from './meter'
import type { Answer, Claim, Ontology, Question, SkipReason } from './model'
import { type LetterKind, newId } from './place'
import { pastOf } from './steps'
import { Suggestions } from './suggestions'

export interface WorkState {
  /** The last moment at which everything was on this device, by its clock. */
  readonly deviceAt: number | null
  /** The last moment at which the server had it. */
  readonly serverAt: number | null
  /** Whether the server lacks something that this device has. */
  readonly behind: boolean
  /** Why this device cannot keep the work, if it cannot. */
  readonly failure: string | null
}

interface OpenOptions {
  home: Home
  claim: Claim
  ontology: Ontology
  question: Question
  keys?: EditorOptions['keys']
  /** Whether there is a model to be asked about places. */
  asks?: boolean
}

/** What the frame keeps beside the answer (a half-written reason) lies under ids of its own. */
const FRAME = ':frame:'
const LINE = 'line'
const TOUCH_MS = 15_000

export class Work {
  readonly claim: Claim
  readonly editor: Editor
  readonly submission: string
  /** The answer that the work began with: undo never goes behind it. */
  readonly base: Answer
  readonly origin: 'device' | 'server' | 'before' | 'blank'
  readonly suggestions: Suggestions
  readonly #home: Home
  readonly #meter: ActiveMeter
  readonly #drafts: Drafts
  readonly #kept: Map<string, unknown>
  readonly #listeners = new Set<() => void>()
  readonly #stops: (() => void)[] = []
  #offered: Choice['other']
  #state: WorkState
  #line: readonly Point[] = []
  #touchedAt = 0
  #closed = false

  /** Null where nobody wants it any more when it is ready: two openings of one slot must not cross. */
  static async open(options: OpenOptions, isWanted: () => boolean): Promise<Work | null> {
    const { home, claim } = options
    const ask = options.asks === true && options.question.media === 'image' && options.question.shapes.length > 0 ? [loadAskKit()] : []
    const media = options.question.media === 'video' ? 'video' : 'other'
    const [local, shapeKits, ...askKits] = await Promise.all([home.journal.restore(claim.slot), loadKits(kindsOf(options.question), media), ...ask])
    const kits = [...shapeKits, ...askKits]
    if (!isWanted()) return null
    const records = [...(local?.records ?? [])]
    const here = records.filter(([id]) => !id.startsWith(FRAME)).map(([, record]) => record as EditorRecord)
    const kept = new Map(records.filter(([id]) => id.startsWith(FRAME)))
    const mine = local === null ? null : { answer: toAnswer(here) as Answer, savedAt: local.savedAt + home.server.skewMs }
    return new Work({ ...options, kits }, chooseWork(mine, claim.draft, home.place.device), kept, local)
  }

  private constructor(
    { home, claim, ontology, question, keys, kits }: OpenOptions & { readonly kits: readonly Kit[] },
    { use, other }: Choice,
    kept: Map<string, unknown>,
    local: LocalWork | null,
  ) {
    this.claim = claim
    this.#home = home
    this.#kept = kept
    this.#offered = other
    this.submission = local?.submission ?? newId('sub_')
    this.origin = use !== null ? use.from : originOf(claim)
    this.base = withDefaults(use?.answer ?? startOf(claim), ontology)
    const isFixing = kept.has(`${FRAME}fixing`) || (use !== null && !sameAnswer(use.answer, startOf(claim)))
    this.editor = new Editor({
      image: { width: claim.item.width ?? 1, height: claim.item.height ?? 1 },
      ontology,
      answer: this.base as NonNullable<EditorOptions['answer']>,
      newId: shortIds(Math.random),
      shapes: kindsOf(question),
      ...(claim.item.text === null ? {} : { text: claim.item.text }),
      ...(claim.item.cameras === undefined ? {} : { cameras: claim.item.cameras }),
      ...(claim.item.video == null ? {} : { frames: claim.item.video.frames }),
      ...(claim.item.scene == null ? {} : { clouds: claim.item.scene.clouds.length }),
      kits,
      // A reviewer looks first; fixing is a decision, and so is the choice of a base to adjudicate from.
      readOnly: (claim.stage === 'review' || claim.stage === 'adjudicate') && !isFixing,
      comments: claim.before?.id !== undefined,
      ...(keys === undefined ? {} : { keys }),
    })
    this.#meter = new ActiveMeter(local?.activeMs ?? 0, Date.now(), document.visibilityState === 'visible')
    if (use?.from === 'device' && local !== null) this.#relive(local)
    const records = this.editor.store.all().filter(({ scope }) => scope === 'document')
    const begun = new Map<string, unknown>([...records.map((record) => [record.id, record] as const), ...kept])
    home.journal.begin(claim, this.submission, begun, local, use?.from === 'device' ? 'going on' : 'anew')
    this.#drafts = new Drafts({
      server: home.server,
      device: home.place.device,
      claim,
      isKept: () => home.journal.failed === null,
      answer: () => this.answer(),
      onChange: () => this.#refresh(),
    })
    this.suggestions = new Suggestions(this)
    this.#state = this.#read()
    this.#stops.push(
      this.editor.onDocumentDiff((diff) => this.#changed(diff)),
      this.editor.subscribe(() => this.#keepLine()),
      home.journal.listen((slot) => slot === claim.slot && this.#refresh()),
    )
    // What this device has and no draft told the server yet, it is told now.
    if (use?.from === 'device') this.#drafts.changed()
  }

  /** Does again what was done before the reload, so that it can be undone. */
  #relive(local: LocalWork): void {
    const isAnswer = ([id]: readonly [string, ...unknown[]]) => !id.startsWith(FRAME)
    const now = new Map([...local.records].filter(isAnswer))
    const { before, steps } = pastOf(now, local.steps.map((step) => step.filter(isAnswer)).filter(({ length }) => length > 0))
    if (steps.length === 0) return
    const { editor } = this
    const { readOnly } = editor.session
    editor.setReadOnly('off')
    editor.loadAnswer(toAnswer([...before.values()] as EditorRecord[]))
    for (const step of steps) {
      editor.work('Earlier', () => {
        editor.store.remove(...step.flatMap(([id, , after]) => (after === null ? [id] : [])))
        editor.store.put(...step.flatMap(([, , after]) => (after === null ? [] : [after as EditorRecord])))
      })
    }
    // What is on the device is the truth; a past that does not lead there is no past.
    const there = toAnswer([...now.values()] as EditorRecord[])
    if (!sameAnswer(this.answer(), there as Answer)) editor.loadAnswer(there)
    editor.updateSession({ selected: [] })
    if (readOnly) editor.setReadOnly('on')
  }

  get state(): WorkState {
    return this.#state
  }

  /** Work from elsewhere that says something else: shown, so that the person may prefer it. */
  get offered(): Choice['other'] {
    return this.#offered
  }

  get isBegun(): boolean {
    return this.#state.deviceAt !== null || this.#state.failure !== null
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
  getSnapshot = (): WorkState => this.#state

  answer(): Answer {
    return this.editor.toAnswer() as Answer
  }

  get activeMs(): number {
    return this.#meter.read(Date.now())
  }

  /** A key, a pointer, a wheel: somebody is working. */
  input(): void {
    const now = Date.now()
    this.#meter.input(now)
    if (now - this.#touchedAt < TOUCH_MS) return
    this.#touchedAt = now
    void this.#home.journal.touch(this.claim.slot, this.activeMs)
  }

  visible(visible: boolean): void {
    this.#meter.visible(Date.now(), visible)
    void this.#home.journal.touch(this.claim.slot, this.activeMs)
    if (!visible) void this.#drafts.flush()
  }

  /** Puts another answer in place of this one, as one step that can be undone. */
  replaceWith(answer: Answer, label: string): void {
    this.editor.setReadOnly('off')
    const other = new Editor({ image: this.editor.image, ontology: this.editor.ontology, answer: answer as never, newId: shortIds(Math.random) })
    const next = new Map(other.store.all().filter(({ scope }) => scope === 'document').map((record) => [record.id, record]))
    this.editor.work(label, () => {
      const gone = this.editor.store.all().filter(({ id, scope }) => scope === 'document' && !next.has(id))
      this.editor.store.remove(...gone.map(({ id }) => id))
      this.editor.store.put(...next.values())
    })
  }

  takeOffered(): void {
    if (this.#offered === null) return
    const { answer } = this.#offered
    this.#offered = null
    this.replaceWith(answer, 'Other draft')
    this.#refresh()
  }

  declineOffered(): void {
    this.#offered = null
    this.#refresh()
  }

  /** What the frame wrote down beside the answer, such as a reason in the making. */
  kept<T>(name: string): T | null {
    return (this.#kept.get(FRAME + name) as T | undefined) ?? null
  }

  keep(name: string, value: unknown): void {
    const id = FRAME + name
    const before = this.#kept.get(id) ?? null
    if (value === null) this.#kept.delete(id)
    else this.#kept.set(id, value)
    void this.#home.journal.append(this.claim.slot, new Map([[id, [before, value]]]))
  }

  /** A shape that was begun here and not finished, from before a reload: no part of the answer, and still work. */
  takeUpLine(): boolean {
    const line = this.kept<{ readonly class: string | null; readonly points: readonly unknown[]; readonly tool?: ToolId; readonly marks?: readonly Mark[]; readonly camera?: string }>(LINE)
    if (line === null) return false
    if (line.class !== null) setClass(this.editor, line.class)
    if (line.camera !== undefined) showCameraOf(this.editor, { camera: line.camera })
    return this.editor.takeUpLine(line.points, line.tool, line.marks)
  }

  /** Points that are put down are kept like what is finished; a hand in the middle of a stroke is waited for. */
  #keepLine(): void {
    if (this.editor.root.mode === 'gesture') return
    const { line } = this.editor
    if (line === this.#line || (line.length === 0 && this.#line.length === 0)) return
    this.#line = line
    const camera = cameraInFront(this.editor)
    this.keep(LINE, line.length === 0 ? null : { ...(camera === undefined ? {} : { camera }), class: this.editor.session.class, points: line, tool: this.editor.root.tool, marks: this.editor.marks })
  }

  /** Hands in (X1): resolves when the letter is on the device. The caller then shows the next task. */
  async handIn(kind: Exclude<LetterKind, 'skip'>, more: Readonly<Record<string, unknown>>): Promise<void> {
    const { ontology_version, instructions_version } = this.claim
    // An answer is pinned to what its author had before them, whatever has been published since.
    const versions = kind === 'answer' ? { ontology_version, instructions_version } : {}
    await this.#post(this.submission, kind, { ...more, ...versions, active_ms: this.activeMs })
  }

  async skip(reason: SkipReason, text: string): Promise<void> {
    await this.#post(newId('skp_'), 'skip', { reason, ...(text === '' ? {} : { text }) })
  }

  /** Gives the task back: what was done to it is thrown away here too. */
  async discard(): Promise<void> {
    this.close()
    await this.#home.journal.close(this.claim.slot)
  }

  close(): void {
    this.#closed = true
    this.#drafts.close()
    for (const stop of this.#stops) stop()
    this.#home.journal.pause(this.claim.slot)
  }

  async #post(id: string, kind: LetterKind, body: Readonly<Record<string, unknown>>): Promise<void> {
    const { slot, fence, stage } = this.claim
    const letter = { id, kind, slot, fence, stage, claim: this.claim, body }
    try {
      await this.#home.outbox.put(letter)
    } catch {
      // This device keeps nothing (a full disk, a private window): the server must have it before
      // the screen moves on. A failure is told, and the work is still here.
      await this.#home.server.send({ ...letter, created_at: Date.now(), refusal: null })
    }
    this.close()
  }

  #changed(diff: ReadonlyMap<string, readonly [EditorRecord | null, EditorRecord | null]>): void {
    void this.#home.journal.append(this.claim.slot, diff)
    this.#drafts.changed()
  }

  #read(): WorkState {
    const { savedAt, behind } = this.#drafts.state
    return {
      deviceAt: this.#home.journal.savedAt(this.claim.slot),
      serverAt: savedAt,
      behind,
      failure: this.#home.journal.failed?.message ?? null,
    }
  }

  #refresh(): void {
    if (this.#closed) return
    this.#state = this.#read()
    for (const listener of this.#listeners) listener()
  }
}

const originOf = (claim: Claim): Work['origin'] => (claim.before?.answer !== undefined ? 'before' : 'blank')

/** What can be marked, spans among it. */
const kindsOf = ({ shapes, spans }: Question): readonly ShapeKind[] => (spans === true ? [...shapes, 'span'] : shapes)

/** Never with what is only suggested (G1). */
const startOf = ({ before }: Claim): Answer => before?.answer ?? {}

/** The defaults of what is said of the whole item (O5), where nothing is said yet. */
function withDefaults(answer: Answer, ontology: Ontology): Answer {
  const said = answer.attributes ?? {}
  const missing = ontology.attributes.filter(({ scope, retired, key, default: value }) => {
    return scope === 'item' && !retired && value != null && said[key] === undefined
  })
  if (missing.length === 0) return answer
  const defaults = Object.fromEntries(missing.map(({ key, default: value }) => [key, value]))
  return { ...answer, attributes: { ...defaults, ...said } as NonNullable<Answer['attributes']> }
}
