export interface Real {
  readonly kind: 'car' | 'person'
  readonly centre: readonly [number, number, number]
  readonly size: readonly [number, number, number]
  readonly yaw: number
}
export function truth(t: number): Real[]
export function scan(t?: number): Buffer
