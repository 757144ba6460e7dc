/** Where the frames of a video lie and when each is shown, as the server has written it down (`docs/spec/frames.md`). */
export interface FrameTable {
  readonly codec: string
  readonly description: Uint8Array<ArrayBuffer>
  readonly width: number
  readonly height: number
  /** By how many degrees a decoded picture is turned clockwise. */
  readonly rotation: number
  /** Ticks in a second. */
  readonly timescale: number
  /** How many frames there are. */
  readonly count: number
  /** The pictures in the order in which they are decoded. */
  readonly offsets: Float64Array
  readonly bytes: Uint32Array
  readonly times: Float64Array
  /** 1 where decoding can begin. */
  readonly keys: Uint8Array
  /** Which picture a frame is, and which frame a picture; -1 where it is never shown. */
  readonly sampleOf: Uint32Array
  readonly frameOf: Int32Array
}

interface Header {
  readonly codec: string
  readonly width: number
  readonly height: number
  readonly rotation: number
  readonly timescale: number
  readonly samples: number
}

const MAGIC = 'fmf1'

export function readTable(buffer: ArrayBuffer): FrameTable {
  const data = new Uint8Array(buffer)
  if (new TextDecoder().decode(data.subarray(0, 4)) !== MAGIC) throw new Error('The table of this video’s frames cannot be read.')
  let at = 4
  // Numbers may be longer than 32 bits, which shifting would cut; nearly all of them are of one byte or two.
  const number = (): number => {
    const first = data[at++] ?? -1
    if (first >= 0 && first < 0x80) return first
    let [value, factor, byte] = [first & 0x7f, 128, first]
    while (byte >= 0x80) {
      byte = data[at++] ?? -1
      value += (byte & 0x7f) * factor
      factor *= 128
    }
    if (byte < 0) throw new Error('The table of this video’s frames is cut short.')
    return value
  }
  const signed = (): number => {
    const value = number()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  const part = (): Uint8Array<ArrayBuffer> => {
    const length = number()
    at += length
    return data.slice(at - length, at)
  }
  const { codec, width, height, rotation, timescale, samples } = JSON.parse(new TextDecoder().decode(part())) as Header
  const description = part()
  const [offsets, bytes, times] = [new Float64Array(samples), new Uint32Array(samples), new Float64Array(samples)]
  const [keys, shown] = [new Uint8Array(samples), new Uint32Array(samples)]
  let [time, end, count] = [0, 0, 0]
  for (let i = 0; i < samples; i++) {
    const packed = number()
    const length = Math.floor(packed / 4)
    time += signed()
    const offset = end + signed()
    end = offset + length
    offsets[i] = offset
    bytes[i] = length
    times[i] = time
    keys[i] = packed & 1
    if ((packed & 2) === 2) shown[count++] = i
  }
  const sampleOf = shown.subarray(0, count)
  sortByTime(sampleOf, times)
  const frameOf = new Int32Array(samples).fill(-1)
  for (let frame = 0; frame < count; frame++) frameOf[sampleOf[frame] ?? 0] = frame
  return { codec, description, width, height, rotation, timescale, count, offsets, bytes, times, keys, sampleOf, frameOf }
}

/** Places that a picture is mostly stored away from where it is shown, on the average of a file. */
const AWAY = 16

/** By time, of equal times as stored. Pictures are stored a few places from where they are shown: each goes that far. */
function sortByTime(samples: Uint32Array, times: Float64Array): void {
  let steps = AWAY * samples.length
  for (let i = 1; i < samples.length; i++) {
    const sample = samples[i] ?? 0
    const time = times[sample] ?? 0
    let to = i
    for (; to > 0 && (times[samples[to - 1] ?? 0] ?? 0) > time; to--) samples[to] = samples[to - 1] ?? 0
    samples[to] = sample
    steps -= i - to
    // A file that is stored in quite another order than it is shown.
    if (steps < 0) return void samples.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b)
  }
}

const timeOf = ({ times, sampleOf }: FrameTable, frame: number): number => times[sampleOf[frame] ?? 0] ?? 0

/** Seconds at which a frame is first shown. */
export const secondsAt = (table: FrameTable, frame: number): number => timeOf(table, frame) / table.timescale

/** Seconds in the middle of the time that a frame is shown: where a player that is sent there cannot miss it. */
export function middleOf(table: FrameTable, frame: number): number {
  const start = secondsAt(table, frame)
  const next = frame + 1 < table.count ? secondsAt(table, frame + 1) : start + (start - secondsAt(table, Math.max(0, frame - 1)) || 0.04)
  return (start + next) / 2
}

/** The frame that is shown at a time. */
export function frameAt(table: FrameTable, seconds: number): number {
  let [low, high] = [0, table.count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (secondsAt(table, middle) <= seconds) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/** The last picture at or before this one at which decoding can begin. */
export function keyBefore({ keys }: FrameTable, sample: number): number {
  let at = sample
  while (at > 0 && keys[at] !== 1) at -= 1
  return at
}

/** `1:05.48`, or with hours where there are any. */
export function clock(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const tail = `${String(Math.floor(rest)).padStart(2, '0')}.${String(Math.floor((rest % 1) * 100)).padStart(2, '0')}`
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`
}
