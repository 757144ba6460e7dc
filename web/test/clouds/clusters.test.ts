import { describe, expect, it } from 'vitest'
import { boxAt, groundOf } from '../../src/canvas/kernels/clusters'
import { type CloudIndex, nodesOf, roomFor, runsOf, unpack } from '../../src/canvas/kernels/tree'
import { aboutZ, roomShared } from '../../src/canvas/kernels/space'
import { type Real, scan, truth } from '../../e2e/scan.mjs'

/** Of the four numbers of a point, its place. */
function placesOf(bytes: Buffer): { places: Float32Array; count: number } {
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  const count = numbers.length / 4
  const places = new Float32Array(3 * count)
  for (let i = 0; i < count; i++) places.set(numbers.subarray(4 * i, 4 * i + 3), 3 * i)
  return { places, count }
}

const { places, count } = placesOf(scan(0))
const SCANNER = [0, 0, 0] as const

describe('one click makes a box (W122)', () => {
  it('finds the road, and not what stands on it', () => {
    const ground = groundOf(places, count)
    for (const [x, y] of [[5, 0], [12, 3.2], [21, -3.4], [30, 1]] as const) expect(Math.abs((ground.heightAt(x, y) ?? 9) + 1.73)).toBeLessThan(0.2)
  })

  // What a scanner does not see of a car, no fit can know: its far sides. The nearer ones are where they are.
  it.each(truth(0).filter(({ kind }) => kind === 'car').map((real, i) => [i, real] as const))('car %i is found where it stands', (_, real) => {
    const [x, y, z] = real.centre
    const towards = Math.hypot(x, y)
    const at = [x - (x / towards) * 0.9, y - (y / towards) * 0.9, z] as const
    const found = boxAt(places, count, at, SCANNER)
    expect(found).not.toBeNull()
    if (found === null) return
    expect(Math.hypot(found.centre[0] - x, found.centre[1] - y)).toBeLessThan(1.3)
    // A quarter turn off is the same outline for what is seen of it as an L, but not for one that is long.
    const turn = Math.abs(Math.sin(found.yaw - real.yaw))
    expect(Math.min(turn, Math.abs(Math.cos(found.yaw - real.yaw)))).toBeLessThan(0.12)
    expect(found.centre[2] - found.size[2] / 2).toBeCloseTo(-1.73, 0)
    expect(Math.abs(found.size[2] - 1.55)).toBeLessThan(0.3)
  })

  it('fits the nearest car so well that it counts as the same', () => {
    const [red] = truth(0) as [Real]
    const found = boxAt(places, count, [red.centre[0] - 2, red.centre[1], red.centre[2]], SCANNER)
    const solid = (one: { centre: readonly [number, number, number]; size: readonly [number, number, number]; yaw: number }) => ({ centre: one.centre, size: one.size, rotation: aboutZ(one.yaw) })
    expect(found === null ? 0 : roomShared(solid(found), solid(red))).toBeGreaterThan(0.7)
  })

  it('says nothing where nothing stands', () => {
    expect(boxAt(places, count, [6, 0, -1.73], SCANNER)).toBeNull()
    expect(boxAt(places, count, [300, 0, 0], SCANNER)).toBeNull()
  })
})

describe('the tree of tiles (T1, T2)', () => {
  const index: CloudIndex = {
    version: 1, points: 3, skipped: 0, piled: 0, origin: [10, 0, 0], side: 8, low: [10, 0, 0], high: [18, 8, 8], heights: [0, 8], stride: 12,
    intensity: true, class: false, colour: false, nodes: [['', 1], ['1', 1], ['17', 1]],
  }

  it('knows where each node stands, and which lie one behind the other', () => {
    const nodes = nodesOf(index)
    expect(nodes.map(({ corner, side, from }) => [corner, side, from])).toEqual([[[10, 0, 0], 8, 0], [[14, 0, 0], 4, 1], [[16, 2, 2], 2, 2]])
    expect(runsOf(nodes, 12, 24).map((run) => run.length)).toEqual([2, 1])
    expect(runsOf([nodes[0], nodes[2]] as typeof nodes, 12, 1_000).map((run) => run.length)).toEqual([1, 1])
  })

  it('puts points into the world by the pose of the scanner', () => {
    const bytes = new DataView(new ArrayBuffer(12))
    for (const [i, part] of [0x8000, 0, 0].entries()) bytes.setUint16(2 * i, part, true)
    bytes.setUint8(6, 200)
    bytes.setUint8(7, 3)
    bytes.setUint32(8, 77, true)
    const room = roomFor(1, false)
    // The scanner looks along y, a hundred metres on.
    unpack(nodesOf(index)[0] as never, index, bytes, { translation: [0, 100, 0], rotation: aboutZ(Math.PI / 2) }, [0, 100, 0], room, 0)
    expect(room.places[1]).toBeCloseTo(14, 3)
    expect(room.places[0]).toBeCloseTo(0, 3)
    expect([...room.facts, room.numbers[0]]).toEqual([200, 3, 0, 0, 77])
  })
})
