import { send } from '../errands'
import { boundsBetween } from '../kernels/geometry'
import { wantPixels } from '../picture'
import { select } from '../selection'
import { paint } from './painting'
import type { Plan } from './placing'
import { boxPlan } from './plans'

/** A box around an object, which then is found in it beside the page (W57). */
export const cutPlan: Plan = {
  ...boxPlan,
  make(places, editor) {
    const pixels = wantPixels(editor)
    const [a, b] = places.map(({ at }) => at)
    if (pixels === null || a === undefined || b === undefined) return editor.say('The picture is being read: try again in a moment')
    const box = boundsBetween(a, b)
    if (Math.min(box.right - box.left, box.bottom - box.top) < 4) return editor.say('Too small to look for something in it')
    const before = editor.session.class
    send(editor, { kind: 'cut', pixels, box, image: editor.image }, 'Looking for the object', (bits) => {
      if (editor.session.class !== before && before !== null) editor.updateSession({ class: before })
      if (bits.width === 0) return editor.say('Nothing stands out in this box')
      select(editor, [])
      paint(editor, bits, 'add')
    })
  },
}
