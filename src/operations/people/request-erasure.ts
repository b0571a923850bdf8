import { LINK_LIVES, makeLink, readLink, useLink } from '../../credentials/one-time-link.ts'
import type { Language } from '../../domain/language.ts'
import type { Mailer } from '../../mail/mailer.ts'
import type { Database } from '../../storage/database.ts'
import { voidLinks } from '../../storage/one-time-links.ts'
import { findParty } from '../../storage/parties.ts'
import { OperationRefusal } from '../input.ts'
import { type EraseDeps, type Erased, erasePerson, type Who } from './erase-person.ts'
import { requireSubject, type Subject } from './subject.ts'
import { type Tie, tiesOf } from './ties.ts'

/** Mails a link behind which somebody who is signed in and has proven it may be erased. The one before ends. */
export function requestErasure(
  deps: { db: Database; mailer: Mailer },
  { email, partyId, name, language }: { email: string; partyId: string; name: string; language: Language },
): Promise<void> {
  const { db, mailer } = deps
  return db.transaction(async (sql) => {
    await voidLinks(sql, email, 'erase-account')
    const { token, expiresAt } = await makeLink(sql, { purpose: 'erase-account', email, partyId })
    const values = { name, link: mailer.url(`/erase/${token}`), ...LINK_LIVES['erase-account'] }
    await mailer.write(sql, { to: email, language, template: 'erase-account', values, expiresAt })
  })
}

export type AskedErasure = { readonly subject: Subject; readonly ties: Tie[] }

/** What a link would erase; changes nothing. Null: the link is dead. */
export async function readErasureLink({ db }: { db: Database }, token: string): Promise<AskedErasure | null> {
  const link = await readLink(db, 'erase-account', token)
  if (!link) return null
  const subject = await known(requireSubject(db, await whoOf(db, link)))
  if (!subject) return null
  return { subject, ties: await tiesOf(db, subject) }
}

/** Erases whom a link was mailed to. Null: the link is dead. @throws {OperationRefusal} `conflict`: something is left, and the link works still */
export async function eraseByLink(deps: EraseDeps, token: string): Promise<Erased | null> {
  const link = await readLink(deps.db, 'erase-account', token)
  if (!link) return null
  const erased = await known(erasePerson(deps, `person:${link.party_id}`, await whoOf(deps.db, link)))
  if (!erased) return null
  // Erasing deletes the link; of two who come at once both are told that it is done.
  await useLink(deps.db, 'erase-account', token)
  return erased
}

/** Whoever was taken out of the team since is not there any more. */
const known = <T>(work: Promise<T>): Promise<T | null> =>
  work.catch((error) => {
    if (error instanceof OperationRefusal && error.code === 'not_found') return null
    throw error
  })

async function whoOf(db: Database, link: { email: string; party_id: string }): Promise<Who> {
  const party = await findParty(db, link.party_id)
  return party?.kind === 'business' ? { partyId: link.party_id, email: link.email } : { partyId: link.party_id }
}
