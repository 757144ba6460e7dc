/** A line of the text, or a part of a very long one, with what is marked in it. */
import { type CSSProperties, memo } from 'react'
import { type Passage, type Piece, piecesOf } from '../../../canvas/kernels/text'
import css from './Text.module.css'

export interface Look {
  readonly color: string
  readonly name: string
  /** The class's place among the classes: it says how the line is drawn, for colour alone says too little. */
  readonly place: number
}

export interface Marked extends Passage {
  readonly class: string
  /** What stands where it begins, instead of the name of its class. */
  readonly label: string | null
  readonly lane: number
  /** Whether it is only suggested. */
  readonly isGhost?: boolean
}

interface BlockProps {
  readonly index: number
  readonly start: number
  readonly end: number
  readonly text: string
  readonly marked: readonly Marked[]
  readonly looks: ReadonlyMap<string, Look>
  readonly selected: ReadonlySet<string>
  readonly top: number
  readonly measure: (element: HTMLElement | null) => void
}

const NOTHING: ReadonlySet<string> = new Set()
/** Below that many lanes the lines would leave the text. */
const LANES_MAX = 8

export const Block = memo(function Block({ index, start, end, text, marked, looks, selected = NOTHING, top, measure }: BlockProps) {
  const byId = new Map(marked.map((each) => [each.id, each]))
  const deepest = marked.reduce((most, { lane }) => Math.max(most, lane + 1), 0)
  const style = { transform: `translateY(${top}px)`, '--lanes': Math.min(deepest, LANES_MAX) } as CSSProperties
  return (
    <p ref={measure} className={css.block} data-index={index} data-end={end} dir="auto" style={style}>
      {start === end
        ? <br data-start={start} />
        : piecesOf({ start, end }, marked).map((piece) => {
          const over = piece.ids.flatMap((id) => byId.get(id) ?? [])
          const said = text.slice(piece.start - start, piece.end - start)
          if (over.length === 0) return <span key={piece.start} data-start={piece.start}>{said}</span>
          return (
            <span
              key={piece.start}
              data-start={piece.start}
              data-names={namesOf(piece, over, looks, start)}
              data-suggested={over.every(({ isGhost }) => isGhost === true) ? '' : undefined}
              data-selected={over.some(({ id }) => selected.has(id)) ? '' : undefined}
              className={css.piece}
              style={lines(over, looks, selected)}
            >
              {said}
            </span>
          )
        })}
    </p>
  )
})

/** The classes of what begins here, or goes on here from the line before. */
function namesOf(piece: Piece, over: readonly Marked[], looks: ReadonlyMap<string, Look>, start: number): string | undefined {
  const begun = over.filter((each) => each.start === piece.start || (each.start < start && piece.start === start))
  if (begun.length === 0) return undefined
  return begun.map((each) => each.label ?? looks.get(each.class)?.name ?? each.class).join(' · ')
}

/** A line below the text for each passage, each in its lane, and the colour of the shortest behind the text. */
function lines(over: readonly Marked[], looks: ReadonlyMap<string, Look>, selected: ReadonlySet<string>): CSSProperties {
  const depth = Math.min(LANES_MAX, over.reduce((most, { lane }) => Math.max(most, lane + 1), 0))
  const drawn = over.map((each) => {
    const look = looks.get(each.class)
    const color = look?.color ?? 'currentColor'
    const up = (depth - 1 - Math.min(each.lane, LANES_MAX - 1)) * 5
    const thick = (each.isGhost === true ? 2 : 3) + (selected.has(each.id) ? 1 : 0)
    return `${each.isGhost === true ? DASHES(color) : stroke(color, look?.place ?? 0)} 0 calc(100% - ${up}px) / 100% ${thick}px no-repeat`
  })
  const marked = over.filter(({ isGhost }) => isGhost !== true)
  const shortest = (marked.length > 0 ? marked : over).reduce((least, each) => (each.end - each.start < least.end - least.start ? each : least))
  const color = looks.get(shortest.class)?.color ?? 'currentColor'
  // Nobody has marked what is only suggested: it has a line and no ground, until the finger lies on it.
  const share = over.some(({ id }) => selected.has(id)) ? 30 : marked.length > 0 ? 14 : 0
  const tint = `color-mix(in srgb, ${color} ${share}%, transparent)`
  return { background: [...drawn, `linear-gradient(${tint}, ${tint})`].join(', '), '--depth': depth } as CSSProperties
}

/** What is suggested, whatever its class: thin and broken often. */
const DASHES = (color: string): string => `repeating-linear-gradient(90deg, ${color} 0 4px, transparent 4px 7px)`

/** Whole, dashed, dotted: neighbours in the list of classes are told apart without colour. */
function stroke(color: string, place: number): string {
  const [on, off] = ([[1, 0], [8, 4], [3, 3]] as const)[place % 3] ?? [1, 0]
  return off === 0
    ? `linear-gradient(${color}, ${color})`
    : `repeating-linear-gradient(90deg, ${color} 0 ${on}px, transparent ${on}px ${on + off}px)`
}
