/**
 * Between the page and the text: which unit of the text a place of the page is, and back. Every piece of
 * text says with `data-start` where it begins, every block with `data-end` where it ends.
 */

const startOf = (element: Element | null | undefined): number | null => {
  const start = element?.getAttribute('data-start')
  return start == null ? null : Number(start)
}

/** The unit at a place of the page; null outside of the text. */
export function unitAt(node: Node | null, offset: number): number | null {
  if (node === null) return null
  if (node.nodeType === Node.TEXT_NODE) {
    const start = startOf(node.parentElement)
    return start === null ? null : start + offset
  }
  if (!(node instanceof Element)) return null
  const child = node.childNodes[offset]
  if (child instanceof Element) return startOf(child) ?? firstIn(child)
  if (child !== undefined) return startOf(node)
  const block = node.closest('[data-end]')
  if (block === null) return lastIn(node)
  if (block === node || node.parentElement?.lastElementChild === node) return Number(block.getAttribute('data-end'))
  return startOf(node.nextElementSibling)
}

const firstIn = (element: Element): number | null => startOf(element.querySelector('[data-start]'))

function lastIn(element: Element): number | null {
  const blocks = element.querySelectorAll('[data-end]')
  const end = blocks[blocks.length - 1]?.getAttribute('data-end')
  return end == null ? null : Number(end)
}

/** The unit under a point of the screen; null beside the text. */
export function unitAtPoint(x: number, y: number): number | null {
  const unit = caretAtPoint(x, y)
  const piece = document.elementFromPoint(x, y)?.closest('[data-start]') ?? null
  const start = startOf(piece)
  const text = piece?.firstChild
  if (start === null || !(text instanceof Text)) return unit
  // Where writing turns round, browsers name places that are somewhere else on the line.
  const turns = FROM_THE_RIGHT.test(piece?.closest('[data-end]')?.textContent ?? '')
  return turns ? start + offsetIn(text, x, y) : unit
}

function caretAtPoint(x: number, y: number): number | null {
  const place = document.caretPositionFromPoint?.(x, y)
  if (place != null) return unitAt(place.offsetNode, place.offset)
  // Safari has its own.
  const range = document.caretRangeFromPoint?.(x, y)
  return range == null ? null : unitAt(range.startContainer, range.startOffset)
}

const FROM_THE_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/

/** Before or after the letter that is under a point, by the half of it; before all where it is under none. */
function offsetIn(text: Text, x: number, y: number): number {
  const range = document.createRange()
  for (let i = 0; i < text.length; i += 1) {
    range.setStart(text, i)
    range.setEnd(text, i + 1)
    for (const { left, right, top, bottom } of range.getClientRects()) {
      if (x < left || x > right || y < top || y > bottom) continue
      const isLeft = x < (left + right) / 2
      return isLeft === FROM_THE_RIGHT.test(text.data.charAt(i)) ? i + 1 : i
    }
  }
  return 0
}

/** Where a unit is on the page; null where it is not laid out now. */
export function nodeAt(block: Element | null, unit: number): { readonly node: Node; readonly offset: number } | null {
  if (block === null) return null
  let last: { node: Node; offset: number } | null = null
  for (const piece of block.querySelectorAll('[data-start]')) {
    const start = Number(piece.getAttribute('data-start'))
    const text = piece.firstChild
    if (text === null || text.nodeType !== Node.TEXT_NODE) return { node: piece, offset: 0 }
    const length = (text as Text).data.length
    if (unit < start + length) return { node: text, offset: Math.max(0, unit - start) }
    last = { node: text, offset: Math.min(length, unit - start) }
  }
  return last
}

/** The upright line at a unit: where a caret stands. */
export function caretBox(block: Element | null, unit: number): DOMRect | null {
  const place = nodeAt(block, unit)
  if (place === null) return null
  const range = document.createRange()
  range.setStart(place.node, place.offset)
  range.collapse(true)
  const rects = range.getClientRects()
  const box = rects[rects.length - 1]
  if (box !== undefined && box.height > 0) return box
  const { parentElement } = place.node
  return (place.node instanceof Element ? place.node : parentElement)?.getBoundingClientRect() ?? null
}
