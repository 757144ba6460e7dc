// What is said about answers: pinned by mouse and by keys, kept while the tab dies, answered, ticked, heard at once on the other
// side; a rejection that shows its changes; differences gone through by keys; and an accepted answer that says that it is sealed.
import { join } from 'node:path'
import { contributor } from './drawing.mjs'
import { Browser, Caller, atWork, drawBox, handIn, objectCount, pictures, publish, results, signIn, soon, title, wait } from './desk.mjs'
import { axe, expect, password } from './kit.mjs'

const rita = { email: 'rita@example.org', secret: password('rita') }
const olga = { email: 'olga@example.org', secret: password('olga') }
const ontology = {
  classes: [
    { key: 'car', name: 'Car', color: '#1971c2', hotkey: '1' },
    { key: 'van', name: 'Van', color: '#e8590c', hotkey: '2' },
  ],
  attributes: [{ key: 'parked', name: 'Parked', type: 'boolean', scope: 'object', classes: [] }],
}
const box = (id, x, more = {}) => ({ id, class: 'car', shape: { type: 'box', x, y: 120, width: 90, height: 70 }, ...more })

async function signedIn({ server }, who) {
  const caller = new Caller(server)
  await caller.call('POST', '/api/session', { email: who.email, password: who.secret })
  return caller
}

const submission = () => `sub_${crypto.randomUUID().replaceAll('-', '')}`

async function streets(world, name, count, plan = {}, template = 'image_boxes') {
  const project = await world.caller.call('POST', '/api/projects', { name, template, ontology, plan: { overlap: 1, review: 'all', lease_minutes: 5, ...plan } })
  await pictures(world.caller, project.id, count)
  await publish(world.caller, project)
  return project
}

/** Claims a task and answers it, without a browser. */
async function hand(caller, project, answer) {
  const { claims } = await caller.call('POST', `/api/projects/${project.id}/claims`, { stage: 'label', count: 1 })
  const [{ slot, fence, task }] = claims
  await caller.call('PUT', `/api/slots/${slot}/answer`, { submission: submission(), fence, answer, active_ms: 1000 })
  return task
}

const field = (page, label) => page.getByRole('textbox', { name: label })
const thread = (page, label) => page.getByRole('article', { name: label })
/** Both sizes, both themes: to be looked at. */
async function looks(page, name) {
  for (const [size, viewport] of [['wide', { width: 1440, height: 900 }], ['narrow', { width: 390, height: 844 }]]) {
    await page.setViewportSize(viewport)
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.waitForTimeout(250)
      await page.screenshot({ path: join(results, `comments-${name}-${size}-${scheme}.png`) })
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.emulateMedia({ colorScheme: 'light' })
}

/** What one story leaves to the next. */
const left = { project: null, task: null }

export const commentStories = {
  async 'comments: a reviewer points by mouse and by keys, the tab dies, and the words are kept'(world) {
    const { server } = world
    const project = await streets(world, 'Talk', 2)
    left.project = project
    left.task = await hand(await signedIn(world, contributor), project, { objects: [box('a', 100), box('b', 300)] })
    const browser = new Browser()
    let page = await browser.open()
    await signIn(page, server.url, rita)
    await atWork(page, server.url, project.id, 'review')
    await page.keyboard.press('Shift+KeyW')
    await page.getByText('Click a place, or drag over a region').first().waitFor()
    const canvas = await page.locator('[role=application]').boundingBox()
    const [x, y] = [canvas.x + canvas.width * 0.6, canvas.y + canvas.height * 0.6]
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 60, y + 50, { steps: 3 })
    await page.mouse.up()
    await field(page, /^New comment on a region/).waitFor()
    await page.keyboard.type('Somebody is standing here, half be')
    await wait(400)
    await browser.kill()
    page = await browser.open()
    await page.goto(`${server.url}/`)
    await page.waitForTimeout(600)
    if (new URL(page.url()).pathname.startsWith('/login')) await signIn(page, server.url, rita)
    await atWork(page, server.url, project.id, 'review')
    const words = field(page, /^New comment on a region/)
    await words.waitFor()
    expect((await words.inputValue()) === 'Somebody is standing here, half be', 'the words are kept')
    await words.focus()
    await page.keyboard.press('Control+End')
    await page.keyboard.type('hind the car.')
    await page.keyboard.press('Control+Enter')
    await thread(page, 'Comment 1 on a region, Open').waitFor()
    // By keys alone: the object that is selected is what is meant.
    await page.locator('[role=application]').focus()
    await page.keyboard.press('Period')
    await page.keyboard.press('KeyW')
    await field(page, /^New comment on Car/).waitFor()
    await page.keyboard.type('Tighter on the left.')
    await page.keyboard.press('Control+Enter')
    await thread(page, 'Comment 2 on Car, Open').waitFor()
    await axe(page, 'a review with comments')
    await looks(page, 'review')
    await page.locator('[role=application]').focus()
    await page.keyboard.press('Shift+Period')
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.startsWith('Comment 1'))
    await page.keyboard.press('Shift+Period')
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.startsWith('Comment 2'))

    // Sent back with the changes shown.
    await page.keyboard.press('KeyF')
    await page.getByRole('button', { name: 'Send back with these changes' }).waitFor()
    const count = await objectCount(page)
    await drawBox(page, x, y - 140, 70)
    await soon(async () => (await objectCount(page)) === count + 1, 'the box that was missing is there')
    await page.getByRole('button', { name: /new/ }).or(page.locator('b', { hasText: 'new' })).first().waitFor()
    await page.getByRole('button', { name: 'Send back with these changes' }).click()
    await page.getByLabel('Mirrors', { exact: true }).check()
    await page.getByLabel('What is wrong, and how is it right?').fill('See the comments.')
    const was = await title(page)
    await page.keyboard.press('Control+Enter')
    await page.waitForFunction((name) => document.querySelector('h1')?.textContent !== name, was)
    await browser.close()
  },

  async 'comments: rework shows what to change, ticks it, and warns of what is not answered'(world) {
    const { server } = world
    const { project } = left
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, contributor)
    await page.getByRole('heading', { name: 'New comments, 2' }).waitFor()
    // What the button to sign in said while it was busy is not of this page.
    await page.reload()
    await page.getByRole('heading', { name: 'New comments, 2' }).waitFor()
    await axe(page, 'a home with new comments')
    await looks(page, 'inbox')
    await atWork(page, server.url, project.id)
    await page.getByText('The reviewer sent this back').waitFor()
    await page.getByRole('heading', { name: /What to change, 0 of 1 made/ }).waitFor()
    await page.getByRole('button', { name: '2 comments wait for you' }).waitFor()
    expect((await page.getByText('Rita').count()) === 0, 'who judged is not the contributor’s to know')
    await axe(page, 'a rework with comments')
    await looks(page, 'rework')
    await page.keyboard.press('Shift+BracketRight')
    await page.locator('[aria-current="true"]').waitFor()
    const count = await objectCount(page)
    await page.getByRole('button', { name: /^Take it/ }).click()
    await page.getByRole('heading', { name: /What to change, 1 of 1 made/ }).waitFor()
    expect((await objectCount(page)) === count + 1, 'the change is taken')
    // Handing in warns, and keeps nobody from it.
    await page.locator('[role=application]').focus()
    await page.keyboard.press('Control+Enter')
    await page.getByRole('alertdialog', { name: '2 comments are not answered' }).waitFor()
    await axe(page, 'the warning')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.startsWith('Comment 1'))
    await page.keyboard.press('Alt+KeyW')
    await field(page, 'Reply to comment 1').waitFor()
    await page.keyboard.type('That is a statue.')
    await page.keyboard.press('Control+Enter')
    await thread(page, /^Comment 1/).getByText('That is a statue.').waitFor()
    await page.keyboard.press('Shift+Period')
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.startsWith('Comment 2'))
    await page.keyboard.press('Alt+Shift+KeyW')
    await thread(page, 'Comment 2 on Car, Done').waitFor()
    await page.locator('[role=application]').focus()
    await handIn(page)
    await browser.close()
  },

  async 'comments: what is said is heard at once, and an accepted answer is sealed'(world) {
    const { server } = world
    const { project, task } = left
    const reviewing = new Browser()
    const judge = await reviewing.open()
    await signIn(judge, server.url, rita)
    await judge.getByRole('heading', { name: 'New comments, 1' }).waitFor()
    await atWork(judge, server.url, project.id, 'review')
    await judge.getByRole('heading', { name: /Since it was sent back, 1/ }).waitFor()
    await thread(judge, 'Comment 2 on Car, Done').waitFor()
    await looks(judge, 'reworked')

    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, contributor)
    await page.goto(`${server.url}/work`)
    await page.getByRole('button', { name: /comments on/ }).first().click()
    const dialog = page.getByRole('dialog', { name: /^Comments on/ })
    await dialog.getByRole('button', { name: 'Reply to comment 2' }).click()
    await field(page, 'Reply to comment 2').fill('And on the right.')
    await page.keyboard.press('Control+Enter')
    // Nobody has touched the reviewer's page.
    await judge.getByText('And on the right.').waitFor()
    await judge.locator('[role=application]').focus()
    for (const number of [1, 2]) {
      await judge.keyboard.press('Shift+Period')
      await judge.waitForFunction((at) => document.activeElement?.getAttribute('aria-label')?.startsWith(`Comment ${at}`), number)
      await judge.keyboard.press('Alt+Shift+KeyW')
      await thread(judge, new RegExp(`^Comment ${number} .*, Resolved$`)).waitFor()
    }
    await dialog.getByText('Resolved').nth(1).waitFor()
    await looks(page, 'dialog')
    await axe(page, 'a conversation')
    await judge.locator('[role=application]').focus()
    await judge.keyboard.press('KeyA')
    await soon(async () => (await world.caller.call('GET', `/api/tasks/${task}`)).state === 'done', 'the answer is accepted')
    await page.goto(`${server.url}/work`)
    await page.getByText('An accepted answer is sealed').waitFor()
    await reviewing.close()

    const looking = new Browser()
    const manager = await looking.open()
    await signIn(manager, server.url, olga)
    await manager.goto(`${server.url}/projects/${project.id}/tasks/${task}`)
    await manager.getByText('sealed: only reopening the task changes it').waitFor()
    await manager.getByText('That is a statue.').waitFor()
    await axe(manager, 'a task with comments')
    await looks(manager, 'task')
    await looking.close()
    await browser.close()
  },

  async 'comments: an adjudicator goes through the differences of two answers'(world) {
    const { server } = world
    const project = await streets(world, 'Disagreement', 1, { overlap: 2, review: 'none', agreement_min: 0.9 })
    await hand(await signedIn(world, contributor), project, { objects: [box('a', 100), box('b', 300, { attributes: { parked: true } })] })
    await hand(await signedIn(world, olga), project, { objects: [box('z', 302, { attributes: { parked: false } }), box('y', 480)] })
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, rita)
    await atWork(page, server.url, project.id, 'adjudicate')
    await page.getByRole('heading', { name: 'From 1 to 2, 3' }).waitFor()
    await page.getByText('Parked: yes → no').waitFor()
    const current = page.locator('[aria-current="true"]')
    const seen = new Set()
    for (let n = 0; n < 3; n += 1) {
      await page.keyboard.press('Shift+BracketRight')
      await soon(async () => (await current.count()) === 1 && !seen.has(await current.evaluate((item) => [...item.closest('ul').children].indexOf(item.closest('li')))), 'the next difference is open')
      seen.add(await current.evaluate((item) => [...item.closest('ul').children].indexOf(item.closest('li'))))
    }
    expect(seen.size === 3, 'each difference was looked at')
    await axe(page, 'differences of two answers')
    await looks(page, 'adjudicate')
    await browser.close()
  },

  async 'comments: a passage of a text is spoken of, and all answers lie one over another'(world) {
    const { server, caller } = world
    const ontology = { classes: [{ key: 'person', name: 'Person', color: '#e8590c', hotkey: '1' }], attributes: [] }
    const project = await caller.call('POST', '/api/projects', { name: 'Letters', template: 'text_spans', ontology, plan: { overlap: 2, review: 'all', agreement_min: 0.1, lease_minutes: 5 } })
    await caller.call('POST', `/api/projects/${project.id}/items`, { items: [{ external_id: 'letter', text: 'Ada Lovelace wrote to Charles Babbage in London.' }] })
    await publish(caller, project)
    const person = (id, start, end) => ({ id, class: 'person', start, end, attributes: {} })
    await hand(await signedIn(world, contributor), project, { spans: [person('a', 0, 12), person('b', 22, 37)] })
    await hand(await signedIn(world, olga), project, { spans: [person('a', 0, 12)] })
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, rita)
    await atWork(page, server.url, project.id, 'review')
    const at = await page.evaluate(() => {
      const text = [...document.querySelectorAll('[data-text] [data-start]')].find(({ textContent }) => textContent.includes('London'))
      const range = document.createRange()
      const from = text.firstChild.data.indexOf('London')
      range.setStart(text.firstChild, from)
      range.setEnd(text.firstChild, from + 6)
      const { left, top, width, height } = range.getBoundingClientRect()
      return { x: left + width / 2, y: top + height / 2 }
    })
    await page.mouse.dblclick(at.x, at.y)
    await page.keyboard.press('KeyW')
    await field(page, 'New comment on “London”').waitFor()
    await page.keyboard.type('A place: not asked for, rightly left out.')
    await page.keyboard.press('Control+Enter')
    await thread(page, 'Comment 1 on “London”, Open').waitFor()
    await page.locator('[data-names^="Comment 1"]').waitFor()
    await axe(page, 'a text that is spoken of')
    await looks(page, 'text')
    await page.locator('[data-text]').focus()
    await page.keyboard.press('Shift+KeyC')
    await page.getByRole('heading', { name: 'All answers' }).waitFor()
    await page.locator('[data-names*="2 Person"]').first().waitFor()
    await axe(page, 'all answers under review')
    await page.keyboard.press('Shift+KeyC')
    await page.getByRole('heading', { name: 'All answers' }).waitFor({ state: 'detached' })
    await browser.close()
  },
}
