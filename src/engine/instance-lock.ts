import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError, explained } from './engine-error.ts'
import { identify, type ProcessIdentity, stillRuns } from './process-identity.ts'

/** What the lock file of a home says about the instance that holds it. */
export type Instance = ProcessIdentity & {
  token: string
  /** folder of the database's socket; it outlives an instance that was killed */
  socketFolder: string
}

export type InstanceLock = {
  /** the killed instance whose lock was taken over, if there was one */
  previous: Instance | undefined
  release(): Promise<void>
}

const lockFile = (home: string) => join(home, 'instance.lock')

/**
 * Takes the home for this process. A lock whose process is gone is taken over, by one contender only.
 * @throws EngineError when another instance runs on this home
 */
export async function takeInstanceLock(home: string, socketFolder: string): Promise<InstanceLock> {
  const self = await identify(process.pid)
  if (!self) throw new EngineError('cannot read /proc, which the embedded database needs; set DATABASE_URL instead')
  const instance: Instance = { ...self, token: randomUUID(), socketFolder }
  const file = lockFile(home)
  const draft = `${file}.${instance.token}`
  return explained('lock', home, async () => {
    await writeFile(draft, `${JSON.stringify(instance)}\n`, { mode: 0o600, flag: 'wx' })
    try {
      const previous = await publish(draft, file, instance)
      return { previous, release: () => release(file, instance.token) }
    } finally {
      await rm(draft, { force: true })
    }
  })
}

/** The instance that runs on this home now, if one does. */
export async function runningInstance(home: string): Promise<Instance | undefined> {
  const holder = await readInstance(lockFile(home))
  return holder && (await stillRuns(holder)) ? holder : undefined
}

async function publish(draft: string, file: string, own: Instance): Promise<Instance | undefined> {
  for (;;) {
    if (await tryLink(draft, file)) return undefined
    const holder = await readInstance(file)
    if (!holder) continue
    if (await stillRuns(holder)) {
      throw new EngineError(
        `Billfold is running on this data already (process ${holder.pid}, lock ${file}): ` +
          `stop that one first (kill ${holder.pid}), or name another folder in BILLFOLD_HOME`,
      )
    }
    if (await takeOver(draft, file, holder, own)) return holder
    await delay(20)
  }
}

/**
 * Only the contender who makes the claim file, named after the stale lock, may replace that lock; and it looks again first,
 * for a slower one gets its claim after the replacement.
 */
async function takeOver(draft: string, file: string, stale: Instance, own: Instance): Promise<boolean> {
  const claim = `${file}.over-${stale.token}`
  if (!(await tryLink(draft, claim))) {
    const claimant = await readInstance(claim)
    if (claimant && !(await stillRuns(claimant))) await rm(claim, { force: true })
    return false
  }
  try {
    const now = await readInstance(file)
    if (now?.token !== stale.token) return false
    await rename(draft, file)
    return (await readInstance(file))?.token === own.token
  } finally {
    await rm(claim, { force: true })
  }
}

async function release(file: string, token: string): Promise<void> {
  if ((await readInstance(file))?.token === token) await unlink(file)
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function readInstance(file: string): Promise<Instance | undefined> {
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as Instance
  } catch {
    // Not of our making, or a file system that lost its content in a power cut: nobody holds it.
    return { pid: 0, started: '', boot: '', token: 'unreadable', socketFolder: '' }
  }
}
