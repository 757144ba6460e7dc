/**
 * A small Markdown, enough for instructions, read into a tree. It knows no HTML: what looks like a tag is text,
 * so there is nothing to clean.
 *
 * (M1) Blocks: headings, paragraphs, lists (nested by indent), quotes, tables, fenced code, rules, and
 *      `::: good` / `::: bad` / `::: note` examples.
 * (M2) Inline: `**strong**`, `*emphasis*`, `` `code` ``, `~~struck~~`, links, pictures, and `\` before any of them.
 * (M3) A link goes to http, https, mailto or a place of this site; a picture comes from this site. Anything else is text.
 * (M4) A heading's id is its slug, made and told apart as the server does it. Reviewers cite these ids.
 */
export type Inline =
  | { type: 'text'; text: string }
  | { type: 'strong' | 'em' | 'del'; children: Inline[] }
  | { type: 'code'; text: string }
  | { type: 'link'; href: string; children: Inline[] }
  | { type: 'picture'; src: string; alt: string }
  | { type: 'break' }

export type Block =
  | { type: 'heading'; level: number; id: string; children: Inline[] }
  | { type: 'paragraph'; children: Inline[] }
  | { type: 'list'; ordered: boolean; start: number; items: Block[][] }
  | { type: 'quote'; children: Block[] }
  | { type: 'code'; text: string }
  | { type: 'rule' }
  | { type: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { type: 'example'; kind: 'good' | 'bad' | 'note'; children: Block[] }

const DEPTH_MAX = 12

export const slug = (text: string): string =>
  text.split(/[^\p{Alphabetic}\p{N}]+/u).filter(Boolean).map((word) => word.toLowerCase()).join('-') || 'clause'

const idOf = (title: string, ids: string[]): string => {
  const base = slug(title)
  const repeats = ids.filter((id) => id === base || id.startsWith(`${base}-`)).length
  const id = repeats === 0 ? base : `${base}-${repeats + 1}`
  ids.push(id)
  return id
}

const isHref = (href: string): boolean => /^(https?:\/\/|mailto:)[^\s]+$/i.test(href) || /^(\/(?!\/)|#)[^\s\\]*$/.test(href)
const isSource = (src: string): boolean => /^\/(?!\/)[^\s\\]*$/.test(src)

const escapable = /^[\\`*_{}[\]()#+\-.!|~>:]/

/** Finds where a run that opened at `from` closes, over `\` and without crossing an empty run. */
function closing(text: string, from: number, mark: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    // A lone `*` must not end on a star of `**`.
    else if (mark.length === 1 && text[at] === mark && text[at + 1] === mark) at += 1
    else if (text.startsWith(mark, at) && at > from && text[at - 1] !== ' ') return at
  }
  return -1
}

const bracketed = /^\[((?:\\.|[^[\]\\]|\[[^[\]]*\])*)\]\(\s*<?([^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+"[^"]*")?\s*\)/

export function inline(source: string, depth = 0): Inline[] {
  const out: Inline[] = []
  let plain = ''
  /** Marks that close nowhere from here on: looking again for each of them would take the square of the time. */
  const dead = new Set<string>()
  const afterWord = () => /[\p{L}\p{N}]$/u.test(plain.slice(-2))
  const flush = () => {
    if (plain) out.push({ type: 'text', text: plain })
    plain = ''
  }
  for (let at = 0; at < source.length; ) {
    const rest = source.slice(at)
    const char = source[at] as string
    if (char === '\\' && escapable.test(rest.slice(1))) {
      plain += source[at + 1]
      at += 2
      continue
    }
    if (char === '\n') {
      const hard = plain.endsWith('  ') || plain.endsWith('\\')
      while (plain.endsWith(' ') || plain.endsWith('\\')) plain = plain.slice(0, -1)
      if (hard) {
        flush()
        out.push({ type: 'break' })
      } else plain += ' '
      at += 1
      continue
    }
    if (char === '`') {
      const ticks = /^`+/.exec(rest)?.[0] ?? '`'
      const end = dead.has(ticks) ? -1 : source.indexOf(ticks, at + ticks.length)
      if (end < 0) dead.add(ticks)
      else {
        flush()
        out.push({ type: 'code', text: source.slice(at + ticks.length, end).trim() })
        at = end + ticks.length
        continue
      }
    }
    const picture = char === '!' ? bracketed.exec(rest.slice(1)) : null
    if (picture && isSource(picture[2] ?? '')) {
      flush()
      out.push({ type: 'picture', alt: (picture[1] ?? '').replace(/\\(.)/g, '$1'), src: picture[2] ?? '' })
      at += picture[0].length + 1
      continue
    }
    const link = char === '[' && depth < DEPTH_MAX ? bracketed.exec(rest) : null
    if (link && isHref(link[2] ?? '')) {
      flush()
      out.push({ type: 'link', href: link[2] ?? '', children: inline(link[1] ?? '', DEPTH_MAX) })
      at += link[0].length
      continue
    }
    const mark = '*_~'.includes(char) ? /^(\*\*|__|~~|\*|_)(?=\S)/.exec(rest)?.[1] : undefined
    const inWord = mark?.startsWith('_') && afterWord()
    if (mark && !inWord && !dead.has(mark) && depth < DEPTH_MAX) {
      const end = closing(source, at + mark.length, mark)
      if (end < 0) dead.add(mark)
      else {
        flush()
        out.push({ type: mark === '~~' ? 'del' : mark.length === 2 ? 'strong' : 'em', children: inline(source.slice(at + mark.length, end), depth + 1) })
        at = end + mark.length
        continue
      }
    }
    const bare = char === 'h' ? /^https?:\/\/[^\s<>()]+[^\s<>().,;:!?'"]/.exec(rest) : null
    if (bare && !afterWord()) {
      flush()
      out.push({ type: 'link', href: bare[0], children: [{ type: 'text', text: bare[0] }] })
      at += bare[0].length
      continue
    }
    plain += char
    at += 1
  }
  flush()
  return out
}

export const plainText = (nodes: readonly Inline[]): string =>
  nodes.map((node) => ('text' in node ? node.text : 'children' in node ? plainText(node.children) : node.type === 'picture' ? node.alt : ' ')).join('')

const bullet = /^(\s*)([-*+]|\d{1,9}[.)])(\s+|$)/
const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0
const cells = (line: string): string[] =>
  line.trim().replace(/^\||(?<!\\)\|$/g, '').split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
const isDivider = (line: string | undefined): boolean => line !== undefined && /\|/.test(line) && /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(line)
const startsBlock = (line: string): boolean => /^(#{1,6}\s|>|```|:::|\s*([-*+]|\d{1,9}[.)])\s|(\s*[-*_]){3,}\s*$)/.test(line)

function blocks(lines: readonly string[], ids: string[], depth: number): Block[] {
  const out: Block[] = []
  const inner = (part: readonly string[]): Block[] =>
    depth >= DEPTH_MAX ? [{ type: 'paragraph', children: [{ type: 'text', text: part.join(' ') }] }] : blocks(part, ids, depth + 1)
  let at = 0
  const takeWhile = (test: (line: string) => boolean): string[] => {
    const from = at
    while (at < lines.length && test(lines[at] as string)) at += 1
    return lines.slice(from, at)
  }
  while (at < lines.length) {
    const line = lines[at] as string
    const heading = /^(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line)
    const example = /^:::\s*(good|bad|note)\b/.exec(line)
    if (line.trim() === '') {
      at += 1
    } else if (heading) {
      const children = inline(heading[2] ?? '')
      out.push({ type: 'heading', level: heading[1]?.length ?? 1, id: idOf(plainText(children), ids), children })
      at += 1
    } else if (line.startsWith('```')) {
      at += 1
      const text = takeWhile((each) => !each.startsWith('```')).join('\n')
      at += 1
      out.push({ type: 'code', text })
    } else if (example) {
      at += 1
      const part = takeWhile((each) => !/^:::\s*$/.test(each))
      at += 1
      out.push({ type: 'example', kind: example[1] as 'good' | 'bad' | 'note', children: inner(part) })
    } else if (line.startsWith('>')) {
      out.push({ type: 'quote', children: inner(takeWhile((each) => each.startsWith('>')).map((each) => each.replace(/^>\s?/, ''))) })
    } else if (/^(\s*[-*_]){3,}\s*$/.test(line)) {
      out.push({ type: 'rule' })
      at += 1
    } else if (bullet.test(line)) {
      out.push(list())
    } else if (line.includes('|') && isDivider(lines[at + 1])) {
      at += 2
      out.push({ type: 'table', head: cells(line).map((cell) => inline(cell)), rows: takeWhile((each) => each.includes('|') && each.trim() !== '').map((row) => cells(row).map((cell) => inline(cell))) })
    } else {
      const first = at
      const part = takeWhile((each) => each.trim() !== '' && (at === first || !startsBlock(each)))
      out.push({ type: 'paragraph', children: inline(part.map((each) => each.trimStart()).join('\n').trimEnd()) })
    }
  }
  return out

  function list(): Block {
    const first = bullet.exec(lines[at] as string) as RegExpExecArray
    const base = first[1]?.length ?? 0
    const ordered = /\d/.test(first[2] ?? '')
    const items: Block[][] = []
    while (at < lines.length) {
      const mark = bullet.exec(lines[at] as string)
      if (!mark || (mark[1]?.length ?? 0) < base || (mark[1]?.length ?? 0) > base + 3 || /\d/.test(mark[2] ?? '') !== ordered) break
      const width = base + (mark[2]?.length ?? 1) + 1
      const part = [(lines[at] as string).slice(mark[0].length)]
      at += 1
      while (at < lines.length) {
        const next = lines[at] as string
        const blank = next.trim() === ''
        const deeper = indentOf(next) > base
        const goesOn = blank ? indentOf(lines[at + 1] ?? '') > base : deeper || (!bullet.test(next) && !startsBlock(next) && (lines[at - 1] as string).trim() !== '')
        if (!goesOn) break
        part.push(next.slice(Math.min(indentOf(next), width)))
        at += 1
      }
      items.push(inner(part))
      while (at < lines.length && (lines[at] as string).trim() === '' && bullet.test(lines[at + 1] ?? '')) at += 1
    }
    return { type: 'list', ordered, start: Number.parseInt(first[2] ?? '1', 10) || 1, items }
  }
}

export const parse = (text: string): Block[] => blocks(text.replace(/\r\n?/g, '\n').replaceAll('\t', '    ').split('\n'), [], 0)
