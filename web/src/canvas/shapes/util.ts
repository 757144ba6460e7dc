import type { Bounds, Point, Size } from '../kernels/geometry'

/** What a hand can take hold of. Its place in the list of handles is its name. */
export interface Handle {
  readonly kind: 'corner' | 'side' | 'vertex' | 'midpoint'
  readonly at: Point
  /** A CSS cursor. */
  readonly cursor: string
  /** Screen pixels of room that a handle needs along its edge to be worth showing are judged by this length. */
  readonly edge: number
}

/**
 * All that the editor needs to know of a kind of shape. Tools ask the util; no tool ever asks what
 * kind of shape it has in hand.
 */
export interface ShapeUtil<S> {
  /** The shape in a JSON value, or null when it is not one. */
  parse(value: { readonly [key: string]: unknown }): S | null
  outline(shape: S): readonly Point[]
  bounds(shape: S): Bounds
  area(shape: S): number
  translate(shape: S, by: Point): S
  /** The shape stretched so that its bounds become these. */
  stretch(shape: S, to: Bounds): S
  handles(shape: S): readonly Handle[]
  /** Takes hold of a handle and puts it down elsewhere; of a midpoint, makes a new vertex. */
  moveHandle(shape: S, handle: number, to: Point): S
  /** Null where there is nothing to insert or delete. */
  insertVertex(shape: S, edge: number, at: Point): S | null
  deleteVertex(shape: S, handle: number): S | null
  /** Onto the image and onto the hundredth of a pixel (W11). */
  clamp(shape: S, size: Size): S
  /** May this be saved (A3), or is it the leftover of a slip of the hand? */
  isWorthKeeping(shape: S): boolean
  /** A sentence for those who hear the image. */
  describe(shape: S): string
}
