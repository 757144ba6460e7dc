import { beforeEach, describe, expect, test, vi } from 'vitest'
import { Bitmaps } from '../../src/features/workbench/render/bitmaps'

let asked: Map<string, () => void>
let bitmaps: Bitmaps
beforeEach(() => {
  asked = new Map()
  bitmaps = new Bitmaps()
  vi.stubGlobal('createImageBitmap', () => Promise.resolve({ width: 10, height: 10, close: () => undefined }))
  vi.stubGlobal('fetch', (url: string, { signal }: { signal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      asked.set(url, () => resolve({ ok: true, blob: () => Promise.resolve(null) }))
      signal.addEventListener('abort', () => reject(signal.reason))
    }))
})
const settled = () => new Promise((go) => setTimeout(go))
const arrive = async (url: string) => {
  asked.get(url)?.()
  await settled()
}

describe('pictures on their way (W192)', () => {
  test('those of the next task leave room for what the page asks, and for the picture that is looked at', async () => {
    for (let i = 0; i < 12; i += 1) void bitmaps.load(`ahead-${i}`, undefined, 'ahead')
    await settled()
    expect([...asked.keys()]).toEqual(['ahead-0', 'ahead-1'])
    for (let i = 0; i < 6; i += 1) void bitmaps.load(`now-${i}`)
    await settled()
    expect([...asked.keys()].slice(2)).toEqual(['now-0', 'now-1'])
    await arrive('ahead-0')
    await arrive('now-0')
    expect([...asked.keys()].slice(4)).toEqual(['now-2', 'now-3'])
  })
  test('what was to come later and is looked at now comes before the others', async () => {
    for (let i = 0; i < 4; i += 1) void bitmaps.load(`ahead-${i}`, undefined, 'ahead')
    const wanted = bitmaps.load('ahead-3')
    await settled()
    expect([...asked.keys()]).toEqual(['ahead-0', 'ahead-1', 'ahead-3'])
    await arrive('ahead-3')
    expect((await wanted).width).toBe(10)
  })
  test('who gives up gives up for themselves, and the last one for all', async () => {
    const [one, other] = [new AbortController(), new AbortController()]
    const first = bitmaps.load('shared', one.signal)
    const second = bitmaps.load('shared', other.signal)
    await settled()
    one.abort()
    await expect(first).rejects.toThrow()
    await arrive('shared')
    expect((await second).width).toBe(10)
    const alone = bitmaps.load('alone', other.signal)
    await settled()
    other.abort()
    await expect(alone).rejects.toThrow()
    // It is asked for anew: nothing is left of what was given up.
    asked.delete('alone')
    void bitmaps.load('alone')
    await settled()
    expect(asked.has('alone')).toBe(true)
  })
})
