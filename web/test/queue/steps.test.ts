import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { Editor, setChoices, shortIds } from '../../src/canvas'
import { Journal } from '../../src/features/queue/journal'
import type { Claim, Ontology } from '../../src/features/queue/model'
import { openPlace } from '../../src/features/queue/place'
import { httpServer } from '../../src/features/queue/server'
import { pastOf } from '../../src/features/queue/steps'
import { Work } from '../../src/features/queue/work'
import { FakeServer, settle } from './fake'

describe('the past that can be undone', () => {
  test('a step that was taken back is not there, one that was done again is', () => {
    const [add, change] = [[['a', null, 1]], [['a', 1, 2]]] as const
    const back = [['a', 2, 1]] as const
    expect(pastOf(new Map([['a', 1]]), [add, change, back])).toEqual({ before: new Map(), steps: [add] })
    expect(pastOf(new Map([['a', 2]]), [add, change, back, change]).steps).toEqual([add, change])
  })

  test('what happened before the last snapshot stays below', () => {
    expect(pastOf(new Map([['a', 2], ['b', 1]]), [[['a', 1, 2]]])).toEqual({
      before: new Map([['a', 1], ['b', 1]]),
      steps: [[['a', 1, 2]]],
    })
  })
})

describe('work that is opened again', () => {
  const ontology: Ontology = { classes: [{ key: 'x', name: 'X', color: '#111111' }, { key: 'y', name: 'Y', color: '#222222' }], attributes: [] }
  const server = new FakeServer(1)
  const claim = (server.slots.get('slt_1') as { claim: Claim }).claim

  beforeEach(() => {
    globalThis.indexedDB = new IDBFactory()
    vi.stubGlobal('document', { visibilityState: 'visible' })
  })

  const open = async () => {
    const place = await openPlace('org_1', 'per_1')
    const home = { place, journal: new Journal(place), server: httpServer('org_1', server.fetch), outbox: null as never }
    const work = await Work.open({ home, claim, ontology, question: { media: 'text', shapes: [], choice: 'multi' } }, () => true)
    return work as Work
  }

  test('comes back with its answer, its submission id and its undo, again and again', async () => {
    const first = await open()
    setChoices(first.editor, ['x'])
    setChoices(first.editor, ['x', 'y'])
    setChoices(first.editor, ['y'])
    first.editor.undo()
    await settle()
    // The tab dies here.
    const second = await open()
    expect(second.submission).toBe(first.submission)
    expect(second.answer().choices).toEqual(['x', 'y'])
    second.editor.undo()
    expect(second.answer().choices).toEqual(['x'])
    await settle()
    const third = await open()
    expect(third.answer().choices).toEqual(['x'])
    third.editor.undo()
    expect(third.answer()).toEqual({})
    for (const work of [first, second, third]) work.close()
  })

  test('an editor that nobody touched leaves nothing', async () => {
    const work = await open()
    work.close()
    expect(await new Journal(await openPlace('org_1', 'per_1')).restore('slt_1')).toBe(null)
    expect(new Editor({ image: { width: 1, height: 1 }, newId: shortIds(Math.random) }).toAnswer()).toEqual({})
  })
})
