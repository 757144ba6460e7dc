/**
 * Many objects of one class at a glance (W141): each as a cut of its picture, of the task on the screen and of those that
 * wait behind it, what is suggested among them. What is wrong is flagged; when the grid closes, suggestions that were not
 * are taken, what was flagged of this task is selected, to be put right or deleted in one go, and what was said of the
 * others is done when they come.
 */
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { type Bounds, type Shape, boundsOfShape, util } from '../../canvas'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { Kbd } from '../../ui/Kbd'
import { toast } from '../../ui/toast'
import type { Answer, Claim, Item, Ontology } from '../queue/model'
import css from './Crops.module.css'
import { classNamed } from './classes'
import { type Glance, glanceAhead, settle } from './hand'
import { bitmaps, sourceOf } from './pictures'
import { useStateOf } from './useEditor'
import type { Bench } from './useBench'

interface Crop {
  readonly slot: string
  readonly id: string
  readonly item: Item
  readonly shape: Shape
  readonly camera: string | undefined
  /** The place that the object has in its task. */
  readonly number: number
}

/** As many tasks as the grid looks at: that on the screen, and those that wait behind it. */
const TASKS = 10

const objectsOf = ({ before, suggestion, draft }: Claim): NonNullable<Answer['objects']> => (draft?.answer ?? before?.answer ?? suggestion)?.objects ?? []

function cropsOf(bench: Bench, ahead: readonly Claim[], key: string): Crop[] {
  const { work, editor } = bench
  const here = editor.scene.objects.flatMap(({ id, class: is, shape, camera }, i) => (is === key ? [{ slot: work.claim.slot, id, item: work.claim.item, shape, camera, number: i + 1 }] : []))
  const waiting = work.suggestions.state.waiting.flatMap(({ id, class: is, record }, i) =>
    is === key && record !== null ? [{ slot: work.claim.slot, id, item: work.claim.item, shape: record.shape, camera: record.camera, number: editor.scene.objects.length + i + 1 }] : [])
  const others = ahead.flatMap((claim) =>
    objectsOf(claim).flatMap(({ id, class: is, shape, camera }, i) => (is === key ? [{ slot: claim.slot, id, item: claim.item, shape: shape as Shape, camera, number: i + 1 }] : [])),
  )
  return [...here, ...waiting, ...others]
}

export function Crops({ bench, open, onClose }: { bench: Bench; open: boolean; onClose: () => void }) {
  const { claims, editor, ontology, work } = bench
  const { ahead } = useStateOf(claims)
  const counts = useMemo(() => countsOf(bench, ahead), [bench, ahead])
  const [chosen, setChosen] = useState<string | null>(null)
  const key = chosen ?? (counts.has(editor.session.class ?? '') ? editor.session.class : [...counts.keys()][0]) ?? ''
  const crops = useMemo(() => cropsOf(bench, ahead, key), [bench, ahead, key])
  const [flagged, setFlagged] = useState<ReadonlySet<string>>(new Set())
  const [at, setAt] = useState(0)
  const grid = useRef<HTMLDivElement>(null)
  const active = Math.min(at, crops.length - 1)

  useEffect(() => {
    if (open) claims.wish(TASKS)
  }, [open, claims])

  const nameOf = ({ slot, id }: Crop) => `${slot} ${id}`
  const flag = (crop: Crop | undefined) => {
    if (crop === undefined) return
    const next = new Set(flagged)
    if (!next.delete(nameOf(crop))) next.add(nameOf(crop))
    setFlagged(next)
  }
  const done = () => {
    const bySlot = new Map<string, Glance>()
    for (const crop of crops) {
      const glance = bySlot.get(crop.slot) ?? { flagged: [], confirmed: [] }
      const list = flagged.has(nameOf(crop)) ? glance.flagged : glance.confirmed
      list.push(crop.id)
      bySlot.set(crop.slot, glance)
    }
    for (const [slot, glance] of bySlot) {
      if (slot === work.claim.slot) settle(work, glance)
      else glanceAhead(slot, glance)
    }
    const all = flagged.size
    const mine = bySlot.get(work.claim.slot)?.flagged.length ?? 0
    toast(all === 0 ? `${crops.length} confirmed.` : `${crops.length - all} confirmed, ${all} flagged${mine > 0 ? `: ${mine} of this task ${mine === 1 ? 'is' : 'are'} in hand` : ''}.`, { tone: all === 0 ? 'good' : 'plain' })
    onClose()
  }
  const go = (to: number) => {
    const next = Math.min(crops.length - 1, Math.max(0, to))
    setAt(next)
    grid.current?.querySelectorAll<HTMLElement>('[role=gridcell]')[next]?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const columns = columnsOf(grid.current)
    const steps: Record<string, number> = { ArrowRight: active + 1, ArrowLeft: active - 1, ArrowDown: active + columns, ArrowUp: active - columns, Home: 0, End: crops.length - 1 }
    const step = steps[event.key]
    if (step !== undefined) go(step)
    else if (event.code === 'Space' || event.code === 'KeyF') flag(crops[active])
    else if (event.code === 'Enter') done()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const tasks = new Set(crops.map(({ slot }) => slot)).size
  return (
    <Dialog title="At a glance" open={open} onClose={onClose} wide>
      <div className={css.head}>
        <div className={css.classes} role="radiogroup" aria-label="Class">
          {[...counts].map(([each, count]) => (
            <label key={each} className={css.class}>
              <input type="radio" name="crops-class" checked={each === key} onChange={() => { setChosen(each); setAt(0); setFlagged(new Set()) }} />
              <span className={css.swatch} style={{ background: classNamed(ontology, each).color }} />{classNamed(ontology, each).name} <small>{count}</small>
            </label>
          ))}
        </div>
        <p role="status">{crops.length} in {tasks} {tasks === 1 ? 'task' : 'tasks'}, {flagged.size} flagged</p>
      </div>
      {crops.length === 0
        ? <p className={css.none}>Nothing is marked yet, here or in the tasks that wait.</p>
        : (
          <div ref={grid} className={css.grid} role="grid" aria-label={`${classNamed(ontology, key).name}: confirm or flag`} aria-multiselectable="true" onKeyDown={onKeyDown}>
            {/* biome-ignore lint/a11y/useFocusableInteractive: its cells have the focus */}
            <div role="row" className={css.row}>
              {crops.map((crop, i) => (
                <Cell key={nameOf(crop)} crop={crop} ontology={ontology} classKey={key} isFlagged={flagged.has(nameOf(crop))} isActive={i === active} isHere={crop.slot === work.claim.slot} onFlag={() => { setAt(i); flag(crop) }} />
              ))}
            </div>
          </div>
        )}
      <div className={css.foot}>
        <span className={css.hint}><Kbd>Space</Kbd> flags, arrows go on, <Kbd>Enter</Kbd> is done</span>
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" isDisabled={crops.length === 0} onPress={done}>{flagged.size === 0 ? `Confirm ${crops.length}` : `Confirm ${crops.length - flagged.size}, flag ${flagged.size}`}</Button>
      </div>
    </Dialog>
  )
}

/** How many there are of each class, in the order of the ontology. */
function countsOf({ editor, ontology, work }: Bench, ahead: readonly Claim[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const add = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
  for (const object of editor.scene.objects) add(object.class)
  for (const { class: key, record } of work.suggestions.state.waiting) if (record !== null) add(key)
  for (const claim of ahead) for (const object of objectsOf(claim)) add(object.class)
  return new Map(ontology.classes.flatMap(({ key }) => (counts.has(key) ? [[key, counts.get(key) ?? 0]] : [])))
}

function columnsOf(grid: HTMLElement | null): number {
  const cells = [...(grid?.querySelectorAll<HTMLElement>('[role=gridcell]') ?? [])]
  const first = cells[0]?.offsetTop
  const below = cells.findIndex((cell) => cell.offsetTop !== first)
  return below < 0 ? cells.length : below
}

interface CellProps {
  crop: Crop
  ontology: Ontology
  classKey: string
  isFlagged: boolean
  isActive: boolean
  isHere: boolean
  onFlag: () => void
}

function Cell({ crop, ontology, classKey, isFlagged, isActive, isHere, onFlag }: CellProps) {
  const each = classNamed(ontology, classKey)
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    let gone = false
    if (canvas.current !== null) void draw(canvas.current, crop, each.color, () => gone)
    return () => {
      gone = true
    }
  }, [crop, each.color])
  const name = `${each.name} ${crop.number}${isHere ? '' : `, ${crop.item.name || crop.item.external_id}`}`
  return (
    <button type="button" role="gridcell" className={css.cell} tabIndex={isActive ? 0 : -1} aria-selected={isFlagged} aria-label={`${name}${isFlagged ? ', flagged' : ''}`} title={name} onClick={onFlag}>
      <canvas ref={canvas} width={SIDE} height={SIDE} />
      {isFlagged && <span className={css.flag} aria-hidden="true">✕</span>}
    </button>
  )
}

/** Pixels of a cut, for screens of twice as many. */
const SIDE = 224
/** How much of what is around an object is seen with it, in shares of its longer side. */
const AROUND = 0.3

async function draw(canvas: HTMLCanvasElement, { item, shape, camera }: Crop, color: string, isGone: () => boolean): Promise<void> {
  const source = sourceOf(item, camera)
  const context = canvas.getContext('2d')
  if (source === null || context === null) return
  const bitmap = await bitmaps.load('fullUrl' in source ? source.fullUrl : source.previewUrl).catch(() => null)
  if (bitmap === null || isGone()) return
  const { left, top, side } = windowOf(boundsOfShape(shape))
  const [reduce, scale] = [bitmap.width / source.width, SIDE / side]
  context.clearRect(0, 0, SIDE, SIDE)
  context.drawImage(bitmap, left * reduce, top * reduce, side * reduce, side * reduce, 0, 0, SIDE, SIDE)
  context.beginPath()
  for (const { points, closed } of util(shape).paths(shape, null)) {
    for (const [i, [x, y]] of points.entries()) context[i === 0 ? 'moveTo' : 'lineTo']((x - left) * scale, (y - top) * scale)
    if (closed) context.closePath()
  }
  for (const { at: [x, y] } of util(shape).dots?.(shape) ?? []) context.rect((x - left) * scale - 3, (y - top) * scale - 3, 6, 6)
  for (const [style, width] of [['rgba(0,0,0,0.55)', 5], [color, 2.5]] as const) {
    context.strokeStyle = style
    context.lineWidth = width
    context.stroke()
  }
}

function windowOf({ left, top, right, bottom }: Bounds): { readonly left: number; readonly top: number; readonly side: number } {
  const side = Math.max(8, Math.max(right - left, bottom - top) * (1 + 2 * AROUND))
  return { left: (left + right - side) / 2, top: (top + bottom - side) / 2, side }
}
