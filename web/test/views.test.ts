import { describe, expect, test } from 'vitest'
import { type View, isEmpty, isSame, readViews, withView } from '../src/features/views/views'

describe('saved views', () => {
  const view = (name: string, state = 'done'): View => ({ name, filter: { state } })

  test('what is no view is left out, whatever was kept', () => {
    expect(readViews(null)).toEqual([])
    expect(readViews('{')).toEqual([])
    expect(readViews('{}')).toEqual([])
    expect(readViews(JSON.stringify([view('a'), { name: '' , filter: {} }, { name: 'b' }, { name: 'c', filter: { q: 1 } }, null, 3]))).toEqual([view('a')])
  })

  test('one of the same name is replaced, and the oldest makes room', () => {
    expect(withView([view('a'), view('b')], view('a', 'queued'))).toEqual([view('b'), view('a', 'queued')])
    const many = Array.from({ length: 30 }, (_, i) => view(`v${i}`))
    expect(withView(many, view('new')).map(({ name }) => name)).toEqual([...many.slice(1).map(({ name }) => name), 'new'])
  })

  test('an empty filter filters by nothing', () => {
    expect(isSame({ q: 'a', state: '' }, { q: 'a' })).toBe(true)
    expect(isSame({ q: 'a' }, { q: 'b' })).toBe(false)
    expect(isEmpty({ q: '' })).toBe(true)
  })
})
