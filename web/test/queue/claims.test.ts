import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ClaimsInHand } from '../../src/features/queue/claims'
import { httpServer } from '../../src/features/queue/server'
import { FakeLocks, FakeServer } from './fake'

let server: FakeServer
let locks: FakeLocks
let handedIn: string[]
let begun: Set<string>
const tabs: ClaimsInHand[] = []

beforeEach(() => {
  vi.useFakeTimers()
  server = new FakeServer(8)
  locks = new FakeLocks()
  handedIn = []
  begun = new Set()
})
afterEach(async () => {
  for (const tab of tabs.splice(0)) await tab.leave('staying')
  vi.useRealTimers()
})

async function tab(visible = () => true, loaded: string[] = []): Promise<ClaimsInHand> {
  const claims = new ClaimsInHand({
    server: httpServer('org_1', server.fetch),
    locks,
    place: 'place',
    project: 'prj_1',
    door: 'label',
    handedIn: () => handedIn,
    begun: async (slot) => begun.has(slot),
    prefetch: (claim) => {
      loaded.push(claim.slot)
      return () => void loaded.splice(loaded.indexOf(claim.slot), 1)
    },
    visible,
  })
  tabs.push(claims)
  await claims.start()
  return claims
}

const inHand = ({ state: { current, ahead } }: ClaimsInHand) => [current?.slot, ...ahead.map(({ slot }) => slot)]
const asked = (what: string) => server.seen.filter((line) => line.includes(what)).length

describe('tasks in hand', () => {
  test('who looks at many at once has as many as a person may hold, and later the usual few', async () => {
    const claims = await tab()
    claims.wish(10)
    await vi.advanceTimersByTimeAsync(0)
    expect(inHand(claims)).toHaveLength(8)
    claims.wish(1)
    handedIn.push('slt_1')
    claims.advance()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(inHand(claims)).toHaveLength(7)
  })

  test('(C1) the next is there at once, and loaded', async () => {
    const loaded: string[] = []
    const claims = await tab(() => true, loaded)
    expect(inHand(claims)).toEqual(['slt_1', 'slt_2', 'slt_3'])
    expect(loaded).toEqual(['slt_1', 'slt_2', 'slt_3'])
    handedIn.push('slt_1')
    server.failure = 'down'
    claims.advance()
    expect(claims.state.current?.slot).toBe('slt_2')
    expect(loaded).toEqual(['slt_2', 'slt_3'])
    server.failure = null
    await vi.advanceTimersByTimeAsync(30_000)
    expect(inHand(claims)).toEqual(['slt_2', 'slt_3', 'slt_4'])
  })

  test('(C2) a second tab gets other tasks; after a reload the same come back', async () => {
    const first = await tab()
    const second = await tab()
    expect(inHand(first)).toEqual(['slt_1', 'slt_2', 'slt_3'])
    expect(inHand(second)).toEqual(['slt_4', 'slt_5', 'slt_6'])
    locks.breakAll()
    const reloaded = await tab()
    expect(inHand(reloaded)[0]).toBe('slt_1')
  })

  test('(C3) what was handed in and not acknowledged is not offered again', async () => {
    handedIn.push('slt_1')
    expect(inHand(await tab())[0]).toBe('slt_2')
  })

  test('(C4) renewed every third while somebody is there, and not longer', async () => {
    const claims = await tab()
    await vi.advanceTimersByTimeAsync(205_000)
    expect(asked('heartbeat')).toBe(3)
    expect(claims.state.lease).toBe('held')
    // Nobody touches anything for hours.
    await vi.advanceTimersByTimeAsync(3 * 3_600_000)
    expect(asked('heartbeat')).toBeLessThan(12)
    expect(claims.state.lease).toBe('expired')
    expect(claims.state.current?.slot).toBe('slt_1')
    claims.input()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(claims.state.lease).toBe('held')
  })

  test('(C5) leaving gives back what was not begun', async () => {
    const claims = await tab()
    begun.add('slt_1')
    await claims.leave('staying')
    expect(server.slots.get('slt_1')?.state).toBe('leased')
    expect(server.slots.get('slt_2')?.state).toBe('open')
    expect(server.slots.get('slt_3')?.state).toBe('open')
  })

  test('(C5) a page that goes away keeps what was on the screen', async () => {
    const claims = await tab()
    await claims.leave('leaving')
    expect(server.slots.get('slt_1')?.state).toBe('leased')
    expect(server.slots.get('slt_2')?.state).toBe('open')
  })

  test('(C6) a task that went to somebody else is told, and the work stays on the screen', async () => {
    const claims = await tab()
    server.supersede('slt_1')
    server.supersede('slt_2')
    await vi.advanceTimersByTimeAsync(205_000)
    expect(claims.state).toMatchObject({ lease: 'lost', refusal: { code: 'superseded' } })
    expect(claims.state.current?.slot).toBe('slt_1')
    expect(inHand(claims)).not.toContain('slt_2')
    claims.advance()
    expect(claims.state).toMatchObject({ lease: 'held', current: { slot: 'slt_3' } })
  })

  test('an empty queue looks again by itself', async () => {
    server.slots.clear()
    const claims = await tab()
    expect(claims.state.phase).toBe('empty')
    for (const [id, slot] of new FakeServer(1).slots) server.slots.set(id, slot)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(claims.state).toMatchObject({ phase: 'working', current: { slot: 'slt_1' } })
  })

  test('a server that is away at the start is asked again, later and later', async () => {
    server.failure = 'down'
    const claims = await tab()
    expect(claims.state.phase).toBe('unreachable')
    await vi.advanceTimersByTimeAsync(600_000)
    expect(asked('claims')).toBeLessThan(40)
    server.failure = null
    await vi.advanceTimersByTimeAsync(35_000)
    expect(claims.state.phase).toBe('working')
  })

  test('a refused answer is opened again before all others', async () => {
    const claims = await tab()
    const first = claims.state.current
    handedIn.push('slt_1')
    claims.advance()
    await vi.advanceTimersByTimeAsync(10)
    expect(first !== null && (await claims.reopen(first))).toBe(true)
    expect(inHand(claims).slice(0, 3)).toEqual(['slt_1', 'slt_2', 'slt_3'])
  })

  test('giving back frees the task and shows the next', async () => {
    const claims = await tab()
    await claims.giveBack()
    expect(claims.state.current?.slot).toBe('slt_2')
    expect(server.slots.get('slt_1')?.state).toBe('open')
  })
})
