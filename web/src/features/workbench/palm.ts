/** Milliseconds after a pen was last felt in which what touches the glass is the hand that holds it. */
const PALM_MS = 500

/** Tells the hand that holds a pen from a finger that means something (W191). */
export class Palm {
  #pen: number | null = null
  readonly #resting = new Set<number>()
  #isDown = false

  /** To be asked of every event of a pointer; a touch that came down as a palm stays one. */
  is({ type, pointerType, pointerId, timeStamp, buttons }: PointerEvent): boolean {
    if (pointerType === 'pen') {
      this.#pen = timeStamp
      this.#isDown = buttons !== 0
      return false
    }
    if (pointerType !== 'touch') return false
    if (type !== 'pointerdown') return this.#resting.has(pointerId)
    this.#resting.delete(pointerId)
    const isPalm = this.#isDown || (this.#pen !== null && timeStamp - this.#pen < PALM_MS)
    if (isPalm) this.#resting.add(pointerId)
    return isPalm
  }

  /** Touches that lay on the glass before the pen came: they were its hand, too. */
  rest(touches: Iterable<number>): void {
    for (const id of touches) this.#resting.add(id)
  }
}
