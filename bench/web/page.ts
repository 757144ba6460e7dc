import Konva from 'konva'
import { type Answer, Editor, type ObjectRecord, setScreen } from '../../web/src/canvas'
import { fitTo, pan, zoomAt, type Camera } from '../../web/src/canvas/kernels/camera'
import { hitObject } from '../../web/src/canvas/hits'
import { setCamera } from '../../web/src/canvas/view'
import { CanvasView } from '../../web/src/features/workbench/render'

// The page that the benchmark drives: one picture and many polygons, drawn by us, by Konva, or in the naive way.

const IMAGE = { width: 4000, height: 3000 }
const COLORS = ['#e8590c', '#1971c2', '#2f9e44', '#9c36b5', '#f08c00', '#0c8599', '#e03131', '#5f3dc4']

function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export function answerOf(count: number, vertices: number): Answer {
  const next = random(1)
  const objects = Array.from({ length: count }, (_, i) => {
    const radius = 20 + 60 * next()
    const [x, y] = [radius + next() * (IMAGE.width - 2 * radius), radius + next() * (IMAGE.height - 2 * radius)]
    const points = Array.from({ length: vertices }, (_, k) => {
      const [angle, r] = [(k / vertices) * 2 * Math.PI, radius * (0.7 + 0.3 * next())]
      return [x + Math.cos(angle) * r, y + Math.sin(angle) * r] as const
    })
    return { id: `s${i}`, class: `c${i % COLORS.length}`, shape: { type: 'polygon', points } as const }
  })
  return { objects }
}

async function picture(): Promise<string> {
  const canvas = new OffscreenCanvas(IMAGE.width, IMAGE.height)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('no canvas')
  const next = random(2)
  const gradient = context.createLinearGradient(0, 0, IMAGE.width, IMAGE.height)
  gradient.addColorStop(0, '#6b8299')
  gradient.addColorStop(1, '#d8cfae')
  context.fillStyle = gradient
  context.fillRect(0, 0, IMAGE.width, IMAGE.height)
  for (let i = 0; i < 4000; i++) {
    context.fillStyle = `hsl(${next() * 360} 30% ${20 + next() * 60}% / 0.5)`
    context.fillRect(next() * IMAGE.width, next() * IMAGE.height, 10 + next() * 90, 10 + next() * 90)
  }
  return URL.createObjectURL(await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 }))
}

interface Subject {
  readonly editor: Editor
  draw(camera: Camera): void
}

/** What one writes first: the whole picture and every polygon, each with its own path, every frame. */
async function naive(editor: Editor, host: HTMLElement, url: string): Promise<Subject> {
  const canvas = document.createElement('canvas')
  canvas.width = host.clientWidth
  canvas.height = host.clientHeight
  host.append(canvas)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('no canvas')
  const bitmap = await createImageBitmap(await (await fetch(url)).blob())
  setScreen(editor, { width: canvas.width, height: canvas.height })
  const color = (o: ObjectRecord) => COLORS[Number(o.class.slice(1))] ?? '#fff'
  const draw = (camera: Camera): void => {
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, canvas.width, canvas.height)
    context.setTransform(camera.zoom, 0, 0, camera.zoom, -camera.x * camera.zoom, -camera.y * camera.zoom)
    context.drawImage(bitmap, 0, 0)
    for (const object of editor.scene.objects) {
      if (object.shape.type !== 'polygon') continue
      context.beginPath()
      for (const [x, y] of object.shape.points) context.lineTo(x, y)
      context.closePath()
      context.globalAlpha = 0.14
      context.fillStyle = color(object)
      context.fill()
      context.globalAlpha = 1
      context.strokeStyle = 'rgba(0, 0, 0, 0.55)'
      context.lineWidth = 3.5 / camera.zoom
      context.stroke()
      context.strokeStyle = color(object)
      context.lineWidth = 1.75 / camera.zoom
      context.stroke()
    }
  }
  draw(editor.session.camera)
  return { editor, draw }
}

/** As its documentation has it: a layer for the picture, one for the shapes, each shape a node; the stage is moved and scaled. */
async function konva(editor: Editor, host: HTMLElement, url: string): Promise<Subject> {
  const stage = new Konva.Stage({ container: host as HTMLDivElement, width: host.clientWidth, height: host.clientHeight })
  const bitmap = await createImageBitmap(await (await fetch(url)).blob())
  const pictures = new Konva.Layer({ listening: false })
  pictures.add(new Konva.Image({ image: bitmap }))
  const shapes = new Konva.Layer()
  for (const { shape, class: key } of editor.scene.objects) {
    if (shape.type !== 'polygon') continue
    const color = COLORS[Number(key.slice(1))] ?? '#fff'
    shapes.add(new Konva.Line({ points: shape.points.flat(), closed: true, stroke: color, strokeWidth: 1.75, strokeScaleEnabled: false, fill: `${color}24`, perfectDrawEnabled: false }))
  }
  stage.add(pictures, shapes)
  setScreen(editor, { width: host.clientWidth, height: host.clientHeight })
  const draw = ({ zoom, x, y }: Camera): void => {
    stage.scale({ x: zoom, y: zoom })
    stage.position({ x: -x * zoom, y: -y * zoom })
    stage.draw()
  }
  draw(editor.session.camera)
  return { editor, draw }
}

async function ours(editor: Editor, host: HTMLElement, url: string): Promise<Subject> {
  await new Promise<void>((resolve, reject) => {
    const source = { ...IMAGE, fullUrl: url }
    new CanvasView({ host, editor, source, label: 'Benchmark', onReady: resolve, onError: reject })
  })
  return { editor, draw: (camera) => setCamera(editor, camera) }
}

const frame = (): Promise<number> => new Promise(requestAnimationFrame)

const bench = {
  subject: null as Subject | null,
  async load(kind: 'ours' | 'naive' | 'konva', count: number, vertices: number): Promise<void> {
    const host = document.getElementById('host')
    if (host === null) throw new Error('no host')
    const ontology = { classes: COLORS.map((color, i) => ({ key: `c${i}`, name: `Class ${i}`, color })), attributes: [] }
    const editor = new Editor({ image: IMAGE, ontology, answer: answerOf(count, vertices), newId: () => String(Math.random()), shapes: ['polygon'] })
    const url = await picture()
    this.subject = await { ours, konva, naive }[kind](editor, host, url)
    await new Promise((resolve) => setTimeout(resolve, 1500))
  },
  /** Asks what is at so many places. */
  hits(count: number): number {
    const { subject } = this
    if (subject === null) throw new Error('nothing loaded')
    const next = random(3)
    let found = 0
    for (let i = 0; i < count; i++) if (hitObject(subject.editor, [next() * IMAGE.width, next() * IMAGE.height]) !== null) found += 1
    return found
  },
  /** Drags a vertex of a selected polygon, a step a frame, and lets go. */
  async edit(frames: number): Promise<void> {
    const { subject } = this
    if (subject === null) throw new Error('nothing loaded')
    const { editor } = subject
    const object = editor.scene.objects[Math.floor(editor.scene.objects.length / 2)]
    if (object?.shape.type !== 'polygon') throw new Error('no polygon')
    editor.act(() => editor.updateSession({ selected: [object.id] }))
    const { camera } = editor.session
    const [x, y] = object.shape.points[0] ?? [0, 0]
    const from = [(x - camera.x) * camera.zoom, (y - camera.y) * camera.zoom] as const
    editor.dispatch({ type: 'move', screen: from })
    editor.dispatch({ type: 'down', screen: from })
    for (let i = 1; i <= frames; i++) {
      await frame()
      editor.dispatch({ type: 'move', screen: [from[0] + i, from[1] + (i % 7)] })
    }
    editor.dispatch({ type: 'up', screen: [from[0] + frames, from[1]] })
    await frame()
    if (editor.scene.get(object.id)?.shape === object.shape) throw new Error('the vertex was not moved')
  },
  /** Moves the camera by one step a frame: `fit` shows all, `near` a sixteenth of it. */
  async drive(what: 'pan' | 'zoom', from: 'fit' | 'near', frames: number): Promise<void> {
    const { subject } = this
    if (subject === null) throw new Error('nothing loaded')
    const { screen } = subject.editor.session
    const range = { min: 0.01, max: 64 }
    const all = fitTo({ left: 0, top: 0, right: IMAGE.width, bottom: IMAGE.height }, screen, 16, range)
    let camera = from === 'fit' ? all : zoomAt(all, [screen.width / 2, screen.height / 2], 4, range)
    for (let i = 0; i < frames; i++) {
      await frame()
      // There and back again, so that the end is where the start was.
      const back = i >= frames / 2
      if (what === 'pan') camera = pan(camera, back ? [-7, -5] : [7, 5])
      else camera = zoomAt(camera, [screen.width / 3, screen.height / 3], back ? 1 / 1.03 : 1.03, range)
      subject.draw(camera)
    }
    await frame()
  },
}

declare global {
  interface Window {
    bench: typeof bench
  }
}
window.bench = bench
