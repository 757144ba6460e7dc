// The owner makes projects of the other kinds: instructions with a picture and examples, an ontology with each kind of
// attribute, a class that gets another name, one task of each template done, a folder whose upload the network breaks
// within a file, and a list with existing labels of which some are wrong.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { soon } from './desk.mjs'
import { axe, expect, png, signIn } from './kit.mjs'

/** What the server has, asked as the page would. */
const read = (page, path) => page.evaluate(async (from) => (await fetch(from)).json(), path)
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)

/** The wizard from the question to the plan, with the classes that the template brings or with others. */
async function wizard(page, template, name, classes = []) {
  await page.goto(new URL('/projects/new', page.url()).href)
  await page.getByRole('radio', { name: new RegExp(`^${template}`) }).first().check({ force: true })
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Name of the project').fill(name)
  if (classes.length > 0) {
    // A list that is pasted becomes rows.
    const brought = page.getByRole('button', { name: /^Remove / })
    for (let left = await brought.count(); left > 1; left -= 1) await brought.last().click()
    const first = page.getByRole('textbox', { name: 'Class 1' })
    await first.fill('')
    await first.evaluate((input, text) => {
      const data = new DataTransfer()
      data.setData('text', text)
      input.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    }, classes.join('\n'))
    expect((await page.getByRole('textbox', { name: /^Class \d/ }).count()) === classes.length, 'a pasted list becomes a row each')
  }
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('radio', { name: /^No review/ }).check()
  await page.getByRole('button', { name: 'Make the project' }).click()
  await page.getByText('Before people can begin').waitFor()
  return new URL(page.url()).pathname.split('/')[2]
}

async function bringPictures(page, go, project, count) {
  await go(`/projects/${project}/data`)
  await page.getByLabel('Choose files').setInputFiles(Array.from({ length: count }, (_, n) => ({ name: `made-${n}.png`, mimeType: 'image/png', buffer: png(n) })))
  await page.getByText('Everything has arrived').waitFor({ timeout: 60_000 })
}

async function publish(page) {
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByText('Published', { exact: true }).first().waitFor()
}

/** The first answer in a project, once it is there. */
async function answerIn(page, project) {
  for (let n = 0; n < 60; n += 1) {
    const { items } = await read(page, `/api/tasks?project=${project}&state=done`)
    if (items.length > 0) return read(page, `/api/tasks/${items[0].id}`)
    await page.waitForTimeout(250)
  }
  throw new Error('no task was done')
}

async function instructions(page, go, shot, project) {
  await go(`/projects/${project}/instructions`)
  const text = page.getByRole('textbox', { name: 'Markdown' })
  await text.fill('# Outlines\n\nOutline each **vehicle** as it is seen.\n\n## Mirrors\n\n1. They belong to the vehicle.\n2. Aerials do not.\n\n| seen | do |\n|---|---|\n| half of it | outline the half |\n')
  await text.press('Control+End')
  await page.getByRole('button', { name: 'Good example' }).click()
  await page.keyboard.type('The line touches the metal.')
  await text.press('Control+End')
  await page.getByRole('button', { name: 'Bad example' }).click()
  await page.keyboard.type('The shadow is inside.')
  await text.press('Control+End')
  await page.locator('input[type=file][accept="image/*"]').setInputFiles({ name: 'a tight outline.png', mimeType: 'image/png', buffer: png(3, 320, 200) })
  const picture = page.getByRole('img', { name: 'a tight outline' })
  await picture.waitFor()
  await text.press('Control+s')
  await page.getByText('Version 2, saved').waitFor()
  const saved = await read(page, `/api/projects/${project}/instructions`)
  for (const part of ['::: good\nThe line touches the metal.\n:::', '::: bad\nThe shadow is inside.\n:::', '![a tight outline](/api/']) {
    expect(saved.markdown.includes(part), `${part} is not in ${saved.markdown}`)
  }
  await page.getByRole('complementary', { name: 'Like this', exact: true }).getByText('The line touches the metal.').waitFor()
  await page.getByRole('complementary', { name: 'Not like this' }).getByText('The shadow is inside.').waitFor()
  await picture.scrollIntoViewIfNeeded()
  await page.waitForFunction(() => [...document.querySelectorAll('img')].some((image) => image.alt === 'a tight outline' && image.naturalWidth === 320))
  await axe(page, 'instructions with a picture and examples')
  await shot('making-instructions')
}

/** A tree of classes, and an attribute of each kind. */
async function ontology(page, go, shot, project) {
  await go(`/projects/${project}/ontology`)
  const names = page.getByRole('group').getByRole('textbox', { name: 'Name', exact: true })
  await names.first().click()
  await page.keyboard.press('Enter')
  await page.keyboard.type('Car')
  await page.keyboard.press('Alt+ArrowRight')
  await page.keyboard.press('Enter')
  await page.keyboard.type('Taxi')
  await page.keyboard.press('Alt+ArrowRight')

  const add = async (kind, name) => {
    await page.getByRole('button', { name: 'Add an attribute' }).click()
    await page.getByRole('menuitem', { name: kind, exact: true }).click()
    await page.waitForFunction(() => document.activeElement?.dataset.attribute !== undefined)
    await page.keyboard.type(name)
    return page.getByRole('group', { name, exact: true })
  }
  const choose = async (form, label, option) => {
    await form.getByRole('button', { name: new RegExp(`${label}$`) }).click()
    await page.getByRole('option', { name: option, exact: true }).click()
  }
  const options = async (form, list) => {
    for (const [at, each] of list.entries()) {
      if (at >= (await form.getByRole('textbox', { name: /^Option \d+$/ }).count())) await form.getByRole('button', { name: 'Add an option' }).click()
      await form.getByRole('textbox', { name: `Option ${at + 1}`, exact: true }).fill(each)
    }
  }
  const kind = await add('One of a list', 'Body')
  await options(kind, ['Saloon', 'Estate'])
  await kind.getByRole('checkbox', { name: 'Vehicle' }).check()
  await kind.getByRole('checkbox', { name: /^Required/ }).check({ force: true })
  await choose(kind, 'Filled in as', 'Estate')
  const parts = await add('Several of a list', 'Damage')
  await options(parts, ['Door', 'Roof', 'Wheel'])
  await parts.getByRole('checkbox', { name: 'Car' }).check()
  const plate = await add('Text', 'Plate')
  await plate.getByRole('checkbox', { name: 'Taxi' }).check()
  const seats = await add('Number', 'Seats')
  await seats.getByLabel(/^Least/).fill('1')
  await seats.getByLabel(/^Greatest/).fill('9')
  await seats.getByLabel(/^Filled in as/).fill('4')
  const night = await add('Yes or no', 'Night')
  await night.getByText('The whole item').click()
  await choose(night, 'Filled in as', 'No')
  await axe(page, 'an ontology with each kind of attribute')
  await shot('making-ontology')
  await page.keyboard.press('Control+s')
  await page.getByText(/^Saved as version/).waitFor()

  const { ontology: saved } = await read(page, `/api/projects/${project}/ontology`)
  expect(saved.classes.length === 4, JSON.stringify(saved.classes))
  const parents = Object.fromEntries(saved.classes.map(({ name, parent, key }) => [name, { parent: parent ?? null, key }]))
  const key = (name) => parents[name].key
  expect(parents.Car.parent === key('Vehicle') && parents.Taxi.parent === key('Car') && parents.Person.parent === null, JSON.stringify(parents))
  const attribute = (name) => saved.attributes.find((each) => each.name === name)
  const option = (of, name) => attribute(of).options.find((each) => each.name === name).key
  expect(attribute('Body').type === 'select' && attribute('Body').required && same(attribute('Body').classes, [key('Vehicle')]) && attribute('Body').default === option('Body', 'Estate'), JSON.stringify(attribute('Body')))
  expect(attribute('Damage').type === 'multi' && same(attribute('Damage').classes, [key('Car')]) && attribute('Damage').options.length === 3, JSON.stringify(attribute('Damage')))
  expect(attribute('Plate').type === 'text' && same(attribute('Plate').classes, [key('Taxi')]), JSON.stringify(attribute('Plate')))
  expect(attribute('Seats').type === 'number' && attribute('Seats').min === 1 && attribute('Seats').max === 9 && attribute('Seats').default === 4, JSON.stringify(attribute('Seats')))
  expect(attribute('Night').type === 'boolean' && attribute('Night').scope === 'item' && attribute('Night').default === false, JSON.stringify(attribute('Night')))
  return { taxi: key('Taxi'), body: attribute('Body').key, estate: option('Body', 'Estate'), damage: attribute('Damage').key, roof: option('Damage', 'Roof'), plate: attribute('Plate').key, seats: attribute('Seats').key, night: attribute('Night').key }
}

/** One outline, with what is asked of it. */
async function outline(page, go, shot, project, keys) {
  await go(`/projects/${project}/work/label`)
  const stage = page.locator('[role=application] canvas').first()
  await stage.waitFor()
  await page.waitForTimeout(600)
  const { x, y, width, height } = await stage.boundingBox()
  await page.keyboard.press('p')
  await page.getByLabel('Answer').getByText('Taxi', { exact: true }).click()
  for (const [left, top] of [[0.3, 0.3], [0.6, 0.32], [0.55, 0.65], [0.3, 0.3]]) await page.mouse.click(x + width * left, y + height * top)
  const panel = page.getByRole('region', { name: /selected object/ })
  await panel.getByRole('heading', { name: 'Taxi' }).waitFor()
  expect((await panel.getByRole('button', { name: 'Estate' }).getAttribute('aria-pressed')) === 'true', 'the default is filled in')
  await panel.getByRole('button', { name: 'Roof' }).click()
  await panel.getByLabel(/^Plate/).fill('LYS 1')
  await shot('making-outline')
  const was = await page.locator('h1').first().textContent()
  await page.keyboard.press('Control+Enter')
  await page.waitForFunction((before) => document.querySelector('h1')?.textContent !== before, was)
  const task = await answerIn(page, project)
  const [{ answer }] = task.answers
  const [object] = answer.objects
  expect(answer.objects.length === 1 && object.class === keys.taxi && object.shape.points.length === 3, JSON.stringify(answer))
  const said = { [keys.body]: keys.estate, [keys.damage]: [keys.roof], [keys.plate]: 'LYS 1', [keys.seats]: 4 }
  for (const [key, value] of Object.entries(said)) expect(same(object.attributes[key], value), `${key}: ${JSON.stringify(object.attributes)}`)
  expect(answer.attributes[keys.night] === false, JSON.stringify(answer.attributes))
  return task
}

/** Another name for a class: the answer is the same to the letter, and is read under the new name. */
async function rename(page, go, shot, project, before) {
  await go(`/projects/${project}/ontology`)
  const field = page.getByRole('group', { name: 'Taxi' }).getByRole('textbox', { name: 'Name', exact: true })
  await field.fill('Hackney carriage')
  await page.keyboard.press('Control+s')
  await page.getByText(/^Saved as version/).waitFor()
  const after = await read(page, `/api/tasks/${before.id}`)
  expect(same(after.answers, before.answers) && same(after.label, before.label), 'the answer is as it was, and under the version it was given')
  const { ontology: saved } = await read(page, `/api/projects/${project}/ontology`)
  expect(saved.classes.some(({ name, key }) => name === 'Hackney carriage' && key === before.answers[0].answer.objects[0].class), 'the key is the old one')
  await go(`/projects/${project}/tasks/${before.id}`)
  await page.getByText('Hackney carriage').first().waitFor()
  await page.locator('canvas').first().waitFor()
  await page.waitForTimeout(500)
  await shot('making-renamed')
}

/** One task of a question with classes to choose from. */
async function choose(page, go, shot, { template, name, text = null, picks, wanted }) {
  const project = await wizard(page, template, name)
  if (text === null) await bringPictures(page, go, project, 2)
  else {
    await go(`/projects/${project}/data`)
    await page.getByRole('button', { name: 'Paste texts…' }).click()
    await page.getByLabel('One text a line').fill(text.join('\n'))
    await page.getByRole('button', { name: `Add ${text.length}` }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  await publish(page)
  await go(`/projects/${project}/work/label`)
  for (const pick of picks) await page.getByLabel('Answer').getByRole(picks.length > 1 ? 'checkbox' : 'radio', { name: new RegExp(`^${pick}`) }).click()
  await page.waitForTimeout(300)
  await axe(page, name)
  await shot(`making-${name.toLowerCase().replaceAll(' ', '-')}`)
  await page.keyboard.press('Control+Enter')
  const { answers } = await answerIn(page, project)
  expect(same(answers[0].answer.choices, wanted), `${name}: ${JSON.stringify(answers[0].answer)}`)
  return project
}

/** A list with labels: the good ones are done, and each of the others is told with its reason. */
async function labelled(page, go, project, shot) {
  await go(`/projects/${project}/data`)
  const rows = [
    { external_id: 'note-1', text: 'Lovely.', answer: { choices: ['positive'] } },
    { external_id: 'note-2', text: 'Hm.', answer: { choices: ['no-such-mood'] } },
    { external_id: 'note-3', text: 'Dreadful.', metdata: { from: 'a slip of the pen' } },
    'this is no JSON',
    { external_id: 'note-5', text: 'As expected.' },
  ]
  await page.getByRole('button', { name: 'Import a file…' }).click()
  const lines = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n')
  await page.getByLabel('File to import').setInputFiles({ name: 'notes.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(lines) })
  await page.getByRole('dialog').getByRole('button', { name: 'Look inside' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByText('3 with errors').first().waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Error file' }).first().click()])
  const told = readFileSync(await download.path(), 'utf8')
  expect(told.startsWith('row,field,code,message,raw'), told)
  for (const line of [/^2,answer.*no-such-mood/m, /^3,.*metdata/m, /^4,.*this is no JSON/m]) expect(line.test(told), `${line} is not in the error file:\n${told}`)
  const { items } = await read(page, `/api/tasks?project=${project}&limit=50`)
  const states = Object.fromEntries(items.map(({ external_id, state }) => [external_id, state]))
  expect(states['note-1'] === 'done' && states['note-5'] === 'queued' && !('note-2' in states) && !('note-3' in states), JSON.stringify(states))

  // A table of texts with labels is another tool's, until somebody says that it is a list of items.
  await page.getByRole('button', { name: 'Import a file…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import a file' })
  await page.getByLabel('File to import').setInputFiles({ name: 'moods.csv', mimeType: 'text/csv', buffer: Buffer.from('external_id,text,label\na,Grand.,positive\nb,Awful.,negative\n') })
  await dialog.getByRole('button', { name: 'Look inside' }).click()
  await dialog.locator('p').getByText('CSV', { exact: true }).waitFor()
  await dialog.getByText('2 items, 2 marks').waitFor()
  await shot('making-read-as')
  await dialog.getByRole('button', { name: /Read as/ }).click()
  await page.getByRole('option', { name: 'A manifest: rows of items' }).click()
  await dialog.locator('p').getByText('Rows of items', { exact: true }).waitFor()
  await dialog.getByRole('button', { name: /Read as/ }).click()
  await page.getByRole('option', { name: 'COCO', exact: true }).click()
  await dialog.getByRole('alert').waitFor()
  await shot('making-read-as-refused')
  await dialog.getByRole('button', { name: /Read as/ }).click()
  await page.getByRole('option', { name: 'Recognised by itself' }).click()
  await dialog.getByText('2 items, 2 marks').waitFor()
  await dialog.getByRole('button', { name: 'Import', exact: true }).click()
  await soon(async () => {
    const tasks = (await read(page, `/api/tasks?project=${project}&limit=50`)).items
    return tasks.filter(({ external_id: id, state }) => ['a', 'b'].includes(id) && state === 'done').length === 2
  }, 'the labels of the table are there')
}

/** Another tool's export in one archive: what it holds is shown, what its classes become is chosen, and it comes with its pictures. */
async function taken(page, go, shot) {
  const project = await wizard(page, 'Boxes on images', 'From elsewhere', ['Car', 'Person'])
  const region = (name, x) => ({ id: `${name}${x}`, from_name: 'label', to_name: 'image', type: 'rectanglelabels', original_width: 200, original_height: 120, value: { x, y: 20, width: 15, height: 30, rotation: 0, rectanglelabels: [name] } })
  const task = (n, regions, predicted = []) => ({
    data: { image: `/data/upload/3/elsewhere-${n}.png` },
    annotations: regions.length > 0 ? [{ result: regions }] : [],
    predictions: predicted.length > 0 ? [{ model_version: 'v2', result: predicted }] : [],
  })
  const tasks = [task(0, [region('Car', 10), region('Tuk-tuk', 40)]), task(1, [region('Pedestrian', 90)]), task(2, [], [region('Car', 30)]), task(9, [region('Car', 10)])]
  const home = mkdtempSync(join(tmpdir(), 'fairmark-elsewhere-'))
  for (let n = 0; n < 3; n += 1) writeFileSync(join(home, `elsewhere-${n}.png`), png(n, 200, 120))
  writeFileSync(join(home, 'export.json'), JSON.stringify(tasks))
  const archive = join(home, 'elsewhere.tar')
  const packed = spawnSync('tar', ['-cf', archive, '-C', home, 'export.json', ...[0, 1, 2].map((n) => `elsewhere-${n}.png`)])
  expect(packed.status === 0, `tar: ${packed.stderr}`)

  await go(`/projects/${project}/data`)
  await page.getByRole('button', { name: 'Import a file…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import a file' })
  await page.getByLabel('File to import').setInputFiles({ name: 'notes.md', mimeType: 'text/plain', buffer: Buffer.from('# Not labels at all') })
  await dialog.getByRole('button', { name: 'Look inside' }).click()
  await dialog.getByRole('alert').getByText('in none of the formats').waitFor()
  await dialog.getByRole('button', { name: 'Another file' }).click()
  await page.getByLabel('File to import').setInputFiles(archive)
  await dialog.getByRole('button', { name: 'Look inside' }).click()
  await dialog.locator('p').getByText('Label Studio', { exact: true }).waitFor()
  await dialog.getByText('4 items, 5 marks, 1 of them by a model').waitFor()
  await dialog.getByText('cut at the edge of the picture').waitFor()
  await axe(page, 'a look into a file')
  await shot('making-look')
  await dialog.getByRole('button', { name: /What Pedestrian becomes/ }).click()
  await page.getByRole('option', { name: 'Person' }).click()
  await dialog.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByRole('grid', { name: 'Items' }).getByText('elsewhere-1.png').waitFor()
  const { ontology: now } = await read(page, `/api/projects/${project}/ontology`)
  const keys = Object.fromEntries(now.classes.map(({ name, key }) => [name, key]))
  expect(Object.keys(keys).join() === 'Car,Person,Tuk-tuk', JSON.stringify(keys))
  const { items } = await read(page, `/api/tasks?project=${project}&limit=50`)
  const done = items.filter(({ state }) => state === 'done').map(({ external_id }) => external_id).sort()
  expect(items.length === 3 && done.length === 2, JSON.stringify(items))
  const second = await read(page, `/api/tasks/${items.find(({ external_id }) => external_id.endsWith('elsewhere-1.png')).id}`)
  const [{ class: became, shape }] = second.label.value.objects
  expect(became === keys.Person && shape.x + shape.width <= 200, JSON.stringify(second.label.value))
  rmSync(home, { recursive: true, force: true })
}

/** The network breaks within a file; it goes on there. The page is closed within the next; the same folder goes on there. */
async function folder(page, go, shot) {
  const project = await wizard(page, 'Boxes on images', 'A folder by rail')
  const home = mkdtempSync(join(tmpdir(), 'fairmark-rail-'))
  mkdirSync(join(home, 'day', 'north'), { recursive: true })
  for (let n = 0; n < 12; n += 1) writeFileSync(join(home, n % 2 === 0 ? 'day' : join('day', 'north'), `track-${n}.png`), png(n, 200, 120))
  writeFileSync(join(home, 'large.png'), png(1, 2_200, 1_500, 'noise'))
  writeFileSync(join(home, 'Thumbs.db'), 'left behind by a file manager')
  writeFileSync(join(home, 'day', 'read me.doc'), 'no picture')

  /** The offsets at which pieces of the large file were sent; its pieces are the only ones beyond the first. */
  const offsets = []
  let cutAt = 4 * 1024 * 1024
  let isCut = false
  await page.route('**/api/**', async (route) => {
    const request = route.request()
    const offset = request.method() === 'PATCH' ? Number(request.headers()['upload-offset'] ?? 0) : 0
    if (offset > 0) offsets.push(offset)
    if (offset >= cutAt) isCut = true
    return isCut && request.url().includes('/uploads') ? route.abort('connectionfailed') : route.continue()
  })
  await go(`/projects/${project}/data`)
  await page.getByLabel('Choose a folder').setInputFiles(home)
  await page.getByText('1 file was left out').waitFor()
  await page.getByText('Waiting for the server…').first().waitFor()
  await shot('making-folder-broken')
  expect(same([...new Set(offsets)], [cutAt]), `the second piece of the large file was under way: ${offsets}`)
  // The network is back: nobody has to do anything.
  offsets.length = 0
  cutAt = 8 * 1024 * 1024
  isCut = false
  while (!isCut) await page.waitForTimeout(100)
  expect(offsets[0] === 4 * 1024 * 1024, `it went on at the piece that broke: ${offsets}`)
  // It breaks once more, and the page is closed with it.
  page.once('dialog', (dialog) => void dialog.accept())
  await page.reload()
  offsets.length = 0
  cutAt = Number.POSITIVE_INFINITY
  isCut = false
  await page.getByLabel('Choose a folder').setInputFiles(home)
  await page.getByText('Everything has arrived').waitFor({ timeout: 60_000 })
  expect(same(offsets, [8 * 1024 * 1024]), `after the page was closed, only the last piece was missing: ${offsets}`)
  await shot('making-folder-done')
  const { items } = await read(page, `/api/projects/${project}/items?limit=50`)
  const ids = items.map(({ external_id }) => external_id).sort()
  const root = home.split('/').at(-1)
  expect(ids.length === 13 && ids.includes(`${root}/day/north/track-1.png`) && ids.includes(`${root}/large.png`), `each once, under its path: ${ids}`)
  await page.unroute('**/api/**')
  rmSync(home, { recursive: true, force: true })
}

export async function making(world) {
  const { page, go, shot, end } = await signIn(world, 'owner')
  const project = await wizard(page, 'Polygons on images', 'Vehicles in outline', ['Vehicle', 'Person'])
  await instructions(page, go, shot, project)
  const keys = await ontology(page, go, shot, project)
  await bringPictures(page, go, project, 2)
  await publish(page)
  const task = await outline(page, go, shot, project, keys)
  await rename(page, go, shot, project, task)

  await choose(page, go, shot, { template: 'Image classification, one class', name: 'Is it sharp', picks: ['Yes'], wanted: ['yes'] })
  await choose(page, go, shot, { template: 'Image classification, several classes', name: 'When and where', picks: ['Day', 'Indoor'], wanted: ['day', 'indoor'] })
  const notes = await choose(page, go, shot, { template: 'Text classification, one class', name: 'Moods', text: ['Good.', 'Bad.'], picks: ['Neutral'], wanted: ['neutral'] })
  await choose(page, go, shot, { template: 'Text classification, several classes', name: 'Topics', text: ['Why is it late? It is a shame.', 'شكرا جزيلا'], picks: ['Question', 'Complaint'], wanted: ['question', 'complaint'] })
  await labelled(page, go, notes, shot)
  await taken(page, go, shot)
  await folder(page, go, shot)
  await end()
}
