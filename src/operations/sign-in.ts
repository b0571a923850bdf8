import type { DeviceMarks } from '../credentials/device-mark.ts'
import type { Passwords } from '../credentials/password.ts'
import { hashSecret } from '../credentials/secrets.ts'
import type { Throttle, ThrottleKey } from '../credentials/throttle.ts'
import { beginWebSession, isCookieToken, makeCookieToken, type Visitor } from '../credentials/web-session.ts'
import type { Database } from '../storage/database.ts'
import { insertHalfSession } from '../storage/half-sessions.ts'
import { findSignIn, holdSignIn } from '../storage/parties.ts'
import { hasSecondFactor } from '../storage/second-factors.ts'
import { deleteWebSessionByToken } from '../storage/web-sessions.ts'

export type SignInDeps = {
  db: Database
  passwords: Passwords
  throttle: Throttle
  marks: DeviceMarks
  /** ms since the epoch */
  clock: () => number
}

export type SignInInput = {
  email: string
  password: string
  visitor: Visitor
  /** of the browser's device cookie */
  mark: string | undefined
  /** of the browser's session cookie: that session ends here, so that no token from before opens what comes after */
  replaces: string | undefined
}

/** `wrong` says the same of an unknown address and of a wrong password, and takes the same time. */
export type SignInOutcome =
  | { result: 'signed-in'; token: string; mark: string }
  | { result: 'half'; half: string }
  | { result: 'wrong' }
  | { result: 'throttled'; seconds: number }

/**
 * Begins a session for whoever knows the password; where there is a second factor only a half session, which opens nothing but the
 * question for it.
 * @throws {PasswordsBusy}
 */
export async function signIn(deps: SignInDeps, input: SignInInput): Promise<SignInOutcome> {
  const { db, passwords, throttle, marks } = deps
  const email = input.email.trim().toLowerCase()
  const address: ThrottleKey = { rule: 'address', of: input.visitor.address }
  const account = accountKey(marks, email, input.mark)
  const seconds = await throttle.take(db, address, account)
  if (seconds > 0) return { result: 'throttled', seconds }

  const known = await findSignIn(db, email)
  const right = await passwords.verify(known?.password_hash ?? null, input.password)
  if (!known || !right) return { result: 'wrong' }
  return db.transaction<SignInOutcome>(async (sql) => {
    const now = await holdSignIn(sql, email, 'share')
    // Changed while it was being checked: then this one is wrong.
    if (now?.password_hash !== known.password_hash) return { result: 'wrong' }
    // In the order in which they were taken.
    await throttle.giveBack(sql, address)
    await throttle.clear(sql, account)
    if (await hasSecondFactor(sql, email)) {
      const half = makeCookieToken()
      await insertHalfSession(sql, hashSecret(half), email)
      return { result: 'half', half }
    }
    if (isCookieToken(input.replaces)) await deleteWebSessionByToken(sql, hashSecret(input.replaces))
    const { token } = await beginWebSession(deps, sql, email, input.visitor)
    return { result: 'signed-in', token, mark: marks.make(email) }
  })
}

/** Attempts from a browser that has signed in before are counted apart from those of strangers. */
function accountKey(marks: DeviceMarks, email: string, mark: string | undefined): ThrottleKey {
  const device = marks.read(mark, email)
  return device === null ? { rule: 'account', of: email } : { rule: 'device', of: `${device}\n${email}` }
}
