// Passages of texts by the hands of whoever marks them: by mouse and by keys, nested, across lines, from the right to the left, beside emoji;
// then looked at by somebody else, adjudicated, and in a text of a megabyte.
import { join } from 'node:path'
import { Browser, Caller, atWork, handIn, publish, results, shots, signIn, soon, title, wait } from './desk.mjs'
import { axe, expect, password } from './kit.mjs'

const ontology = {
  classes: [
    { key: 'person', name: 'Person', color: '#e8590c', hotkey: '1' },
    { key: 'work', name: 'Work', color: '#1971c2', hotkey: '2' },
    { key: 'place', name: 'Place', color: '#2f9e44', hotkey: '3' },
  ],
  attributes: [{ key: 'sure', name: 'Sure', type: 'boolean', scope: 'object', classes: ['place'], required: true }],
}

/** An emoji of two units, an accent of its own, CRLF, and Arabic: each would put counting in units or bytes off. */
const TEXT = '🚗 Ada Lovelace wrote the Notes in London.\r\nZoe\u0301 read them.\r\nوصل محمد علي إلى القاهرة.\r\nThe end.'
const points = [...TEXT]
const at = (words) => {
  const start = [...TEXT.slice(0, TEXT.indexOf(words))].length
  return [start, start + [...words].length]
}
const long = `${'A line of the long text that has a name in it: Grace Hopper.\n'.repeat(18_000)}The last line.`

async function texts(world, name, items, plan = {}) {
  const { caller } = world
  const project = await caller.call('POST', '/api/projects', { name, template: 'text_spans', ontology, plan: { overlap: 1, lease_minutes: 5, ...plan } })
  await caller.call('POST', `/api/projects/${project.id}/items`, { items })
  await publish(caller, project)
  return project
}

const answersOf = async ({ caller }, project) => {
  const { items } = await caller.call('GET', `/api/tasks?project=${project.id}&limit=200`)
  const tasks = await Promise.all(items.map(({ id }) => caller.call('GET', `/api/tasks/${id}`)))
  return tasks.flatMap(({ answers }) => answers.filter(({ state }) => state === 'standing').map(({ answer }) => answer))
}
const owner = { email: 'olga@example.org', secret: password('olga') }
const judge = { email: 'rita@example.org', secret: password('rita') }

async function signedIn({ server }, who) {
  const caller = new Caller(server)
  await caller.call('POST', '/api/session', { email: who.email, password: who.secret })
  return caller
}

/** Claims a task and answers it, without a browser. */
async function hand(caller, project, answer) {
  const { claims } = await caller.call('POST', `/api/projects/${project.id}/claims`, { stage: 'label', count: 1 })
  const [{ slot, fence }] = claims
  const submission = `sub_${crypto.randomUUID().replaceAll('-', '')}`
  await caller.call('PUT', `/api/slots/${slot}/answer`, { submission, fence, answer, active_ms: 1000 })
}

const spanCount = async (page) => Number(/\d+/.exec(await page.locator('h2', { hasText: 'Spans' }).textContent())?.[0] ?? -1)

/** Where words stand on the screen: their first and last letters. */
const placeOf = (page, words) =>
  page.evaluate((wanted) => {
    const walker = document.createTreeWalker(document.querySelector('[data-text]'), NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const from = node.data.indexOf(wanted)
      if (from < 0) continue
      const range = document.createRange()
      range.setStart(node, from)
      range.setEnd(node, from + wanted.length)
      const { left, right, top, bottom } = range.getBoundingClientRect()
      return { left, right, y: (top + bottom) / 2 }
    }
    throw new Error(`${wanted} is not on the screen`)
  }, words)

async function dragOver(page, from, to) {
  await page.mouse.move(from.left + 3, from.y)
  await page.mouse.down()
  await page.mouse.move((from.left + to.right) / 2, (from.y + to.y) / 2, { steps: 4 })
  await page.mouse.move(to.right - 3, to.y, { steps: 4 })
  await page.mouse.up()
}

export const spanStories = {
  async 'passages that are suggested stand in the text, and are taken and turned down there'(world) {
    const { caller } = world
    const project = await caller.call('POST', '/api/projects', { name: 'Suggested names', template: 'text_spans', ontology, plan: { overlap: 1, lease_minutes: 5 } })
    const answer = { spans: [['p', 'person', 'Ada Lovelace'], ['w', 'work', 'the Notes'], ['c', 'person', 'London']].map(([id, key, words]) => ({ id, class: key, start: at(words)[0], end: at(words)[1] })) }
    await caller.call('POST', `/api/projects/${project.id}/items`, { items: [{ external_id: 'one', text: TEXT, answer }], answers: 'suggestions' })
    await publish(caller, project)
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, world.server.url, world.person)
    await atWork(page, world.server.url, project.id)
    await page.locator('[data-suggested]').nth(2).waitFor()
    expect((await spanCount(page)) === 0, 'what is suggested is marked by nobody')
    const press = async (words) => {
      const { left, right, y } = await placeOf(page, words)
      await page.mouse.click((left + right) / 2, y)
      await page.locator('[data-suggested][data-selected]', { hasText: words }).waitFor()
    }
    await press('Lovelace')
    await shots(page, 'spans-suggested')
    await page.keyboard.press(';')
    await soon(async () => (await spanCount(page)) === 1, 'the first is taken')
    await press('London')
    await page.keyboard.press("'")
    await page.getByText('1 turned down').waitFor()
    await page.keyboard.press('`')
    await page.locator('[data-suggested][data-selected]', { hasText: 'the Notes' }).waitFor()
    await page.keyboard.press(';')
    await soon(async () => (await spanCount(page)) === 2, 'the second is taken')
    expect((await page.locator('[data-suggested]').count()) === 0, 'nothing waits any more')
    await page.keyboard.press('Control+Enter')
    await page.getByText('All done here').waitFor()
    await browser.close()
    const [given] = await answersOf(world, project)
    expect(given.spans.map(({ id }) => id).sort().join() === 'p,w', 'what was taken keeps its id')
  },

  async 'spans are marked by mouse and by keys, and the server has their code points'(world) {
    const project = await texts(world, 'Names', [{ external_id: 'one', text: TEXT }, { external_id: 'two', text: 'Nothing here.' }])
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, world.server.url, world.person)
    await atWork(page, world.server.url, project.id)
    await page.locator('[data-text]').waitFor()
    // From within a word to within another: whole words are taken.
    await dragOver(page, await placeOf(page, 'Ada Love'), await placeOf(page, 'Lovela'))
    await page.getByRole('toolbar', { name: 'Mark as' }).waitFor()
    await page.screenshot({ path: join(results, 'spans-selected.png') })
    await axe(page, 'words selected in a text')
    await page.keyboard.press('1')
    expect((await spanCount(page)) === 1, 'a key marks')
    // Nested, with Alt a part of a word; then what overlaps both and crosses the line.
    await page.keyboard.down('Alt')
    await dragOver(page, await placeOf(page, 'Love'), await placeOf(page, 'Love'))
    await page.keyboard.up('Alt')
    await page.getByRole('toolbar', { name: 'Mark as' }).getByRole('button', { name: 'Work' }).click()
    expect((await spanCount(page)) === 2, 'a press marks')
    await dragOver(page, await placeOf(page, 'lace'), await placeOf(page, 'read'))
    await page.keyboard.press('2')
    expect((await spanCount(page)) === 3, 'what overlaps and crosses a line is marked')
    // From the right to the left, by keys alone: left is on.
    const arabic = await placeOf(page, 'محمد')
    await page.mouse.click(arabic.right - 1, arabic.y)
    await page.keyboard.press('Home')
    await page.keyboard.press('Control+ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Control+Shift+ArrowLeft')
    await page.keyboard.press('Control+Shift+ArrowLeft')
    await page.keyboard.press('1')
    expect((await spanCount(page)) === 4, 'Arabic is marked by keys')
    await shots(page, 'spans')

    // A place wants an attribute; and what is undone can be done again.
    await dragOver(page, await placeOf(page, 'London'), await placeOf(page, 'London'))
    await page.keyboard.press('3')
    await page.keyboard.press('Control+z')
    expect((await spanCount(page)) === 4, 'undone')
    await page.keyboard.press('Control+Shift+z')
    expect((await spanCount(page)) === 5, 'and done again')
    await page.keyboard.press('Control+Enter')
    await page.getByText('“Sure” needs a value.').first().waitFor()
    await page.getByRole('row', { name: /Place, “London”/ }).click()
    await page.getByText('Yes', { exact: true }).click()
    // Its end is taken hold of, and a key brings it back.
    const handle = await page.locator('[data-handle=end]').boundingBox()
    const inWord = await placeOf(page, 'in ')
    await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2)
    await page.mouse.down()
    await page.mouse.move(handle.x - 12, inWord.y, { steps: 5 })
    await page.mouse.up()
    expect((await page.getByRole('row', { name: /Place, “London”/ }).count()) === 0, 'a handle moves the end')
    await page.keyboard.press('Control+Alt+ArrowRight')
    await page.getByRole('row', { name: /Place, “London”/ }).waitFor()
    await handIn(page)
    await soon(async () => (await answersOf(world, project)).length === 1, 'the answer arrives')
    const [answer] = await answersOf(world, project)
    const got = answer.spans.map(({ class: key, start, end }) => `${key} ${start} ${end}`)
    const [across] = at('Lovelace')
    const wanted = [['person', ...at('Ada Lovelace')], ['work', ...at('Love')], ['work', across, at('read')[1]], ['person', ...at('محمد علي')], ['place', ...at('London')]]
    expect(JSON.stringify(got) === JSON.stringify(wanted.map((each) => each.join(' '))), JSON.stringify({ got, said: answer.spans.map(({ start, end }) => points.slice(start, end).join('')) }))
    expect(answer.spans[4].attributes.sure === true, 'the attribute is there')
    await browser.close()
  },

  async 'in a line that turns round, each drag means the words under it'(world) {
    const project = await texts(world, 'Turning', [{ external_id: 'one', text: 'שלום this is mixed مرحبا بالعالم text.' }])
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, world.server.url, world.person)
    await atWork(page, world.server.url, project.id)
    await page.locator('[data-text]').waitFor()
    const mark = async (words, key, count) => {
      const place = await placeOf(page, words)
      await dragOver(page, place, place)
      await page.getByRole('toolbar', { name: 'Mark as' }).waitFor()
      await page.keyboard.press(key)
      await soon(async () => (await spanCount(page)) === count, `${count} passages`)
    }
    await mark('mixed', '2', 1)
    await mark('بالعالم', '1', 2)
    // Marked already, and marked anew: what was in hand before is not meant.
    await mark('mixed', '1', 3)
    for (const name of [/Work, “mixed”/, /Person, “mixed”/, /Person, “بالعالم”/]) await page.getByRole('row', { name }).waitFor()
    await browser.close()
  },

  async 'spans that differ are seen side by side, and decided'(world) {
    const spans = (end) => [{ id: 'a', class: 'person', start: 2, end }, { id: 'b', class: 'place', start: 4, end: 9, attributes: { sure: true } }]
    const project = await texts(world, 'Judged names', [{ external_id: 'one', text: TEXT }], { overlap: 2, agreement_min: 0.99 })
    for (const [who, end] of [[world.person, 14], [owner, 5]]) await hand(await signedIn(world, who), project, { spans: spans(end) })
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, world.server.url, judge)
    await atWork(page, world.server.url, project.id, 'adjudicate')
    await page.getByText('Choose the answer to begin from').waitFor()
    await page.locator('[data-names^="1 Person"]').first().waitFor()
    await shots(page, 'spans-adjudicate')
    await page.keyboard.press('1')
    await soon(async () => (await spanCount(page)) === 2, 'one of them is begun from')
    await page.keyboard.press('Control+Enter')
    await soon(async () => {
      const { items } = await world.caller.call('GET', `/api/tasks?project=${project.id}&limit=10`)
      return items[0].state === 'done'
    }, 'it is decided')
    await browser.close()
  },

  async 'spans are reviewed, put right, and sent back with what differs'(world) {
    const project = await texts(world, 'Reviewed names', [{ external_id: 'one', text: TEXT }, { external_id: 'two', text: TEXT }], { review: 'all' })
    const labeller = await signedIn(world, world.person)
    const wanted = [['person', ...at('Ada Lovelace')], ['work', ...at('Notes')]]
    const spans = wanted.map(([key, start, end], i) => ({ id: `s${i}`, class: key, start, end: end - 1 }))
    for (let n = 0; n < 2; n += 1) await hand(labeller, project, { spans })
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, world.server.url, judge)
    await atWork(page, world.server.url, project.id, 'review')
    await page.getByRole('row', { name: /Person, “Ada Lovelac”/ }).waitFor()
    // What is only looked at takes no marks.
    await dragOver(page, await placeOf(page, 'wrote'), await placeOf(page, 'wrote'))
    await page.keyboard.press('1')
    expect((await spanCount(page)) === 2, 'looking changes nothing')
    await page.keyboard.press('f')
    await page.getByRole('row', { name: /Person, “Ada Lovelac”/ }).click()
    expect((await page.getByRole('toolbar', { name: 'Mark as' }).count()) === 0, 'what was selected while looking waits for no class')
    await page.keyboard.press('Alt+ArrowRight')
    await page.getByRole('row', { name: /Work, “Note”/ }).click()
    await page.keyboard.press('Delete')
    await page.getByText('moved').first().waitFor()
    await axe(page, 'a review of spans')
    await page.screenshot({ path: join(results, 'spans-review.png') })
    await handIn(page)
    await soon(async () => (await answersOf(world, project)).some(({ spans }) => spans.length === 1 && spans[0].end === at('Ada Lovelace')[1]), 'the fix arrives')
    await page.keyboard.press('r')
    await page.getByLabel('Mirrors', { exact: true }).check()
    await page.getByLabel('What is wrong, and how is it right?').fill('The name has one letter more.')
    await page.keyboard.press('Control+Enter')
    await page.getByText('All done here').waitFor()
    await browser.close()

    const again = new Browser()
    const rework = await again.open()
    await signIn(rework, world.server.url, world.person)
    await atWork(rework, world.server.url, project.id)
    await rework.getByText('The name has one letter more.').waitFor()
    await rework.getByRole('row', { name: /Person, “Ada Lovelac”/ }).click()
    await rework.keyboard.press('Alt+ArrowRight')
    await rework.getByRole('row', { name: /Person, “Ada Lovelace”/ }).getByText('moved').waitFor()
    await handIn(rework)
    await again.close()
  },

  async 'passages are marked beside the class of the text, by finger too'(world) {
    const { caller } = world
    const project = await caller.call('POST', '/api/projects', { name: 'Feedback', template: 'text_spans_choice', plan: { overlap: 1, lease_minutes: 5 } })
    await caller.call('POST', `/api/projects/${project.id}/items`, { items: [{ external_id: 'one', text: 'The car is quick, but who built it?' }] })
    await publish(caller, project)
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, world.server.url, world.person)
    await page.setViewportSize({ width: 390, height: 844 })
    await atWork(page, world.server.url, project.id)
    // What a long press and its handles select, the browser tells without a pointer.
    await page.evaluate(() => {
      const text = document.querySelector('[data-text] [data-start]').firstChild
      document.getSelection().setBaseAndExtent(text, 11, text, 16)
    })
    const bar = page.getByRole('toolbar', { name: 'Mark as' })
    await bar.waitFor()
    await page.screenshot({ path: join(results, 'spans-phone-selected.png') })
    await axe(page, 'words selected on a phone')
    await bar.getByRole('button', { name: 'Praise' }).click()
    await page.setViewportSize({ width: 1440, height: 900 })
    expect((await spanCount(page)) === 1, 'a press marks')
    await page.keyboard.press('Control+Enter')
    await page.getByText('Choose an answer.').first().waitFor()
    await page.keyboard.press('Alt+1')
    await page.getByRole('radio', { name: /Question/ }).and(page.locator('[aria-checked=true]')).waitFor()
    await page.waitForTimeout(300)
    await page.screenshot({ path: join(results, 'spans-choice.png') })
    await axe(page, 'spans beside a choice')
    await handIn(page)
    await soon(async () => (await answersOf(world, project)).length === 1, 'the answer arrives')
    const [{ choices, spans }] = await answersOf(world, project)
    expect(choices[0] === 'question' && spans[0].class === 'praise' && spans[0].start === 11 && spans[0].end === 16, JSON.stringify({ choices, spans }))
    await browser.close()
  },

  async 'a text of a megabyte opens at once'(world) {
    expect(long.length > 1_000_000, 'it is that long')
    const end = [...long].length
    const project = await texts(world, 'A long text', [{ external_id: 'long', text: long }])
    const browser = new Browser()
    const page = await browser.open()
    await signIn(page, world.server.url, world.person)
    await atWork(page, world.server.url, project.id)
    await page.locator('[data-text] p').first().waitFor()
    expect((await page.locator('[data-text] p').count()) < 120, 'only what is seen is laid out')
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    const cpu = async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value
    const before = await cpu()
    await page.keyboard.press('Control+End')
    await page.getByText('The last line.', { exact: true }).waitFor()
    await page.keyboard.press('Control+Shift+ArrowLeft')
    await page.keyboard.press('1')
    await soon(async () => (await spanCount(page)) === 1, 'the last word is marked')
    console.log(`      to the end of a megabyte and a mark there: ${Math.round((await cpu() - before) * 1000)} ms of the main thread`)
    await page.screenshot({ path: join(results, 'spans-long.png') })
    await handIn(page)
    await soon(async () => (await answersOf(world, project)).length === 1, 'the answer arrives')
    const [answer] = await answersOf(world, project)
    expect(answer.spans[0].end === end || answer.spans[0].end === end - 1, JSON.stringify({ spans: answer.spans, end }))
    await wait(0)
    expect((await title(page)) !== '', 'the page goes on')
    await browser.close()
  },
}
