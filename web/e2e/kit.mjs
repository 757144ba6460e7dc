// What all stories use.
import { randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const password = (name) => `a long enough secret of ${name}`

/** How many answers of this browser the server does not have yet. */
async function unsent() {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  let count = 0
  for (const { name } of await indexedDB.databases()) {
    const db = await done(indexedDB.open(name))
    if (db.objectStoreNames.contains('letters')) {
      const letters = await done(db.transaction('letters').objectStore('letters').getAll())
      count += letters.filter(({ refusal }) => refusal === null).length
    }
    db.close()
  }
  return count
}

/**
 * Waits until the server has what was handed in. The next task is shown as soon as the answer is on the device: a browser that is
 * thrown away at that moment takes the answer with it.
 */
export async function sent(page) {
  const end = Date.now() + 20_000
  while ((await page.evaluate(unsent)) > 0) {
    expect(Date.now() < end, 'what was handed in has been sent')
    await page.waitForTimeout(100)
  }
}

/** A browser of its own for one person. Anything that the page complains of fails the story. */
export async function visit(world, options = {}) {
  const context = await world.browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(Number(process.env.E2E_TIMEOUT_MS ?? 15_000))
  const complaints = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('response', (response) => {
    if (response.status() >= 500) complaints.push(`${response.status()} ${response.request().method()} ${response.url()}`)
  })
  return {
    page,
    go: (path) => page.goto(world.url + path, { waitUntil: 'domcontentloaded' }),
    shot: (name) => page.screenshot({ path: join(world.results, `${name}.png`) }),
    async end() {
      await context.close()
      if (complaints.length > 0) throw new Error(`The page complained:\n${complaints.join('\n')}`)
    },
  }
}

export async function signIn(world, name) {
  const browser = await visit(world)
  await browser.go('/login')
  await browser.page.getByLabel('E-mail').fill(world.people[name])
  await browser.page.getByLabel('Password', { exact: true }).fill(password(name))
  await browser.page.getByRole('button', { name: 'Sign in' }).click()
  await browser.page.getByRole('button', { name: /More|Owner|Manager|Reviewer|Contributor|Viewer|Operator/ }).first().waitFor()
  return browser
}

/** Opens an invitation's link and joins. */
export async function acceptInvitation(world, name) {
  const browser = await visit(world)
  await browser.page.goto(world.url + world.links[name])
  await browser.page.getByLabel('Your name').fill(`${name[0].toUpperCase()}${name.slice(1)} Person`)
  await browser.page.getByLabel('Password', { exact: true }).fill(password(name))
  await browser.page.getByRole('button', { name: 'Accept and join' }).click()
  await browser.page.getByRole('heading', { level: 1 }).filter({ hasText: 'Good' }).waitFor()
  return browser
}

/** WCAG 2.2 AA as far as a program can tell. */
export async function axe(page, where) {
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: axeSource }) // Past the policy, as a page may not.
  const found = await page.evaluate(async () => {
    // What fades in has its colours when it is there.
    const passing = document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Infinity)
    await Promise.all(passing.map((each) => each.finished.catch(() => undefined)))
    // What is being announced is named by what may be gone by now; it is there for a moment, and heard only.
    const result = await globalThis.axe.run({ exclude: [['[data-live-announcer]']] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 140)).join(' … ')}`)
  })
  if (found.length > 0) throw new Error(`axe, ${where}:\n${found.join('\n')}`)
}

export function expect(fact, sentence) {
  if (!fact) throw new Error(sentence)
}

/** A picture that needs no file: a gradient with a square, different for each `n`; or noise, which does not get smaller. */
export function png(n, width = 640, height = 480, kind = 'square') {
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * (1 + width * 3) + 1 + x * 3
      const inside = x > 100 + n * 20 && x < 300 + n * 20 && y > 120 && y < 300
      rows[at] = inside ? 230 : (x * 255) / width
      rows[at + 1] = inside ? 90 : (y * 255) / height
      rows[at + 2] = (n * 40) % 255
    }
  }
  if (kind === 'noise') for (let y = 0; y < height; y += 1) randomFillSync(rows, y * (1 + width * 3) + 1, width * 3)
  return encodePng(rows, width, height)
}

/** A picture out of its rows, each with a zero before its red, green and blue. */
export function encodePng(rows, width, height) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const frame = Buffer.alloc(8 + data.length + 4)
    frame.writeUInt32BE(data.length, 0)
    body.copy(frame, 4)
    frame.writeUInt32BE(crc(body), 8 + data.length)
    return frame
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

// `zlib.crc32` is younger than Node 20's first releases.
const crc = crc32 ?? ((bytes) => {
  let sum = ~0
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1))
  }
  return ~sum >>> 0
})
