import type { Kit } from '../kits'
import { sizeBrush } from '../view'
import { PaintTool } from './painting'

/** What is painted, pixel by pixel. */
export const kit: Kit = {
  tools: {
    mask: (editor, id, parent) => new PaintTool(editor, id, parent, 'add'),
    eraser: (editor, id, parent) => new PaintTool(editor, id, parent, 'take'),
  },
  commands: [
    { id: 'brush.larger', label: 'Larger brush', keys: ['BracketRight'], when: ['ready', 'drawing'], run: (e) => sizeBrush(e, 1.25) },
    { id: 'brush.smaller', label: 'Smaller brush', keys: ['BracketLeft'], when: ['ready', 'drawing'], run: (e) => sizeBrush(e, 0.8) },
  ],
}
