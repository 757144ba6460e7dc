/**
 * The cuboid in hand from above, from its side and from its front, without perspective: its sides are taken hold of
 * here, and what it holds is seen. Whatever a drag does here, keys and numbers do as well.
 */
import { type PointerEvent, useEffect, useRef, useSyncExternalStore } from 'react'
import { type CuboidRecord, rotationOf, solidOf, standOf } from '../../../canvas'
import { type Place, aboutZ, composed, plus, turned } from '../../../canvas/kernels/space'
import type { Stand } from '../../../canvas/shapes/cuboid3d'
import { useEditor } from '../useEditor'
import css from './Cloud.module.css'
import type { CloudOnScreen } from './view'

/** Which axes of the cuboid lie across and up, and which way. */
const SIDES = [
  { key: 'top', name: 'From above', across: 0, up: 1, sign: 1 },
  { key: 'side', name: 'From its right', across: 0, up: 2, sign: 1 },
  { key: 'front', name: 'From behind', across: 1, up: 2, sign: -1 },
] as const
type Side = (typeof SIDES)[number]

/** How much more than the cuboid is seen. */
const ROOM = 1.7
/** Metres around the cuboid whose points are seen. */
const MARGIN = 2.5
const REACH_PX = 9
const REACH_TOUCH_PX = 18
/** Screen pixels by which the handle that turns stands off. */
const TURN_PX = 20

export function Sides({ view, id }: { view: CloudOnScreen; id: string }) {
  const { editor } = view
  useSyncExternalStore(view.subscribe, view.getState)
  const frame = useEditor(editor, ({ session }) => session.frame)
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly || session.locked.has(id))
  const record = editor.scene.get(id)
  if (record === null || record.shape.type !== 'cuboid3d') return null
  const cuboid = record as CuboidRecord
  const stand = standOf(editor, cuboid)
  if (stand === null) return <p className={css.away}>It is not there at this moment.</p>
  const solid = solidOf(cuboid.shape.size, stand)
  return (
    <>
      {SIDES.map((side) => <SideView key={`${side.key} ${frame}`} view={view} record={cuboid} stand={stand} side={side} readOnly={isReadOnly} />)}
      <p className={css.inside}>{view.countIn(solid).toLocaleString('en')} points in it</p>
    </>
  )
}

interface SideProps {
  view: CloudOnScreen
  record: CuboidRecord
  /** Where it stands in the answer; the hand may have it elsewhere. */
  stand: Stand
  side: Side
  readOnly: boolean
}

interface Hold {
  /** The pointer that holds: a second finger, or a palm, changes nothing. */
  readonly by: number
  readonly what: 'move' | 'turn' | { readonly across: -1 | 0 | 1; readonly up: -1 | 0 | 1 }
  readonly from: readonly [number, number]
}

function SideView({ view, record, stand, side, readOnly }: SideProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const hold = useRef<Hold | null>(null)
  // Another moment comes onto the screen, or another cuboid in hand: what was held is let go of.
  useEffect(() => () => {
    if (hold.current !== null) view.setPreview(null)
  }, [view])
  const { size } = record.shape
  const color = view.editor.ontology.classes.find(({ key }) => key === record.class)?.color ?? '#adb5bd'

  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, view, record, stand, side, color)
  })

  const scaleOf = () => {
    const { clientWidth, clientHeight } = canvas.current as HTMLCanvasElement
    return Math.min(clientWidth / (size[side.across] * ROOM + 1), clientHeight / (size[side.up] * ROOM + 1))
  }
  const at = (event: PointerEvent): readonly [number, number] => {
    const { left, top, width, height } = (canvas.current as HTMLCanvasElement).getBoundingClientRect()
    const scale = scaleOf()
    return [((event.clientX - left - width / 2) / scale) * side.sign, -(event.clientY - top - height / 2) / scale]
  }
  const grip = (event: PointerEvent): Hold['what'] | null => {
    const [across, up] = at(event)
    const reach = (event.pointerType === 'mouse' ? REACH_PX : REACH_TOUCH_PX) / scaleOf()
    const [a, b] = [size[side.across] / 2, size[side.up] / 2]
    if (side.key === 'top' && Math.hypot(across - a - TURN_PX / scaleOf(), up) < 1.6 * reach) return 'turn'
    const near = (value: number, half: number): -1 | 0 | 1 => (Math.abs(value - half) < reach ? 1 : Math.abs(value + half) < reach ? -1 : 0)
    const [x, y] = [near(across, a), near(up, b)]
    const isWithin = Math.abs(across) < a + reach && Math.abs(up) < b + reach
    if (!isWithin) return null
    return x === 0 && y === 0 ? 'move' : { across: x, up: y }
  }

  const onDown = (event: PointerEvent) => {
    if (readOnly || event.button !== 0 || hold.current !== null) return
    const what = grip(event)
    if (what === null) return
    ;(event.target as Element).setPointerCapture(event.pointerId)
    hold.current = { by: event.pointerId, what, from: at(event) }
  }
  const onMove = (event: PointerEvent) => {
    if (hold.current === null) {
      const what = readOnly ? null : grip(event)
      ;(canvas.current as HTMLCanvasElement).style.cursor = what === null ? 'default' : what === 'move' ? 'move' : what === 'turn' ? 'grab' : what.across !== 0 && what.up !== 0 ? 'crosshair' : what.across !== 0 ? 'ew-resize' : 'ns-resize'
      return
    }
    if (hold.current.by !== event.pointerId) return
    const { what, from } = hold.current
    const to = at(event)
    const by = [to[0] - from[0], to[1] - from[1]] as const
    view.setPreview({ id: record.id, ...changed(stand, size, side, what, by, to) })
  }
  const onUp = (event: PointerEvent) => {
    if (hold.current?.by !== event.pointerId) return
    const { what } = hold.current
    hold.current = null
    view.settle(what === 'move' ? 'move' : what === 'turn' ? 'turn' : 'resize')
  }
  const onCancel = (event: PointerEvent) => {
    if (hold.current?.by !== event.pointerId) return
    hold.current = null
    view.setPreview(null)
  }
  return (
    <figure className={css.side} data-side={side.key}>
      <canvas
        ref={canvas}
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={onCancel}
      />
      <figcaption>{side.name}</figcaption>
    </figure>
  )
}

/** What a drag makes of it: computed from where it was when the hand came down. */
function changed(stand: Stand, size: Place, side: Side, what: Hold['what'], by: readonly [number, number], to: readonly [number, number]): { stand: Stand; size: Place } {
  const local: [number, number, number] = [0, 0, 0]
  if (what === 'turn') {
    const angle = Math.atan2(to[1], to[0])
    const rotation = stand.rotation === undefined ? {} : { rotation: composed(aboutZ(angle), stand.rotation) }
    return { size, stand: { ...stand, ...rotation, yaw: stand.yaw + angle } }
  }
  if (what === 'move') {
    local[side.across] = by[0]
    local[side.up] = by[1]
    return { size, stand: { ...stand, centre: plus(stand.centre, turned(rotationOf(stand), local)) } }
  }
  const next: [number, number, number] = [...size]
  for (const [axis, sign, along] of [[side.across, what.across, by[0]], [side.up, what.up, by[1]]] as const) {
    const length = Math.max(0.1, size[axis] + sign * along)
    // The opposite side stays where it is.
    local[axis] = (sign * (length - size[axis])) / 2
    next[axis] = length
  }
  return { size: next, stand: { ...stand, centre: plus(stand.centre, turned(rotationOf(stand), local)) } }
}

function draw(canvas: HTMLCanvasElement, view: CloudOnScreen, record: CuboidRecord, stand: Stand, side: Side, color: string): void {
  const ratio = Math.min(2, devicePixelRatio)
  const [width, height] = [canvas.clientWidth, canvas.clientHeight]
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio)
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio)
  const context = canvas.getContext('2d')
  if (context === null || width === 0) return
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.fillStyle = '#10161c'
  context.fillRect(0, 0, width, height)
  const { size } = record.shape
  const scale = Math.min(width / (size[side.across] * ROOM + 1), height / (size[side.up] * ROOM + 1))
  const solid = solidOf(size, stand)
  const points = view.pointsAround(solid, MARGIN)
  const depth = 3 - side.across - side.up
  for (let i = 0; i < points.length; i += 3) {
    // Of what lies before and behind it, only a little.
    const off = Math.abs(points[i + depth] as number) - (size[depth] as number) / 2
    if (off > 0.6) continue
    const isWithin = off <= 0 && Math.abs(points[i + side.across] as number) <= size[side.across] / 2 && Math.abs(points[i + side.up] as number) <= size[side.up] / 2
    context.fillStyle = isWithin ? '#f8f9fa' : off > 0 ? '#3d4852' : '#7b8a97'
    const x = width / 2 + (points[i + side.across] as number) * scale * side.sign
    const y = height / 2 - (points[i + side.up] as number) * scale
    context.fillRect(x - 0.8, y - 0.8, 1.6, 1.6)
  }
  const { preview } = view
  const held = preview?.id === record.id ? preview : { stand, size }
  outline(context, held, stand, side, color, scale, [width / 2, height / 2])
}

function outline(context: CanvasRenderingContext2D, held: { stand: Stand; size: Place }, stand: Stand, side: Side, color: string, scale: number, [x, y]: readonly [number, number]): void {
  // Where it is now, as seen along the axes of where it was.
  const shift = turned(inverse(rotationOf(stand)), [0, 1, 2].map((i) => (held.stand.centre[i] as number) - (stand.centre[i] as number)) as unknown as Place)
  const turn = side.key === 'top' ? held.stand.yaw - stand.yaw : 0
  const [a, b] = [held.size[side.across] / 2, held.size[side.up] / 2]
  const place = (p: number, q: number): readonly [number, number] => {
    const [u, v] = [p * Math.cos(turn) - q * Math.sin(turn) + (shift[side.across] as number), p * Math.sin(turn) + q * Math.cos(turn) + (shift[side.up] as number)]
    return [x + u * scale * side.sign, y - v * scale]
  }
  const path = (points: readonly (readonly [number, number])[]) => {
    context.beginPath()
    for (const point of points) context.lineTo(...point)
  }
  path([place(-a, -b), place(a, -b), place(a, b), place(-a, b)])
  context.closePath()
  context.strokeStyle = 'rgba(0, 0, 0, 0.7)'
  context.lineWidth = 4
  context.stroke()
  context.strokeStyle = color
  context.lineWidth = 2
  context.stroke()
  if (side.key === 'front') return
  // Where it looks.
  const off = TURN_PX / scale
  path([place(0, side.key === 'top' ? 0 : -b), place(a + (side.key === 'top' ? off : 0), side.key === 'top' ? 0 : -b)])
  context.stroke()
  if (side.key !== 'top') return
  context.beginPath()
  context.arc(...place(a + off, 0), 5, 0, 2 * Math.PI)
  context.fillStyle = '#ffffff'
  context.fill()
  context.stroke()
}

const inverse = ([w, x, y, z]: readonly [number, number, number, number]): readonly [number, number, number, number] => [w, -x, -y, -z]
