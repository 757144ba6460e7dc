import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Camera, type Place, type Pose, type Rotation, type Rows, aboutZ, aroundInPicture, composed, cornersOf, footprint, hitOf, onLevel, project, rayOf, reversed, roomShared, toWorld, turned, unit } from '../../src/canvas/kernels/space'

const near = (a: readonly number[], b: readonly number[], slack = 1e-9) => expect(a.every((part, i) => Math.abs(part - (b[i] as number)) < slack), `${a} ${b}`).toBe(true)

/** Ten metres before it is the middle of its picture. */
const camera: Camera = {
  width: 200, height: 100,
  intrinsic: [[100, 0, 100], [0, 100, 50], [0, 0, 1]],
  pose: { translation: [0, 0, 0], rotation: [0.5, -0.5, 0.5, -0.5] },
}

describe('what a camera sees (W125)', () => {
  it('sees ahead in the middle, left to the left, above above', () => {
    near(project(camera, [10, 0, 0]) ?? [], [100, 50])
    near(project(camera, [10, 2, 0]) ?? [], [80, 50])
    near(project(camera, [10, 0, 1]) ?? [], [100, 40])
    expect(project(camera, [-10, 0, 0])).toBeNull()
  })

  it('goes back along the ray of a pixel', () => {
    const place: Place = [14, -3, 1.5]
    const { from, along } = rayOf(camera, project(camera, place) as [number, number])
    near(along, unit(place))
    near(from, [0, 0, 0])
  })

  it('cuts a box off at the lens, and leaves out what is behind it', () => {
    const solid = { centre: [0.5, 0, 0] as Place, size: [4, 2, 2] as Place, rotation: aboutZ(0) }
    expect(aroundInPicture(camera, solid)).toEqual({ left: 0, top: 0, right: 200, bottom: 100 })
    expect(aroundInPicture(camera, { ...solid, centre: [-9, 0, 0] })).toBeNull()
  })
})

describe('boxes', () => {
  const solid = { centre: [10, 5, 1] as Place, size: [4, 2, 2] as Place, rotation: aboutZ(Math.PI / 2) }

  it('are hit where they begin', () => {
    expect(hitOf({ from: [10, 0, 1], along: [0, 1, 0] }, solid)).toBeCloseTo(3)
    expect(hitOf({ from: [12, 0, 1], along: [0, 1, 0] }, solid)).toBeNull()
  })

  it('cover the ground as they look, and share room', () => {
    near(footprint(solid)[0] ?? [], [11, 3])
    expect(roomShared(solid, solid)).toBeCloseTo(1)
    expect(roomShared(solid, { ...solid, centre: [10, 6, 1] })).toBeCloseTo(0.6)
    expect(roomShared(solid, { ...solid, centre: [10, 5, 4] })).toBe(0)
    // A quarter turn: 2 × 2 metres of 12 square metres.
    expect(roomShared(solid, { ...solid, rotation: aboutZ(0) })).toBeCloseTo(1 / 3)
  })

  it('stand on a level that a ray meets, or does not', () => {
    near(onLevel({ from: [0, 0, 10], along: unit([1, 0, -1]) }, 0) ?? [], [10, 0, 0])
    expect(onLevel({ from: [0, 0, 10], along: [1, 0, 0] }, 0)).toBeNull()
  })
})

/** The frames of KITTI, for tests only; where they are not, the tests that want them say that they were left out. */
const folder = join(process.env.FAIRMARK_DATA ?? '', 'noncommercial/kitti_object_vis/data/object/training')
const frames = process.env.FAIRMARK_DATA !== undefined && existsSync(folder) ? folder : undefined

describe.skipIf(frames === undefined)('KITTI: the corners are where its own development kit has them', () => {
  const numbers = (text: string, key: string): number[] => {
    const line = text.split('\n').find((each) => each.startsWith(`${key}:`)) ?? ''
    return line.split(':')[1]?.trim().split(/\s+/).map(Number) ?? []
  }
  const rows = (all: number[], wide: number): Rows => [0, 1, 2].map((i) => all.slice(i * wide, i * wide + 3)) as unknown as Rows
  /** Shepperd 1978, for matrices that turn by less than half a turn about every axis or not. */
  const rotationOf = ([[a, b, c], [d, e, f], [g, h, i]]: Rows): Rotation => {
    const trace = a + e + i
    const parts = trace > Math.max(a, e, i) ? [1 + trace, h - f, c - g, d - b] : a >= e && a >= i ? [h - f, 1 + a - e - i, b + d, c + g] : e >= i ? [c - g, b + d, 1 - a + e - i, f + h] : [d - b, c + g, f + h, 1 - a - e + i]
    const length = Math.hypot(...parts)
    return parts.map((part) => part / length) as unknown as Rotation
  }
  const inverse = ({ translation, rotation }: Pose): Pose => ({ rotation: reversed(rotation), translation: turned(reversed(rotation), translation).map((part) => -part) as unknown as Place })
  const after = (outer: Pose, inner: Pose): Pose => ({ translation: toWorld(outer, inner.translation), rotation: composed(outer.rotation, inner.rotation) })

  it.each(['000000', '000001', '000002'])('of frame %s', (name) => {
    const calibration = readFileSync(join(frames as string, 'calib', `${name}.txt`), 'utf8')
    const labels = readFileSync(join(frames as string, 'label_2', `${name}.txt`), 'utf8').trim().split('\n')
    const [p, r, t] = [numbers(calibration, 'P2'), numbers(calibration, 'R0_rect'), numbers(calibration, 'Tr_velo_to_cam')]
    const toCamera: Pose = { rotation: rotationOf(rows(t, 4)), translation: [t[3], t[7], t[11]] as unknown as Place }
    const rectified = inverse(after({ rotation: rotationOf(rows(r, 3)), translation: [0, 0, 0] }, toCamera))
    const intrinsic = rows(p, 4)
    const z = p[11] as number
    const [x, y] = [((p[3] as number) - (intrinsic[0][2] as number) * z) / (intrinsic[0][0] as number), ((p[7] as number) - (intrinsic[1][2] as number) * z) / (intrinsic[1][1] as number)]
    const second: Camera = { width: 1242, height: 375, intrinsic, pose: after(rectified, { rotation: [1, 0, 0, 0], translation: [-x, -y, -z] }) }
    let compared = 0
    for (const words of labels.map((line) => line.split(' '))) {
      if (words[0] === 'DontCare') continue
      const [h, w, l, cx, cy, cz, turn] = words.slice(8, 15).map(Number) as [number, number, number, number, number, number, number]
      // computeBox3D.m and projectToImage.m of the development kit.
      const xs = [l, l, -l, -l, l, l, -l, -l].map((part) => part / 2)
      const ys = [0, 0, 0, 0, -h, -h, -h, -h]
      const zs = [w, -w, -w, w, w, -w, -w, w].map((part) => part / 2)
      const wanted = xs.map((_, i) => {
        const [a, b, c] = [Math.cos(turn) * (xs[i] as number) + Math.sin(turn) * (zs[i] as number) + cx, (ys[i] as number) + cy, -Math.sin(turn) * (xs[i] as number) + Math.cos(turn) * (zs[i] as number) + cz]
        const at = (row: number) => (p[4 * row] as number) * a + (p[4 * row + 1] as number) * b + (p[4 * row + 2] as number) * c + (p[4 * row + 3] as number)
        return [at(0) / at(2), at(1) / at(2)] as const
      })
      // The same box in the world of the scanner, by our own means.
      const half = Math.SQRT1_2
      const upright = composed([Math.cos(turn / 2), 0, Math.sin(turn / 2), 0], [half, half, 0, 0])
      const solid = { size: [l, w, h] as Place, centre: toWorld(rectified, [cx, cy - h / 2, cz]), rotation: composed(rectified.rotation, upright) }
      const found = cornersOf(solid).map((corner) => project(second, corner) as readonly [number, number])
      for (const [u, v] of wanted) {
        const off = Math.min(...found.map(([a, b]) => Math.hypot(a - u, b - v)))
        expect(off).toBeLessThan(1)
        compared += 1
      }
    }
    expect(compared).toBeGreaterThanOrEqual(8)
  })
})

if (frames === undefined) console.warn('KITTI is not here: the comparison with its development kit was left out (FAIRMARK_DATA)')
