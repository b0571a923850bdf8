import { parseArgs } from 'node:util'
import { ensureAsset } from '../src/storage/assets.ts'
import { openDatabase } from '../src/storage/database.ts'
import { listVersions, migrate } from '../src/storage/migrate.ts'
import { administer } from '../test/support/database.ts'
import { openLedger } from '../test/support/ledger.ts'
import { startWrites } from './support/blocked-writes.ts'
import { createCleanup } from './support/cleanup.ts'
import { fillTables } from './support/old-base.ts'
import { startOwnEngine } from './support/own-engine.ts'

// `node bin/run.mjs assurance/migrations.ts --entries 200000`: every migration on tables that are full, while others write. Says how
// long the longest write took during each. Exit status 1: one took longer than allowed.

const { values } = parseArgs({
  options: { entries: { type: 'string', default: '200000' }, most: { type: 'string', default: '500' } },
})
const entries = Number(values.entries)
const FIRST = '0004-admin.sql'

const cleanup = createCleanup()
try {
  const own = await startOwnEngine()
  cleanup.later(own.stop)
  const connection = { ...own.engine.connection, database: 'migrations' }
  await administer(own.engine.connection, 'create database migrations template template0')
  const db = openDatabase(connection, { connections: 4 })
  cleanup.later(() => db.close())
  await migrate(db, { until: FIRST })
  const asset = await ensureAsset(db, { code: 'USD', circle: 'public', exponent: 2 })
  await fillTables(db, FIRST, entries)
  const ledger = await openLedger(db)
  cleanup.later(() => ledger.close())
  const writes = await startWrites(db, ledger, asset.id)
  cleanup.later(writes.stop)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  const still = await writes.take()
  console.log({
    entries,
    without: { writes: still.count, longest: Math.round(still.longest.ms), of: still.longest.what },
  })
  const rows = []
  for (const version of (await listVersions()).filter((name) => name > FIRST)) {
    await writes.take()
    const from = performance.now()
    await migrate(db, { until: version })
    const took = Math.round(performance.now() - from)
    const { longest, count } = await writes.take()
    rows.push({ version, took, writes: count, longest: Math.round(longest.ms), of: longest.what })
    await fillTables(db, version, entries)
  }
  console.table(rows)
  const most = Math.max(...rows.map(({ longest }) => longest))
  console.log({ longest: most, allowed: Number(values.most) })
  process.exitCode = most <= Number(values.most) ? 0 : 1
} finally {
  await cleanup.run()
}
