/** Going through the frames, and what can be done with the tracks in hand: all of it has a key as well. */
import { memo, useState } from 'react'
import { type Editor, type Snapshot, isDrawingTool } from '../../../canvas'
import { keyframeAt, lastAt } from '../../../canvas/kernels/tracks'
import { acceptProposal, dropProposal, goTo } from '../../../canvas/tracks'
import { Button } from '../../../ui/Button'
import { Tool } from '../Tools'
import { keyLabel } from '../keys'
import { useEditor } from '../useEditor'
import css from './Video.module.css'
import type { Following } from './follow'
import { type FrameTable, clock, secondsAt } from './table'

const glyphs = {
  first: 'M5 4.5v11M15.5 4.500v11L7.500 10z',
  previous: 'M13.5 4.500v11L6 10z',
  play: 'M6 4v12l10-6z',
  stop: 'M6.5 4.500v11M13.5 4.500v11',
  next: 'M6.5 4.500v11L14 10z',
  last: 'M15 4.500v11M4.500 4.500v11l8-5.500z',
  keyframe: 'M10 3.500 16.500 10 10 16.500 3.500 10z',
  outside: 'M3.500 4.500h8v11h-8zM11 10h6M14.500 7.500 17 10l-2.500 2.500',
  occluded: 'M3.500 6.500h8v8h-8zM8.500 3.500h8v8h-5M8.500 6.500v-3',
  forward: 'M3.500 6.500h6v7h-6zM11.500 10h5M14 7.500l2.500 2.500-2.500 2.500',
  split: 'M3 10h5M12 10h5M10 3.500v13M8 7.500 10 10l-2 2.500',
  merge: 'M3 6h5l4 4h5M3 14h5l4-4',
  swap: 'M3 6h4l6 8h4M3 14h4l6-8h4',
  follow: 'M10 3v3M10 14v3M3 10h3M14 10h3M10 13.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z',
} as const

const Drawn = ({ name }: { name: keyof typeof glyphs }) => (
  <svg width={20} height={20} viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth={1.6} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
    <path d={glyphs[name]} />
  </svg>
)

const acts = [
  ['track.keyframe', 'keyframe', 'Add or remove a keyframe', 1],
  ['track.outside', 'outside', 'Gone from here on, or back', 1],
  ['track.occluded', 'occluded', 'Covered from here on, or in full view', 1],
  ['track.forward', 'forward', 'Copy to the next frame', 1],
  ['track.split', 'split', 'Split the track here', 1],
  ['track.merge', 'merge', 'Merge two tracks', 2],
  ['track.swap', 'swap', 'Exchange two tracks from here on', 2],
] as const

interface TransportProps {
  editor: Editor
  table: FrameTable
  isPlaying: boolean
  following: Following | null
  onFollow: () => void
}

/** What the buttons show, as one word: it changes seldom, and the frame with each step. */
function lookOf({ tracks, session: { selected, frame } }: Snapshot): string {
  const chosen = tracks.filter(({ id }) => selected.includes(id))
  const only = chosen.length === 1 ? chosen[0] : undefined
  if (only === undefined) return String(chosen.length)
  const last = lastAt(only.keyframes, frame)
  const flags = [keyframeAt(only.keyframes, frame) !== null && 'keyframe', last?.outside === true && 'outside', last?.occluded === true && 'occluded']
  return `1 ${flags.filter(Boolean).join(' ')}`
}

export const Transport = memo(function Transport({ editor, table, isPlaying, following, onFollow }: TransportProps) {
  const [count = '0', ...looks] = useEditor(editor, lookOf).split(' ')
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const proposal = useEditor(editor, ({ session }) => session.proposal)
  const pressed = { 'track.keyframe': looks.includes('keyframe'), 'track.outside': looks.includes('outside'), 'track.occluded': looks.includes('occluded') }
  const key = (id: string) => {
    const [chord] = editor.keymap.keysOf(id)
    return chord === undefined ? undefined : keyLabel(chord)
  }
  const go = (id: string, to: (frame: number) => number, glyph: keyof typeof glyphs, label: string) => (
    <Tool glyph={<Drawn name={glyph} />} label={label} shortcut={key(id)} onPress={() => editor.act(() => goTo(editor, to(editor.session.frame)))} />
  )
  return (
    <div className={css.transport}>
      <div className={css.group} role="toolbar" aria-label="Frames">
        {go('frame.first', () => 0, 'first', 'First frame')}
        {go('frame.previous', (frame) => frame - 1, 'previous', 'Previous frame')}
        <Tool glyph={<Drawn name={isPlaying ? 'stop' : 'play'} />} label={isPlaying ? 'Stop' : 'Play'} shortcut={key('frame.play')} pressed={isPlaying} onPress={() => editor.player?.toggle()} />
        {go('frame.next', (frame) => frame + 1, 'next', 'Next frame')}
        {go('frame.last', () => table.count - 1, 'last', 'Last frame')}
      </div>
      <Where editor={editor} table={table} />
      {!isReadOnly && proposal === null && editor.tools.some(isDrawingTool) && (
        <div className={css.group} role="toolbar" aria-label="Tracks">
          {acts.map(([id, glyph, label, wanted]) => (
            <Tool
              key={id}
              glyph={<Drawn name={glyph} />}
              label={label}
              shortcut={key(id)}
              {...(id in pressed ? { pressed: pressed[id as keyof typeof pressed] } : {})}
              disabled={Number(count) !== wanted}
              onPress={() => editor.run(id)}
            />
          ))}
          <Tool glyph={<Drawn name="follow" />} label={following === null ? 'Follow by the picture' : 'Stop following'} shortcut={key('track.follow')} pressed={following !== null} disabled={count !== '1' && following === null} onPress={onFollow} />
        </div>
      )}
      {following !== null && (
        <span className={css.following} role="status">
          <progress value={following.done} max={following.all} aria-label="Following" /> {following.done} of {following.all} frames
        </span>
      )}
      {proposal !== null && following === null && !isReadOnly && (
        <div className={css.proposed} role="status">
          <span>Followed for {proposal.keyframes.length} frames; nothing is taken yet.</span>
          <Button size="small" look="primary" onPress={() => editor.act(() => acceptProposal(editor))}>Take it <kbd>{key('track.accept')}</kbd></Button>
          <Button size="small" onPress={() => editor.act(() => dropProposal(editor))}>Drop it <kbd>{key('track.drop')}</kbd></Button>
        </div>
      )}
    </div>
  )
})

/** The frame that is shown, by number and by time; a number can be typed. */
function Where({ editor, table }: { editor: Editor; table: FrameTable }) {
  const frame = useEditor(editor, ({ session }) => session.frame)
  const [typed, setTyped] = useState<string | null>(null)
  const write = () => {
    const wanted = Number(typed)
    if (typed !== null && typed.trim() !== '' && Number.isFinite(wanted)) editor.act(() => goTo(editor, wanted))
    setTyped(null)
  }
  return (
    <div className={css.where}>
      <label>
        <span className="sr">Frame</span>
        <input
          inputMode="numeric"
          value={typed ?? String(frame)}
          onFocus={({ target }) => target.select()}
          onChange={({ target }) => setTyped(target.value)}
          onBlur={write}
          onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        />
      </label>
      <span>of {table.count - 1}</span>
      <span className={css.clock}>{clock(secondsAt(table, frame))}</span>
    </div>
  )
}
