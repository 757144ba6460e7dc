import type { Point } from './kernels/geometry'

export interface Modifiers {
  readonly shift: boolean
  readonly alt: boolean
  /** Control, or Command on a Mac. */
  readonly mod: boolean
}

export interface PointerInput {
  readonly type: 'down' | 'move' | 'up'
  /** Pixels from the top left of the canvas. */
  readonly screen: Point
  /** As `PointerEvent.button`: 0 the main one, 1 the middle, 2 the other. */
  readonly button?: number
  readonly pointer?: 'mouse' | 'pen' | 'touch'
  readonly modifiers?: Modifiers
}

export interface DoubleClickInput {
  readonly type: 'doubleclick'
  readonly screen: Point
}

/** What keys and buttons say to the state in charge: done here; all done; one back; there is none. */
export interface WordInput {
  readonly type: 'confirm' | 'finish' | 'back' | 'skip'
  /** As with Shift held: the point is hidden, or the line follows its neighbour. */
  readonly how?: 'plain' | 'hidden'
}

/** `escape` is a person's wish; `interrupt` is the world's: the pointer was lost, or a pinch began. */
export interface CancelInput {
  readonly type: 'cancel'
  readonly reason: 'escape' | 'interrupt'
}

export interface WheelInput {
  readonly type: 'wheel'
  readonly screen: Point
  /** Pixels, as the page would scroll. */
  readonly delta: Point
  readonly modifiers?: Modifiers
}

/** Two fingers: where their middle is, how far it went, and how much farther apart they are. */
export interface PinchInput {
  readonly type: 'pinch'
  readonly screen: Point
  readonly by: Point
  readonly factor: number
}

export interface KeyInput {
  readonly type: 'keydown' | 'keyup'
  /** `KeyboardEvent.code`: the place of the key, whatever is printed on it. */
  readonly code: string
  readonly repeat?: boolean
  readonly modifiers?: Modifiers
}

/** The pointer left the canvas, or the window lost the keyboard. */
export interface AwayInput {
  readonly type: 'leave' | 'blur'
}

/** What the states of the chart are told. */
export type Gesture = PointerInput | DoubleClickInput | WordInput | CancelInput
/** Everything that the editor can be told: by the page, the keyboard, or a test. */
export type Input = Gesture | WheelInput | PinchInput | KeyInput | AwayInput

export const NO_MODIFIERS: Modifiers = { shift: false, alt: false, mod: false }
