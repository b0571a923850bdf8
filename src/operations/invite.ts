import type { DeviceMarks } from '../credentials/device-mark.ts'
import { LINK_LIVES, makeLink, readLink, useLink } from '../credentials/one-time-link.ts'
import type { Passwords } from '../credentials/password.ts'
import type { Language } from '../domain/language.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { Database, Sql } from '../storage/database.ts'
import { voidLinks } from '../storage/one-time-links.ts'
import { findSignIn, insertSignIn, markEmailVerified, updateLanguage } from '../storage/parties.ts'
import { OperationRefusal, requireEmail, requirePassword } from './input.ts'
import { requireParty } from './require-party.ts'

/**
 * Mails a link by which someone chooses a password and then signs in for a party. A second invitation to an address ends the first.
 * @throws {OperationRefusal}
 */
export async function invite(
  deps: { db: Sql; mailer: Mailer },
  input: { partyId: string; email: string; language: Language },
): Promise<{ partyId: string; email: string; expiresAt: Date }> {
  const { db, mailer } = deps
  const email = requireEmail(input.email)
  if (!mailer.enabled)
    throw new OperationRefusal('conflict', 'email', 'this server sends no mail: BILLFOLD_SMTP_URL is not set')
  const party = await requireParty(db, input.partyId)
  if (await findSignIn(db, email))
    throw new OperationRefusal('already_exists', 'email', 'this address signs in already')
  await voidLinks(db, email, 'invitation')
  const { token, expiresAt } = await makeLink(db, { purpose: 'invitation', email, partyId: party.id })
  await mailer.write(db, {
    to: email,
    language: input.language,
    template: 'invitation',
    values: { name: party.name, link: mailer.url(`/invitation/${token}`), ...LINK_LIVES.invitation },
    expiresAt,
  })
  return { partyId: party.id, email, expiresAt }
}

/**
 * Makes the sign-in that an invitation is for; its address is proven by the mail that arrived.
 * @returns the device's mark, or null when the link is dead
 * @throws {OperationRefusal} for a password that cannot be; {PasswordsBusy}
 */
export async function acceptInvitation(
  deps: { db: Database; passwords: Passwords; marks: DeviceMarks },
  input: { token: string; password: string; language: Language },
): Promise<{ mark: string } | null> {
  const { db, marks } = deps
  const found = await readLink(db, 'invitation', input.token)
  if (!found) return null
  const passwordHash = await deps.passwords.hash(requirePassword(input.password, found.email))
  return db.transaction(async (sql) => {
    const link = await useLink(sql, 'invitation', input.token)
    if (!link) return null
    const row = { email: link.email, party_id: link.party_id, password_hash: passwordHash, operator: false }
    // The address may have been given a sign-in since: then the link has nothing left to do.
    if (!(await insertSignIn(sql, row))) return null
    await markEmailVerified(sql, link.email)
    await updateLanguage(sql, link.email, input.language)
    return { mark: marks.make(link.email) }
  })
}
