import { describe, expect, test } from 'vitest'
import { bestMatch, Follower, type Grey, sampled } from '../../src/canvas/kernels/match'
import { clock, frameAt, keyBefore, middleOf, readTable, secondsAt } from '../../src/features/workbench/video/table'
import { bounded, fitted, revealing, stepOf, zoomed } from '../../src/features/workbench/video/timeline'

/** A table as the server writes it (`docs/spec/frames.md`). */
function written(samples: readonly { readonly offset: number; readonly bytes: number; readonly time: number; readonly key?: boolean; readonly shown?: boolean }[], description: readonly number[] = []): ArrayBuffer {
  const out: number[] = [...new TextEncoder().encode('fmf1')]
  const put = (value: number) => {
    let rest = value
    while (rest >= 128) {
      out.push((rest % 128) + 128)
      rest = Math.floor(rest / 128)
    }
    out.push(rest)
  }
  const signed = (value: number) => put(value >= 0 ? value * 2 : -value * 2 - 1)
  const header = new TextEncoder().encode(JSON.stringify({ media_type: 'video/mp4', codec: 'avc1.64001f', width: 640, height: 360, rotation: 0, timescale: 1000, samples: samples.length, frames: 0 }))
  put(header.length)
  out.push(...header)
  put(description.length)
  out.push(...description)
  let [time, end] = [0, 0]
  for (const sample of samples) {
    put(sample.bytes * 4 + (sample.shown === false ? 0 : 2) + (sample.key === true ? 1 : 0))
    signed(sample.time - time)
    signed(sample.offset - end)
    time = sample.time
    end = sample.offset + sample.bytes
  }
  return Uint8Array.from(out).buffer
}

describe('the table of frames', () => {
  const table = readTable(
    written(
      [
        { offset: 5_000_000_000, bytes: 70_000, time: 0, key: true },
        // Shown after the two that follow it, and one is never shown.
        { offset: 48, bytes: 1, time: 120 },
        { offset: 49, bytes: 2, time: 40 },
        { offset: 60, bytes: 3, time: 60, shown: false },
        { offset: 70, bytes: 4, time: 80 },
        { offset: 100, bytes: 9, time: 160, key: true },
      ],
      [1, 2, 3],
    ),
  )

  test('is read as it was written (F1, F2)', () => {
    expect([table.codec, table.width, table.timescale, [...table.description]]).toEqual(['avc1.64001f', 640, 1000, [1, 2, 3]])
    expect(table.count).toBe(5)
    expect([...table.sampleOf]).toEqual([0, 2, 4, 1, 5])
    expect([...table.frameOf]).toEqual([0, 3, 1, -1, 2, 4])
    expect([table.offsets[0], table.bytes[0], table.offsets[1], table.offsets[5]]).toEqual([5_000_000_000, 70_000, 48, 100])
  })

  test('is sorted by time however far from there pictures are stored, and of equal times as stored', () => {
    const times = Array.from({ length: 400 }, (_, i) => (i < 200 ? 4000 - 10 * i : 2000 - 10 * (i >> 1)))
    const { sampleOf } = readTable(written(times.map((time, i) => ({ offset: 8 * i, bytes: 8, time, key: true }))))
    const want = times.map((_, i) => i).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b)
    expect([...sampleOf]).toEqual(want)
  })

  test('knows when each frame is shown, and which is shown when (F3, F4)', () => {
    expect([0, 1, 2, 3, 4].map((frame) => secondsAt(table, frame))).toEqual([0, 0.04, 0.08, 0.12, 0.16])
    expect([-1, 0, 0.039, 0.04, 0.1, 9].map((seconds) => frameAt(table, seconds))).toEqual([0, 0, 0, 1, 2, 4])
    for (let frame = 0; frame < table.count; frame++) expect(frameAt(table, middleOf(table, frame))).toBe(frame)
    expect([keyBefore(table, 4), keyBefore(table, 5)]).toEqual([0, 5])
    expect([clock(65.4849), clock(3725.5), clock(0)]).toEqual(['1:05.48', '1:02:05.50', '0:00.00'])
  })

  test('that is cut short or none is refused', () => {
    const whole = written([{ offset: 0, bytes: 300, time: 0, key: true }])
    expect(() => readTable(whole.slice(0, whole.byteLength - 1))).toThrow('cut short')
    expect(() => readTable(new TextEncoder().encode('<!doctype html>').buffer)).toThrow('cannot be read')
  })

  test('of two hours is read in a moment', () => {
    const long = written(Array.from({ length: 216_000 }, (_, i) => ({ offset: 48 + i * 2_000, bytes: 2_000, time: i * 33, key: i % 250 === 0 })))
    const start = process.cpuUsage()
    const read = readTable(long)
    const { user } = process.cpuUsage(start)
    expect(read.count).toBe(216_000)
    expect(user / 1000).toBeLessThan(1_000)
  })
})

describe('the timeline', () => {
  test('shows the whole video, zooms about a place, and stays on the video', () => {
    const all = fitted(216_000, 900)
    expect(all.perFrame).toBeCloseTo(900 / 216_000, 12)
    const near = zoomed(all, 1e9, 450, 216_000, 900)
    expect(near.perFrame).toBe(24)
    expect(near.from + 450 / 24).toBeCloseTo(108_000, 6)
    expect(zoomed(near, 1e-9, 450, 216_000, 900)).toEqual(all)
    expect(bounded({ from: 215_999, perFrame: 24 }, 216_000, 900).from).toBeCloseTo(216_000 - 900 / 24, 9)
    expect(revealing(near, 108_001, 216_000, 900)).toBe(near)
    const moved = revealing(near, 5_000, 216_000, 900)
    expect((5_000.5 - moved.from) * moved.perFrame).toBeCloseTo(40, 6)
    expect([24, 10, 1, 0.01].map((perFrame) => stepOf(perFrame))).toEqual([5, 10, 100, 10_000])
  })
})

/** A picture of noise that is the same for the same seed, with a motley square at a place. */
function picture(x: number, y: number, gain = 1): Grey {
  const [width, height] = [200, 120]
  const data = new Float32Array(width * height)
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      const [u, v] = [i - x, j - y]
      const isInside = u >= 0 && v >= 0 && u < 30 && v < 24
      const value = isInside ? 90 + 60 * Math.sin(u * 0.7) * Math.cos(v * 0.9) + 3 * u : 60 + 12 * Math.sin(i * 0.31) + 9 * Math.cos(j * 0.23)
      data[j * width + i] = value * gain
    }
  }
  return { width, height, data }
}

describe('the tracker', () => {
  test('finds a piece where it is, between pixels and in another light', () => {
    const piece = sampled(picture(40, 30), 40, 30, 30, 24, { width: 30, height: 24 })
    const found = bestMatch(piece, picture(52, 37, 0.6))
    expect(found?.x).toBeCloseTo(52, 0)
    expect(found?.y).toBeCloseTo(37, 0)
    expect(found?.score).toBeGreaterThan(0.98)
    const even = { width: 30, height: 24, data: new Float32Array(720).fill(5) }
    expect(bestMatch(even, picture(0, 0))).toBeNull()
  })

  test('follows what moves, and stops where it is gone', () => {
    const follower = new Follower(picture(20, 20), { x: 20, y: 20, width: 30, height: 24 })
    for (let step = 1; step <= 15; step++) {
      const place = follower.next(picture(20 + 6 * step, 20 + 3 * step))
      expect(place).not.toBeNull()
      expect(Math.abs((place?.x ?? 0) - (20 + 6 * step))).toBeLessThan(2)
      expect(Math.abs((place?.y ?? 0) - (20 + 3 * step))).toBeLessThan(2)
    }
    expect(follower.next(picture(-500, -500))).toBeNull()
  })
})
