import { describe, expect, it } from 'vitest'
import { ApiError } from '../src/api/errors'
import type { Upload } from '../src/api/types'
import { CONCURRENCY, type Door, PIECE_BYTES, UploadQueue } from '../src/features/data/uploads'
import { sortFiles } from '../src/features/data/files'

const file = (name: string, bytes: number) => Object.assign(new Blob([new Uint8Array(bytes)]), { name, lastModified: 1 })
const drop = (name: string, bytes = 10) => ({ externalId: name, file: file(name, bytes) })
const settle = async (queue: UploadQueue, test: () => boolean) => {
  for (let n = 0; n < 200 && !test(); n += 1) await new Promise((go) => setTimeout(go, 10))
  await new Promise((go) => setTimeout(go, 260))
  return queue.get()
}

/** A server that remembers how far each file came. */
class Server implements Door {
  offsets = new Map<string, number>()
  finished = new Set<string>()
  calls: string[] = []
  now = 0
  most = 0
  fail: (call: string) => void = () => {}
  slow = 0

  async #call<T>(name: string, act: () => T): Promise<T> {
    this.calls.push(name)
    this.now += 1
    this.most = Math.max(this.most, this.now)
    await new Promise((go) => setTimeout(go, this.slow))
    this.now -= 1
    this.fail(name)
    return act()
  }
  #state = (id: string): Upload => ({ id, offset: this.offsets.get(id) ?? 0, state: this.finished.has(id) ? 'done' : 'open', item: null, problem: null })
  open = ({ external_id }: { external_id: string }, _: AbortSignal) => this.#call(`open ${external_id}`, () => this.#state(external_id))
  send = (id: string, offset: number, piece: Blob, signal: AbortSignal) =>
    this.#call(`send ${id} ${offset}`, () => {
      if (signal.aborted) throw new DOMException('', 'AbortError')
      const right = this.offsets.get(id) ?? 0
      if (right !== offset) throw new ApiError({ status: 409, code: 'wrong_offset', message: 'no', details: { offset: right } })
      this.offsets.set(id, offset + piece.size)
      return this.#state(id)
    })
  finish = (id: string, _: AbortSignal) => this.#call(`finish ${id}`, () => {
      this.finished.add(id)
      return this.#state(id)
    })
}

const broken = () => new ApiError({ status: 0, code: 'offline', message: 'away' })
const quick = async () => {}

describe('a queue of uploads', () => {
  it('(U5) leaves parts where they are, and reads their list when all have come', async () => {
    const server = new Server()
    server.slow = 5
    const queue = new UploadQueue(server, quick)
    const begun: string[][] = []
    const list = (name: string, needs: string[]) => ({ ...drop(name), needs, begin: async (upload: string) => void begun.push([upload, ...server.offsets.keys()]) })
    let isBroken = true
    server.fail = (call) => {
      if (call === 'send c 0' && isBroken) throw new ApiError({ status: 422, code: 'bad', message: 'no' })
    }
    const parts = ['a', 'b', 'c'].map((name) => ({ ...drop(name), part: true }))
    queue.add([list('good', ['a', 'b']), ...parts, list('waits', ['a', 'c'])])
    const { entries, totals } = await settle(queue, () => !queue.get().totals.moving && queue.get().totals.done === 3)
    expect(begun).toEqual([['good', 'a', 'b', 'good']])
    expect(server.finished.size).toBe(0)
    expect(totals).toMatchObject({ done: 3, failed: 2, moving: false })
    expect(entries.find(({ name }) => name === 'waits')?.problem).toBe('It waits for files that did not arrive')
    isBroken = false
    queue.retry()
    await settle(queue, () => begun.length === 2)
    expect(begun[1]).toEqual(['waits', 'a', 'b', 'good', 'c', 'waits'])
  })

  it('(U1) brings over many files, a few at a time, in pieces', async () => {
    const server = new Server()
    const queue = new UploadQueue(server, quick)
    queue.add([drop('big', PIECE_BYTES * 2 + 5), ...Array.from({ length: 20 }, (_, n) => drop(`f${n}`))])
    const { totals } = await settle(queue, () => server.finished.size === 21)
    expect(totals).toMatchObject({ files: 21, done: 21, moving: false, sent: totals.bytes })
    expect(server.most).toBeLessThanOrEqual(CONCURRENCY)
    expect(server.calls.filter((call) => call.startsWith('send big'))).toEqual(['send big 0', `send big ${PIECE_BYTES}`, `send big ${PIECE_BYTES * 2}`])
  })
  it('(U2) goes on where an earlier page left off, and skips what is there', async () => {
    const server = new Server()
    server.offsets.set('half', PIECE_BYTES)
    server.finished.add('there')
    const queue = new UploadQueue(server, quick)
    queue.add([drop('half', PIECE_BYTES + 7), drop('there')])
    const { entries } = await settle(queue, () => server.finished.has('half'))
    expect(server.calls.filter((call) => call.startsWith('send'))).toEqual([`send half ${PIECE_BYTES}`])
    expect(entries.find((entry) => entry.externalId === 'there')).toMatchObject({ state: 'done', known: true })
  })
  it('(U3) takes the right offset from the server', async () => {
    const server = new Server()
    const queue = new UploadQueue(server, quick)
    const open = server.open
    server.open = async (each, signal) => ({ ...(await open(each, signal)), offset: 0 })
    server.offsets.set('a', 4)
    queue.add([drop('a', 9)])
    expect((await settle(queue, () => server.finished.has('a'))).totals.done).toBe(1)
  })
  it('(U3) tries again when the way breaks, and gives up in the end with the reason', async () => {
    const server = new Server()
    let left = 3
    server.fail = (call) => {
      if (call === 'open never') throw broken()
      if (call.startsWith('send shaky') && left-- > 0) throw broken()
      if (call === 'finish bad') throw new ApiError({ status: 422, code: 'not_a_picture', message: 'This is not a picture.' })
    }
    const queue = new UploadQueue(server, quick)
    queue.add([drop('shaky'), drop('never'), drop('bad'), drop('good')])
    const { entries, totals } = await settle(queue, () => server.finished.size === 2 && queue.get().totals.failed === 2)
    expect(totals).toMatchObject({ done: 2, failed: 2, moving: false })
    expect(entries.find((entry) => entry.externalId === 'bad')?.problem).toBe('This is not a picture.')
    expect(server.calls.filter((call) => call === 'finish bad')).toHaveLength(1)
    server.fail = () => {}
    queue.retry()
    expect((await settle(queue, () => server.finished.size === 4)).totals).toMatchObject({ done: 4, failed: 0 })
  })
  it('(U4) pauses at once, goes on, cancels and clears', async () => {
    const server = new Server()
    server.slow = 15
    const queue = new UploadQueue(server, quick)
    queue.add(Array.from({ length: 12 }, (_, n) => drop(`f${n}`)))
    await new Promise((go) => setTimeout(go, 20))
    queue.pause()
    const held = await settle(queue, () => false)
    const calls = server.calls.length
    expect(held.totals).toMatchObject({ paused: true, moving: true })
    await new Promise((go) => setTimeout(go, 60))
    expect(server.calls.length).toBe(calls)
    queue.cancel('f11')
    queue.resume()
    const { totals } = await settle(queue, () => server.finished.size === 11)
    expect(totals).toMatchObject({ done: 11, canceled: 1, moving: false })
    queue.clear()
    await new Promise((go) => setTimeout(go, 260))
    expect(queue.get().entries).toEqual([])
  })
  it('takes the same file once', () => {
    const queue = new UploadQueue(new Server(), quick)
    queue.pause()
    expect([queue.add([drop('a'), drop('b')]), queue.add([drop('a')])]).toEqual([2, 0])
  })
})

it('sorts what was dropped', () => {
  const paths = ['/shots/10.jpg', '/shots/9.JPG', '/shots/.DS_Store', '/__MACOSX/x.jpg', '/shots/notes.docx', '/list.jsonl']
  const sorted = sortFiles(paths.map((path) => ({ path, file: new File([], path) })), 'image')
  expect(sorted.wanted.map((each) => each.externalId)).toEqual(['shots/9.JPG', 'shots/10.jpg'])
  expect(sorted.manifests).toHaveLength(1)
  expect(sorted.skipped).toEqual(['shots/notes.docx'])
})
