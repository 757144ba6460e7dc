/** The clouds of a drive, moment by moment, and at which of them the selected cuboid has a place of its own. */
import { type CuboidRecord, cuboidInHand, isCuboid, removeKey, setMoving, standAt, toggleGone } from '../../../canvas'
import { Button } from '../../../ui/Button'
import type { Scene } from '../../queue/model'
import { Tool } from '../Tools'
import { keyLabel } from '../keys'
import { useEditor } from '../useEditor'
import css from './Cloud.module.css'
import type { CloudOnScreen } from './view'

export function Drive({ view, scene, together }: { view: CloudOnScreen; scene: Scene; together: boolean }) {
  const { editor } = view
  const frame = useEditor(editor, ({ session }) => session.frame)
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const [only, ...others] = useEditor(editor, (snapshot) => snapshot.selected)
  const count = scene.clouds.length
  const record = only !== undefined && others.length === 0 && isCuboid(only) ? only : null
  const key = (id: string) => keyLabel(editor.keymap.keysOf(id)[0] ?? '')
  return (
    <div className={css.drive}>
      <div className={css.bar} role="toolbar" aria-label="Moments">
        <Tool glyph={<Arrow way="back" />} label="Previous cloud" shortcut={key('frame.previous')} disabled={frame === 0} onPress={() => view.setFrame(frame - 1)} />
        <label className={css.moment}>
          <span className="sr">Cloud</span>
          <input type="range" min={0} max={count - 1} value={frame} aria-valuetext={`Cloud ${frame + 1} of ${count}`} onChange={({ target }) => view.setFrame(Number(target.value))} />
          {record !== null && <Keys record={record} count={count} />}
        </label>
        <Tool glyph={<Arrow way="on" />} label="Next cloud" shortcut={key('frame.next')} disabled={frame === count - 1} onPress={() => view.setFrame(frame + 1)} />
        <span className={css.count}>{frame + 1} of {count}</span>
        <label className={css.choice}>
          <input type="checkbox" checked={together} onChange={({ target }) => view.setTogether(target.checked)} /> <span>All clouds together</span>
        </label>
        {record !== null && !isReadOnly && <Motion view={view} record={record} frame={frame} />}
      </div>
    </div>
  )
}

function Motion({ view: { editor }, record, frame }: { view: CloudOnScreen; record: CuboidRecord; frame: number }) {
  const { path } = record.shape
  const hold = (act: (held: CuboidRecord) => boolean) => {
    const held = cuboidInHand(editor)
    if (held !== null) act(held)
  }
  const isThere = standAt(record.shape, frame) !== null
  return (
    <>
      <Button size="small" onPress={() => hold((held) => setMoving(editor, held, path === undefined ? 'moving' : 'still'))}>{path === undefined ? 'It moves' : 'It stands still'}</Button>
      {path !== undefined && <Button size="small" onPress={() => hold((held) => toggleGone(editor, held))}>{isThere ? 'Gone from here' : 'There again'}</Button>}
      {path?.some((key) => key.frame === frame) === true && path.length > 1 && <Button size="small" onPress={() => hold((held) => removeKey(editor, held))}>Remove this key</Button>}
    </>
  )
}

/** Where it has keys, and where it is there. */
function Keys({ record: { shape }, count }: { record: CuboidRecord; count: number }) {
  const { path } = shape
  if (path === undefined) return null
  const at = (frame: number) => `${(100 * frame) / Math.max(1, count - 1)}%`
  return (
    <span className={css.keys} aria-hidden="true">
      {path.map((key, i) => {
        const next = path[i + 1]
        return (
          <span key={key.frame}>
            {next !== undefined && key.gone !== true && <i style={{ insetInlineStart: at(key.frame), inlineSize: `${(100 * (next.frame - key.frame)) / Math.max(1, count - 1)}%` }} />}
            <b style={{ insetInlineStart: at(key.frame) }} data-gone={key.gone === true ? '' : undefined} />
          </span>
        )
      })}
    </span>
  )
}

const Arrow = ({ way }: { way: 'back' | 'on' }) => (
  <svg className={css.arrow} width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
    <path d={way === 'on' ? 'M7.5 4.500 13 10l-5.500 5.500' : 'M12.500 4.500 7 10l5.500 5.500'} />
  </svg>
)
