// Browser stories: one for each role, from the first start of a server to a release on the disk.
//
//   npm run build && cargo build && npm run e2e            all stories, in order: each goes on where the last one ended
//   FAIRMARK_BIN=… CHROMIUM=… node e2e/run.mjs gallery        with another binary or browser; only stories whose name holds a word
//
// Pictures of every page go to `test-results/`.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { contributor } from './contributor.mjs'
import { gallery } from './gallery.mjs'
import { making } from './making.mjs'
import { manager } from './manager.mjs'
import { operator } from './operator.mjs'
import { owner } from './owner.mjs'
import { reviewer } from './reviewer.mjs'
import { viewer } from './viewer.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..')
const results = join(here, '..', 'test-results')
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

const stories = { owner, contributor, reviewer, release: owner.release, viewer, manager, making, gallery, operator }

const freePort = () =>
  new Promise((go, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => go(port))
    })
  })

/** Starts a server on an empty folder; gives its address and the token that it prints. */
async function start() {
  const bin = process.env.FAIRMARK_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug', 'fairmark')
  if (!existsSync(bin)) throw new Error(`There is no server at ${bin}: run cargo build, or set FAIRMARK_BIN.`)
  const folder = mkdtempSync(join(tmpdir(), 'fairmark-e2e-'))
  const port = await freePort()
  const child = spawn(bin, ['serve', '--data-dir', folder, '--listen', `127.0.0.1:${port}`], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const token = await new Promise((go, fail) => {
    const listen = (chunk) => {
      said += chunk
      const found = /oken[=: ]+([\w-]{20,})/.exec(said)
      if (found) go(found[1])
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', (code) => fail(new Error(`The server ended with ${code}:\n${said}`)))
    setTimeout(() => fail(new Error(`The server printed no token in 30 s:\n${said}`)), 30_000).unref()
  })
  const stop = async () => {
    child.removeAllListeners('exit')
    const ended = new Promise((go) => child.once('exit', go))
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  return { url: `http://127.0.0.1:${port}`, token, stop, said: () => said }
}

const only = process.argv.slice(2)
mkdirSync(results, { recursive: true })
const server = await start()
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags })
/** What the stories hand on to each other. */
const world = { url: server.url, token: server.token, browser, results, people: {}, links: {}, project: null }
let failed = 0
try {
  for (const [name, story] of Object.entries(stories)) {
    if (only.length > 0 && !only.some((word) => name.includes(word)) && name !== 'owner') continue
    const began = Date.now()
    try {
      await story(world)
      console.log(`ok    ${name} (${Date.now() - began} ms)`)
    } catch (error) {
      failed += 1
      console.error(`FAIL  ${name}: ${error.stack ?? error}`)
      for (const context of browser.contexts()) for (const page of context.pages()) await page.screenshot({ path: join(results, `fail-${name}.png`) }).catch(() => {})
      if (name === 'owner') break
    }
    for (const context of browser.contexts()) await context.close()
  }
} finally {
  await browser.close()
  await server.stop()
}
if (failed > 0) {
  console.error(server.said().split('\n').slice(-30).join('\n'))
  process.exit(1)
}
