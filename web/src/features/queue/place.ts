/**
 * The place on this device where unfinished work lies: one IndexedDB for each organization and
 * person, so that no customer's data lies beside another's, and so that ending an access is
 * deleting one database.
 *
 * (P1) Nothing is written here that the person could not see on the screen.
 * (P2) `forget` is called at sign-out and when an access ends; it leaves nothing.
 */
import { type DBSchema, type IDBPDatabase, deleteDB, openDB } from 'idb'
import type { Claim, Problem, Stage } from './model'

/** One record of the document that changed: what it was and what it became. */
export type Change = readonly [id: string, before: unknown, after: unknown]

/** The work on one slot: a snapshot and, in `changes`, what happened since. */
export interface WorkRow {
  slot: string
  fence: number
  submission: string
  claim: Claim
  records: [id: string, record: unknown][]
  /** The number of the last change that the snapshot holds. */
  through: number
  saved_at: number
  active_ms: number
  /** When it was found to be of no use any more, for the first time. */
  found_old_at?: number
}

export interface ChangeRow {
  slot: string
  number: number
  at: number
  changes: readonly Change[]
}

export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly problems: readonly Problem[]
  readonly at: number
}

export type LetterKind = 'answer' | 'review' | 'adjudication' | 'skip'

/** Something that the person has handed in and that the server has not acknowledged yet. */
export interface Letter {
  /** The submission id (for a skip, the idempotency key): the same in every repeat. */
  readonly id: string
  readonly kind: LetterKind
  readonly slot: string
  readonly fence: number
  readonly stage: Stage
  readonly claim: Claim
  readonly body: Readonly<Record<string, unknown>>
  readonly created_at: number
  readonly refusal: Refusal | null
}
export interface LetterRow extends Letter {
  order?: number
}

interface Schema extends DBSchema {
  work: { key: string; value: WorkRow }
  changes: { key: [string, number]; value: ChangeRow }
  letters: { key: number; value: LetterRow; indexes: { id: string } }
  facts: { key: string; value: string }
}

export interface Place {
  readonly name: string
  readonly db: IDBPDatabase<Schema>
  /** Names this browser to the server, so that drafts of two devices can be told apart. */
  readonly device: string
}

const PREFIX = 'fairmark/'
const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** A fresh id of the browser's own, such as `sub_…`; 24 characters of 36 are 124 bits. */
export function newId(prefix: string): string {
  let id = prefix
  for (const byte of crypto.getRandomValues(new Uint8Array(24))) id += ID_LETTERS[byte % ID_LETTERS.length]
  return id
}

export async function openPlace(organization: string, person: string): Promise<Place> {
  const name = `${PREFIX}${organization}/${person}`
  const db = await openDB<Schema>(name, 1, {
    upgrade(fresh) {
      fresh.createObjectStore('work', { keyPath: 'slot' })
      fresh.createObjectStore('changes', { keyPath: ['slot', 'number'] })
      const letters = fresh.createObjectStore('letters', { keyPath: 'order', autoIncrement: true })
      letters.createIndex('id', 'id', { unique: true })
      fresh.createObjectStore('facts')
    },
    // Another tab signs out: let go at once, or the wiping would wait for this tab.
    blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
  })
  const known = await db.get('facts', 'device')
  const device = known ?? newId('dev_')
  if (known === undefined) await db.put('facts', device, 'device')
  return { name, db, device }
}

async function namesOf(person: string): Promise<string[]> {
  const all = await indexedDB.databases()
  return all.flatMap(({ name }) => (name?.startsWith(PREFIX) && name.endsWith(`/${person}`) ? [name] : []))
}

/** Whether this device keeps anything of a person in an organization. */
export const isKnown = async (organization: string, person: string): Promise<boolean> =>
  (await namesOf(person)).includes(`${PREFIX}${organization}/${person}`)

/** How much handed in on this device the server has not acknowledged: to be asked before signing out. */
export async function unsent(person: string): Promise<number> {
  let count = 0
  for (const name of await namesOf(person)) {
    const [, organization = ''] = name.split('/')
    const place = await openPlace(organization, person)
    count += (await place.db.getAll('letters')).filter(({ refusal }) => refusal === null).length
    place.db.close()
  }
  return count
}

/** Wipes what one access left on this device. */
export async function forget(organization: string, person: string): Promise<void> {
  await deleteDB(`${PREFIX}${organization}/${person}`)
}

/** Wipes what every access of this person left on this device: the end of a sign-out. */
export async function forgetPerson(person: string): Promise<void> {
  await Promise.all((await namesOf(person)).map((name) => deleteDB(name)))
}
