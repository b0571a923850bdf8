import type { Keyring } from '../credentials/keyring.ts'
import { checkCreation, makePasskeyHandle, type PasskeyScope } from '../credentials/passkey.ts'
import { hashRecoveryCode, makeRecoveryCodes } from '../credentials/recovery-codes.ts'
import type { SecondFactor } from '../credentials/second-factor.ts'
import { readTotpCode, totpContext, totpStep } from '../credentials/totp.ts'
import type { Language } from '../domain/language.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { Database, Sql } from '../storage/database.ts'
import { deleteHalfSessions } from '../storage/half-sessions.ts'
import { holdSignIn } from '../storage/parties.ts'
import { deletePasskey, insertPasskey, keepPasskeyHandle, takeChallenge } from '../storage/passkeys.ts'
import {
  deleteFactors,
  deleteIdleRecoveryCodes,
  deleteTotp,
  insertTotp,
  readFactors,
  replaceRecoveryCodes,
} from '../storage/second-factors.ts'
import { deleteWebSessions } from '../storage/web-sessions.ts'
import { requireFactorName } from './input.ts'
import { tellOfSecurity } from './tell-of-security.ts'

// Who changes factors has proven it again (`proveAgain`): these operations only do it. Each holds the sign-in, so that of two at
// once the second sees what the first has left.

export type FactorDeps = {
  db: Database
  keyring: Keyring
  mailer: Mailer
  secondFactor: SecondFactor
  /** ms since the epoch */
  clock: () => number
}

type Whose = { email: string; sessionId: string; language: Language }

/** `codes` are recovery codes, made with the first factor and shown now or never; null: there are some already. */
export type FactorAdded = { result: 'added'; codes: string[] | null }

/**
 * Makes an authenticator app a second factor, once a code shows that it has the secret. Sessions that the password alone has opened end.
 * @param input.secret base32
 */
export async function addTotp(
  deps: FactorDeps,
  input: Whose & { secret: string; code: string },
): Promise<FactorAdded | { result: 'wrong-code' } | { result: 'there-already' }> {
  const { email, secret } = input
  const code = readTotpCode(input.code)
  const step = code === null ? null : totpStep(secret, code, deps.clock())
  if (step === null) return { result: 'wrong-code' }
  const sealed = deps.keyring.seal(secret, totpContext(email))
  return deps.db.transaction(async (sql) => {
    await holdSignIn(sql, email, 'update')
    if (!(await insertTotp(sql, { email, sealed, last_step: step }))) return { result: 'there-already' }
    await tellOfSecurity(deps.mailer, sql, email, 'totp-on', input)
    return added(sql, input)
  })
}

/** @returns false when there was none */
export function removeTotp(deps: FactorDeps, input: Whose): Promise<boolean> {
  const { email } = input
  return deps.db.transaction(async (sql) => {
    await holdSignIn(sql, email, 'update')
    if (!(await deleteTotp(sql, email))) return false
    await deleteIdleRecoveryCodes(sql, email)
    await tellOfSecurity(deps.mailer, sql, email, 'totp-off', input)
    return true
  })
}

/** What a new passkey of this person is to call its owner; the same for all of them. */
export async function passkeyHandle(deps: { db: Database }, email: string): Promise<Buffer> {
  const handle = await keepPasskeyHandle(deps.db, email, makePasskeyHandle())
  if (!handle) throw new Error('there is no such sign-in')
  return handle
}

/**
 * Adds the passkey that a browser has made.
 * @param input.passkey JSON, as the browser gave it
 * @throws {OperationRefusal} for a name that cannot be
 */
export async function addPasskey(
  deps: FactorDeps,
  input: Whose & { name: string; passkey: string; scope: PasskeyScope },
): Promise<FactorAdded | { result: 'refused' }> {
  const { email } = input
  const name = requireFactorName(input.name)
  const made = await checkCreation(deps.secondFactor.challenges, input.passkey, input.scope)
  if (!made) return { result: 'refused' }
  const { key, challenge } = made
  return deps.db.transaction(async (sql) => {
    await holdSignIn(sql, email, 'update')
    if (!(await takeChallenge(sql, challenge.hash, challenge.expiresAt))) return { result: 'refused' }
    if (!(await insertPasskey(sql, { ...key, email, name }))) return { result: 'refused' }
    await tellOfSecurity(deps.mailer, sql, email, 'passkey-on', { ...input, what: name })
    return added(sql, input)
  })
}

/** @returns false when this person has no such passkey */
export function removePasskey(deps: FactorDeps, input: Whose & { id: string }): Promise<boolean> {
  const { email } = input
  return deps.db.transaction(async (sql) => {
    await holdSignIn(sql, email, 'update')
    const name = await deletePasskey(sql, email, input.id)
    if (name === undefined) return false
    await deleteIdleRecoveryCodes(sql, email)
    await tellOfSecurity(deps.mailer, sql, email, 'passkey-off', { ...input, what: name })
    return true
  })
}

/** Ten new recovery codes; those before end. @returns null when there is no factor that they could stand in for */
export function renewRecoveryCodes(deps: FactorDeps, input: Whose): Promise<string[] | null> {
  const { email } = input
  return deps.db.transaction(async (sql) => {
    await holdSignIn(sql, email, 'update')
    const { totp_since, passkeys } = await readFactors(sql, email)
    if (totp_since === null && passkeys === 0) return null
    await tellOfSecurity(deps.mailer, sql, email, 'codes-renewed', input)
    return newCodes(sql, email)
  })
}

/**
 * For whoever runs the installation: takes all second factors of somebody away who has lost them, and ends their sessions.
 * @returns false when there was none
 */
export function resetFactors(
  deps: { db: Database; mailer: Mailer },
  input: { email: string; language: Language },
): Promise<boolean> {
  const { email } = input
  return deps.db.transaction(async (sql) => {
    await holdSignIn(sql, email, 'update')
    if (!(await deleteFactors(sql, email))) return false
    await deleteHalfSessions(sql, email)
    await deleteWebSessions(sql, email, null)
    await tellOfSecurity(deps.mailer, sql, email, 'factors-reset', input)
    return true
  })
}

/** With the first factor end the sessions that the password alone has opened. */
async function added(sql: Sql, { email, sessionId }: Whose): Promise<FactorAdded> {
  const { totp_since, passkeys, codes } = await readFactors(sql, email)
  const first = (totp_since === null ? 0 : 1) + passkeys === 1
  if (first) await deleteWebSessions(sql, email, sessionId)
  return { result: 'added', codes: first || codes === 0 ? await newCodes(sql, email) : null }
}

async function newCodes(sql: Sql, email: string): Promise<string[]> {
  const codes = makeRecoveryCodes()
  await replaceRecoveryCodes(
    sql,
    email,
    codes.map((code) => hashRecoveryCode(email, code)),
  )
  return codes
}
