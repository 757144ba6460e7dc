/**
 * Several pictures of one moment, side by side: the one in front large, to be worked on, and below it all of them in the
 * order of the rig, alive, each with what is marked on it (W160–W163). The order never changes, so that the hand finds them.
 */
import { type CSSProperties, type MouseEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { type Editor, showCamera } from '../../canvas'
import type { Item } from '../queue/model'
import { Picture } from './Picture'
import css from './Rig.module.css'
import { bitmaps, sourcesOf } from './pictures'
import { PaneView } from './render/pane-view'
import type { ImageSource } from './render/image-source'
import { useEditor } from './useEditor'

interface RigProps {
  editor: Editor
  item: Item
  label: string
  autoFocus?: boolean
  /** What lies over the large picture. */
  over?: ReactNode
}

export function Rig({ editor, item, label, autoFocus = false, over }: RigProps) {
  const front = useRef<HTMLDivElement>(null)
  const sources = useMemo(() => sourcesOf(item), [item])
  const toFront = (at: number, event: MouseEvent) => {
    showCamera(editor, at)
    // A hand goes on in the picture; keys stay where they are, for the next of them.
    if (event.detail > 0) front.current?.querySelector<HTMLElement>('[role=application]')?.focus()
  }
  return (
    <div className={css.rig}>
      <div ref={front} className={css.front}>
        <Picture editor={editor} item={item} label={label} autoFocus={autoFocus} />
        {over}
      </div>
      <div className={css.strip} role="group" aria-label="Cameras">
        {sources.map((source, at) => <Pane key={editor.cameras[at]?.name ?? at} editor={editor} source={source} at={at} onChoose={toFront} />)}
      </div>
    </div>
  )
}

interface PaneProps {
  editor: Editor
  source: ImageSource
  at: number
  onChoose: (at: number, event: MouseEvent) => void
}

function Pane({ editor, source, at, onChoose }: PaneProps) {
  const host = useRef<HTMLButtonElement>(null)
  const [isBroken, setBroken] = useState(false)
  const isFront = useEditor(editor, ({ session }) => session.pane === at)
  const name = editor.cameras[at]?.name ?? ''
  const count = useEditor(editor, () => editor.scene.of(name).length)

  useEffect(() => {
    if (host.current === null) return
    setBroken(false)
    const view = new PaneView({ host: host.current, editor, source, pane: at, bitmaps, onError: () => setBroken(true) })
    return () => view.destroy()
  }, [editor, source, at])
  useEffect(() => {
    if (isFront) host.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [isFront])

  const told = count === 0 ? 'nothing marked' : count === 1 ? 'one object' : `${count} objects`
  return (
    <button
      ref={host}
      type="button"
      className={css.pane}
      style={{ '--aspect': source.width / source.height } as CSSProperties}
      aria-pressed={isFront}
      title={`Camera ${name}`}
      onClick={(event) => onChoose(at, event)}
    >
      <span className={css.name}>
        <span className="sr">Camera </span><bdi>{name}</bdi>{count > 0 && <b aria-hidden="true">{count}</b>}<span className="sr">, {told}</span>{isBroken && ', does not come'}
      </span>
    </button>
  )
}
