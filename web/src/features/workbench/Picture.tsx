/** An editor on its picture: loading, there, or broken with a way to try again. */
import { useEffect, useRef, useState } from 'react'
import type { Editor } from '../../canvas'
import { Note } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import type { Item } from '../queue/model'
import css from './Picture.module.css'
import { Late, useLate } from '../../ui/late'
import { type Aid, useLook } from './look'
import { bitmaps, sourceOf, sourcesOf } from './pictures'
import { CanvasView } from './render'
import { useEditor, useStateFor } from './useEditor'

const aidParts = new Late(() => import('./render/aids'))

interface PictureProps {
  editor: Editor
  item: Item
  label: string
  autoFocus?: boolean
}

export function Picture({ editor, item, label, autoFocus = false }: PictureProps) {
  const host = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<CanvasView | null>(null)
  const [state, setState] = useStateFor<'loading' | 'ready' | Error>(editor, 'loading')
  const { light, aids } = useLook()
  const pane = useEditor(editor, ({ session }) => session.pane)
  const said = useEditor(editor, ({ session }) => session.said)

  useEffect(() => {
    const sources = sourcesOf(item)
    const [source] = sources
    if (host.current === null) return
    if (source === undefined) {
      setState(new Error('This item has no picture.'))
      return
    }
    setState('loading')
    const made = new CanvasView({
      host: host.current,
      editor,
      source: editor.cameras.length === 0 ? source : sources,
      label,
      bitmaps,
      onReady: () => setState('ready'),
      onError: (error) => setState(error),
    })
    setView(made)
    if (autoFocus) made.focus()
    return () => made.destroy()
  }, [editor, item, label, autoFocus, setState])

  useEffect(() => view?.setLook({ brightness: light.brightness / 100, contrast: light.contrast / 100 }), [view, light])

  const parts = useLate(aidParts, aids.size > 0)
  useEffect(() => {
    const [element, source] = [host.current, sourceOf(item, editor.cameras[pane]?.name)]
    if (parts === null || element === null || source === null) return
    const attach: Record<Aid, () => () => void> = {
      guides: () => parts.attachGuides(element, editor),
      rulers: () => parts.attachRulers(element, editor),
      map: () => parts.attachMap(element, editor, source, bitmaps),
    }
    const gone = [...aids].map((aid) => attach[aid]())
    return () => {
      for (const go of gone) go()
    }
  }, [parts, aids, editor, item, pane])

  return (
    <div className={css.picture}>
      <div ref={host} className={css.host} />
      {state === 'loading' && <div className={css.loading} role="status"><span className="sr">The picture is loading</span></div>}
      {state instanceof Error && (
        <div className={css.failed}>
          <Note tone="bad" title="The picture cannot be loaded" live>
            <p>{state.message}</p>
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
      <div className="sr" role="status" aria-live="polite">{said.text}{said.count % 2 === 1 ? ' ' : ''}</div>
    </div>
  )
}
