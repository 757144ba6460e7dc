// The manager: a text project with two opinions a task, a manifest with bad rows, a folder of hundreds of
// pictures that breaks off and goes on, work watched as it happens, a decision, a release that is
// checked by its sum and comes back into another project as it was.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { acceptInvitation, axe, expect, png, sent, signIn } from './kit.mjs'

const PICTURES = 300

export async function manager(world) {
  const { page, go, shot, end } = await acceptInvitation(world, 'manager')
  const project = await fromTemplate(page, 'Text classification, one class', 'Letters to the editor', ['For', 'Against'], 2)
  await manifest(page, shot, `/projects/${project}`, go)
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByText('Published', { exact: true }).first().waitFor()
  await disagreement(world, page, shot, project)
  await release(page, shot, go, project)
  await folder(page, shot, go)
  await end()
}

/** The wizard, from the question to the plan. */
async function fromTemplate(page, template, name, classes, overlap) {
  await page.goto(new URL('/projects/new', page.url()).href)
  await page.getByRole('radio', { name: new RegExp(`^${template}`) }).first().check({ force: true })
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Name of the project').fill(name)
  for (const [index, each] of classes.entries()) {
    await page.getByRole('textbox', { name: `Class ${index + 1}` }).fill(each)
    if (index + 1 < classes.length) await page.getByRole('textbox', { name: `Class ${index + 1}` }).press('Enter')
  }
  const extra = page.getByRole('button', { name: new RegExp(`^Remove (?!${classes.join('|')})`) })
  for (let left = await extra.count(); left > 0; left -= 1) await extra.first().click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('radio', { name: /^No review/ }).check()
  if (overlap > 1) {
    await page.getByLabel('Answers per task').fill(String(overlap))
    await page.getByLabel('Answers per task').press('Tab')
  }
  await page.getByRole('button', { name: 'Make the project' }).click()
  await page.getByText('Before people can begin').waitFor()
  return new URL(page.url()).pathname.split('/')[2]
}

/** A list with good rows and bad: the good ones are in, the bad ones are told with row and reason. */
async function manifest(page, shot, base, go) {
  await go(`${base}/data`)
  const rows = ['external_id,text,priority', 'letter-1,"The bridge is needed, and soon.",5', 'letter-2,,5', 'letter-3,مرحبا بالجميع,5', 'letter-4,Nobody asked us.,eleven']
  await page.getByRole('button', { name: 'Import a file…' }).click()
  await page.getByLabel('File to import').setInputFiles({ name: 'letters.csv', mimeType: 'text/csv', buffer: Buffer.from(`${rows.join('\r\n')}\r\n`) })
  await page.getByRole('dialog').getByRole('button', { name: 'Look inside' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByText('2 with errors').first().waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Error file' }).first().click()])
  const told = readFileSync(await download.path(), 'utf8')
  expect(told.startsWith('row,field,code,message,raw'), `the error file has its head: ${told}`)
  expect(/^3,text,/m.test(told) && /^5,priority,/m.test(told), `the error file names row and field: ${told}`)
  await page.getByRole('grid', { name: 'Items' }).getByText('letter-3').waitFor()
  await shot('manager-data')
}

/** Two people disagree, the page moves by itself, and a reviewer decides. */
async function disagreement(world, page, shot, project) {
  await page.goto(`${world.url}/projects/${project}`)
  await page.getByText('Live', { exact: true }).waitFor()
  for (const [who, key] of [['contributor', '1'], ['reviewer', '2']]) {
    const other = await signIn(world, who)
    await other.go(`/projects/${project}/work/label`)
    for (let n = 0; n < 2; n += 1) {
      await other.page.getByRole('radio').first().waitFor()
      const was = await other.page.locator('h1').first().textContent()
      await other.page.keyboard.press(n === 0 ? '1' : key)
      await other.page.keyboard.press('Control+Enter')
      await other.page.waitForFunction((before) => document.querySelector('h1')?.textContent !== before, was)
    }
    await page.getByText(who === 'contributor' ? '2 of 4 answers' : '4 of 4 answers').waitFor()
    await sent(other.page)
    await other.end()
  }
  await shot('manager-live')
  await page.getByRole('link', { name: /^Adjudicate/ }).first().click()
  const choice = page.getByRole('radio', { name: /^For.*1 of 2/ })
  await choice.waitFor()
  await axe(page, 'a decision')
  await shot('manager-decide')
  await page.keyboard.press('1')
  await choice.and(page.getByRole('radio', { checked: true })).waitFor()
  await page.keyboard.press('Control+Enter')
  await page.getByText('All done here').waitFor()
  await sent(page)
}

/** What comes out is what was promised, and comes back in as it was. */
async function release(page, shot, go, project) {
  await go(`/projects/${project}/releases`)
  await page.getByRole('button', { name: 'Make a release' }).first().click()
  await page.getByRole('button', { name: 'Make the release' }).click()
  const ready = page.getByRole('article', { name: 'Release 1' })
  await ready.getByText('Ready').waitFor({ timeout: 60_000 })
  await shot('manager-release')
  const row = ready.getByRole('listitem').filter({ hasText: 'native.jsonl' })
  const [download] = await Promise.all([page.waitForEvent('download'), row.getByRole('link', { name: /^Download/ }).click()])
  const bytes = readFileSync(await download.path())
  const sum = createHash('sha256').update(bytes).digest('hex')
  expect((await row.textContent()).includes(sum), 'the file has the sum that the page shows')

  const copy = await fromTemplate(page, 'Text classification, one class', 'Letters, once more', ['For', 'Against'], 2)
  await go(`/projects/${copy}/data`)
  await page.getByRole('button', { name: 'Import a file…' }).click()
  await page.getByLabel('File to import').setInputFiles({ name: 'native.jsonl', mimeType: 'application/jsonl', buffer: bytes })
  await page.getByRole('dialog').getByRole('button', { name: 'Look inside' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByRole('grid', { name: 'Items' }).getByText('letter-3').waitFor()
  await go(`/projects/${copy}`)
  await page.getByText('2 of 2 tasks done').waitFor()
}

/** Hundreds of files in one go; the page is closed half-way, and the same folder again goes on. */
async function folder(page, shot, go) {
  const project = await fromTemplate(page, 'Image classification, several classes', 'Weather by eye', ['Sun', 'Rain'], 1)
  const home = mkdtempSync(join(tmpdir(), 'fairmark-pictures-'))
  for (let n = 0; n < PICTURES; n += 1) writeFileSync(join(home, `sky-${String(n).padStart(3, '0')}.png`), png(n % 12, 64 + n, 48))
  await go(`/projects/${project}/data`)
  await page.getByLabel('Choose a folder').setInputFiles(home)
  await page.getByRole('grid', { name: 'Items' }).getByText('sky-').first().waitFor()
  await shot('manager-folder')
  page.once('dialog', (dialog) => void dialog.accept())
  await go(`/projects/${project}`)
  await go(`/projects/${project}/data`)
  await page.getByLabel('Choose a folder').setInputFiles(home)
  await page.getByText('Everything has arrived').first().waitFor({ timeout: 90_000 })
  await shot('manager-folder-done')
  await go(`/projects/${project}`)
  await page.getByText(`of ${PICTURES} tasks done`).waitFor()
  rmSync(home, { recursive: true, force: true })
}
