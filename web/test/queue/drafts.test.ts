import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Drafts, chooseWork, sameAnswer } from '../../src/features/queue/drafts'
import { ActiveMeter } from '../../src/features/queue/meter'
import type { Answer, Claim } from '../../src/features/queue/model'
import { httpServer } from '../../src/features/queue/server'
import { FakeServer } from './fake'

let server: FakeServer
beforeEach(() => {
  vi.useFakeTimers()
  server = new FakeServer(1)
})
afterEach(() => vi.useRealTimers())

function work(draft: Claim['draft'] = null) {
  const claim = { ...(server.slots.get('slt_1') as { claim: Claim }).claim, draft }
  let note = 0
  const device = { keeps: true }
  const drafts = new Drafts({
    server: httpServer('org_1', server.fetch),
    device: 'dev_a',
    claim,
    isKept: () => device.keeps,
    answer: () => ({ note: String(note) }),
    onChange: () => undefined,
  })
  return {
    drafts,
    device,
    write() {
      note += 1
      drafts.changed()
    },
  }
}

describe('drafts', () => {
  test('(D1) at most one in two seconds, and the last change is followed by one', async () => {
    const { drafts, write } = work()
    for (let i = 0; i < 50; i++) {
      write()
      await vi.advanceTimersByTimeAsync(100)
    }
    await vi.advanceTimersByTimeAsync(2000)
    expect(server.drafts.length).toBeLessThanOrEqual(4)
    expect(server.drafts.at(-1)?.answer).toEqual({ note: '50' })
    expect(drafts.state.behind).toBe(false)
  })

  test('(D5) of a task that nobody leased nothing goes to the server', async () => {
    const { claim } = server.slots.get('slt_1') as { claim: Claim }
    const drafts = new Drafts({
      server: httpServer('org_1', server.fetch),
      device: 'dev_a',
      claim: { ...claim, fence: 0 },
      isKept: () => true,
      answer: () => ({ note: 'known' }),
      onChange: () => undefined,
    })
    drafts.changed()
    await drafts.flush()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(server.drafts).toEqual([])
    expect(drafts.state.behind).toBe(false)
  })

  test('(D2) the numbers rise, after a reload and a clock that stands still too', async () => {
    const first = work()
    first.write()
    await first.drafts.flush()
    first.write()
    await first.drafts.flush()
    await vi.advanceTimersByTimeAsync(10)
    const second = work()
    second.write()
    await second.drafts.flush()
    const seqs = server.drafts.map(({ seq }) => seq)
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
    expect(new Set(seqs).size).toBe(3)
  })

  test('(D2) they rise where the clock was set back, too: the server would drop the lower ones', async () => {
    const seq = Date.now() + 3_600_000
    const mine = work({ answer: {}, device: 'dev_a', seq, saved_at: new Date().toISOString() })
    mine.write()
    await mine.drafts.flush()
    expect(server.drafts.at(-1)?.seq).toBe(seq + 1)
  })

  test('(D3) what the device could not keep is not lost to what it kept before', async () => {
    const { drafts, device, write } = work()
    write()
    await drafts.flush()
    device.keeps = false
    write()
    await drafts.flush()
    const [kept, unkept] = server.drafts
    expect(kept?.device).toBe('dev_a')
    // After a reload: the full disk has the work of before, the server has all of it.
    const local = { answer: kept?.answer as Answer, savedAt: Date.now() - 5_000 }
    const there = { answer: unkept?.answer as Answer, device: unkept?.device as string, seq: 2, saved_at: new Date().toISOString() }
    expect(chooseWork(local, there, 'dev_a').use?.answer).toEqual({ note: '2' })
  })

  test('(D4) a server that is away gets the draft when it is back', async () => {
    const { drafts, write } = work()
    server.failure = 'down'
    write()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(drafts.state).toMatchObject({ behind: true, savedAt: null })
    server.failure = null
    await vi.advanceTimersByTimeAsync(30_000)
    expect(server.drafts.at(-1)?.answer).toEqual({ note: '1' })
    expect(drafts.state.behind).toBe(false)
  })

  test('a task that is somebody else’s now gets no more drafts', async () => {
    const { drafts, write } = work()
    server.supersede('slt_1')
    write()
    await vi.advanceTimersByTimeAsync(2000)
    expect(drafts.state.refused?.code).toBe('superseded')
    const asked = server.seen.length
    write()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(server.seen.length).toBe(asked)
  })
})

describe('which work a task opens with (D3)', () => {
  const at = (ms: number) => new Date(ms).toISOString()
  const [here, there]: Answer[] = [{ note: 'here' }, { note: 'there' }]
  const draft = (device: string, ms: number) => ({ answer: there as Answer, saved_at: at(ms), device, seq: 1 })

  test.each([
    ['nothing anywhere', null, null, null, null],
    ['only here', 5, null, 'device', null],
    ['only there', null, draft('dev_b', 5), 'server', null],
    ['this device’s own draft, whatever the clocks say', 5, draft('dev_a', 9), 'device', null],
    ['another device was later', 5, draft('dev_b', 9), 'server', 'device'],
    ['another device was earlier', 9, draft('dev_b', 5), 'device', 'server'],
  ] as const)('%s', (_name, local, remote, use, other) => {
    const choice = chooseWork(local === null ? null : { answer: here as Answer, savedAt: local }, remote, 'dev_a')
    expect(choice.use?.from ?? null).toBe(use)
    expect(choice.other?.from ?? null).toBe(other)
  })

  test('two that say the same are not offered twice', () => {
    const local = { answer: { note: 'there', choices: [] }, savedAt: 1 }
    expect(chooseWork(local, draft('dev_b', 5), 'dev_a').other).toBe(null)
    expect(sameAnswer({ attributes: { a: false } }, {})).toBe(false)
  })
})

describe('the time worked', () => {
  const minute = 60_000

  test('counts while there is input, and two minutes after the last', () => {
    const meter = new ActiveMeter(0, 0, true)
    meter.input(minute)
    expect(meter.read(2 * minute)).toBe(2 * minute)
    expect(meter.read(60 * minute)).toBe(3 * minute)
    meter.input(60 * minute)
    expect(meter.read(61 * minute)).toBe(4 * minute)
  })

  test('does not count while the page is not to be seen', () => {
    const meter = new ActiveMeter(5000, 0, true)
    meter.visible(minute, false)
    expect(meter.read(30 * minute)).toBe(5000 + minute)
    meter.visible(30 * minute, true)
    expect(meter.read(31 * minute)).toBe(5000 + minute)
    meter.input(31 * minute)
    expect(meter.read(32 * minute)).toBe(5000 + 2 * minute)
  })
})
