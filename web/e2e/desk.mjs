// A server and browsers that may be killed, and the hands of whoever works in them.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { axe, expect, png, sent } from './kit.mjs'

const here = dirname(fileURLToPath(import.meta.url))
export const bin = process.env.FAIRMARK_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(here, '..', '..', 'target'), 'debug', 'fairmark')
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
export const results = join(here, '..', 'test-results')
export const wait = (ms) => new Promise((go) => setTimeout(go, ms))

/** A server that can be killed and started again on the same folder. */
export class Server {
  folder = mkdtempSync(join(tmpdir(), 'fairmark-workbench-'))

  /** Its clock may go ahead, so that a story can take weeks. */
  async start(aheadMs = 0) {
    this.port ??= Number(process.env.FAIRMARK_PORT ?? (await freePort()))
    this.api = `http://127.0.0.1:${this.port}`
    // The pages come with the server, unless they are served from elsewhere while they are made.
    this.url = process.env.FAIRMARK_PAGES ?? this.api
    this.child = spawn(bin, ['serve', '--data-dir', this.folder, '--listen', `127.0.0.1:${this.port}`, '--allow-host', '127.0.0.1'], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, FAIRMARK_AHEAD_MS: String(aheadMs) } })
    let said = ''
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk
        this.token ??= /oken[=: ]+(\S{20,})/.exec(said)?.[1]
      })
    }
    for (let i = 0; i < 150; i += 1) {
      const reply = await fetch(`${this.api}/readyz`).catch(() => null)
      if (reply?.ok && this.token) return
      await wait(200)
    }
    throw new Error(`The server is not there after 30 s:\n${said}`)
  }

  async kill() {
    const ended = new Promise((go) => this.child.once('exit', go))
    this.child.kill('SIGKILL')
    await ended
  }
}

const freePort = () =>
  new Promise((go, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => go(port))
    })
  })

/** One person's way to the server, without a browser. */
export class Caller {
  constructor(server) {
    this.server = server
  }

  async call(method, path, body, headers = {}) {
    const isRaw = body instanceof Uint8Array
    const reply = await fetch(this.server.api + path, {
      method,
      headers: {
        origin: this.server.api,
        'fairmark-request': '1',
        'idempotency-key': crypto.randomUUID(),
        ...(body === undefined || isRaw ? {} : { 'content-type': 'application/json' }),
        ...(isRaw ? { 'content-type': 'application/octet-stream' } : {}),
        ...(this.cookie ? { cookie: this.cookie } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
    })
    const cookie = reply.headers.get('set-cookie')
    if (cookie) this.cookie = cookie.split(';')[0]
    const text = await reply.text()
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }
}

export async function publish(caller, project) {
  await caller.call('PUT', `/api/projects/${project.id}/instructions`, { base: project.instructions_version, markdown: '# Boxes\n\nTight ones.\n\n## Mirrors\n\nThey belong to the car.\n' })
  const now = await caller.call('GET', `/api/projects/${project.id}`)
  await caller.call('PATCH', `/api/projects/${project.id}`, { base: now.version, state: 'published' })
}

export async function pictures(caller, project, count) {
  for (let n = 0; n < count; n += 1) {
    const bytes = png(n)
    const upload = await caller.call('POST', `/api/projects/${project}/uploads`, { external_id: `street-${n}.png`, name: `street-${n}.png`, bytes: bytes.length })
    await caller.call('PATCH', `/api/uploads/${upload.id}`, bytes, { 'upload-offset': '0' })
    await caller.call('POST', `/api/uploads/${upload.id}/finish`, {})
  }
}

/** A browser with a profile on the disk, so that it can be killed and opened again. */
export class Browser {
  static opened = new Set()
  folder = mkdtempSync(join(tmpdir(), 'fairmark-browser-'))
  complaints = []

  /** Clouds want WebGL, which a machine without a graphics card has in software. */
  constructor({ webgl = false } = {}) {
    this.flags = webgl ? [...flags.filter((flag) => flag !== '--disable-gpu'), '--enable-unsafe-swiftshader'] : flags
  }

  async open() {
    for (const lock of ['SingletonLock', 'SingletonSocket', 'SingletonCookie']) rmSync(join(this.folder, lock), { force: true })
    this.context = await chromium.launchPersistentContext(this.folder, { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: this.flags, viewport: { width: 1440, height: 900 } })
    Browser.opened.add(this)
    this.page = this.context.pages()[0] ?? (await this.context.newPage())
    this.page.setDefaultTimeout(Number(process.env.E2E_TIMEOUT_MS ?? 15_000))
    this.page.on('pageerror', (error) => this.complaints.push(String(error)))
    return this.page
  }

  /** SIGKILL to every process of this browser: found by its own profile folder. */
  async kill() {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue
      try {
        if (readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`--user-data-dir=${this.folder}`)) process.kill(Number(name), 'SIGKILL')
      } catch {
        // It ended by itself in the meantime.
      }
    }
    await this.context.close().catch(() => {})
  }

  async close() {
    try {
      const page = this.context.pages().findLast((each) => each.url().startsWith('http'))
      if (page !== undefined) await sent(page)
    } finally {
      await this.throwAway()
    }
    expect(this.complaints.length === 0, `The page complained:\n${this.complaints.join('\n')}`)
  }

  async throwAway() {
    Browser.opened.delete(this)
    await this.context.close().catch(() => {})
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export async function signIn(page, url, who) {
  await page.goto(`${url}/login`)
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel('Password', { exact: true }).fill(who.secret)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((address) => !address.pathname.startsWith('/login'))
}

export async function atWork(page, url, project, stage = 'label') {
  await page.goto(`${url}/projects/${project}/work/${stage}`)
  await page.locator('[role=application] canvas, [data-text], [data-cloud] canvas').first().waitFor()
  await page.waitForTimeout(600)
}

export async function drawBox(page, x, y, size = 90) {
  await page.keyboard.press('b')
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + size / 2, y + size / 2, { steps: 3 })
  await page.mouse.move(x + size, y + size)
  await page.mouse.up()
}

export const objectCount = async (page) => Number(/\d+/.exec(await page.locator('h2', { hasText: 'Objects' }).textContent())?.[0] ?? -1)
export const title = (page) => page.locator('h1').first().textContent()
export const handIn = async (page) => {
  const before = await title(page)
  await page.keyboard.press('Control+Enter')
  await page.waitForFunction((was) => document.querySelector('h1')?.textContent !== was, before)
  // Its picture takes the hand a moment after its name is read.
  await page.waitForTimeout(300)
}
export const answersOf = async ({ caller, project }) => {
  const { items } = await caller.call('GET', `/api/tasks?project=${project.id}&limit=200`)
  const tasks = await Promise.all(items.map(({ id }) => caller.call('GET', `/api/tasks/${id}`)))
  return tasks.flatMap((task) => task.answers.map((answer) => ({ ...answer, name: task.name })))
}

/** A page in both sizes and both themes: to be looked at, and clean for axe. */
export async function shots(page, name) {
  for (const [width, height, size] of [[1440, 900, ''], [390, 844, '-phone']]) {
    await page.setViewportSize({ width, height })
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.waitForTimeout(300)
      await page.screenshot({ path: join(results, `${name}${size}${scheme === 'dark' ? '-dark' : ''}.png`) })
      await axe(page, `${name}${size} ${scheme}`)
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.waitForTimeout(300)
}

/** Waits for a fact that the server will know soon. */
export async function soon(ask, sentence, ms = 20_000) {
  const end = Date.now() + ms
  while (!(await ask())) {
    expect(Date.now() < end, sentence)
    await wait(250)
  }
}
