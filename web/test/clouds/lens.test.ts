import { describe, expect, it } from 'vitest'
import { type Lens, bent, straightened } from '../../src/canvas/kernels/lens'
import { type Camera, type Place, type Rows, aboutZ, cornersOf, edgesInPicture, project, rayOf, unit } from '../../src/canvas/kernels/space'

/** What OpenCV 5.0.0 has: `cv2.projectPoints` and `cv2.fisheye.projectPoints`, of these places before a camera at the origin, in pixels. */
const INTRINSIC: Rows = [[721.5, 0.0, 609.6], [0.0, 718.25, 172.9], [0.0, 0.0, 1.0]]
const AHEAD: Place[] = [[15.166, 6.315, 25.454], [-2.979, 3.341, 9.938], [0.677, 0.375, 1.404], [-5.719, -3.86, 19.356], [-0.914, 0.045, 11.089], [16.854, 5.973, 22.676], [18.586, -6.493, 25.341], [1.252, -3.044, 7.416], [0.058, -0.079, 2.584], [7.131, 0.467, 36.786], [-7.756, -8.998, 20.479], [2.496, -2.335, 8.665], [-11.566, 4.615, 15.538], [-2.508, 2.462, 7.193]]
const AROUND: Place[] = [[21.747, 5.835, 10.441], [-36.678, 2.463, 14.965], [23.175, -5.772, 10.402], [-32.169, -5.468, 12.165], [-14.27, 8.603, 6.799], [22.69, 2.843, 7.899], [10.183, 8.68, 12.299], [-1.232, -3.584, 3.44], [-20.202, 15.623, 8.349], [4.836, -3.746, 4.693], [17.076, -25.852, 17.545], [45.329, 27.432, 16.979], [-24.696, -14.281, 11.61], [5.838, -23.759, 18.594]]
const SEEN: { lens: Lens; pixels: [number, number][] }[] = [
  { lens: { model: 'brown_conrady', coefficients: [-0.31, 0.12, 0.0008, -0.0004] }, pixels: [[992.769136, 332.019032], [405.631165, 400.675352], [928.513784, 348.978136], [404.387955, 35.115088], [550.250011, 175.8127], [1067.096415, 334.725429], [1062.192724, 15.785654], [724.382441, -104.939015], [625.785944, 150.9532], [747.821313, 181.933556], [361.149651, -113.731861], [807.828823, -11.659517], [152.126046, 354.911862], [374.652906, 402.568792]] },
  { lens: { model: 'brown_conrady', coefficients: [-0.2812, 0.0721, -0.0011, 0.0007, -0.0069] }, pixels: [[994.627808, 332.083985], [405.386285, 400.851658], [930.209455, 349.365531], [403.853583, 34.514875], [550.255585, 175.803398], [1066.712116, 333.567177], [1063.20236, 14.777432], [725.23221, -106.88619], [625.790436, 150.946694], [748.046589, 181.894788], [360.093895, -115.718781], [808.98174, -12.830542], [155.78169, 352.785732], [374.343293, 402.730726]] },
  { lens: { model: 'brown_conrady', coefficients: [0.41, -0.12, 0.0003, -0.0009, 0.015, 0.72, -0.08, 0.011] }, pixels: [[993.456405, 332.216611], [405.238913, 400.958719], [928.98623, 349.189975], [404.079435, 34.892959], [550.242723, 175.810491], [1066.515612, 334.376354], [1062.125817, 15.516437], [724.517523, -105.508698], [625.785558, 150.952502], [747.790287, 181.918868], [360.088662, -114.937855], [807.98108, -11.909462], [151.75265, 354.737476], [374.09445, 402.944643]] },
  { lens: { model: 'kannala_brandt', coefficients: [-0.0123, 0.0087, -0.0061, 0.0011] }, pixels: [[1392.566278, 382.033624], [-232.040146, 229.16321], [1411.961992, -26.037303], [-242.162149, 28.771927], [-112.330908, 606.17226], [1483.344069, 281.884793], [1061.209396, 556.118309], [415.24874, -389.938703], [-95.94881, 716.070818], [1128.505178, -227.237067], [1025.2893, -453.592889], [1376.068463, 634.658526], [-120.694625, -247.506485], [766.988488, -464.741139]] },
  { lens: { model: 'kannala_brandt', coefficients: [0.071, -0.021, 0.004, -0.0006] }, pixels: [[1452.037548, 397.918653], [-299.970215, 233.7043], [1474.781878, -41.61284], [-313.453321, 16.70863], [-170.540455, 641.107157], [1558.606604, 291.272521], [1082.101888, 573.846871], [406.145995, -416.300131], [-157.903592, 763.767063], [1156.805965, -249.060311], [1053.533636, -496.16044], [1443.823758, 675.477668], [-179.645549, -281.442583], [775.639943, -499.791503]] },
]

const camera = (lens: Lens | null, pose = { translation: [0, 0, 0] as Place, rotation: aboutZ(0) }): Camera => ({ width: 1242, height: 375, intrinsic: INTRINSIC, distortion: lens, pose })
const off = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((part, i) => part - (b[i] as number)))

describe('lenses (W129)', () => {
  it.each(SEEN)('$lens.model $lens.coefficients: a hundredth of a pixel from OpenCV, there and back', ({ lens, pixels }) => {
    const places = lens.model === 'kannala_brandt' ? AROUND : AHEAD
    let farthest = 0
    for (const [i, place] of places.entries()) {
      const found = project(camera(lens), place) as readonly [number, number]
      expect(off(found, pixels[i] as [number, number])).toBeLessThan(0.01)
      expect(off(rayOf(camera(lens), found).along, unit(place))).toBeLessThan(1e-6)
      farthest = Math.max(farthest, off(found, project(camera(null), place) as readonly [number, number]))
    }
    // A pinhole would be far off: the comparison says something.
    expect(farthest).toBeGreaterThan(10)
  })

  it('a barrel that folds over shows nothing beyond its fold', () => {
    const barrel: Lens = { model: 'brown_conrady', coefficients: [-0.4, 0, 0, 0] }
    // r (1 − 0.4 r²) grows up to r = 0.9129.
    expect(bent(barrel, [0.9, 0, 1])).not.toBeNull()
    expect(bent(barrel, [0.92, 0, 1])).toBeNull()
    expect(bent(barrel, [0, 0, -1])).toBeNull()
    // What lies beyond the picture is looked at along its rim.
    expect(Math.hypot(...straightened(barrel, [9, 0]).slice(0, 2))).toBeCloseTo(0.9129, 1)
  })

  it('a fisheye sees what stands beside it and a little behind', () => {
    const lens: Lens = { model: 'kannala_brandt', coefficients: [0.01, 0, 0, 0] }
    const place: Place = [3, 0.5, -0.4]
    const found = project(camera(lens), place) as readonly [number, number]
    expect(off(rayOf(camera(lens), found).along, unit(place))).toBeLessThan(1e-9)
  })

  it('the edges of a box bend, and go through where their corners are', () => {
    const lens = SEEN[1]?.lens as Lens
    const solid = { centre: [0.5, 1.2, 6] as Place, size: [5, 2, 2] as Place, rotation: aboutZ(0.3) }
    const edges = edgesInPicture(camera(lens), solid)
    expect(edges).toHaveLength(12 * 24)
    for (const corner of cornersOf(solid)) {
      const pixel = project(camera(lens), corner) as readonly [number, number]
      expect(Math.min(...edges.flat().map((at) => off(at, pixel)))).toBeLessThan(1e-6)
    }
    // The middle of a long edge lies off the straight line between its ends.
    const [from, middle, to] = [edges[2 * 24]?.[0], edges[2 * 24 + 12]?.[0], edges[3 * 24 - 1]?.[1]] as [readonly [number, number], readonly [number, number], readonly [number, number]]
    const side = Math.abs((to[0] - from[0]) * (middle[1] - from[1]) - (to[1] - from[1]) * (middle[0] - from[0])) / off(to, from)
    expect(side).toBeGreaterThan(1)
    expect(edgesInPicture(camera(null), solid)).toHaveLength(12)
  })
})
