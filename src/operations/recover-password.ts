import type { DeviceMarks } from '../credentials/device-mark.ts'
import { LINK_LIVES, makeLink, readLink, useLink } from '../credentials/one-time-link.ts'
import type { Passwords } from '../credentials/password.ts'
import type { Throttle } from '../credentials/throttle.ts'
import { isLanguage, type Language } from '../domain/language.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { Database } from '../storage/database.ts'
import { findSignIn, findSignInSettings, holdSignIn, markEmailVerified, updatePassword } from '../storage/parties.ts'
import { endAccess, tellOfChange } from './change-password.ts'
import { requirePassword } from './input.ts'

type RecoverDeps = { db: Database; mailer: Mailer; throttle: Throttle }

/**
 * Mails a link to choose a new password, if the address signs in here. Whether it does, nobody learns: not by the answer, and not by
 * the pauses, which are the same for every address.
 * @returns for how many seconds this caller is refused; 0: done, or nothing to do
 */
export async function requestRecovery(
  deps: RecoverDeps,
  input: { email: string; address: string; language: Language },
): Promise<number> {
  const { db, mailer, throttle } = deps
  const email = input.email.trim().toLowerCase()
  const seconds = await throttle.take(db, { rule: 'recovery-address', of: input.address })
  if (seconds > 0) return seconds
  // Silently: enough mails are under way, and more would only fill somebody's mailbox.
  if ((await throttle.take(db, { rule: 'recovery-account', of: email })) > 0) return 0
  const known = await findSignIn(db, email)
  const settings = known && (await findSignInSettings(db, email))
  if (!settings) return 0
  await db.transaction(async (sql) => {
    const { token, expiresAt } = await makeLink(sql, { purpose: 'recover-password', email, partyId: known.party_id })
    await mailer.write(sql, {
      to: email,
      language: isLanguage(settings.language) ? settings.language : input.language,
      template: 'recover-password',
      values: {
        name: settings.name,
        link: mailer.url(`/recover/${token}`),
        ...LINK_LIVES['recover-password'],
      },
      expiresAt,
    })
  })
  return 0
}

/**
 * Sets a new password by a mailed link. The link works once; all sessions and other such links end, and the address is proven.
 * @returns the device's mark, or null when the link is dead
 * @throws {OperationRefusal} for a password that cannot be; {PasswordsBusy}
 */
export async function recoverPassword(
  deps: RecoverDeps & { passwords: Passwords; marks: DeviceMarks },
  input: { token: string; password: string; language: Language },
): Promise<{ mark: string } | null> {
  const { db } = deps
  // Hashing is dear: not for a link that is dead already.
  const found = await readLink(db, 'recover-password', input.token)
  if (!found) return null
  const { email } = found
  const passwordHash = await deps.passwords.hash(requirePassword(input.password, email))
  return db.transaction(async (sql) => {
    await holdSignIn(sql, email, 'update')
    if (!(await useLink(sql, 'recover-password', input.token))) return null
    await updatePassword(sql, email, passwordHash)
    await endAccess(sql, email)
    await markEmailVerified(sql, email)
    await deps.throttle.clear(sql, { rule: 'account', of: email })
    const settings = await findSignInSettings(sql, email)
    if (settings) {
      const language = isLanguage(settings.language) ? settings.language : input.language
      await tellOfChange(deps.mailer, sql, { email, name: settings.name, language })
    }
    return { mark: deps.marks.make(email) }
  })
}
