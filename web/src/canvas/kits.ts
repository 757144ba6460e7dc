import type { Command } from './commands'
import type { ShapeKind } from './shapes'
import type { MakeState } from './tools/state'

/** The states of some tools, and what else can be done with what they draw. */
export interface Kit {
  readonly tools: { readonly [tool: string]: MakeState }
  readonly commands: readonly Command[]
}

type Load = () => Promise<{ readonly kit: Kit }>

const places: Load = () => import('./tools/places')
const lines: Load = () => import('./tools/lines')
const spans: Load = () => import('./tools/spans')
const relations: Load = () => import('./tools/relations')
const cuboids: Load = () => import('./tools/cuboids')
const pixels: Load = () => import('./tools/pixels')
const tracks: Load = () => import('./tools/tracks')

// A kind of shape does not compile until it has its kit.
const kits: { readonly [K in ShapeKind]: Load } = {
  box: places,
  turned: places,
  point: places,
  ellipse: places,
  keypoints: places,
  polygon: lines,
  line: lines,
  mask: pixels,
  solid: places,
  span: spans,
  cuboid3d: cuboids,
  points3d: cuboids,
}

/** Fetches the tool that points at what a model is asked about. */
export const loadAskKit = async (): Promise<Kit> => (await import('./tools/ask')).kit

/** Fetches the tools for these kinds of shapes, and of a video those for its frames; who only looks needs none. */
export async function loadKits(shapes: readonly ShapeKind[], media: 'video' | 'other' = 'other'): Promise<Kit[]> {
  const loads = new Set(shapes.map((shape) => kits[shape]))
  if (media === 'video') loads.add(tracks)
  // What can be marked can be joined; tracks cannot (A40).
  else if (shapes.length > 0) loads.add(relations)
  return (await Promise.all([...loads].map((load) => load()))).map(({ kit }) => kit)
}
