import type { Passwords } from '../credentials/password.ts'
import type { Throttle, ThrottleKey } from '../credentials/throttle.ts'
import { beginWebSession, type Visitor } from '../credentials/web-session.ts'
import type { Language } from '../domain/language.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { Database, Sql } from '../storage/database.ts'
import { deleteHalfSessions } from '../storage/half-sessions.ts'
import { voidLinks } from '../storage/one-time-links.ts'
import { findSignIn, replacePassword } from '../storage/parties.ts'
import { deleteWebSessions } from '../storage/web-sessions.ts'
import { requirePassword } from './input.ts'

export type ChangePasswordDeps = {
  db: Database
  passwords: Passwords
  throttle: Throttle
  mailer: Mailer
  /** ms since the epoch */
  clock: () => number
}

export type ChangePasswordOutcome =
  | { result: 'changed'; token: string }
  | { result: 'wrong' }
  | { result: 'throttled'; seconds: number }

/**
 * Replaces a password by someone who knows the present one. Every session ends, and the one that asked goes on under a new token.
 * @throws {OperationRefusal} for a password that cannot be; {PasswordsBusy}
 */
export async function changePassword(
  deps: ChangePasswordDeps,
  input: {
    email: string
    name: string
    sessionId: string
    present: string
    next: string
    visitor: Visitor
    language: Language
  },
): Promise<ChangePasswordOutcome> {
  const { db, passwords, throttle } = deps
  const { email } = input
  requirePassword(input.next, email)
  // A stolen session must not be a place to guess from; counted apart, so that strangers' guesses do not stand in the way.
  const key: ThrottleKey = { rule: 'session', of: input.sessionId }
  const seconds = await throttle.take(db, key)
  if (seconds > 0) return { result: 'throttled', seconds }

  const known = await findSignIn(db, email)
  if (!known || !(await passwords.verify(known.password_hash, input.present))) return { result: 'wrong' }
  const after = await passwords.hash(input.next)
  const token = await db.transaction(async (sql) => {
    if (!(await replacePassword(sql, email, known.password_hash, after))) return null
    await throttle.clear(sql, key)
    await endAccess(sql, email)
    await tellOfChange(deps.mailer, sql, { email, name: input.name, language: input.language })
    return (await beginWebSession(deps, sql, email, input.visitor)).token
  })
  return token === null ? { result: 'wrong' } : { result: 'changed', token }
}

/** Ends all sessions of an account, half ones too, and the links that would set its password. */
export async function endAccess(sql: Sql, email: string): Promise<void> {
  await deleteWebSessions(sql, email, null)
  await deleteHalfSessions(sql, email)
  await voidLinks(sql, email, 'recover-password')
}

/** Tells the owner, who may not be the one who changed it. */
export async function tellOfChange(
  mailer: Mailer,
  sql: Sql,
  { email, name, language }: { email: string; name: string; language: Language },
): Promise<void> {
  if (!mailer.enabled) return
  await mailer.write(sql, {
    to: email,
    language,
    template: 'password-changed',
    values: { name, recover: mailer.url('/recover') },
    expiresAt: null,
  })
}
