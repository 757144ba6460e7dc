import { createElement, Fragment, memo, type ReactNode, useMemo } from 'react'
import { Icon } from '../../ui/Icon'
import css from './Markdown.module.css'
import { type Block, type Inline, parse } from './markdown'

const exampleNames = { good: 'Like this', bad: 'Not like this', note: 'Note' }
const exampleIcons = { good: 'check', bad: 'x', note: 'info' } as const

/* biome-ignore-start lint/suspicious/noArrayIndexKey: the tree is made anew from the text, an index is all the identity a node has */
const inlines = (nodes: readonly Inline[]): ReactNode => nodes.map((node, index) => <Fragment key={index}>{inlineNode(node)}</Fragment>)

function inlineNode(node: Inline): ReactNode {
  switch (node.type) {
    case 'text': return node.text
    case 'code': return <code>{node.text}</code>
    case 'break': return <br />
    case 'picture': return <img src={node.src} alt={node.alt} loading="lazy" />
    case 'link':
      return node.href.startsWith('#')
        ? <a href={node.href}>{inlines(node.children)}</a>
        : <a href={node.href} target="_blank" rel="noopener noreferrer">{inlines(node.children)}</a>
    default: return createElement(node.type, null, inlines(node.children))
  }
}

const blocks = (nodes: readonly Block[]): ReactNode => nodes.map((node, index) => <Fragment key={index}>{blockNode(node)}</Fragment>)

/** A list item of one paragraph needs no paragraph around it. */
const itemNode = (item: readonly Block[]): ReactNode => {
  const [first, ...rest] = item
  return first?.type === 'paragraph' ? <>{inlines(first.children)}{blocks(rest)}</> : blocks(item)
}

function blockNode(node: Block): ReactNode {
  switch (node.type) {
    // The page has the one h1; the text begins below it.
    case 'heading': return createElement(`h${Math.min(6, node.level + 1)}`, { id: node.id }, inlines(node.children))
    case 'paragraph': return <p>{inlines(node.children)}</p>
    case 'quote': return <blockquote>{blocks(node.children)}</blockquote>
    case 'code': return <pre><code>{node.text}</code></pre>
    case 'rule': return <hr />
    case 'list': {
      const items = node.items.map((item, index) => <li key={index}>{itemNode(item)}</li>)
      return node.ordered ? <ol start={node.start}>{items}</ol> : <ul>{items}</ul>
    }
    case 'table':
      return (
        <div className={css.scroll}>
          <table>
            <thead><tr>{node.head.map((cell, index) => <th key={index}>{inlines(cell)}</th>)}</tr></thead>
            <tbody>{node.rows.map((row, index) => <tr key={index}>{row.map((cell, column) => <td key={column}>{inlines(cell)}</td>)}</tr>)}</tbody>
          </table>
        </div>
      )
    case 'example':
      return (
        <aside className={css.example} data-kind={node.kind} aria-label={exampleNames[node.kind]}>
          <strong><Icon name={exampleIcons[node.kind]} size={16} /> {exampleNames[node.kind]}</strong>
          {blocks(node.children)}
        </aside>
      )
  }
}
/* biome-ignore-end lint/suspicious/noArrayIndexKey: see above */

/** Instructions as people read them. Made of elements, never of HTML text. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  const tree = useMemo(() => parse(text), [text])
  return <div className={css.doc} dir="auto">{blocks(tree)}</div>
})
