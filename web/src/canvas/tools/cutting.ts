import type { Editor } from '../editor'
import { send } from '../errands'
import { type Bounds, boundsBetween } from '../kernels/geometry'
import { wantPixels } from '../picture'
import { select } from '../selection'
import { paint } from './painting'
import type { Plan } from './placing'
import { boxPlan } from './plans'

/** Image pixels: in a smaller box there is nothing to look for. */
const SIDE_MIN = 4

/** A box around an object, which then is found in it beside the page (W57). */
export const cutPlan: Plan = {
  ...boxPlan,
  begin: (editor) => void wantPixels(editor),
  make(places, editor) {
    const [a, b] = places.map(({ at }) => at)
    if (a === undefined || b === undefined) return
    const box = boundsBetween(a, b)
    if (Math.min(box.right - box.left, box.bottom - box.top) < SIDE_MIN) editor.say('Too small to look for something in it')
    else look(editor, box)
  },
}

function look(editor: Editor, box: Bounds): void {
  const pixels = wantPixels(editor, () => look(editor, box))
  if (pixels === null) {
    editor.say('The picture is being read')
    return
  }
  const { class: key } = editor.session
  send(editor, { kind: 'cut', pixels, box, image: editor.image }, 'Looking for the object', (bits) => {
    if (bits.width === 0) return editor.say('Nothing stands out in this box')
    // It is of the class that was in the hand, and a mask of its own.
    if (key !== null) editor.updateSession({ class: key })
    select(editor, [])
    paint(editor, bits, 'add')
  })
}
