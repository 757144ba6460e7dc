/**
 * The time worked on a task: while the page is visible and there was input within the last two
 * minutes. It is shown to the person, handed in with the answer, and goes on after a reload.
 */
const IDLE_MS = 120_000

export class ActiveMeter {
  #totalMs: number
  #since: number | null = null
  #lastInput = 0
  #visible: boolean

  constructor(totalMs: number, now: number, visible: boolean) {
    this.#totalMs = totalMs
    this.#visible = visible
    this.input(now)
  }

  /** Opening a task, a key, a pointer, a wheel. */
  input(now: number): void {
    this.#settle(now)
    this.#lastInput = now
    if (this.#visible) this.#since = now
  }

  visible(now: number, visible: boolean): void {
    this.#settle(now)
    this.#visible = visible
    this.#since = visible && now - this.#lastInput < IDLE_MS ? now : null
  }

  read(now: number): number {
    if (this.#since === null) return Math.round(this.#totalMs)
    // Idle time beyond the two minutes is not work, however late it is noticed.
    const end = Math.min(now, this.#lastInput + IDLE_MS)
    return Math.round(this.#totalMs + Math.max(0, end - this.#since))
  }

  #settle(now: number): void {
    this.#totalMs = this.read(now)
    this.#since = null
  }
}
