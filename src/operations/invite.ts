import type { DeviceMarks } from '../credentials/device-mark.ts'
import { LINK_LIVES, makeLink, readLink, useLink } from '../credentials/one-time-link.ts'
import type { Passwords } from '../credentials/password.ts'
import type { Language } from '../domain/language.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { Database, Sql } from '../storage/database.ts'
import { voidInvitations, voidLinks } from '../storage/one-time-links.ts'
import { findSignIn, insertSignIn, markEmailVerified, updateLanguage } from '../storage/parties.ts'
import type { TeamRole } from '../storage/teams.ts'
import { OperationRefusal, requireEmail, requirePassword } from './input.ts'
import { requireParty } from './require-party.ts'

/**
 * Mails a link by which someone chooses a password and then signs in for a party. A second invitation to an address ends the first.
 * @param input.role in the party's team; owner when absent
 * @param input.discreet for a team's own people, who may not learn which addresses sign in here, nor end another party's invitations:
 * an address that does is told by mail, and the answer is the same
 * @throws {OperationRefusal}
 */
export async function invite(
  deps: { db: Sql; mailer: Mailer },
  input: { partyId: string; email: string; language: Language; role?: TeamRole; discreet?: boolean },
): Promise<{ partyId: string; email: string; expiresAt: Date }> {
  const { db, mailer } = deps
  const { role, discreet = false } = input
  const email = requireEmail(input.email)
  if (!mailer.enabled)
    throw new OperationRefusal('conflict', 'email', 'this server sends no mail: BILLFOLD_SMTP_URL is not set')
  const party = await requireParty(db, input.partyId)
  const known = await findSignIn(db, email)
  if (known && !(discreet && known.party_id !== party.id))
    throw new OperationRefusal('already_exists', 'email', 'this address signs in already')
  if (discreet) await voidInvitations(db, email, party.id)
  else await voidLinks(db, email, 'invitation')
  // Of a known address it leads nowhere and is mailed to nobody; it stands in the list as any other does.
  const { token, expiresAt } = await makeLink(db, {
    purpose: 'invitation',
    email,
    partyId: party.id,
    ...(role && { role }),
  })
  const mail = { to: email, language: input.language, expiresAt }
  const { name } = party
  if (known) {
    await mailer.write(db, { ...mail, template: 'invitation-in-vain', values: { name, link: mailer.url('/sign-in') } })
  } else {
    const values = { name, link: mailer.url(`/invitation/${token}`), ...LINK_LIVES.invitation }
    await mailer.write(db, { ...mail, template: 'invitation', values })
  }
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
    const row = {
      email: link.email,
      party_id: link.party_id,
      password_hash: passwordHash,
      operator: false,
      role: link.role ?? 'owner',
    }
    // The address may have been given a sign-in since: then the link has nothing left to do.
    if (!(await insertSignIn(sql, row))) return null
    await markEmailVerified(sql, link.email)
    await updateLanguage(sql, link.email, input.language)
    return { mark: marks.make(link.email) }
  })
}
