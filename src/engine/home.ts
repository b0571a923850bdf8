import { randomBytes } from 'node:crypto'
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
    const mode = process.getuid?.() === 0 ? 0o711 : 0o700
    const made = await mkdir(home, { recursive: true, mode })
    // Some umasks take away what the mode grants.
    if (made !== undefined) await chmod(home, mode)
    return realpath(home)
  })
}

/**
 * Finds or decides where the data of a home are: in it, or (under root, where the database's account cannot get into it)
 * in a folder of /var/lib/billfold. Its name is random and kept in the home, so that a home which is deleted and made
 * again at the same path begins with an empty database, and not with one whose keys are gone.
 * @param home real path
 */
export async function placeData(home: string, log: (line: string) => void): Promise<DataPlace> {
  const recorded = await recordedFolder(home)
  for (const root of recorded === undefined ? [home] : [home, recorded]) {
    const dataDirectory = join(root, 'postgres')
    if (!(await exists(dataDirectory))) continue
    const account = await chooseAccount(dataDirectory)
    if (!canReach(account, root)) {
      throw new EngineError(
        `uid ${account.uid}, which owns ${dataDirectory}, cannot get there: chmod a+x the folders above`,
      )
    }
    if (root === recorded) log(`the database of ${home} is in ${recorded}`)
    return { root, dataDirectory, account }
  }
  const account = await chooseAccount(undefined)
  if (canReach(account, home)) return { root: home, dataDirectory: join(home, 'postgres'), account }
  const far = recorded ?? (await recordFolder(home))
  await explained('create', far, async () => {
    await mkdir(far, { recursive: true })
    for (const folder of [elsewhere, far]) await chmod(folder, 0o755)
    await writeFile(ownerFile(far), `${home}\n`)
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
const ownerFile = (far: string) => join(far, 'home')

// Two homes on one folder would be two servers on one data folder: the copy of a home has to say whose the data are.
async function recordedFolder(home: string): Promise<string | undefined> {
  const recorded = await firstLine(markerFile(home))
  if (dirname(recorded) !== elsewhere) return undefined
  const owner = await firstLine(ownerFile(recorded))
  if (owner === '' || owner === home) return recorded
  throw new EngineError(
    `${home} was moved or copied, and its database is in ${recorded}: ` +
      `echo ${home} > ${ownerFile(recorded)} to take it along, or rm ${markerFile(home)} to begin with an empty one`,
  )
}

// Written once: of two first starts at the same time, both go by the one that was first.
async function recordFolder(home: string): Promise<string> {
  const marker = markerFile(home)
  const far = join(elsewhere, randomBytes(8).toString('hex'))
  return explained('write', marker, async () => {
    const first = await writeFile(marker, `${far}\n`, { mode: 0o600, flag: 'wx' }).catch((error) => error)
    if (first?.code !== 'EEXIST') {
      if (first instanceof Error) throw first
      return far
    }
    const recorded = await firstLine(marker)
    if (dirname(recorded) === elsewhere) return recorded
    await writeFile(marker, `${far}\n`, { mode: 0o600 })
    return far
  })
}

async function firstLine(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim()
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
