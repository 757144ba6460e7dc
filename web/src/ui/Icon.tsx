import type { SVGProps } from 'react'

/** Drawn on a 20 × 20 grid with a stroke of 1.6; nothing here comes from an icon font or another site. */
const paths = {
  home: 'M3 9.5 10 4l7 5.5M5 8.5V16h10V8.5M8.5 16v-4h3v4',
  projects: 'M3.5 5.5h4.2l1.6 1.8h7.2v8.2h-13zM3.5 9.5h13',
  people: 'M7.5 9.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM2.5 16c.4-2.7 2.4-4.2 5-4.2s4.6 1.5 5 4.2M13 4.6a2.5 2.5 0 0 1 0 4.6M14.6 12.2c1.6.5 2.6 1.8 2.9 3.8',
  key: 'M12.5 11.5a4 4 0 1 0-3.7-2.6L3.5 14.2V16.5h3v-2h2v-2h1.4l1-1.2M13.6 6.7h.01',
  settings: 'M4 6h7M15 6h1M4 14h1M9 14h7M11 6a2 2 0 1 0 4 0 2 2 0 0 0-4 0zM5 14a2 2 0 1 0 4 0 2 2 0 0 0-4 0z',
  wallet: 'M3.5 6.5h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1zm0 0 9.5-2.7v2.7M13.2 11h.1',
  jobs: 'M4 5.5h12M4 10h12M4 14.5h7M14.5 13v3M13 14.5h3',
  building: 'M4.5 16.5v-12h7v12M11.5 8.5h4v8M2.5 16.5h15M7 7.5h2M7 10.5h2M7 13.5h2',
  chart: 'M4 16V10M8 16V5M12 16v-4M16 16V7',
  image: 'M3.5 4.5h13v11h-13zM3.5 13l3.6-3.6 3 3 2.4-2.4 4 4M12.7 7.6h.01',
  box: 'M4 5.5h12v9H4zM4 5.5h.01M16 5.5h.01M4 14.5h.01M16 14.5h.01',
  polygon: 'M10 3.5 16.5 8 14 15.5H6L3.5 8z',
  tag: 'M3.5 4.5v5l7 7 5.5-5.5-7-7h-5zM6.8 7.3h.01',
  book: 'M4 4.5h4.5A1.5 1.5 0 0 1 10 6v10a1.5 1.5 0 0 0-1.5-1.2H4zM16 4.5h-4.5A1.5 1.5 0 0 0 10 6v10a1.5 1.5 0 0 1 1.5-1.2H16z',
  list: 'M7.5 5.5h9M7.5 10h9M7.5 14.5h9M3.8 5.5h.01M3.8 10h.01M3.8 14.5h.01',
  package: 'M10 3 16.5 6.2v7.6L10 17l-6.5-3.2V6.2zM3.7 6.4 10 9.6l6.3-3.2M10 9.6V17',
  upload: 'M10 13V4M6.5 7.3 10 3.8l3.5 3.5M4 12.5V16h12v-3.5',
  download: 'M10 4v9M6.5 9.7 10 13.2l3.5-3.5M4 12.5V16h12v-3.5',
  plus: 'M10 4.5v11M4.5 10h11',
  check: 'M4.5 10.5 8.3 14.3 15.5 6',
  x: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  chevron: 'M7.5 5l5 5-5 5',
  down: 'M5 7.5l5 5 5-5',
  up: 'M5 12.5l5-5 5 5',
  more: 'M4.6 10h.01M10 10h.01M15.4 10h.01',
  menu: 'M3.5 5.5h13M3.5 10h13M3.5 14.5h13',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13.2 13.2l3.3 3.3',
  copy: 'M7.5 7.5h8v9h-8zM12.5 7.5v-4h-8v9h3',
  trash: 'M4 6h12M8 6V4h4v2M5.5 6l.7 10h7.6l.7-10M8.5 9v4.5M11.5 9v4.5',
  edit: 'M4 16l.8-3.5L13 4.3l2.7 2.7-8.2 8.2zM11.5 5.8l2.7 2.7',
  drag: 'M7.5 5h.01M12.5 5h.01M7.5 10h.01M12.5 10h.01M7.5 15h.01M12.5 15h.01',
  eye: 'M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  play: 'M6.5 4.5v11l9-5.5z',
  pause: 'M7 4.5v11M13 4.5v11',
  archive: 'M3.5 4.5h13v3h-13zM4.5 7.5v8h11v-8M8.5 10.5h3',
  retry: 'M15.5 8A6 6 0 1 0 16 11.5M16 4.5V8h-3.5',
  warn: 'M10 3.5 17.5 16h-15zM10 8.5v3.5M10 14h.01',
  info: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 9.5V13.5M10 6.8h.01',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4.2l2.7 1.8',
  sun: 'M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM10 2.5v1.7M10 15.8v1.7M2.5 10h1.7M15.8 10h1.7M4.7 4.7l1.2 1.2M14.1 14.1l1.2 1.2M15.3 4.7l-1.2 1.2M5.9 14.1l-1.2 1.2',
  moon: 'M16 12.2A6.5 6.5 0 0 1 7.8 4a6.5 6.5 0 1 0 8.2 8.2z',
  screen: 'M3 4.5h14v9H3zM7 16.5h6M10 13.5v3',
  exit: 'M8 4H4.5v12H8M12.5 6.5 16 10l-3.5 3.5M16 10H8',
  undo: 'M7 5 3.5 8.5 7 12M4 8.5h7.5a4 4 0 0 1 0 8H8',
  redo: 'M13 5l3.5 3.5L13 12M16 8.5H8.5a4 4 0 0 0 0 8H12',
  link: 'M8.5 11.5 11.5 8.5M9.5 6.5l1.6-1.6a2.9 2.9 0 0 1 4 4L13.5 10.5M10.5 13.5l-1.6 1.6a2.9 2.9 0 0 1-4-4L6.5 9.5',
  history: 'M4 6.5V3.5M4 6.5h3M4.3 6.3A6.5 6.5 0 1 1 3.5 10M10 6.5v3.8l2.5 1.7',
  offline: 'M3 3l14 14M5 10.5a7 7 0 0 1 3-1.8M2.5 7.8A10.5 10.5 0 0 1 6 5.7M9.5 5a10.5 10.5 0 0 1 8 2.8M12 9a7 7 0 0 1 3 1.5M7.5 13a3.6 3.6 0 0 1 5 0M10 16h.01',
  flag: 'M5 17V3.5h9.5L12.5 7l2 3.5H5',
  indent: 'M4 5h12M9 10h7M9 15h7M4 8.5 6.5 11 4 13.5',
  outdent: 'M4 5h12M9 10h7M9 15h7M6.5 8.5 4 11l2.5 2.5',
  text: 'M4.5 6V4.5h11V6M10 4.5v11M8 15.5h4',
  star: 'M10 3.5l2 4.3 4.7.6-3.4 3.3.8 4.7L10 14.1l-4.1 2.3.8-4.7L3.3 8.4 8 7.8z',
  scale: 'M10 3.5v13M6 16.5h8M4 6.5h12M4 6.5 2.2 11h3.6zM16 6.5 14.2 11h3.6z',
} as const

export type IconName = keyof typeof paths

/** A picture beside a word; it never stands alone without an accessible name on its button. */
export function Icon({ name, size = 18, ...rest }: { name: IconName; size?: number } & Omit<SVGProps<SVGSVGElement>, 'name'>) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
     
      {...rest}
    >
      <path d={paths[name]} />
    </svg>
  )
}

/** The mark: a frame's corners and a tick. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#0b7285" />
      <path d="M7 8h6M7 8v6M25 24h-6M25 24v-6" stroke="#fff" strokeWidth="2.6" fill="none" strokeLinecap="round" />
      <path d="M10.5 16.5l4 4 7.5-9" stroke="#fff" strokeWidth="3.2" fill="none" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}
