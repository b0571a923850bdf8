import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Leg } from '../../src/domain/posting.ts'
import { uuidV7 } from '../../src/domain/uuid.ts'
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
const countOf = (values: string[], value: string) => values.filter((each) => each === value).length
const HOUR = 3_600_000

describe('holds', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  const other = await openLedger(db)
  let next = 100n

  async function pair(funds: bigint): Promise<{ source: bigint; target: bigint }> {
    const [source, target] = [next++, next++]
    await openAccounts(ledger, usd.id, [
      [source, 0n, null],
      [target, 0n, 1000n],
    ])
    assert.equal(await submit(ledger, command([transfer(1n, source, funds)])), 'accepted')
    return { source, target }
  }
  async function holdOn(
    sides: { source: bigint; target: bigint },
    amount: bigint,
    expiresAt = Date.now() + HOUR,
  ): Promise<string> {
    const hold = uuidV7(Date.now())
    assert.equal(await submit(ledger, command([{ type: 'hold', hold, ...sides, amount, expiresAt }])), 'accepted')
    return hold
  }
  const statusOf = async (hold: string) =>
    (await db.query<{ status: number; captured: bigint }>('select status, captured from hold where id = $1', [hold]))[0]

  before(() => openAccounts(ledger, usd.id, [[1n, null, null]]))
  after(async () => {
    await other.close()
    await close()
  })

  test('count against what can be paid and what can be received', async () => {
    const sides = await pair(5000n)
    const holding = (amount: bigint): Leg => ({
      type: 'hold',
      hold: uuidV7(Date.now()),
      ...sides,
      amount,
      expiresAt: Date.now() + HOUR,
    })
    const outcomes = await Promise.all(many(6, (i) => submit(i % 2 ? ledger : other, command([holding(400n)]))))
    assert.deepEqual([countOf(outcomes, 'accepted'), countOf(outcomes, 'unreceivable-funds')], [2, 4])
    assert.equal(await submit(ledger, command([transfer(sides.source, 1n, 4201n)])), 'unavailable-funds')
    assert.equal(await submit(ledger, command([transfer(sides.source, 1n, 4200n)])), 'accepted')
    assert.equal(await submit(ledger, command([transfer(1n, sides.target, 201n)])), 'unreceivable-funds')
    assert.equal(await submit(ledger, command([transfer(1n, sides.target, 200n)])), 'accepted')
    await assertAuditClean(db)
  })

  test('are captured by one of 32 that race in two processes', async () => {
    for (let round = 0; round < 10; round++) {
      const sides = await pair(100n)
      const hold = await holdOn(sides, 60n)
      const capture = (amount: bigint): Leg => ({ type: 'capture', hold, ...sides, amount })
      const outcomes = await Promise.all(
        many(32, (i) => {
          const by = i % 2 ? ledger : other
          if (i % 8 === 3) return submit(by, command([capture(61n)]))
          if (i % 8 === 5) return submit(by, command([{ type: 'release', hold, ...sides }]))
          return submit(by, command([capture(BigInt(1 + i))]))
        }),
      )
      assert.equal(countOf(outcomes, 'accepted'), 1)
      assert.deepEqual(
        outcomes.filter((each) => !/^(accepted|hold-ended|capture-exceeds-hold)$/.test(each)),
        [],
      )
      const { captured } = (await statusOf(hold)) as { captured: bigint }
      assert.deepEqual(await balanceOf(db, sides.source), {
        balance: 100n - captured,
        held: 0n,
        incoming: 0n,
        entries: captured ? 2n : 1n,
      })
      assert.equal((await balanceOf(db, sides.target)).balance, captured)
    }
    await assertAuditClean(db)
  })

  test('are opened, captured in part and asked for more, in one batch', async () => {
    const sides = await pair(100n)
    const hold = uuidV7(Date.now())
    const capture = (amount: bigint) => submit(ledger, command([{ type: 'capture', hold, ...sides, amount }]))
    const outcomes = await Promise.all([
      submit(ledger, command([{ type: 'hold', hold, ...sides, amount: 100n, expiresAt: Date.now() + HOUR }])),
      submit(ledger, command([transfer(sides.source, sides.target, 1n)])),
      capture(101n),
      capture(40n),
      capture(1n),
      submit(ledger, command([transfer(sides.source, sides.target, 60n)])),
    ])
    assert.deepEqual(outcomes, [
      'accepted',
      'unavailable-funds',
      'capture-exceeds-hold',
      'accepted',
      'hold-ended',
      'accepted',
    ])
    assert.deepEqual(await balanceOf(db, sides.target), { balance: 100n, held: 0n, incoming: 0n, entries: 2n })
    await assertAuditClean(db)
  })

  test('are not found by a name that is unknown, and not opened twice under one name', async () => {
    const sides = await pair(100n)
    const hold = await holdOn(sides, 10n)
    const unknown = uuidV7(Date.now())
    assert.equal(
      await submit(ledger, command([{ type: 'capture', hold: unknown, ...sides, amount: 1n }])),
      'hold-not-found',
    )
    const again: Leg = { type: 'hold', hold, ...sides, amount: 10n, expiresAt: Date.now() + HOUR }
    assert.equal(await submit(ledger, command([again])), 'already-exists')
    assert.equal((await balanceOf(db, sides.source)).held, 10n)
    await assertAuditClean(db)
  })

  test('free their room in the batch that meets them expired, also on a side that the batch does not touch', async () => {
    const sides = await pair(100n)
    const hold = await holdOn(sides, 100n, Date.now() + 30)
    assert.equal(await submit(ledger, command([transfer(sides.source, 1n, 1n)])), 'unavailable-funds')
    await new Promise((resolve) => setTimeout(resolve, 50))
    // Only the source takes part; the target is where the hold reserved room, too.
    assert.equal(await submit(ledger, command([transfer(sides.source, 1n, 100n)])), 'accepted')
    assert.equal((await statusOf(hold))?.status, 3)
    assert.deepEqual(await balanceOf(db, sides.target), { balance: 0n, held: 0n, incoming: 0n, entries: 0n })
    await assertAuditClean(db)
  })

  test('are refused as expired when a capture comes too late', async () => {
    const sides = await pair(100n)
    const hold = await holdOn(sides, 100n, Date.now() - 1)
    const outcomes = await Promise.all([
      submit(ledger, command([{ type: 'capture', hold, ...sides, amount: 1n }])),
      submit(other, command([{ type: 'capture', hold, ...sides, amount: 1n }])),
      submit(other, command([{ type: 'release', hold, ...sides }])),
    ])
    assert.deepEqual(outcomes, ['hold-expired', 'hold-expired', 'hold-expired'])
    assert.equal((await statusOf(hold))?.status, 3)
    assert.equal((await balanceOf(db, sides.source)).held, 0n)
    await assertAuditClean(db)
  })

  test('chained over many accounts free all of them when they expire together', async () => {
    const accounts = many(6, () => next++)
    await openAccounts(
      ledger,
      usd.id,
      accounts.map((id) => [id, -100n, null] as const),
    )
    for (let i = 0; i < 5; i++) {
      await holdOn({ source: accounts[i] as bigint, target: accounts[i + 1] as bigint }, 50n, Date.now() + 60)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
    const outcomes = await Promise.all(
      many(16, (i) =>
        submit(i % 2 ? ledger : other, command([transfer(accounts[0] as bigint, accounts[5] as bigint, 1n)])),
      ),
    )
    assert.equal(countOf(outcomes, 'accepted'), 16)
    const { held } = (
      await db.query<{ held: bigint }>('select sum(held)::bigint as held from account where id = any($1)', [accounts])
    )[0] as { held: bigint }
    assert.equal(held, 0n)
    await assertAuditClean(db)
  })
})
