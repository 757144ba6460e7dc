import { change, refuse } from './actions'
import type { Editor } from './editor'
import type { ObjectRecord } from './records'
import { changeableSelection } from './selection'
import { util } from './shapes'
import { type Line, bendLine, bendSegment } from './shapes/line'

/** Bends the segment after the point in hand, or else the selected lines all along; what is bent comes to be straight. */
export function bendSelection(editor: Editor): boolean {
  const lines = changeableSelection(editor).flatMap((record) => (record.shape.type === 'line' ? [{ record, shape: record.shape }] : []))
  const [first] = lines
  if (first === undefined) return refuse(editor, 'Select a line to bend it') !== null
  const { handle } = editor.session
  const vertex = lines.length === 1 && handle !== null && handle < first.shape.points.length ? handle : null
  const bent = new Map<ObjectRecord, Line>(lines.map(({ record, shape }) => [record, vertex === null ? bendLine(shape) : bendSegment(shape, vertex)]))
  const to = (record: ObjectRecord): ObjectRecord => {
    const shape = bent.get(record)
    return shape === undefined ? record : { ...record, shape: util(shape).clamp(shape, editor.image) }
  }
  if (!change(editor, 'bend', lines.map(({ record }) => record), to)) return false
  editor.say(editor.describe(first.record.id))
  return true
}
