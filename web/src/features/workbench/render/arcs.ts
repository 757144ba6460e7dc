import { type Editor, type Point, boundsOfShape, isInFront, kindOf, toScreen } from '../../../canvas'
import { CASING, stroke } from './paint'

/** More of them at once hide the picture: then only those of what is in the hand are drawn (W133). */
const ARCS_MAX = 300
/** Screen pixels. */
const HEAD_PX = 9
const LIGHT = '#ffffff'
const ACCENT = '#1c7ed6'
const FAINT = '#74c0fc'

/** The relations as arcs from middle to middle, their names on those of what is in the hand. */
export function paintArcs(context: CanvasRenderingContext2D, editor: Editor): void {
  const { camera, selected, hovered, hidden, joining } = editor.session
  const inHand = new Set(hovered === null ? selected : [...selected, hovered])
  const shown = editor.scene.relations.filter(({ from, to }) => !hidden.has(from) && !hidden.has(to))
  const isCrowded = shown.length > ARCS_MAX
  for (const { from, to, relation } of shown) {
    const isHeld = inHand.has(from) || inHand.has(to)
    if (isCrowded && !isHeld) continue
    const [a, b] = [middleOf(editor, from), middleOf(editor, to)]
    if (a === null || b === null) continue
    const kind = kindOf(editor.ontology, relation)
    arc(context, toScreen(camera, a), toScreen(camera, b), isHeld, kind?.direction === 'both_ways' ? null : 'head')
    if (isHeld) label(context, bend(toScreen(camera, a), toScreen(camera, b)), kind?.name ?? relation)
  }
  const begun = joining === null ? null : middleOf(editor, joining)
  if (begun !== null) arc(context, toScreen(camera, begun), editor.screenHere, true, 'head')
}

function middleOf(editor: Editor, id: string): Point | null {
  const object = editor.scene.get(id)
  if (object === null || !isInFront(editor, object)) return null
  const { left, top, right, bottom } = boundsOfShape(object.shape)
  return [(left + right) / 2, (top + bottom) / 2]
}

/** The top of the arc: off the straight line by a fifth of it, always to the same side as one goes. */
function bend([x, y]: Point, [u, v]: Point): Point {
  return [(x + u) / 2 + (v - y) / 5, (y + v) / 2 - (u - x) / 5]
}

function arc(context: CanvasRenderingContext2D, from: Point, to: Point, isHeld: boolean, end: 'head' | null): void {
  const top = bend(from, to)
  // The control point of a quadratic curve through its top.
  const control: Point = [2 * top[0] - (from[0] + to[0]) / 2, 2 * top[1] - (from[1] + to[1]) / 2]
  context.beginPath()
  context.moveTo(...from)
  context.quadraticCurveTo(...control, ...to)
  if (end === 'head') head(context, control, to)
  context.lineCap = 'round'
  stroke(context, CASING, isHeld ? 5.5 : 4)
  stroke(context, isHeld ? LIGHT : FAINT, isHeld ? 3.5 : 1.75)
  if (isHeld) stroke(context, ACCENT, 2)
  context.lineCap = 'butt'
}

function head(context: CanvasRenderingContext2D, from: Point, [x, y]: Point): void {
  const angle = Math.atan2(y - from[1], x - from[0])
  for (const side of [-0.45, 0.45]) {
    context.moveTo(x, y)
    context.lineTo(x - HEAD_PX * Math.cos(angle + side), y - HEAD_PX * Math.sin(angle + side))
  }
}

function label(context: CanvasRenderingContext2D, [x, y]: Point, text: string): void {
  context.font = '600 12px system-ui, sans-serif'
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  const half = context.measureText(text).width / 2 + 6
  context.beginPath()
  context.roundRect(x - half, y - 9, 2 * half, 18, 9)
  context.fillStyle = ACCENT
  context.fill()
  context.fillStyle = LIGHT
  context.fillText(text, x, y + 0.5)
}
