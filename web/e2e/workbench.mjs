// Nothing is lost: the browser is killed, the network goes away, the server is killed, a reply never
// comes, two tabs are open, the session ends; each in the middle of work, with the real server.
//
//   npm run build && cargo build && node e2e/workbench.mjs [word…]
//   FAIRMARK_BIN=… CHROMIUM=… node e2e/workbench.mjs
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { axe, expect, password, png } from './kit.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const results = join(here, '..', 'test-results')
const bin = process.env.FAIRMARK_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(here, '..', '..', 'target'), 'debug', 'fairmark')
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const wait = (ms) => new Promise((go) => setTimeout(go, ms))

/** A server that can be killed and started again on the same folder. */
class Server {
  folder = mkdtempSync(join(tmpdir(), 'fairmark-workbench-'))

  async start() {
    this.port ??= Number(process.env.FAIRMARK_PORT ?? (await freePort()))
    this.api = `http://127.0.0.1:${this.port}`
    // The pages come with the server, unless they are served from elsewhere while they are made.
    this.url = process.env.FAIRMARK_PAGES ?? this.api
    this.child = spawn(bin, ['serve', '--data-dir', this.folder, '--listen', `127.0.0.1:${this.port}`], { stdio: ['ignore', 'pipe', 'pipe'] })
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
class Caller {
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

const reviewer = { email: 'rita@example.org', secret: password('rita') }
const owner = { email: 'olga@example.org', secret: password('olga') }
const ontology = {
  classes: [
    { key: 'car', name: 'Car', color: '#1971c2', hotkey: '1' },
    { key: 'truck', name: 'Truck', color: '#e8590c', hotkey: '2' },
  ],
  attributes: [{ key: 'colour', name: 'Colour', type: 'select', scope: 'object', classes: ['truck'], required: true, options: [{ key: 'red', name: 'Red' }, { key: 'blue', name: 'Blue' }] }],
}

async function publish(caller, project) {
  await caller.call('PUT', `/api/projects/${project.id}/instructions`, { base: project.instructions_version, markdown: '# Boxes\n\nTight ones.\n\n## Mirrors\n\nThey belong to the car.\n' })
  const now = await caller.call('GET', `/api/projects/${project.id}`)
  await caller.call('PATCH', `/api/projects/${project.id}`, { base: now.version, state: 'published' })
}

async function pictures(caller, project, count) {
  for (let n = 0; n < count; n += 1) {
    const bytes = png(n)
    const upload = await caller.call('POST', `/api/projects/${project}/uploads`, { external_id: `street-${n}.png`, name: `street-${n}.png`, bytes: bytes.length })
    await caller.call('PATCH', `/api/uploads/${upload.id}`, bytes, { 'upload-offset': '0' })
    await caller.call('POST', `/api/uploads/${upload.id}/finish`, {})
  }
}

/** A browser with a profile on the disk, so that it can be killed and opened again. */
class Browser {
  static opened = new Set()
  folder = mkdtempSync(join(tmpdir(), 'fairmark-browser-'))
  complaints = []

  async open() {
    for (const lock of ['SingletonLock', 'SingletonSocket', 'SingletonCookie']) rmSync(join(this.folder, lock), { force: true })
    this.context = await chromium.launchPersistentContext(this.folder, { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags, viewport: { width: 1440, height: 900 } })
    Browser.opened.add(this)
    this.page = this.context.pages()[0] ?? (await this.context.newPage())
    this.page.setDefaultTimeout(15_000)
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
    Browser.opened.delete(this)
    await this.context.close().catch(() => {})
    rmSync(this.folder, { recursive: true, force: true })
    expect(this.complaints.length === 0, `The page complained:\n${this.complaints.join('\n')}`)
  }
}

async function signIn(page, url, who = owner) {
  await page.goto(`${url}/login`)
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel('Password', { exact: true }).fill(who.secret)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((address) => !address.pathname.startsWith('/login'))
}

async function atWork(page, url, project, stage = 'label') {
  await page.goto(`${url}/projects/${project}/work/${stage}`)
  await page.locator('[role=application] canvas').first().waitFor()
  await page.waitForTimeout(600)
}

async function drawBox(page, x, y, size = 90) {
  await page.keyboard.press('b')
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + size / 2, y + size / 2, { steps: 3 })
  await page.mouse.move(x + size, y + size)
  await page.mouse.up()
}

async function drag(page, from, to) {
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 3 })
  await page.mouse.move(...to)
  await page.mouse.up()
}

const objectCount = async (page) => Number(/\d+/.exec(await page.locator('h2', { hasText: 'Objects' }).textContent())?.[0] ?? -1)
const title = (page) => page.locator('h1').first().textContent()
const handIn = async (page) => {
  const before = await title(page)
  await page.keyboard.press('Control+Enter')
  await page.waitForFunction((was) => document.querySelector('h1')?.textContent !== was, before)
}
const answersOf = async ({ caller, project }) => {
  const { items } = await caller.call('GET', `/api/tasks?project=${project.id}&limit=200`)
  const tasks = await Promise.all(items.map(({ id }) => caller.call('GET', `/api/tasks/${id}`)))
  return tasks.flatMap((task) => task.answers.map((answer) => ({ ...answer, name: task.name })))
}

/** Waits for a fact that the server will know soon. */
async function soon(ask, sentence, ms = 20_000) {
  const end = Date.now() + ms
  while (!(await ask())) {
    expect(Date.now() < end, sentence)
    await wait(250)
  }
}

const stories = {
  async 'the browser is killed right after a change'({ server, project }) {
    const browser = new Browser()
    let page = await browser.open()
    await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    const name = await title(page)
    await drawBox(page, 300, 300)
    await drawBox(page, 500, 300)
    await soon(async () => (await objectCount(page)) === 2, 'the second box is on the screen')
    await wait(250)
    await browser.kill()
    page = await browser.open()
    // A browser writes its cookies down when it likes: whoever has to sign in again finds the work, too.
    await page.goto(`${server.url}/`)
    await page.waitForTimeout(600)
    if (new URL(page.url()).pathname.startsWith('/login')) await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    expect((await title(page)) === name, 'the same task is on the screen')
    expect((await objectCount(page)) === 2, 'both boxes are back')
    await page.getByText(/Saved on this device/).waitFor()
    await page.screenshot({ path: join(results, 'workbench-killed.png') })
    await browser.close()
  },

  async 'the network goes away, and work goes on'(world) {
    const { server, project } = world
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    const known = (await answersOf(world)).length
    await browser.context.setOffline(true)
    for (let n = 0; n < 2; n += 1) {
      await drawBox(page, 300, 300)
      await handIn(page)
    }
    await page.getByText('You are offline').waitFor()
    await page.getByText('2 answers wait to be sent').waitFor()
    await page.screenshot({ path: join(results, 'workbench-offline.png') })
    await browser.context.setOffline(false)
    await soon(async () => (await answersOf(world)).length === known + 2, 'both answers arrive once')
    await browser.close()
  },

  async 'the server is killed in the middle of handing in'(world) {
    const { server, project } = world
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    const known = (await answersOf(world)).length
    await drawBox(page, 300, 300)
    await server.kill()
    await handIn(page)
    await page.getByText('The server does not answer').waitFor()
    await page.screenshot({ path: join(results, 'workbench-server-down.png') })
    await server.start()
    await soon(async () => (await answersOf(world)).length === known + 1, 'the answer arrives when the server is back', 40_000)
    await page.getByText('The server does not answer').waitFor({ state: 'detached' })
    await browser.close()
  },

  async 'the reply is lost, and the answer counts once'(world) {
    const { server, project } = world
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    const known = (await answersOf(world)).length
    let lost = 0
    await page.route('**/api/slots/*/answer', async (route) => {
      // The server gets it; the browser never hears of it.
      if (lost === 0) await route.fetch()
      lost += 1
      if (lost === 1) return route.abort('connectionreset')
      return route.continue()
    })
    await drawBox(page, 300, 300)
    await handIn(page)
    await soon(async () => lost >= 2, 'it is sent again')
    await page.getByText('on the way').waitFor({ state: 'detached' })
    expect((await answersOf(world)).length === known + 1, 'it counts once')
    await browser.close()
  },

  async 'two tabs have different tasks'({ server, project }) {
    const browser = new Browser()
    const first = await browser.open()
    await signIn(first, server.url)
    await atWork(first, server.url, project.id)
    const second = await browser.context.newPage()
    await atWork(second, server.url, project.id)
    expect((await title(first)) !== (await title(second)), 'each tab has a task of its own')
    await browser.close()
  },

  async 'the session ends, and signing in goes on'(world) {
    const { server, project } = world
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    const known = (await answersOf(world)).length
    await drawBox(page, 300, 300)
    await browser.context.clearCookies()
    await page.keyboard.press('Control+Enter')
    await page.getByText('Your session has ended').or(page.getByRole('button', { name: 'Sign in' })).first().waitFor()
    await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    await soon(async () => (await answersOf(world)).length === known + 1, 'the answer arrives after signing in')
    await browser.close()
  },

  async 'what is missing is shown at its object, and nothing is handed in'(world) {
    const { server, project } = world
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    const name = await title(page)
    await page.keyboard.press('2')
    await drawBox(page, 300, 300)
    await page.keyboard.press('Control+Enter')
    await page.getByText('“Colour” needs a value.').first().waitFor()
    expect((await title(page)) === name, 'the task is still on the screen')
    await axe(page, 'a task with a problem')
    await page.getByRole('button', { name: 'Red', exact: true }).click()
    await handIn(page)
    await browser.close()
  },

  async 'a whole task by keyboard'({ server, project }) {
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    await page.keyboard.press('1')
    await page.keyboard.press('b')
    await page.keyboard.press('Enter')
    for (let n = 0; n < 4; n += 1) await page.keyboard.press('Shift+ArrowRight')
    for (let n = 0; n < 3; n += 1) await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Enter')
    expect((await objectCount(page)) >= 1, 'a box was drawn without a pointer')
    await page.keyboard.press('Shift+Slash')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' })
    await handIn(page)
    await browser.close()
  },

  async 'polygons by mouse: drawn, moved, mended point by point, undone and done again'(world) {
    const { server, caller } = world
    const project = await caller.call('POST', '/api/projects', { name: 'Outlines', template: 'image_polygons', ontology, plan: { overlap: 1, review: 'none', agreement_min: 0.8, lease_minutes: 5, pay: null } })
    await pictures(caller, project.id, 2)
    await publish(caller, project)
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    await page.keyboard.press('1')
    await page.keyboard.press('p')
    for (const [x, y] of [[400, 300], [560, 300], [560, 440], [400, 440]]) await page.mouse.click(x, y)
    await page.keyboard.press('Control+Enter')
    await soon(async () => (await objectCount(page)) === 1, 'the polygon is closed')

    // Moved as a whole, then its first point, then one more point and away with another.
    await page.keyboard.press('v')
    await drag(page, [480, 370], [520, 390])
    await drag(page, [440, 320], [400, 280])
    await page.screenshot({ path: join(results, 'workbench-polygon.png') })
    await axe(page, 'a polygon')
    await page.keyboard.press(']')
    await page.keyboard.press('Alt+Enter')
    await page.keyboard.press(']')
    await page.keyboard.press(']')
    await page.keyboard.press('Delete')
    await page.keyboard.press('Control+z')
    await page.keyboard.press('Control+Shift+z')
    await handIn(page)
    await soon(async () => (await answersOf({ caller, project })).length === 1, 'the answer arrives')
    const [{ answer }] = await answersOf({ caller, project })
    const [object] = answer.objects
    const { points } = object.shape
    const told = JSON.stringify(object)
    expect(object.class === 'car' && points.length === 4, `four points, one more, one less: ${told}`)
    const [first, middle, next, last] = points
    const isBetween = [0, 1].every((axis) => Math.abs(middle[axis] - (first[axis] + next[axis]) / 2) < 0.02)
    expect(isBetween, `the new point is between its neighbours: ${told}`)
    expect(first[0] < last[0] && first[1] < next[1], `its first point was drawn away from the others: ${told}`)
    await browser.close()
  },

  async 'hidden, locked, in another order, zoomed, and copied to the next picture'(world) {
    const { server, project } = world
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    const name = await title(page)
    await page.keyboard.press('1')
    await drawBox(page, 320, 280, 120)
    await drawBox(page, 520, 380, 120)
    const list = page.getByRole('grid', { name: 'Objects' })
    const rows = list.getByRole('row')
    await rows.first().getByRole('button', { name: 'Hide' }).click()
    await rows.first().getByRole('button', { name: 'Show' }).waitFor()
    await rows.last().getByRole('button', { name: 'Lock' }).click()
    await page.keyboard.press('v')
    // What is locked stays where it is; what is hidden is not there for the hand.
    await drag(page, [380, 340], [480, 500])
    await drag(page, [580, 440], [680, 600])
    await page.screenshot({ path: join(results, 'workbench-locked.png') })
    await rows.first().getByRole('button', { name: 'Show' }).click()
    await rows.last().getByRole('button', { name: 'Unlock' }).click()

    // The lower one to the top, by the keys of the list.
    const lower = await rows.last().getAttribute('id')
    await rows.last().click()
    await list.press('Alt+ArrowUp')
    await soon(async () => (await rows.first().getAttribute('id')) === lower, 'it is on top')
    const scale = page.getByText(/^\d+ %$/)
    const before = await scale.textContent()
    await page.mouse.move(500, 400)
    await page.keyboard.down('Control')
    await page.mouse.wheel(0, -600)
    await page.keyboard.up('Control')
    await soon(async () => (await scale.textContent()) !== before, 'the picture is nearer')
    await page.keyboard.press('Shift+Digit1')
    await handIn(page)
    await page.waitForTimeout(400)
    await page.keyboard.press('Control+Shift+v')
    await soon(async () => (await objectCount(page)) === 2, 'both boxes are on the next picture')
    const second = await title(page)
    await handIn(page)
    const answers = await answersOf(world)
    const [of, copy] = [name, second].map((one) => answers.find((answer) => answer.name === one).answer.objects)
    const boxes = (objects) => JSON.stringify(objects.map((object) => ({ ...object, id: undefined })))
    expect(boxes(of) === boxes(copy), `the copy is as the original: ${boxes(of)} ${boxes(copy)}`)
    await browser.close()
  },

  async 'passed by with a reason, and given back'(world) {
    const { server, caller, project } = world
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    const skipped = await title(page)
    await page.keyboard.press('Shift+s')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await axe(page, 'passing a task by')
    await dialog.getByRole('radio').nth(1).check({ force: true })
    await dialog.getByRole('textbox').fill('The lower half is black.')
    await page.screenshot({ path: join(results, 'workbench-skip.png') })
    await dialog.getByRole('button', { name: /^Skip/ }).click()
    await page.waitForFunction((was) => document.querySelector('h1')?.textContent !== was, skipped)
    const { items } = await caller.call('GET', `/api/tasks?project=${project.id}&limit=200`)
    const one = await caller.call('GET', `/api/tasks/${items.find(({ name }) => name === skipped).id}`)
    expect(JSON.stringify(one).includes('The lower half is black.'), `the task tells why it was passed by: ${JSON.stringify(one)}`)

    const given = await title(page)
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: /Give it back/ }).click()
    await soon(async () => !(await page.locator('h1').first().textContent())?.includes(given), 'the work is put down')
    const history = async () => (await caller.call('GET', `/api/tasks/${items.find(({ name }) => name === given).id}`)).history
    await soon(async () => (await history()).some(({ kind }) => kind === 'slot.released'), 'the server has it back')
    await browser.close()
  },

  async 'review by keyboard: accept, reject with a clause, and the rework comes back'({ server, project }) {
    // Nobody judges what they have labelled: the reviewer is somebody else.
    const reviewing = new Browser()
    const judge = await reviewing.open()
    await signIn(judge, server.url, reviewer)
    await atWork(judge, server.url, project.id, 'review')
    await judge.screenshot({ path: join(results, 'workbench-review.png') })
    await axe(judge, 'a review')
    const next = (was) => judge.waitForFunction((title) => document.querySelector('h1')?.textContent !== title, was)
    const first = await title(judge)
    await judge.keyboard.press('a')
    await next(first)
    const second = await title(judge)
    await judge.waitForTimeout(500)
    await judge.keyboard.press('r')
    await judge.keyboard.press('Control+Enter')
    await judge.getByText('Choose a clause.').waitFor()
    await judge.getByLabel('Mirrors', { exact: true }).check()
    await judge.getByLabel('What is wrong, and how is it right?').fill('The mirror is outside the box.')
    await judge.keyboard.press('Control+Enter')
    await next(second)

    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url)
    await atWork(page, server.url, project.id)
    await page.getByText('The reviewer sent this back').waitFor()
    expect((await title(page)) === second, 'the rework comes first')
    await page.getByText('The mirror is outside the box.').waitFor()
    await page.screenshot({ path: join(results, 'workbench-rework.png') })
    await axe(page, 'a rework')
    await drawBox(page, 350, 420)
    await handIn(page)

    // The reworked answer comes back to the reviewer, who mends it and thereby decides.
    await atWork(judge, server.url, project.id, 'review')
    for (let turn = 0; (await title(judge)) !== second; turn += 1) {
      expect(turn < 30, 'the reworked answer comes back to the reviewer')
      const was = await title(judge)
      await judge.keyboard.press('a')
      await next(was)
      await judge.waitForTimeout(300)
    }
    await judge.screenshot({ path: join(results, 'workbench-reworked.png') })
    await judge.keyboard.press('a')
    await reviewing.close()
    await browser.close()
  },
}

mkdirSync(results, { recursive: true })
const server = new Server()
process.on('exit', () => server.child?.kill('SIGKILL'))
await server.start()
const caller = new Caller(server)
await caller.call('POST', '/api/setup/claim', { token: server.token, email: owner.email, name: 'Olga Owner', password: owner.secret, organization: 'Workbench' })
const project = await caller.call('POST', '/api/projects', { name: 'Streets', template: 'image_boxes', ontology, plan: { overlap: 1, review: 'all', agreement_min: 0.8, lease_minutes: 5, pay: null } })
await pictures(caller, project.id, 24)
await publish(caller, project)
const { link } = await caller.call('POST', '/api/invitations', { email: reviewer.email, role: 'reviewer' })
await new Caller(server).call('POST', '/api/invitations/accept', { token: link.split('token=')[1], name: 'Rita Reviewer', password: reviewer.secret })

const words = process.argv.slice(2)
setTimeout(() => {
  console.error('FAIL  workbench: not done after ten minutes')
  process.exit(1)
}, 600_000).unref()
let failed = 0
for (const [name, story] of Object.entries(stories)) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue
  const began = Date.now()
  try {
    await story({ server, caller, project })
    console.log(`ok    ${name} (${Date.now() - began} ms)`)
  } catch (error) {
    failed += 1
    console.error(`FAIL  ${name}: ${error.stack ?? error}`)
  }
  // What a story that failed has left open.
  for (const browser of Browser.opened) await browser.close().catch(() => {})
}
await server.kill()
rmSync(server.folder, { recursive: true, force: true })
process.exit(failed > 0 ? 1 : 0)
