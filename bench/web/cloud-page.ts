import { BufferAttribute, BufferGeometry, LineBasicMaterial, LineSegments, PerspectiveCamera, Points, Scene, ShaderMaterial, WebGLRenderer } from 'three'
import { type Answer, Editor } from '../../web/src/canvas'
import { EDGES, type Place, aboutZ, cornersOf } from '../../web/src/canvas/kernels/space'
import { type CloudIndex, nodesOf, roomFor, unpack } from '../../web/src/canvas/kernels/tree'
import { CloudOnScreen } from '../../web/src/features/workbench/cloud/view'

// The page that the benchmark drives: a million points and a hundred cuboids, by our view or by three.js with nothing around it.

const POSE = { translation: [0, 0, 0], rotation: [1, 0, 0, 0] } as const

const cuboids = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ centre: [(i % 10) * 8 - 36, Math.floor(i / 10) * 8 - 36, 0.8] as Place, size: [4.2, 1.8, 1.6] as Place, yaw: (i % 7) / 4 }))

interface Subject {
  turn(by: number): void
}

async function ours(host: HTMLElement): Promise<Subject> {
  const classes = ['#1971c2', '#e8590c', '#2f9e44'].map((color, i) => ({ key: `c${i}`, name: `Class ${i}`, color }))
  const answer = { objects: cuboids(100).map((cuboid, i) => ({ id: `o${i}`, class: `c${i % 3}`, shape: { type: 'cuboid3d', ...cuboid } })) } as unknown as Answer
  const editor = new Editor({ image: { width: 1, height: 1 }, clouds: 1, ontology: { classes, attributes: [] }, answer, newId: () => String(Math.random()) })
  const cloud = { file: 'bench.bin', points: 1_000_000, index_url: '/index', points_url: '/points', pose: POSE, cameras: [] }
  const view = new CloudOnScreen({ host, editor, scene: { clouds: [cloud] } })
  await new Promise<void>((resolve) => {
    const stop = view.subscribe(() => {
      const { points, phase } = view.getState()
      if (phase === 'ready' && firstAt === 0) requestAnimationFrame(() => requestAnimationFrame(() => { firstAt = performance.now() }))
      if (points >= 1_000_000) {
        stop()
        resolve()
      }
    })
  })
  return { turn: (by) => view.orbit(by, 0) }
}

/** When the first points were on the screen. */
let firstAt = 0

async function alone(host: HTMLElement): Promise<Subject> {
  const index = (await (await fetch('/index')).json()) as CloudIndex
  const bytes = await (await fetch('/points')).arrayBuffer()
  const nodes = nodesOf(index)
  const total = nodes.reduce((sum, { count }) => sum + count, 0)
  const room = roomFor(total, false)
  for (const node of nodes) unpack(node, index, new DataView(bytes, node.from * index.stride), POSE, [0, 0, 0], room, node.from)
  const renderer = new WebGLRenderer({ antialias: false, powerPreference: 'high-performance' })
  renderer.setSize(host.clientWidth, host.clientHeight)
  host.append(renderer.domElement)
  const scene = new Scene()
  const geometry = new BufferGeometry()
  geometry.setAttribute('position', new BufferAttribute(room.places, 3))
  const material = new ShaderMaterial({
    vertexShader: 'varying float z; void main() { vec4 seen = modelViewMatrix * vec4(position, 1.0); gl_Position = projectionMatrix * seen; gl_PointSize = clamp(48.0 / -seen.z, 2.0, 6.0); z = position.z; }',
    fragmentShader: 'varying float z; void main() { gl_FragColor = vec4(fract(z), 0.5, 1.0 - fract(z), 1.0); }',
  })
  const points = new Points(geometry, material)
  points.frustumCulled = false
  const edges = cuboids(100).flatMap(({ centre, size, yaw }) => {
    const corners = cornersOf({ centre, size, rotation: aboutZ(yaw) })
    return EDGES.flatMap(([from, to]) => [...(corners[from] as Place), ...(corners[to] as Place)])
  })
  const lines = new BufferGeometry()
  lines.setAttribute('position', new BufferAttribute(new Float32Array(edges), 3))
  scene.add(points, new LineSegments(lines, new LineBasicMaterial({ color: 0xffffff })))
  const camera = new PerspectiveCamera(45, host.clientWidth / host.clientHeight, 0.1, 100_000)
  camera.up.set(0, 0, 1)
  let angle = Math.PI
  let pending = 0
  const draw = () => {
    pending = 0
    camera.position.set(70 * Math.cos(0.62) * Math.cos(angle), 70 * Math.cos(0.62) * Math.sin(angle), 70 * Math.sin(0.62))
    camera.lookAt(0, 0, 0)
    renderer.render(scene, camera)
  }
  draw()
  return {
    turn(by) {
      angle += by * 0.12
      if (pending === 0) pending = requestAnimationFrame(draw)
    },
  }
}

const bench = {
  subject: null as Subject | null,
  async load(kind: 'ours' | 'alone'): Promise<number> {
    const host = document.getElementById('host')
    if (host === null) throw new Error('no host')
    this.subject = await (kind === 'ours' ? ours(host) : alone(host))
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const first = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/points')) as PerformanceResourceTiming | undefined
    return firstAt - (first?.responseStart ?? 0)
  },
  async drive(frames: number): Promise<void> {
    for (let i = 0; i < frames; i++) {
      this.subject?.turn(i < frames / 2 ? 0.2 : -0.2)
      await new Promise(requestAnimationFrame)
    }
    await new Promise(requestAnimationFrame)
  },
}

declare global {
  interface Window {
    bench: typeof bench
  }
}
window.bench = bench
