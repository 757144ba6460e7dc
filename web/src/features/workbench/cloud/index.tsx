/** A cloud of points with its cuboids: the view in the middle, three views of the cuboid in hand, and what the cameras saw. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Editor } from '../../../canvas'
import { Note, Progress } from '../../../ui/Bits'
import { Button } from '../../../ui/Button'
import type { Item, Scene } from '../../queue/model'
import bench from '../Bench.module.css'
import { Tool } from '../Tools'
import { keyLabel } from '../keys'
import { useEditor } from '../useEditor'
import { Cameras } from './Cameras'
import css from './Cloud.module.css'
import { Drive } from './Drive'
import { Sides } from './Sides'
import type { Colouring } from './drawing'
import type { Gathering } from './painting'
import { CloudOnScreen } from './view'

interface CloudProps {
  editor: Editor
  item: Item
  label: string
  autoFocus?: boolean
}

export function CloudPicture({ editor, item, label, autoFocus = false }: CloudProps) {
  const { scene } = item
  if (scene == null || scene.clouds.length === 0) {
    return <div className={css.failed}><Note tone="bad" title="This item has no cloud of points" live>Ask whoever brought it in.</Note></div>
  }
  return <Opened key={item.id} editor={editor} scene={scene} label={label} autoFocus={autoFocus} />
}

function Opened({ editor, scene, label, autoFocus }: { editor: Editor; scene: Scene; label: string; autoFocus: boolean }) {
  const host = useRef<HTMLElement>(null)
  const [view, setView] = useState<CloudOnScreen | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const said = useEditor(editor, ({ session }) => session.said)

  useEffect(() => {
    if (host.current === null) return
    try {
      const made = new CloudOnScreen({ host: host.current, editor, scene })
      setView(made)
      setFailure(null)
      return () => {
        setView(null)
        made.destroy()
      }
    } catch {
      setFailure('This browser shows nothing in space: WebGL is switched off, or the graphics card is not known to it.')
    }
  }, [editor, scene])
  useEffect(() => {
    if (autoFocus) host.current?.focus({ preventScroll: true })
  }, [autoFocus])

  return (
    <div className={css.stage}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a cloud is looked at and worked on by keys */}
      <section ref={host} className={css.host} aria-label={`${label}: cloud of points. The objects are also in the list beside it.`} tabIndex={0} data-cloud="" />
      {failure !== null && <div className={css.failed}><Note tone="bad" title="The cloud cannot be shown" live>{failure}</Note></div>}
      {view !== null && <Around view={view} scene={scene} />}
      <div className="sr" role="status" aria-live="polite">{said.text}{said.count % 2 === 1 ? ' ' : ''}</div>
    </div>
  )
}

/** What lies over and beside the cloud. */
function Around({ view, scene }: { view: CloudOnScreen; scene: Scene }) {
  const { editor } = view
  const state = useSyncExternalStore(view.subscribe, view.getState)
  const frame = useEditor(editor, ({ session }) => session.frame)
  const [only, ...others] = useEditor(editor, (snapshot) => snapshot.selected)
  const cameras = scene.clouds[frame]?.cameras ?? []
  const isOne = only !== undefined && others.length === 0 && only.shape.type === 'cuboid3d'
  return (
    <>
      {state.phase === 'loading' && <div className={css.loading} role="status"><span className={bench.pulse} /><span className="sr">The cloud is loading</span></div>}
      {state.phase === 'failed' && (
        <div className={css.failed}>
          <Note tone="bad" title="The cloud cannot be loaded" live>
            <p>{state.message}</p>
            <Button size="small" icon="retry" onPress={() => view.retry()}>Try again</Button>
          </Note>
        </div>
      )}
      {state.gathering !== null && <Gatherer gathering={state.gathering} onCancel={() => view.painting.cancel()} />}
      <div className={css.sides} hidden={!isOne}>{isOne && <Sides view={view} id={only.id} />}</div>
      <div className={css.bottom}>
        {cameras.length > 0 && <Cameras key={frame} view={view} cameras={cameras} />}
        {scene.clouds.length > 1 && <Drive view={view} scene={scene} together={state.together} />}
        <ViewBar view={view} points={state.points} colouring={state.colouring} size={state.size} />
      </div>
    </>
  )
}

/** How far a stroke is over points that are not on the screen. */
function Gatherer({ gathering: { done, total }, onCancel }: { gathering: Gathering; onCancel: () => void }) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      onCancel()
    }
    window.addEventListener('keydown', onKey, { capture: true })
    return () => window.removeEventListener('keydown', onKey, { capture: true })
  })
  return (
    <div className={css.gathering} role="status">
      <span>All points in the stroke are looked for</span>
      <Progress label="Parts of the cloud" total={Math.max(1, total)} parts={[{ label: 'Looked through', value: done, tone: 'accent' }]} thin />
      <Button size="small" icon="x" onPress={onCancel}>Give it up</Button>
    </div>
  )
}

const colouringNames: Record<Colouring, string> = { height: 'Height', intensity: 'Intensity', distance: 'Distance', class: 'Class', colour: 'Colour' }

function ViewBar({ view, points, colouring, size }: { view: CloudOnScreen; points: number; colouring: Colouring; size: number }) {
  const { editor } = view
  const key = (id: string) => keyLabel(editor.keymap.keysOf(id)[0] ?? '')
  return (
    <div className={css.bar} role="toolbar" aria-label="View">
      <Tool glyph="zoomOut" label="Farther" shortcut={key('look.farther')} onPress={() => view.zoom(Math.SQRT2)} />
      <Tool glyph="zoomIn" label="Nearer" shortcut={key('look.nearer')} onPress={() => view.zoom(1 / Math.SQRT2)} />
      <Tool glyph="fit" label="Whole cloud" shortcut={key('look.all')} onPress={() => view.fit()} />
      <Tool glyph="map" label="From above" shortcut={key('look.top')} onPress={() => view.fromAbove()} />
      <label className={css.choice}>
        <span>Colour</span>
        <select value={colouring} onChange={({ target }) => view.setColouring(target.value as Colouring)}>
          {view.colourings().map((each) => <option key={each} value={each}>{colouringNames[each]}</option>)}
        </select>
      </label>
      <label className={css.choice}>
        <span>Size</span>
        <input type="range" min={1} max={6} step={0.5} value={size} onChange={({ target }) => view.setSize(Number(target.value))} />
      </label>
      <span className={css.count}>{points.toLocaleString('en')} points</span>
    </div>
  )
}
