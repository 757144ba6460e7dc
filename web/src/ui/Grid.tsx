import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { cx } from './cx'
import css from './Grid.module.css'

export interface Column<Row> {
  key: string
  title: ReactNode
  /** A grid track: `1fr`, `120px`, `minmax(160px, 2fr)`. */
  width: string
  end?: boolean
  cell: (row: Row) => ReactNode
}

interface GridProps<Row> {
  label: string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  rowHeight?: number
  /** Enter, or a click on the row. */
  onOpen?: (row: Row) => void
  /** Called when the end comes near: fetch the next page. */
  onEnd?: () => void
  /** Below this width the grid scrolls sideways. */
  least?: number
  height?: string
  /** There are more rows than are known so far. */
  partial?: boolean | undefined
  foot?: ReactNode
}

/**
 * A list of any length: only the rows in sight exist. One tab stop; arrows, Page Up and Page Down, Home and
 * End move; Enter opens. The current row is told through `aria-activedescendant`.
 */
export function Grid<Row>({ label, rows, columns, rowKey, rowHeight = 44, onOpen, onEnd, least, height, partial, foot }: GridProps<Row>) {
  const scroll = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState(-1)
  const id = useId()
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => rowHeight, overscan: 8, scrollPaddingStart: 36 })
  const shown = virtual.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0

  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 12) onEnd?.()
  }, [last, rows.length, onEnd])

  const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 400) / rowHeight) - 1)
  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to))
    setAt(next)
    virtual.scrollToIndex(next)
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== scroll.current) return
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: rows.length - 1 }[event.key]
    if (to !== undefined) {
      event.preventDefault()
      move(to)
    } else if (event.key === 'Enter' && rows[at] !== undefined) {
      event.preventDefault()
      onOpen?.(rows[at])
    }
  }

  const style = { '--columns': columns.map((column) => column.width).join(' '), '--least': least ? `${least}px` : '0px', ...(height ? { '--grid-height': height } : {}) }
  return (
    <div className={css.frame} style={style as React.CSSProperties}>
      <div
        ref={scroll}
        className={css.scroll}
        role="grid"
        aria-label={label}
        aria-rowcount={partial ? -1 : rows.length + 1}
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        tabIndex={0}
        onKeyDown={onKey}
        onFocus={(event) => event.target === scroll.current && at < 0 && rows.length > 0 && setAt(shown[0]?.index ?? 0)}
      >
        <div role="row" tabIndex={-1} aria-rowindex={1} className={css.head}>
          {columns.map((column) => <div key={column.key} role="columnheader" tabIndex={-1} className={cx(column.end && css.end)}>{column.title}</div>)}
        </div>
        <div role="rowgroup" className={css.body} style={{ blockSize: virtual.getTotalSize() }}>
          {shown.map((place) => {
            const row = rows[place.index]
            if (row === undefined) return null
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys for all of its rows
              <div
                key={rowKey(row)}
                id={`${id}-${place.index}`}
                role="row"
                tabIndex={-1}
                aria-rowindex={place.index + 2}
                className={css.row}
                data-at={place.index === at ? '' : undefined}
                data-go={onOpen ? '' : undefined}
                style={{ insetBlockStart: place.start, blockSize: rowHeight }}
                onClick={(event) => {
                  setAt(place.index)
                  if (!(event.target as HTMLElement).closest('a, button, input, label')) onOpen?.(row)
                }}
              >
                {columns.map((column) => <div key={column.key} role="gridcell" tabIndex={-1} className={cx(column.end && css.end)}>{column.cell(row)}</div>)}
              </div>
            )
          })}
        </div>
      </div>
      {foot && <div className={css.note}>{foot}</div>}
    </div>
  )
}

/** A short list, up to a page of it. On a phone each row becomes a card. */
export function Table<Row>({ label, rows, columns, rowKey }: Pick<GridProps<Row>, 'label' | 'rows' | 'rowKey'> & { columns: readonly Omit<Column<Row>, 'width'>[] }) {
  return (
    <div className={css.tablewrap}>
      <table className={css.table} data-stack="" aria-label={label}>
        <thead>
          <tr>{columns.map((column) => <th key={column.key} scope="col" data-end={column.end ? '' : undefined}>{column.title}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => <td key={column.key} data-end={column.end ? '' : undefined}>{column.cell(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
