// How things stand to each other, and the shapes that are helped along: relations and groups, bent lines, cuboids, superpixels and
// what is found in a box; by mouse and by keys, and what the server then has of it.
import { join } from 'node:path'
import { Browser, atWork, handIn, objectCount, pictures, publish, results, shots, signIn, soon, title } from './desk.mjs'
import { axe, expect, png } from './kit.mjs'
import { lens } from './shapes.mjs'

const ontology = {
  classes: [
    { key: 'car', name: 'Car', color: '#1971c2', hotkey: '1' },
    { key: 'trailer', name: 'Trailer', color: '#e8590c', hotkey: '2' },
    { key: 'person', name: 'Person', color: '#2f9e44', hotkey: '3' },
  ],
  attributes: [],
  relations: [
    { key: 'pulls', name: 'pulls', from: ['car'], to: ['trailer'] },
    { key: 'near', name: 'is next to', direction: 'both_ways' },
  ],
}

const near = (a, b, within = 1.5) => Math.abs(a - b) <= within
const tool = (page, name) => page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name, exact: true }).click()
const relations = async (page) => Number(/\d+/.exec(await page.locator('h2', { hasText: 'Relations' }).textContent())?.[0] ?? -1)

async function drag(page, from, to) {
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 3 })
  await page.mouse.move(...to, { steps: 3 })
  await page.mouse.up()
}

async function project(caller, name, template, items) {
  const made = await caller.call('POST', '/api/projects', { name, template, ontology, plan: { overlap: 1, lease_minutes: 5 } })
  if (items === undefined) await pictures(caller, made.id, 4)
  else await caller.call('POST', `/api/projects/${made.id}/items`, { items })
  await publish(caller, made)
  return made
}

/** The answer to the one task of this name, once the server has it. */
async function answered(caller, project, name) {
  let answer = null
  await soon(async () => {
    const { items } = await caller.call('GET', `/api/tasks?project=${project.id}&limit=200`)
    const task = await caller.call('GET', `/api/tasks/${items.find((each) => each.name === name || each.external_id === name).id}`)
    answer = task.answers.find(({ state }) => state === 'standing')?.answer ?? null
    return answer !== null
  }, `the answer to ${name} arrives`)
  return answer
}

export const joiningStories = {
  async 'objects are joined and grouped, and the server has it'(world) {
    const { server, caller, person, size } = world
    const made = await project(caller, 'Joined', 'image_shapes')
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, person)
    await atWork(page, server.url, made.id)
    const at = await lens(page, size)
    for (const [key, from, to] of [['1', [60, 120], [200, 220]], ['2', [260, 140], [420, 220]], ['3', [470, 120], [510, 220]]]) {
      await page.keyboard.press(key)
      await page.keyboard.press('b')
      await drag(page, at(from), at(to))
    }
    await soon(async () => (await objectCount(page)) === 3, 'three boxes')
    await page.keyboard.press('v')
    // By mouse: one, the button, the other.
    await page.mouse.click(...at([60, 150]))
    await page.getByRole('button', { name: /^Join to/ }).click()
    await page.getByRole('button', { name: /Now click the other/ }).waitFor()
    await page.mouse.move(...at([300, 100]))
    await page.screenshot({ path: join(results, 'joining-begun.png') })
    await page.mouse.click(...at([260, 160]))
    await soon(async () => (await relations(page)) === 1, 'one relation')
    // By keys: through the objects, and the key twice.
    await page.keyboard.press('j')
    await page.getByRole('button', { name: /Now click the other/ }).waitFor()
    await page.keyboard.press('Period')
    await page.keyboard.press('j')
    await soon(async () => (await relations(page)) === 2, 'two relations')
    const list = page.getByRole('list', { name: 'Relations' })
    await list.getByRole('button', { name: /^Take away: Trailer 2 is next to Person 3/ }).waitFor()
    // All belong together.
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Control+g')
    await page.getByText('Group 1, with 2 others').waitFor()
    await shots(page, 'joining')
    // From the list: taken away, and back by undo.
    await list.getByRole('button', { name: /^Take away: Trailer 2 is next to/ }).click()
    await soon(async () => (await relations(page)) === 1, 'taken away')
    await page.keyboard.press('Control+z')
    await soon(async () => (await relations(page)) === 2, 'and back')
    const name = await title(page)
    await handIn(page)
    const answer = await answered(caller, made, name)
    const ids = answer.objects.map(({ id }) => id)
    const said = JSON.stringify(answer)
    expect(answer.objects.every(({ group }) => group === 1), said)
    expect(JSON.stringify(answer.relations) === JSON.stringify([{ relation: 'pulls', from: ids[0], to: ids[1] }, { relation: 'near', from: ids[1], to: ids[2] }]), said)

    // What does not fit any longer is told before it is handed in.
    await page.locator('[role=application] canvas').first().waitFor()
    await page.waitForTimeout(600)
    for (const [nth, [key, from, to]] of [['1', [60, 120], [200, 220]], ['2', [260, 140], [420, 220]]].entries()) {
      await page.keyboard.press(key)
      await page.keyboard.press('b')
      await drag(page, at(from), at(to))
      await soon(async () => (await objectCount(page)) === nth + 1, `box ${nth + 1} of the next task`)
    }
    await page.keyboard.press('v')
    await page.keyboard.press('Control+a')
    await page.getByRole('button', { name: /^Join the two/ }).waitFor()
    await page.keyboard.press('j')
    await soon(async () => (await relations(page)) === 1, 'joined')
    await page.mouse.click(...at([60, 150]))
    await page.keyboard.press('3')
    const second = await title(page)
    await page.keyboard.press('Control+Enter')
    await page.getByText(/“pulls” does not lead from Person to Trailer/).first().waitFor()
    expect((await title(page)) === second, 'it is still on the screen')
    await axe(page, 'a relation that does not fit')
    await browser.close()
  },

  async 'spans are joined, and arcs say so'(world) {
    const { server, caller, person } = world
    const made = await project(caller, 'Joined words', 'text_spans', [{ external_id: 'one', text: 'The old car in front of the house pulls a trailer that Ada has painted.\nBob stands beside it.' }, { external_id: 'two', text: 'Nothing.' }])
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, person)
    await atWork(page, server.url, made.id)
    const spans = async () => Number(/\d+/.exec(await page.locator('h2', { hasText: 'Spans' }).textContent())?.[0] ?? -1)
    let count = 0
    for (const [key, word] of [['1', 'car'], ['2', 'trailer'], ['3', 'Ada'], ['3', 'Bob']]) {
      const spot = await page.evaluate((wanted) => {
        const walker = document.createTreeWalker(document.querySelector('[data-text]'), NodeFilter.SHOW_TEXT)
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
          const from = node.data.indexOf(wanted)
          if (from < 0) continue
          const range = document.createRange()
          range.setStart(node, from)
          range.setEnd(node, from + wanted.length)
          const { left, right, top, bottom } = range.getBoundingClientRect()
          return { left, right, y: (top + bottom) / 2 }
        }
        return null
      }, word)
      await drag(page, [spot.left + 2, spot.y], [spot.right - 2, spot.y])
      await page.getByRole('toolbar', { name: 'Mark as' }).waitFor()
      await page.keyboard.press(key)
      count += 1
      await soon(async () => (await spans()) === count, `${word} is marked`)
    }
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    // Through the spans by keys: car to trailer, trailer to Ada, Ada to Bob on the next line.
    await page.keyboard.press('Period')
    for (let n = 1; n <= 3; n += 1) {
      await page.keyboard.press('j')
      await page.getByRole('button', { name: /Now click the other/ }).waitFor()
      await page.keyboard.press('Period')
      await page.keyboard.press('j')
      await soon(async () => (await relations(page)) === n, `${n} relations`)
    }
    expect((await page.locator('[data-text] svg path[d]').count()) >= 3, 'there are arcs')
    await shots(page, 'joining-words')
    const name = await title(page)
    await handIn(page)
    const { spans: said, relations: links } = await answered(caller, made, name)
    expect(links.length === 3 && links[0].relation === 'pulls' && links[0].from === said.find(({ class: key }) => key === 'car').id, JSON.stringify(links))
    await browser.close()
  },

  async 'many are confirmed or flagged at a glance, in this task and in those behind it'(world) {
    const { server, caller, person } = world
    const made = await caller.call('POST', '/api/projects', { name: 'At a glance', template: 'image_shapes', ontology, plan: { overlap: 1, lease_minutes: 5 } })
    // What a model has found beforehand, in every task.
    const items = []
    for (let n = 0; n < 4; n += 1) {
      const bytes = png(n)
      const upload = await caller.call('POST', `/api/projects/${made.id}/uploads`, { external_id: `street-${n}.png`, name: `street-${n}.png`, bytes: bytes.length })
      await caller.call('PATCH', `/api/uploads/${upload.id}`, bytes, { 'upload-offset': '0' })
      items.push({ external_id: `street-${n}.png`, upload: upload.id })
    }
    const suggestions = items.map((item, n) => ({
      ...item,
      answer: { objects: Array.from({ length: 12 }, (_, i) => ({ id: `o${n}x${i}`, class: i % 3 === 2 ? 'person' : 'car', shape: { type: 'box', x: 10 + 48 * i, y: 120 + 10 * n, width: 40, height: 90 } })) },
    }))
    await caller.call('POST', `/api/projects/${made.id}/items`, { items: suggestions, answers: 'suggestions' })
    await publish(caller, made)
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, person)
    await atWork(page, server.url, made.id)
    await page.getByText('Suggestions, 12').waitFor()
    await page.keyboard.press('v')
    await page.keyboard.press('Alt+v')
    const dialog = page.getByRole('dialog', { name: 'At a glance' })
    await dialog.getByText('32 in 4 tasks, 0 flagged').waitFor()
    await dialog.getByRole('gridcell').first().focus()
    // By keys the second, by mouse one of the next task.
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Space')
    await dialog.getByText('32 in 4 tasks, 1 flagged').waitFor()
    await dialog.getByRole('gridcell').nth(9).click()
    await dialog.getByText('32 in 4 tasks, 2 flagged').waitFor()
    await page.waitForTimeout(600)
    await shots(page, 'glance')
    await dialog.getByRole('button', { name: 'Confirm 30, flag 2' }).click()
    await dialog.waitFor({ state: 'detached' })
    // What was confirmed here is taken, and the one that was flagged is in hand: one key, and it is turned down.
    await soon(async () => (await objectCount(page)) === 7, 'seven are taken')
    await page.getByText('Suggestions, 5').waitFor()
    await page.keyboard.press("'")
    await page.getByText('Suggestions, 4').waitFor()
    await page.keyboard.press('Alt+;')
    await soon(async () => (await objectCount(page)) === 11, 'the others are taken')
    await handIn(page)
    // And what was confirmed of the next is taken when it comes.
    await soon(async () => (await objectCount(page)) === 7, 'seven of the next are taken')
    await page.getByText('Suggestions, 5').waitFor()
    await page.keyboard.press('Alt+;')
    await soon(async () => (await objectCount(page)) === 12, 'all of the next are taken')

    // One class at a time.
    await page.keyboard.press('q')
    await page.keyboard.press('Alt+n')
    await page.getByRole('toolbar', { name: 'One class at a time' }).getByText('Car alone, 1 of 3').waitFor()
    await shots(page, 'one-class')
    const name = await title(page)
    await page.keyboard.press('Control+Enter')
    await page.getByText('Trailer alone, 2 of 3').waitFor()
    await page.keyboard.press('Control+Enter')
    await page.getByText('Person alone, 3 of 3').waitFor()
    expect((await title(page)) === name, 'the task is not through before its classes are')
    await handIn(page)
    // The next begins with the first class again.
    await page.getByText('Car alone, 1 of 3').waitFor()
    await page.getByRole('button', { name: 'Leave', exact: true }).click()
    await page.getByRole('toolbar', { name: 'One class at a time' }).waitFor({ state: 'detached' })
    await browser.close()
  },

  async 'lines are bent, cuboids drawn, pieces taken and an object found in its box'(world) {
    const { server, caller, person, size } = world
    const made = await project(caller, 'Bent', 'image_shapes')
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, server.url, person)
    await atWork(page, server.url, made.id)
    const at = await lens(page, size)
    await page.keyboard.press('1')
    await tool(page, 'Curve')
    for (const point of [[20, 420], [160, 360], [320, 420], [480, 350]]) await page.mouse.click(...at(point))
    await page.mouse.move(...at([560, 400]))
    await page.screenshot({ path: join(results, 'bent-drawing.png') })
    await page.keyboard.press('Enter')
    await soon(async () => (await objectCount(page)) === 1, 'a curve')
    await page.keyboard.press('v')
    await page.waitForTimeout(200)
    await page.screenshot({ path: join(results, 'bent-handles.png') })
    await tool(page, 'Cuboid')
    await drag(page, at([400, 180]), at([500, 280]))
    await page.mouse.click(...at([450, 150]))
    await page.mouse.move(...at([540, 240]))
    await page.screenshot({ path: join(results, 'bent-cuboid.png') })
    await page.mouse.click(...at([540, 240]))
    await soon(async () => (await objectCount(page)) === 2, 'a cuboid')
    // The picture has a square of one colour, 200 by 180 pixels, from 100 + 20 n and 120.
    const n = Number(/\d+/.exec(await title(page))[0])
    const left = 100 + 20 * n
    await page.keyboard.press('3')
    await tool(page, 'Object in a box')
    await drag(page, at([left - 25, 95]), at([left + 225, 325]))
    await soon(async () => (await objectCount(page)) === 3, 'found')
    await page.keyboard.press('2')
    await tool(page, 'Pieces of one colour')
    await page.getByText('Dividing the picture…').waitFor({ state: 'detached' })
    await page.mouse.move(...at([left + 60, 200]))
    await page.mouse.move(...at([left + 62, 200]))
    await page.waitForTimeout(300)
    await page.screenshot({ path: join(results, 'bent-pieces.png') })
    await page.mouse.click(...at([left + 62, 200]))
    await soon(async () => (await objectCount(page)) === 4, 'pieces')
    await shots(page, 'bent')
    const name = await title(page)
    await handIn(page)
    const { objects } = await answered(caller, made, name)
    const [curve, solid, found, pieces] = objects.map(({ shape }) => shape)
    const said = JSON.stringify(objects.map(({ shape }) => ({ ...shape, counts: shape.counts?.length })))
    expect(curve.points.length === 4 && curve.curves.length === 3 && curve.curves.every((bend) => bend !== null), said)
    expect(solid.type === 'solid' && near(solid.corners[0][0], 400) && near(solid.corners[4][0], 540), said)
    expect(found.type === 'mask' && pieces.type === 'mask', said)
    const area = ({ counts }) => {
      const runs = []
      for (let i = 0; i < counts.length; ) {
        let [run, shift, c] = [0, 0, 0]
        do {
          c = counts.charCodeAt(i++) - 48
          run |= (c & 31) << (5 * shift++)
        } while (c & 32)
        if (c & 16) run |= -1 << (5 * shift)
        if (runs.length > 2) run += runs[runs.length - 2]
        runs.push(run)
      }
      return runs.reduce((sum, run, i) => sum + (i % 2 === 1 ? run : 0), 0)
    }
    expect(near(area(found), 199 * 179, 1800), `the square is found: ${area(found)}`)
    expect(near(area(pieces), 199 * 179, 3600), `the square is of one colour: ${area(pieces)}`)
    await browser.close()
  },
}
