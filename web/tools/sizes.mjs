// What each page makes a browser fetch, in brotli bytes, against the budget. Run after `npm run build`; `--json` for programs.
// A page's cost is its entry with everything that the entry imports; lazy pages are counted on top of the shell.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const BUDGET = 180_000
/** What the work screen adds to a contributor's pages before it shows a task, and what each kind of task adds to that. */
const BENCH_BUDGET = 40_000
const KIND_BUDGET = 130_000
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
const page = (name) => closure(`src/features/${name}`)
const pages = files(new Set([...shell, ...page('home/HomePage.tsx'), ...page('home/WorkPage.tsx')]))
const bench = files(page('queue/WorkPage.tsx'))
const beyond = (names, ...without) => cost([...names].filter((name) => !without.some((each) => each.has(name))))
const kits = ['places', 'lines', 'pixels', 'relations'].flatMap((kit) => [...closure(`src/canvas/tools/${kit}.ts`)])
const worker = readdirSync('dist/assets').filter((name) => /^worker-.*\.js\.br$/.test(name)).reduce((sum, name) => sum + statSync(join('dist/assets', name)).size, 0)
const benchCost = beyond(bench, pages)
const kinds = {
  pictures: beyond(files(new Set([...page('workbench/Task.tsx'), ...page('workbench/Picture.tsx'), ...kits])), pages, bench) + worker,
  texts: beyond(files(new Set([...page('workbench/Task.tsx'), ...page('workbench/text/index.tsx'), ...closure('src/canvas/tools/spans.ts')])), pages, bench),
}
if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ first, budget: BUDGET, bench: benchCost, kinds }))
  process.exit(0)
}
const kb = (bytes) => `${(bytes / 1000).toFixed(1).padStart(7)} kB`
console.log(`${kb(cost(base))}  shell, in every page`)
for (const row of rows) console.log(`${kb(row.extra)}  + ${row.page}`)
console.log(`${kb(first)}  a contributor's first load (budget ${kb(BUDGET).trim()})`)
const all = readdirSync('dist/assets').filter((name) => name.endsWith('.br')).reduce((sum, name) => sum + statSync(join('dist/assets', name)).size, 0)
console.log(`${kb(benchCost)}  the work screen, beyond a contributor's pages (budget ${kb(BENCH_BUDGET).trim()})`)
for (const [kind, bytes] of Object.entries(kinds)) console.log(`${kb(bytes)}  + the editor of ${kind}, all of it (budget ${kb(KIND_BUDGET).trim()})`)
console.log(`${kb(all)}  everything`)
if (first > BUDGET || benchCost > BENCH_BUDGET || Object.values(kinds).some((bytes) => bytes > KIND_BUDGET)) process.exit(1)
