/** The relations between passages, as arcs over the lines that are laid out. The list beside the text says the same. */
import { useLayoutEffect, useState } from 'react'
import { type Editor, kindOf } from '../../../canvas'
import type { TextIndex } from '../../../canvas/kernels/text'
import { useEditor } from '../useEditor'
import css from './Text.module.css'
import { caretBox } from './places'

interface ArcsProps {
  editor: Editor
  text: TextIndex
  rows: React.RefObject<HTMLDivElement | null>
  blockOf: (unit: number) => Element | null
  /** Changes when other lines are laid out. */
  drawn: unknown
}

interface Arc {
  readonly id: string
  readonly path: string
  /** Empty where it would stand in the way of another line. */
  readonly name: string
  readonly isHeld: boolean
  readonly isMutual: boolean
  readonly middle: readonly [number, number]
}

/** More of them at once hide the text: then only those of what is selected are drawn (W133). */
const ARCS_MAX = 60

export function Arcs({ editor, text, rows, blockOf, drawn }: ArcsProps) {
  const relations = useEditor(editor, (snapshot) => snapshot.relations)
  const selected = useEditor(editor, (snapshot) => snapshot.selected)
  const hidden = useEditor(editor, ({ session }) => session.hidden)
  const [arcs, setArcs] = useState<readonly Arc[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: with other lines laid out, others can be drawn
  useLayoutEffect(() => {
    const origin = rows.current?.getBoundingClientRect()
    if (origin === undefined || relations.length === 0) {
      setArcs((before) => (before.length === 0 ? before : []))
      return
    }
    const inHand = new Set(selected.map(({ id }) => id))
    const spot = (id: string) => {
      const shape = editor.scene.get(id)?.shape
      if (shape?.type !== 'span' || hidden.has(id)) return null
      const [start, end] = [text.toUnit(shape.start), text.toUnit(shape.end)]
      const [a, b] = [caretBox(blockOf(start), start), caretBox(blockOf(end), end)]
      if (a === null) return null
      // Over the middle of what stands on its first line.
      const right = b !== null && Math.abs(b.top - a.top) < 2 ? b.left : a.left + 12
      return { x: (a.left + right) / 2 - origin.left, y: a.top - origin.top }
    }
    const next = relations.flatMap(({ id, relation, from, to }): Arc[] => {
      const isHeld = inHand.has(from) || inHand.has(to)
      if (relations.length > ARCS_MAX && !isHeld) return []
      const [a, b] = [spot(from), spot(to)]
      if (a === null || b === null) return []
      const rise = Math.min(a.y, b.y) - 10 - Math.min(30, Math.abs(b.x - a.x) / 12)
      const kind = kindOf(editor.ontology, relation)
      const path = `M${a.x} ${a.y}C${a.x} ${rise} ${b.x} ${rise} ${b.x} ${b.y}`
      return [{ id, path, name: isHeld || Math.abs(a.y - b.y) < 2 ? (kind?.name ?? relation) : '', isHeld, isMutual: kind?.direction === 'both_ways', middle: [(a.x + b.x) / 2, (a.y + b.y) / 8 + rise * 0.75] }]
    })
    setArcs((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next))
  }, [relations, selected, hidden, drawn, editor, text, rows, blockOf])

  if (arcs.length === 0) return null
  return (
    <svg className={css.arcs} aria-hidden="true">
      <defs>
        <marker id="arc-end" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" /></marker>
      </defs>
      {arcs.map(({ id, path, isHeld, isMutual }) => <path key={id} className={css.arc} d={path} data-held={isHeld ? '' : undefined} markerEnd={isMutual ? undefined : 'url(#arc-end)'} />)}
      {arcs.filter(({ name }) => name !== '').map(({ id, name, isHeld, middle: [x, y] }) => <text key={id} className={css.arcName} data-held={isHeld ? '' : undefined} x={x} y={y}>{name}</text>)}
    </svg>
  )
}
