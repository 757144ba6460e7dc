import { describe, expect, it } from 'vitest'
import { type Block, inline, type Inline, parse } from '../src/features/instructions/markdown'

/** The tree in short, as one would write it. */
const short = (nodes: readonly Inline[]): string =>
  nodes.map((node) =>
    node.type === 'text' ? node.text : node.type === 'code' ? `<code ${node.text}>` : node.type === 'break' ? '<br>' : node.type === 'picture' ? `<img ${node.src} ${node.alt}>`
    : node.type === 'link' ? `<a ${node.href} ${short(node.children)}>` : `<${node.type} ${short(node.children)}>`).join('')

describe('inline', () => {
  it.each([
    ['**a** *b* `c` ~~d~~', '<strong a> <em b> <code c> <del d>'],
    ['**a *b* c**', '<strong a <em b> c>'],
    ['*a **b** c*', '<em a <strong b> c>'],
    ['snake_case_name and 2 * 3 * 4', 'snake_case_name and 2 * 3 * 4'],
    ['\\*not\\* **open', '*not* **open'],
    ['[a](https://x.org/y_(z)) [b](#c)', '<a https://x.org/y_(z) a> <a #c b>'],
    ['[a](javascript:alert(1)) [b](//evil.org) [c](/\\evil.org)', '[a](javascript:alert(1)) [b](//evil.org) [c](/\\evil.org)'],
    ['![cat](/api/pictures/abc)', '<img /api/pictures/abc cat>'],
    ['![x](https://elsewhere.org/x.png)', '!<a https://elsewhere.org/x.png x>'],
    ['see https://x.org/a, then', 'see <a https://x.org/a https://x.org/a>, then'],
    ['<script>alert(1)</script> <b>', '<script>alert(1)</script> <b>'],
    ['a  \nb\nc', 'a<br>b c'],
  ])('%s', (source, wanted) => expect(short(inline(source))).toBe(wanted))
})

const kinds = (blocks: readonly Block[]): unknown[] =>
  blocks.map((block) => {
    switch (block.type) {
      case 'list': return { [block.ordered ? 'ol' : 'ul']: block.items.map(kinds) }
      case 'quote': return { quote: kinds(block.children) }
      case 'example': return { [block.kind]: kinds(block.children) }
      case 'heading': return `h${block.level}#${block.id}`
      case 'table': return `table ${block.head.length}x${block.rows.length}`
      case 'paragraph': return short(block.children)
      default: return block.type
    }
  })

describe('blocks', () => {
  it.each<[string, unknown[]]>([
    ['# One\ntext\n## One\n## Été & co', ['h1#one', 'text', 'h2#one-2', 'h2#été-co']],
    ['- a\n- b\n  - c\n    d\n- e', [{ ul: [['a'], ['b', { ul: [['c d']] }], ['e']] }]],
    ['1. a\n2. b\n\nafter', [{ ol: [['a'], ['b']] }, 'after']],
    ['::: good\nso\n:::\n::: bad\n- no\n:::', [{ good: ['so'] }, { bad: [{ ul: [['no']] }] }]],
    ['::: good\nnever closed', [{ good: ['never closed'] }]],
    ['> a\n> - b', [{ quote: ['a', { ul: [['b']] }] }]],
    ['|a|b|\n|---|:-:|\n|1|2|\n|3|4|\n\nx', ['table 2x2', 'x']],
    ['```\n# no\n```\n---', ['code', 'rule']],
    ['', []],
  ])('%j', (source, wanted) => expect(kinds(parse(source))).toEqual(wanted))

  it('ends on any text, in time', () => {
    const pieces = ['- ', '  ', '\n', '*', '**', '`', '```', '[', '](', ')', '#', ' ', 'a', '>', '|', '---', '1. ', ':::', ' good', '\\', '_', '~~', '!', 'https://', '\n|a|b|\n|---|---|\n']
    const met = new Set<string>()
    for (let seed = 1; seed <= 400; seed += 1) {
      let random = seed
      let text = ''
      for (let n = 0; n < 120; n += 1) {
        random = (Math.imul(random, 1103515245) + 12345) >>> 0
        text += pieces[(random >>> 8) % pieces.length]
      }
      for (const block of parse(text)) met.add(block.type)
    }
    expect(met.size).toBe(8)
    const started = performance.now()
    parse('['.repeat(20_000))
    parse('*a '.repeat(10_000))
    parse('> '.repeat(5_000))
    parse(`${'- a\n'.repeat(2_000)}`)
    expect(performance.now() - started).toBeLessThan(4_000)
  })
})
