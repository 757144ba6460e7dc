/** What the cameras saw at the same moment, with each cuboid where it is in the picture; and back: what is clicked there is found in the cloud. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { select } from '../../../canvas'
import { aroundInPicture, edgesInPicture, project, rayOf } from '../../../canvas/kernels/space'
import type { SceneCamera } from '../../queue/model'
import css from './Cloud.module.css'
import type { CloudOnScreen } from './view'

/** Radians round the ray of a pixel within which a point is meant. */
const REACH = 0.01
/** Metres: how far a look through a picture is shown in the cloud. */
const FAR = 80
/** Pixels of a picture around a click whose rays are shown. */
const AROUND = 12

export function Cameras({ view, cameras }: { view: CloudOnScreen; cameras: readonly SceneCamera[] }) {
  const [open, setOpen] = useState<string | null>(null)
  const enlarged = cameras.find(({ name }) => name === open)
  return (
    <div className={css.cameras}>
      {enlarged !== undefined && (
        <div className={css.enlarged}>
          <Seen view={view} camera={enlarged} large />
        </div>
      )}
      <div className={css.strip}>
        {cameras.map((camera) => (
          <button key={camera.name} type="button" className={css.camera} aria-pressed={open === camera.name} aria-label={`Camera ${camera.name}: ${open === camera.name ? 'small' : 'large'}`} onClick={() => setOpen(open === camera.name ? null : camera.name)}>
            <Seen view={view} camera={camera} />
            <span>{camera.name}</span>
          </button>
        ))}
      </div>
    </div>
  )
}

function Seen({ view, camera, large = false }: { view: CloudOnScreen; camera: SceneCamera; large?: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [isHere, setHere] = useState(false)
  useSyncExternalStore(view.subscribe, view.getState)

  useEffect(() => {
    if (canvas.current !== null && isHere) draw(canvas.current, view, camera, large)
  })
  useEffect(() => {
    if (!large) return
    return () => view.showRays([], 0)
  }, [view, large])

  // The list of objects selects by keys, and the cloud's own keys put cuboids: this is for hands.
  useEffect(() => {
    const element = canvas.current
    if (element === null || !large) return
    const onClick = (event: MouseEvent) => {
      const { left, top, width, height } = element.getBoundingClientRect()
      point(view, camera, [((event.clientX - left) / width) * camera.width, ((event.clientY - top) / height) * camera.height])
    }
    element.addEventListener('click', onClick)
    return () => element.removeEventListener('click', onClick)
  }, [view, camera, large])
  return (
    <span className={css.seen} style={{ aspectRatio: `${camera.width} / ${camera.height}` }}>
      <img src={camera.url} alt={large ? `What ${camera.name} saw` : ''} draggable={false} onLoad={() => setHere(true)} />
      <canvas ref={canvas} />
    </span>
  )
}

/** What a click in a picture means: the cuboid there, or else what the cloud has behind it. */
function point(view: CloudOnScreen, camera: SceneCamera, pixel: readonly [number, number]): void {
  const { editor } = view
  const ray = rayOf(camera, pixel)
  const hit = view.cuboidOn(ray)
  if (hit !== null) {
    editor.act(() => {
      select(editor, [hit.id])
      editor.say(editor.describe(hit.id))
    })
    view.focus()
    return
  }
  const corners = [[-AROUND, -AROUND], [AROUND, -AROUND], [AROUND, AROUND], [-AROUND, AROUND]] as const
  view.showRays(corners.map(([x, y]) => rayOf(camera, [pixel[0] + x, pixel[1] + y])), FAR)
  const place = view.pointNear(ray, REACH)
  if (place === null) {
    editor.act(() => editor.say('The cloud has no point here'))
    return
  }
  view.lookAt(place)
  if (editor.getSnapshot().tool === 'cuboid3d') view.boxAt(place)
}

function draw(canvas: HTMLCanvasElement, view: CloudOnScreen, camera: SceneCamera, large: boolean): void {
  const ratio = Math.min(2, devicePixelRatio)
  const [width, height] = [canvas.clientWidth, canvas.clientHeight]
  if (width === 0) return
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  const context = canvas.getContext('2d')
  if (context === null) return
  const scale = (width / camera.width) * ratio
  context.setTransform(scale, 0, 0, scale, 0, 0)
  const { selected, hovered } = view.editor.session
  const colors = new Map(view.editor.ontology.classes.map(({ key, color }) => [key, color]))
  for (const { record, solid } of view.solids()) {
    if (aroundInPicture(camera, solid) === null) continue
    const isSelected = selected.includes(record.id)
    context.beginPath()
    for (const [from, to] of edgesInPicture(camera, solid)) {
      context.moveTo(...from)
      context.lineTo(...to)
    }
    context.lineWidth = ((isSelected ? 5 : 3.5) * ratio) / scale / (large ? 1 : 1.6)
    context.strokeStyle = 'rgba(0, 0, 0, 0.6)'
    context.stroke()
    context.lineWidth /= 2
    context.strokeStyle = isSelected ? '#ffffff' : (colors.get(record.class) ?? '#adb5bd')
    context.stroke()
    if (!large || (!isSelected && record.id !== hovered)) continue
    const name = view.editor.ontology.classes.find(({ key }) => key === record.class)?.name ?? record.class
    const at = project(camera, [solid.centre[0], solid.centre[1], solid.centre[2] + solid.size[2] / 2])
    if (at === null) continue
    context.font = `${(13 * ratio) / scale}px system-ui, sans-serif`
    context.lineWidth = (4 * ratio) / scale
    context.strokeStyle = 'rgba(0, 0, 0, 0.8)'
    context.strokeText(name, at[0], at[1] - (8 * ratio) / scale)
    context.fillStyle = '#ffffff'
    context.fillText(name, at[0], at[1] - (8 * ratio) / scale)
  }
}
