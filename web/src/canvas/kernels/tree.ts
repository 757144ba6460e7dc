// A kernel: data in, data out. The tree of tiles that the server makes of a cloud (rules T1 to T4).

import { type Place, type Pose, toWorld } from './space'

/** What the server says of a cloud (`GET …/clouds/{cloud}`). */
export interface CloudIndex {
  readonly version: number
  readonly points: number
  readonly skipped: number
  readonly piled: number
  readonly origin: Place
  readonly side: number
  readonly low: Place
  readonly high: Place
  readonly heights: readonly [number, number]
  readonly stride: number
  readonly intensity: boolean
  readonly class: boolean
  readonly colour: boolean
  readonly nodes: readonly (readonly [name: string, count: number])[]
}

export interface TreeNode {
  readonly name: string
  readonly count: number
  /** Where its points begin, in points. */
  readonly from: number
  /** Its cube, in the frame of the file. */
  readonly corner: Place
  readonly side: number
}

/** The nodes in the order of their points: the coarse ones first. */
export function nodesOf({ nodes, origin, side }: CloudIndex): TreeNode[] {
  let from = 0
  return nodes.map(([name, count]) => {
    let [x, y, z] = origin
    let half = side
    for (const digit of name) {
      half /= 2
      const bits = digit.charCodeAt(0) - 48
      x += bits & 1 ? half : 0
      y += bits & 2 ? half : 0
      z += bits & 4 ? half : 0
    }
    const node = { name, count, from, corner: [x, y, z] as const, side: half }
    from += count
    return node
  })
}

/** Where the points of a tree are put down: places in the world less an origin, and what is known of each. */
export interface Points {
  readonly places: Float32Array
  /** Of each point: intensity, class of the file, class that was said, and whether it is marked. */
  readonly facts: Uint8Array
  readonly numbers: Uint32Array
  readonly colours: Uint8Array | null
}

export function roomFor(count: number, withColour: boolean): Points {
  return {
    places: new Float32Array(3 * count),
    facts: new Uint8Array(4 * count),
    numbers: new Uint32Array(count),
    colours: withColour ? new Uint8Array(4 * count) : null,
  }
}

/** Writes the points of a node behind the first `at`. `pose` takes the file to the world. */
export function unpack(node: TreeNode, { stride }: Pick<CloudIndex, 'stride'>, bytes: DataView, pose: Pose, origin: Place, into: Points, at: number): void {
  const { corner, side, count } = node
  const step = side / 65_536
  // The three axes of the file in the world, once for all points; and half a step, so that places are the middles of their cells.
  const zero = toWorld(pose, corner)
  const [ex, ey, ez] = ([[1, 0, 0], [0, 1, 0], [0, 0, 1]] as const).map((axis) => toWorld({ ...pose, translation: [0, 0, 0] }, axis)) as [Place, Place, Place]
  const base: Place = [zero[0] - origin[0], zero[1] - origin[1], zero[2] - origin[2]]
  for (let i = 0; i < count; i++) {
    const from = i * stride
    const x = (bytes.getUint16(from, true) + 0.5) * step
    const y = (bytes.getUint16(from + 2, true) + 0.5) * step
    const z = (bytes.getUint16(from + 4, true) + 0.5) * step
    const to = at + i
    into.places[3 * to] = base[0] + x * ex[0] + y * ey[0] + z * ez[0]
    into.places[3 * to + 1] = base[1] + x * ex[1] + y * ey[1] + z * ez[1]
    into.places[3 * to + 2] = base[2] + x * ex[2] + y * ey[2] + z * ez[2]
    into.facts[4 * to] = bytes.getUint8(from + 6)
    into.facts[4 * to + 1] = bytes.getUint8(from + 7)
    into.numbers[to] = bytes.getUint32(from + 8, true)
    if (into.colours !== null && stride >= 16) {
      into.colours[4 * to] = bytes.getUint8(from + 12)
      into.colours[4 * to + 1] = bytes.getUint8(from + 13)
      into.colours[4 * to + 2] = bytes.getUint8(from + 14)
    }
  }
}

/** Runs of nodes that lie one behind the other and are fetched together, none longer than so many bytes. */
export function runsOf(nodes: readonly TreeNode[], stride: number, bytesMax: number): TreeNode[][] {
  const runs: TreeNode[][] = []
  let bytes = 0
  for (const node of nodes) {
    const run = runs[runs.length - 1]
    const last = run?.[run.length - 1]
    const isNext = last !== undefined && last.from + last.count === node.from && bytes + node.count * stride <= bytesMax
    if (run !== undefined && isNext) {
      run.push(node)
      bytes += node.count * stride
    } else {
      runs.push([node])
      bytes = node.count * stride
    }
  }
  return runs
}
