/** Numbers, times and money as the reader's own language writes them. */
const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>()

const kept = <F extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(key: string, make: () => F): F => {
  const had = cache.get(key)
  if (had) return had as F
  const made = make()
  cache.set(key, made)
  return made
}

export const number = (value: number, digits = 0): string =>
  kept(`n${digits}`, () => new Intl.NumberFormat(undefined, { maximumFractionDigits: digits })).format(value)

export const percent = (value: number, digits = 0): string =>
  kept(`p${digits}`, () => new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: digits })).format(value)

/** Minor units to a price: how many digits a currency has is the currency's business. */
export function money(amountMinor: number, currency: string): string {
  const format = kept(`m${currency}`, () => new Intl.NumberFormat(undefined, { style: 'currency', currency }))
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(amountMinor / 10 ** digits)
}

export function bytes(value: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
  let scaled = value
  let step = 0
  while (scaled >= 1000 && step < units.length - 1) {
    scaled /= 1000
    step += 1
  }
  const unit = units[step] ?? 'byte'
  return kept(`b${unit}`, () => new Intl.NumberFormat(undefined, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: step > 1 ? 1 : 0 })).format(scaled)
}

export const dateTime = (iso: string): string =>
  kept('dt', () => new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })).format(new Date(iso))

export const date = (iso: string): string =>
  kept('d', () => new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })).format(new Date(iso))

export const time = (iso: string): string =>
  kept('t', () => new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })).format(new Date(iso))

const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000], ['month', 2_592_000], ['week', 604_800], ['day', 86_400], ['hour', 3_600], ['minute', 60],
]

/** "3 minutes ago", "in 2 days"; anything under a minute is now. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000
  const format = kept('r', () => new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }))
  for (const [unit, size] of steps) if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit)
  return format.format(0, 'second')
}

/** "Firefox on Linux", as far as what a browser says of itself tells. */
export function device(agent: string): string {
  const browser = /Edg\//.test(agent) ? 'Edge' : /OPR\//.test(agent) ? 'Opera' : /Firefox\//.test(agent) ? 'Firefox' : /Chrom(e|ium)\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : null
  const system = /iPhone/.test(agent) ? 'iPhone' : /iPad/.test(agent) ? 'iPad' : /Android/.test(agent) ? 'Android' : /Windows/.test(agent) ? 'Windows' : /Mac OS X/.test(agent) ? 'Mac' : /CrOS/.test(agent) ? 'ChromeOS' : /Linux|X11/.test(agent) ? 'Linux' : null
  return browser && system ? `${browser} on ${system}` : browser ?? agent.slice(0, 60)
}

/** "2 h 5 min"; for waiting times and for work done. */
export function duration(seconds: number): string {
  const part = (value: number, unit: 'second' | 'minute' | 'hour' | 'day') =>
    kept(`u${unit}`, () => new Intl.NumberFormat(undefined, { style: 'unit', unit, unitDisplay: 'short' })).format(value)
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return part(whole, 'second')
  const minutes = Math.round(whole / 60)
  if (minutes < 60) return part(minutes, 'minute')
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 ? `${part(hours, 'hour')} ${part(minutes % 60, 'minute')}` : part(hours, 'hour')
  const days = Math.floor(hours / 24)
  return hours % 24 ? `${part(days, 'day')} ${part(hours % 24, 'hour')}` : part(days, 'day')
}
