import { type Bounds, type ObjectRecord, type Point, boundsOfShape, util } from '../../../canvas'
import type { Projection } from './surface'

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

/** Under every outline lies a darker, wider one: so it is seen on light and on dark, and on its own colour. */
export const CASING = 'rgba(0, 0, 0, 0.55)'
const FILL_ALPHA = 0.14
/** Device pixels: a shape smaller than this is a dot, whatever its outline. */
const DOT = 3
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

export interface Strokes {
  readonly width: number
  readonly casing: number
}

/** Shapes to a path. One path for all is slower without a GPU than some: its edges are sorted over the whole canvas. */
const BATCH = 16

/** Draws many shapes with three strokes of the brush for some of one colour, not three for each. */
export function paintBatches(
  context: Context,
  objects: readonly ObjectRecord[],
  colorOf: (classKey: string) => string,
  to: Projection,
  strokes: Strokes,
): void {
  const batches = new Map<string, ObjectRecord[]>()
  for (const object of objects) {
    const color = colorOf(object.class)
    const batch = batches.get(color)
    if (batch === undefined) batches.set(color, [object])
    else batch.push(object)
  }
  context.lineJoin = 'round'
  for (const [color, all] of batches) {
    for (let i = 0; i < all.length; i += BATCH) paintBatch(context, all.slice(i, i + BATCH), color, to, strokes)
  }
}

function paintBatch(context: Context, batch: readonly ObjectRecord[], color: string, to: Projection, strokes: Strokes): void {
  context.beginPath()
  for (const { shape } of batch) {
    const bounds = boundsOfShape(shape)
    if (isDot(bounds, to)) dot(context, bounds, to)
    else trace(context, util(shape).outline(shape), to)
  }
  context.fillStyle = color
  context.globalAlpha = FILL_ALPHA
  context.fill()
  context.globalAlpha = 1
  stroke(context, CASING, strokes.casing)
  stroke(context, color, strokes.width)
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
