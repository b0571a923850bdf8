import pg from 'pg'
import type { DatabaseConnection } from '../storage/database.ts'
import { databaseRole, prepareDataDirectory } from './data-directory.ts'
import { explained } from './engine-error.ts'
import { openHome, placeData } from './home.ts'
import { runningInstance, takeInstanceLock } from './instance-lock.ts'
import { endServerProcesses } from './orphan.ts'
import { prepareBinaries } from './postgres-binaries.ts'
import { openServerLog } from './server-log.ts'
import { makeSocketFolder, nameSocketFolder, removeSocketFolder, socketPort } from './socket-folder.ts'
import { supervisePostgres } from './supervisor.ts'

/** A running embedded PostgreSQL. */
export type Engine = {
  connection: DatabaseConnection
  /** PostgreSQL's data folder */
  dataDirectory: string
  /** the postmaster's process id; another one after it crashed and was started again */
  readonly pid: number
  /** Stops the server and gives the home back. Calling it again waits for the same stop. */
  stop(): Promise<void>
}

export type EngineOptions = {
  home: string
  /** receives lines for the person who runs the server */
  log(line: string): void
  /** called once, when a process of PostgreSQL has begun to work: what takes this one's time is done meanwhile */
  onSpawn?(): void
  /** called when PostgreSQL ended by itself and could not be started again */
  onFailure?(error: Error): void
  /** of a server whose data nobody will want after it has stopped: it does not wait for the disk */
  throwaway?: boolean
}

/**
 * Starts the embedded PostgreSQL of a home, making home and data on the first start and clearing up after a killed one.
 * A server that crashes later is started again on the same socket.
 * @throws EngineError: one line that says what is wrong and what to do
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { log } = options
  const home = await openHome(options.home)
  const place = await placeData(home, log)
  const socketFolder = nameSocketFolder(place.account)
  const lock = await takeInstanceLock(home, socketFolder)
  const undo: (() => Promise<void>)[] = [lock.release]
  const undoAll = async () => {
    const failures: unknown[] = []
    for (const step of undo.splice(0).reverse()) await step().catch((error) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }
  try {
    await removeSocketFolder(lock.previous?.socketFolder)
    await endServerProcesses(place.dataDirectory, log)
    const binaries = await prepareBinaries(place.account, place.root)
    let spawned = false
    const onSpawn = () => {
      if (!spawned) options.onSpawn?.()
      spawned = true
    }
    await prepareDataDirectory(place, binaries, { log, onSpawn })
    const serverLog = await explained('write to', home, () => openServerLog(home))
    undo.push(serverLog.close)
    undo.push(() => removeSocketFolder(socketFolder))
    await makeSocketFolder(socketFolder, place.account)
    const server = await supervisePostgres(
      { binaries, place, socketFolder, serverLog, log, throwaway: options.throwaway ?? false, onSpawn },
      options.onFailure,
    )
    undo.push(server.stop)
    const connection = connectionTo(socketFolder)
    await ensureDatabase(connection)
    let stopping: Promise<void> | undefined
    return {
      connection,
      dataDirectory: place.dataDirectory,
      get pid() {
        return server.pid()
      },
      stop() {
        stopping ??= undoAll()
        return stopping
      },
    }
  } catch (error) {
    await undoAll().catch(() => {})
    throw error
  }
}

/** How to reach the database of the instance that runs on this home, from another process of the same account or root. */
export async function runningConnection(home: string): Promise<DatabaseConnection | undefined> {
  const instance = await runningInstance(home)
  return instance && connectionTo(instance.socketFolder)
}

function connectionTo(socketFolder: string): DatabaseConnection {
  return { host: socketFolder, port: socketPort, user: databaseRole, database: databaseRole }
}

/** initdb made an empty one that nobody needs, by another name; to make one costs a fifth of a second. */
async function ensureDatabase(connection: DatabaseConnection): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'template1', application_name: 'billfold' })
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [connection.database])
    if (found.rowCount === 0) await client.query(`alter database postgres rename to ${connection.database}`)
  } finally {
    await client.end()
  }
}
