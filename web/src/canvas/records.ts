import type { PaneView } from './cameras'
import type { Camera } from './kernels/camera'
import type { Bounds, Point, Size } from './kernels/geometry'
import type { Keyframes, Seen } from './kernels/tracks'
import type { Attributes } from './ontology'
import type { Shape } from './shapes'
import type { Dot, Path } from './shapes/util'
import type { Mark } from './tools/state'

/** Fields that a newer server may send and this editor does not know: kept as they came (W9). */
export interface Rest {
  readonly [key: string]: unknown
}

/** One object of the answer. Its id is the object's id in the answer. */
export interface ObjectRecord {
  readonly id: string
  readonly scope: 'document'
  readonly kind: 'object'
  /** Drawing order: the highest on top. Only the sequence is saved, never the number. */
  readonly order: number
  readonly class: string
  readonly shape: Shape
  /** Null when the answer had none, so that it goes out as it came in. */
  readonly attributes: Attributes | null
  /** Objects of the same number belong together (A53). */
  readonly group: number | null
  readonly rest: Rest
  /** In which of several pictures of one moment it is (A60). */
  readonly camera?: string
  /** Where it stands for a track in one frame of a video: how it is seen there. */
  readonly seen?: Seen
}

/** One thing through the frames of a video (A30). */
export interface TrackRecord {
  readonly id: string
  readonly scope: 'document'
  readonly kind: 'track'
  readonly order: number
  readonly class: string
  readonly keyframes: Keyframes
  /** What holds in all frames. */
  readonly attributes: Attributes | null
  readonly rest: Rest
}

/** What a tracker found and nobody has taken: keyframes for one track. */
export interface Proposal {
  readonly track: string
  readonly keyframes: Keyframes
}

/** One object stands so to another (A50). It is there as long as both of its ends are. */
export interface RelationRecord {
  readonly id: string
  readonly scope: 'document'
  readonly kind: 'relation'
  /** Its place among the relations, as they came in. */
  readonly order: number
  readonly relation: string
  readonly from: string
  readonly to: string
}

/** An object of a kind that this editor cannot draw: it holds its place in the order and is saved untouched. */
export interface ForeignRecord {
  readonly id: string
  readonly scope: 'document'
  readonly kind: 'foreign'
  readonly order: number
  /** In which list of the answer it stands. */
  readonly list: 'objects' | 'spans' | 'tracks' | 'relations'
  readonly value: unknown
}

/** What is said of the image as a whole. */
export interface ItemRecord {
  readonly id: typeof ITEM
  readonly scope: 'document'
  readonly kind: 'item'
  readonly hasObjects: boolean
  readonly choices: readonly string[] | null
  readonly attributes: Attributes | null
  readonly note: string | null
  readonly rest: Rest
}

/** The line of a shape that is being drawn and is no object yet. */
export interface Draft {
  readonly points: readonly Point[]
  /** Where the next point would go, and the points on the way there. */
  readonly next: Point | null
  readonly ahead?: readonly Point[]
  readonly closed: boolean
  /** What the points are, where they are not all alike. */
  readonly marks?: readonly Mark[]
  /** Would letting go here close the line? */
  readonly closing: boolean
  /** Whether what the line encloses is shown filled; it is, unless it says that it is not. */
  readonly fills?: boolean
  /** What is seen instead of the line, where the shape is made of a few places. */
  readonly paths?: readonly Path[]
  readonly dots?: readonly Dot[]
  /** Image pixels: half the width that the lines are drawn with, where they are strokes of a brush. */
  readonly thick?: number
}

/** Two places in a text, in code points: where selecting began, and where it is now. */
export interface Range {
  readonly anchor: number
  readonly focus: number
}

/** Where somebody points who asks a model: nowhere, at places on the thing and beside it, or at a box around it. */
export interface Asked {
  readonly box: Bounds | null
  readonly points: readonly { readonly at: Point; readonly inside: boolean }[]
}

/** A place that is spoken of: seen on the picture, and no part of the answer (W100). */
export interface Pin {
  readonly id: string
  /** What stands in it. */
  readonly number: number
  /** Where it was put, in pixels of the picture or code points of the text; null where only an object is meant. */
  readonly at: Bounds | null
  readonly object: string | null
  /** The frame of the video in which it was put; elsewhere, and of a video as a whole, none. */
  readonly frame?: number
  /** On the picture of which camera, where there are several. */
  readonly camera?: string | undefined
  readonly isOver: boolean
}

/** A shape that another answer has and this one has not: seen behind the work (W102). */
export interface Ghost {
  readonly id: string
  readonly class: string
  readonly shape: Shape
  readonly camera?: string | undefined
  /** `gone`: it is not wanted; `wanted`: it should be there, or be so. */
  readonly mark: 'gone' | 'wanted'
}

export interface Session {
  readonly id: typeof SESSION
  readonly scope: 'session'
  readonly kind: 'session'
  readonly selected: readonly string[]
  /** The handle of the one selected shape that keys move. */
  readonly handle: number | null
  readonly hovered: string | null
  /** Out of sight, out of reach; saved like any other (W16). */
  readonly hidden: ReadonlySet<string>
  readonly locked: ReadonlySet<string>
  /** The class of what is drawn next. */
  readonly class: string | null
  /** The one class that is shown, where it is one at a time. */
  readonly only: string | null
  /** The kind of the relation that is made next, and the object that waits for the other end of one. */
  readonly relation: string | null
  readonly joining: string | null
  readonly readOnly: boolean
  readonly screen: Size
  readonly camera: Camera
  /** Is the whole image kept in view while the screen changes its size? */
  readonly fitted: boolean
  /** A CSS cursor. */
  readonly cursor: string
  /** Of several pictures of one moment the one in front, and how the others are looked at (W160). */
  readonly pane: number
  readonly views: ReadonlyMap<number, PaneView>
  readonly crosshair: Point | null
  /** Whether points go where a neighbour's points are (W48), and where the one in hand goes now. */
  readonly snapping: boolean
  readonly snapped: Point | null
  /** Image pixels: half the width of the brush, and where it is while it is in the hand. */
  readonly brush: number
  readonly brushAt: Point | null
  /** How far a colour may differ and still be filled, 0–255. */
  readonly tolerance: number
  /** What is being reckoned beside the page, in words. */
  readonly busy: string | null
  /** What the tool in hand waits for, in words. */
  readonly prompt: string | null
  readonly marquee: Bounds | null
  readonly draft: Draft | null
  readonly clipboard: readonly unknown[]
  /** What is suggested and not decided: seen, and no part of the answer (W150). */
  readonly ghosts: readonly ObjectRecord[]
  readonly ghost: string | null
  readonly asked: Asked
  /** The places that are spoken of, and the one that is open (W100). */
  readonly pins: readonly Pin[]
  readonly pin: string | null
  /** What the person has pointed at to speak of, until the page has asked for the words (W101). */
  readonly pointed: { readonly at: Bounds; readonly object: string | null } | null
  /** How another answer has it (W102). */
  readonly others: readonly Ghost[]
  /** What is selected of a text, and the caret where nothing is. */
  readonly range: Range | null
  /** The frame of the video that is shown, or the cloud of the drive, from 0; and what is proposed for it and others. */
  readonly frame: number
  readonly proposal: Proposal | null
  /** The last thing worth telling somebody who hears the image; the count tells a repeat from an echo. */
  readonly said: { readonly count: number; readonly text: string }
}

/** What has a place in the drawing order. */
export type PlacedRecord = ObjectRecord | TrackRecord | ForeignRecord

export type EditorRecord = PlacedRecord | RelationRecord | ItemRecord | Session

// The ids of objects have no colon (A2), so these two cannot be taken by one.
export const ITEM = ':item'
export const SESSION = ':session'

export const EMPTY_SESSION: Session = {
  id: SESSION,
  scope: 'session',
  kind: 'session',
  selected: [],
  handle: null,
  hovered: null,
  hidden: new Set(),
  locked: new Set(),
  class: null,
  only: null,
  relation: null,
  joining: null,
  readOnly: false,
  screen: { width: 0, height: 0 },
  camera: { zoom: 1, x: 0, y: 0 },
  fitted: true,
  cursor: 'default',
  pane: 0,
  views: new Map(),
  crosshair: null,
  snapping: false,
  snapped: null,
  brush: 12,
  brushAt: null,
  tolerance: 24,
  busy: null,
  prompt: null,
  marquee: null,
  draft: null,
  clipboard: [],
  ghosts: [],
  ghost: null,
  asked: { box: null, points: [] },
  pins: [],
  pin: null,
  pointed: null,
  others: [],
  range: null,
  frame: 0,
  proposal: null,
  said: { count: 0, text: '' },
}
