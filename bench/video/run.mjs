// A video of two hours in the workbench: how soon it is there, and what a step to another frame takes of the processor, beside the browser's own
// player that is sent to the same frames: `node bench/video/run.mjs [--json FILE]`. FAIRMARK_BIN names the program.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { print, report } from '../row.mjs'

// The tools, and the hands, are those of the web package.
const require = createRequire(new URL('../../web/package.json', import.meta.url))
require.resolve('playwright-core')
const { Browser, Caller, Server, publish, signIn } = await import('../../web/e2e/desk.mjs')
const { password } = await import('../../web/e2e/kit.mjs')

const HOURS = 2
const RATE = 30
const STEPS = 120
const SEEKS = 12
const PIECE = 8 << 20

const owner = { email: 'olga@example.org', secret: password('olga') }
const folder = mkdtempSync(join(tmpdir(), 'video-bench-'))

/** Small pictures, so that making it takes a minute: it is the number of frames that makes a long video long. */
function make(name, seconds) {
  const out = join(folder, name)
  const source = `testsrc2=size=128x72:rate=${RATE}:duration=${seconds}`
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '250', '-bf', '2', '-pix_fmt', 'yuv420p', out])
  return out
}

async function send(caller, project, name, path) {
  const length = statSync(path).size
  const bytes = readFileSync(path)
  const upload = await caller.call('POST', `/api/projects/${project.id}/uploads`, { external_id: name, bytes: length })
  for (let at = 0; at < length; at += PIECE) await caller.call('PATCH', `/api/uploads/${upload.id}`, bytes.subarray(at, at + PIECE), { 'upload-offset': String(at) })
  const began = performance.now()
  await caller.call('POST', `/api/uploads/${upload.id}/finish`, {})
  return performance.now() - began
}

const shown = (page, frame) => page.waitForFunction((wanted) => document.querySelector('[data-frame]')?.getAttribute('data-frame') === String(wanted), frame, { polling: 'raf' })

/** Seconds of CPU of the main thread so far: a busy machine does not change them. */
async function busy(cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration').value
}

async function goTo(page, frame) {
  await page.getByLabel('Frame', { exact: true }).first().fill(String(frame))
  await page.keyboard.press('Enter')
  await shown(page, frame)
}

/** Milliseconds from the address to the first frame, with the pages at hand. */
async function open(page, server, project) {
  const times = []
  for (let turn = 0; turn < 4; turn += 1) {
    await page.goto(`${server.url}/`)
    await page.waitForTimeout(1_000)
    const began = performance.now()
    await page.goto(`${server.url}/projects/${project.id}/work/label`)
    await shown(page, 0)
    times.push(performance.now() - began)
  }
  return Math.min(...times.slice(1))
}

async function measure(server, project, way) {
  const browser = new Browser()
  const page = await browser.open()
  if (way === 'player') await page.addInitScript(() => delete window.VideoDecoder)
  await signIn(page, server.url, owner)
  const openMs = await open(page, server, project)
  const briefMs = way === 'decoder' ? await open(page, server, brief) : 0
  await page.goto(`${server.url}/projects/${project.id}/work/label`)
  await shown(page, 0)
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.keyboard.press('v')
  await goTo(page, 100_000)
  const before = await busy(cdp)
  for (let n = 1; n <= STEPS; n += 1) {
    await page.keyboard.press('l')
    await shown(page, 100_000 + n)
  }
  const stepMs = ((await busy(cdp)) - before) * (1000 / STEPS)
  const seeks = []
  for (let n = 0; n < SEEKS; n += 1) {
    const start = performance.now()
    await goTo(page, (n * 17_321 + 5) % (HOURS * 3600 * RATE))
    seeks.push(performance.now() - start)
  }
  await browser.close()
  return { openMs, briefMs, stepMs, seekMs: seeks.sort((a, b) => a - b)[SEEKS >> 1] }
}

// Made before there is a server: it holds up everything here for a minute.
const [long, short] = [make('long.mp4', HOURS * 3600), make('short.mp4', 4)]
const server = new Server()
process.on('exit', () => server.child?.kill('SIGKILL'))
await server.start()
const caller = new Caller(server)
await caller.call('POST', '/api/setup/claim', { token: server.token, email: owner.email, name: 'Olga', password: owner.secret, organization: 'Bench' })
const projectOf = (name) => caller.call('POST', '/api/projects', { name, template: 'video_boxes', plan: { overlap: 1 } })
const [project, brief] = [await projectOf('Long'), await projectOf('Short')]
const tableMs = await send(caller, project, 'long.mp4', long)
await send(caller, brief, 'short.mp4', short)
await publish(caller, project)
await publish(caller, brief)
const { items: [item] } = await caller.call('GET', `/api/projects/${project.id}/items`)
const table = await fetch(server.api + item.video.frames_url, { headers: { cookie: caller.cookie } })
const tableBytes = (await table.arrayBuffer()).byteLength
const ours = await measure(server, project, 'decoder')
const player = await measure(server, project, 'player')
const rows = [
  { what: `table of ${item.video.frames} frames, made when the file is here`, figure: tableMs / 1000, unit: 's' },
  { what: 'the table', figure: tableBytes / 1000, unit: 'kB' },
  { what: 'two hours open, from the address to the first frame', figure: ours.openMs / 1000, unit: 's', bound: { at_most: 1 } },
  { what: 'the same of a video of four seconds', figure: ours.briefMs / 1000, unit: 's' },
  { what: 'main thread for each step to the next frame', figure: ours.stepMs, unit: 'ms', bound: { at_most: 16 } },
  { what: 'the same by the browser’s player', figure: player.stepMs, unit: 'ms' },
  { what: 'a frame anywhere, from the key to the screen, p50', figure: ours.seekMs, unit: 'ms' },
  { what: 'the same by the browser’s player, p50', figure: player.seekMs, unit: 'ms' },
]
for (const row of rows) print(row)
const at = process.argv.indexOf('--json')
if (at > 0) writeFileSync(process.argv[at + 1], report(rows))
await server.kill()
rmSync(server.folder, { recursive: true, force: true })
rmSync(folder, { recursive: true, force: true })
process.exit(0)
