import { create } from '../actions'
import type { Kit } from '../kits'
import { bendSelection } from '../bending'
import { curveThrough, line } from '../shapes/line'
import { withoutRepeats } from '../shapes/polygon'
import { cutPolygons, fillHoles, mergeSelection, punchHole } from '../surgery'
import type { MakeState } from './state'
import { scissors } from './scissors'
import { type Trace, TracingTool } from './tracing'

const tracing = (trace: Trace): MakeState => (editor, id, parent) => new TracingTool(editor, id, parent, trace)

/** What is traced, and what is done to polygons. */
export const kit: Kit = {
  tools: {
    polygon: tracing({
      name: 'polygon',
      closed: true,
      min: 3,
      finish: (points, editor) => create(editor, { type: 'polygon', points: withoutRepeats(points) }) !== null,
    }),
    scissors: tracing(scissors),
    hole: tracing({ name: 'hole', closed: true, min: 3, finish: (points, editor) => punchHole(editor, withoutRepeats(points)) }),
    cut: tracing({ name: 'cut', closed: false, min: 2, finish: (points, editor) => cutPolygons(editor, points) }),
    curve: tracing({
      name: 'curve',
      closed: false,
      min: 2,
      preview: (points) => line.paths(curveThrough(points), null),
      finish: (points, editor) => create(editor, curveThrough(points)) !== null,
    }),
    line: tracing({ name: 'line', closed: false, min: 2, finish: (points, editor) => create(editor, { type: 'line', points }) !== null }),
  },
  commands: [
    { id: 'line.bend', label: 'Bend, or straighten', keys: ['KeyW', 'Alt+KeyW'], when: ['select'], run: bendSelection },
    { id: 'merge', label: 'Merge polygons', keys: ['KeyM'], when: ['select'], run: mergeSelection },
    { id: 'holes.fill', label: 'Fill the holes', keys: ['Shift+KeyM'], when: ['select'], run: fillHoles },
  ],
}
