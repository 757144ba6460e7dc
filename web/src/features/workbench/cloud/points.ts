/** The points of one cloud on their way in: the coarse ones first, and of a large cloud all that is near the place looked at. */
import { type Place, type Pose, fromWorld, minus, plus, toWorld } from '../../../canvas/kernels/space'
import { type Cube, type Stroke, PointSet } from '../../../canvas/kernels/strokes'
import { type CloudIndex, type Points, type TreeNode, nodesOf, roomFor, runsOf, unpack } from '../../../canvas/kernels/tree'
import type { SceneCloud } from '../../queue/model'

/** The first request is short, so that there is something to see; the next ones are long. */
const FIRST_BYTES = 256 << 10
const RUN_BYTES = 2 << 20
/** The share of the room that shows the whole; the rest is for what is near. */
const WHOLE = 0.6

export class CloudPoints {
  readonly index: CloudIndex
  readonly points: Points
  /** How many of the places are filled. */
  count = 0
  readonly #cloud: SceneCloud
  readonly #origin: Place
  readonly #room: number
  readonly #nodes: readonly TreeNode[]
  /** Of the nodes, those that are always here, and how many points they have. */
  #whole = 0
  #wholePoints = 0
  #near: AbortController | null = null
  /** Those whose points are here. */
  readonly #here = new Set<TreeNode>()

  static async open(cloud: SceneCloud, origin: Place, room: number, signal: AbortSignal): Promise<CloudPoints> {
    return new CloudPoints(cloud, await indexOf(cloud, signal), origin, room)
  }

  constructor(cloud: SceneCloud, index: CloudIndex, origin: Place, room: number) {
    this.#cloud = cloud
    this.index = index
    this.#origin = origin
    this.#nodes = nodesOf(index)
    const total = this.#nodes.reduce((sum, { count }) => sum + count, 0)
    this.#room = Math.min(room, total)
    this.points = roomFor(this.#room, index.colour)
    const limit = total <= room ? room : room * WHOLE
    for (const { count } of this.#nodes) {
      if (this.#wholePoints + count > limit) break
      this.#wholePoints += count
      this.#whole += 1
    }
  }

  /** Whether all is here that is always here. */
  isWhole = false

  /** Whether there is more than can be shown at once. */
  get isLarge(): boolean {
    return this.#whole < this.#nodes.length
  }

  /** Where the scanner stood, less the origin of the view. */
  get scanner(): Place {
    const { translation: [x, y, z] } = this.#cloud.pose
    return [x - this.#origin[0], y - this.#origin[1], z - this.#origin[2]]
  }

  async load(signal: AbortSignal, onMore: () => void): Promise<void> {
    const whole = this.#nodes.slice(0, this.#whole)
    const { stride } = this.index
    let first = 0
    for (let bytes = 0; first < whole.length && bytes < FIRST_BYTES; first += 1) bytes += (whole[first] as TreeNode).count * stride
    for (const run of [whole.slice(0, first), ...runsOf(whole.slice(first), stride, RUN_BYTES)]) {
      if (run.length > 0) await this.#take(run, signal)
      onMore()
    }
    this.isWhole = true
  }

  /** Brings all that is near a place (less the origin), in the place of what was near another. */
  async loadNear(at: Place, reach: number, onMore: () => void): Promise<void> {
    // What is near goes behind what is always here, once that is there.
    if (!this.isLarge || !this.isWhole) return
    this.#near?.abort()
    const stop = new AbortController()
    this.#near = stop
    const { signal } = stop
    const here = fromWorld(this.#cloud.pose as Pose, plus(at, this.#origin))
    const far = ({ corner, side }: TreeNode) => Math.hypot(...corner.map((low, axis) => {
      const part = here[axis] as number
      return part < low ? low - part : part > low + side ? part - low - side : 0
    }))
    const near = this.#nodes.slice(this.#whole).map((node) => ({ node, far: far(node) })).filter((each) => each.far < reach)
    near.sort((a, b) => a.node.name.length - b.node.name.length || a.far - b.far)
    this.count = this.#wholePoints
    for (const node of this.#nodes.slice(this.#whole)) this.#here.delete(node)
    let room = this.#room - this.count
    const wanted: TreeNode[] = []
    for (const { node } of near) {
      if (node.count > room) break
      room -= node.count
      wanted.push(node)
    }
    wanted.sort((a, b) => a.from - b.from)
    try {
      for (const run of runsOf(wanted, this.index.stride, RUN_BYTES)) {
        await this.#take(run, signal)
        onMore()
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  close(): void {
    this.#near?.abort()
  }

  /** The points here that lie in a stroke, by their places in the list. Places are less the origin, as those of the points. */
  *within(stroke: Stroke): Iterable<number> {
    const { places } = this.points
    for (let i = 0; i < this.count; i++) if (stroke.holds(places[3 * i] as number, places[3 * i + 1] as number, places[3 * i + 2] as number)) yield i
  }

  /**
   * The numbers of all points of the file that lie in a stroke: of those here, and of the nodes that it touches and that are not, which are read
   * in runs of 2 MiB and let go of at once.
   */
  async gather(stroke: Stroke, signal: AbortSignal, onShare: (done: number, total: number) => void): Promise<PointSet> {
    const found = new PointSet(this.index.points)
    for (const i of this.within(stroke)) found.add(this.points.numbers[i] as number)
    const touched = this.#nodes.filter((node) => !this.#here.has(node) && stroke.touches(this.#cubeOf(node)))
    let done = 0
    onShare(done, touched.length)
    for (const run of runsOf(touched, this.index.stride, RUN_BYTES)) {
      const read = roomFor(run.reduce((sum, { count }) => sum + count, 0), false)
      const count = this.#put(run, await this.#fetch(run, signal), read, 0)
      for (let i = 0; i < count; i++) {
        if (stroke.holds(read.places[3 * i] as number, read.places[3 * i + 1] as number, read.places[3 * i + 2] as number)) found.add(read.numbers[i] as number)
      }
      done += run.length
      onShare(done, touched.length)
    }
    return found
  }

  #cubeOf({ corner: [x, y, z], side }: TreeNode): Cube {
    const place = (at: Place): Place => minus(toWorld(this.#cloud.pose as Pose, at), this.#origin)
    const corners = Array.from({ length: 8 }, (_, bits) => place([x + (bits & 1 ? side : 0), y + (bits & 2 ? side : 0), z + (bits & 4 ? side : 0)]))
    return { middle: place([x + side / 2, y + side / 2, z + side / 2]), reach: (side / 2) * Math.sqrt(3), corners }
  }

  async #take(run: readonly TreeNode[], signal: AbortSignal): Promise<void> {
    const bytes = await this.#fetch(run, signal)
    this.count += this.#put(run, bytes, this.points, this.count)
    for (const node of run) this.#here.add(node)
  }

  /** Fetches nodes that lie one behind the other. */
  async #fetch(run: readonly TreeNode[], signal: AbortSignal): Promise<DataView> {
    const [first, last] = [run[0], run[run.length - 1]]
    if (first === undefined || last === undefined) return new DataView(new ArrayBuffer(0))
    const { stride } = this.index
    const [from, to] = [first.from * stride, (last.from + last.count) * stride]
    const response = await fetch(this.#cloud.points_url, { headers: { range: `bytes=${from}-${to - 1}` }, signal })
    if (!response.ok) throw new Error(`The points did not come: the server answered ${response.status}.`)
    const body = await response.arrayBuffer()
    signal.throwIfAborted()
    return new DataView(body, response.status === 206 ? 0 : from, to - from)
  }

  /** Puts the points of fetched nodes down; answers how many. */
  #put(run: readonly TreeNode[], bytes: DataView, into: Points, at: number): number {
    const { stride } = this.index
    const start = run[0]?.from ?? 0
    let count = 0
    for (const node of run) {
      const part = new DataView(bytes.buffer, bytes.byteOffset + (node.from - start) * stride, node.count * stride)
      unpack(node, this.index, part, this.#cloud.pose as Pose, this.#origin, into, at + count)
      count += node.count
    }
    return count
  }
}

export async function indexOf(cloud: SceneCloud, signal?: AbortSignal): Promise<CloudIndex> {
  const response = await fetch(cloud.index_url, signal === undefined ? {} : { signal })
  if (!response.ok) throw new Error(`The cloud did not come: the server answered ${response.status}.`)
  return (await response.json()) as CloudIndex
}
