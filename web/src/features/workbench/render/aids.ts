/**
 * The aids around a picture: rulers along its edges, a small map of the whole, lines through the
 * pointer. Fetched when somebody first asks for one.
 */
import { type Camera, type Editor, boundsOfShape, centreOn, isDrawingTool, toScreen } from '../../../canvas'
import type { Bitmaps } from './bitmaps'
import type { ImageSource } from './image-source'

const FONT = '10px system-ui, sans-serif'
const RULER_PX = 20
const MAP_PX = 168
/** Screen pixels from one number of a ruler to the next, at least. */
const TICK_PX = 70

interface Inks {
  readonly ground: string
  readonly ink: string
  readonly line: string
  readonly accent: string
}

/** The colours of the page, which change with its theme. */
function inksOf(element: HTMLElement): Inks {
  const style = getComputedStyle(element)
  const read = (name: string) => style.getPropertyValue(name).trim()
  // A custom property is not resolved for a canvas: `light-dark()` has to be asked for through a colour.
  const probe = document.createElement('span')
  element.append(probe)
  const resolve = (name: string) => {
    probe.style.color = read(name)
    return getComputedStyle(probe).color
  }
  const inks = { ground: resolve('--surface'), ink: resolve('--ink-2'), line: resolve('--line-strong'), accent: resolve('--accent') }
  probe.remove()
  return inks
}

function canvasIn(host: HTMLElement, css: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.style.cssText = `position:absolute;pointer-events:none;${css}`
  canvas.setAttribute('aria-hidden', 'true')
  host.append(canvas)
  return canvas
}

function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio
  canvas.style.inlineSize = `${width}px`
  canvas.style.blockSize = `${height}px`
  canvas.width = Math.max(1, Math.round(width * ratio))
  canvas.height = Math.max(1, Math.round(height * ratio))
  const context = canvas.getContext('2d')
  context?.setTransform(ratio, 0, 0, ratio, 0, 0)
  return context
}

/** Calls back once a frame while what is asked for changes; answers how to stop. */
function onChange(editor: Editor, what: () => unknown, draw: () => void): () => void {
  let [frame, seen] = [0, what()]
  const run = () => {
    frame = 0
    draw()
  }
  const stop = editor.subscribe(() => {
    const now = what()
    if (now === seen) return
    seen = now
    if (frame === 0) frame = requestAnimationFrame(run)
  })
  run()
  return () => {
    stop()
    cancelAnimationFrame(frame)
  }
}

/** The step from number to number: 1, 2 or 5 times a power of ten. */
export function tickOf(zoom: number): number {
  const least = TICK_PX / zoom
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 5].find((times) => times * power >= least) ?? 10)
}

/** Rulers in pixels of the picture, along the top and the left. */
export function attachRulers(host: HTMLElement, editor: Editor): () => void {
  const [top, side] = [canvasIn(host, 'inset-block-start:0;inset-inline-start:0'), canvasIn(host, 'inset-block-start:0;inset-inline-start:0')]
  const inks = inksOf(host)
  const draw = () => {
    const { camera, screen } = editor.session
    ruler(sized(top, screen.width, RULER_PX), camera, screen.width, 'x', inks)
    ruler(sized(side, RULER_PX, screen.height), camera, screen.height, 'y', inks)
  }
  const stop = onChange(editor, () => editor.session.camera, draw)
  return () => {
    stop()
    top.remove()
    side.remove()
  }
}

function ruler(context: CanvasRenderingContext2D | null, camera: Camera, length: number, axis: 'x' | 'y', inks: Inks): void {
  if (context === null) return
  const isX = axis === 'x'
  context.globalAlpha = 0.88
  context.fillStyle = inks.ground
  context.fillRect(0, 0, isX ? length : RULER_PX, isX ? RULER_PX : length)
  context.globalAlpha = 1
  context.fillStyle = inks.ink
  context.strokeStyle = inks.line
  context.font = FONT
  context.beginPath()
  const step = tickOf(camera.zoom)
  const origin = camera[axis]
  for (let at = Math.ceil(origin / (step / 5)) * (step / 5); (at - origin) * camera.zoom < length; at += step / 5) {
    const place = Math.round((at - origin) * camera.zoom) + 0.5
    const isNumber = Math.abs(at / step - Math.round(at / step)) < 1e-6
    const from = isNumber ? 8 : 14
    context.moveTo(isX ? place : from, isX ? from : place)
    context.lineTo(isX ? place : RULER_PX, isX ? RULER_PX : place)
    if (!isNumber) continue
    const text = String(Math.round(at * 100) / 100)
    if (isX) context.fillText(text, place + 3, 10)
    else {
      context.save()
      context.translate(10, place + 3)
      context.rotate(Math.PI / 2)
      context.fillText(text, 0, 0)
      context.restore()
    }
  }
  context.stroke()
}

/** The whole picture, small, with what is seen of it and where the objects are; a drag moves the camera. */
export function attachMap(host: HTMLElement, editor: Editor, source: ImageSource, bitmaps: Bitmaps): () => void {
  const { width, height } = editor.image
  const scale = MAP_PX / Math.max(width, height)
  const canvas = canvasIn(host, 'inset-block-end:10px;inset-inline-end:10px;border-radius:6px;box-shadow:var(--shadow-2);cursor:crosshair')
  canvas.style.pointerEvents = 'auto'
  canvas.style.touchAction = 'none'
  const inks = inksOf(host)
  let picture: ImageBitmap | null = null
  const off = new AbortController()
  const draw = () => {
    const context = sized(canvas, Math.round(width * scale), Math.round(height * scale))
    if (context === null) return
    context.fillStyle = inks.ground
    context.fillRect(0, 0, width * scale, height * scale)
    if (picture !== null) context.drawImage(picture, 0, 0, width * scale, height * scale)
    context.fillStyle = inks.accent
    for (const { shape } of editor.scene.here) {
      const { left, top, right, bottom } = boundsOfShape(shape)
      context.fillRect(((left + right) / 2) * scale - 1, ((top + bottom) / 2) * scale - 1, 2.5, 2.5)
    }
    const { camera, screen } = editor.session
    const [w, h] = [(screen.width / camera.zoom) * scale, (screen.height / camera.zoom) * scale]
    context.strokeStyle = 'rgba(0, 0, 0, 0.6)'
    context.lineWidth = 4
    context.strokeRect(camera.x * scale, camera.y * scale, w, h)
    context.strokeStyle = '#ffffff'
    context.lineWidth = 2
    context.strokeRect(camera.x * scale, camera.y * scale, w, h)
  }
  const address = 'fullUrl' in source ? source.fullUrl : source.previewUrl
  // Small, once: the large bitmap may be let go, and drawing it at each move would cost all of its pixels.
  bitmaps
    .load(address, off.signal)
    .then((bitmap) => createImageBitmap(bitmap, { resizeWidth: Math.max(1, Math.round(width * scale * 2)), resizeHeight: Math.max(1, Math.round(height * scale * 2)), resizeQuality: 'medium' }))
    .then((small) => {
      if (off.signal.aborted) return small.close()
      picture = small
      draw()
    })
    .catch(() => undefined) // The picture itself says that it did not come.
  const go = (event: PointerEvent) => {
    if ((event.buttons & 1) === 0) return
    const { left, top } = canvas.getBoundingClientRect()
    editor.act(() => centreOn(editor, [(event.clientX - left) / scale, (event.clientY - top) / scale]))
    event.stopPropagation()
  }
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId)
    event.preventDefault()
    go(event)
  }, { signal: off.signal })
  canvas.addEventListener('pointermove', go, { signal: off.signal })
  const stop = onChange(editor, () => `${JSON.stringify(editor.session.camera)} ${editor.scene.here.length}`, draw)
  return () => {
    stop()
    off.abort()
    picture?.close()
    canvas.remove()
  }
}

/** Lines through the pointer while a tool that draws is in the hand: moved by the compositor, never painted again. */
export function attachGuides(host: HTMLElement, editor: Editor): () => void {
  const off = new AbortController()
  const line = (css: string) => {
    const element = document.createElement('div')
    element.style.cssText = `position:absolute;pointer-events:none;inset-block-start:0;left:0;display:none;background:#fff;box-shadow:0 0 0 0.5px rgb(0 0 0 / 60%);will-change:transform;${css}`
    element.setAttribute('aria-hidden', 'true')
    host.append(element)
    return element
  }
  const [across, down] = [line('inline-size:100%;block-size:1px'), line('inline-size:1px;block-size:100%')]
  let spot: readonly [number, number] | null = null
  const place = () => {
    const { crosshair, camera } = editor.session
    const at = crosshair === null ? spot : toScreen(camera, crosshair)
    const isSeen = at !== null && isDrawingTool(editor.root.tool)
    for (const element of [across, down]) element.style.display = isSeen ? 'block' : 'none'
    if (at === null) return
    across.style.transform = `translateY(${Math.round(at[1])}px)`
    down.style.transform = `translateX(${Math.round(at[0])}px)`
  }
  host.addEventListener('pointermove', (event) => {
    const { left, top } = host.getBoundingClientRect()
    spot = [event.clientX - left, event.clientY - top]
    place()
  }, { capture: true, passive: true, signal: off.signal })
  host.addEventListener('pointerleave', () => {
    spot = null
    place()
  }, { signal: off.signal })
  const stop = editor.subscribe(place)
  return () => {
    stop()
    off.abort()
    across.remove()
    down.remove()
  }
}
