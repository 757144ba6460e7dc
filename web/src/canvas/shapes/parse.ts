import type { Point } from '../kernels/geometry'

// How shapes are read out of JSON: with suspicion, and whole or not at all.

interface Json {
  readonly [key: string]: unknown
}

export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

export const isPoint = (value: unknown): value is Point => Array.isArray(value) && value.length === 2 && value.every(isNumber)

export const isPoints = (value: unknown): value is readonly Point[] => Array.isArray(value) && value.length > 0 && value.every(isPoint)

/** Whether the value has these numbers and its type, and nothing besides. */
export const hasNumbers = (value: Json, type: string, keys: readonly string[]): boolean =>
  value.type === type && keys.every((key) => isNumber(value[key])) && Object.keys(value).length === keys.length + 1
