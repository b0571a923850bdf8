import { LINK_LIVES, makeLink, useLink } from '../credentials/one-time-link.ts'
import type { Throttle } from '../credentials/throttle.ts'
import type { Language } from '../domain/language.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { Database } from '../storage/database.ts'
import { voidLinks } from '../storage/one-time-links.ts'
import { markEmailVerified } from '../storage/parties.ts'

/** Mails a link that proves that mail to an address reaches its owner. @returns for how many seconds that is refused */
export async function requestVerification(
  deps: { db: Database; mailer: Mailer; throttle: Throttle },
  input: { email: string; partyId: string; name: string; language: Language },
): Promise<number> {
  const { db, mailer, throttle } = deps
  const { email, partyId, name, language } = input
  const seconds = await throttle.take(db, { rule: 'verification-account', of: email })
  if (seconds > 0) return seconds
  await db.transaction(async (sql) => {
    await voidLinks(sql, email, 'verify-email')
    const { token, expiresAt } = await makeLink(sql, { purpose: 'verify-email', email, partyId })
    const values = { name, link: mailer.url(`/verify/${token}`), ...LINK_LIVES['verify-email'] }
    await mailer.write(sql, { to: email, language, template: 'verify-email', values, expiresAt })
  })
  return 0
}

/** Notes that an address is proven. @returns the address, or null when the link is dead */
export function verifyEmail(deps: { db: Database }, input: { token: string }): Promise<string | null> {
  return deps.db.transaction(async (sql) => {
    const link = await useLink(sql, 'verify-email', input.token)
    if (!link) return null
    await markEmailVerified(sql, link.email)
    return link.email
  })
}
