import type { Diff } from './diff'
import { inDrawingOrder } from './document'
import type { Bounds } from './kernels/geometry'
import { Grid } from './kernels/grid'
import type { EditorRecord, ObjectRecord, TrackRecord } from './records'
import { boundsOfShape } from './shapes'
import { objectAt } from './standing'

/**
 * The objects in drawing order, and which of them are where. Derived from the store and told of
 * each of its changes; asked a thousand times between two of them, it works once.
 */
export class Scene {
  readonly #grid = new Grid()
  readonly #records = new Map<string, ObjectRecord>()
  #sorted: readonly ObjectRecord[] = []
  #places = new Map<string, number>()
  #stale: 'none' | 'records' | 'order' = 'none'
  #touched = new Set<string>()
  /** Of these the records above hold what is seen in the frame that is shown. */
  readonly #tracks = new Map<string, TrackRecord>()
  #listed: readonly TrackRecord[] | null = []
  #frame = 0

  update(diff: Diff<EditorRecord>): void {
    for (const [id, [before, after]] of diff) {
      if (after?.kind === 'object') this.#put(after, before)
      else if (before?.kind === 'object') this.#remove(id)
      if (after?.kind === 'track') this.#track(after)
      else if (before?.kind === 'track') {
        this.#tracks.delete(id)
        this.#listed = null
        this.#remove(id)
      }
      if (after?.kind === 'session' && after.frame !== this.#frame) {
        this.#frame = after.frame
        for (const track of this.#tracks.values()) this.#stand(track)
      }
    }
  }

  #track(track: TrackRecord): void {
    this.#tracks.set(track.id, track)
    this.#listed = null
    this.#stand(track)
  }

  /** Puts what is seen of a track in the frame that is shown. */
  #stand(track: TrackRecord): void {
    const object = objectAt(track, this.#frame)
    if (object !== null) this.#put(object, this.get(track.id))
    else if (this.#records.has(track.id)) this.#remove(track.id)
  }

  #remove(id: string): void {
    this.#records.delete(id)
    this.#grid.remove(id)
    this.#stale = 'order'
  }

  /** All tracks of a video in drawing order, seen now or not. The same list until one changes. */
  get tracks(): readonly TrackRecord[] {
    this.#listed ??= [...this.#tracks.values()].sort(inDrawingOrder)
    return this.#listed
  }

  #put(after: ObjectRecord, before: EditorRecord | null): void {
    const known = before?.kind === 'object' ? before : null
    this.#records.set(after.id, after)
    if (known?.shape !== after.shape) this.#grid.put(after.id, boundsOfShape(after.shape))
    if (known?.order !== after.order) this.#stale = 'order'
    else if (this.#stale === 'none') this.#stale = 'records'
    this.#touched.add(after.id)
  }

  /** In drawing order, the last on top. The same list until something changes. */
  get objects(): readonly ObjectRecord[] {
    if (this.#stale === 'order') {
      this.#sorted = [...this.#records.values()].sort(inDrawingOrder)
      this.#places = new Map(this.#sorted.map(({ id }, i) => [id, i]))
    } else if (this.#stale === 'records') {
      const sorted = [...this.#sorted]
      for (const id of this.#touched) {
        const [place, record] = [this.#places.get(id), this.#records.get(id)]
        if (place !== undefined && record !== undefined) sorted[place] = record
      }
      this.#sorted = sorted
    }
    this.#stale = 'none'
    this.#touched.clear()
    return this.#sorted
  }

  get(id: string): ObjectRecord | null {
    return this.#records.get(id) ?? null
  }

  /** The objects whose bounds touch these, in drawing order. */
  within(bounds: Bounds): ObjectRecord[] {
    // Asking for the list first brings the places up to date.
    const { objects } = this
    const places = this.#grid.query(bounds).map((id) => this.#places.get(id) ?? 0)
    return places.sort((a, b) => a - b).flatMap((place) => objects[place] ?? [])
  }

  /** The index as it is, beside the index as it would be if it were built now: they must be equal. */
  audit(): readonly [kept: string[], rebuilt: string[]] {
    const fresh = new Grid()
    for (const { id, shape } of this.#records.values()) fresh.put(id, boundsOfShape(shape))
    return [this.#grid.dump(), fresh.dump()]
  }
}
