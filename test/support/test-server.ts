import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm, statfs } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { canReach, chooseAccount } from '../../src/engine/account.ts'
import { startEngine } from '../../src/engine/start-engine.ts'
import { openDatabase, parseDatabaseUrl } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { administer, sandboxTemplate, type TestServer } from './database.ts'
import { endLeftovers } from './leftovers.ts'

/** A server for one test run, with a migrated template on it. */
export type RunningTestServer = {
  server: TestServer
  /** for every temporary file of the tests; removed at the end with all that is in it */
  temporary: string
  /** @returns the command lines of processes that tests left running, which it ended */
  close(): Promise<string[]>
}

/** Uses the server of `url` when there is one, else starts the embedded one in a home that is removed at the end. */
export async function startTestServer(url: string | undefined): Promise<RunningTestServer> {
  const folder = await mkdtemp(join(await sharedFolder(), 'billfold-test-'))
  const undo: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step().catch((error) => console.error(error))
    const left = await endLeftovers(folder)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    return left
  }
  try {
    // Tests start servers under other accounts, which must get through to their files.
    await chmod(folder, 0o711)
    const temporary = join(folder, 'tmp')
    await mkdir(temporary)
    await chmod(temporary, 0o1777)
    // No test cuts the power of this server: those that kill one start their own, with the real settings, on the disk.
    const quick = url ? undefined : await makeMemoryFolder()
    if (quick) undo.push(() => rm(quick, { recursive: true, force: true, maxRetries: 5 }))
    const home = join(quick ?? folder, 'home')
    const engine = url ? undefined : await startEngine({ home, log: () => {}, throwaway: true })
    if (engine) undo.push(() => engine.stop())
    const connection = engine?.connection ?? parseDatabaseUrl(url as string)
    const template = `billfold_template_${randomBytes(8).toString('hex')}`
    await administer(connection, `create database ${template}`)
    for (const name of [template, sandboxTemplate(template), `${sandboxTemplate(template)}_draft`]) {
      undo.push(() => administer(connection, `drop database if exists ${name} with (force)`))
    }
    const db = openDatabase({ ...connection, database: template }, { connections: 1 })
    await migrate(db).finally(() => db.close())
    return { server: { connection, template }, temporary, close }
  } catch (error) {
    await close()
    throw error
  }
}

const GB = 2 ** 30

/** A folder in memory where there is plenty: hundreds of databases are made and dropped, each of thousands of files' pages. */
async function makeMemoryFolder(): Promise<string | undefined> {
  const shared = '/dev/shm'
  try {
    const { bavail, bsize } = await statfs(shared)
    if (bavail * bsize < 4 * GB || freemem() < 4 * GB || !canReach(await chooseAccount(undefined), shared)) return
    const folder = await mkdtemp(join(shared, 'billfold-test-'))
    await chmod(folder, 0o711)
    return folder
  } catch {
    return undefined
  }
}

/** The temporary folder; for root the first of the usual ones that the database's account can get into. */
async function sharedFolder(): Promise<string> {
  if (process.getuid?.() !== 0) return tmpdir()
  const account = await chooseAccount(undefined)
  return [tmpdir(), '/tmp', '/var/tmp'].find((folder) => canReach(account, folder)) ?? tmpdir()
}
