// Every page, wide and narrow, light and dark: a picture of each, nothing wider than the screen, nothing that axe finds.
import { join } from 'node:path'
import { axe, expect, signIn } from './kit.mjs'

/** A file of another tool that was looked into, and read as what somebody named. */
async function looked(page, go, project) {
  const labels = {
    images: [{ id: 1, file_name: 'a-name-that-is-too-long-for-a-line-of-a-telephone/and-nowhere-to-be-found.jpg', width: 100, height: 50 }],
    categories: ['Car', 'Vehicle of the emergency services that is on its way', 'سيارة'].map((name, n) => ({ id: n + 1, name })),
    annotations: [1, 2, 3].map((id) => ({ id, image_id: 1, category_id: id, bbox: [10 * id, 5, 20, 30], area: 600, iscrowd: id === 2 ? 1 : 0, tracker: `t${id}` })),
  }
  await go(`${project}/data`)
  await page.getByRole('button', { name: 'Import a file…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import a file' })
  await page.getByLabel('File to import').setInputFiles({ name: 'elsewhere.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(labels)) })
  await dialog.getByRole('button', { name: 'Look inside' }).click()
  await dialog.locator('p').getByText('COCO', { exact: true }).waitFor()
  await dialog.getByRole('button', { name: /Read as/ }).click()
  await page.getByRole('option', { name: 'COCO', exact: true }).click()
  await dialog.getByRole('button', { name: /^COCO/ }).waitFor()
  await dialog.locator('p').getByText('COCO', { exact: true }).waitFor()
}

export async function gallery(world) {
  const project = `/projects/${world.project}`
  const pages = {
    home: '/', projects: '/projects', wizard: '/projects/new', overview: project, data: `${project}/data`, ontology: `${project}/ontology`,
    instructions: `${project}/instructions`, tasks: `${project}/tasks`, quality: `${project}/quality`, releases: `${project}/releases`, plan: `${project}/settings`,
    members: '/members', keys: '/keys', settings: '/settings', work: '/work', jobs: '/jobs', organizations: '/organizations',
    task: `${project}/tasks/${world.task}`, label: `${project}/work/label`, review: `${project}/work/review`, nothing: `${project}/work/adjudicate`,
  }
  const { page, go, end } = await signIn(world, 'owner')
  const problems = []
  for (const width of [1440, 390]) {
    for (const scheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: width < 500 ? 844 : 900 })
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      for (const [name, path] of Object.entries(pages)) {
        await go(path)
        await page.getByRole('heading').first().waitFor()
        await page.waitForTimeout(700)
        const where = `${name}, ${width} px, ${scheme}`
        await page.screenshot({ path: join(world.results, `${name}-${width}-${scheme}.png`), fullPage: true })
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        if (over > 0) problems.push(`${where}: ${over} px wider than the screen`)
        await axe(page, where).catch((error) => problems.push(error.message))
      }
      await looked(page, go, project).catch((error) => problems.push(error.message))
      const where = `a look into a file, ${width} px, ${scheme}`
      await page.screenshot({ path: join(world.results, `look-${width}-${scheme}.png`) })
      await axe(page, where).catch((error) => problems.push(error.message))
    }
  }
  expect(problems.length === 0, problems.join('\n'))
  await end()
}
