import { type Bounds, type Point, boundsOf } from '../kernels/geometry'
import { type Place, type Rotation, type Solid, aboutZ, between, footprint, headingOf, withinATurn } from '../kernels/space'
import { isNumber } from './parse'
import type { Field, ShapeUtil } from './util'

/** Where a cuboid stands at one moment. */
export interface Stand {
  readonly centre: Place
  /** Radians from x towards y. */
  readonly yaw: number
  /** The whole rotation, where it leans. */
  readonly rotation?: Rotation
}

/** Where a moving cuboid stands at one cloud of its item; from there to the next key it is not there, if it is gone. */
export interface Key extends Stand {
  readonly frame: number
  readonly gone?: boolean
}

/**
 * A box in space (A40), in metres of the world of its item. As a shape it is what it covers of the ground, so that all
 * that is done with objects is done with cuboids: undone, saved, compared, given a class.
 */
export interface Cuboid3d extends Stand {
  readonly type: 'cuboid3d'
  /** Length, width, height; the same at every moment. */
  readonly size: Place
  readonly path?: readonly Key[]
}

const isPlace = (value: unknown): value is Place => Array.isArray(value) && value.length === 3 && value.every(isNumber)
const isRotation = (value: unknown): value is Rotation => Array.isArray(value) && value.length === 4 && value.every(isNumber)

interface Json {
  readonly [key: string]: unknown
}

function parseStand({ centre, yaw, rotation }: Json): Stand | null {
  if (!isPlace(centre) || !isNumber(yaw) || (rotation !== undefined && !isRotation(rotation))) return null
  return { centre, yaw, ...(rotation === undefined ? {} : { rotation: rotation as Rotation }) }
}

function parseKey(value: unknown): Key | null {
  if (typeof value !== 'object' || value === null) return null
  const { frame, gone } = value as Json
  const stand = parseStand(value as Json)
  if (stand === null || !isNumber(frame) || (gone !== undefined && typeof gone !== 'boolean')) return null
  return { frame, ...stand, ...(gone === true ? { gone: true } : {}) }
}

const KNOWN = new Set(['type', 'size', 'centre', 'yaw', 'rotation', 'path'])

export const rotationOf = ({ yaw, rotation }: Stand): Rotation => rotation ?? aboutZ(yaw)

/** Where it stands at a moment; null where it is not there (A42). */
export function standAt(shape: Cuboid3d, frame: number): Stand | null {
  const { path = [] } = shape
  if (path.length === 0) return shape
  let at = -1
  for (const [i, key] of path.entries()) if (key.frame <= frame) at = i
  const [before, next] = [path[at], path[at + 1]]
  if (before === undefined || before.gone === true) return null
  if (next === undefined || before.frame === frame) return before.frame === frame ? before : null
  const share = (frame - before.frame) / (next.frame - before.frame)
  const centre = before.centre.map((part, i) => part + share * ((next.centre[i] as number) - part)) as unknown as Place
  const rotation = between(rotationOf(before), rotationOf(next), share)
  const leans = before.rotation !== undefined || next.rotation !== undefined
  return { centre, yaw: headingOf(rotation), ...(leans ? { rotation } : {}) }
}

export const solidOf = (size: Place, stand: Stand): Solid => ({ centre: stand.centre, size, rotation: rotationOf(stand) })

/** Millimetres, and ten thousandths of a radian (A41): finer than any scanner. */
export const roundMetres = (value: number): number => Math.round(value * 1_000) / 1_000
export const roundAngle = (angle: number): number => {
  const rounded = Math.round(withinATurn(angle) * 10_000) / 10_000
  return Math.min(Math.PI, Math.max(-Math.PI, rounded))
}

export const SIDE_MIN = 0.01
export const SIDE_MAX = 1_000

/** The stand as it is written down; of one that leans, the rotation is kept as it is. */
export function roundStand({ centre, yaw, rotation }: Stand): Stand {
  if (rotation !== undefined) return { centre: centre.map(roundMetres) as unknown as Place, yaw: headingOf(rotation), rotation }
  return { centre: centre.map(roundMetres) as unknown as Place, yaw: roundAngle(yaw) }
}

export const roundSize = (size: Place): Place =>
  size.map((side) => Math.min(SIDE_MAX, Math.max(SIDE_MIN, roundMetres(side)))) as unknown as Place

const flat = (shape: Cuboid3d): readonly Point[] => footprint(solidOf(shape.size, shape))

/** Moves it as a whole, at every moment. */
function shifted(shape: Cuboid3d, by: Place): Cuboid3d {
  const move = <S extends Stand>(stand: S): S => ({ ...stand, centre: stand.centre.map((part, i) => roundMetres(part + (by[i] as number))) as unknown as Place })
  return shape.path === undefined ? move(shape) : { ...move(shape), path: shape.path.map(move) }
}

export const cuboid3d: ShapeUtil<Cuboid3d> = {
  name: 'Cuboid',
  parse(value) {
    const { size, path } = value
    const stand = parseStand(value)
    if (stand === null || !isPlace(size) || Object.keys(value).some((key) => !KNOWN.has(key))) return null
    if (path === undefined) return { type: 'cuboid3d', size, ...stand }
    if (!Array.isArray(path)) return null
    const keys = path.map(parseKey)
    return keys.includes(null) ? null : { type: 'cuboid3d', size, ...stand, path: keys as Key[] }
  },
  paths: (shape) => [{ closed: true, points: flat(shape) }],
  bounds: (shape): Bounds => boundsOf(flat(shape)),
  area: ({ size }) => size[0] * size[1],
  translate: (shape, [x, y]) => shifted(shape, [x, y, 0]),
  stretch: (shape) => shape,
  turn: (shape, degrees) => ({ ...shape, yaw: withinATurn(shape.yaw - (degrees * Math.PI) / 180) }),
  handles: () => [],
  moveHandle: (shape) => shape,
  clamp: (shape) => ({ ...shape, ...roundStand(shape), size: roundSize(shape.size) }),
  isWorthKeeping: ({ size }) => size.every((side) => side >= SIDE_MIN),
  describe: ({ size, centre, path }) =>
    `cuboid, ${metres(size[0])} long, ${metres(size[1])} wide and ${metres(size[2])} high, at ${metres(centre[0])}, ${metres(centre[1])}, ${metres(centre[2])}${path === undefined ? '' : ', moving'}`,
  fields: (shape) => fieldsOf(shape.size, shape),
}

const metres = (value: number): string => `${Math.round(value * 100) / 100} m`

const NAMES = [['x', 'X, m'], ['y', 'Y, m'], ['z', 'Z, m'], ['length', 'Length, m'], ['width', 'Width, m'], ['height', 'Height, m']] as const

export function fieldsOf(size: Place, { centre, yaw }: Stand): Field[] {
  const values = [...centre, ...size]
  return [...NAMES.map(([key, name], i) => ({ key, name, value: values[i] as number })), { key: 'yaw', name: 'Heading, °', value: (yaw * 180) / Math.PI }]
}
