import { type Assembly, assemble, createLogs } from '../assembly.ts'
import { type Config, readConfig, type Secrets } from '../config.ts'
import { openDatabase } from '../storage/database.ts'
import { migrate } from '../storage/migrate.ts'
import { findDatabase } from './database.ts'
import { remark } from './output.ts'

/** Runs a command's work on the assembled parts, beside a running server or without one, and closes them after it. */
export async function withAssembly<T>(work: (assembly: Assembly) => Promise<T>): Promise<T> {
  const { config, secrets } = readConfig(process.env)
  return withDatabase(config, secrets, work)
}

async function withDatabase<T>(config: Config, secrets: Secrets, work: (assembly: Assembly) => Promise<T>): Promise<T> {
  const database = await findDatabase(config, remark)
  try {
    const db = openDatabase(database.connection, { connections: 1 })
    await migrate(db).finally(db.close)
    const assembly = await assemble(config, secrets, database.connection, createLogs('silent', 1))
    try {
      return await work(assembly)
    } finally {
      await assembly.close()
    }
  } finally {
    await database.stop()
  }
}
