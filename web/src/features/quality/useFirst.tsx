import { type ReactNode, useState } from 'react'
import { Button } from '../../ui/Button'
import { number } from '../../ui/format'

/** The first rows of a list, and a way to the others. */
export function useFirst<Row>(rows: readonly Row[], count = 12): { rows: readonly Row[]; more: ReactNode } {
  const [all, setAll] = useState(false)
  if (all || rows.length <= count) return { rows, more: null }
  return { rows: rows.slice(0, count), more: <div><Button size="small" onPress={() => setAll(true)}>Show all {number(rows.length)}</Button></div> }
}
