import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { spawnOptions } from './account.ts'
import { EngineError } from './engine-error.ts'
import type { DataPlace } from './home.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { readPostmasterFile } from './postmaster-file.ts'
import type { ServerLog } from './server-log.ts'
import { serverSettings } from './server-settings.ts'
import { endingWithParent } from './setpriv.ts'

/** One run of the server, from ready to its end. */
export type PostgresServer = {
  /** the postmaster's process id */
  pid: number
  /** how it ended: 'exit status 1', 'SIGKILL' */
  ended: Promise<string>
  /** Fast shutdown (SIGINT: sessions are cut, a checkpoint is written), made harder when it takes too long. */
  stop(): Promise<void>
}

export type ServerOptions = {
  binaries: PostgresBinaries
  place: DataPlace
  socketFolder: string
  serverLog: ServerLog
  log(line: string): void
  /** whether it may lose what it acknowledged */
  throwaway: boolean
  /** the server's process is there, and not ready yet */
  onSpawn(): void
}

// It may lie in memory, so its log stays small.
const THROWAWAY = { fsync: 'off', full_page_writes: 'off', max_wal_size: '512MB' }

const patience = { fast: 30_000, immediate: 5_000, sayAfter: 3_000 }

/**
 * Starts the server and waits until it takes connections; recovery after a crash takes as long as it takes.
 * @throws EngineError with PostgreSQL's own reason when it ends instead
 */
export async function startPostgres(options: ServerOptions): Promise<PostgresServer> {
  const { binaries, place, socketFolder, serverLog } = options
  const chosen = { ...serverSettings(), ...(options.throwaway && THROWAWAY) }
  const settings = Object.entries(chosen).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const args = ['-D', place.dataDirectory, '-k', socketFolder, ...settings]
  const [command, commandArgs] = endingWithParent(binaries.postgres, args)
  // A session of its own: the terminal's Ctrl-C must not cut the database from under requests that are being finished.
  const child = spawn(command, commandArgs, {
    ...spawnOptions(place.account),
    stdio: ['ignore', serverLog.descriptor, serverLog.descriptor],
    detached: true,
  })
  const ended = whenEnded(child)
  const kill = () => child.kill('SIGINT')
  process.once('exit', kill)
  void ended.then(() => process.off('exit', kill))

  options.onSpawn()
  await whenReady(child, ended, options)
  return { pid: child.pid as number, ended, stop: () => stop(child, ended) }
}

function whenEnded(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit status ${code}`))
  })
}

async function whenReady(child: ChildProcess, ended: Promise<string>, options: ServerOptions): Promise<void> {
  const { place, serverLog, log } = options
  let end: string | undefined
  void ended.then((how) => {
    end = how
  })
  const begun = Date.now()
  let said = false
  for (;;) {
    const state = await readPostmasterFile(place.dataDirectory)
    if (state?.ready && state.pid === child.pid) return
    if (end !== undefined) {
      const reason = (await serverLog.lastLine(['FATAL', 'PANIC'])) ?? end
      throw new EngineError(`PostgreSQL did not start: ${reason} (${serverLog.file} has more)`)
    }
    if (!said && Date.now() - begun > patience.sayAfter) {
      said = true
      log(`PostgreSQL is still starting, probably replaying its log after a crash (${serverLog.file} tells)`)
    }
    await delay(5)
  }
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGINT')
  if (await within(ended, patience.fast)) return
  // Without its checkpoint: nothing is lost, the next start replays the log.
  child.kill('SIGQUIT')
  if (await within(ended, patience.immediate)) return
  child.kill('SIGKILL')
  await ended
}

async function within(ended: Promise<string>, milliseconds: number): Promise<boolean> {
  const timer = new AbortController()
  const late = delay(milliseconds, false, { signal: timer.signal }).catch(() => false)
  const result = await Promise.race([ended.then(() => true), late])
  timer.abort()
  return result
}
