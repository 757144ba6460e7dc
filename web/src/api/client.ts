import { ApiError, isPassing, type Problem } from './errors'

/**
 * The one door to the server.
 *
 * - Every mutating call carries `Fairmark-Request` (H6), the organization that this page believes in (H7) and an
 *   `Idempotency-Key` that stays the same over our own repeats (H3).
 * - Every failure is an `ApiError`, whether the server said it or the way there was broken.
 */
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Ask {
  query?: Record<string, string | number | boolean | null | undefined>
  body?: unknown
  /** Sent as it is: a picture, a piece of a file. */
  raw?: Blob
  headers?: Record<string, string>
  signal?: AbortSignal
  /** The caller names the call itself (answers, drafts, chunks): no key is made. */
  named?: boolean
  key?: string
  /** How often a broken way is tried again; 0 where the caller has its own plan. */
  retries?: number
  /** Lets the request outlive the page. */
  keepalive?: boolean
}

type Occasion = 'signed-out' | 'moved' | 'online' | 'offline'
const listeners = new Set<(occasion: Occasion) => void>()
let organization: string | null = null
let online = true

export const setOrganization = (id: string | null): void => {
  organization = id
}

/** Hears of what concerns the whole page: the session ended, or moved to another organization. */
export const onOccasion = (listener: (occasion: Occasion) => void): (() => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

const tell = (occasion: Occasion) => {
  for (const listener of listeners) listener(occasion)
}

const setOnline = (now: boolean) => {
  if (now === online) return
  online = now
  tell(now ? 'online' : 'offline')
}

export const isOnline = (): boolean => online

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => setOnline(true))
  window.addEventListener('offline', () => setOnline(false))
}

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz'

/** Text of `length` characters that nobody guesses: for keys and for ids that the browser chooses. */
export const randomText = (length = 24): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => alphabet[byte % 36]).join('')

export const address = (path: string, query?: Ask['query']): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

/** The server's sentences begin small, for they stand inside others too; on a screen they stand alone. */
const sentence = (text: string): string => {
  const whole = text.charAt(0).toLocaleUpperCase() + text.slice(1)
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`
}

const problems = (value: unknown): Problem[] =>
  Array.isArray(value) ? value.filter(isRecord).map(({ path, code, message }) => ({ path: String(path ?? ''), code: String(code ?? ''), message: sentence(String(message ?? '')) })) : []

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

async function refusal(response: Response): Promise<ApiError> {
  const header = response.headers.get('retry-after')
  const base = { status: response.status, retryAfter: header === null ? null : Number(header) || null, request: response.headers.get('x-request-id') }
  const body: unknown = await response.json().catch(() => null)
  const error = isRecord(body) && isRecord(body.error) ? body.error : null
  if (!error) {
    return new ApiError({ ...base, code: `http_${response.status}`, message: `The server answered ${response.status} without an explanation.` })
  }
  return new ApiError({
    ...base,
    code: String(error.code ?? `http_${response.status}`),
    message: sentence(String(error.message ?? 'The server refused this.')),
    problems: problems(error.problems),
    request: typeof error.request === 'string' ? error.request : base.request,
    details: isRecord(error.details) ? error.details : {},
  })
}

async function once<T>(method: Method, path: string, ask: Ask, headers: Headers): Promise<T> {
  let response: Response
  try {
    response = await fetch(address(path, ask.query), {
      method,
      headers,
      body: ask.raw ?? (ask.body === undefined ? null : JSON.stringify(ask.body)),
      credentials: 'same-origin',
      signal: ask.signal ?? null,
      ...(ask.keepalive ? { keepalive: true } : {}),
    })
  } catch (cause) {
    if (ask.signal?.aborted) throw cause
    if (globalThis.navigator?.onLine === false) setOnline(false)
    throw new ApiError({ status: 0, code: 'offline', message: 'The server cannot be reached. Check the connection; what you typed is still here.' })
  }
  setOnline(true)
  if (response.ok) return (response.status === 204 || response.headers.get('content-length') === '0' ? undefined : await response.json()) as T
  const error = await refusal(response)
  if (error.status === 401 && error.code !== 'wrong_login' && path !== '/api/session') tell('signed-out')
  if (error.code === 'organization_changed') tell('moved')
  throw error
}

const pause = (ms: number) => new Promise((go) => setTimeout(go, ms))

export async function request<T>(method: Method, path: string, ask: Ask = {}): Promise<T> {
  const headers = new Headers(ask.headers)
  if (ask.body !== undefined) headers.set('content-type', 'application/json')
  if (ask.raw && !headers.has('content-type')) headers.set('content-type', ask.raw.type || 'application/octet-stream')
  if (organization) headers.set('fairmark-organization', organization)
  if (method !== 'GET') {
    headers.set('fairmark-request', '1')
    if (!ask.named) headers.set('idempotency-key', ask.key ?? randomText())
  }
  for (let left = ask.retries ?? (method === 'GET' ? 0 : 2), wait = 400; ; left -= 1, wait *= 3) {
    try {
      return await once<T>(method, path, ask, headers)
    } catch (error) {
      if (left <= 0 || !isPassing(error)) throw error
      await pause(wait)
    }
  }
}

export const get = <T>(path: string, ask?: Ask): Promise<T> => request<T>('GET', path, ask)
export const post = <T>(path: string, body?: unknown, ask?: Ask): Promise<T> => request<T>('POST', path, { ...ask, body: body ?? {} })
export const put = <T>(path: string, body: unknown, ask?: Ask): Promise<T> => request<T>('PUT', path, { ...ask, body })
export const patch = <T>(path: string, body: unknown, ask?: Ask): Promise<T> => request<T>('PATCH', path, { ...ask, body })
export const del = <T = void>(path: string, ask?: Ask): Promise<T> => request<T>('DELETE', path, ask)
