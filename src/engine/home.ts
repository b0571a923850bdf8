import { createHash } from 'node:crypto'
import { access, chmod, mkdir, readFile, realpath, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Account, canReach, chooseAccount } from './account.ts'
import { EngineError, explained } from './engine-error.ts'
import { takeInstanceLock } from './instance-lock.ts'
import { endServerProcesses } from './orphan.ts'
import { removeSocketFolder } from './socket-folder.ts'

/** Where a home keeps its database, and the account that serves it. */
export type DataPlace = {
  /** holds the data folder, and a copy of the binaries where one is needed: the home, or a folder in /var/lib/billfold */
  root: string
  /** PostgreSQL's own folder; absent until the first start */
  dataDirectory: string
  account: Account
}

const repository = fileURLToPath(new URL('../../', import.meta.url))
const elsewhere = '/var/lib/billfold'

/** `BILLFOLD_HOME`, or `.billfold` in the repository. */
export function resolveHome(environment: { BILLFOLD_HOME?: string | undefined } = process.env): string {
  return environment.BILLFOLD_HOME ? resolve(environment.BILLFOLD_HOME) : join(repository, '.billfold')
}

/**
 * Makes the home when it is not there, closed to others. Under root it can be passed through, but not listed: the
 * database's account has to reach its data in it. Files in it must close themselves (0600).
 * @returns its real path
 */
export async function openHome(home: string): Promise<string> {
  return explained('use', home, async () => {
    const made = await mkdir(home, { recursive: true, mode: 0o700 })
    if (made !== undefined && process.getuid?.() === 0) await chmod(home, 0o711)
    return realpath(home)
  })
}

/**
 * Finds or decides where the data of a home are: in it, or (under root, where the database's account cannot get into it)
 * in a folder of /var/lib/billfold that is named after the home's path.
 * @param home real path
 */
export async function placeData(home: string, log: (line: string) => void): Promise<DataPlace> {
  const far = join(elsewhere, createHash('sha256').update(home).digest('hex').slice(0, 16))
  await refuseMovedHome(home, far)
  for (const root of process.getuid?.() === 0 ? [home, far] : [home]) {
    const dataDirectory = join(root, 'postgres')
    if (!(await exists(dataDirectory))) continue
    const account = await chooseAccount(dataDirectory)
    if (!canReach(account, root)) {
      throw new EngineError(
        `uid ${account.uid}, which owns ${dataDirectory}, cannot get there: chmod a+x the folders above`,
      )
    }
    if (root === far) log(`the database of ${home} is in ${far}`)
    return { root, dataDirectory, account }
  }
  const account = await chooseAccount(undefined)
  if (canReach(account, home)) return { root: home, dataDirectory: join(home, 'postgres'), account }
  await explained('create', far, async () => {
    await mkdir(far, { recursive: true })
    for (const folder of [elsewhere, far]) await chmod(folder, 0o755)
    await writeFile(join(far, 'home'), `${home}\n`)
    await writeFile(markerFile(home), `${far}\n`, { mode: 0o600 })
  })
  log(`uid ${account.uid}, which runs the database, cannot get into ${home}: the database is in ${far}`)
  return { root: far, dataDirectory: join(far, 'postgres'), account }
}

/**
 * Deletes the database of a home with its logs, and the home itself when nothing else is left in it.
 * @param alsoRemove names of further files in the home, deleted under the same lock
 * @throws EngineError while an instance runs on it
 */
export async function removeHome(home: string, alsoRemove: string[] = []): Promise<void> {
  if (!(await exists(home))) return
  const real = await openHome(home)
  const lock = await takeInstanceLock(real, '')
  try {
    await removeSocketFolder(lock.previous?.socketFolder)
    const place = await placeData(real, () => {})
    await endServerProcesses(place.dataDirectory, () => {})
    if (place.root !== real) {
      await rm(place.root, { recursive: true, force: true })
      await rmdir(elsewhere).catch(() => {})
    }
    for (const name of ['postgres', 'binaries', 'logs', 'data-elsewhere', ...alsoRemove]) {
      await rm(join(real, name), { recursive: true, force: true })
    }
  } finally {
    await lock.release()
  }
  await rmdir(real).catch(() => {})
}

const markerFile = (home: string) => join(home, 'data-elsewhere')

// The folder's name comes from the home's path: after a move it would silently be another, empty one.
async function refuseMovedHome(home: string, far: string): Promise<void> {
  const recorded = (await readFile(markerFile(home), 'utf8').catch(() => '')).trim()
  if (recorded === '' || recorded === far || dirname(recorded) !== elsewhere || !(await exists(recorded))) return
  throw new EngineError(
    `${home} was moved or copied, and its database is in ${recorded}: ` +
      `mv ${recorded} ${far} to take it along, or rm ${markerFile(home)} to begin with an empty one`,
  )
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
