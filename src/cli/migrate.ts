import { readConfig } from '../config.ts'
import { openDatabase } from '../storage/database.ts'
import { migrate } from '../storage/migrate.ts'
import { findDatabase } from './database.ts'

export const help = `usage: billfold migrate

Brings the schema of the database up to date; a second run finds nothing to do.
`

export async function run(): Promise<number> {
  const { config } = readConfig(process.env)
  const database = await findDatabase(config, (line) => process.stderr.write(`${line}\n`))
  const db = openDatabase(database.connection, { connections: 1 })
  try {
    const applied = await migrate(db)
    process.stdout.write(applied.length === 0 ? 'the schema is up to date\n' : `applied ${applied.join(', ')}\n`)
  } finally {
    await db.close()
    await database.stop()
  }
  return 0
}
