import type { DeviceMarks } from '../credentials/device-mark.ts'
import type { FactorProof, SecondFactor } from '../credentials/second-factor.ts'
import { hashSecret } from '../credentials/secrets.ts'
import type { Throttle, ThrottleKey } from '../credentials/throttle.ts'
import { beginWebSession, isCookieToken, type Visitor } from '../credentials/web-session.ts'
import type { Language } from '../domain/language.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { Database, Sql } from '../storage/database.ts'
import { findHalfSession, takeHalfSession } from '../storage/half-sessions.ts'
import { holdSignIn } from '../storage/parties.ts'
import { deleteWebSessionByToken } from '../storage/web-sessions.ts'
import { tellOfSecurity } from './tell-of-security.ts'

export type FinishSignInDeps = {
  db: Database
  throttle: Throttle
  marks: DeviceMarks
  mailer: Mailer
  secondFactor: SecondFactor
  /** ms since the epoch */
  clock: () => number
}

export type FinishSignInInput = {
  /** of the browser's half session */
  half: string | undefined
  proof: FactorProof
  visitor: Visitor
  /** of the cookie that says that somebody showed a second factor here before */
  mark: string | undefined
  /** of the browser's session cookie: that session ends here */
  replaces: string | undefined
  language: Language
}

export type SignedInMarks = { mark: string; factorMark: string }

export type FinishSignInOutcome =
  | ({ result: 'signed-in'; token: string } & SignedInMarks)
  | { result: 'wrong' }
  /** the password has to be shown again */
  | { result: 'over' }
  | { result: 'throttled'; seconds: number }

/** @returns whose password was right in this browser a moment ago */
export const readHalfSession = async (sql: Sql, half: string | undefined): Promise<string | undefined> =>
  isCookieToken(half) ? findHalfSession(sql, hashSecret(half)) : undefined

/** The second step of a sign-in: a session for the half one and a proof, each of which serves once. */
export async function finishSignIn(deps: FinishSignInDeps, input: FinishSignInInput): Promise<FinishSignInOutcome> {
  const { db, throttle, marks, secondFactor } = deps
  const { half, proof, replaces, visitor } = input
  const email = await readHalfSession(db, half)
  if (email === undefined || !isCookieToken(half)) return { result: 'over' }
  const address: ThrottleKey = { rule: 'address', of: visitor.address }
  const guesses = factorKey(marks, email, input.mark)
  const seconds = await throttle.take(db, address, guesses)
  if (seconds > 0) return { result: 'throttled', seconds }

  const checked = await secondFactor.check(db, email, proof)
  if (!checked) return { result: 'wrong' }
  const begin = async (sql: Sql): Promise<FinishSignInOutcome> => {
    await holdSignIn(sql, email, 'share')
    // A changed password has ended it.
    if (!(await takeHalfSession(sql, hashSecret(half)))) throw new Refused('over')
    if (!(await secondFactor.use(sql, email, checked))) throw new Refused('wrong')
    await throttle.giveBack(sql, address)
    await throttle.clear(sql, guesses)
    if (isCookieToken(replaces)) await deleteWebSessionByToken(sql, hashSecret(replaces))
    if (checked.kind === 'recovery-code') await tellOfSecurity(deps.mailer, sql, email, 'recovery-code-used', input)
    const { token } = await beginWebSession(deps, sql, email, visitor)
    return { result: 'signed-in', token, ...makeMarks(marks, email) }
  }
  // Both or neither: a half session whose proof was used before stays, as does a code that came too late.
  return db.transaction(begin).catch((error) => {
    if (error instanceof Refused) return { result: error.result }
    throw error
  })
}

class Refused extends Error {
  readonly result: 'over' | 'wrong'

  constructor(result: 'over' | 'wrong') {
    super(result)
    this.result = result
  }
}

/** A mark for the password, and one of its own for the factor, which a recovered password does not give. */
export const makeMarks = (marks: DeviceMarks, email: string): SignedInMarks => ({
  mark: marks.make(email),
  factorMark: marks.make(factorOf(email)),
})

const factorOf = (email: string) => `factor\n${email}`

/** Guesses from a browser in which a factor was shown before are counted apart: nobody who guesses elsewhere keeps its owner out. */
function factorKey(marks: DeviceMarks, email: string, mark: string | undefined): ThrottleKey {
  const device = marks.read(mark, factorOf(email))
  return device === null ? { rule: 'factor', of: email } : { rule: 'factor-device', of: `${device}\n${email}` }
}
