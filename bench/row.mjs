// A row of the table, as every part of the benchmark prints and keeps it. `bound` is { at_least } or { at_most }.
export function print({ what, figure, unit, bound }) {
  const told = figure.toFixed(figure < 100 ? 2 : 0)
  let verdict = ''
  if (bound) {
    const [[words, limit]] = Object.entries(bound)
    verdict = `${`${words.replace('_', ' ')} ${limit}`.padEnd(16)} ${isMet(figure, bound) ? 'met' : 'MISSED'}`
  }
  console.log(`${what.padEnd(60)} ${told.padStart(9)} ${unit.padEnd(11)} ${verdict}`.trimEnd())
}

export function isMet(figure, { at_least: least, at_most: most }) {
  return least === undefined ? figure <= most : figure >= least
}

export function report(rows) {
  return `${JSON.stringify({ rows: rows.map((row) => (row.bound ? { ...row, met: isMet(row.figure, row.bound) } : row)) }, null, 2)}\n`
}
