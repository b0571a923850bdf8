import { spawnSync } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { EngineError } from './engine-error.ts'

/** The account PostgreSQL runs under: our own, or for root (which PostgreSQL refuses) an unprivileged one. */
export type Account = {
  uid: number
  gid: number
  /** false: our own account, nothing to change */
  switched: boolean
}

/** Options of `spawn` that start a child under this account, in a folder any account can be in, with nothing inherited. */
export function spawnOptions(account: Account) {
  const identity = account.switched ? { uid: account.uid, gid: account.gid } : {}
  const path = process.env.PATH
  return { ...identity, cwd: '/', env: { LC_ALL: 'C', TZ: 'UTC', ...(path === undefined ? {} : { PATH: path }) } }
}

/**
 * The account for a home. Data that exist are served by their owner; new data belong to us, or when we are root to
 * `postgres` or `nobody`.
 * @throws EngineError where there is no account that PostgreSQL would accept
 */
export async function chooseAccount(existingData: string | undefined): Promise<Account> {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  if (uid !== 0) {
    ensureNamed(uid)
    return { uid, gid, switched: false }
  }
  if (existingData !== undefined) {
    const owner = await stat(existingData)
    if (owner.uid === 0) {
      throw new EngineError(
        `${existingData} belongs to root, and PostgreSQL refuses that: chown -R postgres ${existingData}`,
      )
    }
    return { uid: owner.uid, gid: owner.gid, switched: true }
  }
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '')
  for (const name of ['postgres', 'nobody']) {
    const [, , uidText, gidText] =
      accounts
        .split('\n')
        .find((line) => line.startsWith(`${name}:`))
        ?.split(':') ?? []
    if (uidText && gidText && uidText !== '0') return { uid: Number(uidText), gid: Number(gidText), switched: true }
  }
  throw new EngineError(
    'PostgreSQL does not run as root, and there is neither an account "postgres" nor "nobody" to run it under: ' +
      'start Billfold as an ordinary user, or set DATABASE_URL',
  )
}

/** Name of the account this process runs under, as PostgreSQL sees it. */
export function ownName(): string {
  return userInfo().username
}

/** Whether the account can enter this folder; asked of the kernel, for there is more to it than permission bits. */
export function canReach(account: Account, folder: string): boolean {
  if (!account.switched) return true
  const tried = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...spawnOptions(account), stdio: 'ignore' })
  if (tried.error) {
    throw new EngineError(
      `cannot start a program as uid ${account.uid} (${tried.error.message}); run as an ordinary user`,
    )
  }
  return tried.status === 0
}

function ensureNamed(uid: number): void {
  try {
    ownName()
  } catch {
    throw new EngineError(
      `uid ${uid} has no account in /etc/passwd, which PostgreSQL needs: add one, or set DATABASE_URL`,
    )
  }
}
