// The contributor's hands, by mouse and by keyboard: everything that a picture is worked on with, and what the server
// then has of it. Each story is a task of its own in the project `world.shapes`.
import { join } from 'node:path'
import { Browser, Caller, atWork, handIn, objectCount, results, signIn, soon, title } from './desk.mjs'
import { axe, expect, password } from './kit.mjs'

export const contributor = { email: 'carla@example.org', secret: password('carla') }

export const shapesOntology = {
  classes: [
    { key: 'vehicle', name: 'Vehicle', color: '#e8590c', hotkey: '1' },
    { key: 'car', name: 'Car', color: '#1971c2', hotkey: '2', parent: 'vehicle' },
    { key: 'person', name: 'Person', color: '#2f9e44', hotkey: '3' },
  ],
  attributes: [
    { key: 'kind', name: 'Kind', type: 'select', scope: 'object', classes: ['vehicle'], required: true, options: [{ key: 'saloon', name: 'Saloon' }, { key: 'estate', name: 'Estate' }] },
    { key: 'parts', name: 'Parts', type: 'multi', scope: 'object', classes: ['vehicle'], options: [{ key: 'wheel', name: 'Wheel' }, { key: 'door', name: 'Door' }, { key: 'roof', name: 'Roof' }] },
    { key: 'plate', name: 'Plate', type: 'text', scope: 'object', classes: ['vehicle'] },
    { key: 'seats', name: 'Seats', type: 'number', scope: 'object', classes: ['car'], min: 1, max: 9, default: 4 },
    { key: 'occluded', name: 'Occluded', type: 'boolean', scope: 'object', classes: [], default: false },
    { key: 'posture', name: 'Posture', type: 'select', scope: 'object', classes: ['person'], options: [{ key: 'standing', name: 'Standing' }, { key: 'sitting', name: 'Sitting' }] },
    { key: 'light', name: 'Light', type: 'select', scope: 'item', options: [{ key: 'sun', name: 'Sun' }, { key: 'rain', name: 'Rain' }] },
  ],
}

/** Opens the workbench as the contributor. */
async function begin({ server, shapes }) {
  const browser = new Browser()
  const page = await browser.open()
  await signIn(page, server.url, contributor)
  await atWork(page, server.url, shapes.id)
  return { browser, page }
}

/** The numbers of the one selected box, as the panel shows them. */
const numbers = async (page) => {
  const panel = page.getByLabel('Answer').getByRole('spinbutton')
  const [x, y, width, height] = await Promise.all([0, 1, 2, 3].map(async (n) => Number(await panel.nth(n).inputValue())))
  return { x, y, width, height }
}

async function drag(page, from, to, options = {}) {
  await page.mouse.move(...from)
  await page.mouse.down(options)
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 4 })
  await page.mouse.move(...to, { steps: 4 })
  await page.mouse.up(options)
}

/** How the picture lies on the screen, measured by a box that is taken back. */
async function lens(page) {
  const canvas = page.locator('[role=application] canvas').first()
  // While a notice takes or gives room, there is none for a moment.
  let stage = null
  await soon(async () => {
    stage = await canvas.boundingBox()
    return stage !== null
  }, 'the picture is on the screen')
  const a = [Math.round(stage.x + stage.width * 0.35), Math.round(stage.y + stage.height * 0.35)]
  const b = [Math.round(stage.x + stage.width * 0.6), Math.round(stage.y + stage.height * 0.6)]
  await page.keyboard.press('b')
  await drag(page, a, b)
  const { x, y, width } = await numbers(page)
  await page.keyboard.press('Control+z')
  const zoom = (b[0] - a[0]) / width
  return { zoom, at: ([px, py]) => [a[0] + (px - x) * zoom, a[1] + (py - y) * zoom], image: ([sx, sy]) => [x + (sx - a[0]) / zoom, y + (sy - a[1]) / zoom] }
}

/** A box by its corners in the picture. */
async function box(page, { at }, [left, top, right, bottom]) {
  await page.keyboard.press('b')
  await drag(page, at([left, top]), at([right, bottom]))
}

async function polygon(page, { at }, points) {
  await page.keyboard.press('p')
  for (const point of [...points, points[0]]) await page.mouse.click(...at(point))
}

const near = (a, b, within = 1.01) => Math.abs(a - b) <= within
const sameBox = ({ x, y, width, height }, [left, top, right, bottom]) => near(x, left) && near(y, top) && near(x + width, right) && near(y + height, bottom)
const samePoints = (points, wanted) => points.length === wanted.length && points.every(([x, y], n) => near(x, wanted[n][0]) && near(y, wanted[n][1]))
const row = (page, number) => page.getByRole('grid', { name: 'Objects' }).getByRole('row', { name: new RegExp(`^${number}\\. `) })

/** The task of this name, as the owner reads it. */
async function taskNamed({ caller, shapes }, name) {
  const { items } = await caller.call('GET', `/api/tasks?project=${shapes.id}&limit=200`)
  return caller.call('GET', `/api/tasks/${items.find((task) => task.name === name).id}`)
}

/** Hands in, and gives what the server has of it. */
async function handedIn(world, page) {
  const name = await title(page)
  await handIn(page)
  let answer = null
  await soon(async () => {
    const found = (await taskNamed(world, name)).answers.find(({ state }) => state === 'standing')
    answer = found?.answer ?? null
    return answer !== null
  }, `the answer to ${name} arrives`)
  return answer
}

/** What the server keeps of the work that is not handed in yet: told to the same person on another device. */
async function draftOf(world, name) {
  const { server, shapes } = world
  if (world.otherDevice === undefined) {
    world.otherDevice = new Caller(server)
    await world.otherDevice.call('POST', '/api/session', { email: contributor.email, password: contributor.secret })
  }
  const { claims } = await world.otherDevice.call('POST', `/api/projects/${shapes.id}/claims`, { stage: 'label', count: 10, holding: [] })
  return claims.find(({ item }) => item.name === name)?.draft?.answer ?? null
}

/** The renderer dies as it would for want of memory: nothing is asked, nothing is told. */
export async function crash(browser, page) {
  const gone = page.waitForEvent('crash')
  const session = await browser.context.newCDPSession(page)
  session.send('Page.crash').catch(() => {})
  await gone
  const fresh = await browser.context.newPage()
  fresh.setDefaultTimeout(15_000)
  await page.close().catch(() => {})
  return fresh
}

export const drawing = {
  async 'a polygon is drawn, moved, and its points changed, by mouse and by keys'(world) {
    const { browser, page } = await begin(world)
    const view = await lens(page)
    const count = async () => Number(/(\d+) points/.exec(await page.getByLabel('Answer').getByText(/\d+ points/).textContent())[1])
    await page.keyboard.press('3')
    await polygon(page, view, [[120, 100], [300, 110], [320, 260], [140, 280]])
    expect((await objectCount(page)) === 1, 'one polygon')
    await page.keyboard.press('v')
    await drag(page, view.at([220, 190]), view.at([260, 220]))
    await drag(page, view.at([160, 130]), view.at([150, 100]))
    // The middle of an edge becomes a point when it is dragged.
    await drag(page, view.at([350, 215]), view.at([420, 220]))
    expect((await count()) === 5, 'a point was added from the middle of an edge')
    await page.mouse.dblclick(...view.at([315, 295]))
    expect((await count()) === 6, 'a double click puts a point on an edge')
    await page.screenshot({ path: join(results, 'drawing-polygon.png') })
    await page.keyboard.down('Alt')
    await page.mouse.click(...view.at([315, 295]))
    await page.keyboard.up('Alt')
    expect((await count()) === 5, 'Alt and a click take a point away')

    await page.keyboard.press(']')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Shift+ArrowUp')
    await page.keyboard.press('Insert')
    expect((await count()) === 6, 'Insert adds a point after the one in hand')
    await page.keyboard.press('Delete')
    expect((await count()) === 5, 'Delete takes the point in hand, and not the polygon')
    const undo = page.getByRole('button', { name: 'Undo' })
    for (let n = 0; n < 6; n += 1) await undo.click()
    expect((await count()) === 5 && (await objectCount(page)) === 1, 'undo goes back point by point')
    for (let n = 0; n < 6; n += 1) await page.keyboard.press('Control+Shift+z')
    expect(await page.getByRole('button', { name: 'Redo' }).isDisabled(), 'all of it is done again')

    const { objects } = await handedIn(world, page)
    const wanted = [[149, 90], [340, 140], [420, 220], [360, 290], [180, 310]]
    expect(objects.length === 1 && objects[0].class === 'person', 'the class came from its key')
    expect(samePoints(objects[0].shape.points, wanted), `${JSON.stringify(objects[0].shape.points)} is not ${JSON.stringify(wanted)}`)
    await browser.close()
  },

  async 'classes by their keys, and an attribute of each kind'(world) {
    const { browser, page } = await begin(world)
    const view = await lens(page)
    await page.keyboard.press('2')
    await box(page, view, [60, 60, 240, 200])
    const panel = page.getByRole('region', { name: /selected object/ })
    const group = (name) => page.getByLabel('Answer').getByRole('group', { name })
    await panel.getByRole('heading', { name: 'Car' }).waitFor()
    expect((await panel.getByLabel(/^Seats/).inputValue()) === '4', 'a default is filled in')
    expect((await group(/^Posture/).count()) === 0, 'what is only for people is not asked of a car')
    await page.keyboard.press('Control+Enter')
    await page.getByText('“Kind” needs a value.').first().waitFor()
    await group(/^Kind/).getByRole('button', { name: 'Estate' }).click()
    await group(/^Parts/).getByRole('button', { name: 'Wheel' }).click()
    await group(/^Parts/).getByRole('button', { name: 'Roof' }).click()
    // Letters in a field are letters: b is no box, 3 no person.
    await panel.getByLabel(/^Plate/).fill('')
    await panel.getByLabel(/^Plate/).pressSequentially('LB 3 vp')
    await panel.getByLabel(/^Seats/).fill('7')
    await group(/^Occluded/).getByRole('button', { name: 'Yes' }).click()
    await group(/^Light/).getByRole('button', { name: 'Rain' }).click()
    await axe(page, 'attributes of each kind')
    await page.screenshot({ path: join(results, 'drawing-attributes.png') })

    // Another class for what is selected: what both have stays, what only the other has goes, and undo brings it back.
    await page.keyboard.press('v')
    await page.keyboard.press('3')
    await panel.getByRole('heading', { name: 'Person' }).waitFor()
    expect((await group(/^Kind/).count()) === 0 && (await group(/^Posture/).count()) === 1, 'a person is asked other things')
    expect((await group(/^Occluded/).getByRole('button', { name: 'Yes' }).getAttribute('aria-pressed')) === 'true', 'what both have stays')
    await page.keyboard.press('Control+z')
    await panel.getByRole('heading', { name: 'Car' }).waitFor()
    await page.keyboard.press('b')
    await page.keyboard.press('3')
    await box(page, view, [300, 80, 380, 300])
    await group(/^Posture/).getByRole('button', { name: 'Sitting' }).click()

    const { objects, attributes } = await handedIn(world, page)
    const [car, person] = objects
    const said = { kind: 'estate', parts: ['wheel', 'roof'], plate: 'LB 3 vp', seats: 7, occluded: true }
    expect(car.class === 'car' && sameBox(car.shape, [60, 60, 240, 200]), `the car: ${JSON.stringify(car)}`)
    for (const [key, value] of Object.entries(said)) expect(JSON.stringify(car.attributes[key]) === JSON.stringify(value), `${key}: ${JSON.stringify(car.attributes)}`)
    expect(person.class === 'person' && JSON.stringify(person.attributes) === JSON.stringify({ occluded: false, posture: 'sitting' }), `the person: ${JSON.stringify(person)}`)
    expect(attributes.light === 'rain', 'what is said of the whole picture')
    await browser.close()
  },

  async 'objects are hidden, locked and put in order'(world) {
    const { browser, page } = await begin(world)
    const view = await lens(page)
    await page.keyboard.press('3')
    await box(page, view, [40, 40, 140, 140]) // 1
    await box(page, view, [200, 100, 420, 320]) // 2
    await box(page, view, [240, 140, 380, 280]) // 3, on 2
    await page.keyboard.press('v')
    const isSelected = async (number) => (await row(page, number).getAttribute('aria-selected')) === 'true'

    await page.mouse.click(...view.at([310, 210]))
    expect(await isSelected(3), 'the smallest shape around a click is meant')
    await page.keyboard.press('Alt+h')
    expect((await row(page, 3).getAttribute('data-hidden')) !== null, 'it is hidden')
    await page.screenshot({ path: join(results, 'drawing-hidden.png') })
    await page.mouse.click(...view.at([310, 210]))
    expect(await isSelected(2), 'what is hidden is not picked')

    await page.keyboard.press('Alt+l')
    await drag(page, view.at([220, 210]), view.at([320, 260]))
    await page.keyboard.press('Delete')
    expect((await objectCount(page)) === 3, 'what is locked is not deleted')
    await row(page, 2).getByRole('button', { name: /lock/i }).click()
    await row(page, 3).getByRole('button', { name: /show|hid/i }).click()
    expect((await row(page, 3).getAttribute('data-hidden')) === null, 'it is shown again')

    // By keys: the first to the top. By mouse: the one in the middle above it.
    await row(page, 1).click()
    await page.keyboard.press('Control+Shift+]')
    const grip = await row(page, 2).locator('span').first().boundingBox()
    const top = await row(page, 3).boundingBox()
    await drag(page, [grip.x + grip.width / 2, grip.y + grip.height / 2], [grip.x + grip.width / 2, top.y + 6])
    await axe(page, 'the list of objects')

    const { objects } = await handedIn(world, page)
    const wanted = [[200, 100, 420, 320], [40, 40, 140, 140], [240, 140, 380, 280]]
    expect(objects.length === 3 && objects.every(({ shape }, n) => sameBox(shape, wanted[n])), `the order is ${JSON.stringify(objects.map(({ shape }) => shape))}`)
    const keys = new Set(objects.flatMap((object) => Object.keys(object)))
    expect([...keys].every((key) => ['id', 'class', 'shape', 'attributes'].includes(key)), `hidden and locked are nobody else's business: ${[...keys]}`)
    await browser.close()
  },

  async 'the picture is zoomed and moved, and stays where it is under the hand'(world) {
    const { browser, page } = await begin(world)
    const percent = async () => Number.parseInt(await page.getByRole('toolbar', { name: 'View' }).getByText(/\d+ %/).textContent(), 10)
    const view = await lens(page)
    const before = await percent()
    expect(near(view.zoom * 100, before, 1), `${before} % is told, ${view.zoom} measured`)
    const spot = view.at([250, 200]).map(Math.round)
    const place = view.image(spot)
    await page.mouse.move(...spot)
    for (let n = 0; n < 4; n += 1) await page.mouse.wheel(0, -120)
    await page.waitForTimeout(200)
    const zoomed = await percent()
    expect(zoomed > before * 1.2, `the wheel zooms: ${before} %, then ${zoomed} %`)
    await page.keyboard.press('3')
    await page.keyboard.press('b')
    await drag(page, spot, [spot[0] + 100, spot[1] + 80])
    const first = await numbers(page)
    expect(near(first.x, place[0]) && near(first.y, place[1]), `what was under the hand is still: ${JSON.stringify([first, place])}`)
    expect(near(first.width, (100 / zoomed) * 100), 'the same stretch of the screen is less of the picture')

    // Space and a drag, and the middle button, move the picture with the hand, whatever tool there is.
    await page.keyboard.down('Space')
    await drag(page, spot, [spot[0] + 60, spot[1] + 40])
    await page.keyboard.up('Space')
    await drag(page, spot, [spot[0] - 20, spot[1] + 30], { button: 'middle' })
    const moved = [spot[0] + 40, spot[1] + 70]
    await drag(page, moved, [moved[0] + 50, moved[1] + 50])
    expect((await objectCount(page)) === 2, 'moving the picture drew nothing')
    const second = await numbers(page)
    expect(near(second.x, place[0]) && near(second.y, place[1]), `the picture followed the hand: ${JSON.stringify([second, place])}`)
    await page.screenshot({ path: join(results, 'drawing-zoomed.png') })

    await page.keyboard.press('Shift+Digit0')
    expect((await percent()) === 100, 'full size')
    await page.keyboard.press('Equal')
    expect((await percent()) > 100, 'plus zooms in')
    await page.keyboard.press('Minus')
    await page.keyboard.press('Minus')
    expect((await percent()) < 100, 'minus zooms out')
    await page.keyboard.press('Shift+Digit1')
    expect((await percent()) === before, 'the whole picture again')
    const { objects } = await handedIn(world, page)
    expect(objects.length === 2 && objects.every(({ shape }) => near(shape.x, place[0]) && near(shape.y, place[1])), 'both begin at the same place of the picture')
    await browser.close()
  },

  async 'what was marked is copied to the next task'(world) {
    const { browser, page } = await begin(world)
    const view = await lens(page)
    await page.keyboard.press('3')
    await box(page, view, [50, 60, 150, 160])
    await polygon(page, view, [[300, 100], [400, 120], [350, 220]])
    const from = await handedIn(world, page)
    await page.waitForTimeout(600)
    await page.keyboard.press('Control+Shift+v')
    expect((await objectCount(page)) === 2, 'both are here')
    await page.keyboard.press('Control+z')
    expect((await page.getByRole('grid', { name: 'Objects' }).count()) === 0, 'one step takes the copy back')
    await page.getByRole('button', { name: 'Copy from the previous task' }).click()
    expect((await objectCount(page)) === 2, 'the button does the same')
    await page.screenshot({ path: join(results, 'drawing-copied.png') })
    const to = await handedIn(world, page)
    const shapes = (answer) => JSON.stringify(answer.objects.map(({ class: name, shape }) => [name, shape]))
    expect(shapes(from) === shapes(to), `the same shapes: ${shapes(from)} ${shapes(to)}`)
    expect(to.objects.every(({ id }) => from.objects.every((other) => other.id !== id)), 'under names of their own')
    await browser.close()
  },

  async 'the list of keys has every key that works'(world) {
    const { browser, page } = await begin(world)
    await page.keyboard.press('Shift+Slash')
    const keys = page.getByRole('dialog', { name: 'Keys' })
    await keys.waitFor()
    const text = (await keys.textContent()).replace(/\s+/g, ' ')
    for (const wanted of ['PolygonP', 'BoxB', 'Car2', 'Person3', 'Skip this task', 'UndoCtrl+Z', 'Hide or showAlt+H', 'Lock or unlockAlt+L', 'Insert a pointInsert', 'Zoom in', 'To the front']) {
      expect(text.includes(wanted), `${wanted} is not in the list: ${text}`)
    }
    await axe(page, 'the list of keys')
    await page.screenshot({ path: join(results, 'drawing-keys.png') })
    await page.keyboard.press('b')
    await page.keyboard.press('Escape')
    await keys.waitFor({ state: 'detached' })
    await page.getByRole('toolbar', { name: 'Tools' }).waitFor()
    await browser.close()
  },

  async 'a task is skipped with a reason, and another given back'(world) {
    const { browser, page } = await begin(world)
    const view = await lens(page)
    const skipped = await title(page)
    await page.keyboard.press('Shift+S')
    const dialog = page.getByRole('dialog', { name: 'Skip this task' })
    await dialog.getByRole('radio', { name: /cannot be seen/ }).check({ force: true })
    await dialog.getByLabel(/What should those know/).fill('Half of it is missing.')
    await axe(page, 'skipping')
    await page.screenshot({ path: join(results, 'drawing-skip.png') })
    await dialog.getByRole('button', { name: 'Skip', exact: true }).click()
    await page.waitForFunction((was) => document.querySelector('h1')?.textContent !== was, skipped)
    await soon(async () => (await taskNamed(world, skipped)).skips.length === 1, 'the skip arrives')
    const [skip] = (await taskNamed(world, skipped)).skips
    expect(skip.reason === 'broken' && skip.text === 'Half of it is missing.' && skip.name === 'Carla Contributor', JSON.stringify(skip))

    const returned = await title(page)
    await page.keyboard.press('3')
    await box(page, view, [50, 60, 150, 160])
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Give it back' }).click()
    await page.waitForFunction((was) => document.querySelector('h1')?.textContent !== was, returned)
    await soon(async () => (await taskNamed(world, returned)).history.some(({ kind }) => kind === 'slot.released'), 'it was given back')
    expect((await taskNamed(world, returned)).skips.length === 0, 'giving back is no skip')
    expect((await draftOf(world, returned)) === null, 'nothing of it is kept')
    const offered = await title(page)
    expect(offered !== skipped, 'what was skipped is not offered again')
    await browser.close()
  },

  async 'the tab is killed in the middle of a polygon'(world) {
    const { server, shapes } = world
    const { browser, page: first } = await begin(world)
    const view = await lens(first)
    const name = await title(first)
    await first.keyboard.press('3')
    await polygon(first, view, [[300, 100], [400, 120], [350, 220]])
    await first.keyboard.press('p')
    const begun = [[60, 60], [160, 70], [150, 180]]
    for (const point of begun) await first.mouse.click(...view.at(point))
    await first.waitForTimeout(300)
    const page = await crash(browser, first)
    await atWork(page, server.url, shapes.id)
    expect((await title(page)) === name, 'the same task is on the screen')
    expect((await objectCount(page)) === 1, 'the polygon that was closed is there')
    // The line goes on where it was: one more point, and it is closed.
    await page.screenshot({ path: join(results, 'drawing-crashed.png') })
    await page.mouse.click(...view.at([70, 190]))
    await page.keyboard.press('Control+Enter')
    await soon(async () => (await objectCount(page)) === 2, 'the one that was begun is closed')
    const { objects } = await handedIn(world, page)
    expect(objects[1].class === 'person' && samePoints(objects[1].shape.points, [...begun, [70, 190]]), JSON.stringify(objects[1]))
    await browser.close()
  },

  async 'without a network, and then the tab is killed'(world) {
    const { server, shapes } = world
    const { browser, page: first } = await begin(world)
    const name = await title(first)
    await browser.context.setOffline(true)
    // The notice takes room: the picture is where it stays only after it.
    await first.getByText('You are offline').waitFor()
    const view = await lens(first)
    await first.keyboard.press('3')
    await box(first, view, [50, 60, 150, 160])
    await box(first, view, [250, 160, 350, 260])
    await first.getByText(/Saved on this device/).waitFor()
    await first.waitForTimeout(300)
    expect((await draftOf(world, name)) === null, 'the server has nothing of it')
    const page = await crash(browser, first)
    await browser.context.setOffline(false)
    await atWork(page, server.url, shapes.id)
    expect((await title(page)) === name && (await objectCount(page)) === 2, 'both boxes are back')
    await soon(async () => (await draftOf(world, name))?.objects?.length === 2, 'the server has them as a draft')
    const { objects } = await handedIn(world, page)
    expect(sameBox(objects[0].shape, [50, 60, 150, 160]) && sameBox(objects[1].shape, [250, 160, 350, 260]), JSON.stringify(objects))
    await browser.close()
  },

  async 'the server is killed in the middle of work, and started again'(world) {
    const { server } = world
    const { browser, page } = await begin(world)
    const view = await lens(page)
    const name = await title(page)
    await page.keyboard.press('3')
    await box(page, view, [50, 60, 150, 160])
    await soon(async () => (await draftOf(world, name))?.objects?.length === 1, 'the server has a draft')
    await server.kill()
    await box(page, view, [250, 160, 350, 260])
    await page.getByText(/Saved on this device/).waitFor()
    await page.screenshot({ path: join(results, 'drawing-server-down.png') })
    await server.start()
    await soon(async () => (await draftOf(world, name))?.objects?.length === 2, 'the draft goes on by itself', 40_000)
    expect((await title(page)) === name && (await objectCount(page)) === 2, 'the page has noticed nothing')
    const { objects } = await handedIn(world, page)
    expect(objects.length === 2 && sameBox(objects[1].shape, [250, 160, 350, 260]), JSON.stringify(objects))
    await browser.close()
  },
}
