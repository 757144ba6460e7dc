import { describe, expect, test } from 'vitest'
import { boundsOfShape } from '../../src/canvas'
import { kit as places } from '../../src/canvas/tools/places'
import { kit as follow } from '../../src/canvas/tools/tracks'
import { goTo } from '../../src/canvas/tracks'
import { Suggestions } from '../../src/features/queue/suggestions'
import type { Claim } from '../../src/features/queue/model'
import type { Work } from '../../src/features/queue/work'
import { TestEditor } from '../canvas/hands'

const box = (id: string, x: number) => ({ id, class: 'car', shape: { type: 'box', x, y: 10, width: 30, height: 20 } as const })

/** As much of the work as suggestions know of. */
function work(claim: Partial<Claim> = {}, kept = new Map<string, unknown>()) {
  const tracks = claim.suggestion?.tracks
  const editor = new TestEditor(tracks === undefined ? {} : { frames: 40, kits: [places, follow] })
  const suggestion = { objects: [box('m1-1', 10), box('m1-2', 60)], choices: ['day'] }
  const all: Partial<Claim> = { stage: 'label', suggestion, suggested_by: { model: 'Street v7', scores: { 'm1-2': 0.9, 'm1-1': 0.6 } }, ...claim }
  const made = { editor, claim: all, kept: (name: string) => kept.get(name) ?? null, keep: (name: string, value: unknown) => void kept.set(name, value) }
  return { editor, kept, suggestions: new Suggestions(made as unknown as Work) }
}

const ids = (suggestions: Suggestions) => suggestions.state.waiting.map(({ id }) => id)

describe('suggestions (W150)', () => {
  test('nothing of them is in the answer before it is taken; the surest stands first', () => {
    const { editor, suggestions } = work()
    expect(ids(suggestions)).toEqual(['m1-2', 'm1-1', 'choice:day'])
    expect(editor.toAnswer()).toEqual({})
    expect(editor.session.ghosts.map(({ id }) => id)).toEqual(['m1-2', 'm1-1'])
    expect(suggestions.state.waiting[0]).toMatchObject({ score: 0.9, model: 'Street v7' })
  })

  test('what is taken keeps its id, is selected, and comes back when that is undone', () => {
    const { editor, suggestions } = work()
    suggestions.take(['m1-1'])
    editor.expectObjects('m1-1 car box 10,10 30x20').expectSelected('m1-1')
    expect(ids(suggestions)).toEqual(['m1-2', 'choice:day'])
    editor.undo()
    expect(editor.toAnswer()).toEqual({})
    expect(ids(suggestions)).toEqual(['m1-2', 'm1-1', 'choice:day'])
  })

  test('all at once is one step, above what is there', () => {
    const { editor, suggestions } = work()
    editor.tool('box').drag(200, 200, 220, 220)
    suggestions.take(ids(suggestions))
    expect(editor.toAnswer().objects?.map(({ id }) => id)).toEqual(['n1', 'm1-2', 'm1-1'])
    expect(editor.toAnswer().choices).toEqual(['day'])
    expect(ids(suggestions)).toEqual([])
  })

  test('what is turned down stays away, after a reload too, until it is brought back', () => {
    const { kept, suggestions } = work()
    suggestions.turnDown(['m1-2', 'choice:day'])
    expect(ids(suggestions)).toEqual(['m1-1'])
    const again = work({}, kept).suggestions
    expect(ids(again)).toEqual(['m1-1'])
    expect(again.state.turnedDown).toBe(2)
    again.bringBack()
    expect(ids(again)).toHaveLength(3)
  })

  test('a track is seen in each frame as it is there, and taken as a whole (W91)', () => {
    const { x, ...rest } = box('', 0).shape
    const shape = (at: number) => ({ ...rest, x: x + at })
    const track = { id: 't', class: 'car', keyframes: [{ frame: 10, shape: shape(10) }, { frame: 20, shape: shape(60) }, { frame: 30, shape: shape(60), outside: true }] }
    const { editor, suggestions } = work({ suggestion: { tracks: [track] }, suggested_by: null })
    const seen = () => editor.session.ghosts.map(({ id, shape: drawn }) => [id, boundsOfShape(drawn).left])
    expect([ids(suggestions), seen()]).toEqual([['t'], []])
    suggestions.focus('t')
    expect([editor.session.frame, seen()]).toEqual([10, [['t', 10]]])
    editor.act(() => goTo(editor, 15))
    expect(seen()).toEqual([['t', 35]])
    editor.act(() => goTo(editor, 30))
    expect(seen()).toEqual([])
    suggestions.take(['t'])
    expect(editor.toAnswer().tracks).toEqual([track])
    expect([ids(suggestions), editor.session.selected]).toEqual([[], ['t']])
    editor.undo()
    expect([ids(suggestions), editor.toAnswer().tracks]).toEqual([['t'], undefined])
  })

  test('what a model says to whoever asks takes the place of what it said before', () => {
    const { suggestions, kept } = work({ suggestion: null, suggested_by: null })
    expect(suggestions.add({ id: 'pmt_1', model: 'SAM', scores: {}, suggestion: { objects: [box('m2-1', 1)] } })).toBe(1)
    suggestions.take(['m2-1'])
    suggestions.add({ id: 'pmt_2', model: 'SAM', scores: {}, suggestion: { objects: [box('m3-1', 1), box('m3-2', 2)] } })
    expect(ids(suggestions)).toEqual(['m3-1', 'm3-2'])
    expect(kept.get('prompted')).toMatchObject({ id: 'pmt_2' })
  })

  test('a rework begins with what was there, not with what was suggested', () => {
    expect(ids(work({ stage: 'rework' }).suggestions)).toEqual([])
  })

  test('one after the other, around and around', () => {
    const { suggestions } = work()
    expect(suggestions.current?.id).toBe('m1-2')
    suggestions.step(1)
    suggestions.step(1)
    expect(suggestions.current?.id).toBe('m1-1')
    suggestions.step(-1)
    suggestions.step(-1)
    expect(suggestions.current?.id).toBe('choice:day')
  })
})
