import type { Passwords } from '../credentials/password.ts'
import type { FactorProof, SecondFactor } from '../credentials/second-factor.ts'
import type { Throttle, ThrottleKey } from '../credentials/throttle.ts'
import type { Database } from '../storage/database.ts'
import { findSignIn } from '../storage/parties.ts'
import { hasSecondFactor } from '../storage/second-factors.ts'

export type ProveAgainDeps = { db: Database; passwords: Passwords; throttle: Throttle; secondFactor: SecondFactor }

export type ProveAgainOutcome =
  | { result: 'proven' }
  | { result: 'password-missing' | 'password-wrong' | 'factor-missing' | 'factor-wrong' }
  | { result: 'throttled'; seconds: number }

/**
 * Asks somebody who is signed in for the password once more, and for the second factor where there is one: a stolen session must not
 * be enough, nor a place to guess from. A factor is only looked at, and used, once the password is right.
 * @throws {PasswordsBusy}
 */
export async function proveAgain(
  deps: ProveAgainDeps,
  input: { email: string; sessionId: string; password: string; proof: FactorProof },
): Promise<ProveAgainOutcome> {
  const { db, passwords, throttle, secondFactor } = deps
  const { email, password, proof, sessionId } = input
  if (password === '') return { result: 'password-missing' }
  const key: ThrottleKey = { rule: 'session', of: sessionId }
  const seconds = await throttle.take(db, key)
  if (seconds > 0) return { result: 'throttled', seconds }
  const known = await findSignIn(db, email)
  if (!known || !(await passwords.verify(known.password_hash, password))) return { result: 'password-wrong' }
  await throttle.clear(db, key)
  if (!(await hasSecondFactor(db, email))) return { result: 'proven' }

  if (proof.code.trim() === '' && proof.passkey === '') return { result: 'factor-missing' }
  const guesses: ThrottleKey = { rule: 'factor-session', of: sessionId }
  const pause = await throttle.take(db, guesses)
  if (pause > 0) return { result: 'throttled', seconds: pause }
  const checked = await secondFactor.check(db, email, proof)
  if (!checked || !(await secondFactor.use(db, email, checked))) return { result: 'factor-wrong' }
  await throttle.clear(db, guesses)
  return { result: 'proven' }
}
