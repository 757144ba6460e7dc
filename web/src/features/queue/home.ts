/**
 * What this page keeps for a person in an organization, beyond any one screen: the place on the
 * device, the journal and the outbox, which goes on sending while the person is on other pages.
 */
import { Journal } from './journal'
import { Outbox } from './outbox'
import { type Place, forgetPerson, isKnown, openPlace } from './place'
import { type QueueServer, httpServer } from './server'

export interface Home {
  readonly place: Place
  readonly journal: Journal
  readonly outbox: Outbox
  readonly server: QueueServer
}

const homes = new Map<string, Promise<Home>>()

export function openHome(organization: string, person: string): Promise<Home> {
  const key = `${organization}/${person}`
  closeOthers(key)
  let home = homes.get(key)
  if (home === undefined) {
    home = make(organization, person)
    homes.set(key, home)
    // A device that refuses today (a full disk, a private window) may not refuse tomorrow.
    home.catch(() => homes.delete(key))
  }
  return home
}

/** Goes on sending what an earlier visit left, if it left anything. */
export async function resumeHome(organization: string, person: string): Promise<void> {
  closeOthers(`${organization}/${person}`)
  if (await isKnown(organization, person)) await openHome(organization, person)
}

/**
 * Whoever was here before must not send under the session of whoever is here now. Nothing is
 * wiped: their work waits on this device until they are back.
 */
function closeOthers(key: string): void {
  for (const [other, home] of homes) {
    if (other === key) continue
    homes.delete(other)
    home.then(({ outbox }) => outbox.close()).catch(() => undefined)
  }
}

async function make(organization: string, person: string): Promise<Home> {
  const place = await openPlace(organization, person)
  const server = httpServer(organization)
  const journal = new Journal(place)
  const outbox = new Outbox({ place, server, locks: navigator.locks })
  // (J4) The work may go when, and only when, the server has it.
  outbox.onOutcome(async (outcome) => {
    if ('receipt' in outcome) await journal.close(outcome.letter.slot)
  })
  await outbox.start()
  void journal.sweep(Date.now()).catch(() => undefined)
  return { place, journal, outbox, server }
}

/** The end of a sign-out: nothing of this person stays on this device. */
export async function leaveHome(person: string): Promise<void> {
  for (const [key, home] of homes) {
    if (!key.endsWith(`/${person}`)) continue
    homes.delete(key)
    const { place, outbox } = await home
    outbox.close()
    place.db.close()
  }
  await forgetPerson(person)
}
