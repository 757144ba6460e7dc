// The operator: makes an organization, whose data stay apart.
import { signIn } from './kit.mjs'

export async function operator(world) {
  const { page, end } = await signIn(world, 'owner')
  await page.getByRole('link', { name: 'Organizations' }).click()
  await page.getByRole('button', { name: 'New organization' }).click()
  await page.getByLabel('Name').fill('Harbour Hospital')
  await page.getByRole('button', { name: 'Make it' }).click()
  await page.getByRole('cell', { name: 'Harbour Hospital' }).waitFor()
  await end()
}
