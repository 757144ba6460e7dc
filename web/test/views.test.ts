import { describe, expect, test } from 'vitest'
import { ApiError } from '../src/api/errors'
import { type Door, Kept } from '../src/features/kept'
import { Views, isEmpty, isSame, readViews } from '../src/features/views/views'

/** A server that keeps entries, and may be away or refuse. */
class Server implements Door {
  entries = new Map<string, unknown>()
  calls: string[] = []
  fail: ApiError | null = null
  before: () => Promise<void> = async () => {}

  async #call<T>(name: string, act: () => T): Promise<T> {
    this.calls.push(name)
    await this.before()
    if (this.fail !== null) throw this.fail
    return act()
  }
  all = () => this.#call('all', () => ({ entries: [...this.entries].map(([entry, value]) => ({ entry, value })) }))
  put = (entry: string, value: unknown) => this.#call(`put ${entry}`, () => void this.entries.set(entry, value))
  remove = (entry: string) => this.#call(`remove ${entry}`, () => void this.entries.delete(entry))
}

class Disk {
  readonly kept = new Map<string, string>()
  getItem = (key: string) => this.kept.get(key) ?? null
  setItem = (key: string, value: string) => void this.kept.set(key, value)
}

const away = new ApiError({ status: 0, code: 'offline', message: 'away' })
const settled = async (kept: Kept) => {
  await kept.sync()
  await kept.sync()
}

describe('what a person keeps (W170–W172)', () => {
  test('is here at once, without the network and after a reload, and on the next device later', async () => {
    const [server, disk] = [new Server(), new Disk()]
    server.fail = away
    const here = new Kept('a', server, disk)
    here.set('look', ['rulers'])
    await settled(here)
    expect(here.get('look')).toEqual(['rulers'])
    const again = new Kept('a', server, disk)
    expect([again.get('look'), again.isWaiting]).toEqual([['rulers'], true])
    server.fail = null
    await settled(again)
    expect([again.isWaiting, server.entries.get('look')]).toEqual([false, ['rulers']])
    const elsewhere = new Kept('a', server, new Disk())
    await settled(elsewhere)
    expect(elsewhere.get('look')).toEqual(['rulers'])
    elsewhere.set('look', null)
    await settled(elsewhere)
    await settled(again)
    expect(again.get('look')).toBeNull()
  })

  test('what was changed here wins until it is sent; a change on the way is not lost', async () => {
    const server = new Server()
    server.entries.set('x', 'theirs')
    const kept = new Kept('a', server, new Disk())
    let isFirst = true
    server.before = async () => {
      await Promise.resolve()
      if (isFirst && server.calls.at(-1) === 'put x') {
        isFirst = false
        kept.set('x', 'second')
      }
    }
    kept.set('x', 'first')
    expect(kept.get('x')).toBe('first')
    await settled(kept)
    expect([kept.get('x'), server.entries.get('x')]).toEqual(['second', 'second'])
  })

  test('what is refused is given up and said', async () => {
    const [server, said] = [new Server(), [] as string[]]
    const kept = new Kept('a', server, new Disk(), (message) => said.push(message))
    server.put = async () => {
      throw new ApiError({ status: 409, code: 'too_many_kept', message: 'remove some' })
    }
    kept.set('x', 1)
    await settled(kept)
    expect([kept.get('x'), kept.isWaiting, said]).toEqual([null, false, ['remove some']])
  })
})

describe('saved views (W173)', () => {
  const views = () => new Views(new Kept('a', new Server(), new Disk()), 'prj_1', 'tasks')

  test('what is no view is left out, whatever was kept', () => {
    expect(readViews(null)).toEqual([])
    expect(readViews('{')).toEqual([])
    expect(readViews('{}')).toEqual([])
    const view = { name: 'a', filter: { state: 'done' } }
    expect(readViews(JSON.stringify([view, { name: '', filter: {} }, { name: 'b' }, { name: 'c', filter: { q: 1 } }, null, 3]))).toEqual([view])
  })

  test('one of the same name is replaced, and the oldest makes room', () => {
    const own = views()
    for (const [name, state] of [['a', 'done'], ['b', 'done'], ['a', 'queued']] as const) own.save({ name, filter: { state } })
    expect(own.state).toContainEqual({ name: 'a', filter: { state: 'queued' } })
    expect(own.state).toHaveLength(2)
    for (let n = 0; n < 40; n += 1) own.save({ name: `v${n}`, filter: { state: 'done' } })
    expect(own.state).toHaveLength(30)
    own.remove('v39')
    expect(own.state.some(({ name }) => name === 'v39')).toBe(false)
  })

  test('two devices that save different views keep both; of one name the later is shown', async () => {
    const server = new Server()
    const devices = [0, 1].map(() => new Kept('a', server, new Disk()))
    const [one, two] = devices.map((kept) => new Views(kept, 'prj_1', 'tasks')) as [Views, Views]
    one.save({ name: 'mine', filter: { q: '1' } })
    two.save({ name: 'theirs', filter: { q: '2' } })
    one.save({ name: 'both', filter: { q: 'early' } })
    await new Promise((go) => setTimeout(go, 3))
    two.save({ name: 'both', filter: { q: 'late' } })
    for (const kept of [...devices, ...devices]) await settled(kept)
    for (const each of [one, two]) {
      expect(each.state.map(({ name }) => name).sort()).toEqual(['both', 'mine', 'theirs'])
      expect(each.state.find(({ name }) => name === 'both')?.filter).toEqual({ q: 'late' })
    }
  })

  test('an empty filter filters by nothing', () => {
    expect(isSame({ q: 'a', state: '' }, { q: 'a' })).toBe(true)
    expect(isSame({ q: 'a' }, { q: 'b' })).toBe(false)
    expect(isEmpty({ q: '' })).toBe(true)
  })
})
