// Nothing is lost: the browser is killed, the network goes away, the server is killed, a reply never
// comes, two tabs are open, the session ends; each in the middle of work, with the real server. And what
// the hands can do (drawing.mjs, shapes.mjs, spans.mjs, joining.mjs, gold.mjs, video.mjs, cameras.mjs), and what is said (comments.mjs).
//
//   npm run build && cargo build && node e2e/workbench.mjs [word…]
//   FAIRMARK_BIN=… CHROMIUM=… node e2e/workbench.mjs
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Browser, Caller, Server, answersOf, atWork, drawBox, handIn, objectCount, pictures, publish, results, signIn, soon, title, wait } from './desk.mjs'
import { cameraStories } from './cameras.mjs'
import { commentStories } from './comments.mjs'
import { contributor, drawing, shapesOntology } from './drawing.mjs'
import { axe, expect, password, sent } from './kit.mjs'
import { goldStories } from './gold.mjs'
import { joiningStories } from './joining.mjs'
import { bonesOntology, shapeStories } from './shapes.mjs'
import { cloudStories } from './clouds.mjs'
import { modelStories } from './models.mjs'
import { spanStories } from './spans.mjs'
import { videoStories } from './video.mjs'

const reviewer = { email: 'rita@example.org', secret: password('rita') }
const owner = { email: 'olga@example.org', secret: password('olga') }
const ontology = {
  classes: [
    { key: 'car', name: 'Car', color: '#1971c2', hotkey: '1' },
    { key: 'truck', name: 'Truck', color: '#e8590c', hotkey: '2' },
  ],
  attributes: [{ key: 'colour', name: 'Colour', type: 'select', scope: 'object', classes: ['truck'], required: true, options: [{ key: 'red', name: 'Red' }, { key: 'blue', name: 'Blue' }] }],
}

const stories = {
  async 'the browser is killed right after a change'({ server, project }) {
    const browser = new Browser()
    let page = await browser.open()
    await signIn(page, server.url, owner)
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
    if (new URL(page.url()).pathname.startsWith('/login')) await signIn(page, server.url, owner)
    await atWork(page, server.url, project.id)
    expect((await title(page)) === name, 'the same task is on the screen')
    expect((await objectCount(page)) === 2, 'both boxes are back')
    await page.getByText(/Saved on this device/).waitFor()
    await page.screenshot({ path: join(results, 'workbench-killed.png') })
    await browser.close()
  },

  async 'the next task is on the same screen, and takes nothing from the one before (W180)'({ server, caller }) {
    const names = ['Car', 'Truck', 'Bus', 'Tram', 'Bicycle', 'Rider', 'Sign', 'Light', 'Pole', 'Kerb', 'Tree', 'Dog', 'Cone', 'Gate']
    const classes = names.map((name) => ({ key: name.toLowerCase(), name, color: '#1971c2' }))
    const item = { key: 'weather', name: 'Weather', type: 'text', scope: 'item', required: false }
    const project = await caller.call('POST', '/api/projects', { name: 'One after another', template: 'image_boxes', ontology: { classes, attributes: [item] }, plan: { overlap: 1, lease_minutes: 5 } })
    await pictures(caller, project.id, 3)
    await publish(caller, project)
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, owner)
    await atWork(page, server.url, project.id)
    const zoom = page.locator('[aria-label=View] span').first()
    const whole = await zoom.textContent()
    // A mark on the screen itself: who finds it again has the same screen before them.
    await page.locator('main[data-workbench]').evaluate((main) => main.setAttribute('data-seen', ''))
    await drawBox(page, 300, 300)
    await soon(async () => (await objectCount(page)) === 1, 'the box is drawn')
    await page.getByLabel('Weather').fill('rain')
    await page.getByLabel('Note to the reviewer').fill('Only here')
    await page.getByLabel('Find a class').fill('tr')
    await page.getByRole('button', { name: 'Light and aids' }).click()
    await page.getByRole('group', { name: 'Light and aids' }).waitFor()
    await page.getByRole('application').focus()
    await page.keyboard.press('Control+Equal')
    await page.keyboard.press('Shift+KeyI')
    await page.getByRole('complementary', { name: 'Instructions' }).waitFor()
    await handIn(page)
    await page.getByText('No changes yet').waitFor()
    expect((await page.locator('main[data-seen]').count()) === 1, 'the screen stayed')
    expect((await objectCount(page)) === 0, 'nothing is drawn on the next picture')
    expect((await page.getByLabel('Weather').inputValue()) === '' && (await page.getByLabel('Note to the reviewer').inputValue()) === '', 'nothing is said of it')
    expect((await page.getByLabel('Find a class').inputValue()) === '', 'all classes are there')
    expect((await page.getByRole('group', { name: 'Light and aids' }).count()) === 0 && (await page.getByRole('complementary', { name: 'Instructions' }).count()) === 0, 'what was opened is closed')
    expect((await zoom.textContent()) === whole, `the whole picture is seen: ${await zoom.textContent()}, not ${whole}`)
    expect(await page.getByRole('button', { name: 'Undo' }).isDisabled(), 'there is nothing to undo')
    await page.keyboard.press('Control+z')
    await page.keyboard.press('Shift+KeyS')
    await page.getByLabel('What should those know').fill('half a reason')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect((await objectCount(page)) === 0, 'the box of the task before does not come back')
    await handIn(page)
    await page.keyboard.press('Shift+KeyS')
    expect((await page.getByLabel('What should those know').inputValue()) === '', 'no reason is left over')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await sent(page)
    const said = (await answersOf({ caller, project })).map(({ answer }) => answer)
    const [drawn, empty] = [...said].sort((a, b) => (b.objects ?? []).length - (a.objects ?? []).length)
    expect(said.length === 2 && drawn.objects.length === 1 && drawn.note === 'Only here' && drawn.attributes.weather === 'rain', `the first has what was said of it: ${JSON.stringify(said)}`)
    expect((empty.objects ?? []).length === 0 && (empty.note ?? '') === '' && empty.attributes?.weather === undefined, `the second has nothing of it: ${JSON.stringify(empty)}`)
    await browser.close()
  },

  async 'the network goes away, and work goes on'(world) {
    const { server, project } = world
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, owner)
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
    await signIn(page, server.url, owner)
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
    await signIn(page, server.url, owner)
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

  async 'a device that is full says so, and what the server has of it comes back'({ server, project }) {
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, owner)
    await atWork(page, server.url, project.id)
    const name = await title(page)
    const before = await objectCount(page)
    await drawBox(page, 300, 300)
    await page.getByText(/on the server \d/).waitFor()
    await page.evaluate(() => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('full', 'QuotaExceededError')
      }
    })
    await drawBox(page, 500, 300)
    await page.getByText('This device keeps nothing now: full. The server has your work so far.').waitFor()
    await page.reload()
    await atWork(page, server.url, project.id)
    expect((await title(page)) === name, 'the same task is on the screen')
    expect((await objectCount(page)) === before + 2, 'both boxes are back, though the device kept only the first')
    await browser.close()
  },

  async 'two tabs have different tasks'({ server, project }) {
    const browser = new Browser()
    const first = await browser.open()
    await signIn(first, server.url, owner)
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
    await signIn(page, server.url, owner)
    await atWork(page, server.url, project.id)
    const known = (await answersOf(world)).length
    await drawBox(page, 300, 300)
    await browser.context.clearCookies()
    await page.keyboard.press('Control+Enter')
    await page.getByText('Your session has ended').or(page.getByRole('button', { name: 'Sign in' })).first().waitFor()
    await signIn(page, server.url, owner)
    await atWork(page, server.url, project.id)
    await soon(async () => (await answersOf(world)).length === known + 1, 'the answer arrives after signing in')
    await browser.close()
  },

  async 'what is missing is shown at its object, and nothing is handed in'(world) {
    const { server, project } = world
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, owner)
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
    await signIn(page, server.url, owner)
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
    await signIn(page, server.url, owner)
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

const shapes = await caller.call('POST', '/api/projects', { name: 'Shapes', template: 'image_boxes_polygons', ontology: shapesOntology, plan: { overlap: 1, lease_minutes: 5 } })
await pictures(caller, shapes.id, 30)
await publish(caller, shapes)
const invited = await caller.call('POST', '/api/invitations', { email: contributor.email, role: 'contributor' })
await new Caller(server).call('POST', '/api/invitations/accept', { token: invited.link.split('token=')[1], name: 'Carla Contributor', password: contributor.secret })

const every = await caller.call('POST', '/api/projects', { name: 'Every shape', template: 'image_shapes', ontology: bonesOntology, plan: { overlap: 1, lease_minutes: 5 } })
await pictures(caller, every.id, 8)
await publish(caller, every)

const words = process.argv.slice(2)
setTimeout(() => {
  console.error('FAIL  workbench: not done after twenty-five minutes')
  process.exit(1)
}, 1_500_000).unref()
const world = { server, caller, project, shapes, every, person: contributor, size: { width: 640, height: 480 } }
let failed = 0
for (const [name, story] of Object.entries({ ...stories, ...drawing, ...shapeStories, ...spanStories, ...joiningStories, ...goldStories, ...videoStories, ...cloudStories, ...modelStories, ...commentStories, ...cameraStories })) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue
  const began = Date.now()
  try {
    await story(world)
    console.log(`ok    ${name} (${Date.now() - began} ms)`)
  } catch (error) {
    failed += 1
    console.error(`FAIL  ${name}: ${error.stack ?? error}`)
    const pages = [...Browser.opened].flatMap(({ context }) => context.pages())
    for (const [nth, page] of pages.entries()) await page.screenshot({ path: join(results, `failed-${name.replace(/\W+/g, '-')}-${nth}.png`) }).catch(() => {})
  }
  // What a story that failed has left open.
  for (const browser of Browser.opened) await browser.throwAway()
}
await server.kill()
rmSync(server.folder, { recursive: true, force: true })
process.exit(failed > 0 ? 1 : 0)
