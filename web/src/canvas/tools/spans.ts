import type { Command } from '../commands'
import type { Kit } from '../kits'
import type { Unit } from '../kernels/text'
import { stopJoining } from '../relations'
import { select } from '../selection'
import { type Way, markRange, moveCaret, moveEnd, rangeInHand, selectSpan, setRange } from '../spans'
import type { Mode } from './state'

const SELECT = ['select'] as const satisfies readonly Mode[]

const ways: readonly (readonly [way: Way, name: string, code: string])[] = [
  ['left', 'left', 'ArrowLeft'],
  ['right', 'right', 'ArrowRight'],
  ['up', 'a line up', 'ArrowUp'],
  ['down', 'a line down', 'ArrowDown'],
  ['begin', 'to the beginning of the line', 'Home'],
  ['finish', 'to the end of the line', 'End'],
]

const carets = ways.flatMap(([way, name, code]): Command[] => {
  const far = way === 'begin' ? 'to the beginning of the text' : way === 'finish' ? 'to the end of the text' : `${name}, by words`
  const isLine = way === 'up' || way === 'down'
  const near: Command[] = [
    { id: `caret.${way}`, label: `Caret ${name}`, keys: [code], when: SELECT, run: (e) => moveCaret(e, way, 'character', 'let go') },
    { id: `caret.${way}.hold`, label: `Select ${name}`, keys: [`Shift+${code}`], when: SELECT, run: (e) => moveCaret(e, way, 'character', 'hold') },
  ]
  if (isLine) return near
  return [
    ...near,
    { id: `caret.${way}.far`, label: `Caret ${far}`, keys: [`Mod+${code}`], when: SELECT, run: (e) => moveCaret(e, way, 'word', 'let go') },
    { id: `caret.${way}.far.hold`, label: `Select ${far}`, keys: [`Mod+Shift+${code}`], when: SELECT, run: (e) => moveCaret(e, way, 'word', 'hold') },
  ]
})

const ends = (['start', 'end'] as const).flatMap((end) =>
  (['left', 'right'] as const).flatMap((way): Command[] => {
    const code = way === 'left' ? 'ArrowLeft' : 'ArrowRight'
    const shift = end === 'start' ? 'Shift+' : ''
    const move = (by: Unit): Command['run'] => (e, press) => moveEnd(e, end, way, by, press === 'repeat' ? 'merge' : 'apart')
    return [
      { id: `span.${end}.${way}`, label: `Move the ${end} of the span ${way}`, keys: [`Alt+${shift}${code}`], when: SELECT, run: move('character') },
      { id: `span.${end}.${way}.far`, label: `Move the ${end} of the span ${way}, by words`, keys: [`Mod+Alt+${shift}${code}`], when: SELECT, run: move('word') },
    ]
  }),
)

/** Passages of a text: the hand selects in the page, and keys do here. */
export const kit: Kit = {
  tools: {},
  commands: [
    { id: 'span.mark', label: 'Mark what is selected', keys: ['Enter'], when: SELECT, run: markRange },
    { id: 'span.next', label: 'Next span', keys: ['Period'], when: SELECT, run: (e) => selectSpan(e, 1) },
    { id: 'span.previous', label: 'Previous span', keys: ['Comma'], when: SELECT, run: (e) => selectSpan(e, -1) },
    {
      id: 'span.leave',
      label: 'Select nothing',
      keys: ['Escape'],
      when: SELECT,
      run(e) {
        // One thing at a time: first what is selected in the text, then the spans.
        const range = rangeInHand(e)
        if (stopJoining(e)) return
        if (range !== null) setRange(e, { anchor: range.focus, focus: range.focus })
        else if (e.session.selected.length > 0) select(e, [])
        else setRange(e, null)
      },
    },
    ...carets,
    ...ends,
  ],
}
