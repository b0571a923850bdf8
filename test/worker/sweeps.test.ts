import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Leg } from '../../src/domain/posting.ts'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { answerJobs } from '../../src/worker/answer-jobs.ts'
import { sweepHolds } from '../../src/worker/sweep-holds.ts'
import { IDEMPOTENCY_RETENTION, sweepIdempotency } from '../../src/worker/sweep-idempotency.ts'
import { startWorker } from '../../src/worker/worker.ts'
import {
  assertAuditClean,
  balanceOf,
  command,
  createTestLedger,
  openAccounts,
  openLedger,
  submit,
  transfer,
} from '../support/ledger.ts'

const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const NONE = { balance: 0n, held: 0n, incoming: 0n, entries: 0n }

describe('the sweeps', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  const deps = { db, ledger, clock: Date.now }
  after(close)
  before(() =>
    openAccounts(
      ledger,
      usd.id,
      many(40, (i) => [BigInt(i + 1), -1_000n, null] as const),
    ),
  )

  const hold = (i: number, expiresAt: number): Leg => {
    const source = BigInt(1 + (i % 40))
    return { type: 'hold', hold: uuidV7(Date.now()), source, target: (source % 40n) + 1n, amount: 1n, expiresAt }
  }
  const open = async () => (await db.query<{ count: bigint }>('select count(*) from hold where status = 0'))[0]?.count

  test('end every expired hold and no other, however many there are', async () => {
    // Time enough for a slow machine to make them all.
    const soon = Date.now() + 2_000
    await Promise.all(many(450, (i) => submit(ledger, command([hold(i, soon)]))))
    await Promise.all(many(20, (i) => submit(ledger, command([hold(i, Date.now() + 3_600_000)]))))
    assert.equal(await sweepHolds(deps), 0)
    assert.equal(await open(), 470n)
    await new Promise((resolve) => setTimeout(resolve, soon + 50 - Date.now()))
    // Each batch ends all expired holds of the accounts that it locks, so later ones may find nothing left.
    assert.ok((await sweepHolds(deps)) >= 200)
    assert.equal(await open(), 20n)
    assert.deepEqual(await balanceOf(db, 30n), NONE)
    const [kinds] = await db.query<{ count: bigint }>(
      "select count(*) from transaction where kind = 'hold-expiry' and principal = 'ledger'",
    )
    assert.equal(kinds?.count, 450n)
    assert.equal(await sweepHolds(deps), 0)
    await assertAuditClean(db)
  })

  test('of two processes do not stand in each other’s way', async () => {
    const other = await openLedger(db)
    await Promise.all(many(300, (i) => submit(ledger, command([hold(i, Date.now() + 100)]))))
    await new Promise((resolve) => setTimeout(resolve, 150))
    await Promise.all([sweepHolds(deps), sweepHolds({ ...deps, ledger: other })])
    await other.close()
    assert.equal(await open(), 20n)
    await assertAuditClean(db)
  })

  test('forget the answers that are past the retention time, and only those', async () => {
    const pay = (i: number) => command([transfer(1n, 2n, 1n)], { id: `key-${i}` })
    await Promise.all(many(2500, (i) => submit(ledger, pay(i))))
    const answers = async () => (await db.query<{ count: bigint }>('select count(*) from idempotency'))[0]?.count
    const later = Date.now() + IDEMPOTENCY_RETENTION
    const [middle] = await db.query<{ at: Date; older: bigint }>(
      'select max(at) as at, (select count(*) from idempotency where at < (select max(at) from idempotency)) as older from idempotency',
    )
    const { at, older } = middle as { at: Date; older: bigint }
    assert.equal(await sweepIdempotency(deps), 0)
    assert.equal(await sweepIdempotency({ db, clock: () => at.getTime() + IDEMPOTENCY_RETENTION }), Number(older))
    assert.equal(await answers(), 2500n - older)
    assert.equal(await sweepIdempotency({ db, clock: () => later + 60_000 }), Number(2500n - older))
    assert.equal(await answers(), 0n)
    await assertAuditClean(db)
  })

  test('forget nothing because one server’s clock is ahead', async () => {
    await submit(ledger, command([transfer(1n, 2n, 1n)], { id: 'paid-once' }))
    const year = 365 * 86_400_000
    const { signal } = new AbortController()
    for (const job of answerJobs({ db, clock: () => Date.now() + year })) await job.run(signal)
    // As a server finds it that does not remember the answer itself.
    const other = await openLedger(db)
    const again = await submit(other, command([transfer(1n, 2n, 1n)], { id: 'paid-once' }))
    await other.close()
    assert.equal(again, 'replayed')
    await assertAuditClean(db)
  })

  test('find old answers through the index on their time', async () => {
    const plan = await db.transaction(async (sql) => {
      await sql.query('set local enable_seqscan = off')
      return sql.query<{ 'QUERY PLAN': string }>(
        "explain select ctid from idempotency where at < now() - interval '30 days' limit 2000",
      )
    })
    assert.match(JSON.stringify(plan), /idempotency_age/)
  })

  test('run in the background of a server until it stops', async () => {
    const errors: unknown[] = []
    const worker = startWorker({ ...deps, log: { error: (fields) => errors.push(fields), warn: () => {} } })
    await worker.stop()
    assert.deepEqual(errors, [])
  })
})
