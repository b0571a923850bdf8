import type { DeviceMarks } from '../credentials/device-mark.ts'
import { checkAnswer, type PasskeyScope } from '../credentials/passkey.ts'
import { type SecondFactor, usePasskey } from '../credentials/second-factor.ts'
import { hashSecret } from '../credentials/secrets.ts'
import type { Throttle, ThrottleKey } from '../credentials/throttle.ts'
import { beginWebSession, isCookieToken, type Visitor } from '../credentials/web-session.ts'
import type { Database } from '../storage/database.ts'
import { holdSignIn } from '../storage/parties.ts'
import { deleteWebSessionByToken } from '../storage/web-sessions.ts'
import { makeMarks, type SignedInMarks } from './finish-sign-in.ts'

export type PasskeySignInOutcome =
  | ({ result: 'signed-in'; token: string; email: string } & SignedInMarks)
  | { result: 'wrong' }
  | { result: 'throttled'; seconds: number }

/**
 * Begins a session for whoever answers with a passkey: it is both factors, as it was shown and has verified its user by finger, face or
 * PIN. An unknown key, a wrong signature and an old challenge get one answer.
 */
export async function signInWithPasskey(
  deps: { db: Database; throttle: Throttle; marks: DeviceMarks; secondFactor: SecondFactor; clock: () => number },
  input: {
    /** JSON, as the browser gave it */
    passkey: string
    scope: PasskeyScope
    visitor: Visitor
    replaces: string | undefined
  },
): Promise<PasskeySignInOutcome> {
  const { db, throttle, marks } = deps
  const { visitor, replaces, scope } = input
  const address: ThrottleKey = { rule: 'address', of: visitor.address }
  const seconds = await throttle.take(db, address)
  if (seconds > 0) return { result: 'throttled', seconds }
  const answer = await checkAnswer(db, deps.secondFactor.challenges, input.passkey, { ...scope, purpose: 'sign-in' })
  if (!answer) return { result: 'wrong' }
  const { email } = answer
  return db.transaction<PasskeySignInOutcome>(async (sql) => {
    if (!(await holdSignIn(sql, email, 'share'))) return { result: 'wrong' }
    if (!(await usePasskey(sql, answer))) return { result: 'wrong' }
    await throttle.giveBack(sql, address)
    if (isCookieToken(replaces)) await deleteWebSessionByToken(sql, hashSecret(replaces))
    const { token } = await beginWebSession(deps, sql, email, visitor)
    return { result: 'signed-in', token, email, ...makeMarks(marks, email) }
  })
}
