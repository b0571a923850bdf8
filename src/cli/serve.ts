import { assemble, createLogs } from '../assembly.ts'
import { readConfig } from '../config.ts'
import { listen } from '../main.ts'
import { openDatabase } from '../storage/database.ts'
import { pendingMigrations } from '../storage/migrate.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { PlainError } from './command.ts'
import { plainly } from './plainly.ts'
import { portProblem } from './port-problem.ts'
import { releaseMemory } from './release-memory.ts'
import { untilSignal } from './until-signal.ts'

export async function run(args: string[]): Promise<number> {
  // Its logs are JSON anyway.
  requirePositionals(readArguments(args, { json: 'boolean' }).positionals)
  return plainly(serve)
}

async function serve(): Promise<number> {
  const { config, secrets } = readConfig(process.env)
  if (!config.database) throw new PlainError('DATABASE_URL names no database: set it, or use "billfold start"')
  const stop = untilSignal()
  const db = openDatabase(config.database, { connections: 1 })
  const pending = await pendingMigrations(db).finally(db.close)
  if (pending.length > 0)
    throw new PlainError(`the schema is behind by ${pending.join(', ')}: run "billfold migrate" first`)
  const assembly = await assemble(config, secrets, config.database, createLogs(config.logLevel, 1))
  const server = await listen(assembly).catch(async (error) => {
    await assembly.close()
    throw portProblem(error, config.port)
  })
  assembly.log.info({ url: server.url, port: server.port }, 'ready')
  releaseMemory()
  await stop.promise
  await server.stop()
  return 0
}
