import { createHmac } from 'node:crypto'
import { findProgramSignIn, type ProgramSignIn, touchApplicationPassword } from '../storage/application-passwords.ts'
import type { Database } from '../storage/database.ts'
import type { Keyring } from './keyring.ts'
import type { Passwords } from './password.ts'
import { hashSecret } from './secrets.ts'
import { createThrottle, type ThrottleKey } from './throttle.ts'

export type DashboardLoginDeps = {
  db: Database
  keyring: Keyring
  passwords: Passwords
  /** ms; must only rise */
  monotonic?: () => number
}

export type DashboardLogin = { readonly email: string; readonly password: string; readonly address: string }

/** `wrong` says the same of an unknown address and of a wrong password, and takes the same time. */
export type DashboardOutcome =
  | {
      readonly result: 'known'
      readonly partyId: string
      readonly email: string
      /** of the party's team, and only looks */
      readonly viewer: boolean
    }
  | { readonly result: 'wrong' }
  | { readonly result: 'throttled'; readonly seconds: number }

/** ms that a password found right need not be hashed again */
const REMEMBERED = 60_000
const CAPACITY = 1_000

/** What was right: an application password, or the password that this is the hash of. */
type Known = { readonly by: string; readonly until: number }

/** What a credential can be right by; null: a plain password, which a second factor rules out. */
const proofOf = (row: ProgramSignIn): string | null => row.application_id ?? (row.factor ? null : row.password_hash)

const outcomeOf = ({ party_id: partyId, role }: ProgramSignIn, email: string): DashboardOutcome => ({
  result: 'known',
  partyId,
  email,
  viewer: role === 'viewer',
})

/**
 * Passwords of people as a program sends them, with each request. They are slowed down as on the sign-in page, and what was right
 * is remembered for a minute under a keyed hash; the sign-in's row is read all the same, so a changed or revoked password ends at
 * once. A program cannot show a second factor: who has one gives it an application password, and the plain one is refused like a wrong
 * one, after the same work.
 * @returns a check that throws `PasswordsBusy`
 */
export function createDashboardLogin(deps: DashboardLoginDeps): (login: DashboardLogin) => Promise<DashboardOutcome> {
  const { db, passwords, monotonic = () => performance.now() } = deps
  const throttle = createThrottle(deps.keyring)
  const key = deps.keyring.derive('dashboard-login')
  const remembered = new Map<string, Known>()
  const running = new Map<string, Promise<DashboardOutcome>>()

  async function check(name: string, email: string, { password, address }: DashboardLogin): Promise<DashboardOutcome> {
    const keys: ThrottleKey[] = [
      { rule: 'address', of: address },
      { rule: 'account', of: email },
    ]
    const seconds = await throttle.take(db, ...keys)
    if (seconds > 0) return { result: 'throttled', seconds }
    const row = await findProgramSignIn(db, email, hashSecret(password))
    const application = row?.application_id ?? null
    const right =
      application !== null || (await passwords.verify(row?.factor ? null : (row?.password_hash ?? null), password))
    if (!row || !right) return { result: 'wrong' }
    const [byAddress, byAccount] = keys as [ThrottleKey, ThrottleKey]
    await db.transaction(async (sql) => {
      await throttle.giveBack(sql, byAddress)
      await throttle.clear(sql, byAccount)
      if (application !== null) await touchApplicationPassword(sql, application)
    })
    if (remembered.size >= CAPACITY) remembered.delete(remembered.keys().next().value as string)
    remembered.set(name, { by: proofOf(row) as string, until: monotonic() + REMEMBERED })
    return outcomeOf(row, email)
  }

  return async (login) => {
    const email = login.email.trim().toLowerCase()
    const name = createHmac('sha256', key).update(`${email}\0${login.password}`).digest('base64')
    const known = remembered.get(name)
    if (known) {
      const secretHash = hashSecret(login.password)
      const row = known.until > monotonic() ? await findProgramSignIn(db, email, secretHash) : undefined
      if (row && proofOf(row) === known.by) return outcomeOf(row, email)
      remembered.delete(name)
    }
    // Many at once with the same password are one attempt.
    const before = running.get(name)
    if (before) return before
    const attempt = check(name, email, login).finally(() => running.delete(name))
    running.set(name, attempt)
    return attempt
  }
}
