import { rm } from 'node:fs/promises'
import { CHROMIUM, FLAGS, type TableRow, build, chromium, serve } from './browser'

// How much of the processor a cloud of a million points with a hundred cuboids takes per frame, beside three.js with nothing around it, and how
// soon there is something to see.

const POINTS = 1_000_000
const FRAMES = 8
const ROUNDS = 3
/** Times what three.js alone takes; milliseconds after the first bytes. */
const RATIO = 1.1
const FIRST_MS = 1_000
const SIDE = 128
const STRIDE = 12

/** A tree of two levels as the server makes them: a part of the points in the root, the others in sixty-four cubes. */
function cloud(): { index: Uint8Array; points: Uint8Array } {
  let state = 7
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const names = ['', ...Array.from({ length: 64 }, (_, i) => `${i >> 3}${i & 7}`)]
  const nodes = new Map<string, number[][]>(names.map((name) => [name, []]))
  for (let i = 0; i < POINTS; i++) {
    const [turn, far] = [next() * 2 * Math.PI, 3 + 60 * next() ** 2]
    const at = [64 + Math.cos(turn) * far, 64 + Math.sin(turn) * far, 62 + 3 * next() ** 4]
    if (i % 64 === 0) {
      nodes.get('')?.push([...at.map((part) => part / SIDE), i])
      continue
    }
    const digits = [0, 1].map((depth) => at.reduce((bits, part, axis) => bits | (Math.floor((part / SIDE) * 2 ** (depth + 1)) & 1) << axis, 0))
    nodes.get(digits.join(''))?.push([...at.map((part) => ((part / SIDE) * 4) % 1), i])
  }
  const points = new DataView(new ArrayBuffer(POINTS * STRIDE))
  let to = 0
  for (const name of names) {
    for (const [x, y, z, number] of nodes.get(name) ?? []) {
      for (const [axis, part] of [x, y, z].entries()) points.setUint16(to + 2 * axis, Math.min(65_535, (part ?? 0) * 65_536), true)
      points.setUint8(to + 6, (number ?? 0) % 256)
      points.setUint32(to + 8, number ?? 0, true)
      to += STRIDE
    }
  }
  const index = {
    version: 1, points: POINTS, skipped: 0, piled: 0, origin: [-64, -64, -64], side: SIDE, low: [-63, -63, -2], high: [63, 63, 1], heights: [-2, 1],
    stride: STRIDE, intensity: true, class: false, colour: false, nodes: names.map((name) => [name, nodes.get(name)?.length ?? 0]),
  }
  return { index: new TextEncoder().encode(JSON.stringify(index)), points: new Uint8Array(points.buffer) }
}

interface Measured {
  readonly mainMs: number
  readonly firstMs: number
}

async function measure(url: string, kind: 'ours' | 'alone'): Promise<Measured> {
  const args = [...FLAGS.filter((flag) => flag !== '--disable-gpu'), '--enable-unsafe-swiftshader']
  const browser = await chromium.launch({ executablePath: CHROMIUM, args })
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 900 } })
    page.setDefaultTimeout(180_000)
    page.on('pageerror', (error) => console.error(String(error)))
    await page.goto(url)
    const firstMs = await page.evaluate((k) => window.bench.load(k), kind)
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    const main = async () => ((await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000
    await page.evaluate(() => window.bench.drive(2))
    const before = await main()
    await page.evaluate((frames) => window.bench.drive(frames), FRAMES)
    const shot = process.argv.indexOf('--screenshot')
    const mainMs = ((await main()) - before) / FRAMES
    if (shot > 0) await page.screenshot({ path: `${process.argv[shot + 1]}-cloud-${kind}.png` })
    return { mainMs, firstMs }
  } finally {
    await browser.close()
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

export async function cloudRows(): Promise<TableRow[]> {
  const folder = await build('cloud.html')
  const { index, points } = cloud()
  const server = await serve(folder, 'cloud.html', new Map([['/index', index], ['/points', points]]))
  try {
    const rounds: { ours: Measured; alone: Measured }[] = []
    for (let round = 0; round < ROUNDS; round++) rounds.push({ ours: await measure(server.url, 'ours'), alone: await measure(server.url, 'alone') })
    const what = '1,000,000 points and 100 cuboids, turned'
    return [
      { what: `${what}: main thread`, figure: median(rounds.map(({ ours }) => ours.mainMs)), unit: 'ms/frame' },
      { what: `${what}: three.js alone`, figure: median(rounds.map(({ alone }) => alone.mainMs)), unit: 'ms/frame' },
      { what: `${what}: ours, of three.js alone`, figure: median(rounds.map(({ ours, alone }) => ours.mainMs / alone.mainMs)), unit: 'times', bound: { at_most: RATIO } },
      { what: '1,000,000 points: first picture after the first bytes', figure: median(rounds.map(({ ours }) => ours.firstMs)), unit: 'ms', bound: { at_most: FIRST_MS } },
    ]
  } finally {
    server.close()
    await rm(folder, { recursive: true })
  }
}
