import { describe, expect, it } from 'vitest'
import { block } from '../src/features/instructions/insert'

const at = (text: string) => ({ text: text.replace('|', ''), from: text.indexOf('|'), to: text.indexOf('|') })
const good = (marked: { text: string; from: number; to: number }) => block(marked, '::: good', ':::', 'So.').text

describe('an example', () => {
  it('goes where the cursor is', () => {
    expect(good(at('One.\n\n|Two.'))).toBe('One.\n\n::: good\nSo.\n:::\n\nTwo.')
  })
  it('goes behind the example that the cursor is in', () => {
    expect(good(at('::: bad\nNot |so.\n:::\n\nTwo.'))).toBe('::: bad\nNot so.\n:::\n\n::: good\nSo.\n:::\n\nTwo.')
    expect(good(at('::: bad\nNot |so.'))).toBe('::: bad\nNot so.\n\n::: good\nSo.\n:::\n')
  })
  it('stays where an example has ended', () => {
    expect(good(at('::: bad\nNot so.\n:::\n|'))).toBe('::: bad\nNot so.\n:::\n\n::: good\nSo.\n:::\n')
  })
})
