import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { parseKeys } from '../../src/credentials/key-file.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { applyMigrations } from '../../src/storage/migrate.ts'
import { administer, testServer } from '../support/database.ts'

const read = (name: string) => readFile(new URL(name, import.meta.url), 'utf8')
const { schema, key, answer, sandbox } = JSON.parse(await read('first-schema.json'))

/** What belongs to the rows of `first-schema.sql`: their schema's versions, the server's keys, `sandbox.json`, one signed answer. */
export const firstSchema = { schema: schema as string[], keys: parseKeys(key), answer: answer as string, sandbox }

/** A database as the first schema and the program of that time left it. */
export async function createFirstDatabase(): Promise<{ db: Database; drop(): Promise<void> }> {
  const { connection } = testServer()
  const database = `billfold_test_${randomBytes(8).toString('hex')}`
  await administer(connection, `create database ${database} template template0`)
  const db = openDatabase({ ...connection, database })
  await db.transaction(async (sql) => {
    if ((await applyMigrations(sql, schema)) !== null) throw new Error('the first versions are not the first any more')
    await sql.query(await read('first-schema.sql'))
  })
  return {
    db,
    async drop() {
      await db.close()
      await administer(connection, `drop database ${database} with (force)`)
    },
  }
}
