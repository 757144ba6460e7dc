import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { address, get, onOccasion, post, setOrganization } from '../src/api/client'
import { isApiError, problemOf } from '../src/api/errors'

interface Call { path: string; headers: Headers; body: unknown }
let calls: Call[] = []
let answers: (Response | Error)[] = []

const json = (status: number, body: unknown, headers: Record<string, string> = {}) => new Response(JSON.stringify(body), { status, headers })
const fault = async (promise: Promise<unknown>) => {
  const error = await promise.then(() => null, (caught: unknown) => caught)
  if (!isApiError(error)) throw new Error('it should have failed as an ApiError')
  return error
}

beforeEach(() => {
  calls = []
  answers = []
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 2_000 })
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    calls.push({ path, headers: init.headers as Headers, body: init.body })
    const next = answers.shift() ?? json(200, {})
    if (next instanceof Error) throw next
    return next
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
  setOrganization(null)
})

describe('a call', () => {
  it('says who it is for and that it comes from a page (H6, H7)', async () => {
    setOrganization('org_1')
    await post('/api/projects', { name: 'x' })
    const [call] = calls
    expect(Object.fromEntries(call!.headers)).toMatchObject({ 'fairmark-request': '1', 'fairmark-organization': 'org_1', 'content-type': 'application/json' })
    expect(call!.headers.get('idempotency-key')).toMatch(/^[0-9a-z]{24}$/)
  })
  it('reads without a key', async () => {
    await get('/api/projects', { query: { limit: 5, cursor: null, q: '' } })
    expect(calls[0]!.path).toBe('/api/projects?limit=5')
    expect(calls[0]!.headers.has('idempotency-key')).toBe(false)
  })
  it('repeats under the same key when the way breaks (H3)', async () => {
    answers = [new TypeError('no way'), json(503, { error: { code: 'busy', message: 'busy' } }), json(200, { id: 'prj_1' })]
    expect(await post('/api/projects', {})).toEqual({ id: 'prj_1' })
    expect(new Set(calls.map((call) => call.headers.get('idempotency-key'))).size).toBe(1)
    expect(calls).toHaveLength(3)
  })
  it('does not repeat what was refused', async () => {
    answers = [json(409, { error: { code: 'edited_meanwhile', message: 'somebody was faster' } })]
    expect((await fault(post('/x', {}))).code).toBe('edited_meanwhile')
    expect(calls).toHaveLength(1)
  })
})

describe('a refusal', () => {
  it('keeps code, problems, details and the name of the request (H1)', async () => {
    answers = [json(422, { error: { code: 'invalid', message: 'two things are wrong', problems: [{ path: 'name', code: 'bad_name', message: 'a name has 1 to 200 characters' }], details: { offset: 7 } } }, { 'x-request-id': 'abc-1' })]
    const error = await fault(post('/x', {}))
    expect(error).toMatchObject({ status: 422, code: 'invalid', message: 'Two things are wrong.', request: 'abc-1', details: { offset: 7 } })
    expect(problemOf(error, 'name')).toBe('A name has 1 to 200 characters.')
  })
  it('is an error even without our envelope', async () => {
    answers = [new Response('<html>bad gateway</html>', { status: 404 })]
    expect(await fault(get('/x'))).toMatchObject({ status: 404, code: 'http_404' })
  })
  it('is told to the page when the session is over, or moved', async () => {
    const heard: string[] = []
    const stop = onOccasion((occasion) => heard.push(occasion))
    answers = [json(401, { error: { code: 'unauthenticated', message: 'sign in' } }), json(409, { error: { code: 'organization_changed', message: 'moved' } }), json(401, { error: { code: 'wrong_login', message: 'no' } })]
    await fault(get('/api/projects'))
    await fault(get('/api/projects'))
    await fault(post('/api/session', {}))
    stop()
    expect(heard).toEqual(['signed-out', 'moved'])
  })
  it('of a broken way is called offline', async () => {
    answers = [new TypeError('x')]
    expect((await fault(get('/x'))).code).toBe('offline')
  })
})

it('leaves empty things out of an address', () => expect(address('/a', { b: undefined, c: 0, d: false })).toBe('/a?c=0&d=false'))
