/** What the tool bar does to the text and to its selection. Plain values in, plain values out. */
export interface Marked { text: string; from: number; to: number }

/** Puts marks around the selection, or takes them off if they are there. */
export function wrap({ text, from, to }: Marked, mark: string, empty: string): Marked {
  const inner = text.slice(from, to)
  if (text.slice(from - mark.length, from) === mark && text.slice(to, to + mark.length) === mark) {
    return { text: text.slice(0, from - mark.length) + inner + text.slice(to + mark.length), from: from - mark.length, to: to - mark.length }
  }
  const words = inner || empty
  return { text: text.slice(0, from) + mark + words + mark + text.slice(to), from: from + mark.length, to: from + mark.length + words.length }
}

/** Puts a prefix before each selected line, or takes it off if all of them have it. */
export function prefix({ text, from, to }: Marked, mark: string): Marked {
  const start = text.lastIndexOf('\n', from - 1) + 1
  const end = text.indexOf('\n', to) < 0 ? text.length : text.indexOf('\n', to)
  const lines = text.slice(start, end).split('\n')
  const off = lines.every((line) => line.startsWith(mark))
  const next = lines.map((line) => (off ? line.slice(mark.length) : mark + line)).join('\n')
  return { text: text.slice(0, start) + next + text.slice(end), from: start, to: start + next.length }
}

/** A block on lines of its own, below the line of the selection; what was selected becomes its content. */
export function block(marked: Marked, open: string, shut: string, empty: string): Marked {
  const { text, from, to } = outside(marked)
  const before = text.slice(0, from).replace(/\n*$/, '')
  const after = text.slice(to).replace(/^\n*/, '')
  const words = text.slice(from, to).trim() || empty
  const head = `${before}${before ? '\n\n' : ''}${open}\n`
  return { text: `${head}${words}\n${shut}\n${after ? `\n${after}` : ''}`, from: head.length, to: head.length + words.length }
}

/** A word at the cursor, with its selection moved behind it. */
export const put = ({ text, from, to }: Marked, words: string): Marked => ({ text: text.slice(0, from) + words + text.slice(to), from: from + words.length, to: from + words.length })

/** The same place, or behind the example that it is in: one is never put into another. */
function outside(marked: Marked): Marked {
  const lines = marked.text.slice(0, marked.from).split('\n')
  const last = lines.findLast((line) => line.startsWith(':::'))
  if (last === undefined || /^:::\s*$/.test(last)) return marked
  const end = /^:::[^\S\n]*$/m.exec(marked.text.slice(marked.from))
  const place = end === null ? marked.text.length : marked.from + end.index + end[0].length
  return { text: marked.text, from: place, to: place }
}
