import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Thread } from '../../src/api/types'
import { NEW, Talk, pinsOf, waitsForContributor } from '../../src/features/comments/talk'
import { taken } from '../../src/features/workbench/Rework'
import { type Place, openPlace } from '../../src/features/queue/place'

const thread = (id: string, more: Partial<Thread> = {}): Thread => ({
  id, answer: 'ans_1', state: 'open', began: 'reviewer', pin: {}, comments: [{ id, side: 'reviewer', own: false, name: null, text: 'look', at: '2026-01-01T00:00:00.000Z' }], ...more,
})

interface Sent { path: string; body: unknown }

describe('what is written is kept, and sent once (K1, K2)', () => {
  let place: Place
  let sent: Sent[]
  let reply: () => Response

  beforeEach(async () => {
    place = await openPlace(`org_${Math.random()}`, 'per_1')
    sent = []
    reply = () => Response.json(thread('cmt_1'))
    vi.stubGlobal('window', Object.assign(new EventTarget(), { setTimeout, clearTimeout }))
    vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: true }))
    vi.stubGlobal('fetch', async (path: string, { body }: { body: string }) => {
      sent.push({ path, body: JSON.parse(body) })
      return reply()
    })
  })
  afterEach(() => vi.unstubAllGlobals())

  const opened = async () => {
    const talk = new Talk(place, 'ans_1', [])
    await talk.start(() => {})
    return talk
  }
  const until = async (fact: () => boolean) => {
    await vi.waitFor(() => expect(fact()).toBe(true), 10_000)
  }

  test('a draft is there again after the tab has died', async () => {
    const first = await opened()
    first.write(NEW, { text: 'half a sent', pin: { object: 'a' } })
    first.write('cmt_9', { text: 'no', pin: null })
    const second = await opened()
    expect(second.state.drafts).toEqual({ [NEW]: { text: 'half a sent', pin: { object: 'a' } }, cmt_9: { text: 'no', pin: null } })
    first.close()
    second.close()
  })

  test('what found no server goes out with the next tab, under the same submission', async () => {
    reply = () => {
      throw new TypeError('no route')
    }
    const first = await opened()
    first.write(NEW, { text: 'tighter', pin: null })
    expect(first.send(NEW)).toBe(true)
    expect(first.send(NEW)).toBe(false)
    await until(() => sent.length === 1)
    first.close()
    reply = () => Response.json(thread('cmt_1'))
    const second = await opened()
    await until(() => second.state.threads.length === 1)
    expect(sent.map(({ path }) => path)).toEqual([sent[0]?.path, sent[0]?.path])
    expect(second.state.sending).toEqual([])
    await vi.waitFor(async () => expect(await place.db.get('facts', 'talk/ans_1')).toBeUndefined(), 10_000)
    second.close()
  })

  test('what the server refuses goes back to where it was written', async () => {
    reply = () => Response.json({ error: { code: 'too_many_comments', message: 'enough was said' } }, { status: 409 })
    const talk = await opened()
    talk.write(NEW, { text: 'and another thing', pin: null })
    talk.send(NEW)
    await until(() => talk.state.failure !== null)
    expect(talk.state.drafts[NEW]?.text).toBe('and another thing')
    expect(talk.state.sending).toEqual([])
    talk.close()
  })
})

describe('threads', () => {
  test('one waits for its contributor while it is open and theirs is not the last word', () => {
    const replied = thread('a', { comments: [...thread('a').comments, { id: 'b', side: 'contributor', own: true, name: null, text: 'so?', at: '' }] })
    expect([thread('a'), replied, thread('a', { state: 'done' }), thread('a', { began: 'contributor' })].map(waitsForContributor)).toEqual([true, false, false, false])
  })

  test('a thread about the whole answer has no pin, a draft has one before it is sent', () => {
    const pins = pinsOf({ threads: [thread('a'), thread('b', { pin: { passage: [3, 9] } })], drafts: { [NEW]: { text: '', pin: { region: { x: 1, y: 2 } } } }, sending: [], failure: null })
    expect(pins.map(({ id, number, at }) => [id, number, at])).toEqual([
      ['b', 2, { left: 3, top: 0, right: 9, bottom: 1 }],
      [NEW, 3, { left: 1, top: 2, right: 1, bottom: 2 }],
    ])
  })

  test('one change is taken, and nothing else', () => {
    const box = (id: string, x: number) => ({ id, class: 'car', shape: { type: 'box', x, y: 0, width: 9, height: 9 } }) as never
    const now = { objects: [box('a', 1), box('b', 2)], choices: ['rain'] }
    const to = { objects: [box('a', 5), box('c', 7)], choices: ['sun'] }
    expect(taken(now, to, { id: 'a', of: null }).objects).toEqual([box('a', 5), box('b', 2)])
    expect(taken(now, to, { id: 'b', of: null }).objects).toEqual([box('a', 1)])
    expect(taken(now, to, { id: 'c', of: null }).objects).toEqual([box('a', 1), box('b', 2), box('c', 7)])
    expect(taken(now, to, { id: ':choices', of: 'choices' })).toEqual({ ...now, choices: ['sun'] })
  })
})
