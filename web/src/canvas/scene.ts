import type { Diff } from './diff'
import { inDrawingOrder } from './document'
import type { Bounds } from './kernels/geometry'
import { Grid } from './kernels/grid'
import type { EditorRecord, ObjectRecord, RelationRecord, TrackRecord } from './records'
import { boundsOfShape } from './shapes'
import { objectAt } from './standing'

/**
 * The objects in drawing order, and which of them are where. Derived from the store and told of
 * each of its changes; asked a thousand times between two of them, it works once.
 */
export class Scene {
  /** Of several pictures of one moment the names of the cameras: each has a grid of its own. */
  cameras: readonly string[] = []
  readonly #grids = new Map<string | undefined, Grid>()
  #pane = 0
  #here: { readonly of: readonly ObjectRecord[]; readonly camera: string; readonly objects: readonly ObjectRecord[] } | null = null
  readonly #records = new Map<string, ObjectRecord>()
  readonly #related = new Map<string, RelationRecord>()
  #relations: readonly RelationRecord[] | null = []
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
      if (after?.kind === 'relation' || before?.kind === 'relation') {
        if (after?.kind === 'relation') this.#related.set(id, after)
        else this.#related.delete(id)
        this.#relations = null
      }
      if (after?.kind === 'track') this.#track(after)
      else if (before?.kind === 'track') {
        this.#tracks.delete(id)
        this.#listed = null
        this.#remove(id)
      }
      if (after?.kind === 'session') this.#pane = after.pane
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
    this.#gridOf(this.#records.get(id)?.camera).remove(id)
    this.#records.delete(id)
    this.#stale = 'order'
    this.#relations = null
  }

  /** Where there is one picture alone, nobody's camera counts. */
  #gridOf(camera: string | undefined): Grid {
    const name = this.cameras.length === 0 ? undefined : camera
    const known = this.#grids.get(name)
    if (known !== undefined) return known
    const grid = new Grid()
    this.#grids.set(name, grid)
    return grid
  }

  /** The objects of the picture in front, of one of several, in drawing order. The same list until something changes. */
  get here(): readonly ObjectRecord[] {
    const camera = this.cameras[this.#pane]
    if (camera === undefined) return this.objects
    const { objects } = this
    if (this.#here?.of !== objects || this.#here.camera !== camera) this.#here = { of: objects, camera, objects: this.of(camera) }
    return this.#here.objects
  }

  /** The objects of a camera, in drawing order. */
  of(camera: string): readonly ObjectRecord[] {
    return this.objects.filter((object) => object.camera === camera)
  }

  /** All tracks of a video in drawing order, seen now or not. The same list until one changes. */
  get tracks(): readonly TrackRecord[] {
    this.#listed ??= [...this.#tracks.values()].sort(inDrawingOrder)
    return this.#listed
  }

  #put(after: ObjectRecord, before: EditorRecord | null): void {
    const known = before?.kind === 'object' ? before : null
    if (known === null) this.#relations = null
    this.#records.set(after.id, after)
    if (known !== null && known.camera !== after.camera) this.#gridOf(known.camera).remove(after.id)
    if (known?.shape !== after.shape || known.camera !== after.camera) this.#gridOf(after.camera).put(after.id, boundsOfShape(after.shape))
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

  /** Those of which both ends are there, as they came in: the same list until something changes. */
  get relations(): readonly RelationRecord[] {
    this.#relations ??= [...this.#related.values()].filter(({ from, to }) => this.#records.has(from) && this.#records.has(to)).sort(inDrawingOrder)
    return this.#relations
  }

  get(id: string): ObjectRecord | null {
    return this.#records.get(id) ?? null
  }

  /** The objects whose bounds touch these, in drawing order; of several pictures those of the one in front, or of this one. */
  within(bounds: Bounds, pane: number = this.#pane): ObjectRecord[] {
    // Asking for the list first brings the places up to date.
    const { objects } = this
    const places = this.#gridOf(this.cameras[pane]).query(bounds).map((id) => this.#places.get(id) ?? 0)
    return places.sort((a, b) => a - b).flatMap((place) => objects[place] ?? [])
  }

  /** The index as it is, beside the index as it would be if it were built now: they must be equal. */
  audit(): readonly [kept: string[], rebuilt: string[]] {
    const kept: string[] = []
    const rebuilt: string[] = []
    for (const [camera, grid] of this.#grids) {
      const fresh = new Grid()
      for (const { id, shape, camera: own } of this.#records.values()) if (this.cameras.length === 0 || own === camera) fresh.put(id, boundsOfShape(shape))
      kept.push(...grid.dump())
      rebuilt.push(...fresh.dump())
    }
    return [kept, rebuilt]
  }
}
