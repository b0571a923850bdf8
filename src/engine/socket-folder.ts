import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, rmdir, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type Account, canReach } from './account.ts'
import { EngineError, explained } from './engine-error.ts'

/** PostgreSQL names its socket after a port even when it listens on none. */
export const socketPort = 5432

const socketName = `.s.PGSQL.${socketPort}`
/** Linux keeps a socket's path in 108 bytes, the last of them zero. */
const pathBytes = 107

/**
 * A path for a socket folder that does not exist yet; named before it is made, so that the lock file can record it first.
 * Homes can have long paths, so it stands in a temporary folder.
 */
export function nameSocketFolder(account: Account): string {
  const name = `billfold-${randomBytes(6).toString('hex')}`
  for (const parent of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    const folder = join(parent, name)
    if (Buffer.byteLength(join(folder, `${socketName}.lock`)) <= pathBytes && canReach(account, parent)) return folder
  }
  throw new EngineError('the database has no temporary folder for its socket: let TMPDIR name a short, reachable one')
}

/** Makes the folder, for this account only (and root). */
export async function makeSocketFolder(folder: string, account: Account): Promise<void> {
  await explained('create', folder, async () => {
    await mkdir(folder, { mode: 0o700 })
    await chmod(folder, 0o700)
    if (account.switched) await chown(folder, account.uid, account.gid)
  })
}

/** Removes a socket folder, also one a killed server left. Only its known files go: the folder may be another account's. */
export async function removeSocketFolder(folder: string | undefined): Promise<void> {
  if (!folder || !/^billfold-[0-9a-f]{12}$/.test(basename(folder))) return
  for (const name of [socketName, `${socketName}.lock`]) await unlink(join(folder, name)).catch(() => {})
  await rmdir(folder).catch(() => {})
}
