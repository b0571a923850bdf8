import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { uuidV7 } from '../src/domain/uuid.ts'
import { audit } from '../src/ledger/audit.ts'
import type { Ledger } from '../src/ledger/command.ts'
import type { JournalHead } from '../src/ledger/journal.ts'
import { ensureAsset } from '../src/storage/assets.ts'
import { openDatabase } from '../src/storage/database.ts'
import { migrate } from '../src/storage/migrate.ts'
import { administer } from '../test/support/database.ts'
import { command, openAccounts, openLedger, testJournalKey, transfer } from '../test/support/ledger.ts'
import { createCleanup } from './support/cleanup.ts'
import { createOwnCluster } from './support/own-cluster.ts'

// `node bin/run.mjs assurance/point-in-time.ts`: PostgreSQL of Debian's package, archiving as docs/operating.md says; a base backup
// under payments, a moment, more payments, the data folder lost; back to the moment. The commands are those of the document.

const PAIRS = 8
type Paid = { key: string; from: bigint }

async function payUntil(ledger: Ledger, stopped: () => boolean, paid: Paid[]): Promise<void> {
  const payer = async (pair: number) => {
    const from = BigInt(2 * pair + 1)
    while (!stopped()) {
      const key = uuidV7(Date.now())
      await ledger.submit(command([transfer(from, from + 1n, 1n)], { id: key, content: key }))
      paid.push({ key, from })
      await delay(2)
    }
  }
  await Promise.all(Array.from({ length: PAIRS }, (_, pair) => payer(pair)))
}

const cleanup = createCleanup()
try {
  const cluster = await createOwnCluster()
  cleanup.later(cluster.remove)
  await cluster.start('data')
  await administer(cluster.connection('postgres'), 'create database billfold')
  const connection = cluster.connection('billfold')
  const db = openDatabase(connection)
  await migrate(db)
  const { id: asset } = await ensureAsset(db, { code: 'USD', circle: 'public', exponent: 2 })
  let last: JournalHead | undefined
  const onHead = (head: JournalHead) => {
    last = head
  }
  const ledger = await openLedger(db, { onHead })
  const accounts = Array.from({ length: 2 * PAIRS }, (_, i) => [BigInt(i + 1), null, null] as const)
  await openAccounts(ledger, asset, accounts)

  const paid: Paid[] = []
  let stopped = false
  const paying = payUntil(ledger, () => stopped, paid)
  await delay(1_000)
  await cluster.runDocumented(1)
  await delay(1_000)
  const before = paid.length
  const head = last as JournalHead
  const [row] = await db.query<{ moment: string }>('select clock_timestamp()::text as moment')
  const after = paid.length
  await delay(1_500)
  stopped = true
  await paying
  await ledger.close()
  await db.query('select pg_switch_wal()')
  await cluster.archived(db)
  await db.close()
  await cluster.crash('data')

  const from = performance.now()
  await cluster.runDocumented(2, { MOMENT: row?.moment as string })
  await cluster.start('restored')
  const seconds = Math.round(performance.now() - from) / 1000
  const again = openDatabase(connection)
  cleanup.later(() => again.close())
  const { findings, counts } = await audit(again, { journalKey: testJournalKey })
  assert.deepEqual(findings, [])
  const balances = await again.query<{ id: bigint; entries: bigint }>('select id, entries from account order by id')
  const kept = balances.filter(({ id }) => id % 2n === 1n).reduce((sum, { entries }) => sum + Number(entries), 0)
  // Those in hand at the moment may have been on either side of it.
  assert.ok(kept >= before && kept <= after + PAIRS, `${kept} kept of ${before} to ${after} acknowledged`)
  const older = await audit(again, { journalKey: testJournalKey, knownHeads: [head] })
  assert.deepEqual(older.findings, [])
  const newer = await audit(again, { journalKey: testJournalKey, knownHeads: [last as JournalHead] })
  assert.ok(newer.findings.length > 0, 'a head from after the moment must be missed')

  // Whoever repeats everything under its keys finds each done once.
  const next = await openLedger(again)
  let replayed = 0
  for (const { key, from: source } of paid) {
    const settled = await next.submit(command([transfer(source, source + 1n, 1n)], { id: key, content: key }))
    if (settled.replayed) replayed++
  }
  await next.close()
  const whole = await audit(again, { journalKey: testJournalKey })
  assert.deepEqual(whole.findings, [])
  assert.equal(replayed, kept)
  const acknowledged = paid.length
  console.log({ acknowledged, beforeTheMoment: before, kept, replayed, madeAnew: acknowledged - replayed, seconds })
  console.log({ entries: Number(counts.entries), clean: whole.clean })
} finally {
  await cleanup.run()
}
