/** The picture of clouds and cuboids: three.js with a shader of our own for points, and one buffer for all edges. */
import {
  BoxGeometry, BufferAttribute, BufferGeometry, Color, DataTexture, DynamicDrawUsage, LineBasicMaterial, LineSegments,
  Mesh, MeshBasicMaterial, NearestFilter, PerspectiveCamera, Points as PointsObject, Scene, ShaderMaterial, SRGBColorSpace, WebGLRenderer,
} from 'three'
import { EDGES, type Place, type Solid, cornersOf, plus, turned } from '../../../canvas/kernels/space'
import { OPENING, type Orbit, eyeOf } from './orbit'
import type { CloudPoints } from './points'

export const COLOURINGS = ['height', 'intensity', 'distance', 'class', 'colour'] as const
export type Colouring = (typeof COLOURINGS)[number]

/** A cuboid as it is drawn: less the origin of the view. */
export interface Drawn {
  readonly solid: Solid
  readonly color: string
  readonly look: 'plain' | 'hovered' | 'selected'
}

const VERTEX = `
attribute vec4 facts;
attribute vec4 tint;
uniform int mode;
uniform vec2 heights;
uniform vec3 scanner;
uniform float far;
uniform float size;
uniform sampler2D palette;
varying vec3 shown;

// An approximation of the colour map "turbo" (A. Mikhailov, 2019, Apache-2.0).
vec3 turbo(float t) {
  t = clamp(t, 0.0, 1.0);
  vec4 a = vec4(1.0, t, t * t, t * t * t);
  vec2 b = a.zw * a.z;
  return vec3(
    dot(a, vec4(0.13572138, 4.61539260, -42.66032258, 132.13108234)) + dot(b, vec2(-152.94239396, 59.28637943)),
    dot(a, vec4(0.09140261, 2.19418839, 4.84296658, -14.18503333)) + dot(b, vec2(4.27729857, 2.82956604)),
    dot(a, vec4(0.10667330, 12.64194608, -60.58204836, 110.36276771)) + dot(b, vec2(-89.90310912, 27.34824973)));
}

void main() {
  vec4 seen = modelViewMatrix * vec4(position, 1.0);
  gl_Position = projectionMatrix * seen;
  gl_PointSize = clamp(size * 24.0 / -seen.z, size, size * 3.0);
  if (mode == 0) shown = turbo(0.06 + 0.9 * (position.z - heights.x) / (heights.y - heights.x));
  else if (mode == 1) shown = turbo(0.1 + 0.88 * pow(facts.x / 255.0, 0.6));
  else if (mode == 2) shown = turbo(0.95 - 0.88 * distance(position, scanner) / far);
  else if (mode == 3) shown = texture2D(palette, vec2(((facts.z > 0.5 ? facts.z : facts.y) + 0.5) / 256.0, facts.z > 0.5 ? 0.75 : 0.25)).rgb;
  else shown = tint.rgb / 255.0;
  if (facts.w > 0.5) shown = mix(shown, vec3(1.0), 0.65);
}
`
const FRAGMENT = `
varying vec3 shown;
void main() { gl_FragColor = vec4(shown, 1.0); }
`

/** Vertices of a cuboid in the buffer of edges: twelve edges, and three lines that say where it looks. */
const VERTICES = 2 * (EDGES.length + 3)

const GROUND = 0x10161c
const NEAR = 0.1
const FAR = 100_000

interface Shown {
  readonly cloud: CloudPoints
  readonly object: PointsObject
  readonly geometry: BufferGeometry
  drawn: number
}

export class Drawing {
  readonly canvas: HTMLCanvasElement
  readonly camera = new PerspectiveCamera((OPENING * 180) / Math.PI, 1, NEAR, FAR)
  readonly #renderer: WebGLRenderer
  readonly #scene = new Scene()
  readonly #material: ShaderMaterial
  readonly #palette = new DataTexture(new Uint8Array(256 * 2 * 4), 256, 2)
  readonly #edges = new BufferGeometry()
  readonly #lines: LineSegments
  readonly #rays = new BufferGeometry()
  readonly #faces: Mesh<BoxGeometry, MeshBasicMaterial>
  readonly #shown = new Map<number, Shown>()
  #orbit: Orbit | null = null
  #pending = 0

  /** Fails where the browser has no WebGL. */
  constructor(host: HTMLElement) {
    this.#renderer = new WebGLRenderer({ antialias: false, alpha: false, powerPreference: 'high-performance' })
    this.#renderer.setPixelRatio(Math.min(devicePixelRatio, 2))
    this.#renderer.setClearColor(GROUND)
    this.canvas = this.#renderer.domElement
    this.canvas.setAttribute('aria-hidden', 'true')
    host.append(this.canvas)
    this.camera.up.set(0, 0, 1)
    this.#palette.magFilter = NearestFilter
    this.#palette.minFilter = NearestFilter
    this.#material = new ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: {
        mode: { value: 0 },
        heights: { value: [0, 1] },
        scanner: { value: [0, 0, 0] },
        far: { value: 80 },
        size: { value: 2 },
        palette: { value: this.#palette },
      },
    })
    this.#lines = new LineSegments(this.#edges, new LineBasicMaterial({ vertexColors: true, depthTest: false, transparent: true }))
    this.#lines.frustumCulled = false
    // Edges are seen through the points: a cuboid in dense ones would not be.
    this.#lines.renderOrder = 1
    this.#faces = new Mesh(new BoxGeometry(1, 1, 1), new MeshBasicMaterial({ transparent: true, opacity: 0.16, depthWrite: false }))
    this.#faces.visible = false
    const rays = new LineSegments(this.#rays, new LineBasicMaterial({ color: 0xffffff, transparent: true, opacity: 0.6 }))
    rays.frustumCulled = false
    this.#scene.add(this.#lines, this.#faces, rays)
  }

  destroy(): void {
    cancelAnimationFrame(this.#pending)
    for (const frame of [...this.#shown.keys()]) this.drop(frame)
    this.#edges.dispose()
    this.#rays.dispose()
    this.#faces.geometry.dispose()
    this.#material.dispose()
    this.#palette.dispose()
    this.#renderer.dispose()
    this.#renderer.forceContextLoss()
    this.canvas.remove()
  }

  resize(width: number, height: number): void {
    this.#renderer.setSize(width, height, false)
    this.camera.aspect = width / Math.max(1, height)
    this.camera.updateProjectionMatrix()
    this.draw()
  }

  look(orbit: Orbit): void {
    this.#orbit = orbit
    this.draw()
  }

  /** Shows the points of a cloud, as many as have come; asked again, what has come since. */
  show(frame: number, cloud: CloudPoints): void {
    const known = this.#shown.get(frame) ?? this.#begin(frame, cloud)
    const { geometry } = known
    const from = Math.min(known.drawn, cloud.count)
    for (const [name, wide] of [['position', 3], ['facts', 4], ['tint', 4]] as const) {
      const attribute = geometry.getAttribute(name) as BufferAttribute | undefined
      // All but what has come before is there already.
      if (attribute === undefined || cloud.count === from) continue
      attribute.addUpdateRange(from * wide, (cloud.count - from) * wide)
      attribute.needsUpdate = true
    }
    known.drawn = cloud.count
    geometry.setDrawRange(0, cloud.count)
    this.draw()
  }

  #begin(frame: number, cloud: CloudPoints): Shown {
    const geometry = new BufferGeometry()
    const { places, facts, colours } = cloud.points
    const add = (name: string, array: Float32Array | Uint8Array, wide: number) => geometry.setAttribute(name, new BufferAttribute(array, wide).setUsage(DynamicDrawUsage))
    add('position', places, 3)
    add('facts', facts, 4)
    if (colours !== null) add('tint', colours, 4)
    const object = new PointsObject(geometry, this.#material)
    object.frustumCulled = false
    this.#scene.add(object)
    const shown = { cloud, object, geometry, drawn: 0 }
    this.#shown.set(frame, shown)
    return shown
  }

  /** What is said of points has changed. */
  refresh(frame: number): void {
    const attribute = this.#shown.get(frame)?.geometry.getAttribute('facts') as BufferAttribute | undefined
    if (attribute === undefined) return
    attribute.clearUpdateRanges()
    attribute.needsUpdate = true
    this.draw()
  }

  setVisible(isVisible: (frame: number) => boolean): void {
    for (const [frame, { object }] of this.#shown) object.visible = isVisible(frame)
    this.draw()
  }

  drop(frame: number): void {
    const shown = this.#shown.get(frame)
    if (shown === undefined) return
    this.#scene.remove(shown.object)
    shown.geometry.dispose()
    this.#shown.delete(frame)
  }

  colour(mode: Colouring, heights: readonly [number, number], scanner: Place, far: number): void {
    const { uniforms } = this.#material
    const set = (name: string, value: unknown) => void Object.assign(uniforms[name] as object, { value })
    set('mode', COLOURINGS.indexOf(mode))
    set('heights', heights)
    set('scanner', scanner)
    set('far', far)
    this.draw()
  }

  setSize(size: number): void {
    Object.assign(this.#material.uniforms.size as object, { value: size * Math.min(devicePixelRatio, 2) })
    this.draw()
  }

  /** Colours by number: of the classes that the file gives, and of those that were said. */
  setPalette(ofFile: (number: number) => string, said: (number: number) => string): void {
    const data = this.#palette.image.data as Uint8Array
    const color = new Color()
    for (const [row, of] of [ofFile, said].entries()) {
      for (let i = 0; i < 256; i++) {
        color.setStyle(of(i), SRGBColorSpace)
        const { r, g, b } = color.convertLinearToSRGB()
        data.set([r * 255, g * 255, b * 255, 255], 4 * (row * 256 + i))
      }
    }
    this.#palette.needsUpdate = true
    this.draw()
  }

  /** All cuboids anew: a hundred are a few thousand numbers. */
  setCuboids(cuboids: readonly Drawn[]): void {
    const room = cuboids.length * VERTICES * 3
    let places = this.#edges.getAttribute('position') as BufferAttribute | undefined
    let colors = this.#edges.getAttribute('color') as BufferAttribute | undefined
    if (places === undefined || colors === undefined || places.array.length < room) {
      this.#edges.dispose()
      places = new BufferAttribute(new Float32Array(2 * room), 3).setUsage(DynamicDrawUsage)
      colors = new BufferAttribute(new Float32Array(2 * room), 3).setUsage(DynamicDrawUsage)
      this.#edges.setAttribute('position', places)
      this.#edges.setAttribute('color', colors)
    }
    const color = new Color()
    let at = 0
    for (const { solid, color: style, look } of cuboids) {
      color.setStyle(look === 'selected' ? '#ffffff' : style)
      if (look === 'hovered') color.lerp(new Color(0xffffff), 0.5)
      for (const line of linesOf(solid)) {
        for (const place of line) {
          places.setXYZ(at, ...place)
          colors.setXYZ(at, color.r, color.g, color.b)
          at += 1
        }
      }
    }
    places.needsUpdate = true
    colors.needsUpdate = true
    this.#edges.setDrawRange(0, at)
    const selected = cuboids.find(({ look }) => look === 'selected')
    this.#faces.visible = selected !== undefined
    if (selected !== undefined) {
      const { centre, size, rotation: [w, x, y, z] } = selected.solid
      this.#faces.position.set(...centre)
      this.#faces.scale.set(...size)
      this.#faces.quaternion.set(x, y, z, w)
      this.#faces.material.color.setStyle(selected.color)
    }
    this.draw()
  }

  /** What a place of a picture may show. */
  setRays(lines: readonly (readonly [Place, Place])[]): void {
    this.#rays.setAttribute('position', new BufferAttribute(new Float32Array(lines.flat(2)), 3))
    this.draw()
  }

  /** Once, with the next frame of the screen. */
  draw(): void {
    if (this.#pending !== 0) return
    this.#pending = requestAnimationFrame(() => {
      this.#pending = 0
      this.drawNow()
    })
  }

  drawNow(): void {
    if (this.#orbit === null) return
    this.camera.position.set(...eyeOf(this.#orbit))
    this.camera.lookAt(...this.#orbit.target)
    this.#renderer.render(this.#scene, this.camera)
  }

  get pixelHeight(): number {
    return this.canvas.clientHeight
  }
}

function linesOf(solid: Solid): (readonly [Place, Place])[] {
  const corners = cornersOf(solid)
  const [length, , height] = solid.size
  const low = -height / 2
  const local = (x: number, y: number): Place => plus(solid.centre, turned(solid.rotation, [x, y, low]))
  const tip = local(length / 2 + Math.min(1, length / 3), 0)
  const side = Math.min(0.4, length / 8)
  return [
    ...EDGES.map(([from, to]) => [corners[from] as Place, corners[to] as Place] as const),
    [local(0, 0), tip],
    [tip, local(length / 2, side)],
    [tip, local(length / 2, -side)],
  ]
}
