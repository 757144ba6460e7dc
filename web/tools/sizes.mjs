// What each page makes a browser fetch, in brotli bytes, against the budget. Run after `npm run build`; `--json` for programs.
// A page's cost is its entry with everything that the entry imports; lazy pages are counted on top of the shell.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const BUDGET = 180_000
const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'))
const size = (file) => statSync(join('dist', `${file}.br`), { throwIfNoEntry: false })?.size ?? 0

/** The files that one chunk needs at once. */
function closure(key, seen = new Set()) {
  const chunk = manifest[key]
  if (!chunk || seen.has(key)) return seen
  seen.add(key)
  for (const next of chunk.imports ?? []) closure(next, seen)
  return seen
}

const files = (keys) => new Set([...keys].flatMap((key) => [manifest[key].file, ...(manifest[key].css ?? [])]))
const cost = (names) => [...names].reduce((sum, name) => sum + size(name), 0)

const shell = new Set([...closure('index.html'), ...closure('src/features/shell/Shell.tsx')])
const base = files(shell)
const rows = Object.keys(manifest)
  .filter((key) => manifest[key].isDynamicEntry && key.startsWith('src/features/'))
  .map((key) => {
    const own = files(closure(key))
    return { page: key.replace('src/features/', ''), extra: cost([...own].filter((name) => !base.has(name))) }
  })
  .sort((a, b) => b.extra - a.extra)

const home = rows.find((row) => row.page === 'home/HomePage.tsx')?.extra ?? 0
const first = cost(base) + home
if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ first, budget: BUDGET }))
  process.exit(0)
}
const kb = (bytes) => `${(bytes / 1000).toFixed(1).padStart(7)} kB`
console.log(`${kb(cost(base))}  shell, in every page`)
for (const row of rows) console.log(`${kb(row.extra)}  + ${row.page}`)
console.log(`${kb(first)}  a contributor's first load (budget ${kb(BUDGET).trim()})`)
const all = readdirSync('dist/assets').filter((name) => name.endsWith('.br')).reduce((sum, name) => sum + statSync(join('dist/assets', name)).size, 0)
console.log(`${kb(all)}  everything`)
if (first > BUDGET) process.exit(1)
