import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Engine, startEngine } from '../../src/engine/start-engine.ts'
import { LEDGER_SETTINGS } from '../../src/ledger/postgres-store.ts'
import { ensureAsset } from '../../src/storage/assets.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { openPipeline } from '../../src/storage/pipeline.ts'
import { deleteHome, newHome } from '../support/engines.ts'
import { eventually } from '../support/eventually.ts'
import { command, openLedger } from '../support/ledger.ts'

// A PostgreSQL that waits for a replica that never comes: what it commits is on its own disk, and lost if another is promoted.

const home = newHome()
let engine: Engine
let db: Database

before(async () => {
  engine = await startEngine({ home, log: () => {}, throwaway: true })
  db = openDatabase(engine.connection)
  await migrate(db)
})
after(async () => {
  await db.close()
  await engine.stop()
  await deleteHome(home)
})

async function waitForReplica(wanted: boolean): Promise<void> {
  await db.query(`alter system set synchronous_standby_names = '${wanted ? 'absent' : ''}'`)
  await db.query('select pg_reload_conf()')
  await eventually(async () => {
    const [row] = await db.query<{ names: string }>(`select current_setting('synchronous_standby_names') as names`)
    return (row?.names === 'absent') === wanted
  })
}

const waiting = () => db.query<{ pid: number }>(`select pid from pg_stat_activity where wait_event = 'SyncRep'`)

test('a commit whose wait for the replica was cancelled is not acknowledged before the replica has it', async () => {
  const usd = await ensureAsset(db, { code: 'USD', circle: 'public', exponent: 2 })
  const ledger = await openLedger(db)
  try {
    await waitForReplica(true)
    let answered = false
    const open = { type: 'open-account', account: 1n, assetId: usd.id, lower: null, upper: null } as const
    const submitted = ledger.submit(command([open])).finally(() => {
      answered = true
    })
    await eventually(async () => (await waiting()).length > 0)
    for (let times = 0; times < 3; times++) {
      for (const { pid } of await waiting()) await db.query('select pg_cancel_backend($1)', [pid])
      await delay(100)
      assert.equal(answered, false)
    }
    await waitForReplica(false)
    assert.equal((await submitted).outcome?.accepted, true)
  } finally {
    await waitForReplica(false)
    await ledger.close()
  }
})

test('a new connection of the ledger waits until the replica has what a crash made visible', async () => {
  await waitForReplica(true)
  const options = { connection: engine.connection, settings: LEDGER_SETTINGS, deadline: 300 }
  await assert.rejects(openPipeline(options))
  await waitForReplica(false)
  await (await openPipeline(options)).close()
})
