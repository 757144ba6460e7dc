import type { Editor } from './editor'
import type { ItemRecord, ObjectRecord, Session, TrackRecord } from './records'
import { selectedObjects } from './selection'
import type { Mode } from './tools/state'
import type { ToolId } from './tools'

/** What a page shows of the editor. Never changed; a part that is the same object has not changed. */
export interface Snapshot {
  /** In drawing order, the last on top. */
  readonly objects: readonly ObjectRecord[]
  /** Of a video, seen in the frame that is shown or not. */
  readonly tracks: readonly TrackRecord[]
  readonly selected: readonly ObjectRecord[]
  readonly item: ItemRecord
  readonly session: Session
  readonly tool: ToolId
  /** The state of the chart, such as `select.translating`. */
  readonly path: string
  readonly mode: Mode
  readonly canUndo: boolean
  readonly canRedo: boolean
}

export class Snapshots {
  #snapshot: Snapshot | null = null
  #isStale = true
  /** What the listeners have been told of: of everything up to now, and of this state of the chart. */
  #isTold = true
  #toldPath = ''
  readonly #editor: Editor
  readonly #listeners = new Set<() => void>()

  constructor(editor: Editor) {
    this.#editor = editor
    editor.store.listen(() => {
      this.#isStale = true
      this.#isTold = false
    })
  }

  get(): Snapshot {
    if (this.#snapshot === null || this.#isStale) this.#snapshot = this.#take(this.#snapshot)
    this.#isStale = false
    return this.#snapshot
  }

  #take(before: Snapshot | null): Snapshot {
    const { scene, session, item, root, history } = this.#editor
    const selected = selectedObjects(this.#editor)
    const isSame = before?.selected.length === selected.length && selected.every((o, i) => o === before.selected[i])
    return {
      objects: scene.objects,
      tracks: scene.tracks,
      selected: isSame ? before.selected : selected,
      item,
      session,
      tool: root.tool,
      path: root.path,
      mode: root.mode,
      canUndo: history.canUndo && !session.readOnly,
      canRedo: history.canRedo && !session.readOnly,
    }
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The chart may have moved without a record having changed: that counts as a change too. */
  tell(): void {
    const { path } = this.#editor.root
    if (this.#isTold && path === this.#toldPath) return
    this.#isStale = true
    this.#isTold = true
    this.#toldPath = path
    for (const listener of this.#listeners) listener()
  }
}
