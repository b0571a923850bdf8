import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from './engine-error.ts'
import { endServerProcesses } from './orphan.ts'
import { type PostgresServer, type ServerOptions, startPostgres } from './postgres-server.ts'

// Generous for crashes, each of which comes from outside (kill -9, out of memory); strict for starts that fail.
const crashLimit = { most: 60, withinMilliseconds: 60_000 }
const startLimit = { tries: 5, pauseMilliseconds: 500 }

/** A server that is started again when it crashes. */
export type SupervisedServer = {
  /** process id of the present postmaster */
  pid(): number
  stop(): Promise<void>
}

/**
 * Starts the server and starts it again, on the same socket, when it ends by itself; gives up when it does so again and
 * again, and says so through the log and `onFailure`.
 */
export async function supervisePostgres(
  options: ServerOptions,
  onFailure: (error: Error) => void = () => {},
): Promise<SupervisedServer> {
  const { log, place } = options
  let server: PostgresServer = await startPostgres(options)
  let stopped = false
  let crashes: number[] = []

  const startAgain = async (how: string) => {
    const now = Date.now()
    crashes = [...crashes.filter((time) => now - time < crashLimit.withinMilliseconds), now]
    if (crashes.length > crashLimit.most) {
      throw new EngineError(`PostgreSQL ended by itself ${crashes.length} times within a minute (${how})`)
    }
    log(`PostgreSQL (process ${server.pid}) ended by itself (${how}); starting it again`)
    for (let attempt = 1; !stopped; attempt++) {
      try {
        await endServerProcesses(place.dataDirectory, log)
        server = await startPostgres(options)
        log(`PostgreSQL runs again (process ${server.pid})`)
        return
      } catch (error) {
        if (attempt === startLimit.tries) throw error
        log(`${(error as Error).message}; trying again`)
        await delay(attempt * startLimit.pauseMilliseconds)
      }
    }
  }
  const watch = async () => {
    for (;;) {
      const how = await server.ended
      if (stopped) return
      await startAgain(how)
      if (stopped) return server.stop()
    }
  }
  const watching = watch().catch((error) => {
    if (stopped) return
    log(`the database is gone: ${error.message}`)
    onFailure(error)
  })
  return {
    pid: () => server.pid,
    async stop() {
      stopped = true
      await server.stop()
      await watching
    },
  }
}
