import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Account, ownName, spawnOptions } from './account.ts'
import { EngineError, explained } from './engine-error.ts'
import type { DataPlace } from './home.ts'
import { endServerProcesses } from './orphan.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { endingWithParent } from './setpriv.ts'

/** The one role; only our own account and root may be it. */
export const databaseRole = 'billfold'

const majorVersion = '18'
const draftPrefix = 'postgres.new-'

/**
 * Makes the data folder when there is none, under another name first, so that what bears the final name is whole.
 * The caller holds the instance lock.
 * @throws EngineError for data of another major version, or a disk that cannot take them
 */
export async function prepareDataDirectory(
  place: DataPlace,
  binaries: PostgresBinaries,
  { log, onSpawn }: { log(line: string): void; onSpawn(): void },
): Promise<void> {
  await explained('write to', place.root, async () => {
    for (const name of await readdir(place.root)) {
      if (!name.startsWith(draftPrefix)) continue
      await endServerProcesses(join(place.root, name), log)
      await rm(join(place.root, name), { recursive: true, force: true })
    }
    const version = await readFile(join(place.dataDirectory, 'PG_VERSION'), 'utf8').catch(ignoreMissing)
    if (version === undefined) await createDataDirectory(place, binaries, onSpawn)
    else if (version.trim() !== majorVersion) {
      throw new EngineError(
        `the data in ${place.dataDirectory} are of PostgreSQL ${version.trim()}, and this Billfold has ${majorVersion}: ` +
          'run the Billfold they were made with',
      )
    }
    await writeAccessRules(place)
  })
}

async function createDataDirectory(place: DataPlace, binaries: PostgresBinaries, onSpawn: () => void): Promise<void> {
  const draft = join(place.root, `${draftPrefix}${randomBytes(6).toString('hex')}`)
  await mkdir(draft, { mode: 0o700 })
  try {
    if (place.account.switched) await chown(draft, place.account.uid, place.account.gid)
    await initdb(draft, place.account, binaries, onSpawn)
    await rename(draft, place.dataDirectory)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
  // Nothing may be acknowledged from a folder whose name a power cut could take back.
  const root = await open(place.root)
  await root.sync().finally(() => root.close())
}

async function initdb(
  folder: string,
  account: Account,
  binaries: PostgresBinaries,
  onSpawn: () => void,
): Promise<void> {
  const args = ['--pgdata', folder, '--username', databaseRole, '--auth-local=peer', '--auth-host=reject']
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--locale=C.UTF-8', '--lc-messages=C']
  // A new segment of the log is written full of zeros while commits wait: 40 ms for the usual 16 MB.
  const storage = ['--data-checksums', '--wal-segsize=4']
  const [command, commandArgs] = endingWithParent(binaries.initdb, [...args, ...locale, ...storage])
  const child = spawn(command, commandArgs, {
    ...spawnOptions(account),
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const exited = new Promise<number | string | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? signal))
  })
  onSpawn()
  const [status, errors] = await Promise.all([exited, text(child.stderr)])
  if (status === 0) return
  throw new EngineError(
    `PostgreSQL cannot create its data in ${folder}: ${reason(errors) ?? `initdb ended by ${status}`}`,
  )
}

/** What initdb failed of: the machine's refusal if it quotes one, else its first complaint. */
function reason(errors: string): string | undefined {
  const lines = errors.split('\n').map((line) => line.replace(/^.*?(error|FATAL|PANIC): +/, '').trim())
  return (
    lines.find((line) => /No space left|quota|Read-only|Permission denied|Cannot allocate/i.test(line)) ??
    lines.find((line) => line.includes('could not')) ??
    lines.find(Boolean)
  )
}

/**
 * Peer authentication: the kernel tells the server which account the other end of the socket is. Written at every start,
 * for the account may be another one this time.
 */
async function writeAccessRules(place: DataPlace): Promise<void> {
  const accounts = new Set(['root', ownName()])
  const map = [...accounts].map((name) => `billfold "${name.replaceAll('"', '""')}" ${databaseRole}\n`)
  await replaceFile(place, 'pg_hba.conf', `local all ${databaseRole} peer map=billfold\n`)
  await replaceFile(place, 'pg_ident.conf', map.join(''))
}

// A new file renamed into place: as root we write where another account could have put a link to somewhere else.
async function replaceFile({ dataDirectory, account }: DataPlace, name: string, content: string): Promise<void> {
  const draft = join(dataDirectory, `${name}.${randomBytes(6).toString('hex')}`)
  await writeFile(draft, content, { flag: 'wx', mode: 0o600 })
  if (account.switched) await chown(draft, account.uid, account.gid)
  await rename(draft, join(dataDirectory, name))
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
