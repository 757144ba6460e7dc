import { type Bounds, type Dot, type Editor, type ObjectRecord, type Path, type Point, boundsOfShape } from '../../../canvas'
import type { Projection } from './surface'

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

/** Under every outline lies a darker, wider one: so it is seen on light and on dark, and on its own colour. */
export const CASING = 'rgba(0, 0, 0, 0.55)'
const FILL_ALPHA = 0.14
/** Device pixels: a shape smaller than this is a dot, whatever its outline. */
const DOT = 3
/** Screen pixels: how far from its middle a dot of a shape is drawn, its casing among it. */
export const DOT_PX = 5
/** Device pixels: a point nearer to the last than this adds nothing to the line. */
const NEAR = 0.7

/** Adds an outline to the path in hand, without the points that nobody could tell apart. */
export function trace(context: Context, points: readonly Point[], { scale, dx, dy }: Projection, isClosed = true): void {
  let [lastX, lastY] = [Number.NaN, Number.NaN]
  for (const [px, py] of points) {
    const [x, y] = [px * scale + dx, py * scale + dy]
    if (Number.isNaN(lastX)) context.moveTo(x, y)
    else if (Math.abs(x - lastX) + Math.abs(y - lastY) < NEAR) continue
    else context.lineTo(x, y)
    lastX = x
    lastY = y
  }
  if (isClosed) context.closePath()
}

/** Adds the closed lines to the path in hand, or the open ones: only what is closed may be filled. */
export function tracePaths(context: Context, paths: readonly Path[], to: Projection, which: 'closed' | 'open'): void {
  for (const { points, closed } of paths) if (closed === (which === 'closed')) trace(context, points, to, closed)
}

/** Draws what a shape is at a place alone: full, or hollow where the place is hidden. */
export function paintDots(context: Context, dots: readonly Dot[], color: string, { scale, dx, dy }: Projection, ratio: number): void {
  for (const { at, look } of dots) {
    context.beginPath()
    context.arc(at[0] * scale + dx, at[1] * scale + dy, (DOT_PX - 1) * ratio, 0, 2 * Math.PI)
    stroke(context, CASING, 3 * ratio)
    context.fillStyle = look === 'full' ? color : '#ffffff'
    context.fill()
    stroke(context, look === 'full' ? '#ffffff' : color, 1.5 * ratio)
  }
}

export interface Strokes {
  readonly width: number
  readonly casing: number
  /** Device pixels per pixel of the screen. */
  readonly ratio: number
}

/** What the painter needs to know of an object. */
export interface Palette {
  readonly editor: Editor
  readonly colorOf: (classKey: string) => string
}

/** Shapes to a path. One path for all is slower without a GPU than some: its edges are sorted over the whole canvas. */
const BATCH = 16

/** Draws many shapes with three strokes of the brush for some of one colour, not three for each. */
export function paintBatches(
  context: Context,
  objects: readonly ObjectRecord[],
  { editor, colorOf }: Palette,
  to: Projection,
  strokes: Strokes,
): void {
  const batches = new Map<string, ObjectRecord[]>()
  for (const object of objects) {
    const look = `${colorOf(object.class)} ${dashesOf(object).join(' ')}`
    const batch = batches.get(look)
    if (batch === undefined) batches.set(look, [object])
    else batch.push(object)
  }
  context.lineJoin = 'round'
  for (const all of batches.values()) {
    const [first] = all
    if (first === undefined) continue
    const [color, dashes] = [colorOf(first.class), dashesOf(first).map((length) => length * strokes.ratio)]
    for (let i = 0; i < all.length; i += BATCH) paintBatch(context, all.slice(i, i + BATCH), color, dashes, to, strokes, editor)
  }
}

/** Screen pixels: in a video, what is on the way between keyframes is dashed, what is covered is dotted. */
export function dashesOf({ seen }: ObjectRecord): readonly number[] {
  if (seen === undefined) return NO_DASHES
  if (seen.occluded) return DOTTED
  return seen.isKeyframe ? NO_DASHES : DASHED
}
const NO_DASHES: readonly number[] = []
const DASHED: readonly number[] = [8, 5]
const DOTTED: readonly number[] = [2.5, 4]

function paintBatch(context: Context, batch: readonly ObjectRecord[], color: string, dashes: readonly number[], to: Projection, strokes: Strokes, editor: Editor): void {
  const drawings: { readonly paths: readonly Path[]; readonly dots: readonly Dot[] }[] = []
  const holed: Path[][] = []
  context.fillStyle = color
  context.beginPath()
  for (const object of batch) {
    const bounds = boundsOfShape(object.shape)
    const drawing = editor.drawingOf(object)
    if (drawing.dots.length === 0 && isDot(bounds, to)) {
      dot(context, bounds, to)
      continue
    }
    drawings.push(drawing)
    const rings = drawing.paths.filter(({ closed }) => closed)
    if (rings.length > 1) holed.push(rings)
    else tracePaths(context, rings, to, 'closed')
  }
  context.globalAlpha = FILL_ALPHA
  context.fill()
  // Holes are holes by counting lines, and the lines of other shapes must not be counted with them.
  for (const rings of holed) {
    context.beginPath()
    tracePaths(context, rings, to, 'closed')
    context.fill('evenodd')
  }
  context.globalAlpha = 1
  if (holed.length > 0) context.beginPath()
  for (const { paths } of drawings) {
    if (holed.length > 0) tracePaths(context, paths, to, 'closed')
    tracePaths(context, paths, to, 'open')
  }
  context.setLineDash([...dashes])
  stroke(context, CASING, strokes.casing)
  stroke(context, color, strokes.width)
  context.setLineDash([])
  for (const { dots } of drawings) paintDots(context, dots, color, to, strokes.ratio)
}

export function stroke(context: Context, style: string, width: number): void {
  context.strokeStyle = style
  context.lineWidth = width
  context.stroke()
}

const isDot = ({ left, top, right, bottom }: Bounds, { scale }: Projection): boolean =>
  Math.max(right - left, bottom - top) * scale < DOT

function dot(context: Context, { left, top }: Bounds, { scale, dx, dy }: Projection): void {
  context.rect(left * scale + dx, top * scale + dy, DOT / 2, DOT / 2)
}
