// Every shape by the hands of whoever labels: drawn by mouse or by keys, changed in numbers, and what the server then has of it.
import { join } from 'node:path'
import { Browser, atWork, handIn, objectCount, results, signIn, soon, title } from './desk.mjs'
import { crash } from './drawing.mjs'
import { axe, expect } from './kit.mjs'

export const bonesOntology = {
  classes: [
    { key: 'car', name: 'Car', color: '#1971c2', hotkey: '1' },
    { key: 'person', name: 'Person', color: '#e8590c', hotkey: '2', skeleton: { points: [{ key: 'head', name: 'Head' }, { key: 'hand', name: 'Hand' }, { key: 'foot', name: 'Foot' }], edges: [[0, 1], [0, 2]] } },
    { key: 'lane', name: 'Lane', color: '#2f9e44', hotkey: '3' },
  ],
  attributes: [],
}

const near = (a, b, within = 1.5) => Math.abs(a - b) <= within

/** How the picture lies on the screen: it is fitted to the stage, and its size is known. */
export async function lens(page, { width, height }) {
  const stage = await page.locator('[role=application]').boundingBox()
  const percent = Number.parseInt(await page.getByRole('toolbar', { name: 'View' }).getByText(/\d+ %/).textContent(), 10) / 100
  const zoom = Math.min((stage.width - 32) / width, (stage.height - 32) / height)
  expect(near(zoom * 100, percent * 100, 1), `${percent} is told, ${zoom} reckoned`)
  const [x, y] = [stage.x + (stage.width - width * zoom) / 2, stage.y + (stage.height - height * zoom) / 2]
  return ([px, py]) => [x + px * zoom, y + py * zoom]
}

async function drag(page, from, to) {
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 3 })
  await page.mouse.move(...to, { steps: 3 })
  await page.mouse.up()
}

const tool = (page, name) => page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name, exact: true }).click()
const field = (page, name) => page.getByLabel('Answer').getByLabel(name, { exact: true })

/** Hands in, and gives what the server has of it. */
async function handedIn({ caller, every }, page) {
  const name = await title(page)
  await handIn(page)
  let answer = null
  await soon(async () => {
    const { items } = await caller.call('GET', `/api/tasks?project=${every.id}&limit=200`)
    const task = await caller.call('GET', `/api/tasks/${items.find((each) => each.name === name).id}`)
    answer = task.answers.find(({ state }) => state === 'standing')?.answer ?? null
    return answer !== null
  }, `the answer to ${name} arrives`)
  return answer
}

async function begin({ server, every, person }) {
  const browser = new Browser()
  const page = await browser.open()
  await signIn(page, server.url, person)
  await atWork(page, server.url, every.id)
  return { browser, page }
}

export const shapeStories = {
  async 'every shape is drawn by mouse, and the server has it'(world) {
    const { browser, page } = await begin(world)
    const at = await lens(page, world.size)
    await page.keyboard.press('1')
    await tool(page, 'Turned box')
    await drag(page, at([60, 60]), at([160, 60]))
    await page.mouse.click(...at([100, 100]))
    await field(page, 'Degrees').fill('30')
    await field(page, 'Degrees').press('Enter')
    await tool(page, 'Ellipse')
    await drag(page, at([220, 40]), at([300, 90]))
    await tool(page, 'Box by four points')
    for (const point of [[350, 30], [390, 60], [360, 110], [330, 70]]) await page.mouse.click(...at(point))
    await page.keyboard.press('3')
    await tool(page, 'Line')
    for (const point of [[20, 300], [120, 260], [220, 300]]) await page.mouse.click(...at(point))
    await page.keyboard.press('Enter')
    await tool(page, 'Point')
    await page.mouse.click(...at([300, 280]))
    await page.keyboard.press('2')
    await tool(page, 'Skeleton')
    await page.getByText('Head, 1 of 3').first().waitFor()
    await page.mouse.click(...at([60, 160]))
    await page.keyboard.down('Shift')
    await page.mouse.click(...at([90, 190]))
    await page.keyboard.up('Shift')
    await page.keyboard.press('n')
    await page.keyboard.press('1')
    await tool(page, 'Brush')
    await drag(page, at([200, 180]), at([300, 180]))
    await tool(page, 'Polygon')
    for (const point of [[340, 150], [420, 150], [420, 230], [340, 230]]) await page.mouse.click(...at(point))
    await page.keyboard.press('Enter')
    await tool(page, 'Cut a hole')
    for (const point of [[360, 170], [400, 170], [400, 210]]) await page.mouse.click(...at(point))
    await page.keyboard.press('Enter')
    expect((await objectCount(page)) === 8, `eight objects: ${await objectCount(page)}`)
    await axe(page, 'every shape')
    await page.screenshot({ path: join(results, 'shapes.png') })
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.screenshot({ path: join(results, 'shapes-dark.png') })
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 390, height: 844 })
    await page.waitForTimeout(400)
    await page.screenshot({ path: join(results, 'shapes-phone.png') })
    await axe(page, 'every shape on a phone')
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.screenshot({ path: join(results, 'shapes-phone-dark.png') })
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 1440, height: 900 })

    const { objects } = await handedIn(world, page)
    const [turned, ellipse, extreme, line, point, keypoints, mask, polygon] = objects.map(({ shape }) => shape)
    const said = JSON.stringify(objects)
    expect(turned.type === 'turned' && near(turned.width, 100) && near(turned.height, 40) && turned.degrees === 30, said)
    expect(ellipse.type === 'ellipse' && near(ellipse.rx, 40) && near(ellipse.ry, 25), said)
    expect(extreme.type === 'box' && near(extreme.x, 330) && near(extreme.width, 60) && near(extreme.height, 80), said)
    expect(line.type === 'line' && line.points.length === 3 && objects[3].class === 'lane', said)
    expect(point.type === 'point' && near(point.x, 300), said)
    expect(keypoints.type === 'keypoints' && JSON.stringify(keypoints.points.map(([, , seen]) => seen)) === '[2,1,0]', said)
    expect(mask.type === 'mask' && mask.width === world.size.width && mask.height === world.size.height && mask.counts.length > 20, said)
    expect(polygon.type === 'polygon' && polygon.points.length === 4 && polygon.holes.length === 1 && polygon.holes[0].length === 3, said)
    await browser.close()
  },

  async 'polygons are cut, merged, and share their corners'(world) {
    const { browser, page } = await begin(world)
    const at = await lens(page, world.size)
    await page.keyboard.press('1')
    await tool(page, 'Polygon')
    for (const point of [[60, 60], [260, 60], [260, 200], [60, 200]]) await page.mouse.click(...at(point))
    await page.keyboard.press('Enter')
    await tool(page, 'Cut along a line')
    await page.mouse.click(...at([160, 30]))
    await page.mouse.click(...at([160, 240]))
    await page.keyboard.press('Enter')
    expect((await objectCount(page)) === 2, 'one is two')
    await tool(page, 'Snap to neighbours')
    await page.keyboard.press('v')
    await page.mouse.click(...at([100, 100]))
    await drag(page, at([160, 60]), at([170, 90]))
    await page.screenshot({ path: join(results, 'shapes-shared.png') })
    await page.keyboard.press('Control+a')
    await page.keyboard.press('m')
    expect((await objectCount(page)) === 1, 'two are one')
    const { objects } = await handedIn(world, page)
    const { points } = objects[0].shape
    expect(points.length === 6 && points.some(([x, y]) => near(x, 170) && near(y, 90)), JSON.stringify(points))
    await browser.close()
  },

  async 'a key is put elsewhere, holds after a reload, and a command is found by its name'(world) {
    const { server, every } = world
    const { browser, page } = await begin(world)
    await page.keyboard.press('Shift+Slash')
    const keys = page.getByRole('dialog', { name: 'Keys' })
    await keys.getByRole('button', { name: 'Change keys' }).click()
    await keys.getByRole('button', { name: 'Change the key of Ellipse' }).click()
    await page.keyboard.press('9')
    await keys.getByRole('button', { name: 'Change the key of Point', exact: true }).click()
    // The key of another: nothing is taken unasked.
    await page.keyboard.press('l')
    await keys.getByText('L is Line').waitFor()
    await axe(page, 'changing keys')
    await page.screenshot({ path: join(results, 'shapes-keys.png') })
    await keys.getByRole('button', { name: 'Leave it' }).click()
    await keys.getByRole('button', { name: 'Done' }).click()
    await page.keyboard.press('Escape')
    await keys.waitFor({ state: 'detached' })
    await page.keyboard.press('9')
    const pressed = (name) => page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name, exact: true }).getAttribute('aria-pressed')
    expect((await pressed('Ellipse')) === 'true', '9 takes the ellipse')
    await page.reload()
    await atWork(page, server.url, every.id)
    await page.keyboard.press('v')
    await page.keyboard.press('e')
    expect((await pressed('Ellipse')) === 'false', 'E is free')
    await page.keyboard.press('9')
    expect((await pressed('Ellipse')) === 'true', '9 holds after a reload')

    await page.keyboard.press('Control+k')
    const palette = page.getByRole('dialog', { name: 'Commands' })
    await palette.getByRole('combobox').fill('turn box')
    await axe(page, 'the palette of commands')
    await page.screenshot({ path: join(results, 'shapes-palette.png') })
    await palette.getByRole('combobox').fill('turned')
    await page.keyboard.press('Enter')
    await palette.waitFor({ state: 'detached' })
    expect((await pressed('Turned box')) === 'true', 'a command runs by its name')

    await page.keyboard.press('Alt+r')
    await page.keyboard.press('Alt+m')
    await page.keyboard.press('Alt+g')
    await page.keyboard.press('Alt+Equal')
    await page.mouse.move(700, 400)
    await page.waitForTimeout(500)
    await page.screenshot({ path: join(results, 'shapes-aids.png') })
    await page.keyboard.press('Alt+r')
    await page.keyboard.press('Alt+m')
    await page.keyboard.press('Alt+g')
    await browser.close()
  },

  async 'the tab is killed in the middle of a skeleton, and after a stroke of the brush'(world) {
    const { server, every } = world
    const { browser, page: first } = await begin(world)
    const at = await lens(first, world.size)
    await first.keyboard.press('1')
    await tool(first, 'Brush')
    await drag(first, at([200, 180]), at([300, 180]))
    await first.keyboard.press('2')
    await tool(first, 'Skeleton')
    await first.mouse.click(...at([60, 160]))
    await first.keyboard.press('n')
    await first.waitForTimeout(300)
    const page = await crash(browser, first)
    await atWork(page, server.url, every.id)
    expect((await objectCount(page)) === 1, 'the mask is there')
    await page.getByText('Foot, 3 of 3').first().waitFor()
    await page.mouse.click(...at([90, 200]))
    await page.keyboard.press('v')
    await page.waitForTimeout(300)
    await page.screenshot({ path: join(results, 'shapes-skeleton.png') })
    const { objects } = await handedIn(world, page)
    expect(objects[0].shape.type === 'mask' && objects[1].class === 'person', JSON.stringify(objects))
    expect(JSON.stringify(objects[1].shape.points.map(([, , seen]) => seen)) === '[2,0,2]', JSON.stringify(objects[1].shape))
    await browser.close()
  },

  async 'a line is drawn and finished by touch'(world) {
    const { browser, page } = await begin(world)
    const session = await browser.context.newCDPSession(page)
    await page.setViewportSize({ width: 390, height: 844 })
    await session.send('Emulation.setTouchEmulationEnabled', { enabled: true })
    await page.waitForTimeout(500)
    const tap = async ([x, y]) => {
      await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] })
      await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
      await page.waitForTimeout(120)
    }
    const on = async (locator) => {
      await locator.scrollIntoViewIfNeeded()
      const { x, y, width, height } = await locator.boundingBox()
      await tap([x + width / 2, y + height / 2])
    }
    await on(page.getByRole('button', { name: /^Lane/ }))
    await on(page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name: 'Line', exact: true }))
    const stage = await page.locator('[role=application]').boundingBox()
    for (const [x, y] of [[0.2, 0.4], [0.5, 0.5], [0.8, 0.4]]) await tap([stage.x + stage.width * x, stage.y + stage.height * y])
    await page.screenshot({ path: join(results, 'shapes-touch.png') })
    await axe(page, 'drawing by touch')
    await on(page.getByRole('button', { name: 'Finish', exact: true }))
    await page.getByRole('tab', { name: 'Objects' }).click()
    await soon(async () => (await objectCount(page)) === 1, 'the line is finished')
    await browser.close()
  },

  async 'shapes by keyboard alone'(world) {
    const { browser, page } = await begin(world)
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key)
    }
    await press('1', 'r', 'Enter', 'Shift+ArrowRight', 'Enter', 'Shift+ArrowDown', 'Enter')
    await press('3', 'l', 'Shift+ArrowUp', 'Enter', 'Shift+ArrowLeft', 'Enter', 'Control+Enter')
    await press('2', 'k', 'Shift+ArrowDown', 'Enter', 'ArrowRight', 'Shift+Enter', 'n')
    await press('1', 'u', 'Shift+ArrowLeft', 'Enter', 'Shift+ArrowDown', 'Enter')
    await press('f', 'Shift+ArrowRight', 'q')
    await press('t', 'Shift+ArrowUp', 'Enter')
    const { objects } = await handedIn(world, page)
    expect(JSON.stringify(objects.map(({ shape }) => shape.type)) === '["turned","line","keypoints","mask","point"]', JSON.stringify(objects))
    await browser.close()
  },
}
