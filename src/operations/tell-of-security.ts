import { isLanguage, type Language } from '../domain/language.ts'
import type { Mailer } from '../mail/mailer.ts'
import { type SecurityChange, securityWords } from '../mail/security-words.ts'
import type { Sql } from '../storage/database.ts'
import { findSignInSettings } from '../storage/parties.ts'

/** Tells the owner of a sign-in what was changed about it, who may not be the one who did it. In the transaction of the change. */
export async function tellOfSecurity(
  mailer: Mailer,
  sql: Sql,
  email: string,
  change: SecurityChange,
  { language, what = '' }: { language: Language; what?: string },
): Promise<void> {
  if (!mailer.enabled) return
  const settings = await findSignInSettings(sql, email)
  if (!settings) return
  const words = isLanguage(settings.language) ? settings.language : language
  const text = securityWords(words, change, { what })
  await mailer.write(sql, {
    to: email,
    language: words,
    template: 'security-changed',
    values: { name: settings.name, change: text, link: mailer.url('/account/security') },
    expiresAt: null,
  })
}
