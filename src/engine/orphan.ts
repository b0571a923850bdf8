import { realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from './engine-error.ts'
import { readPostmasterFile } from './postmaster-file.ts'
import { findServerProcesses } from './process-identity.ts'

const patience = { fast: 20_000, immediate: 5_000, leftovers: 2_000, killed: 5_000 }

/**
 * Ends what an earlier server left running on this data folder, and removes its pid file. The caller holds the instance
 * lock, so whatever runs there serves nobody. Data are safe whichever way it ends: at worst the log is replayed.
 * @throws EngineError when a process does not end
 */
export async function endServerProcesses(data: string, log: (line: string) => void): Promise<void> {
  const dataDirectory = await realpath(data).catch(() => undefined)
  if (dataDirectory === undefined) return
  const running = await findServerProcesses(dataDirectory)
  const postmaster = (await readPostmasterFile(dataDirectory))?.pid
  if (postmaster !== undefined && running.includes(postmaster)) {
    log(`ending the PostgreSQL (process ${postmaster}) that an earlier start left behind`)
    signal([postmaster], 'SIGINT')
    if (!(await allGone(dataDirectory, patience.fast))) {
      signal([postmaster], 'SIGQUIT')
      await allGone(dataDirectory, patience.immediate)
    }
  } else if (running.length > 0) {
    // Without their parent they end by themselves, except in the middle of a long statement.
    if (!(await allGone(dataDirectory, patience.leftovers))) {
      signal(await findServerProcesses(dataDirectory), 'SIGKILL')
      await allGone(dataDirectory, patience.killed)
    }
  }
  const stubborn = await findServerProcesses(dataDirectory)
  if (stubborn.length > 0) {
    throw new EngineError(`an earlier PostgreSQL on ${dataDirectory} does not end: kill -QUIT ${stubborn.join(' ')}`)
  }
  // Nothing runs here, but the number in the file may meanwhile be another program's, which stops PostgreSQL.
  await rm(join(dataDirectory, 'postmaster.pid'), { force: true })
}

async function allGone(dataDirectory: string, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds
  for (;;) {
    if ((await findServerProcesses(dataDirectory)).length === 0) return true
    if (Date.now() > end) return false
    await delay(20)
  }
}

function signal(pids: number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // It ended by itself.
    }
  }
}
