import { type Config, readConfig } from '../config.ts'
import { type DatabaseConnection, openDatabase } from '../storage/database.ts'
import { pendingMigrations } from '../storage/migrate.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { PlainError } from './command.ts'
import { print } from './output.ts'
import { plainly } from './plainly.ts'
import { portProblem } from './port-problem.ts'
import { releaseMemory } from './release-memory.ts'
import { untilSignal } from './until-signal.ts'
import { withWorkers } from './workers-option.ts'

export async function run(args: string[]): Promise<number> {
  // Its logs are JSON anyway.
  const { options, positionals } = readArguments(args, { workers: 'string', json: 'boolean' })
  requirePositionals(positionals)
  const env = withWorkers(process.env, options.workers)
  return plainly(() => serve(env))
}

async function serve(env: NodeJS.ProcessEnv): Promise<number> {
  const { config, secrets } = readConfig(env)
  if (!config.database) throw new PlainError('DATABASE_URL names no database: set it, or use "billfold start"')
  const stop = untilSignal()
  const db = openDatabase(config.database, { connections: 1 })
  const pending = await pendingMigrations(db).finally(db.close)
  if (pending.length > 0)
    throw new PlainError(`the schema is behind by ${pending.join(', ')}: run "billfold migrate" first`)
  if (config.workers !== undefined) return serveByWorkers(config, config.database, stop.promise)
  const { assemble, createLogs } = await import('../assembly.ts')
  const { listen } = await import('../main.ts')
  const assembly = await assemble(config, secrets, config.database, createLogs(config.logLevel, 1))
  const server = await listen(assembly).catch(async (error) => {
    await assembly.close()
    throw portProblem(error, config)
  })
  assembly.log.info({ url: server.url, port: server.port }, 'ready')
  releaseMemory()
  await stop.promise
  await server.stop()
  return 0
}

/** Servers in processes of their own; what this one has to say of them is in the form of their logs. */
async function serveByWorkers(
  config: Config,
  connection: DatabaseConnection,
  signal: Promise<unknown>,
): Promise<number> {
  const { startWorkers } = await import('./workers/primary.ts')
  const say = (msg: string) => print(JSON.stringify({ level: 40, time: Date.now(), pid: process.pid, msg }))
  const order = { port: config.port, connection, logFile: null, fills: false, patience: 0 }
  const workers = await startWorkers(config.workers ?? 1, order, say)
  try {
    await Promise.race([signal, workers.failed])
  } finally {
    await workers.stop()
  }
  return 0
}
