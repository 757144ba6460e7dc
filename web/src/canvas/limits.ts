/** Every limit of the editor, by name. Those of the answer document are rules A3 and A7. */
export const OBJECTS_MAX = 50_000
export const POINTS_MIN = 3
export const LINE_POINTS_MIN = 2
export const POINTS_MAX = 10_000
/** Undo steps kept; the oldest is let go. */
export const STEPS_MAX = 1_000

/** Screen pixels per image pixel. */
export const ZOOM_MIN = 0.01
export const ZOOM_MAX = 64

/** Screen pixels: how near counts as "on it", by the kind of pointer. */
export const REACH_PX = 8
export const REACH_TOUCH_PX = 16
/** Screen pixels: less than this is a tremble, and a tremble is a click (W14). */
export const DRAG_PX = 4
/** Screen pixels: an edge shorter than this offers no handle in its middle. */
export const MIDPOINT_EDGE_PX = 36
/** Screen pixels by which the handle that turns a shape stands off it. */
export const TURN_PX = 28
/** Screen pixels: how large the head of a pin is. */
export const PIN_PX = 22
/** Screen pixels kept free around what is fitted to the screen. */
export const FIT_MARGIN_PX = 16

/** Image pixels that a nudge moves, and with Shift (W30). */
export const NUDGE = 1
export const NUDGE_FAR = 10
/** Image pixels by which a copy is set off from what it copies. */
export const PASTE_OFFSET = 10
/** Screen pixels that an arrow key moves the crosshair, and with Shift (W41). */
export const CROSSHAIR_PX = 10
export const CROSSHAIR_FAR_PX = 60
/** Screen pixels by which a freehand line may be simplified. */
export const FREEHAND_TOLERANCE_PX = 1.5
/** Image pixels: half the width of the brush. */
export const BRUSH_MIN = 1
export const BRUSH_MAX = 500
