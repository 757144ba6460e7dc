// Models that help: connected and tested by a manager, fetched for every task, asked by whoever holds one; and never believed before
// a person has looked. The model is a server of the story's own that speaks Label Studio's protocol.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Browser, atWork, handIn, objectCount, publish, results, signIn, soon, wait } from './desk.mjs'
import { axe, expect, password, png } from './kit.mjs'

const owner = { email: 'olga@example.org', secret: password('olga') }
const street = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'demo', 'street', 'images', 'test4.jpg')
const ontology = { classes: [{ key: 'car', name: 'Car', color: '#1971c2', hotkey: '1' }, { key: 'person', name: 'Person', color: '#e8590c', hotkey: '2' }], attributes: [] }

const region = (label, [x, y, width, height], score) => ({
  from_name: 'box', to_name: 'image', type: 'rectanglelabels', score, value: { x, y, width, height, rotation: 0, rectanglelabels: [label] },
})

/** A model: three boxes for a picture, one where somebody points; slow for whoever points at the upper left corner. */
async function startModel() {
  const calls = []
  const say = (context) => {
    const [prompt] = context?.result ?? []
    if (prompt === undefined) return { score: 0.9, result: [region('Car', [10, 20, 20, 30], 0.91), region('Person', [40, 20, 10, 40], 0.64), region('Car', [60, 60, 25, 25], 0.52)] }
    return { score: 0.8, result: [region(prompt.value.keypointlabels?.[0] ?? prompt.value.rectanglelabels?.[0] ?? 'Car', [prompt.value.x, prompt.value.y, 12, 12], 0.8)] }
  }
  const server = createServer((request, reply) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', async () => {
      const body = text === '' ? {} : JSON.parse(text)
      const call = { path: request.url, body, gone: false }
      calls.push(call)
      reply.on('close', () => {
        call.gone = !reply.writableEnded
      })
      const send = (value, status = 200) => {
        reply.writeHead(status, { 'content-type': 'application/json' })
        reply.end(JSON.stringify(value))
      }
      if (request.url === '/health') return send({ status: 'UP' })
      if (request.url === '/setup') return send({ model_version: 'v3' })
      if (request.url !== '/predict') return send({ detail: 'no such address' }, 404)
      const context = body.params?.context
      const at = context?.result?.[0]?.value
      if (at !== undefined && at.x < 10 && at.y < 10) await wait(20_000)
      if (!reply.destroyed) send({ results: body.tasks.map(() => say(context)), model_version: 'v3' })
    })
  })
  await new Promise((go) => server.listen(0, '127.0.0.1', go))
  return { url: `http://127.0.0.1:${server.address().port}`, calls, stop: () => server.close() }
}

async function make({ caller }, name, files) {
  const project = await caller.call('POST', '/api/projects', { name, template: 'image_boxes', ontology, plan: { overlap: 1, lease_minutes: 5 } })
  for (const [external_id, bytes] of files) {
    const upload = await caller.call('POST', `/api/projects/${project.id}/uploads`, { external_id, name: external_id, bytes: bytes.length })
    await caller.call('PATCH', `/api/uploads/${upload.id}`, bytes, { 'upload-offset': '0' })
    await caller.call('POST', `/api/uploads/${upload.id}/finish`, {})
  }
  await publish(caller, project)
  return project
}

const waits = (page, count) => page.waitForFunction((wanted) => [...document.querySelectorAll('h2')].some((one) => one.textContent?.startsWith(wanted === 0 ? 'Suggestions' : `Suggestions, ${wanted}`) && (wanted > 0 || !/\d/.test(one.textContent))), count)

/** What was announced of a busy button names it for some seconds, though its dialog is gone. */
const calm = (page) => page.waitForFunction(() => document.querySelector('[data-live-announcer] [role="img"]') === null)

/** A page as it is looked at: wide and narrow, light and dark. */
async function look(page, name) {
  for (const [size, width, height] of [['wide', 1440, 900], ['narrow', 390, 844]]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme })
      await wait(250)
      await page.screenshot({ path: join(results, `${name}-${size}-${colorScheme}.png`) })
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.emulateMedia({ colorScheme: 'light' })
}

export const modelStories = {
  async 'models: one is connected, tested and asked; a person takes, changes and turns down'(world) {
    const { caller, server } = world
    const model = await startModel()
    const project = await make(world, 'Models help', [0, 1].map((n) => [`helped-${n}.png`, png(n)]))
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, owner)
    await page.goto(`${server.url}/projects/${project.id}/models`)
    await page.getByText('No model helps yet').waitFor()
    await axe(page, 'no model')
    await look(page, 'models-none')

    // An address inside is refused with a reason; then the right one is told.
    await page.getByRole('button', { name: 'Connect a model' }).click()
    await page.getByRole('radio', { name: /At an address/ }).check()
    await page.getByLabel('Name', { exact: true }).fill('Street model')
    await page.getByRole('textbox', { name: 'Address' }).fill('http://10.0.0.7:9090')
    await page.getByRole('button', { name: 'Connect and test' }).click()
    await page.getByText(/inside a private network/).first().waitFor()
    await look(page, 'models-connect')
    await calm(page)
    await axe(page, 'a model is connected')
    await page.getByRole('textbox', { name: 'Address' }).fill(model.url)
    await page.getByRole('button', { name: 'Connect and test' }).click()
    await page.getByText('Street model is connected.').waitFor()
    await page.getByText('Up', { exact: true }).first().waitFor()
    expect(model.calls.some(({ path, body }) => path === '/setup' && body.schema.includes('<Label value="Person"')), 'the model was told the question')

    await page.getByRole('button', { name: /Fetch suggestions/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Ask', exact: true }).click()
    await page.getByText('Street model is being asked.').waitFor()
    await page.locator('li', { hasText: 'Suggestions of a model' }).getByText('Done').first().waitFor()
    await calm(page)
    await axe(page, 'models')
    await look(page, 'models')

    // At work: nothing of it is in the answer yet.
    await atWork(page, server.url, project.id)
    await waits(page, 3)
    expect((await objectCount(page)) === 0, 'what is suggested is in no answer')
    await page.getByText('By Street model v3.').waitFor()
    await page.screenshot({ path: join(results, 'workbench-suggestions.png') })
    await axe(page, 'suggestions')
    await page.keyboard.press(';')
    await waits(page, 2)
    expect((await objectCount(page)) === 1, 'the surest is taken')
    await page.keyboard.press("'")
    await waits(page, 1)
    await page.keyboard.press('Control+Enter')
    await page.getByText('One suggestion is undecided').waitFor()
    await page.reload()
    await page.locator('[role=application] canvas').first().waitFor()
    await waits(page, 1)
    expect((await objectCount(page)) === 1, 'the reload keeps what was taken')
    await page.getByText('1 turned down.').waitFor()
    await page.getByRole('button', { name: /^Take: Car/ }).click()
    await waits(page, 0)
    // Adjusted: it is selected, and moved by a key.
    await page.getByRole('row', { selected: true }).waitFor()
    await page.keyboard.press('v')
    await page.keyboard.press('Shift+ArrowRight')
    await handIn(page)
    const { items } = await caller.call('GET', `/api/projects/${project.id}/outcomes`)
    const [told] = items
    expect(told.kept === 1 && told.changed === 1 && told.rejected === 1, `each has its fate: ${JSON.stringify(items)}`)
    await page.goto(`${server.url}/projects/${project.id}/models`)
    await page.getByText('What became of suggestions').first().waitFor()
    await page.screenshot({ path: join(results, 'models-outcomes.png'), fullPage: true })
    await axe(page, 'outcomes')
    await browser.close()
    model.stop()
  },

  async 'models: whoever holds a task points, and takes the question back'(world) {
    const { caller, server } = world
    const model = await startModel()
    const project = await make(world, 'Models are asked', [['asked.png', png(3)]])
    await caller.call('POST', `/api/projects/${project.id}/backends`, { name: 'Pointer', kind: 'label_studio', url: model.url, settings: {} })
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, owner)
    await atWork(page, server.url, project.id)
    const { x, y, width, height } = await page.locator('[role=application]').boundingBox()
    await page.keyboard.press('\\')
    await page.getByRole('button', { name: 'Ask a model', pressed: true }).waitFor()
    await page.mouse.click(x + width / 2, y + height / 2)
    await waits(page, 1)
    await page.screenshot({ path: join(results, 'workbench-asked.png') })
    await axe(page, 'a model is asked')
    await page.keyboard.press(';')
    await soon(async () => (await objectCount(page)) === 1, 'what was asked for is taken')

    // By keyboard alone: the crosshair, Enter.
    await page.keyboard.press('Enter')
    await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('Enter')
    await waits(page, 1)

    // A slow answer is waited for in the background, and given up.
    await page.keyboard.press('Escape')
    await page.keyboard.press('Shift+Digit1')
    const scale = Math.min(width / 640, height / 480)
    await page.mouse.click(x + (width - 640 * scale * 0.94) / 2 + 6, y + (height - 480 * scale * 0.94) / 2 + 6)
    await page.getByText('Looking there…').waitFor()
    await page.getByRole('button', { name: 'Cancel', exact: true }).click()
    await page.getByText('Looking there…').waitFor({ state: 'detached' })
    await soon(async () => model.calls.some(({ gone }) => gone), 'the model hears that nobody waits')
    await browser.close()
    model.stop()
  },

  async 'models: the built-in detector suggests the cars of a real street'(world) {
    const { caller, server } = world
    const project = await make(world, 'Built-in', [['test4.jpg', readFileSync(street)]])
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, owner)
    await page.goto(`${server.url}/projects/${project.id}/models`)
    await page.getByRole('button', { name: 'Connect a model' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Built-in detector')
    await page.getByLabel('Find a class').fill('truck')
    await page.getByText('truck', { exact: true }).waitFor()
    await look(page, 'models-built-in')
    await axe(page, 'the built-in detector')
    await page.getByRole('button', { name: 'Connect and test' }).click()
    await page.getByText('Up', { exact: true }).waitFor({ timeout: 60_000 })
    await atWork(page, server.url, project.id)
    await page.getByRole('button', { name: 'Ask Built-in detector' }).click()
    await waits(page, 2)
    await page.screenshot({ path: join(results, 'workbench-detector.png') })
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.setViewportSize({ width: 390, height: 844 })
    await wait(400)
    await page.screenshot({ path: join(results, 'workbench-detector-narrow.png') })
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.keyboard.press('Alt+;')
    await waits(page, 0)
    expect((await objectCount(page)) === 2, 'both cars are taken')
    await page.keyboard.press('Control+Enter')
    await page.getByText('All done here').waitFor()
    const { items } = await caller.call('GET', `/api/projects/${project.id}/outcomes`)
    expect(items[0].kept === 2, 'the record says that both were kept')
    await browser.close()
  },
}
