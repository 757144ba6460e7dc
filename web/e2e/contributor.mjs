// The contributor: joins, starts, draws a box on each of two pictures, hands them in, sees them under own work.
import { acceptInvitation, expect, sent } from './kit.mjs'

export async function contributor(world) {
  const { page, shot, end } = await acceptInvitation(world, 'contributor')
  await page.getByRole('link', { name: /^Start/ }).first().click()
  for (let n = 0; n < 2; n += 1) {
    const stage = page.locator('canvas').first()
    await stage.waitFor()
    await page.waitForTimeout(800)
    const box = await stage.boundingBox()
    expect(box, 'there is a picture to draw on')
    await page.keyboard.press('1')
    await page.mouse.move(box.x + box.width * 0.35, box.y + box.height * 0.35)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.5, { steps: 6 })
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.62, { steps: 6 })
    await page.mouse.up()
    await shot(`contributor-label-${n}`)
    await page.keyboard.press('Control+Enter')
    await page.waitForTimeout(1_000)
  }
  await sent(page)
  await page.goto(`${world.url}/work`)
  await page.getByText('Recent answers').waitFor()
  await page.getByText('street-').nth(1).waitFor()
  await shot('contributor-work')
  await end()
}
