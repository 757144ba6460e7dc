import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Claim } from '../../src/features/queue/model'
import { Outbox, type Outcome } from '../../src/features/queue/outbox'
import { openPlace } from '../../src/features/queue/place'
import { httpServer } from '../../src/features/queue/server'
import { FakeLocks, FakeServer, settle } from './fake'

let server: FakeServer
let locks: FakeLocks
const tabs: Outbox[] = []

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  server = new FakeServer(5)
  locks = new FakeLocks()
})
afterEach(() => {
  for (const tab of tabs.splice(0)) tab.close()
  vi.useRealTimers()
})

async function tab(): Promise<Outbox> {
  const place = await openPlace('org_1', 'per_1')
  const outbox = new Outbox({ place, server: httpServer('org_1', server.fetch), locks, random: () => 0.5 })
  tabs.push(outbox)
  await outbox.start()
  return outbox
}

const letter = (i: number, note = '') => {
  const { claim } = server.slots.get(`slt_${i}`) as { claim: Claim }
  const { slot, fence, stage } = claim
  return { id: `sub_${i}aaaaaaaa`, kind: 'answer' as const, slot, fence, stage, claim, body: { answer: { note }, active_ms: 1 } }
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  await settle()
}

describe('the outbox', () => {
  test('sends in order and is empty afterwards', async () => {
    const outbox = await tab()
    for (const i of [1, 2, 3]) await outbox.put(letter(i))
    await settle()
    expect(server.sentOrder).toEqual(['slt_1', 'slt_2', 'slt_3'])
    expect(outbox.state).toMatchObject({ waiting: [], refused: [], status: 'idle' })
  })

  test('(X3) a lost reply is repeated under the same id, and counts once', async () => {
    const outbox = await tab()
    const outcomes: Outcome[] = []
    outbox.onOutcome((outcome) => void outcomes.push(outcome))
    server.failure = 'lost reply'
    await outbox.put(letter(1))
    await settle()
    expect(server.answers.size).toBe(1)
    expect(outbox.state.waiting.length).toBe(1)
    server.failure = null
    await pass(2000)
    expect(outbox.state.waiting).toEqual([])
    expect(server.sentOrder).toEqual(['slt_1'])
    expect(outcomes).toMatchObject([{ receipt: { submission: 'sub_1aaaaaaaa' } }])
  })

  test('(X4) a server that is down for ten minutes costs nothing but patience', async () => {
    const outbox = await tab()
    server.failure = 'down'
    for (const i of [1, 2, 3]) await outbox.put(letter(i))
    for (let i = 0; i < 60; i++) await pass(10_000)
    expect(outbox.state).toMatchObject({ status: 'waiting' })
    expect(outbox.state.waiting.length).toBe(3)
    const tries = server.seen.length
    expect(tries).toBeGreaterThan(5)
    // Later and later: not a request for each second of the ten minutes.
    expect(tries).toBeLessThan(40)
    server.failure = null
    await pass(60_000)
    expect(server.sentOrder).toEqual(['slt_1', 'slt_2', 'slt_3'])
  })

  test('(X1) a tab that dies with letters in its outbox: the next one sends them', async () => {
    server.failure = 'down'
    const first = await tab()
    await first.put(letter(1))
    await settle()
    first.close()
    server.failure = null
    const second = await tab()
    await settle()
    expect(server.sentOrder).toEqual(['slt_1'])
    expect(second.state.waiting).toEqual([])
  })

  test('(X2) two tabs do not send twice', async () => {
    server.failure = 'down'
    const [first, second] = [await tab(), await tab()]
    await first.put(letter(1))
    await second.put(letter(2))
    await settle()
    server.failure = null
    server.delayMs = 500
    const before = server.seen.length
    first.kick()
    second.kick()
    for (let i = 0; i < 20; i++) await pass(250)
    expect(server.seen.length - before).toBe(2)
    expect(server.sentOrder).toEqual(['slt_1', 'slt_2'])
  })

  test('(X5) a session that is over stops it; signing in goes on', async () => {
    const outbox = await tab()
    server.failure = 'signed out'
    await outbox.put(letter(1))
    await settle()
    expect(outbox.state.status).toBe('signed_out')
    await pass(600_000)
    server.failure = null
    outbox.kick()
    await settle()
    expect(server.sentOrder).toEqual(['slt_1'])
  })

  test('(X6) superseded: kept with the reason, and the next letter goes on', async () => {
    const outbox = await tab()
    const outcomes: Outcome[] = []
    outbox.onOutcome((outcome) => void outcomes.push(outcome))
    const late = letter(1)
    server.supersede('slt_1')
    await outbox.put(late)
    await outbox.put(letter(2))
    await settle()
    expect(server.sentOrder).toEqual(['slt_2'])
    expect(outbox.state.refused).toMatchObject([{ slot: 'slt_1', refusal: { status: 409, code: 'superseded' } }])
    expect(outcomes[0]).toMatchObject({ refusal: { code: 'superseded' } })
    // Also for a tab opened tomorrow, until the person has dealt with it.
    const tomorrow = await tab()
    expect(tomorrow.state.refused.length).toBe(1)
    await tomorrow.dismiss(late.id)
    expect(tomorrow.state.refused.length).toBe(0)
  })

  test('(X6) a wrong answer is kept with its problems', async () => {
    const outbox = await tab()
    await outbox.put(letter(1, 'wrong'))
    await settle()
    expect(outbox.state.refused[0]?.refusal?.problems).toMatchObject([{ path: 'note', code: 'note_bad' }])
  })

  test('a busy server is not a refusal', async () => {
    const outbox = await tab()
    server.failure = 'busy'
    await outbox.put(letter(1))
    await settle()
    expect(outbox.state).toMatchObject({ status: 'waiting', refused: [] })
  })
})
