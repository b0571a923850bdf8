import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { LedgerUnavailable } from '../../src/ledger/command.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
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

describe('a connection that fails', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  const proxy = await startFaultProxy(db.connection)
  const [bank, payee] = [1n, 2n]
  let round = 0

  before(() =>
    openAccounts(ledger, usd.id, [
      [bank, null, null],
      [payee, 0n, null],
    ]),
  )
  after(async () => {
    await proxy.close()
    await close()
  })

  /** Four commands in one batch, one of them without a key; then what the payee got and what it was told. */
  async function pay(by: typeof ledger): Promise<{ told: number; got: bigint }> {
    round++
    const before = (await balanceOf(db, payee)).balance
    const wanted = [1n, 2n, 4n, 8n].map((amount, i) =>
      command([transfer(bank, payee, amount)], i === 3 ? {} : { id: `round-${round}-${i}` }),
    )
    const outcomes = await Promise.all(wanted.map((each) => submit(by, each)))
    assert.ok(
      outcomes.every((outcome) => outcome === 'accepted' || outcome === 'replayed'),
      outcomes.join(),
    )
    return { told: 15, got: (await balanceOf(db, payee)).balance - before }
  }

  for (const type of ['before-commit', 'after-commit'] as const) {
    const when = type === 'before-commit' ? 'before the commit is sent' : 'after the commit, before its answer'
    test(`${when} moves the money exactly once, in 50 rounds`, async () => {
      const faulty = await openLedger(db, { connection: proxy.connection })
      for (let i = 0; i < 50; i++) {
        proxy.arm({ type })
        const { told, got } = await pay(faulty)
        assert.ok(proxy.happened)
        assert.equal(got, BigInt(told))
      }
      await faulty.close()
      const [voids] = await db.query<{ count: bigint }>('select count(*) from journal where kind = 2')
      assert.ok(type === 'after-commit' || (voids?.count ?? 0n) >= 50n)
      await assertAuditClean(db)
    })
  }

  for (const type of ['cut-client', 'cut-server'] as const) {
    test(`at any message of the ${type === 'cut-client' ? 'client' : 'server'} moves the money exactly once`, async () => {
      const faulty = await openLedger(db, { connection: proxy.connection })
      let at = 1
      for (; ; at++) {
        proxy.arm({ type, at })
        const { told, got } = await pay(faulty)
        assert.equal(got, BigInt(told), `cut at message ${at}`)
        if (!proxy.happened) break
      }
      assert.ok(at > 20, `only ${at} messages were seen`)
      proxy.arm({ type: 'cut-client', at: 1_000_000 })
      await faulty.close()
      await assertAuditClean(db)
    })
  }

  test('while the outcome is being learnt, too, settles it as soon as the database can be reached', async () => {
    const faulty = await openLedger(db, { connection: proxy.connection })
    for (const first of ['before-commit', 'after-commit'] as const) {
      for (let at = 1; at < 12; at++) {
        proxy.arm({ type: first })
        const paying = pay(faulty)
        while (!proxy.happened) await new Promise((resolve) => setImmediate(resolve))
        proxy.arm({ type: 'cut-server', at })
        const { told, got } = await paying
        assert.equal(got, BigInt(told))
      }
    }
    proxy.arm({ type: 'cut-client', at: 1_000_000 })
    await faulty.close()
    await assertAuditClean(db)
  })

  test('by saying nothing more is given up at the deadline, and the outcome learnt on another', async () => {
    const faulty = await openLedger(db, {
      connection: proxy.connection,
      deadline: 300,
      settings: ["set lock_timeout = '100ms'"],
    })
    // The server still has the batch in hand, and its locks, until it notices: a real one is ended by its idle timeout.
    const free = setInterval(
      () =>
        void db.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction' and datname = current_database() and state_change < clock_timestamp() - interval '200 ms'",
        ),
      100,
    )
    for (let i = 0; i < 3; i++) {
      proxy.arm({ type: 'hang' })
      const started = performance.now()
      const { told, got } = await pay(faulty)
      assert.ok(proxy.happened)
      assert.equal(got, BigInt(told))
      assert.ok(performance.now() - started < 5_000)
    }
    clearInterval(free)
    await faulty.close()
    await assertAuditClean(db)
  })

  test('for longer than anybody waits leaves the callers with "unknown", and the key tells them later', async () => {
    const gone = await startFaultProxy(db.connection)
    const faulty = await openLedger(db, { connection: gone.connection, settleWithin: 300 })
    const before = (await balanceOf(db, payee)).balance
    const wish = (i: number) => command([transfer(bank, payee, 1n)], { id: `unknown-${i}` })
    gone.arm({ type: 'after-commit' })
    const waiting = Promise.allSettled(many(4, (i) => faulty.submit(wish(i))))
    while (!gone.happened) await new Promise((resolve) => setImmediate(resolve))
    await gone.close()
    for (const result of await waiting) {
      assert.equal(result.status, 'rejected')
      assert.equal((result as { reason: LedgerUnavailable }).reason.unknown, true)
    }
    // Nothing can be decided before that commit is known: the next ones are told that nothing was applied.
    const next = await faulty
      .submit(command([transfer(bank, payee, 1n)], { id: 'after-unknown' }))
      .catch((error) => error)
    assert.deepEqual([next.name, next.unknown], ['LedgerUnavailable', false])
    await faulty.close()
    const repeated = await Promise.all(many(4, (i) => submit(ledger, wish(i))))
    assert.ok(repeated.every((outcome) => outcome === 'accepted' || outcome === 'replayed'))
    assert.equal((await balanceOf(db, payee)).balance - before, 4n)
    await assertAuditClean(db)
  })
})
