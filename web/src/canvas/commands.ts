import {
  copy,
  cut,
  cycleHandle,
  cycleHandleState,
  duplicate,
  insertAfterHandle,
  nudge,
  paste,
  remove,
  removeInHand,
  reorderSelection,
  resizeBy,
  setClass,
  turnBy,
} from './actions'
import type { Editor } from './editor'
import type { Binding } from './keymap'
import { type Point, scale } from './kernels/geometry'
import { NUDGE, NUDGE_FAR } from './limits'
import type { Ontology } from './ontology'
import { clearFlag, select, selectAll, selectNeighbour, toggleFlag, toggleSnapping } from './selection'
import { toolIds, toolRow } from './tools'
import type { Mode } from './tools/state'
import { type CrosshairStep, moveCrosshair, panByKey, zoomIn, zoomOut, zoomTo, zoomToFit, zoomToSelection } from './view'

export interface Command extends Binding {
  /** False when there was nothing to do, so that the key is left to the page. */
  readonly run: (editor: Editor, press: 'once' | 'repeat') => unknown
}

const SELECT = ['select'] as const satisfies readonly Mode[]
const DRAWING = ['drawing'] as const satisfies readonly Mode[]
const RESTING = ['select', 'ready'] as const satisfies readonly Mode[]
const TOOLS = ['ready', 'drawing'] as const satisfies readonly Mode[]
const HANDS_OFF = ['select', 'ready', 'drawing'] as const satisfies readonly Mode[]
const ALWAYS = ['select', 'ready', 'drawing', 'gesture'] as const satisfies readonly Mode[]

const ARROWS: readonly (readonly [name: string, code: string, direction: Point])[] = [
  ['left', 'ArrowLeft', [-1, 0]],
  ['right', 'ArrowRight', [1, 0]],
  ['up', 'ArrowUp', [0, -1]],
  ['down', 'ArrowDown', [0, 1]],
]

const arrows = ARROWS.flatMap(([name, code, direction]): Command[] => {
  // A held key is one step to undo; each fresh press is one of its own.
  const merging = (press: 'once' | 'repeat') => (press === 'repeat' ? 'merge' : 'apart')
  const move = (px: number) => (editor: Editor, press: 'once' | 'repeat') =>
    nudge(editor, scale(direction, px), merging(press)) || panByKey(editor, direction)
  const resize = (px: number) => (editor: Editor, press: 'once' | 'repeat') =>
    resizeBy(editor, scale(direction, px), merging(press))
  const aim = (step: CrosshairStep) => (editor: Editor) => moveCrosshair(editor, direction, step)
  return [
    { id: `nudge.${name}`, label: `Move ${name}`, keys: [code], when: SELECT, run: move(NUDGE) },
    { id: `nudge.${name}.far`, label: `Move ${name}, far`, keys: [`Shift+${code}`], when: SELECT, run: move(NUDGE_FAR) },
    { id: `resize.${name}`, label: `Resize ${name}`, keys: [`Alt+${code}`], when: SELECT, run: resize(NUDGE) },
    { id: `resize.${name}.far`, label: `Resize ${name}, far`, keys: [`Alt+Shift+${code}`], when: SELECT, run: resize(NUDGE_FAR) },
    { id: `aim.${name}`, label: `Crosshair ${name}`, keys: [code], when: TOOLS, run: aim('near') },
    { id: `aim.${name}.far`, label: `Crosshair ${name}, far`, keys: [`Shift+${code}`], when: TOOLS, run: aim('far') },
    { id: `aim.${name}.fine`, label: `Crosshair ${name}, one pixel`, keys: [`Alt+${code}`], when: TOOLS, run: aim('fine') },
  ]
})

const turns = ([['right', 1, 'Period'], ['left', -1, 'Comma']] as const).flatMap(([name, sign, code]): Command[] => {
  const turn = (degrees: number) => (editor: Editor, press: 'once' | 'repeat') => turnBy(editor, sign * degrees, press === 'repeat' ? 'merge' : 'apart')
  return [
    { id: `turn.${name}`, label: `Turn ${name}, one degree`, keys: [`Alt+${code}`], when: SELECT, run: turn(1) },
    { id: `turn.${name}.far`, label: `Turn ${name}, fifteen degrees`, keys: [`Alt+Shift+${code}`], when: SELECT, run: turn(15) },
  ]
})

/** What a key or a button can do whatever the tools, with the keys it has until somebody says otherwise. */
export const commands: readonly Command[] = [
  ...toolIds.filter((id) => toolRow(id).inSpace !== true).map((id): Command => ({ id: `tool.${id}`, label: toolRow(id).label, keys: toolRow(id).keys, when: HANDS_OFF, run: (e) => e.setTool(id) })),

  { id: 'cancel', label: 'Cancel', keys: ['Escape'], when: ALWAYS, run: (e) => e.root.handle({ type: 'cancel', reason: 'escape' }) },
  { id: 'confirm', label: 'Put a point, or close', keys: ['Enter'], when: TOOLS, run: (e) => e.confirm() },
  {
    id: 'confirm.hidden',
    label: 'Put a hidden point, or follow the neighbour’s edge',
    keys: ['Shift+Enter'],
    when: TOOLS,
    run: (e) => e.confirm('hidden'),
  },
  { id: 'skip', label: 'Leave this point out', keys: ['KeyN'], when: TOOLS, run: (e) => e.root.handle({ type: 'skip' }) },
  { id: 'finish', label: 'Finish the shape', keys: ['Mod+Enter'], when: DRAWING, run: (e) => e.root.handle({ type: 'finish' }) },
  {
    id: 'back',
    label: 'Take back the last point',
    keys: ['Backspace', 'Delete', 'Mod+KeyZ'],
    when: DRAWING,
    run: (e) => e.root.handle({ type: 'back' }),
  },
  { id: 'undo', label: 'Undo', keys: ['Mod+KeyZ'], when: RESTING, run: (e) => e.undo() },
  { id: 'redo', label: 'Redo', keys: ['Mod+Shift+KeyZ', 'Mod+KeyY'], when: RESTING, run: (e) => e.redo() },

  { id: 'select.all', label: 'Select all', keys: ['Mod+KeyA'], when: SELECT, run: selectAll },
  { id: 'select.none', label: 'Select nothing', keys: ['KeyQ'], when: RESTING, run: (e) => select(e, []) },
  { id: 'select.next', label: 'Next object', keys: ['Period'], when: SELECT, run: (e) => selectNeighbour(e, 1) },
  { id: 'select.previous', label: 'Previous object', keys: ['Comma'], when: SELECT, run: (e) => selectNeighbour(e, -1) },
  { id: 'point.next', label: 'Next point', keys: ['BracketRight'], when: SELECT, run: (e) => cycleHandle(e, 1) },
  { id: 'point.previous', label: 'Previous point', keys: ['BracketLeft'], when: SELECT, run: (e) => cycleHandle(e, -1) },
  { id: 'point.insert', label: 'Insert a point', keys: ['Insert', 'Alt+Enter'], when: SELECT, run: insertAfterHandle },

  { id: 'point.visibility', label: 'Visible or hidden point', keys: ['KeyN'], when: SELECT, run: cycleHandleState },

  { id: 'snap', label: 'Snap to neighbours', keys: ['KeyG'], when: HANDS_OFF, run: toggleSnapping },
  ...turns,

  { id: 'delete', label: 'Delete', keys: ['Delete', 'Backspace'], when: SELECT, run: removeInHand },
  { id: 'delete.objects', label: 'Delete objects', keys: ['Mod+Backspace', 'Mod+Delete'], when: SELECT, run: remove },
  { id: 'copy', label: 'Copy', keys: ['Mod+KeyC'], when: SELECT, run: copy },
  { id: 'cut', label: 'Cut', keys: ['Mod+KeyX'], when: SELECT, run: cut },
  { id: 'paste', label: 'Paste', keys: ['Mod+KeyV'], when: RESTING, run: paste },
  { id: 'duplicate', label: 'Duplicate', keys: ['Mod+KeyD'], when: SELECT, run: duplicate },

  { id: 'order.forward', label: 'Forward', keys: ['Mod+BracketRight'], when: SELECT, run: (e) => reorderSelection(e, 'forward') },
  { id: 'order.backward', label: 'Backward', keys: ['Mod+BracketLeft'], when: SELECT, run: (e) => reorderSelection(e, 'backward') },
  { id: 'order.front', label: 'To the front', keys: ['Mod+Shift+BracketRight'], when: SELECT, run: (e) => reorderSelection(e, 'front') },
  { id: 'order.back', label: 'To the back', keys: ['Mod+Shift+BracketLeft'], when: SELECT, run: (e) => reorderSelection(e, 'back') },

  { id: 'hide', label: 'Hide or show', keys: ['Alt+KeyH'], when: SELECT, run: (e) => toggleFlag(e, 'hidden', e.session.selected) },
  { id: 'hide.none', label: 'Show all', keys: ['Alt+Shift+KeyH'], when: SELECT, run: (e) => clearFlag(e, 'hidden') },
  { id: 'lock', label: 'Lock or unlock', keys: ['Alt+KeyL'], when: SELECT, run: (e) => toggleFlag(e, 'locked', e.session.selected) },
  { id: 'lock.none', label: 'Unlock all', keys: ['Alt+Shift+KeyL'], when: SELECT, run: (e) => clearFlag(e, 'locked') },

  { id: 'zoom.in', label: 'Zoom in', keys: ['Equal', 'Shift+Equal', 'NumpadAdd'], when: HANDS_OFF, run: zoomIn },
  { id: 'zoom.out', label: 'Zoom out', keys: ['Minus', 'NumpadSubtract'], when: HANDS_OFF, run: zoomOut },
  { id: 'zoom.fit', label: 'Whole image', keys: ['Shift+Digit1'], when: HANDS_OFF, run: zoomToFit },
  { id: 'zoom.full', label: 'Full size', keys: ['Shift+Digit0'], when: HANDS_OFF, run: (e) => zoomTo(e, 1) },
  { id: 'zoom.selection', label: 'Zoom to the selection', keys: ['Shift+Digit2'], when: HANDS_OFF, run: zoomToSelection },
  ...arrows,
]

/** A command for each class, under the hotkey of the ontology (O3). */
export const classCommands = ({ classes }: Ontology): Command[] =>
  classes
    .filter(({ retired }) => retired !== true)
    .map(({ key, name, hotkey }) => ({
      id: `class.${key}`,
      label: name,
      keys: hotkey === null || hotkey === undefined ? [] : [hotkey >= 'a' ? `Key${hotkey.toUpperCase()}` : `Digit${hotkey}`],
      when: HANDS_OFF,
      run: (editor: Editor) => {
        if (setClass(editor, key)) editor.say(name)
      },
    }))
