import { afterEach, describe, expect, it, vi } from 'vitest'
import { Editor, type PointsRecord, givePoints, loadKits, pointsIn, setClass } from '../../src/canvas'
import { type Place, cross, minus, plus, times, unit } from '../../src/canvas/kernels/space'
import { type Outlook, type Stroke, PointSet, brushed, lassoed } from '../../src/canvas/kernels/strokes'
import { type CloudIndex, nodesOf } from '../../src/canvas/kernels/tree'
import { stretchesOf } from '../../src/canvas/shapes/points3d'
import { CloudPoints } from '../../src/features/workbench/cloud/points'

/** A made cloud of 6,553,600 points: a root, 8 nodes below it and 64 below those, 12 bytes a point, in a cube of 64 metres. */
const COUNTS = { root: 65_536, middle: 81_920, leaf: 91_136 }
const names = ['', ...Array.from('01234567'), ...Array.from('01234567').flatMap((a) => Array.from('01234567', (b) => a + b))]
const nodes = names.map((name): [string, number] => [name, name.length === 0 ? COUNTS.root : name.length === 1 ? COUNTS.middle : COUNTS.leaf])
const total = nodes.reduce((sum, [, count]) => sum + count, 0)
const index: CloudIndex = {
  version: 1, points: total, skipped: 0, piled: 0, origin: [-32, -32, -32], side: 64, low: [-32, -32, -32], high: [32, 32, 32], heights: [-32, 32], stride: 12, intensity: true, class: false, colour: false, nodes,
}
const pose = { translation: [1_000, 2_000, 30] as Place, rotation: [Math.cos(0.3), 0, 0, Math.sin(0.3)] as [number, number, number, number] }
const cloud = { file: 'made.bin', points: total, index_url: '/index', points_url: '/points', pose, cameras: [] }

/** Always the same: three numbers of 16 bits for each point. */
const mixed = (n: number): number => {
  let x = Math.imul(n ^ (n >>> 16), 0x45d9f3b)
  x = Math.imul(x ^ (x >>> 13), 0x119de1f3)
  return (x ^ (x >>> 16)) >>> 0
}

/** Points of the file from one to another, as the server sends them. Their numbers run backwards, so that the order of the tree is not that of the file. */
function bytesOf(from: number, to: number): ArrayBuffer {
  const bytes = new DataView(new ArrayBuffer(12 * (to - from)))
  for (let i = from; i < to; i++) {
    const [a, b] = [mixed(2 * i + 1), mixed(2 * i + 2)]
    const at = 12 * (i - from)
    bytes.setUint16(at, a & 0xffff, true)
    bytes.setUint16(at + 2, a >>> 16, true)
    bytes.setUint16(at + 4, b & 0xffff, true)
    bytes.setUint32(at + 8, total - 1 - i, true)
  }
  return bytes.buffer
}

const sent: number[] = []
function serve(onRead: () => void = () => {}): void {
  sent.length = 0
  vi.stubGlobal('fetch', async (_: string, { headers, signal }: { headers: { range: string }; signal: AbortSignal }) => {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(headers.range) as unknown as [string, string, string]
    onRead()
    signal.throwIfAborted()
    const bytes = bytesOf(Number(from) / 12, (Number(to) + 1) / 12)
    sent.push(bytes.byteLength)
    return { ok: true, status: 206, arrayBuffer: async () => bytes }
  })
}
afterEach(() => vi.unstubAllGlobals())

const origin: Place = [1_000, 2_000, 30]
const never = new AbortController().signal

/** As a phone has it: 1,500,000 points of 6,553,600 are on the screen. */
async function onScreen(): Promise<CloudPoints> {
  const points = new CloudPoints(cloud, index, origin, 1_500_000)
  await points.load(never, () => {})
  return points
}

/** Every point of the file, one by one. */
function byHand(stroke: Stroke): number {
  const [cos, sin] = [Math.cos(0.6), Math.sin(0.6)]
  let count = 0
  for (const node of nodesOf(index)) {
    const bytes = new DataView(bytesOf(node.from, node.from + node.count))
    const step = node.side / 65_536
    for (let i = 0; i < node.count; i++) {
      const [x, y, z] = [0, 1, 2].map((axis) => (node.corner[axis] as number) + (bytes.getUint16(12 * i + 2 * axis, true) + 0.5) * step) as [number, number, number]
      // What the screen has are single numbers.
      if (stroke.holds(Math.fround(x * cos - y * sin), Math.fround(x * sin + y * cos), Math.fround(z))) count += 1
    }
  }
  return count
}

function outlook(eye: Place, at: Place): Outlook {
  const ahead = unit(minus(at, eye))
  const right = unit(cross(ahead, [0, 0, 1]))
  return { eye, right, up: cross(right, ahead), ahead, width: 1_000, height: 800, scale: 400 / Math.tan(Math.PI / 8) }
}

describe('a stroke over a cloud that is larger than the room (W174)', () => {
  const balls = brushed([{ centre: [10, 4, 2], radius: 2.5 }, { centre: [11, 5, 2], radius: 2.5 }])
  const ring = lassoed(outlook([90, -20, 40], [0, 0, 0]), [[420, 350], [520, 330], [560, 420], [430, 460]])
  // Seen from within: a part of the cubes is behind the eye.
  const inside = lassoed(outlook([0, 0, 0], [20, 10, 1]), [[400, 300], [600, 300], [500, 500]])

  it.each([['the brush', balls], ['a lasso from afar', ring], ['a lasso from within', inside]])('%s covers what was not fetched, too', { timeout: 60_000 }, async (_, stroke) => {
    serve()
    const points = await onScreen()
    expect(points.isLarge).toBe(true)
    const here = [...points.within(stroke)].length
    sent.length = 0
    const found = await points.gather(stroke, never, () => {})
    expect(found.size).toBe(byHand(stroke))
    expect(found.size).toBeGreaterThan(3 * here)
    // In parts that are let go of, and not more than the stroke touches.
    expect(Math.max(...sent)).toBeLessThanOrEqual(2 << 20)
    expect(sent.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(12 * total)
  })

  it('is one step, and undo takes back exactly that', { timeout: 60_000 }, async () => {
    serve()
    let id = 0
    const ontology = { classes: ['road', 'car'].map((key) => ({ key, name: key, color: '#1971c2', hotkey: null })), attributes: [] }
    const editor = new Editor({ image: { width: 1, height: 1 }, clouds: 1, ontology, answer: {}, newId: () => `id${id++}`, shapes: ['points3d'], kits: await loadKits(['points3d']) })
    const points = await onScreen()
    const found = await points.gather(balls, never, () => {})
    const numbersOf = ({ shape }: PointsRecord) => stretchesOf(shape).flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))
    expect(givePoints(editor, 0, total, found, 'class')).toBe(true)
    const before = pointsIn(editor, 0)
    expect(before.map(numbersOf)).toEqual([[...found]])
    // A second stroke takes some of them for another class, and gives them back.
    setClass(editor, 'car')
    expect(givePoints(editor, 0, total, await points.gather(brushed([{ centre: [10, 4, 2], radius: 1 }]), never, () => {}), 'class')).toBe(true)
    expect(pointsIn(editor, 0)).toHaveLength(2)
    editor.undo()
    expect(pointsIn(editor, 0)).toEqual(before)
    editor.undo()
    expect(pointsIn(editor, 0)).toEqual([])
  })

  it('counts what is near once, however early it is asked for', { timeout: 60_000 }, async () => {
    serve()
    const points = new CloudPoints(cloud, index, origin, 1_500_000)
    const coming = points.load(never, () => {})
    await points.loadNear([10, 4, 2], 40, () => {})
    await coming
    await points.loadNear([10, 4, 2], 40, () => {})
    expect(points.count).toBeLessThanOrEqual(1_500_000)
    expect((await points.gather(balls, never, () => {})).size).toBe(byHand(balls))
  })

  it('is given up without a trace', async () => {
    const stop = new AbortController()
    let reads = 0
    serve(() => {
      reads += 1
      if (reads > 100) stop.abort()
    })
    const points = await onScreen()
    const before = points.count
    reads = 99
    await expect(points.gather(brushed([{ centre: [0, 0, 0], radius: 50 }]), stop.signal, () => {})).rejects.toThrow()
    expect(points.count).toBe(before)
  })

  it('touches a cube wherever one of its points lies in it', () => {
    let seed = 7
    const random = () => {
      seed += 1
      return mixed(seed) / 2 ** 32
    }
    let held = 0
    for (let n = 0; n < 4_000; n++) {
      const corner: Place = [80 * random() - 40, 80 * random() - 40, 40 * random() - 20]
      const side = 1 + 20 * random()
      const corners = Array.from({ length: 8 }, (_, bits): Place => plus(corner, [bits & 1 ? side : 0, bits & 2 ? side : 0, bits & 4 ? side : 0]))
      const cube = { corners, middle: plus(corner, [side / 2, side / 2, side / 2]), reach: (side / 2) * Math.sqrt(3) }
      const place = plus(corner, times([random(), random(), random()], side))
      for (const stroke of [balls, ring, inside]) {
        if (!stroke.holds(...place)) continue
        held += 1
        expect(stroke.touches(cube)).toBe(true)
      }
    }
    expect(held).toBeGreaterThan(50)
    expect(balls.touches({ corners: [], middle: [60, 60, 0], reach: 2 })).toBe(false)
  })
})

it('a set of numbers is in order and counts each once', () => {
  const set = new PointSet(100)
  for (const number of [99, 3, 3, 64, 200]) set.add(number)
  expect([[...set], set.size]).toEqual([[3, 64, 99], 3])
})
