/** All tracks along the frames: what is seen of them is drawn, however many there are and however long the video. */
import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { type Editor, isDrawingTool, openPin, select } from '../../../canvas'
import { describeTrack, goTo, goToKeyframe } from '../../../canvas/tracks'
import { classNamed } from '../classes'
import type { Ontology } from '../../queue/model'
import { themeStore } from '../../../ui/theme'
import { useEditor } from '../useEditor'
import css from './Video.module.css'
import { type FrameTable, clock, secondsAt } from './table'
import { PER_FRAME_MAX, ROW_PX, RULER_PX, type Span, bounded, fitted, paintTimeline, pinAt, revealing, zoomed } from './timeline'

/** Changes when the colours of the page do. */
function useTheme(): string {
  const subscribe = (listener: () => void) => {
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', listener)
    const stop = themeStore.subscribe(listener)
    return () => {
      system.removeEventListener('change', listener)
      stop()
    }
  }
  return useSyncExternalStore(subscribe, () => `${themeStore.get()} ${matchMedia('(prefers-color-scheme: dark)').matches}`)
}

interface TimelineProps {
  editor: Editor
  ontology: Ontology
  table: FrameTable
}

/** Rows beyond those that are seen that have their names ready. */
const OVERSCAN = 4

export function Timeline({ editor, ontology, table }: TimelineProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [size, setSize] = useState({ width: 0, height: 0 })
  const [scroll, setScroll] = useState(0)
  const [span, setSpan] = useState<Span>({ from: 0, perFrame: 0 })
  const tracks = useEditor(editor, (snapshot) => snapshot.tracks)
  const frame = useEditor(editor, ({ session }) => session.frame)
  const selected = useEditor(editor, ({ session }) => session.selected)
  const hidden = useEditor(editor, ({ session }) => session.hidden)
  const proposal = useEditor(editor, ({ session }) => session.proposal)
  const pins = useEditor(editor, ({ session }) => session.pins)
  const pin = useEditor(editor, ({ session }) => session.pin)
  const { count: frames } = table
  /** Whether anything is followed here; of a video that is only looked at as a whole, the ruler is enough. */
  const isFollowing = editor.tools.some(isDrawingTool)
  const chosen = useMemo(() => new Set(selected), [selected])
  const isFitted = span.perFrame <= fitted(frames, size.width).perFrame * 1.001

  useLayoutEffect(() => {
    const [box, lane] = [scroller.current, canvas.current]
    if (box === null || lane === null) return
    const observer = new ResizeObserver(() => setSize({ width: lane.clientWidth, height: box.clientHeight }))
    observer.observe(box)
    observer.observe(lane)
    return () => observer.disconnect()
  }, [])

  // The whole video first; who has zoomed keeps the zoom when the page changes its size.
  const wasFitted = useRef(true)
  useEffect(() => {
    if (size.width > 0) setSpan((now) => (wasFitted.current ? fitted(frames, size.width) : bounded(now, frames, size.width)))
  }, [size.width, frames])
  useEffect(() => {
    if (span.perFrame > 0) wasFitted.current = isFitted
  }, [span, isFitted])
  useEffect(() => {
    if (size.width > 0) setSpan((now) => (now.perFrame > 0 ? revealing(now, frame, frames, size.width) : now))
  }, [frame, frames, size.width])

  const theme = useTheme()
  const firstRow = Math.floor(scroll / ROW_PX)
  const rowsSeen = Math.ceil(Math.max(0, size.height - RULER_PX) / ROW_PX) + 1
  // biome-ignore lint/correctness/useExhaustiveDependencies: with another theme the colours are others
  useEffect(() => {
    const lane = canvas.current
    const context = lane?.getContext('2d')
    if (lane === null || context === null || context === undefined || size.width === 0 || span.perFrame === 0) return
    const request = requestAnimationFrame(() => {
      const ratio = devicePixelRatio
      const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)]
      if (lane.width !== width || lane.height !== height) [lane.width, lane.height] = [width, height]
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      const style = getComputedStyle(lane)
      const color = (name: string) => style.getPropertyValue(name).trim()
      paintTimeline(context, size.width, size.height, {
        tracks, firstRow, shift: scroll - firstRow * ROW_PX, frames, frame, span, selected: chosen, hidden, proposal, pins, pin,
        colorOf: (key) => classNamed(ontology, key).color,
        nameOf: (at, step) => (secondsAt(table, Math.min(frames - 1, step)) < 1 ? String(at) : clock(secondsAt(table, at)).slice(0, -3)),
      }, { ink: color('--lane-ink'), faint: color('--lane-faint'), line: color('--lane-line'), ground: color('--lane-ground'), accent: color('--lane-accent'), chosen: color('--lane-chosen'), pin: color('--lane-pin') })
    })
    return () => cancelAnimationFrame(request)
  }, [tracks, frame, span, chosen, hidden, proposal, pins, pin, size, scroll, firstRow, frames, ontology, table, theme])

  const rowAt = (y: number): number => Math.floor((y - RULER_PX + scroll) / ROW_PX)
  const placeOf = (event: { clientX: number; clientY: number }) => {
    const box = canvas.current?.getBoundingClientRect()
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) }
  }
  const goAt = (x: number) => editor.act(() => goTo(editor, Math.floor(span.from + x / span.perFrame)))

  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return
    const { x, y } = placeOf(event)
    const spoken = y < RULER_PX ? pinAt(pins, span, x) : undefined
    if (spoken !== undefined) return openPin(editor, spoken.id)
    const track = y < RULER_PX ? undefined : tracks[rowAt(y)]
    if (track !== undefined) pick(track.id, event.shiftKey || event.ctrlKey || event.metaKey)
    goAt(x)
    const lane = event.currentTarget as HTMLElement
    lane.setPointerCapture(event.pointerId)
    const move = (next: globalThis.PointerEvent) => goAt(placeOf(next).x)
    const end = () => {
      lane.removeEventListener('pointermove', move)
      lane.removeEventListener('pointerup', end)
      lane.removeEventListener('pointercancel', end)
    }
    lane.addEventListener('pointermove', move)
    lane.addEventListener('pointerup', end)
    lane.addEventListener('pointercancel', end)
  }
  const pick = (id: string, many: boolean) =>
    editor.act(() => {
      select(editor, many ? (chosen.has(id) ? selected.filter((other) => other !== id) : [...selected, id]) : [id])
      const track = tracks.find((each) => each.id === id)
      if (track !== undefined) editor.say(describeTrack(editor, track))
    })

  const zoom = useCallback((factor: number, at: number) => setSpan((now) => zoomed(now, factor, at, frames, size.width)), [frames, size.width])
  // Wheels that the page must not scroll by have to be heard without promising to be passive.
  useEffect(() => {
    const lane = canvas.current
    if (lane === null) return
    const onWheel = (event: WheelEvent) => {
      const isZoom = event.ctrlKey || event.metaKey || event.altKey
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX
      if (!isZoom && sideways === 0) return
      event.preventDefault()
      if (isZoom) zoom(Math.exp(-event.deltaY / 300), event.clientX - lane.getBoundingClientRect().left)
      else setSpan((now) => bounded({ ...now, from: now.from + sideways / now.perFrame }, frames, size.width))
    }
    lane.addEventListener('wheel', onWheel, { passive: false })
    return () => lane.removeEventListener('wheel', onWheel)
  }, [zoom, frames, size.width])

  const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -frames, End: frames }
  const onSliderKey = (event: KeyboardEvent) => {
    const step = steps[event.key]
    if (event.key === '+' || event.key === '=') zoom(1.5, (frame + 0.5 - span.from) * span.perFrame)
    else if (event.key === '-') zoom(1 / 1.5, (frame + 0.5 - span.from) * span.perFrame)
    else if (step !== undefined && event.altKey) editor.act(() => goToKeyframe(editor, step > 0 ? 1 : -1))
    else if (step !== undefined && !event.ctrlKey && !event.metaKey) editor.act(() => goTo(editor, frame + step * (event.shiftKey ? 10 : 1)))
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const from = Math.max(0, firstRow - OVERSCAN)
  const shown = tracks.slice(from, firstRow + rowsSeen + OVERSCAN)
  const last = selected[selected.length - 1]
  const place = last === undefined ? -1 : tracks.findIndex(({ id }) => id === last)
  useEffect(() => {
    const box = scroller.current
    if (box === null || place < 0) return
    const [top, bottom] = [place * ROW_PX, (place + 1) * ROW_PX]
    if (top < box.scrollTop) box.scrollTop = top
    else if (bottom > box.scrollTop + box.clientHeight - RULER_PX) box.scrollTop = bottom - box.clientHeight + RULER_PX
  }, [place])

  return (
    <section className={css.timeline} aria-label="Timeline" data-bare={tracks.length === 0 && !isFollowing ? '' : undefined}>
      <div ref={scroller} className={css.rows} onScroll={({ currentTarget }) => setScroll(currentTarget.scrollTop)}>
        <div className={css.inner} style={{ blockSize: RULER_PX + tracks.length * ROW_PX }}>
          <ul className={css.names} aria-label="Tracks" style={{ paddingBlockStart: RULER_PX + from * ROW_PX }}>
            {shown.map((track) => {
              const each = classNamed(ontology, track.class)
              return (
                <li key={track.id}>
                  <button
                    type="button"
                    className={css.name}
                    aria-pressed={chosen.has(track.id)}
                    title={describeTrack(editor, track)}
                    onClick={(event) => pick(track.id, event.shiftKey || event.ctrlKey || event.metaKey)}
                    onDoubleClick={() => editor.act(() => goTo(editor, track.keyframes[0]?.frame ?? 0))}
                  >
                    <span className={css.swatch} style={{ background: each.color }} />
                    <span className={css.called}>{each.name}</span>{' '}
                    <small>{track.id}</small>
                  </button>
                </li>
              )
            })}
          </ul>
          <div
            className={css.lane}
            role="slider"
            tabIndex={0}
            aria-label="Frame"
            aria-valuemin={0}
            aria-valuemax={frames - 1}
            aria-valuenow={frame}
            aria-valuetext={`Frame ${frame} of ${frames}, ${clock(secondsAt(table, frame))}`}
            onKeyDown={onSliderKey}
            onPointerDown={onPointerDown}
            style={{ blockSize: size.height }}
          >
            <canvas ref={canvas} className={css.drawn} />
          </div>
        </div>
      </div>
      {tracks.length === 0 && isFollowing && <p className={css.none}>Nothing is followed yet: draw a thing where it is first seen.</p>}
      <div className={css.timeZoom} role="toolbar" aria-label="Zoom of the timeline">
        <button type="button" aria-label="Show less of the video" disabled={span.perFrame >= PER_FRAME_MAX} onClick={() => zoom(1.6, size.width / 2)}>+</button>
        <button type="button" aria-label="Show more of the video" disabled={isFitted} onClick={() => zoom(1 / 1.6, size.width / 2)}>−</button>
        <button type="button" aria-label="Show the whole video" disabled={isFitted} onClick={() => setSpan(fitted(frames, size.width))}>⤢</button>
      </div>
    </section>
  )
}
