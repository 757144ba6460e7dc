/**
 * What the queue asks of the server, and the three ways in which an answer can fail to come:
 * the server cannot be reached (or is busy), it does not know the caller, or it refuses.
 * Nothing else in the queue knows of HTTP, so that its tests can put a fake in this place.
 */
import type { Answer, Claims, Door, Problem, Receipt } from './model'
import type { Letter } from './place'

/** No answer, or one that asks to try again: 429, 502, 503, 504 and other failures of the server's own. */
export class Unreachable extends Error {
  readonly retryAfterMs: number | null
  constructor(message: string, retryAfterMs: number | null = null) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** The session is over; the same call will do after signing in. */
export class SignedOut extends Error {}

/** The session works in another organization now (another tab moved it). */
export class Elsewhere extends Error {}

/** The server has decided: a repeat would be refused again. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly problems: readonly Problem[]
  constructor(status: number, code: string, message: string, problems: readonly Problem[] = []) {
    super(message)
    this.status = status
    this.code = code
    this.problems = problems
  }
}

export interface QueueServer {
  claim(project: string, door: Door, count: number, holding: readonly string[]): Promise<Claims>
  heartbeat(slot: string, fence: number): Promise<{ until: string }>
  /** `leaving`: the page is going away, and the request must outlive it. */
  release(slot: string, fence: number, how?: 'staying' | 'leaving'): Promise<void>
  draft(slot: string, body: { fence: number; answer: Answer; device: string; seq: number }): Promise<{ saved_at: string }>
  /** Hands in; null where the server acknowledges without a receipt (a skip). */
  send(letter: Letter): Promise<Receipt | null>
  /** Milliseconds by which the server's clock is ahead of this one's. */
  readonly skewMs: number
}

const REPLY_MS_MAX = 30_000
const HAND_IN_MS_MAX = 90_000

interface Call {
  method: 'POST' | 'PUT'
  body: unknown
  headers?: Record<string, string>
  limitMs?: number
  keepalive?: boolean
}

export function httpServer(organization: string, fetcher: typeof fetch = (...args) => fetch(...args)): QueueServer {
  let skewMs = 0

  async function call(path: string, { method, body, headers, limitMs = REPLY_MS_MAX, keepalive = false }: Call): Promise<unknown> {
    let reply: Response
    try {
      reply = await fetcher(path, {
        method,
        body: JSON.stringify(body),
        headers: {
          'content-type': 'application/json',
          'fairmark-request': '1',
          'fairmark-organization': organization,
          ...headers,
        },
        credentials: 'same-origin',
        keepalive,
        signal: AbortSignal.timeout(limitMs),
      })
    } catch (error) {
      throw new Unreachable(error instanceof Error ? error.message : 'no reply')
    }
    const date = Date.parse(reply.headers.get('date') ?? '')
    // The header counts whole seconds; only a clock that is wrong is worth correcting.
    if (Number.isFinite(date)) skewMs = Math.abs(date - Date.now()) > 5_000 ? date - Date.now() : 0
    if (reply.ok) return reply.status === 204 ? null : await json(reply)
    throw failure(reply, await json(reply))
  }

  const post = (path: string, body: unknown, more: Partial<Call> = {}) => call(path, { method: 'POST', body, ...more })
  const put = (path: string, body: unknown, more: Partial<Call> = {}) => call(path, { method: 'PUT', body, ...more })

  // Claiming, renewing and releasing need no key: repeated, they do nothing more.
  return {
    get skewMs() {
      return skewMs
    },
    async claim(project, door, count, holding) {
      return (await post(`/api/projects/${project}/claims`, { stage: door, count, holding })) as Claims
    },
    async heartbeat(slot, fence) {
      return (await post(`/api/slots/${slot}/heartbeat`, { fence })) as { until: string }
    },
    async release(slot, fence, how = 'staying') {
      await post(`/api/slots/${slot}/release`, { fence }, { keepalive: how === 'leaving' })
    },
    async draft(slot, body) {
      return (await put(`/api/slots/${slot}/draft`, body)) as { saved_at: string }
    },
    async send(letter) {
      const { slot, kind, body, fence, id } = letter
      const limitMs = HAND_IN_MS_MAX
      if (kind === 'skip') {
        await post(`/api/slots/${slot}/skip`, { fence, ...body }, { headers: { 'idempotency-key': id }, limitMs })
        return null
      }
      return (await put(`/api/slots/${slot}/${kind}`, { submission: id, fence, ...body }, { limitMs })) as Receipt
    },
  }
}

async function json(reply: Response): Promise<unknown> {
  const text = await reply.text().catch(() => null)
  if (text === null) throw new Unreachable('the reply was cut off')
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    // A proxy's page, or half a reply: neither says what the server decided.
    throw new Unreachable(`the reply (${reply.status}) cannot be read`)
  }
}

interface Envelope {
  error?: { code?: string; message?: string; problems?: Problem[] }
}

function failure(reply: Response, body: unknown): Error {
  const { code = 'unknown', message = reply.statusText, problems = [] } = (body as Envelope | null)?.error ?? {}
  if (reply.status === 401) return new SignedOut(message)
  if (reply.status === 409 && code === 'organization_changed') return new Elsewhere(message)
  // Two commands met on one row: the same again does it.
  if (reply.status === 409 && code === 'try_again') return new Unreachable(message, 0)
  if (reply.status === 429 || reply.status >= 500 || reply.status === 408) {
    const seconds = Number(reply.headers.get('retry-after') ?? Number.NaN)
    return new Unreachable(message, Number.isFinite(seconds) ? seconds * 1000 : null)
  }
  return new Refused(reply.status, code, message, problems)
}
