import type { Chord } from './keymap'
import type { ShapeKind } from './shapes'

/** What the editor and the pages need to know of a tool. */
export interface ToolRow {
  readonly label: string
  readonly keys: readonly Chord[]
  /** A picture of 20 by 20, as the path of an SVG. */
  readonly icon: string
  /** Offered where the project asks for this kind of shape; null: always. */
  readonly shape: ShapeKind | null
  /** Its keys in a video, where those above go through the frames. */
  readonly inVideo?: readonly Chord[]
  /** A tool for clouds, whose command comes with its kit: its keys are those of tools for pictures. */
  readonly inSpace?: true
}

/**
 * The tools, in the order of the bar. A new one is a row here and its state (mostly a plan or a trace)
 * in one of the kits, which are fetched when a project asks for their shapes.
 */
export const tools = {
  select: {
    label: 'Select',
    keys: ['KeyV', 'Shift+KeyV'],
    icon: 'M5 3.5v11l3-2.8 1.9 4.3 2-.9-1.9-4.2h4.2z',
    shape: null,
  },
  box: { label: 'Box', keys: ['KeyB', 'Shift+KeyB'], icon: 'M4 5.5h12v9H4zM4 5.5h.01M16 5.5h.01M4 14.5h.01M16 14.5h.01', shape: 'box' },
  extreme: {
    label: 'Box by four points',
    keys: ['KeyX', 'Shift+KeyX'],
    icon: 'M4.5 5h11v10h-11zM10 5h.01M15.5 9h.01M11 15h.01M4.5 11h.01M10 5l5.5 4L11 15l-6.5-4z',
    shape: 'box',
  },
  turned: { label: 'Turned box', keys: ['KeyR', 'Shift+KeyR'], icon: 'M3.5 11 11 3.5l5.5 5.5L9 16.5z', shape: 'turned' },
  polygon: {
    label: 'Polygon',
    keys: ['KeyP', 'Shift+KeyP'],
    icon: 'M10 3.5 16.5 8 14 16H5.5L3.5 9zM10 3.5h.01',
    shape: 'polygon',
  },
  scissors: {
    label: 'Polygon along edges',
    keys: ['KeyS', 'Alt+KeyS'],
    inVideo: ['Alt+KeyS'],
    icon: 'M6 7.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM6 16.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7.6 6.7 16 13.5M7.6 13.3 16 6.5',
    shape: 'polygon',
  },
  hole: {
    label: 'Cut a hole',
    keys: ['KeyO', 'Shift+KeyO'],
    inVideo: ['Shift+KeyO'],
    icon: 'M3.5 4.5h13v11h-13zM10 7.5l3 2.5-1.5 3h-3.5l-1-3z',
    shape: 'polygon',
  },
  cut: {
    label: 'Cut along a line',
    keys: ['KeyC', 'Alt+KeyC'],
    icon: 'M4 4.5h5l-2.5 11H4zM11.5 4.5H16v11H9zM11.5 2.5l-3.5 15',
    shape: 'polygon',
  },
  line: {
    label: 'Line',
    keys: ['KeyL', 'Shift+KeyL'],
    inVideo: ['KeyA', 'Shift+KeyA'],
    icon: 'M3.5 15.5 8 7l4.5 4 4-7M3.5 15.5h.01M8 7h.01M12.5 11h.01M16.5 4h.01',
    shape: 'line',
  },
  curve: {
    label: 'Curve',
    keys: ['KeyI', 'Alt+KeyI'],
    inVideo: ['Alt+KeyI'],
    icon: 'M3.5 15.500C6 5 9 5 10.500 9.500S14.500 13 16.500 4M3.5 15.500h.01M10.500 9.500h.01M16.500 4h.01',
    shape: 'line',
  },
  point: { label: 'Point', keys: ['KeyT', 'Shift+KeyT'], inVideo: ['KeyF', 'Shift+KeyF'], icon: 'M10 3v4M10 13v4M3 10h4M13 10h4M10 10h.01', shape: 'point' },
  ellipse: { label: 'Ellipse', keys: ['KeyE', 'Shift+KeyE'], inVideo: ['Shift+KeyE'], icon: 'M10 5c3.9 0 7 2.2 7 5s-3.1 5-7 5-7-2.2-7-5 3.1-5 7-5z', shape: 'ellipse' },
  keypoints: {
    label: 'Skeleton',
    keys: ['KeyK', 'Shift+KeyK'],
    inVideo: ['Shift+KeyK'],
    icon: 'M10 3.5h.01M10 5v6M5 8l5-1.5L15 8M10 11l-3.5 5.5M10 11l3.5 5.5M5 8h.01M15 8h.01M6.5 16.5h.01M13.5 16.5h.01',
    shape: 'keypoints',
  },
  mask: {
    label: 'Brush',
    keys: ['KeyU', 'Shift+KeyU'],
    icon: 'M16.5 3.5 9 11M11 13l-2-2c-2-.5-3.5 1-3.5 2.5 0 1.5-1 2-2 2 2 1.5 6.5 1.5 7-.5.2-.8.5-1.5.5-2z',
    shape: 'mask',
  },
  fill: {
    label: 'Fill a colour',
    keys: ['KeyF', 'Shift+KeyF'],
    icon: 'M8.5 3.5 15 10l-5.5 5.500L3.5 9zM6.5 5.5 4.5 3.500M16.5 12.500c1 1.5 1 3-.2 3s-1.2-1.5.2-3z',
    shape: 'mask',
  },
  pieces: {
    label: 'Pieces of one colour',
    keys: ['KeyA', 'Shift+KeyA'],
    icon: 'M3.5 4.500h6l2 4.500-3 3.500-5-2zM11.500 4.500H16.500V10.500l-5-1.500M8.500 12.500l3-3.500M8.500 12.500v3.500h8v-5.500M3.500 10.500v5.500h5',
    shape: 'mask',
  },
  grabcut: {
    label: 'Object in a box',
    keys: ['KeyY', 'Shift+KeyY'],
    icon: 'M3.500 6V3.500H6M14 3.500h2.500V6M16.500 14v2.500H14M6 16.500H3.500V14M10 6.500c2.500 0 4 1.500 3.500 4S12 14 10 14s-3-1-3.500-3.500 1-4 3.500-4z',
    shape: 'mask',
  },
  eraser: {
    label: 'Eraser',
    keys: ['KeyD', 'Shift+KeyD'],
    icon: 'M4 12.5 11.5 5l4.5 4.5-6.5 6.500H7.500zM7.5 9l4.5 4.500M9.5 16H16',
    shape: 'mask',
  },
  solid: {
    label: 'Cuboid',
    keys: ['KeyZ', 'Alt+KeyZ'],
    icon: 'M3.5 7.500h9v9h-9zM7 3.500h9.500V12.500M3.5 7.500 7 3.500M12.500 7.500l4-4M12.500 16.500l4-4',
    shape: 'solid',
  },
  cuboid3d: {
    label: 'Cuboid',
    keys: ['KeyB', 'Shift+KeyB'],
    icon: 'M3.5 7.5 9 5l7.5 2.5v6L11 16.500l-7.500-3zM3.5 7.500 11 10.500M11 10.500v6M11 10.500l5.500-3',
    shape: 'cuboid3d',
    inSpace: true,
  },
  points3d: {
    label: 'Lasso',
    keys: ['KeyL', 'Shift+KeyL'],
    icon: 'M10 4c3.900 0 7 1.800 7 4s-3.100 4-7 4-7-1.800-7-4 3.100-4 7-4zM6 11.500c-1.500 1-1.500 2.500 0 3 1.500.5 1.500 2 .5 2.500M8 8h.01M12 7.500h.01M10.500 9.500h.01',
    shape: 'points3d',
    inSpace: true,
  },
  brush3d: {
    label: 'Brush',
    keys: ['KeyU', 'Shift+KeyU'],
    icon: 'M16.5 3.5 9 11M11 13l-2-2c-2-.5-3.5 1-3.5 2.5 0 1.5-1 2-2 2 2 1.5 6.5 1.5 7-.5.2-.8.5-1.5.5-2z',
    shape: 'points3d',
    inSpace: true,
  },
  eraser3d: {
    label: 'Eraser',
    keys: ['KeyD', 'Shift+KeyD'],
    icon: 'M4 12.5 11.5 5l4.5 4.500-6.5 6.500H7.500zM7.500 9l4.500 4.500M9.500 16H16',
    shape: 'points3d',
    inSpace: true,
  },
  ask: {
    label: 'Ask a model',
    keys: ['Backslash', 'Shift+Backslash'],
    icon: 'M5 15 12.500 7.500M11 9l1.500 1.500M14 3.500v3M12.500 5h3M16 9.500v2M15 10.500h2M9 3.500v2M8 4.500h2',
    shape: null,
  },
  comment: {
    label: 'Comment on a place',
    keys: ['Shift+KeyW'],
    icon: 'M4 4.5h12v9H9.500L6 16.500V13.500H4z',
    shape: null,
  },
  pan: {
    label: 'Move the image',
    keys: ['KeyH', 'Shift+KeyH'],
    icon: 'M7 10V5.2a1.1 1.1 0 0 1 2.2 0V9M9.2 9V4.1a1.1 1.1 0 0 1 2.2 0V9M11.4 9V5.1a1.1 1.1 0 0 1 2.2 0V10M13.6 8a1.1 1.1 0 0 1 2.2 0v4c0 3-1.9 5-4.7 5-2.4 0-3.5-.9-4.6-2.9l-2-3.6c-.6-1.1.9-2 1.7-1L7 11',
    shape: null,
  },
} satisfies { readonly [id: string]: ToolRow }

export type ToolId = keyof typeof tools

export const toolIds = Object.keys(tools) as readonly ToolId[]
export const toolRow = (id: ToolId): ToolRow => tools[id]

/** Whether the tool changes the answer. */
export const isDrawingTool = (id: ToolId): boolean => toolRow(id).shape !== null

/** The tools for these kinds of shapes, selecting and panning besides. */
export const toolsFor = (shapes: readonly ShapeKind[]): ToolId[] =>
  toolIds.filter((id) => {
    const { shape } = toolRow(id)
    return shape === null || shapes.includes(shape)
  })
