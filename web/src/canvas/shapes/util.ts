import type { Bounds, Point, Size } from '../kernels/geometry'

/** A line that a shape is drawn by. Closed ones of one shape are filled together, even-odd: so a hole is a hole. */
export interface Path {
  readonly points: readonly Point[]
  readonly closed: boolean
}

/** A place that is drawn as a dot, whatever the zoom. */
export interface Dot {
  readonly at: Point
  readonly look: 'full' | 'hollow'
}

/** What a hand can take hold of. Its place in the list of handles is its name. */
export interface Handle {
  readonly kind: 'corner' | 'side' | 'vertex' | 'midpoint' | 'control' | 'turn'
  readonly at: Point
  /** A CSS cursor. */
  readonly cursor: string
  /** Screen pixels of room that a handle needs along its edge to be worth showing are judged by this length. */
  readonly edge: number
  /** The place of the shape that it is tied to by a line. */
  readonly from?: Point
  /** The direction in which the handle stands off its place on the screen (`TURN_PX`), as a vector of length one. */
  readonly off?: Point
  /** A place that is known but not seen. */
  readonly look?: 'hollow'
}

/** The named points of the class of an object, and which are joined (O7). */
export interface Skeleton {
  readonly points: readonly { readonly key: string; readonly name: string }[]
  readonly edges?: readonly (readonly [from: number, to: number])[]
}

/** A number or a choice by which a shape can be changed without a drag (W33). */
export interface Field {
  readonly key: string
  readonly name: string
  readonly value: number
  /** Where only these values are possible, by name. */
  readonly options?: readonly (readonly [value: number, name: string])[]
}

/**
 * All that the editor and the pages need to know of a kind of shape: geometry, how it is drawn, what
 * can be taken hold of, and its numbers. Tools, renderer and inspector ask the util; none of them
 * ever asks what kind of shape it has in hand.
 */
export interface ShapeUtil<S> {
  /** What people call it. */
  readonly name: string
  /** The shape in a JSON value, or null when it is not one. */
  parse(value: { readonly [key: string]: unknown }): S | null
  paths(shape: S, skeleton: Skeleton | null): readonly Path[]
  dots?(shape: S): readonly Dot[]
  bounds(shape: S): Bounds
  area(shape: S): number
  translate(shape: S, by: Point): S
  /** The shape stretched so that its bounds become these. */
  stretch(shape: S, to: Bounds): S
  /** The shape turned clockwise about its centre. */
  turn?(shape: S, degrees: number): S
  handles(shape: S): readonly Handle[]
  /** Takes hold of a handle and puts it down elsewhere; of a midpoint, makes a new vertex. */
  moveHandle(shape: S, handle: number, to: Point): S
  /** Null where there is nothing to insert or delete. The edge is that of `paths`, counted through. */
  insertVertex?(shape: S, edge: number, at: Point): S | null
  deleteVertex?(shape: S, handle: number): S | null
  /** The next of the ways in which a point can be there: visible, hidden. */
  cycleVertex?(shape: S, handle: number): S | null
  /** Onto the image and onto the hundredth of a pixel (W11). */
  clamp(shape: S, size: Size): S
  /** May this be saved (A3), or is it the leftover of a slip of the hand? */
  isWorthKeeping(shape: S): boolean
  /** A sentence for those who hear the image. */
  describe(shape: S): string
  fields?(shape: S, skeleton: Skeleton | null): readonly Field[]
  withField?(shape: S, key: string, value: number): S
}
