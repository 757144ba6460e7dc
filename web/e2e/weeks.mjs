// Five weeks of three projects: what people are told of gold, how they contest it, and what the page of quality makes of all that.
//
//   npm run build && cargo build && node e2e/weeks.mjs
//
// The server is a debug build, whose clock may go ahead. Pictures of each screen go to `test-results/`: wide and narrow, light and dark.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Browser, Caller, Server, pictures, results, signIn } from './desk.mjs'
import { axe, expect, password } from './kit.mjs'

const DAY_MS = 86_400_000
const WEEKS = 5
const owner = { email: 'olga@example.org', secret: password('olga'), name: 'Olga Owner' }
const people = ['Ana', 'Ben', 'Cleo', 'Dirk'].map((name) => ({ name: `${name} Contributor`, email: `${name.toLowerCase()}@example.org`, secret: password(name) }))
// How often each is right, week by week: Dirk tires.
const care = { Ana: [0.95, 0.96, 0.95, 0.97, 0.96], Ben: [0.85, 0.88, 0.86, 0.9, 0.88], Cleo: [0.7, 0.78, 0.82, 0.88, 0.92], Dirk: [0.9, 0.8, 0.65, 0.5, 0.4] }

/** Numbers that look drawn, and are the same each time. */
let seed = 7
const draw = () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}
const numberOf = (claim) => Number(/\d+/.exec(claim.item.external_id)[0])
const moods = ['positive', 'neutral', 'negative']
const box = (n, aside, className) => ({ id: 'a', class: className, shape: { type: 'box', x: 100 + (n % 10) * 20 + aside, y: 120 + aside, width: 200, height: 180 } })
const topics = [['question'], ['complaint'], ['question', 'complaint'], ['praise']]
/** What somebody says to a task, who is right or not. */
const say = {
  moods: (n, right) => ({ choices: [moods[(n + (right ? 0 : 1 + Math.floor(draw() * 2))) % 3]] }),
  boxes: (n, right) => ({ objects: right ? [box(n, Math.round(draw() * 12 - 6), n % 2 ? 'car' : 'person')] : [box(n, 120, 'sign')] }),
  topics: (n, right) => ({ choices: topics[(n + (right ? 0 : 1)) % 4] }),
}

const server = new Server()
process.on('exit', () => server.child?.kill('SIGKILL'))
setTimeout(() => {
  console.error('FAIL  weeks: not done after ten minutes')
  process.exit(1)
}, 600_000).unref()
mkdirSync(results, { recursive: true })
const began = Date.now()
await server.start()

let boss = new Caller(server)
await boss.call('POST', '/api/setup/claim', { token: server.token, email: owner.email, name: owner.name, password: owner.secret, organization: 'Weeks' })
for (const person of people) {
  const { link } = await boss.call('POST', '/api/invitations', { email: person.email, role: 'contributor' })
  await new Caller(server).call('POST', '/api/invitations/accept', { token: link.split('token=')[1], name: person.name, password: person.secret })
}
const adaptive = { kind: 'adaptive', target: 0.9, min: 2, max: 4, audit_share: 0.2 }
const make = async (name, template, plan) => {
  const made = await boss.call('POST', '/api/projects', { name, template, plan })
  await boss.call('PUT', `/api/projects/${made.id}/instructions`, { base: 1, markdown: '# What is asked\n\nSay what you see.\n' })
  const { version } = await boss.call('GET', `/api/projects/${made.id}`)
  await boss.call('PATCH', `/api/projects/${made.id}`, { base: version, state: 'published' })
  return made.id
}
const projects = {
  moods: await make('Moods', 'text_choice', { overlap: 4, quality: adaptive }),
  boxes: await make('Boxes', 'image_boxes', { overlap: 3, agreement_min: 0.3 }),
  topics: await make('Topics, without gold', 'text_choices', { overlap: 4, quality: adaptive }),
}
const texts = (count, gold) => Array.from({ length: count }, (_, n) => ({ external_id: `text-${n}`, text: `This is message ${n} of a long day at the counter.`, ...(gold(n) ? { gold: true, answer: say.moods(n, true) } : {}) }))
// Of every fourth message is known what it is; of message 0 it is known wrongly.
const known = texts(240, (n) => n % 4 === 0)
known[0].answer = { choices: ['negative'] }
await boss.call('POST', `/api/projects/${projects.moods}/items`, { items: known })
await boss.call('POST', `/api/projects/${projects.topics}/items`, { items: texts(100, () => false) })
await pictures(boss, projects.boxes, 24)

const work = async (caller, name, kind, week, count) => {
  for (let n = 0; n < count; n += 1) {
    const { claims } = await caller.call('POST', `/api/projects/${projects[kind]}/claims`, { stage: 'label', count: 1 })
    if (claims.length === 0) return
    const [claim] = claims
    // Nobody mistakes message 0: whoever has it is right.
    const right = (kind === 'moods' && numberOf(claim) === 0) || draw() < care[name][week]
    await caller.call('PUT', `/api/slots/${claim.slot}/answer`, { submission: `sub_${crypto.randomUUID().replaceAll('-', '')}`, fence: claim.fence, answer: say[kind](numberOf(claim), right), active_ms: 4_000 })
  }
}
for (let week = 0; week < WEEKS; week += 1) {
  if (week > 0) {
    await server.kill()
    await server.start(week * 7 * DAY_MS)
  }
  for (const person of people) {
    const caller = new Caller(server)
    await caller.call('POST', '/api/session', { email: person.email, password: person.secret })
    const name = person.name.split(' ')[0]
    await work(caller, name, 'moods', week, 36)
    await work(caller, name, 'boxes', week, 5)
    await work(caller, name, 'topics', week, 16)
  }
  if (week === 2) {
    // An expert says what is so of finished pictures: gold of shapes.
    boss = new Caller(server)
    await boss.call('POST', '/api/session', { email: owner.email, password: owner.secret })
    const { items } = await boss.call('GET', `/api/tasks?project=${projects.boxes}&state=done&limit=50`)
    expect(items.length > 4, `${items.length} pictures are done`)
    for (const task of items.slice(0, 8)) {
      const n = Number(/\d+/.exec(task.external_id)[0])
      await boss.call('POST', `/api/projects/${projects.boxes}/gold`, { task: task.id, answer: { objects: [box(n, 0, n % 2 ? 'car' : 'person')] } })
    }
  }
}
// Two days later everybody may be told.
const LATER_MS = ((WEEKS - 1) * 7 + 2) * DAY_MS
await server.kill()
await server.start(LATER_MS)
/** A page whose clock is the server's. */
async function open(browser, person) {
  const page = await browser.open()
  await page.clock.setSystemTime(Date.now() + LATER_MS)
  await signIn(page, server.url, person)
  return page
}

const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } }
/** The whole page, wide and narrow, light and dark, and what axe says of it. */
async function look(page, name) {
  await page.evaluate(() => scrollTo(0, 0))
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme })
      await page.waitForTimeout(250)
      await page.screenshot({ path: join(results, `weeks-${name}-${size}-${colorScheme}.png`), fullPage: true })
    }
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(beyond <= 0, `${name}, ${size}: the page is ${beyond} px wider than the screen`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(sizes.wide)
  await axe(page, name)
}

// A contributor whose answer to message 0 was right, and counts as wrong.
let contested = null
for (const person of people) {
  const caller = new Caller(server)
  await caller.call('POST', '/api/session', { email: person.email, password: person.secret })
  const { items } = await caller.call('GET', '/api/work/scores')
  const found = items.find(({ correct, given, known: is }) => !correct && given.choices?.[0] === 'positive' && is.choices?.[0] === 'negative')
  if (found && !contested) contested = { person, found }
}
expect(contested !== null, 'somebody had the message of which something wrong is known')
const browser = new Browser()
let page = await open(browser, contested.person)
await page.goto(`${server.url}/work`)
const list = page.getByRole('table', { name: 'Checked answers', exact: true })
await list.waitFor()
await look(page, 'own-work')
// By keyboard alone.
const contest = list.getByRole('row').filter({ hasText: contested.found.name }).getByRole('button', { name: /^Contest/ }).first()
await contest.focus()
await page.keyboard.press('Enter')
const dialog = page.getByRole('dialog', { name: 'Contest this score' })
await dialog.waitFor()
await look(page, 'contest')
await dialog.getByLabel('Why your answer is right').fill('It says something nice of the day.')
await page.keyboard.press('Tab')
await dialog.getByRole('button', { name: 'Contest', exact: true }).focus()
await page.keyboard.press('Enter')
await dialog.waitFor({ state: 'detached' })
await list.getByText('Contested').waitFor()
await look(page, 'contested')
await browser.close()

const desk = new Browser()
page = await open(desk, owner)
await page.goto(`${server.url}/projects/${projects.moods}/quality`)
await page.getByRole('heading', { name: 'Contested gold' }).waitFor()
await page.getByRole('heading', { name: 'Week by week' }).waitFor()
await look(page, 'quality-moods')
for (const plot of ['accuracy', 'cost', 'people', 'confusion', 'rates', 'drift', 'weeks', 'audit', 'doubts']) {
  const reply = await page.request.get(`${server.url}/api/projects/${projects.moods}/quality/${plot}.csv`)
  expect(reply.ok() && (await reply.text()).split('\n').length > 1, `${plot}.csv has rows`)
}
await page.getByRole('button', { name: 'They are right' }).click()
await page.getByText(/^Decided\./).waitFor()
await page.getByRole('heading', { name: 'Contested gold' }).waitFor({ state: 'detached' })
await page.getByRole('table', { name: 'People' }).getByRole('link', { name: /^Dirk/ }).click()
await page.getByRole('heading', { name: /^Dirk/ }).waitFor()
await look(page, 'person')
for (const [name, project] of [['boxes', projects.boxes], ['topics', projects.topics]]) {
  await page.goto(`${server.url}/projects/${project}/quality`)
  await page.getByRole('heading', { name: 'What a task takes' }).waitFor()
  await look(page, `quality-${name}`)
}
// A label that is made of several answers says of which.
const reply = await page.request.get(`${server.url}/api/tasks?project=${projects.boxes}&state=done&limit=1`)
await page.goto(`${server.url}/projects/${projects.boxes}/tasks/${(await reply.json()).items[0].id}`)
await page.getByText(/^What \d answers say together/).waitFor()
await look(page, 'task-together')
await desk.close()

const again = new Browser()
page = await open(again, contested.person)
await page.goto(`${server.url}/work`)
await page.getByRole('table', { name: 'Checked answers', exact: true }).getByText('You were right').waitFor()
await page.getByRole('table', { name: 'How often you were right' }).getByRole('link', { name: 'Moods' }).click()
await page.getByRole('heading', { name: 'How you do here' }).waitFor()
await look(page, 'own-person')
await again.close()

console.log(`ok    five weeks, a contest and its end (${Date.now() - began} ms)`)
await server.kill()
rmSync(server.folder, { recursive: true, force: true })
process.exit(0)
