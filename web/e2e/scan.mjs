// A street as a scanner and a camera would see it: rays against boxes, poles and the road, always the same. What stands where is
// known, so that what is labelled can be measured.
import { encodePng } from './kit.mjs'

/** Metres, z up; the road is at z = -1.73 below the scanner of the first moment. */
const ROAD = -1.73
const BEAMS = 64
const STEPS = 1024
const FAR = 80

const car = (x, y, yaw, color, speed = 0) => ({ kind: 'car', x, y, yaw, size: [4.3, 1.8, 1.55], color, speed })

export const street = {
  cars: [
    car(12, 3.2, 0.05, [190, 60, 50]),
    car(21, -3.4, -0.08, [60, 90, 190]),
    car(30, 3.5, 0.02, [200, 200, 205]),
    car(17, -10, 1.2, [40, 120, 70]),
    car(8, -3.6, 0, [230, 180, 60], 1.5),
  ],
  people: [{ kind: 'person', x: 15, y: 6.5, yaw: 0.4, size: [0.6, 0.6, 1.75], color: [220, 120, 80], speed: 0 }],
  walls: [
    { x: 25, y: 16, yaw: 0, size: [60, 0.4, 7], color: [150, 140, 130] },
    { x: 25, y: -18, yaw: 0, size: [60, 0.4, 9], color: [120, 125, 140] },
  ],
  poles: [[10, 9], [26, 9], [24, -9], [34, -8]].map(([x, y]) => ({ x, y, yaw: 0, size: [0.22, 0.22, 5], color: [90, 90, 95] })),
}

const things = ({ cars, people, walls, poles }, t) =>
  [...cars, ...people, ...walls, ...poles].map((thing) => {
    const ahead = (thing.speed ?? 0) * t
    const [x, y] = [thing.x + Math.cos(thing.yaw) * ahead, thing.y + Math.sin(thing.yaw) * ahead]
    return { ...thing, x, y, z: ROAD + thing.size[2] / 2, cos: Math.cos(thing.yaw), sin: Math.sin(thing.yaw) }
  })

/** What stands where at a moment, in the world: as an answer says it. */
export const truth = (t) => things(street, t).filter(({ kind }) => kind !== undefined).map(({ kind, x, y, z, size, yaw }) => ({ kind, centre: [x, y, z], size, yaw }))

/** The nearest hit of a ray: how far, and what. */
function cast(all, [ox, oy, oz], [dx, dy, dz]) {
  let far = dz < 0 ? (ROAD - oz) / dz : Infinity
  let what = far < Infinity ? 'road' : null
  for (const thing of all) {
    const { x, y, z, size: [length, width, height], cos, sin } = thing
    const [px, py, pz] = [(ox - x) * cos + (oy - y) * sin, -(ox - x) * sin + (oy - y) * cos, oz - z]
    const [qx, qy, qz] = [dx * cos + dy * sin, -dx * sin + dy * cos, dz]
    let [near, leave] = [0.01, far]
    for (const [p, q, half] of [[px, qx, length / 2], [py, qy, width / 2], [pz, qz, height / 2]]) {
      if (Math.abs(q) < 1e-9) {
        if (Math.abs(p) > half) leave = -1
        continue
      }
      const [a, b] = [(-half - p) / q, (half - p) / q]
      near = Math.max(near, Math.min(a, b))
      leave = Math.min(leave, Math.max(a, b))
    }
    if (near < leave && near < far) [far, what] = [near, thing]
  }
  return { far, what }
}

/** A noise that is always the same. */
const noise = (a, b) => {
  const s = Math.sin(a * 12.9898 + b * 78.233) * 43758.5453
  return s - Math.floor(s) - 0.5
}

/** Where the scanner stands at a moment: a metre on, a little to the left, turning slowly. */
export function ego(t) {
  const yaw = 0.015 * t
  return { translation: [1.2 * t, 0.05 * t, 0], rotation: [Math.cos(yaw / 2), 0, 0, Math.sin(yaw / 2)], yaw }
}

/** A cloud in the four numbers of KITTI, in the frame of the scanner. */
export function scan(t = 0) {
  const all = things(street, t)
  const { translation, yaw } = ego(t)
  const out = []
  for (let beam = 0; beam < BEAMS; beam += 1) {
    const up = ((2 - (26.8 * beam) / (BEAMS - 1)) * Math.PI) / 180
    for (let step = 0; step < STEPS; step += 1) {
      const across = (2 * Math.PI * step) / STEPS
      const local = [Math.cos(up) * Math.cos(across), Math.cos(up) * Math.sin(across), Math.sin(up)]
      const turned = [local[0] * Math.cos(yaw) - local[1] * Math.sin(yaw), local[0] * Math.sin(yaw) + local[1] * Math.cos(yaw), local[2]]
      const { far, what } = cast(all, translation, turned)
      if (what === null || far > FAR || far < 1.5) continue
      const measured = far + 0.02 * noise(beam, step)
      out.push(...local.map((part) => part * measured), what === 'road' ? 0.12 + 0.05 * noise(step, beam) : 0.3 + 0.3 * Math.abs(noise(what.x, what.y)))
    }
  }
  return Buffer.from(new Float32Array(out).buffer)
}

export const CAMERA = { width: 640, height: 240, intrinsic: [[420, 0, 320], [0, 420, 110], [0, 0, 1]] }
/** On the scanner: a little ahead and below; x right, y down, z ahead. */
export const MOUNT = { translation: [0.27, 0, -0.08], rotation: [0.5, -0.5, 0.5, -0.5] }

/** Where a lens of Brown and Conrady draws what a pinhole has there: k1, k2, p1, p2. */
export function bend([k1, k2, p1, p2], [x, y]) {
  const r2 = x * x + y * y
  const share = 1 + r2 * (k1 + r2 * k2)
  return [x * share + 2 * p1 * x * y + p2 * (r2 + 2 * x * x), y * share + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y]
}

/** The reverse, by going nearer and nearer; null where the lens sees nothing. */
function unbend(lens, [u, v]) {
  let [x, y] = [u, v]
  for (let n = 0; n < 60; n += 1) {
    const [a, b] = bend(lens, [x, y])
    x += u - a
    y += v - b
  }
  const [a, b] = bend(lens, [x, y])
  return Math.hypot(a - u, b - v) < 1e-6 ? [x, y] : null
}

/** What the camera sees, as PNG; through a lens, where one is given. */
export function picture(t = 0, lens = null) {
  const all = things(street, t)
  const { translation, yaw } = ego(t)
  const { width, height, intrinsic: [[fx, , cx], [, fy, cy]] } = CAMERA
  const rows = Buffer.alloc(height * (1 + width * 3))
  const turn = ([x, y, z]) => [x * Math.cos(yaw) - y * Math.sin(yaw), x * Math.sin(yaw) + y * Math.cos(yaw), z]
  const mount = turn(MOUNT.translation)
  const from = translation.map((part, i) => part + mount[i])
  for (let v = 0; v < height; v += 1) {
    for (let u = 0; u < width; u += 1) {
      // Ahead is x of the scanner, right is −y, down is −z.
      const flat = [(u - cx) / fx, (v - cy) / fy]
      const straight = lens === null ? flat : unbend(lens, flat)
      const ray = straight === null ? [0, 0, 1] : turn([1, -straight[0], -straight[1]])
      const { far, what } = straight === null ? { far: 120, what: null } : cast(all, from, ray)
      const at = v * (1 + width * 3) + 1 + u * 3
      const haze = Math.min(1, far / 120)
      const color = what === null ? [168, 198, 226] : what === 'road' ? [86, 88, 90].map((part) => part + 16 * noise(Math.floor(ray[1] * far * 2), Math.floor(far))) : what.color.map((part) => part * (0.82 + 0.18 * noise(Math.floor(v / 6), what.x)))
      for (let i = 0; i < 3; i += 1) rows[at + i] = color[i] * (1 - haze) + [168, 198, 226][i] * haze
    }
  }
  return encodePng(rows, width, height)
}

/** A manifest row of a drive of so many moments. */
export const drive = (id, count) => ({
  external_id: id,
  scene: {
    clouds: Array.from({ length: count }, (_, t) => {
      const { translation, rotation } = ego(t)
      return { path: `${id}/${t}.bin`, time: t / 10, pose: { translation, rotation }, cameras: [{ name: 'front', path: `${id}/${t}.png`, intrinsic: CAMERA.intrinsic, mount: MOUNT }] }
    }),
  },
})

/** A place of the world as the scanner of a moment sees it. */
function seen(t, [x, y, z]) {
  const { translation: [tx, ty, tz], yaw } = ego(t)
  const [a, b] = [x - tx, y - ty]
  return [a * Math.cos(yaw) + b * Math.sin(yaw), -a * Math.sin(yaw) + b * Math.cos(yaw), z - tz]
}

/** What stands where, as the scanner of a moment sees it: a frame of KITTI knows no other world. */
export const truthSeen = (t) => truth(t).map((thing) => ({ ...thing, centre: seen(t, thing.centre), yaw: thing.yaw - ego(t).yaw }))

/** The files of so many frames in the folders of KITTI's object set, by their paths (readme of its development kit: columns, matrices). */
export function kittiFiles(count) {
  const { width, height, intrinsic: [[f, , cx], [, , cy]] } = CAMERA
  const [mx, my, mz] = MOUNT.translation
  const matrix = (name, rows) => `${name}: ${rows.flat().map((part) => part.toExponential(12)).join(' ')}`
  const projection = [[f, 0, cx, 0], [0, f, cy, 0], [0, 0, 1, 0]]
  const calibration = [
    ...[0, 1, 2, 3].map((number) => matrix(`P${number}`, projection)),
    matrix('R0_rect', [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    matrix('Tr_velo_to_cam', [[0, -1, 0, my], [0, 0, -1, mz], [1, 0, 0, -mx]]),
    matrix('Tr_imu_to_velo', [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]),
    '',
  ].join('\n')
  const label = ({ kind, centre: [x, y, z], size: [length, wide, high], yaw }) => {
    const corners = [-1, 1].flatMap((a) => [-1, 1].flatMap((b) => [-1, 1].map((c) => {
      const [u, v] = [(a * length) / 2, (b * wide) / 2]
      return [x + u * Math.cos(yaw) - v * Math.sin(yaw) - mx, y + u * Math.sin(yaw) + v * Math.cos(yaw) - my, z + (c * high) / 2 - mz]
    })))
    if (corners.some(([ahead]) => ahead < 0.5)) return []
    const pixels = corners.map(([ahead, left, up]) => [cx - (f * left) / ahead, cy - (f * up) / ahead])
    const [us, vs] = [pixels.map(([u]) => Math.min(width - 1, Math.max(0, u))), pixels.map(([, v]) => Math.min(height - 1, Math.max(0, v)))]
    const [left, top, right, bottom] = [Math.min(...us), Math.min(...vs), Math.max(...us), Math.max(...vs)]
    if (right - left < 1 || bottom - top < 1) return []
    const turn = -yaw - Math.PI / 2
    const place = [-(y - my), -(z - high / 2 - mz), x - mx]
    const numbers = [turn - Math.atan2(place[0], place[2]), left, top, right, bottom, high, wide, length, ...place, turn]
    return [`${kind === 'car' ? 'Car' : 'Pedestrian'} 0.00 0 ${numbers.map((number) => number.toFixed(9)).join(' ')}\n`]
  }
  const frames = Array.from({ length: count }, (_, t) => {
    const name = String(t).padStart(6, '0')
    return {
      [`velodyne/${name}.bin`]: scan(t),
      [`image_2/${name}.png`]: picture(t),
      [`calib/${name}.txt`]: Buffer.from(calibration),
      [`label_2/${name}.txt`]: Buffer.from(truthSeen(t).flatMap(label).join('')),
    }
  })
  return Object.assign({}, ...frames)
}
