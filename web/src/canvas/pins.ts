import { isInFront, showCameraOf } from './cameras'
import type { Editor } from './editor'
import { reveal, toScreen } from './kernels/camera'
import { type Bounds, type Point, distance } from './kernels/geometry'
import { PIN_PX } from './limits'
import type { Pin } from './records'
import { select } from './selection'
import { boundsOfShape } from './shapes'
import { setCamera } from './view'

/** Where a pin is: on its object as long as that is there, or else where it was put; in a video, in its frame alone (W92). */
export function placeOfPin({ scene, session, frames }: Editor, { at, object, frame }: Pin): Bounds | null {
  if (frames > 0 && frame !== undefined && frame !== session.frame) return null
  const there = object === null ? null : scene.get(object)
  return there === null ? at : boundsOfShape(there.shape)
}

/** Whether it is to be seen on the picture in front. */
export const isPinInFront = (editor: Editor, pin: Pin): boolean => isInFront(editor, cameraOfPin(editor, pin))

const cameraOfPin = ({ scene }: Editor, { object, camera }: Pin): { readonly camera?: string | undefined } => (object === null ? null : scene.get(object)) ?? { camera }

/** Where the head of a pin is drawn: beside what it is about, so that it hides nothing of it. */
export function headOfPin(editor: Editor, pin: Pin): Point | null {
  const place = placeOfPin(editor, pin)
  if (place === null) return null
  const [x, y] = toScreen(editor.session.camera, [place.right, place.top])
  return [x + PIN_PX * 0.5, y - PIN_PX * 0.5]
}

/** The pin under the pointer, the last on top. */
export function hitPin(editor: Editor): string | null {
  const reach = Math.max(editor.reach, PIN_PX / 2)
  const { pins } = editor.session
  for (let i = pins.length - 1; i >= 0; i--) {
    const [pin] = pins.slice(i)
    if (pin !== undefined && !isPinInFront(editor, pin)) continue
    const head = pin === undefined ? null : headOfPin(editor, pin)
    if (pin !== undefined && head !== null && distance(head, editor.screenHere) <= reach) return pin.id
  }
  return null
}

/** Opens a pin: what it is about is selected and brought into view, in the frame in which it was put. */
export function openPin(editor: Editor, id: string | null): void {
  editor.act(() => {
    editor.updateSession({ pin: id })
    const pin = editor.session.pins.find((each) => each.id === id)
    if (pin?.frame !== undefined && pin.frame < editor.frames) editor.updateSession({ frame: pin.frame, hovered: null })
    const place = pin === undefined ? null : placeOfPin(editor, pin)
    if (pin === undefined || place === null) return
    showCameraOf(editor, cameraOfPin(editor, pin))
    if (pin.object !== null && editor.scene.get(pin.object) !== null) select(editor, [pin.object])
    if (editor.text !== null) editor.updateSession({ range: { anchor: place.left, focus: place.right } })
    else showPlace(editor, place)
  })
}

/** Brings a place into view, and leaves the picture where it is if it is seen. */
export function showPlace(editor: Editor, { left, top, right, bottom }: Bounds): void {
  const { camera, screen } = editor.session
  const shown = reveal(camera, [right, top], screen, 2 * PIN_PX)
  setCamera(editor, reveal(shown, [left, bottom], screen, 2 * PIN_PX))
}
