import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { uuidV7 } from '../../src/domain/uuid.ts'
import {
  assertAuditClean,
  balanceOf,
  command,
  createTestLedger,
  openAccounts,
  openLedger,
  transfer,
} from '../support/ledger.ts'

// What the simulator has found, once more with PostgreSQL.

describe('what was found', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  after(close)

  test('an expired hold ends in the first batch even if its other account was opened while the lock was waited for', async () => {
    await openAccounts(ledger, usd.id, [
      [1n, null, null],
      [2n, 0n, null],
    ])
    await ledger.submit(command([transfer(1n, 2n, 10n)]))
    const other = await openLedger(db)
    const hold = uuidV7(Date.now())
    let waiting: ReturnType<typeof ledger.submit> | undefined
    await db.transaction(async (sql) => {
      await sql.query('select 1 from account where id = 1 for update')
      // Its locking statement has begun, so it does not see account 3, which is opened now.
      waiting = ledger.submit(command([transfer(2n, 1n, 10n)], { effects: [] }))
      const named = ledger.submit(command([transfer(1n, 3n, 1n)]))
      named.catch(() => {})
      await sleep(300)
      await openAccounts(other, usd.id, [[3n, null, null]])
      const expired = Date.now() - 1000
      const { outcome } = await other.submit(
        command([{ type: 'hold', hold, source: 2n, target: 3n, amount: 10n, expiresAt: expired }]),
      )
      assert.equal(outcome?.accepted, true)
    })
    // The hold is over, so its ten are there to be spent.
    assert.equal((await waiting)?.outcome?.accepted, true)
    assert.equal((await balanceOf(db, 2n)).held, 0n)
    assert.equal((await balanceOf(db, 3n)).incoming, 0n)
    await other.close()
    await assertAuditClean(db)
  })
})
