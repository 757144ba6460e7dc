import { beforeEach, describe, expect, test } from 'vitest'
import type { Editor } from '../../src/canvas'
import { Hands } from '../../src/features/workbench/render/hands'

/** A page as far as hands feel it: no more of it is there outside a browser. */
class Glass extends EventTarget {
  setPointerCapture(): void {}
  focus(): void {}
  getBoundingClientRect(): { left: number; top: number } {
    return { left: 0, top: 0 }
  }
  closest(): null {
    return null
  }
}

let heard: string[]
let glass: Glass
let time = 0
beforeEach(() => {
  Object.assign(globalThis, { window: new EventTarget(), HTMLElement: Glass })
  heard = []
  glass = new Glass()
  const dispatch = (input: { type: string; button?: number; screen?: readonly number[]; reason?: string }) => {
    heard.push([input.type, input.button ?? input.reason ?? [], input.screen ?? []].flat().join(' '))
    return true
  }
  new Hands({ dispatch, root: { path: '' } } as unknown as Editor, glass as unknown as HTMLElement, glass as unknown as HTMLElement, () => undefined)
})

function feel(type: string, pointerType: 'mouse' | 'pen' | 'touch', at: readonly [number, number], more: { id?: number; button?: number; buttons?: number } = {}): void {
  const { id = pointerType === 'mouse' ? 1 : 2, button = 0, buttons = type === 'pointerup' ? 0 : 1 } = more
  time += 10
  const event = Object.assign(new Event(type), { pointerType, pointerId: id, button, buttons, clientX: at[0], clientY: at[1] })
  Object.defineProperty(event, 'timeStamp', { value: time })
  glass.dispatchEvent(event)
}

describe('one hand at a time (W190)', () => {
  test('the other button beside the first neither ends the gesture nor keeps it', () => {
    feel('pointerdown', 'mouse', [0, 0])
    feel('pointermove', 'mouse', [5, 5], { button: 2, buttons: 3 })
    // The first is let go while the other is held: the browser tells it as a move.
    feel('pointermove', 'mouse', [9, 9], { button: 0, buttons: 2 })
    feel('pointerup', 'mouse', [9, 9], { button: 2 })
    expect(heard).toEqual(['down 0 0 0', 'move 5 5', 'up 0 9 9'])
  })
  test('a button that was let go unheard is let go with the next move', () => {
    feel('pointerdown', 'mouse', [0, 0])
    feel('pointermove', 'mouse', [7, 7], { buttons: 0 })
    feel('pointermove', 'mouse', [8, 8], { buttons: 0 })
    expect(heard).toEqual(['down 0 0 0', 'up 0 7 7', 'move 8 8'])
  })
  test('a Space that is let go elsewhere is let go', () => {
    glass.closest = () => glass as never
    glass.dispatchEvent(Object.assign(new Event('keydown'), { code: 'Space' }))
    glass.dispatchEvent(Object.assign(new Event('keyup'), { code: 'Space' }))
    expect(heard).toEqual(['keyup'])
  })
})

describe('a pen and the hand that holds it (W191)', () => {
  test('two places of the palm do not disturb a stroke', () => {
    feel('pointerdown', 'pen', [0, 0])
    feel('pointerdown', 'touch', [50, 50], { id: 7 })
    feel('pointerdown', 'touch', [60, 60], { id: 8 })
    feel('pointermove', 'touch', [61, 60], { id: 8 })
    feel('pointermove', 'pen', [5, 5])
    feel('pointerup', 'pen', [9, 9])
    feel('pointermove', 'touch', [62, 60], { id: 8 })
    feel('pointerup', 'touch', [61, 60], { id: 8 })
    expect(heard).toEqual(['down 0 0 0', 'move 5 5', 'up 0 9 9'])
  })
  test('what a palm began before the pen came never happened', () => {
    feel('pointerdown', 'touch', [50, 50], { id: 7 })
    feel('pointerdown', 'pen', [0, 0])
    feel('pointermove', 'touch', [55, 50], { id: 7 })
    feel('pointerup', 'touch', [55, 50], { id: 7 })
    feel('pointerup', 'pen', [9, 9])
    expect(heard).toEqual(['down 0 50 50', 'cancel interrupt', 'down 0 0 0', 'up 0 9 9'])
  })
  test('a finger means something again half a second later, and two still pinch', () => {
    feel('pointerdown', 'pen', [0, 0])
    feel('pointerup', 'pen', [0, 0])
    time += 600
    feel('pointerdown', 'touch', [50, 50], { id: 7 })
    feel('pointerdown', 'touch', [60, 60], { id: 8 })
    expect(heard.slice(2).map((each) => each.split(' ')[0])).toEqual(['down', 'pinch'])
  })
})
