import { readConfig } from '../config.ts'
import { openDatabase } from '../storage/database.ts'
import { migrate } from '../storage/migrate.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { findDatabase } from './database.ts'
import { print, printJson, remark } from './output.ts'
import { plainly } from './plainly.ts'

export async function run(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  requirePositionals(positionals)
  const applied = await plainly(bringUpToDate)
  if (options.json) printJson({ applied })
  else print(applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`)
  return 0
}

async function bringUpToDate(): Promise<string[]> {
  const { config } = readConfig(process.env)
  const database = await findDatabase(config, remark)
  const db = openDatabase(database.connection, { connections: 1 })
  try {
    return await migrate(db)
  } finally {
    await db.close()
    await database.stop()
  }
}
