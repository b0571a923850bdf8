import { createHmac } from 'node:crypto'
import type { Database } from '../storage/database.ts'
import { findSignIn } from '../storage/parties.ts'
import type { Keyring } from './keyring.ts'
import type { Passwords } from './password.ts'
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
  | { readonly result: 'known'; readonly partyId: string; readonly email: string }
  | { readonly result: 'wrong' }
  | { readonly result: 'throttled'; readonly seconds: number }

/** ms that a password found right need not be hashed again */
const REMEMBERED = 60_000
const CAPACITY = 1_000

type Known = { readonly partyId: string; readonly passwordHash: string; readonly until: number }

/**
 * Passwords of people as a program sends them, with each request. They are slowed down as on the sign-in page, and what was right
 * is remembered for a minute under a keyed hash; the sign-in's row is read all the same, so a changed password ends at once.
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
    const row = await findSignIn(db, email)
    const right = await passwords.verify(row?.password_hash ?? null, password)
    if (!row || !right) return { result: 'wrong' }
    const [byAddress, byAccount] = keys as [ThrottleKey, ThrottleKey]
    await db.transaction(async (sql) => {
      await throttle.giveBack(sql, byAddress)
      await throttle.clear(sql, byAccount)
    })
    if (remembered.size >= CAPACITY) remembered.delete(remembered.keys().next().value as string)
    remembered.set(name, {
      partyId: row.party_id,
      passwordHash: row.password_hash,
      until: monotonic() + REMEMBERED,
    })
    return { result: 'known', partyId: row.party_id, email }
  }

  return async (login) => {
    const email = login.email.trim().toLowerCase()
    const name = createHmac('sha256', key).update(`${email}\0${login.password}`).digest('base64')
    const known = remembered.get(name)
    if (known) {
      const row = known.until > monotonic() ? await findSignIn(db, email) : undefined
      if (row?.password_hash === known.passwordHash) return { result: 'known', partyId: row.party_id, email }
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
