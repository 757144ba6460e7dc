// Several pictures of one moment by the hands of whoever labels them: a real street as a rig of four cameras saw it, brought in from a folder by
// the command line, labelled by mouse and by keys, with a browser that dies in the middle; then reviewed, released and converted.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Browser, atWork, bin, drawBox, objectCount, publish, results, shots, signIn, soon, title, wait } from './desk.mjs'
import { axe, expect, password, sent } from './kit.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const ontology = {
  classes: [
    { key: 'car', name: 'Car', color: '#1971c2', hotkey: '1' },
    { key: 'truck', name: 'Truck', color: '#e8590c', hotkey: '2' },
  ],
  attributes: [],
}
const owner = { email: 'olga@example.org', secret: password('olga') }
const judge = { email: 'rita@example.org', secret: password('rita') }
/** As large as they come, and one that is smaller, so that places of one are not places of another. */
const rig = { front: 'solidWhiteRight-001.jpg', 'front left': 'solidYellowCurve.jpg', 'front right': 'solidWhiteRight-007.jpg', rear: 'solidWhiteCurve.jpg' }

/** A folder with the pictures of moments and the list of them. */
function folderOf(moments) {
  const folder = mkdtempSync(join(tmpdir(), 'fairmark-rig-'))
  const rows = []
  for (let n = 0; n < moments; n += 1) {
    mkdirSync(join(folder, `tour/${n}`), { recursive: true })
    const pictures = Object.entries(rig).map(([name, file]) => {
      const path = `tour/${n}/${name.replace(' ', '-')}.jpg`
      copyFileSync(join(root, 'demo', 'street', 'images', file), join(folder, path))
      return { name, path }
    })
    rows.push({ external_id: `tour/${n}`, pictures })
  }
  rows[0].answer = { objects: [{ id: 'seen', class: 'car', camera: 'rear', shape: { type: 'box', x: 560, y: 300, width: 90, height: 60 } }] }
  writeFileSync(join(folder, 'manifest.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return folder
}

async function project({ caller, server }, name, moments, plan = {}) {
  const made = await caller.call('POST', '/api/projects', { name, template: 'image_boxes', ontology, plan: { overlap: 1, lease_minutes: 5, ...plan } })
  const { secret } = await caller.call('POST', '/api/keys', { name, mode: 'live', role: 'manager' })
  const folder = folderOf(moments)
  try {
    execFileSync(bin, ['import', folder, '--project', name, '--suggestions', '--server', server.api], { env: { ...process.env, FAIRMARK_KEY: secret }, stdio: 'pipe' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  await publish(caller, made)
  return made
}

const pane = (page, name, more = {}) => page.getByRole('group', { name: 'Cameras' }).getByRole('button', { name: new RegExp(`^Camera ${name} ?,`), ...more })
const inFront = (page, name) => pane(page, name, { pressed: true }).waitFor()
const hasOne = (page, name) => page.getByRole('group', { name: 'Cameras' }).getByRole('button', { name: new RegExp(`^Camera ${name} ?, one object`) }).waitFor()
const count = async (page, wanted) => soon(async () => (await objectCount(page)) === wanted, `there are ${wanted} objects`)

const standing = async ({ caller }, { id }) => {
  const { items } = await caller.call('GET', `/api/tasks?project=${id}&limit=200`)
  const tasks = await Promise.all(items.map((task) => caller.call('GET', `/api/tasks/${task.id}`)))
  return tasks.flatMap((task) => task.answers.filter(({ state }) => state === 'standing').map(({ answer }) => answer))
}

export const cameraStories = {
  async 'a rig is labelled camera by camera, reviewed, released and converted'(world) {
    const made = await project(world, 'Rigs', 2, { review: 'all' })
    const browser = new Browser()
    let page = await browser.open()
    await signIn(page, world.server.url, world.person)
    await atWork(page, world.server.url, made.id)
    const name = await title(page)
    await inFront(page, 'front')
    await drawBox(page, 400, 300)
    await count(page, 1)
    // By a press: the tool stays in the hand.
    await pane(page, 'front left').click()
    await inFront(page, 'front left')
    await drawBox(page, 500, 320)
    await count(page, 2)
    await hasOne(page, 'front left')
    // What is looked at closely stays so while another is in front; and the wheel over a small one zooms that one.
    await page.mouse.move(600, 300)
    await page.mouse.wheel(0, -400)
    const zoom = page.locator('[class*=zoomValue]')
    await soon(async () => (await zoom.textContent()) !== '100%' , 'it is zoomed')
    await page.waitForTimeout(400)
    const close = await zoom.textContent()
    await page.keyboard.press('PageDown')
    await inFront(page, 'front right')
    expect((await zoom.textContent()) !== close, 'another picture is looked at in its own way')
    await page.keyboard.press('PageUp')
    await inFront(page, 'front left')
    expect((await zoom.textContent()) === close, 'and this one as before')
    // By keys alone: the crosshair draws in the picture in front.
    await page.keyboard.press('PageUp')
    await inFront(page, 'front')
    await page.keyboard.press('PageUp')
    await inFront(page, 'rear')
    await page.keyboard.press('b')
    for (const key of ['ArrowLeft', 'Enter', 'Shift+ArrowRight', 'Shift+ArrowDown', 'Enter']) await page.keyboard.press(key)
    await count(page, 3)
    // The same thing in two pictures: one is chosen in the list, the other with Shift, and both are grouped.
    await page.getByRole('row', { name: /in camera front left/ }).click()
    await inFront(page, 'front left')
    await page.getByRole('row', { name: /in camera rear/ }).click({ modifiers: ['Shift'] })
    await page.keyboard.press('v')
    await page.keyboard.press('Control+g')
    await page.getByRole('row', { name: /in camera rear.*in group 1/ }).waitFor()
    await shots(page, 'cameras')
    // Undone from another picture, what changed comes to the front.
    await page.keyboard.press('q')
    await pane(page, 'front right').click()
    await inFront(page, 'front right')
    await page.keyboard.press('Control+z')
    await page.getByRole('row', { name: /in group 1/ }).first().waitFor({ state: 'detached' })
    await page.keyboard.press('Control+Shift+z')
    await page.getByRole('row', { name: /in group 1/ }).first().waitFor()

    // The browser dies; all of it is back, in its pictures.
    await wait(300)
    await browser.kill()
    page = await browser.open()
    await page.goto(`${world.server.url}/`)
    await page.waitForTimeout(600)
    if (new URL(page.url()).pathname.startsWith('/login')) await signIn(page, world.server.url, world.person)
    await atWork(page, world.server.url, made.id)
    expect((await title(page)) === name, 'the same moment is on the screen')
    await count(page, 3)
    for (const camera of ['front', 'front left', 'rear']) await hasOne(page, camera)
    // What came with the data is taken by its key; going to it brings its picture.
    await page.keyboard.press('Backquote')
    await inFront(page, 'rear')
    await page.keyboard.press('Semicolon')
    await count(page, 4)
    await page.keyboard.press('Control+Enter')
    await page.waitForFunction((was) => document.querySelector('h1')?.textContent !== was, name)
    await sent(page)
    await browser.close()

    const [answer] = await standing(world, made)
    const cameras = answer.objects.map(({ camera }) => camera).sort()
    expect(cameras.join() === 'front,front left,rear,rear', `each object says its camera: ${cameras}`)
    expect(answer.objects.filter(({ group }) => group === 1).length === 2, 'two are the same thing')

    // The reviewer sees them in their pictures, and mends one.
    const reviewing = new Browser()
    const desk = await reviewing.open()
    await signIn(desk, world.server.url, judge)
    await atWork(desk, world.server.url, made.id, 'review')
    await desk.keyboard.press('PageDown')
    await inFront(desk, 'front left')
    await desk.screenshot({ path: join(results, 'cameras-review.png') })
    await axe(desk, 'a rig in review')
    await desk.keyboard.press('a')
    await desk.getByText('Nothing waits for a review').or(desk.locator('h1', { hasText: 'Review' })).first().waitFor()
    await sent(desk)
    await reviewing.close()

    await release(world, made)
  },

  async 'a rig on a phone: a tap brings a camera to the front'(world) {
    const made = await project(world, 'Rigs by touch', 1)
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, world.server.url, owner)
    await page.setViewportSize({ width: 390, height: 844 })
    await atWork(page, world.server.url, made.id)
    const touch = await page.context().newCDPSession(page)
    await touch.send('Emulation.setTouchEmulationEnabled', { enabled: true })
    const { x, y, width, height } = await pane(page, 'front left').boundingBox()
    const point = { x: x + width / 2, y: y + height / 2 }
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] })
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await inFront(page, 'front left')
    // The last one lies beyond the rim of the screen: by key it comes into view.
    await page.keyboard.press('PageUp')
    await page.keyboard.press('PageUp')
    await inFront(page, 'rear')
    await soon(async () => (await pane(page, 'rear').boundingBox()).x < 390 - 60, 'what is in front is in view')
    await browser.close()
  },
}

/** Released, each camera is a picture of its own for tools that know one at a time. */
async function release({ caller, server }, { id }) {
  const { id: wanted } = await caller.call('POST', `/api/projects/${id}/releases`, { formats: ['native', 'coco'] })
  let made = null
  await soon(async () => {
    made = await caller.call('GET', `/api/releases/${wanted}`)
    return made.state === 'done'
  }, 'the release is made')
  const file = async (name) => {
    const { url } = made.files.find((each) => each.name === name)
    const reply = await fetch(server.api + url, { headers: { cookie: caller.cookie } })
    return Buffer.from(await reply.arrayBuffer())
  }
  const coco = JSON.parse((await file('coco.json')).toString())
  expect(coco.images.length === 4 && coco.annotations.length === 4, 'four pictures with four objects')
  expect(coco.images.some(({ file_name }) => file_name === 'tour/0/front-left.jpg'), 'by the names of their files')
  const folder = mkdtempSync(join(tmpdir(), 'fairmark-release-'))
  try {
    writeFileSync(join(folder, 'native.jsonl'), await file('native.jsonl'))
    execFileSync(bin, ['convert', join(folder, 'native.jsonl'), join(folder, 'yolo'), '--to', 'yolo'], { stdio: 'pipe' })
    const labels = execFileSync('find', [join(folder, 'yolo'), '-name', '*.txt'], { encoding: 'utf8' })
    expect(/front-left\.txt/.test(labels) && /rear\.txt/.test(labels), `each camera has labels of its own: ${labels}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
