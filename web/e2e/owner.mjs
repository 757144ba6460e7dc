// The owner: claims the installation, makes a project, brings in data, publishes, invites; at the end, a release.
import { axe, expect, password, png, signIn, visit } from './kit.mjs'

/** Waits until the name of a new attribute is selected, ready to be typed over. */
const named = (page) => page.waitForFunction(() => document.activeElement?.dataset.attribute !== undefined)

export async function owner(world) {
  const { page, go, shot, end } = await visit(world)

  await go('/')
  await page.waitForURL(/\/setup/)
  await axe(page, 'claim')
  await page.getByLabel('Claim token').fill(world.token)
  await page.getByLabel('Organization').fill('Lys Mobility Lab')
  await page.getByLabel('Your name').fill('Amara Okafor')
  await page.getByLabel('E-mail').fill('amara@example.org')
  await page.getByLabel('Password', { exact: true }).fill(password('owner'))
  await page.getByRole('button', { name: 'Claim the installation' }).click()
  await page.getByText('Start your first project').waitFor()
  world.people.owner = 'amara@example.org'

  // A project in three steps, by keyboard where it is quickest.
  await page.getByRole('link', { name: 'New project' }).first().click()
  await page.getByRole('radio', { name: /^Boxes/ }).first().check({ force: true })
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Name of the project').fill('Street scenes')
  const first = page.getByRole('textbox', { name: 'Class 1' })
  await first.fill('Vehicle')
  await first.press('Enter')
  await page.getByRole('textbox', { name: 'Class 2' }).fill('Person')
  for (let extra = await page.getByRole('button', { name: /^Remove (?!Vehicle|Person)/ }).count(); extra > 0; extra -= 1) await page.getByRole('button', { name: /^Remove (?!Vehicle|Person)/ }).first().click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('radio', { name: /Review every answer/ }).check()
  await shot('owner-plan')
  await page.getByRole('button', { name: 'Make the project' }).click()
  await page.getByText('Before people can begin').waitFor()
  world.project = new URL(page.url()).pathname.split('/')[2]

  // The ontology, by keyboard: a class below another, and an attribute.
  await page.getByRole('link', { name: 'Ontology', exact: true }).first().click()
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().click()
  await page.keyboard.press('Enter')
  await page.keyboard.type('Car')
  await page.keyboard.press('Alt+ArrowRight')
  await page.getByRole('button', { name: 'Add an attribute' }).click()
  await page.getByRole('menuitem', { name: 'Yes or no' }).click()
  await named(page)
  await page.keyboard.type('Occluded')
  // And one of each other kind: an option list with a default, one that is for cars only, a text, a number with bounds.
  const add = async (kind, name) => {
    await page.getByRole('button', { name: 'Add an attribute' }).click()
    await page.getByRole('menuitem', { name: kind }).click()
    await named(page)
    await page.keyboard.type(name)
    return page.getByRole('group', { name, exact: true })
  }
  const options = async (attribute, names) => {
    for (const [at, name] of names.entries()) {
      const option = attribute.getByRole('textbox', { name: `Option ${at + 1}` })
      if ((await option.count()) === 0) await attribute.getByRole('button', { name: 'Add an option' }).click()
      await option.fill(name)
    }
  }
  const side = await add('One of a list', 'Side seen')
  await options(side, ['Front', 'Rear', 'Flank'])
  await side.getByRole('button', { name: /Filled in as/ }).click()
  await page.getByRole('option', { name: 'Front' }).click()
  const parts = await add('Several of a list', 'Open parts')
  await options(parts, ['Door', 'Boot'])
  await parts.getByRole('checkbox', { name: 'Car', exact: true }).check({ force: true })
  await add('Text', 'Plate')
  const seats = await add('Number', 'Seats seen')
  await seats.getByLabel('Least').fill('0')
  await seats.getByLabel('Greatest').fill('9')
  await page.keyboard.press('Control+s')
  await page.getByText(/^Saved as version/).waitFor()
  await shot('owner-ontology')

  // The instructions.
  await page.getByRole('link', { name: 'Instructions', exact: true }).first().click()
  await page.getByRole('textbox', { name: 'Markdown' }).fill('# Boxes\n\nDraw a **tight** box around every vehicle.\n\n## Tightness\n\nThe box touches the thing on all four sides.\n')
  await page.keyboard.press('Control+s')
  // Not the note about the ontology, which may still be on the screen.
  await page.getByText('Version 2, saved').waitFor()
  await page.getByRole('heading', { name: 'Tightness' }).waitFor()
  // With a picture, a good and a bad example.
  await page.locator('input[type=file][aria-label=Picture]').setInputFiles({ name: 'tight.png', mimeType: 'image/png', buffer: png(7) })
  await page.getByRole('img', { name: /tight/ }).first().waitFor()
  await page.getByRole('button', { name: 'Good example' }).click()
  await page.getByRole('button', { name: 'Bad example' }).click()
  await page.keyboard.press('Control+s')
  await page.getByText('Version 3, saved').waitFor()
  const picture = page.getByRole('img', { name: /tight/ }).first()
  await picture.waitFor()
  expect(await picture.evaluate((image) => image.decode().then(() => image.naturalWidth > 0)), 'the picture of the instructions is shown')
  await shot('owner-instructions')

  // The data: six pictures, and one that is none.
  await page.getByRole('link', { name: 'Data', exact: true }).first().click()
  const files = Array.from({ length: 6 }, (_, n) => ({ name: `street-${n}.png`, mimeType: 'image/png', buffer: png(n) }))
  await page.getByLabel('Choose files').setInputFiles([...files, { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('this is no picture') }])
  await page.getByText('Not everything arrived').waitFor({ timeout: 60_000 })
  await shot('owner-data')
  await page.getByRole('button', { name: 'Clear the list' }).click()
  await page.getByRole('grid', { name: 'Items' }).getByText('street-5.png').waitFor()

  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByText('Published', { exact: true }).first().waitFor()

  // People.
  for (const role of ['contributor', 'reviewer', 'viewer', 'manager']) {
    await page.getByRole('link', { name: 'Members' }).click()
    await page.getByRole('button', { name: 'Invite', exact: true }).click()
    await page.getByLabel('E-mail').fill(`${role}@example.org`)
    await page.getByRole('button', { name: /^\S+ Role$/ }).click()
    await page.getByRole('option', { name: new RegExp(`^${role}`, 'i') }).click()
    await page.getByRole('button', { name: 'Make the invitation' }).click()
    const link = await page.getByLabel('Invitation link').inputValue()
    const address = new URL(link)
    world.links[role] = address.pathname + address.search + address.hash
    world.people[role] = `${role}@example.org`
    await page.getByRole('button', { name: 'Done', exact: true }).click()
  }

  // A key, shown once.
  await page.getByRole('link', { name: 'API keys' }).click()
  await page.getByRole('button', { name: 'New key' }).click()
  await page.getByLabel('Name').fill('Nightly import')
  await page.getByRole('button', { name: 'Make the key' }).click()
  expect((await page.getByLabel('API key', { exact: true }).last().inputValue()).startsWith('fmk_live_'), 'a key begins with fmk_live_')
  await page.getByRole('button', { name: 'I have it' }).click()
  await end()
}

/** After the others have worked: progress, a task with its history, a release and its file. */
owner.release = async (world) => {
  const { page, go, shot, end } = await signIn(world, 'owner')
  await go(`/projects/${world.project}`)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByText('Contributor Person').waitFor()
  await shot('owner-progress')

  await page.getByRole('link', { name: 'Tasks', exact: true }).click()
  await page.getByRole('radio', { name: 'Done' }).check({ force: true })
  await page.getByRole('grid', { name: 'Tasks' }).getByRole('row').nth(1).click()
  await page.getByText('Contributor Person').first().waitFor()
  world.task = new URL(page.url()).pathname.split('/').at(-1)
  await shot('owner-task')

  // A finished task becomes gold, is seen on the page of quality, and is dealt no more.
  await page.getByRole('button', { name: 'More' }).last().click()
  await page.getByRole('menuitem', { name: /^Make it gold/ }).click()
  await page.getByRole('button', { name: 'Make it gold', exact: true }).click()
  await page.getByText('It is gold now').waitFor()
  await page.getByRole('link', { name: 'Quality', exact: true }).click()
  const gold = page.getByRole('row', { name: /dealt/ })
  await gold.waitFor()
  await shot('owner-quality')
  await gold.getByRole('button', { name: /^Retire/ }).click()
  await page.getByRole('button', { name: 'Retire it' }).click()
  await page.getByRole('row', { name: /retired/ }).waitFor()

  await page.getByRole('link', { name: 'Releases', exact: true }).click()
  await page.getByRole('button', { name: 'Make a release' }).first().click()
  await page.getByRole('textbox', { name: /^Name/ }).fill('First')
  await formats(page, shot)
  await page.getByRole('button', { name: 'Make the release' }).click()
  const ready = page.getByRole('article', { name: 'Release 1' })
  await ready.getByText('Ready').waitFor({ timeout: 60_000 })
  for (const name of ['yolo.zip', 'label-studio.json']) await ready.getByRole('listitem').filter({ hasText: name }).waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), ready.getByRole('link', { name: /^Download/ }).first().click()])
  expect((await download.path()) !== null, 'the file of a release arrives')
  await shot('owner-release')
  await end()
}

/** Formats of other tools: found by a word, chosen by keys, and what they would lose told before anything is made. */
async function formats(page, shot) {
  const dialog = page.getByRole('dialog', { name: 'Make a release' })
  await dialog.getByRole('checkbox', { name: /^YOLO boxes/ }).check()
  await dialog.getByText(/^More formats/).click()
  const filter = dialog.getByRole('searchbox', { name: 'Filter formats' })
  await filter.fill('studio')
  await dialog.getByRole('checkbox', { name: /^Pascal VOC/ }).waitFor({ state: 'detached' })
  // Enter chooses nothing, and above all does not make the release.
  await filter.press('Enter')
  await filter.press('Tab')
  await page.keyboard.press('Space')
  await dialog.getByRole('checkbox', { name: /^Label Studio/, checked: true }).waitFor()
  await filter.fill('parquet')
  await dialog.getByRole('checkbox', { name: /^Parquet/ }).waitFor()
  expect(await dialog.getByRole('checkbox', { name: /^Label Studio/ }).isChecked(), 'what is chosen stays whatever the filter says')
  await filter.press('Escape')
  await dialog.getByRole('checkbox', { name: /^Pascal VOC/ }).waitFor()
  await dialog.getByText(/^Counted in /).waitFor()
  for (const name of ['YOLO boxes', 'Label Studio']) await dialog.getByText(new RegExp(`^${name} (nothing lost|\\d+ kinds?, )`)).waitFor()
  await axe(page, 'formats of a release')
  await shot('owner-formats')
}
