// What an expert knows, drawn on the page: any task that nobody has answered yet becomes gold, by keys alone; and a chosen one, with its reason, which whoever said
// otherwise can read.
import { join } from 'node:path'
import { Browser, drawBox, objectCount, pictures, publish, results, signIn, soon, title } from './desk.mjs'
import { axe, expect, password } from './kit.mjs'

const owner = { email: 'olga@example.org', secret: password('olga') }
const ontology = {
  classes: [
    { key: 'car', name: 'Car', color: '#1971c2', hotkey: '1' },
    { key: 'truck', name: 'Truck', color: '#e8590c', hotkey: '2' },
  ],
}

const goldOf = async (caller, project) => (await caller.call('GET', `/api/projects/${project.id}/gold`)).items

async function asOwner({ server }) {
  const browser = new Browser()
  const page = await browser.open()
  await signIn(page, server.url, owner)
  return { browser, page }
}

export const goldStories = {
  async 'gold is drawn on any task, and its reason is kept'(world) {
    const { caller, server } = world
    const project = await caller.call('POST', '/api/projects', { name: 'Known boxes', template: 'image_boxes', ontology, plan: { overlap: 2, lease_minutes: 5 } })
    await pictures(caller, project.id, 3)
    await publish(caller, project)
    const { browser, page } = await asOwner(world)
    await page.goto(`${server.url}/projects/${project.id}/gold/any`)
    await page.locator('canvas').first().waitFor()
    const first = await title(page)
    await page.keyboard.press('Shift+KeyS')
    await page.waitForFunction((before) => document.querySelector('h1')?.textContent !== before, first)
    await page.locator('canvas').first().waitFor()
    const shown = await title(page)
    await drawBox(page, 400, 300)
    await soon(async () => (await objectCount(page)) === 1, 'the box is on the screen')
    await page.getByText(/Saved on this device/).waitFor()
    // The work is on this device, and nowhere else.
    await page.reload()
    await page.goto(`${server.url}/projects/${project.id}/gold/any`)
    await page.locator('canvas').first().waitFor()
    for (let tries = 0; tries < 3 && (await title(page)) !== shown; tries += 1) {
      const before = await title(page)
      await page.keyboard.press('Shift+KeyS')
      await page.waitForFunction((was) => document.querySelector('h1')?.textContent !== was, before)
      await page.locator('canvas').first().waitFor()
    }
    await soon(async () => (await objectCount(page)) === 1, 'the box is there again')
    await page.keyboard.press('Shift+KeyN')
    await page.getByLabel('Why it is so, for those who said otherwise').and(page.locator(':focus')).waitFor()
    await page.keyboard.type('Its wheels are seen.')
    await page.screenshot({ path: join(results, 'gold-bench.png') })
    await axe(page, 'gold is drawn')
    await page.setViewportSize({ width: 390, height: 844 })
    await page.screenshot({ path: join(results, 'gold-bench-phone.png') })
    await axe(page, 'gold on a phone')
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.keyboard.press('Control+Enter')
    await page.getByText('It is gold now').waitFor()
    const [gold] = await goldOf(caller, project)
    expect(gold.known.objects.length === 1 && gold.known.note === 'Its wheels are seen.', JSON.stringify(gold))
    // The next one is on the screen, with nothing on it.
    await page.waitForFunction((before) => document.querySelector('h1')?.textContent !== before, shown)
    await soon(async () => (await objectCount(page)) === 0, 'the next task is empty')
    await browser.close()
  },

  async 'gold is chosen by keys on a task of its own page'(world) {
    const { caller, server } = world
    const project = await caller.call('POST', '/api/projects', { name: 'Known words', template: 'text_choice', plan: { overlap: 1, lease_minutes: 5 } })
    await caller.call('POST', `/api/projects/${project.id}/items`, { items: [{ external_id: 'one', text: 'A fine day.' }] })
    await publish(caller, project)
    const { items: [task] } = await caller.call('GET', `/api/tasks?project=${project.id}`)
    const { browser, page } = await asOwner(world)
    await page.goto(`${server.url}/projects/${project.id}/tasks/${task.id}`)
    await page.getByRole('button', { name: 'More' }).last().click()
    await page.getByRole('menuitem', { name: 'Say what is known…' }).click()
    await page.getByText('A known answer').waitFor()
    await page.keyboard.press('Control+Enter')
    await page.getByText('Choose an answer.').first().waitFor()
    await page.keyboard.press('1')
    await page.locator('[role=radio][aria-checked=true]').waitFor()
    await page.screenshot({ path: join(results, 'gold-choice.png') })
    await axe(page, 'gold is chosen')
    await page.keyboard.press('Control+Enter')
    await page.getByText('It is gold now').waitFor()
    await page.waitForURL(`**/tasks/${task.id}`)
    const [gold] = await goldOf(caller, project)
    expect(gold.task === task.id && gold.known.choices.length === 1, JSON.stringify(gold))
    await browser.close()
  },
}
