// Every page, wide and narrow, light and dark: a picture of each, nothing wider than the screen, nothing that axe finds.
import { join } from 'node:path'
import { axe, expect, signIn } from './kit.mjs'

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
    }
  }
  expect(problems.length === 0, problems.join('\n'))
  await end()
}
