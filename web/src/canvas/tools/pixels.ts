import type { Kit } from '../kits'
import type { Editor } from '../editor'
import { clamp } from '../kernels/geometry'
import { sizeBrush } from '../view'
import { cutPlan } from './cutting'
import { FillTool } from './filling'
import { PaintTool } from './painting'
import { PiecesTool } from './pieces'
import { PlacingTool } from './placing'

/** How far colours may differ that are filled as one. */
function tolerate(editor: Editor, by: number): boolean {
  const { tool } = editor.root
  if (tool !== 'fill' && tool !== 'pieces') return false
  const tolerance = clamp(editor.session.tolerance + by, 0, 255)
  editor.updateSession({ tolerance })
  editor.say(`Colours alike within ${tolerance}`)
  // What is seen under the hand is seen anew.
  editor.root.handle({ type: 'move', screen: editor.screenHere })
  return true
}

/** What is painted, pixel by pixel. */
export const kit: Kit = {
  tools: {
    pieces: (editor, id, parent) => new PiecesTool(editor, id, parent),
    grabcut: (editor, id, parent) => new PlacingTool(editor, id, parent, cutPlan),
    fill: (editor, id, parent) => new FillTool(editor, id, parent),
    mask: (editor, id, parent) => new PaintTool(editor, id, parent, 'add'),
    eraser: (editor, id, parent) => new PaintTool(editor, id, parent, 'take'),
  },
  commands: [
    { id: 'brush.larger', label: 'Larger brush, more colours alike', keys: ['BracketRight'], when: ['ready', 'drawing'], run: (e) => sizeBrush(e, 1.25) || tolerate(e, 4) },
    { id: 'brush.smaller', label: 'Smaller brush, fewer colours alike', keys: ['BracketLeft'], when: ['ready', 'drawing'], run: (e) => sizeBrush(e, 0.8) || tolerate(e, -4) },
  ],
}
