import type { Editor } from '../../../canvas'
import { type Keyframe, countUpTo, seenAt } from '../../../canvas/kernels/tracks'
import { trackNamed } from '../../../canvas/standing'
import { propose } from '../../../canvas/tracks'
import { type Bounds, type Shape, boundsOfShape, util } from '../../../canvas'
import type { Frames } from './frames'
import type { Followed, ToFollow } from './follow-worker'

/** Frames that are looked through at one go. */
const FRAMES_MAX = 60
/** Pixels of the longer side of what the tracker looks at. */
const SIDE_MAX = 960

/** Pixels around what has no inside that are looked for, to either side. */
const REACH_PX = 16

interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What is looked for: the shape with all that is in it, and something around what is as thin as a line. */
function reached({ left, top, right, bottom }: Bounds): Place {
  const [dx, dy] = [right - left, bottom - top].map((side) => Math.max(0, REACH_PX - side / 2))
  const [x, y] = [left - (dx ?? 0), top - (dy ?? 0)]
  return { x, y, width: right + (dx ?? 0) - x, height: bottom + (dy ?? 0) - y }
}

/** The shape moved and grown as what is around it was. */
function carried(shape: Shape, from: Place, to: Place): Shape {
  const its = util(shape)
  const { left, top, right, bottom } = boundsOfShape(shape)
  const x = (at: number) => to.x + ((at - from.x) / from.width) * to.width
  const y = (at: number) => to.y + ((at - from.y) / from.height) * to.height
  if (right - left < 1 || bottom - top < 1) return its.translate(shape, [x((left + right) / 2) - (left + right) / 2, y((top + bottom) / 2) - (top + bottom) / 2])
  return its.stretch(shape, { left: x(left), top: y(top), right: x(right), bottom: y(bottom) })
}

export interface Following {
  readonly track: string
  /** Frames looked through, and how many there are to look through. */
  readonly done: number
  readonly all: number
}

/**
 * Follows the selected track by the picture, from this frame to its next keyframe, and proposes what it finds. It writes
 * nothing; `told` hears how far it is.
 */
export async function follow(editor: Editor, frames: Frames, signal: AbortSignal, told: (following: Following | null) => void): Promise<void> {
  const [id] = editor.session.selected
  const track = id === undefined ? null : trackNamed(editor, id)
  const { frame } = editor.session
  const seen = track === null ? null : seenAt(track.keyframes, frame)
  if (track === null || seen === null || editor.session.selected.length > 1) return editor.act(() => editor.say('Select one track that is seen here'))
  const next = track.keyframes[countUpTo(track.keyframes, frame)]?.frame ?? editor.frames
  const last = Math.min(next - 1, frame + FRAMES_MAX, editor.frames - 1)
  if (last <= frame) return editor.act(() => editor.say(next === frame + 1 ? 'The next frame is a keyframe already' : 'This is the last frame'))
  const worker = new Worker(new URL('./follow-worker.ts', import.meta.url), { type: 'module' })
  const scale = Math.min(1, SIDE_MAX / Math.max(frames.table.width, frames.table.height))
  const ask = async (at: number, place?: ToFollow['at']): Promise<Followed> => {
    const whole = await frames.read(at)
    const bitmap = await createImageBitmap(whole, { resizeWidth: Math.round(whole.width * scale), resizeHeight: Math.round(whole.height * scale), resizeQuality: 'medium' })
    const answer = new Promise<Followed>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data as Followed)
      worker.onerror = () => reject(new Error('The tracker stopped.'))
      signal.addEventListener('abort', () => reject(new DOMException('Stopped', 'AbortError')), { once: true })
    })
    worker.postMessage({ bitmap, ...(place === undefined ? {} : { at: place }) } satisfies ToFollow, [bitmap])
    return answer
  }
  const proposals: Keyframe[] = []
  try {
    const from = reached(boundsOfShape(seen.shape))
    const { x, y, width, height } = from
    await ask(frame, { x: x * scale, y: y * scale, width: width * scale, height: height * scale })
    for (let at = frame + 1; at <= last && !signal.aborted; at++) {
      told({ track: track.id, done: at - frame, all: last - frame })
      const place = await ask(at)
      if (place === null) break
      const now = { x: place.x / scale, y: place.y / scale, width: place.width / scale, height: place.height / scale }
      const found = carried(seen.shape, from, now)
      const shape = util(found).clamp(found, editor.image)
      if (!util(shape).isWorthKeeping(shape)) break
      proposals.push({ frame: at, shape })
    }
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) throw error
  } finally {
    worker.terminate()
    told(null)
  }
  // What was found before somebody stopped it is worth seeing too.
  const proposed = propose(editor, track.id, proposals)
  editor.act(() => editor.say(proposed ? `Followed for ${proposals.length} frames. Enter takes it.` : 'It was lost at once'))
}
