// The viewer: reads everything, changes nothing.
import { expect, acceptInvitation } from './kit.mjs'

export async function viewer(world) {
  const { page, go, end } = await acceptInvitation(world, 'viewer')
  await page.getByRole('link', { name: 'Street scenes' }).click()
  await page.getByText('Live', { exact: true }).waitFor()
  expect((await page.getByRole('button', { name: /Publish|Make a release/ }).count()) === 0, 'a viewer is offered no changes')
  expect((await page.getByRole('link', { name: 'Label', exact: true }).count()) === 0, 'a viewer is offered no work')
  await go(`/projects/${world.project}/ontology`)
  await page.getByText('Vehicle').first().waitFor()
  expect((await page.getByRole('button', { name: 'Save' }).count()) === 0, 'a viewer cannot save an ontology')
  await go('/members')
  await page.getByText('Only managers see the members').waitFor()
  await end()
}
