import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { Journal } from '../../src/features/queue/journal'
import type { Claim } from '../../src/features/queue/model'
import { type Place, forgetPerson, openPlace } from '../../src/features/queue/place'
import { FakeServer } from './fake'

const claim = (new FakeServer(1).slots.get('slt_1') as { claim: Claim }).claim
const box = (x: number) => ({ id: 'a', x })
const diff = (before: unknown, after: unknown, id = 'a') => new Map([[id, [before, after]] as const])

let place: Place
beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory()
  place = await openPlace('org_1', 'per_1')
})

describe('the journal', () => {
  test('(J2) a tab killed after a change comes back to the change', async () => {
    const journal = new Journal(place)
    journal.begin(claim, 'sub_1', new Map([['base', 1]]), null)
    await journal.append('slt_1', diff(null, box(1)))
    await journal.append('slt_1', diff(box(1), box(2)))
    await journal.append('slt_1', diff(null, box(3), 'b'))
    // The tab dies: nothing is closed or flushed. Another one reads.
    const work = await new Journal(await openPlace('org_1', 'per_1')).restore('slt_1')
    expect(work?.submission).toBe('sub_1')
    expect([...(work?.records ?? [])]).toEqual([['base', 1], ['a', box(2)], ['b', box(3)]])
    expect(work?.steps.length).toBe(3)
  })

  test('(J1) a change is on its way before the call returns', async () => {
    const journal = new Journal(place)
    journal.begin(claim, 'sub_1', new Map(), null)
    // Nobody waits, as in a page that is killed: the database has the writes in its queue.
    void journal.append('slt_1', diff(null, box(1)))
    void journal.append('slt_1', diff(box(1), null))
    void journal.append('slt_1', diff(null, box(9)))
    expect((await new Journal(place).restore('slt_1'))?.records.get('a')).toEqual(box(9))
  })

  test('(J3) what was only looked at leaves nothing', async () => {
    const journal = new Journal(place)
    journal.begin(claim, 'sub_1', new Map([['base', 1]]), null)
    await journal.touch('slt_1', 5000)
    expect(await journal.restore('slt_1')).toBe(null)
  })

  test('work goes on after a reload, under the same submission id and with the time worked', async () => {
    const first = new Journal(place)
    first.begin(claim, 'sub_1', new Map(), null)
    await first.append('slt_1', diff(null, box(1)))
    await first.touch('slt_1', 7000)
    const second = new Journal(place)
    const work = await second.restore('slt_1')
    second.begin(claim, work?.submission ?? '', work?.records ?? new Map(), work)
    await second.append('slt_1', diff(box(1), box(2)))
    const third = await new Journal(place).restore('slt_1')
    expect(third).toMatchObject({ submission: 'sub_1', activeMs: 7000 })
    expect(third?.records.get('a')).toEqual(box(2))
  })

  test('many changes are compacted and add up', async () => {
    const journal = new Journal(place)
    journal.begin(claim, 'sub_1', new Map(), null)
    for (let i = 0; i < 700; i++) await journal.append('slt_1', diff(i === 0 ? null : box(i - 1), box(i)))
    expect(await place.db.count('changes')).toBeLessThan(257)
    expect((await journal.restore('slt_1'))?.records.get('a')).toEqual(box(699))
  })

  test('(J4) closing leaves nothing of this slot, and the others alone', async () => {
    const journal = new Journal(place)
    const other = { ...claim, slot: 'slt_2' }
    journal.begin(claim, 'sub_1', new Map(), null)
    journal.begin(other, 'sub_2', new Map(), null)
    await journal.append('slt_1', diff(null, box(1)))
    await journal.append('slt_2', diff(null, box(2)))
    await journal.append('slt_2', diff(box(2), box(3)))
    await journal.close('slt_1')
    expect(await journal.restore('slt_1')).toBe(null)
    expect((await journal.restore('slt_2'))?.records.get('a')).toEqual(box(3))
  })

  test('(J5) a write that fails is told, and the next one carries everything', async () => {
    const journal = new Journal(place)
    journal.begin(claim, 'sub_1', new Map(), null)
    await journal.append('slt_1', diff(null, box(1)))
    const broken = vi.spyOn(place.db, 'transaction').mockImplementation(() => {
      throw new Error('the disk is full')
    })
    await journal.append('slt_1', diff(box(1), box(2)))
    expect(journal.failed?.message).toBe('the disk is full')
    broken.mockRestore()
    await journal.append('slt_1', diff(null, box(5), 'b'))
    expect(journal.failed).toBe(null)
    expect([...((await journal.restore('slt_1'))?.records ?? [])]).toEqual([['a', box(2)], ['b', box(5)]])
  })

  test('(J6) what is a month old is let go of, what is younger stays', async () => {
    const journal = new Journal(place)
    journal.begin(claim, 'sub_1', new Map(), null)
    await journal.append('slt_1', diff(null, box(1)))
    const day = 24 * 3_600_000
    await journal.sweep(Date.now() + 99 * day)
    await journal.sweep(Date.now() + 999 * day)
    expect(await journal.restore('slt_1'), 'what is in hand is not old').not.toBe(null)
    const later = new Journal(place)
    for (const days of [29, 31, 37]) {
      await later.sweep(Date.now() + days * day)
      expect(await later.restore('slt_1')).not.toBe(null)
    }
    await later.sweep(Date.now() + 39 * day)
    expect(await later.restore('slt_1')).toBe(null)
  })

  test('(J6) a clock that was years off loses nothing', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2015-01-01') })
    const journal = new Journal(place)
    journal.begin(claim, 'sub_1', new Map(), null)
    await journal.append('slt_1', diff(null, box(1)))
    vi.useRealTimers()
    await new Journal(place).sweep(Date.now())
    await new Journal(place).sweep(Date.now() + 60_000)
    expect(await new Journal(place).restore('slt_1')).not.toBe(null)
  })

  test('(J5) what could not be written is, when the time is next taken down, with all that is missing', async () => {
    const journal = new Journal(place)
    journal.begin(claim, 'sub_1', new Map(), null)
    await journal.append('slt_1', diff(null, box(1)))
    const full = vi.spyOn(place.db, 'transaction').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    await journal.append('slt_1', diff(box(1), box(2)))
    expect(journal.failed).not.toBe(null)
    full.mockRestore()
    await journal.touch('slt_1', 1000)
    expect(journal.failed).toBe(null)
    expect((await new Journal(place).restore('slt_1'))?.records.get('a')).toEqual(box(2))
  })

  test('(P2) one person is wiped, another is not', async () => {
    const other = await openPlace('org_1', 'per_2')
    for (const [at, slot] of [[place, 'slt_1'], [other, 'slt_1']] as const) {
      const journal = new Journal(at)
      journal.begin(claim, 'sub_1', new Map(), null)
      await journal.append(slot, diff(null, box(1)))
    }
    place.db.close()
    await forgetPerson('per_1')
    expect(await new Journal(await openPlace('org_1', 'per_1')).restore('slt_1')).toBe(null)
    expect(await new Journal(other).restore('slt_1')).not.toBe(null)
  })
})
