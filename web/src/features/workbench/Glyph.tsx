import { type ToolId, toolRow } from '../../canvas'

/** Pictures of tools that only the workbench has, drawn like those of the kit. */
const paths = {
  zoomIn: 'M8.5 14a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM12.5 12.5 17 17M8.5 6v5M6 8.5h5',
  zoomOut: 'M8.5 14a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM12.5 12.5 17 17M6 8.5h5',
  fit: 'M3.5 7V3.5H7M13 3.5h3.5V7M16.5 13v3.5H13M7 16.5H3.5V13',
  undo: 'M7.5 4.5 4 8l3.5 3.5M4.5 8h7.5a4 4 0 0 1 0 8H9',
  redo: 'M12.5 4.5 16 8l-3.5 3.5M15.5 8H8a4 4 0 0 0 0 8h3',
  magnet: 'M5 3.5v6a5 5 0 0 0 10 0v-6h-3v6a2 2 0 0 1-4 0v-6zM5 6.5h3M12 6.5h3',
  merge: 'M3.5 6.5h8v8h-8zM8.5 3.5h8v8h-8z',
  crosshair: 'M10 3v14M3 10h14M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  ruler: 'M3.5 12.5 12.5 3.500l4 4-9 9zM6 10l1.5 1.500M8.5 7.5 10 9M11 5l1.5 1.5',
  map: 'M3.5 5.500h13v9h-13zM9 9h5v3.500H9z',
  palette: 'M3.5 5.500h13v9h-13zM6 8.500l2 1.5-2 1.500M10 12h4',
  eye: 'M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5zM10 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z',
  eyeOff: 'M3 3l14 14M8 5.3A8 8 0 0 1 10 5c4.8 0 7.5 5 7.5 5a13 13 0 0 1-2.4 2.9M12 14.7a8 8 0 0 1-2 .3c-4.8 0-7.5-5-7.5-5a13 13 0 0 1 3-3.4',
  lock: 'M5.5 9h9v7h-9zM7.5 9V6.5a2.5 2.5 0 0 1 5 0V9',
  unlock: 'M5.5 9h9v7h-9zM7.5 9V6.5a2.5 2.5 0 0 1 4.8-1',
  light: 'M10 6.5a3.5 3.5 0 1 0 0 7zM10 3.2v1M10 15.8v1M3.2 10h1M15.8 10h1M5.2 5.2l.7.7M14.1 14.1l.7.7M14.8 5.2l-.7.7M5.9 14.1l-.7.7M10 6.5a3.5 3.5 0 0 1 0 7z',
  previous: 'M4 6h7.5v10H4zM8 6V3.5h8v10h-4.5M6 11h3.5M8 9.2 9.8 11 8 12.8',
  keys: 'M3 5.5h14v9H3zM5.8 8.3h.01M8.6 8.3h.01M11.4 8.3h.01M14.2 8.3h.01M7 11.8h6',
  skip: 'M5 5l6 5-6 5zM14.5 5v10',
  giveBack: 'M8 6 4.5 9.5 8 13M5 9.5h6.5a3.5 3.5 0 0 1 0 7H10',
  span: 'M3.5 6h13M3.5 10h7M3.5 13.500h13M3.5 16h13',
  swap: 'M4 7h11M12 4l3 3-3 3M16 13H5M8 10l-3 3 3 3',
  bin: 'M4.5 6h11M8 6V4h4v2M6 6l.6 10h6.800L14 6',
  drag: 'M7.5 5.5h.01M12.5 5.5h.01M7.5 10h.01M12.5 10h.01M7.5 14.5h.01M12.5 14.5h.01',
} as const

export type GlyphName = keyof typeof paths

export function Glyph({ name, size = 18 }: { name: GlyphName; size?: number }) {
  return <Drawn path={paths[name]} size={size} isDots={name === 'drag'} />
}

/** The picture of a tool or a shape, from the editor's own registry. */
export const ToolGlyph = ({ id, size = 20 }: { id: ToolId; size?: number }) => <Drawn path={toolRow(id).icon} size={size} />

function Drawn({ path, size, isDots = false }: { path: string; size: number; isDots?: boolean }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth={isDots ? 2.2 : 1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={path} />
    </svg>
  )
}
