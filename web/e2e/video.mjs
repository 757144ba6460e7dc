// Videos by the hands of whoever follows things in them: a real road, from the first box to the files that other tools read; frames
// that are what their number says; and a tab that dies in the middle.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Browser, Caller, atWork, publish, results, signIn, soon, wait } from './desk.mjs'
import { axe, expect, password, sent } from './kit.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..')
const clip = process.env.FAIRMARK_CLIP ?? join(root, 'demo', 'highway', 'videos', 'test_video.mp4')
const bin = process.env.FAIRMARK_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug', 'fairmark')

const ontology = {
  classes: [
    { key: 'car', name: 'Car', color: '#1971c2', hotkey: '1' },
    { key: 'truck', name: 'Truck', color: '#e8590c', hotkey: '2' },
  ],
  attributes: [
    { key: 'colour', name: 'Colour', type: 'select', scope: 'object', options: [{ key: 'white', name: 'White' }, { key: 'black', name: 'Black' }] },
    { key: 'brakes', name: 'Brakes', type: 'boolean', scope: 'object', per_frame: true, default: false },
  ],
}
const owner = { email: 'olga@example.org', secret: password('olga') }
const judge = { email: 'rita@example.org', secret: password('rita') }

async function project({ caller }, name, plan = {}, template = 'video_boxes') {
  const made = await caller.call('POST', '/api/projects', { name, template, ontology, plan: { overlap: 1, lease_minutes: 5, ...plan } })
  await publish(caller, made)
  return made
}

async function send({ caller }, into, name, bytes) {
  const upload = await caller.call('POST', `/api/projects/${into.id}/uploads`, { external_id: name, bytes: bytes.length })
  await caller.call('PATCH', `/api/uploads/${upload.id}`, bytes, { 'upload-offset': '0' })
  await caller.call('POST', `/api/uploads/${upload.id}/finish`, {})
}

const answers = async ({ caller }, { id }) => {
  const { items } = await caller.call('GET', `/api/tasks?project=${id}&limit=200`)
  const tasks = await Promise.all(items.map((task) => caller.call('GET', `/api/tasks/${task.id}`)))
  return tasks.flatMap((task) => task.answers.filter(({ state }) => state === 'standing').map(({ answer }) => answer))
}

/** The frame that the slider says, and the one that is on the canvas. */
const frameOf = async (page) => Number(await page.getByRole('slider', { name: 'Frame' }).getAttribute('aria-valuenow'))
const shown = (page, frame) => page.waitForFunction((wanted) => document.querySelector('[data-frame]')?.getAttribute('data-frame') === String(wanted), frame)
const tracks = (page) => page.getByRole('list', { name: 'Tracks' }).getByRole('listitem').count()
const seen = async (page) => Number(/\d+/.exec(await page.locator('h2', { hasText: 'In this frame' }).textContent())?.[0] ?? -1)

/** A key, and the frame to which it leads. */
async function step(page, key, frame) {
  await page.keyboard.press(key)
  await shown(page, frame)
}

/** From pixels of the video to those of the screen: the whole frame is in view. */
async function lens(page, { width, height }) {
  const box = await page.locator('[role=application]').boundingBox()
  await page.keyboard.press('Shift+1')
  await page.waitForTimeout(250)
  const percent = Number(/\d+/.exec(await page.getByRole('toolbar', { name: 'View' }).textContent())[0])
  const zoom = percent / 100
  const [left, top] = [box.x + (box.width - width * zoom) / 2, box.y + (box.height - height * zoom) / 2]
  return { zoom, at: (x, y) => [left + x * zoom, top + y * zoom] }
}

async function drag(page, from, to) {
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 4 })
  await page.mouse.move(...to, { steps: 4 })
  await page.mouse.up()
}

async function shots(page, name) {
  for (const [width, height, size] of [[1440, 900, ''], [390, 844, '-phone']]) {
    await page.setViewportSize({ width, height })
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.waitForTimeout(400)
      await page.screenshot({ path: join(results, `${name}${size}${scheme === 'dark' ? '-dark' : ''}.png`) })
      await axe(page, `${name}${size} ${scheme}`)
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.waitForTimeout(400)
}

/** What `fairmark convert` makes of the labels of one archive: items by frame, with their boxes. */
function readBack(archive, format) {
  const folder = mkdtempSync(join(tmpdir(), 'fairmark-video-'))
  writeFileSync(join(folder, 'labels.tar'), archive)
  mkdirSync(join(folder, 'labels'))
  execFileSync('tar', ['-xf', join(folder, 'labels.tar')], { cwd: join(folder, 'labels') })
  const out = join(folder, 'coco.json')
  execFileSync(bin, ['convert', join(folder, 'labels'), out, '--from', format, '--to', 'coco'], { stdio: 'pipe' })
  const coco = JSON.parse(readFileSync(out, 'utf8'))
  rmSync(folder, { recursive: true, force: true })
  return coco
}

/** Eight bars that say the number of the frame in bits, black for 0 and white for 1. */
function numbered(codec, more = []) {
  const folder = mkdtempSync(join(tmpdir(), 'fairmark-bars-'))
  const out = join(folder, codec === 'libvpx-vp9' ? 'bars.webm' : 'bars.mp4')
  const bars = "geq=lum='16+219*mod(floor(N/pow(2,floor(X/(W/8)))),2)':cb=128:cr=128"
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'color=black:size=320x180:rate=30:duration=4', '-vf', bars, '-c:v', codec, ...more, out])
  const bytes = readFileSync(out)
  rmSync(folder, { recursive: true, force: true })
  return bytes
}

/** The number that is to be read on the screen. */
async function read(page) {
  const { zoom, at } = await lens(page, { width: 320, height: 180 })
  const [x, y] = at(0, 60)
  const [width, height] = [320 * zoom, 60 * zoom]
  const png = (await page.screenshot({ clip: { x, y, width, height } })).toString('base64')
  return page.evaluate(async (data) => {
    const bitmap = new Image()
    bitmap.src = `data:image/png;base64,${data}`
    await bitmap.decode()
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    const context = canvas.getContext('2d')
    context.drawImage(bitmap, 0, 0)
    let number = 0
    for (let bit = 0; bit < 8; bit += 1) {
      const [red] = context.getImageData(Math.round(((bit + 0.5) * bitmap.width) / 8), Math.round(bitmap.height / 2), 1, 1).data
      if (red > 128) number += 2 ** bit
    }
    return number
  }, png)
}

export const videoStories = {
  async 'a real drive is followed, reviewed, released and read back'(world) {
    const { server, caller } = world
    const drive = await project(world, 'Highway', { review: 'all' })
    const bytes = readFileSync(clip)
    // The clip comes in through the page, as a person brings it.
    let browser = new Browser()
    let page = await browser.open()
    await signIn(page, server.url, owner)
    await page.goto(`${server.url}/projects/${drive.id}/data`)
    await page.locator('input[type=file]').first().setInputFiles({ name: 'test_video.mp4', mimeType: 'video/mp4', buffer: bytes })
    await soon(async () => (await caller.call('GET', `/api/projects/${drive.id}/items`)).items.length === 1, 'the video comes in')
    const { items: [item] } = await caller.call('GET', `/api/projects/${drive.id}/items`)
    const { width, height, video } = item
    const last = video.frames - 1
    await page.screenshot({ path: join(results, 'video-data.png') })

    await atWork(page, server.url, drive.id)
    await shown(page, 0)
    const { at } = await lens(page, { width, height })
    // The white car on the right: it is where it is, whatever a test would like.
    await page.keyboard.press('b')
    await drag(page, at(810, 405), at(945, 500))
    expect((await tracks(page)) === 1 && (await seen(page)) === 1, 'a box begins a track')
    await page.keyboard.press('v')
    // By the picture: the tracker proposes, and nothing is part of the answer until it is taken.
    await page.keyboard.press('t')
    await page.getByText(/Followed for \d+ frames/).first().waitFor({ timeout: 120_000 })
    await page.screenshot({ path: join(results, 'video-proposed.png') })
    await axe(page, 'a proposal')
    const before = await page.getByRole('list', { name: 'Tracks' }).textContent()
    await page.keyboard.press('Shift+T')
    await page.getByRole('button', { name: /Take it/ }).waitFor({ state: 'detached' })
    expect((await page.getByRole('list', { name: 'Tracks' }).textContent()) === before, 'what is dropped leaves nothing')
    await page.keyboard.press('t')
    await page.getByRole('button', { name: /Take it/ }).waitFor({ timeout: 120_000 })
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /Take it/ }).waitFor({ state: 'detached' })
    const reached = await frameOf(page)
    expect(reached > 0, 'the work goes on where the tracker ended')
    await shown(page, reached)
    await step(page, 'End', last)
    await page.screenshot({ path: join(results, 'video-end.png') })

    // The black car, by keys alone: a box by the crosshair, then moved at the last frame.
    await step(page, 'Home', 0)
    await page.keyboard.press('q')
    await page.keyboard.press('2')
    await page.keyboard.press('b')
    await page.keyboard.press('Enter')
    for (let n = 0; n < 3; n += 1) await page.keyboard.press('Shift+ArrowLeft')
    await page.keyboard.press('Shift+ArrowUp')
    await page.keyboard.press('Enter')
    for (let n = 0; n < 2; n += 1) await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Enter')
    await soon(async () => (await tracks(page)) === 2, 'a box is drawn without a pointer')
    await page.keyboard.press('v')
    await step(page, 'End', last)
    for (let n = 0; n < 6; n += 1) await page.keyboard.press('Shift+ArrowRight')
    await step(page, 'i', 0)
    for (let n = 0; n < 10; n += 1) await page.keyboard.press('l')
    await shown(page, 10)
    // Covered from frame 10 on, seen again five frames later, and its brakes are lit there.
    await page.keyboard.press('c')
    await page.getByRole('button', { name: /Covered from here on/, pressed: true }).waitFor()
    await step(page, 'Shift+L', 20)
    await page.keyboard.press('c')
    await page.getByRole('button', { name: /Covered from here on/, pressed: false }).waitFor()
    await page.getByRole('group', { name: 'Brakes' }).getByText('Yes', { exact: true }).click()
    // Split, taken back, and another way: gone at frame 30, and its keyframes by key.
    await step(page, 'Shift+L', 30)
    await page.keyboard.press('s')
    await soon(async () => (await tracks(page)) === 3, 'a track is split')
    await page.keyboard.press('Control+z')
    await soon(async () => (await tracks(page)) === 2, 'and whole again')
    await page.getByRole('list', { name: 'Tracks' }).getByRole('button', { name: /Truck/ }).click()
    await page.keyboard.press('u')
    await page.getByRole('button', { name: /Gone from here on/, pressed: true }).waitFor()
    await soon(async () => (await seen(page)) <= 1, 'it is gone')
    await step(page, 'j', 29)
    await page.getByRole('list', { name: 'Tracks' }).getByRole('button', { name: /Car/ }).click()
    await page.getByLabel('Track id').fill('car-1')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /car-1/ }).waitFor()
    await shots(page, 'video')

    // The tab dies in the middle of work.
    await wait(300)
    await browser.kill()
    page = await browser.open()
    await page.goto(`${server.url}/`)
    await page.waitForTimeout(600)
    if (new URL(page.url()).pathname.startsWith('/login')) await signIn(page, server.url, owner)
    await atWork(page, server.url, drive.id)
    await page.getByRole('button', { name: /car-1/ }).waitFor()
    expect((await tracks(page)) === 2, 'both tracks are back')
    await page.keyboard.press('Control+z')
    await page.getByRole('button', { name: /car-1/ }).waitFor({ state: 'detached' })
    await page.keyboard.press('Control+Shift+z')
    await page.getByRole('button', { name: /car-1/ }).waitFor()
    await page.keyboard.press('Control+Enter')
    await soon(async () => (await answers(world, drive)).length === 1, 'the answer is handed in')
    const [answer] = await answers(world, drive)
    const [car, truck] = answer.tracks
    expect(car.id === 'car-1' && car.keyframes.length >= 2, `the car is followed: ${JSON.stringify(car)}`)
    const marks = truck.keyframes.map(({ frame, outside, occluded, attributes }) => [frame, outside === true, occluded === true, attributes?.brakes])
    expect(JSON.stringify(marks) === JSON.stringify([[0, false, false, false], [10, false, true, undefined], [20, false, false, true], [30, true, false, undefined], [last, false, false, undefined]]), `the truck: ${JSON.stringify(marks)}`)
    await browser.close()

    // Somebody else reviews: goes through the frames, puts a box right, and sees what differs.
    browser = new Browser()
    page = await browser.open()
    await signIn(page, server.url, judge)
    await atWork(page, server.url, drive.id, 'review')
    await shown(page, 0)
    await page.locator('[role=application]').focus()
    await step(page, 'l', 1)
    await step(page, 'o', truck.keyframes.map(({ frame }) => frame).concat(car.keyframes.map(({ frame }) => frame)).filter((frame) => frame > 1).sort((a, b) => a - b)[0])
    await page.screenshot({ path: join(results, 'video-review.png') })
    await axe(page, 'a review of a video')
    await step(page, 'Home', 0)
    await page.keyboard.press('f')
    await page.getByRole('list', { name: 'Tracks' }).getByRole('button', { name: /car-1/ }).click()
    await page.locator('[role=application]').focus()
    await page.keyboard.press('Shift+ArrowDown')
    await page.getByText('moved', { exact: true }).first().waitFor()
    await page.screenshot({ path: join(results, 'video-fix.png') })
    await page.keyboard.press('Control+Enter')
    await soon(async () => (await caller.call('GET', `/api/projects/${drive.id}`)).counts.done === 1, 'the review decides')
    await browser.close()

    // Released, and read back by the readers of other tools' files.
    const release = await caller.call('POST', `/api/projects/${drive.id}/releases`, { formats: ['native', 'coco', 'cvat_video', 'mot'] })
    await soon(async () => (await caller.call('GET', `/api/releases/${release.id}`)).state === 'done', 'the release is made')
    const file = async (name) => {
      const reply = await fetch(`${server.api}/api/releases/${release.id}/files/${name}`, { headers: { cookie: caller.cookie } })
      expect(reply.ok, `${name}: ${reply.status}`)
      return Buffer.from(await reply.arrayBuffer())
    }
    const coco = JSON.parse(String(await file('coco.json')))
    const inFrames = (from, { categories, annotations, images }) => {
      const called = new Map(categories.map(({ id, name }) => [id, name]))
      const frame = new Map(images.map(({ id, file_name }) => [id, Number(/(\d+)\D*$/.exec(file_name)[1]) - from]))
      return annotations.map(({ image_id, category_id, bbox }) => `${frame.get(image_id)} ${called.get(category_id)} ${bbox.map((n) => Math.round(n)).join(' ')}`).sort()
    }
    const want = inFrames(0, coco)
    expect(want.length > last, `each frame has a box: ${want.length}`)
    for (const [name, format, first] of [['cvat-video.tar', 'cvat', 0], ['mot.tar', 'mot', 1]]) {
      const got = inFrames(first, readBack(await file(name), format))
      const differs = got.filter((line) => !want.includes(line)).slice(0, 3)
      expect(got.length === want.length, `${format} has ${got.length} boxes, and there are ${want.length}`)
      // Each of them rounds for itself.
      expect(differs.length <= 3, `${format} differs: ${differs.join('; ')}`)
    }
  },

  async 'each frame is the one that its number says, by decoder and by player'(world) {
    const { server } = world
    for (const [codec, more] of [['libx264', ['-g', '25', '-bf', '3', '-pix_fmt', 'yuv420p']], ['libvpx-vp9', ['-g', '30', '-b:v', '300k', '-deadline', 'realtime']]]) {
      for (const way of ['decoder', 'player']) {
        const bars = await project(world, `Bars ${codec} ${way}`)
        await send(world, bars, 'bars', numbered(codec, more))
        const browser = new Browser()
        const page = await browser.open()
        if (way === 'player') await page.addInitScript(() => delete window.VideoDecoder)
        await signIn(page, server.url, owner)
        await atWork(page, server.url, bars.id)
        await shown(page, 0)
        await page.keyboard.press('v')
        const go = async (frame) => {
          await page.getByLabel('Frame', { exact: true }).first().fill(String(frame))
          await page.keyboard.press('Enter')
          await shown(page, frame)
          await page.waitForTimeout(60)
          const got = await read(page)
          expect(got === frame, `${codec}, ${way}: frame ${frame} shows ${got}`)
        }
        // Forwards, over a key, far, back one by one, and to the end.
        for (const frame of [0, 1, 2, 24, 25, 26, 99, 98, 97, 96, 51, 50, 49, 119, 118, 3]) await go(frame)
        await browser.close()
      }
    }
  },

  async 'tracks of another tool are suggested, an outline gains a corner, and a frame is spoken of'(world) {
    const { server, caller } = world
    const drive = await project(world, 'Outlines', { review: 'all' }, 'video_shapes')
    await send(world, drive, 'bars.mp4', numbered('libx264', ['-pix_fmt', 'yuv420p']))
    const polygon = (frame, x) => `<polygon frame="${frame}" keyframe="1" outside="0" occluded="0" points="${x},40;${x + 60},40;${x + 60},90;${x},90"></polygon>`
    const box = (frame, x) => `<box frame="${frame}" keyframe="1" outside="0" occluded="0" xtl="${x}" ytl="100" xbr="${x + 50}" ybr="140"></box>`
    const xml = `<annotations><version>1.1</version><meta><task><source>bars.mp4</source></task></meta>
      <track id="0" label="Car">${polygon(0, 20)}${polygon(100, 220)}</track><track id="1" label="Tram">${box(60, 10)}${box(119, 200)}</track></annotations>`
    let browser = new Browser()
    let page = await browser.open()
    await signIn(page, server.url, owner)
    // As a person brings it: looked at, then taken, as suggestions.
    await page.goto(`${server.url}/projects/${drive.id}/data`)
    await page.getByRole('button', { name: 'Import a file…' }).click()
    await page.getByLabel('File to import').setInputFiles({ name: 'annotations.xml', mimeType: 'text/xml', buffer: Buffer.from(xml) })
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio', { name: /Suggestions/ }).check({ force: true })
    await dialog.getByRole('button', { name: 'Look inside' }).click()
    await dialog.getByText('1 video, 4 keyframes').waitFor()
    await page.screenshot({ path: join(results, 'video-import.png') })
    await dialog.getByRole('button', { name: 'Import', exact: true }).click()
    await soon(async () => (await caller.call('GET', `/api/projects/${drive.id}`)).ontology_version === 2, 'the class that was lacking is there')

    await atWork(page, server.url, drive.id)
    await shown(page, 0)
    const waits = page.getByRole('list', { name: 'Suggestions' }).getByRole('listitem')
    await waits.nth(1).waitFor()
    // One that is not seen here is gone to.
    await waits.filter({ hasText: 'Tram' }).getByRole('button', { name: 'Tram', exact: true }).click()
    await shown(page, 60)
    await page.screenshot({ path: join(results, 'video-suggested.png') })
    await page.getByRole('button', { name: 'Turn down: Tram' }).click()
    await page.getByRole('button', { name: 'Take: Car' }).click()
    await soon(async () => (await tracks(page)) === 1, 'what is taken is a track')
    await page.locator('[role=application]').focus()
    await page.keyboard.press('v')
    await page.getByRole('list', { name: 'Tracks' }).getByRole('button', { name: /Car/ }).click()
    await page.locator('[role=application]').focus()
    // Another corner, by keys: it is so from a keyframe here on.
    await page.keyboard.press(']')
    await page.keyboard.press('Alt+Enter')
    await page.keyboard.press('Shift+ArrowUp')
    await page.getByRole('button', { name: /remove a keyframe/, pressed: true }).first().waitFor()
    await step(page, 'Shift+J', 50)
    await page.screenshot({ path: join(results, 'video-outline.png') })
    // Some more kinds, each begun by its key.
    const { at } = await lens(page, { width: 320, height: 180 })
    await page.keyboard.press('r')
    // Along one side, and then as wide as it is.
    await drag(page, at(200, 120), at(260, 150))
    await page.mouse.click(...at(250, 165))
    await soon(async () => (await tracks(page)) === 2, 'a turned box')
    await page.keyboard.press('f')
    await page.mouse.click(...at(40, 150))
    await soon(async () => (await tracks(page)) === 3, 'a point')
    await page.keyboard.press('v')
    await step(page, 'Shift+L', 60)
    await axe(page, 'tracks of several shapes')
    await shots(page, 'video-shapes')
    await page.keyboard.press('Control+Enter')
    await soon(async () => (await answers(world, drive)).length === 1, 'the answer is handed in')
    const [answer] = await answers(world, drive)
    const said = answer.tracks.map(({ keyframes }) => keyframes.map(({ frame, shape }) => `${frame} ${shape.type} ${shape.points?.length ?? ''}`.trim()))
    expect(JSON.stringify(said) === JSON.stringify([['0 polygon 4', '60 polygon 5', '100 polygon 4'], ['50 turned'], ['50 point']]), JSON.stringify(said))
    await browser.close()

    // Somebody else speaks of a place in a frame; who opens it is taken there.
    browser = new Browser()
    page = await browser.open()
    await signIn(page, server.url, judge)
    await atWork(page, server.url, drive.id, 'review')
    await shown(page, 0)
    await page.locator('[role=application]').focus()
    await step(page, 'Shift+L', 10)
    await step(page, 'Shift+L', 20)
    await page.keyboard.press('Shift+W')
    await page.getByText('Click a place, or drag over a region').first().waitFor()
    const place = (await lens(page, { width: 320, height: 180 })).at(250, 60)
    await page.mouse.click(...place)
    await page.getByRole('textbox', { name: /^New comment on a place in frame 20/ }).waitFor()
    await page.keyboard.type('Somebody is missing here.')
    await page.keyboard.press('Control+Enter')
    const spoken = page.getByRole('article', { name: /^Comment 1 on a place in frame 20/ })
    await spoken.waitFor()
    await page.locator('[role=application]').focus()
    await step(page, 'End', 119)
    await spoken.getByRole('button', { name: /Show comment/ }).click()
    await shown(page, 20)
    // By the mark on the timeline, too.
    await page.locator('[role=application]').focus()
    await step(page, 'End', 119)
    const lane = await page.getByRole('slider', { name: 'Frame' }).boundingBox()
    await page.mouse.click(lane.x + (20.5 / 120) * lane.width, lane.y + 17)
    await shown(page, 20)
    await axe(page, 'a frame that is spoken of')
    await shots(page, 'video-comment')
    await sent(page)
    await browser.close()
  },

  async 'a video is given a class as a whole'(world) {
    const { server, caller } = world
    const whole = await caller.call('POST', '/api/projects', { name: 'Weather', template: 'video_choice', plan: { overlap: 1, lease_minutes: 5 } })
    await publish(caller, whole)
    await send(world, whole, 'bars.mp4', numbered('libx264', ['-pix_fmt', 'yuv420p']))
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, owner)
    await atWork(page, server.url, whole.id)
    await shown(page, 0)
    await page.locator('[role=application]').focus()
    await step(page, 'Shift+L', 10)
    await step(page, 'End', 119)
    await page.keyboard.press('2')
    await page.getByRole('radio', { name: /No/, checked: true }).waitFor()
    await axe(page, 'a class of a video')
    await shots(page, 'video-choice')
    await page.keyboard.press('Control+Enter')
    await soon(async () => (await answers(world, whole)).length === 1, 'the answer is handed in')
    const [answer] = await answers(world, whole)
    expect(JSON.stringify(answer) === JSON.stringify({ choices: ['no'] }), JSON.stringify(answer))
    await browser.close()
  },

  async 'two who differ are laid side by side, and one decides'(world) {
    const { server, caller } = world
    const drive = await project(world, 'Two drivers', { overlap: 2, agreement_min: 0.9 })
    await send(world, drive, 'bars.mp4', numbered('libx264', ['-pix_fmt', 'yuv420p']))
    const box = (frame, x) => ({ frame, shape: { type: 'box', x, y: 40, width: 60, height: 40 } })
    const carla = new Caller(server)
    await carla.call('POST', '/api/session', { email: world.person.email, password: world.person.secret })
    for (const [who, drawn] of [[caller, [box(0, 10), box(100, 200)]], [carla, [box(0, 150), box(100, 30)]]]) {
      const { claims: [{ slot, fence }] } = await who.call('POST', `/api/projects/${drive.id}/claims`, { stage: 'label', count: 1 })
      const answer = { tracks: [{ id: 't', class: 'car', keyframes: drawn, attributes: { colour: 'white' } }] }
      await who.call('PUT', `/api/slots/${slot}/answer`, { submission: `sub_${crypto.randomUUID().replaceAll('-', '')}`, fence, answer, active_ms: 1000 })
    }
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, judge)
    await atWork(page, server.url, drive.id, 'adjudicate')
    await shown(page, 0)
    expect((await tracks(page)) === 2, 'both answers are in the timeline')
    // The keys of the frames work where answers are only looked at, too.
    await page.locator('[role=application]').focus()
    await step(page, 'l', 1)
    await step(page, 'Shift+L', 11)
    await step(page, 'End', 119)
    await page.screenshot({ path: join(results, 'video-compare.png') })
    await axe(page, 'two answers on a video')
    await page.keyboard.press('1')
    await page.getByRole('button', { name: /Decide/ }).first().waitFor()
    await shown(page, 0)
    await page.getByRole('list', { name: 'Tracks' }).getByRole('button', { name: /Car/ }).click()
    await step(page, 'Shift+L', 10)
    await page.keyboard.press('e')
    await page.getByRole('button', { name: /remove a keyframe/, pressed: true }).first().waitFor()
    await page.keyboard.press('Control+Enter')
    await soon(async () => (await caller.call('GET', `/api/projects/${drive.id}`)).counts.done === 1, 'the decision is the label')
    await browser.close()
  },
}
