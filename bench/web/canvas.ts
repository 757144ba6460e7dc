import { execFileSync } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { print, report } from '../row.mjs'
import { CHROMIUM, FLAGS, type TableRow, build, chromium, here, serve } from './browser'
import { cloudRows } from './cloud'
import { product } from './product.mjs'

// How much of the processor the canvas takes per frame, beside Konva and the naive way of drawing it, in one
// run on one machine. CPU time and not time on the clock: a busy machine must not change the verdict.

const SHAPES = 5_000
const VERTICES = 20
const FRAMES = 60
/** Whoever is slower is measured on fewer frames. */
const FRAMES_OF_OTHERS = 12
const TARGET_MS = 12
const HITS = 4_000
const HIT_US = 25
const EDIT_MS = 10
const HEAP_MB = 30

interface Row {
  readonly kind: 'ours' | 'konva' | 'naive'
  readonly what: 'pan' | 'zoom'
  readonly from: 'fit' | 'near'
  /** Milliseconds of CPU per frame: of the main thread, and of the whole renderer process. */
  readonly mainMs: number
  readonly processMs: number
  /** Milliseconds of the main thread for drawing all sharp again once the gesture has ended. */
  readonly restMs: number
}

/** What a contributor's browser fetches before the first task, of the pages as they were built. */
function firstLoad(): TableRow {
  const told = execFileSync('node', ['tools/sizes.mjs', '--json'], { cwd: join(here, '../../web'), encoding: 'utf8' })
  const { first, budget } = JSON.parse(told) as { readonly first: number; readonly budget: number }
  return { what: "first load of a contributor's pages, brotli", figure: first / 1000, unit: 'kB', bound: { at_most: budget / 1000 } }
}

interface Measured {
  readonly rows: readonly Row[]
  /** Of ours alone: microseconds a hit test, milliseconds of the main thread a step of a dragged vertex, megabytes of the heap. */
  readonly hitUs: number
  readonly editMs: number
  readonly heapMb: number
}

async function measure(url: string, kind: Row['kind']): Promise<Measured> {
  const frames = kind === 'ours' ? FRAMES : FRAMES_OF_OTHERS
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 900 } })
    page.on('pageerror', (error) => console.error(String(error)))
    await page.goto(url)
    await page.evaluate(([k, count, vertices]) => window.bench.load(k, count, vertices), [kind, SHAPES, VERTICES] as const)
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    const read = async (): Promise<{ main: number; process: number }> => {
      const { metrics } = await session.send('Performance.getMetrics')
      const of = (name: string) => metrics.find((m) => m.name === name)?.value ?? Number.NaN
      return { main: of('TaskDuration') * 1000, process: of('ProcessTime') * 1000 }
    }
    const rows: Row[] = []
    for (const what of ['pan', 'zoom'] as const) {
      for (const from of ['fit', 'near'] as const) {
        // To where the gesture begins, and at rest there.
        await page.evaluate(([w, f]) => window.bench.drive(w, f, 1), [what, from] as const)
        await page.waitForTimeout(800)
        const before = await read()
        await page.evaluate(([w, f, n]) => window.bench.drive(w, f, n), [what, from, frames] as const)
        const after = await read()
        await page.waitForTimeout(800)
        const mainMs = (after.main - before.main) / frames
        const processMs = (after.process - before.process) / frames
        rows.push({ kind, what, from, mainMs, processMs, restMs: (await read()).main - after.main })
      }
    }
    let [hitUs, editMs] = [Number.NaN, Number.NaN]
    if (kind === 'ours') {
      // Once for the compiler, once for the clock.
      await page.evaluate((count) => window.bench.hits(count), HITS)
      const before = await read()
      await page.evaluate((count) => window.bench.hits(count), HITS)
      const between = await read()
      await page.evaluate((count) => window.bench.edit(count), FRAMES)
      hitUs = ((between.main - before.main) / HITS) * 1000
      editMs = ((await read()).main - between.main) / FRAMES
    }
    await session.send('HeapProfiler.enable')
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize } = await session.send('Runtime.getHeapUsage')
    const shot = process.argv.indexOf('--screenshot')
    if (shot > 0) await page.screenshot({ path: `${process.argv[shot + 1]}-${kind}.png` })
    return { rows, hitUs, editMs, heapMb: usedSize / 1e6 }
  } finally {
    await browser.close()
  }
}

/** The canvas alone, beside others. Rows are told as they are measured. */
async function canvases(url: string, tell: (row: TableRow) => void): Promise<TableRow[]> {
  const picture = `picture with ${SHAPES} polygons`
  const rows: TableRow[] = []
  const add = (row: TableRow): void => {
    rows.push(row)
    tell(row)
  }
  for (const kind of ['ours', 'konva', 'naive'] as const) {
    const { rows: gestures, hitUs, editMs, heapMb } = await measure(url, kind)
    for (const { what, from, mainMs, processMs, restMs } of gestures) {
      const gesture = `${picture}, ${what}, ${from === 'fit' ? 'all of it' : 'near'}`
      if (kind !== 'ours') {
        add({ what: `${gesture}: ${kind === 'konva' ? 'Konva' : 'drawn the naive way'}`, figure: mainMs, unit: 'ms/frame' })
        continue
      }
      add({ what: `${gesture}: main thread`, figure: mainMs, unit: 'ms/frame', bound: { at_most: TARGET_MS } })
      add({ what: `${gesture}: whole process`, figure: processMs, unit: 'ms/frame' })
      add({ what: `${gesture}: once more at rest`, figure: restMs, unit: 'ms' })
    }
    if (kind === 'konva') add({ what: `${picture}: heap of Konva`, figure: heapMb, unit: 'MB' })
    if (kind !== 'ours') continue
    add({ what: `${picture}: what is at a place`, figure: hitUs, unit: 'µs', bound: { at_most: HIT_US } })
    add({ what: `${picture}: a vertex dragged, a step`, figure: editMs, unit: 'ms', bound: { at_most: EDIT_MS } })
    add({ what: `${picture}: heap`, figure: heapMb, unit: 'MB', bound: { at_most: HEAP_MB } })
  }
  return rows
}

const only = process.argv[process.argv.indexOf('--only') + 1]
const parts: { readonly [part: string]: () => Promise<TableRow[]> } = {
  canvas: async () => {
    const folder = await build('page.html')
    const server = await serve(folder, 'page.html')
    try {
      return await canvases(server.url, print)
    } finally {
      server.close()
      await rm(folder, { recursive: true })
    }
  },
  clouds: async () => told(await cloudRows()),
  load: async () => told([firstLoad()]),
  pages: () => product(print),
}
const rows: TableRow[] = []
for (const [part, make] of Object.entries(parts)) if (!process.argv.includes('--only') || only === part) rows.push(...(await make()))
const json = process.argv.indexOf('--json')
if (json > 0) await writeFile(process.argv[json + 1] ?? 'web.json', report(rows))

function told(rows: TableRow[]): TableRow[] {
  for (const row of rows) print(row)
  return rows
}
