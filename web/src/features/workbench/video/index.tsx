/**
 * A video with its tracks: one frame on the canvas of the editor, exact by number, and all of them along a timeline.
 */
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { Editor } from '../../../canvas'
import { frameOfChange } from '../../../canvas/standing'
import { kit } from '../../../canvas/tools/tracks'
import { goTo } from '../../../canvas/tracks'
import { Note } from '../../../ui/Bits'
import { Button } from '../../../ui/Button'
import type { Item, Ontology } from '../../queue/model'
import pictureCss from '../Picture.module.css'
import { chordOfEvent, isTyping } from '../keys'
import { useLook } from '../look'
import { CanvasView } from '../render'
import { useEditor } from '../useEditor'
import { Timeline } from './Timeline'
import { Transport } from './Transport'
import css from './Video.module.css'
import { type Following, follow } from './follow'
import { type Frames, openFrames } from './frames'
import { liveSource } from './layer'
import { frameAt, readTable, secondsAt } from './table'

interface VideoProps {
  editor: Editor
  ontology: Ontology
  item: Item
  label: string
  autoFocus?: boolean
  /** What lies over the picture. */
  over?: ReactNode
}

async function open(item: Item): Promise<Frames> {
  if (item.video == null) throw new Error('This item has no video.')
  const reply = await fetch(item.video.frames_url)
  if (!reply.ok) throw new Error(`The table of the video’s frames does not come (${reply.status}).`)
  return openFrames(readTable(await reply.arrayBuffer()), item.video.video_url)
}

export function VideoView({ item, ...props }: VideoProps) {
  const [frames, setFrames] = useState<Frames | null>(null)
  const [failure, setFailure] = useState<Error | null>(null)
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: an attempt is how a person asks to try again
  useEffect(() => {
    let opened: Frames | null = null
    let gone = false
    setFailure(null)
    open(item).then(
      (made) => {
        if (gone) return made.destroy()
        opened = made
        setFrames(made)
      },
      (error: unknown) => !gone && setFailure(error instanceof Error ? error : new Error(String(error))),
    )
    return () => {
      gone = true
      opened?.destroy()
      setFrames(null)
    }
  }, [item, attempt])
  if (failure !== null) {
    return (
      <div className={css.failed}>
        <Note tone="bad" title="The video cannot be opened" live>
          <p>{failure.message}</p>
          <Button size="small" icon="retry" onPress={() => setAttempt(attempt + 1)}>Try again</Button>
        </Note>
      </div>
    )
  }
  if (frames === null) return <div className={pictureCss.loading} role="status"><span className="sr">The video is opening</span></div>
  return <Opened {...props} frames={frames} />
}

interface OpenedProps extends Omit<VideoProps, 'item'> {
  frames: Frames
}

function Opened({ editor, ontology, frames, label, autoFocus = false, over }: OpenedProps) {
  const host = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<CanvasView | null>(null)
  const [state, setState] = useState<'loading' | 'ready' | Error>('loading')
  const [shown, setShown] = useState<number | null>(null)
  const frame = useEditor(editor, ({ session }) => session.frame)
  const said = useEditor(editor, ({ session }) => session.said)
  const { light } = useLook()
  const { isPlaying, following, toggleFollow } = usePlayer(editor, frames)

  useEffect(() => {
    if (host.current === null) return
    const made = new CanvasView({ host: host.current, editor, source: liveSource(frames), label, onReady: () => setState('ready'), onError: setState })
    setView(made)
    if (autoFocus) made.focus()
    const stop = frames.listen(() => setShown(frames.shown?.frame ?? null))
    return () => {
      stop()
      made.destroy()
    }
  }, [editor, frames, label, autoFocus])
  useEffect(() => frames.want(frame), [frames, frame])
  // What is undone or done again is to be seen.
  useEffect(
    () =>
      editor.store.listen((diff, source) => {
        if (source !== 'history' || editor.root.mode === 'gesture') return
        for (const [was, is] of diff.values()) {
          const track = [was, is].map((record) => (record?.kind === 'track' ? record : null))
          const to = frameOfChange(track[0] ?? null, track[1] ?? null, editor.session.frame)
          if (to !== null) return queueMicrotask(() => editor.act(() => goTo(editor, to)))
        }
      }),
    [editor],
  )
  useEffect(() => view?.setLook({ brightness: light.brightness / 100, contrast: light.contrast / 100 }), [view, light])

  const isLate = state === 'ready' && shown !== frame
  const failure = typeof state === 'string' ? null : state
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys for the frames, wherever the focus is inside
    <div className={css.video} onKeyDown={(event) => frameKey(editor, event)}>
      <div className={css.stage}>
        <div ref={host} className={css.host} data-late={isLate ? '' : undefined} data-frame={shown ?? ''} />
        {state === 'loading' && <div className={pictureCss.loading} role="status"><span className="sr">The video is loading</span></div>}
        {isLate && <p className={css.late} role="status">Frame {frame} is coming</p>}
        {failure !== null && (
          <div className={css.failed}>
            <Note tone="bad" title="This frame cannot be shown" live>
              <p>{failure.message}</p>
              <Button
                size="small"
                icon="retry"
                onPress={() => {
                  setState('loading')
                  view?.retry()
                }}
              >
                Try again
              </Button>
            </Note>
          </div>
        )}
        {over}
        <div className="sr" role="status" aria-live="polite">{said.text}{said.count % 2 === 1 ? ' ' : ''}</div>
      </div>
      <Transport editor={editor} table={frames.table} isPlaying={isPlaying} following={following} onFollow={toggleFollow} />
      <Timeline editor={editor} ontology={ontology} table={frames.table} />
    </div>
  )
}

/** The keys of the frames for an editor that has no tools: one in which answers are only looked at. */
function frameKey(editor: Editor, event: KeyboardEvent): void {
  if (event.defaultPrevented || isTyping(event.target) || editor.commands.some(({ id }) => id.startsWith('frame.'))) return
  const chord = chordOfEvent(event.nativeEvent)
  const command = kit.commands.find(({ id, keys }) => id.startsWith('frame.') && keys.includes(chord))
  if (command === undefined || (event.target as Element).closest('[role=slider]') !== null) return
  event.preventDefault()
  event.stopPropagation()
  editor.act(() => command.run(editor, event.repeat ? 'repeat' : 'once'))
}

/** Playing and following: both go by themselves, and both stop at a key. */
function usePlayer(editor: Editor, frames: Frames) {
  const [isPlaying, setPlaying] = useState(false)
  const [following, setFollowing] = useState<Following | null>(null)
  const run = useRef<AbortController | null>(null)

  const toggleFollow = useMemo(
    () => () => {
      if (run.current !== null) return run.current.abort()
      const controller = new AbortController()
      run.current = controller
      follow(editor, frames, controller.signal, setFollowing)
        .catch((error: unknown) => editor.act(() => editor.say(error instanceof Error ? error.message : String(error))))
        .finally(() => {
          run.current = null
          setFollowing(null)
        })
    },
    [editor, frames],
  )
  useEffect(() => {
    editor.player = { toggle: () => setPlaying((now) => !now), follow: toggleFollow }
    return () => {
      editor.player = null
      run.current?.abort()
    }
  }, [editor, toggleFollow])

  useEffect(() => {
    if (!isPlaying) return
    const { table } = frames
    if (editor.session.frame >= table.count - 1) editor.act(() => goTo(editor, 0))
    const [begin, from] = [performance.now(), secondsAt(table, editor.session.frame)]
    let [request, late] = [0, 0]
    const tick = (now: number) => {
      const { frame } = editor.session
      // A frame that has not come is waited for, and the clock with it: none is passed over unseen.
      if (frames.shown?.frame !== frame) late = now - begin - (secondsAt(table, frame) - from) * 1000
      else {
        const due = frameAt(table, from + (now - begin - late) / 1000)
        if (due > frame) editor.act(() => goTo(editor, frame + 1))
      }
      if (editor.session.frame >= table.count - 1) setPlaying(false)
      else request = requestAnimationFrame(tick)
    }
    request = requestAnimationFrame(tick)
    return () => cancelAnimationFrame(request)
  }, [isPlaying, editor, frames])
  return { isPlaying, following, toggleFollow }
}
