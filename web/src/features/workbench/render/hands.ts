import type { Editor, Modifiers, Point } from '../../../canvas'
import { Palm } from '../palm'

/** What a trackpad's pinch (a wheel event with Control) counts for in pixels of a wheel. */
const TRACKPAD_PINCH = 4
const LINE_PX = 16

const modifiersOf = (event: MouseEvent | KeyboardEvent): Modifiers => ({
  shift: event.shiftKey,
  alt: event.altKey,
  mod: event.ctrlKey || event.metaKey,
})

const pointerOf = ({ pointerType }: PointerEvent): 'mouse' | 'pen' | 'touch' =>
  pointerType === 'touch' || pointerType === 'pen' ? pointerType : 'mouse'

/** The bit of a button among those that are held (`PointerEvent.buttons`), by its number. */
const HELD = [1, 4, 2, 8, 16, 32] as const

/** The pointer that is down: it alone makes the gesture, until the button that began it is let go (W190). */
interface Down {
  readonly id: number
  readonly type: 'mouse' | 'pen' | 'touch'
  readonly button: number
}

/** Turns the browser's events into the editor's: mouse, pen, touch, wheel and keys. */
export class Hands {
  readonly #editor: Editor
  readonly #element: HTMLElement
  readonly #onEvent: () => void
  readonly #off = new AbortController()
  /** Fingers on the glass, and whether they are (or were a moment ago) two. */
  readonly #fingers = new Map<number, Point>()
  #isPinching = false
  readonly #palm = new Palm()
  #down: Down | null = null

  constructor(editor: Editor, element: HTMLElement, keyTarget: HTMLElement | Document, onEvent: () => void) {
    this.#editor = editor
    this.#element = element
    this.#onEvent = onEvent
    const { signal } = this.#off
    element.addEventListener('pointerdown', this.#onDown, { signal })
    element.addEventListener('pointermove', this.#onMove, { signal })
    element.addEventListener('pointerup', this.#onUp, { signal })
    element.addEventListener('pointercancel', this.#onCancel, { signal })
    element.addEventListener('pointerleave', () => this.#tell({ type: 'leave' }), { signal })
    element.addEventListener('dblclick', (e) => this.#tell({ type: 'doubleclick', screen: this.#at(e) }), { signal })
    element.addEventListener('wheel', this.#onWheel, { signal, passive: false })
    element.addEventListener('contextmenu', (e) => e.preventDefault(), { signal })
    keyTarget.addEventListener('keydown', (e) => this.#onKey('keydown', e as KeyboardEvent), { signal })
    keyTarget.addEventListener('keyup', (e) => this.#onKey('keyup', e as KeyboardEvent), { signal })
    window.addEventListener('blur', () => this.#tell({ type: 'blur' }), { signal })
  }

  destroy(): void {
    this.#off.abort()
  }

  #tell(input: Parameters<Editor['dispatch']>[0]): boolean {
    const meant = this.#editor.dispatch(input)
    this.#onEvent()
    return meant
  }

  #at(event: MouseEvent): Point {
    const { left, top } = this.#element.getBoundingClientRect()
    return [event.clientX - left, event.clientY - top]
  }

  readonly #onDown = (event: PointerEvent): void => {
    this.#element.setPointerCapture(event.pointerId)
    this.#element.focus({ preventScroll: true })
    // No middle-button scrolling, and no selecting of the page's text.
    event.preventDefault()
    if (this.#palm.is(event)) return
    if (event.pointerType === 'pen') this.#dropTouches()
    if (event.pointerType === 'touch') {
      this.#fingers.set(event.pointerId, this.#at(event))
      if (this.#fingers.size > 1) {
        this.#isPinching = true
        this.#down = null
        this.#tell({ type: 'pinch', ...this.#grip(), by: [0, 0], factor: 1 })
        return
      }
    }
    if (this.#down !== null || this.#isPinching) return
    this.#down = { id: event.pointerId, type: pointerOf(event), button: event.button }
    this.#tell({ type: 'down', screen: this.#at(event), button: event.button, pointer: pointerOf(event), modifiers: modifiersOf(event) })
  }

  /** What a hand began that rests on the glass beside a pen was never meant (W191). */
  #dropTouches(): void {
    if (this.#down?.type === 'touch') {
      this.#down = null
      this.#tell({ type: 'cancel', reason: 'interrupt' })
    }
    this.#palm.rest(this.#fingers.keys())
    this.#fingers.clear()
    this.#isPinching = false
  }

  readonly #onMove = (event: PointerEvent): void => {
    if (this.#palm.is(event)) return
    if (this.#isPinching) {
      if (this.#fingers.has(event.pointerId)) this.#pinch(event)
      return
    }
    if (this.#down !== null && this.#down.id !== event.pointerId) return
    // Let go while another button is held, or where the page was not told: the browser says so with the next move only.
    if (this.#down !== null && (event.buttons & (HELD[this.#down.button] ?? 0)) === 0) {
      this.#onUp(event)
      return
    }
    // Between two frames a pen reports many places; only what is drawn freehand is the better for them.
    const all = /\.(freehand|painting)$/.test(this.#editor.root.path) ? event.getCoalescedEvents() : []
    for (const each of all.length > 0 ? all : [event]) {
      this.#tell({ type: 'move', screen: this.#at(each), pointer: pointerOf(event), modifiers: modifiersOf(event) })
    }
  }

  readonly #onUp = (event: PointerEvent): void => {
    if (this.#palm.is(event)) return
    this.#lift(event)
    if (this.#down?.id !== event.pointerId) return
    const { button } = this.#down
    this.#down = null
    this.#tell({ type: 'up', screen: this.#at(event), button, pointer: pointerOf(event), modifiers: modifiersOf(event) })
  }

  readonly #onCancel = (event: PointerEvent): void => {
    if (this.#palm.is(event)) return
    this.#lift(event)
    if (this.#down?.id !== event.pointerId) return
    this.#down = null
    this.#tell({ type: 'cancel', reason: 'interrupt' })
  }

  #lift({ pointerId }: PointerEvent): void {
    this.#fingers.delete(pointerId)
    // The finger that stays behind after a pinch draws nothing.
    if (this.#fingers.size === 0) this.#isPinching = false
  }

  #grip(): { readonly screen: Point; readonly span: number } {
    const [a, b] = [...this.#fingers.values()]
    if (a === undefined) return { screen: [0, 0], span: 1 }
    if (b === undefined) return { screen: a, span: 1 }
    return { screen: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], span: Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1])) }
  }

  #pinch(event: PointerEvent): void {
    const before = this.#grip()
    this.#fingers.set(event.pointerId, this.#at(event))
    const { screen, span } = this.#grip()
    const by: Point = [screen[0] - before.screen[0], screen[1] - before.screen[1]]
    this.#tell({ type: 'pinch', screen, by, factor: this.#fingers.size > 1 ? span / before.span : 1 })
  }

  readonly #onWheel = (event: WheelEvent): void => {
    event.preventDefault()
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PX
    const times = unit * (event.ctrlKey ? TRACKPAD_PINCH : 1)
    this.#tell({
      type: 'wheel',
      screen: this.#at(event),
      delta: [event.deltaX * times, event.deltaY * times],
      modifiers: modifiersOf(event),
    })
  }

  #onKey(type: 'keydown' | 'keyup', event: KeyboardEvent): void {
    // A person who writes a note does not mean to draw a box with every b; a held Space is let go wherever the focus is by then.
    if (event.isComposing || (isTheirs(event) && !isLetGo(event))) return
    const meant = this.#tell({ type, code: event.code, repeat: event.repeat, modifiers: modifiersOf(event) })
    if (meant) event.preventDefault()
  }
}

const isLetGo = ({ type, code }: KeyboardEvent): boolean => type === 'keyup' && code === 'Space'

const WRITING = 'input, textarea, select, [contenteditable], [role=listbox], [role=grid], [role=menu], [role=dialog], [role=slider]'
const PRESSING = 'button, a, summary, [role=button], [role=tab]'

/** Is the key for the place that has the focus, because it writes, chooses or presses there? */
function isTheirs({ target, code }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  const presses = code === 'Enter' || code === 'NumpadEnter' || code === 'Space'
  return target.closest(WRITING) !== null || (presses && target.closest(PRESSING) !== null)
}
