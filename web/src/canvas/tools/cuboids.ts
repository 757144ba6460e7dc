import type { Command } from '../commands'
import { cuboidInHand, moveAlong, putOnGround, resizeCuboid, setFrame, setMoving, shrinkToPoints, toggleGone, turnCuboid } from '../cuboids'
import type { Editor } from '../editor'
import type { Gesture } from '../events'
import type { Place } from '../kernels/space'
import type { Kit } from '../kits'
import { toolIds, toolRow } from '../tools'
import { type MakeState, type Mode, State } from './state'

const SELECT = ['select'] as const satisfies readonly Mode[]
const HANDS_OFF = ['select', 'ready'] as const satisfies readonly Mode[]

/** What each tool waits for. */
const PROMPTS = {
  cuboid3d: 'Click what stands there, or drag along its length from back to front',
  points3d: 'Draw round the points; with Alt they are taken away',
  brush3d: 'Go over the points: they get the class in hand',
  eraser3d: 'Go over the points: they lose their class',
} as const

/** Waits for places in the cloud, which the page of the cloud knows; Escape puts it away. */
class CloudTool extends State {
  protected override readonly own = 'ready' as const

  protected override enter(): void {
    this.editor.updateSession({ prompt: PROMPTS[this.id as keyof typeof PROMPTS] })
  }

  protected override exit(): void {
    this.editor.updateSession({ prompt: null })
  }

  protected override on(input: Gesture): void {
    if (input.type === 'cancel' && input.reason === 'escape') this.pass('select')
  }
}

/** Metres that a key moves or stretches a cuboid, and with Shift. */
const NEAR = 0.05
const FAR = 0.5

const ARROWS: readonly (readonly [name: string, code: string, along: Place, look: Place])[] = [
  ['ahead', 'ArrowUp', [1, 0, 0], [0, 1, 0]],
  ['back', 'ArrowDown', [-1, 0, 0], [0, -1, 0]],
  ['left', 'ArrowLeft', [0, 1, 0], [-1, 0, 0]],
  ['right', 'ArrowRight', [0, -1, 0], [1, 0, 0]],
  ['up', 'PageUp', [0, 0, 1], [0, 0, 1]],
  ['down', 'PageDown', [0, 0, -1], [0, 0, -1]],
]
const SIDES = { ahead: 'Longer', back: 'Shorter', left: 'Wider', right: 'Narrower', up: 'Higher', down: 'Lower' } as const

const scaled = ([x, y, z]: Place, by: number): Place => [x * by, y * by, z * by]

const moves = ARROWS.flatMap(([name, code, along, look]): Command[] => {
  const merging = (press: 'once' | 'repeat') => (press === 'repeat' ? 'merge' : 'apart')
  const move = (by: number): Command['run'] => (e, press) => moveAlong(e, scaled(along, by), merging(press)) || lookBy(e, look)
  // What is left is made wider, as what is ahead is made longer.
  const size = (by: number): Command['run'] => (e, press) => resizeCuboid(e, scaled(along, by), merging(press))
  const side = SIDES[name as keyof typeof SIDES]
  return [
    { id: `cuboid.${name}`, label: `Move ${name}, by its heading`, keys: [code], when: SELECT, run: move(NEAR) },
    { id: `cuboid.${name}.far`, label: `Move ${name}, far`, keys: [`Shift+${code}`], when: SELECT, run: move(FAR) },
    { id: `cuboid.size.${name}`, label: side, keys: [`Alt+${code}`], when: SELECT, run: size(NEAR) },
    { id: `cuboid.size.${name}.far`, label: `${side}, far`, keys: [`Alt+Shift+${code}`], when: SELECT, run: size(FAR) },
  ]
})

/** With nothing selected, arrows look around. */
function lookBy({ cloudView, session }: Editor, [x, y]: Place): boolean {
  if (cloudView === null || session.selected.length > 0) return false
  cloudView.orbit(x, y)
  return true
}

const turns = ([['left', 1, 'Comma'], ['right', -1, 'Period']] as const).flatMap(([name, sign, code]): Command[] => {
  const turn = (degrees: number): Command['run'] => (e, press) => turnCuboid(e, sign * degrees, press === 'repeat' ? 'merge' : 'apart')
  return [
    { id: `cuboid.turn.${name}`, label: `Turn ${name}, one degree`, keys: [`Alt+${code}`], when: SELECT, run: turn(1) },
    { id: `cuboid.turn.${name}.far`, label: `Turn ${name}, fifteen degrees`, keys: [`Alt+Shift+${code}`], when: SELECT, run: turn(15) },
  ]
})

/** Cuboids in a cloud: the hand points in the page, and keys do here. */
export const kit: Kit = {
  tools: Object.fromEntries(Object.keys(PROMPTS).map((tool): [string, MakeState] => [tool, (editor, id, parent) => new CloudTool(editor, id, parent)])),
  commands: [
    ...toolIds.filter((id) => toolRow(id).inSpace === true).map((id): Command => ({ id: `tool.${id}`, label: toolRow(id).label, keys: toolRow(id).keys, when: HANDS_OFF, run: (e) => e.setTool(id) })),
    ...moves,
    ...turns,
    { id: 'cuboid.flip', label: 'Turn round', keys: ['KeyR'], when: SELECT, run: (e) => turnCuboid(e, 180, 'apart') },
    { id: 'cuboid.ground', label: 'Put on the ground', keys: ['KeyG'], when: SELECT, run: putOnGround },
    { id: 'cuboid.fit', label: 'Fit to the points', keys: ['KeyF'], when: SELECT, run: shrinkToPoints },
    { id: 'look.all', label: 'Whole cloud', keys: ['Shift+Digit1'], when: HANDS_OFF, run: (e) => e.cloudView?.fit() },
    { id: 'look.selection', label: 'Look at the selection', keys: ['Shift+Digit2', 'KeyZ'], when: HANDS_OFF, run: (e) => e.cloudView?.focus() },
    { id: 'look.top', label: 'Look from above', keys: ['Shift+Digit3'], when: HANDS_OFF, run: (e) => e.cloudView?.fromAbove() },
    { id: 'look.nearer', label: 'Nearer', keys: ['Equal', 'Shift+Equal', 'NumpadAdd'], when: HANDS_OFF, run: (e) => e.cloudView?.zoom(1 / Math.SQRT2) },
    { id: 'look.farther', label: 'Farther', keys: ['Minus', 'NumpadSubtract'], when: HANDS_OFF, run: (e) => e.cloudView?.zoom(Math.SQRT2) },
    { id: 'look.colour', label: 'Next colouring', keys: ['KeyC'], when: HANDS_OFF, run: (e) => e.cloudView?.nextColouring() },
    { id: 'brush.wider', label: 'Wider brush', keys: ['Shift+BracketRight'], when: ['ready'], run: (e) => e.cloudView?.sizeBrush(1.25) },
    { id: 'brush.narrower', label: 'Narrower brush', keys: ['Shift+BracketLeft'], when: ['ready'], run: (e) => e.cloudView?.sizeBrush(0.8) },
    { id: 'cuboid.confirm', label: 'Put or paint in the middle of the view', keys: ['Enter'], when: ['ready'], run: (e) => e.cloudView?.putInMiddle() },
    { id: 'frame.next', label: 'Next cloud', keys: ['BracketRight'], when: HANDS_OFF, run: (e) => setFrame(e, e.session.frame + 1) },
    { id: 'frame.previous', label: 'Previous cloud', keys: ['BracketLeft'], when: HANDS_OFF, run: (e) => setFrame(e, e.session.frame - 1) },
    {
      id: 'cuboid.moving',
      label: 'Moves, or stands still',
      keys: ['KeyM'],
      when: SELECT,
      run(e) {
        const record = cuboidInHand(e)
        return record !== null && setMoving(e, record, record.shape.path === undefined ? 'moving' : 'still')
      },
    },
    {
      id: 'cuboid.gone',
      label: 'Gone from here on, or there again',
      keys: ['KeyO'],
      when: SELECT,
      run(e) {
        const record = cuboidInHand(e)
        return record !== null && toggleGone(e, record)
      },
    },
  ],
}
