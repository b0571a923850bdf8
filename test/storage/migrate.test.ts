import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { listVersions, migrate, ONE_BY_ONE, pendingMigrations } from '../../src/storage/migrate.ts'
import { createFirstDatabase } from './first-schema.ts'

const scriptOf = (version: string) =>
  readFile(new URL(`../../src/storage/migrations/${version}`, import.meta.url), 'utf8')

const INDEXES = `select indexrelid::regclass::text as name, indisvalid as valid from pg_index
  join pg_class t on t.oid = indrelid where t.relnamespace = 'public'::regnamespace order by 1`

describe('a migration of tables that are in use', () => {
  let db: Database
  let other: Database
  let drop: () => Promise<void>
  before(async () => {
    ;({ db, drop } = await createFirstDatabase())
    other = openDatabase(db.connection)
  })
  after(async () => {
    await other.close()
    await drop()
  })

  it('steps aside while somebody has a lock, so that writers behind it wait no longer than it does', async () => {
    const begun = Promise.withResolvers<void>()
    const held = other.transaction(async (sql) => {
      await sql.query('lock table sign_in in row exclusive mode')
      begun.resolve()
      await delay(500)
    })
    await begun.promise
    const migrated = migrate(db, { until: '0006-sessions.sql' })
    await delay(50)
    const from = performance.now()
    await other.query('update sign_in set operator = operator')
    const waited = performance.now() - from
    assert.ok(waited < 400, `a write waited ${waited} ms behind a migration that waited itself`)
    await held
    assert.deepEqual(await migrated, ['0005-webwallet.sql', '0006-sessions.sql'])
  })

  it('is made once by servers that start together', async () => {
    const pending = await pendingMigrations(db)
    const made = await Promise.all([migrate(db), migrate(other), migrate(other)])
    assert.deepEqual(made.flat().sort(), pending)
    assert.deepEqual(await pendingMigrations(db), [])
  })

  it('is finished after a crash, with what was half made made anew', async () => {
    const versions: string[] = []
    for (const version of await listVersions()) {
      if ((await scriptOf(version)).startsWith(ONE_BY_ONE)) versions.push(version)
    }
    const whole = await db.query(INDEXES)
    await db.query('delete from migration where version = any($1)', [versions])
    await db.query('drop index gift_order_open')
    await db.query("update pg_index set indisvalid = false where indexrelid = 'wallet_asset'::regclass")
    await db.query('update wallet set asset_id = null')
    assert.deepEqual(await migrate(db), versions)
    assert.deepEqual(await db.query(INDEXES), whole)
    assert.deepEqual(await db.query('select 1 from wallet where asset_id is null'), [])
  })
})

it('a migration makes no index of an older table that writers would wait for', async () => {
  for (const version of await listVersions()) {
    const script = await scriptOf(version)
    const made = new Set([...script.matchAll(/^create (?:unlogged )?table (\w+)/gm)].map(([, table]) => table))
    for (const [, concurrently, index, table] of script.matchAll(
      /^create (?:unique )?index (concurrently if not exists )?(\w+) on (\w+)/gm,
    )) {
      if (script.startsWith(ONE_BY_ONE)) assert.ok(concurrently, `${version}: ${index} must be made concurrently`)
      else assert.ok(made.has(table), `${version}: ${index} belongs into a file that begins with "${ONE_BY_ONE}"`)
    }
  }
})
