import { readdir, readFile } from 'node:fs/promises'
import type { Database } from './database.ts'

const folder = new URL('./migrations/', import.meta.url)

/**
 * Brings the schema up to date, one transaction per file, in the files' order. The version row is inserted first, so that
 * of two servers starting together one waits for the other and then finds the work done.
 * @returns the versions applied by this call
 */
export async function migrate(db: Database): Promise<string[]> {
  await db.query('create table if not exists migration (version text primary key, applied_at timestamptz not null)').catch(
    async (error) => {
      // "if not exists" is not safe against a concurrent creator; the loser finds the table there.
      if (error.code !== '23505') throw error
    },
  )
  const versions = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  const applied: string[] = []
  for (const version of versions) {
    const done = await db.query('select 1 from migration where version = $1', [version])
    if (done.length > 0) continue
    const script = await readFile(new URL(version, folder), 'utf8')
    const first = await db.transaction(async (sql) => {
      const claimed = await sql.query(
        'insert into migration values ($1, clock_timestamp()) on conflict do nothing returning version',
        [version],
      )
      if (claimed.length === 0) return false
      await sql.query(script)
      return true
    })
    if (first) applied.push(version)
  }
  return applied
}
