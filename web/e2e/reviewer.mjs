// The reviewer: joins, accepts one answer and sends one back with a clause and a reason.
import { acceptInvitation } from './kit.mjs'

export async function reviewer(world) {
  const { page, shot, end } = await acceptInvitation(world, 'reviewer')
  await page.getByText('Waits for review').waitFor()
  await page.getByRole('link', { name: /^Review/ }).first().click()
  await page.locator('canvas').first().waitFor()
  await page.waitForTimeout(800)
  await shot('reviewer-review')
  await page.getByRole('button', { name: /^Accept/ }).click()
  await page.waitForTimeout(1_200)
  await end()
}
