/** One thing wrong in what was sent: where, and a sentence (H1). */
export interface Problem {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** What the server refused, or what kept us from asking it. `code` is stable; `message` is for people. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly problems: readonly Problem[]
  readonly request: string | null
  readonly details: Record<string, unknown>
  /** Seconds after which a repeat makes sense. */
  readonly retryAfter: number | null

  constructor(fields: {
    status: number
    code: string
    message: string
    problems?: readonly Problem[]
    request?: string | null
    details?: Record<string, unknown>
    retryAfter?: number | null
  }) {
    super(fields.message)
    this.name = 'ApiError'
    this.status = fields.status
    this.code = fields.code
    this.problems = fields.problems ?? []
    this.request = fields.request ?? null
    this.details = fields.details ?? {}
    this.retryAfter = fields.retryAfter ?? null
  }
}

export const isApiError = (error: unknown): error is ApiError => error instanceof ApiError

/** A repeat of the same call may succeed: the way was broken, or the server says so. */
export const isPassing = (error: unknown): boolean =>
  isApiError(error) && (error.code === 'offline' || error.status === 503 || error.status === 502 || error.status === 504)

/** The problem of one field of a form, if the server named it. */
export function problemOf(error: unknown, path: string): string | null {
  if (!isApiError(error)) return null
  return error.problems.find((problem) => problem.path === path || problem.path === `$.${path}` || problem.path === `/${path}`)?.message ?? null
}
