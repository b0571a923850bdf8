import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { type AuditProgress, audit } from '../../src/ledger/audit.ts'
import { readBalance, readBalanceAsOf, readStatement, readTransaction } from '../../src/ledger/reads.ts'
import { hasAnswer } from '../../src/ledger/stored-answers.ts'
import { findTransactions } from '../../src/ledger/transaction-rows.ts'
import {
  assertAuditClean,
  command,
  createTestLedger,
  openAccounts,
  openUsdWallet,
  submit,
  testJournalKey,
  transfer,
} from '../support/ledger.ts'

describe('what is read of an account', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  const references = Array.from({ length: 5 }, () => uuidV7(Date.now()))
  const [hold, left] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const
  const holding = uuidV7(Date.now())
  after(close)

  before(async () => {
    await openAccounts(ledger, usd.id, [[1n, null, null]])
    await openUsdWallet(db, ledger, usd.id, 2n, '20')
    await openAccounts(ledger, usd.id, [[3n, 0n, 500n]])
    for (const [i, transaction] of references.entries()) {
      await submit(
        ledger,
        command([transfer(1n, 2n, BigInt(10 + i)), transfer(2n, 3n, 1n)], {
          transaction,
          id: `k${i}`,
          payload: `{"n":${i}}`,
        }),
      )
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
    const expiresAt = Date.UTC(2100, 0)
    const opening = (id: string) => ({ type: 'hold', hold: id, source: 2n, target: 3n, amount: 7n, expiresAt }) as const
    await submit(ledger, command([opening(hold), opening(left)], { transaction: holding }))
  })

  test('is its balance with what is held, its limits and its status', async () => {
    assert.deepEqual(
      { ...(await readBalance(db, 2n)) },
      {
        balance: 55n,
        held: 14n,
        lower: 0n,
        upper: null,
        entries: 10n,
        status: 'open',
      },
    )
    for (const status of ['frozen', 'open'] as const) {
      await submit(ledger, command([{ type: 'change-account', account: 3n, status }]))
      assert.equal((await readBalance(db, 3n))?.status, status)
    }
    assert.equal((await readBalance(db, 3n))?.upper, 500n)
    assert.equal(await readBalance(db, 99n), undefined)
  })

  test('is the balance of a moment, the entries of that very millisecond among them', async () => {
    const lines = await readStatement(db, 2n, { limit: 100 })
    for (const line of lines) {
      // Both entries of a transaction have one time, and so may two quick transactions: the latest counts.
      const last = lines.find(({ at }) => at.getTime() === line.at.getTime()) as typeof line
      assert.equal(await readBalanceAsOf(db, 2n, line.at), last.balance)
      const older = lines.find(({ at }) => at < line.at)
      assert.equal(await readBalanceAsOf(db, 2n, new Date(line.at.getTime() - 1)), older?.balance ?? 0n)
    }
    assert.equal(await readBalanceAsOf(db, 2n, new Date('2200-01-01')), 55n)
    assert.equal(await readBalanceAsOf(db, 99n, new Date()), 0n)
  })

  test('is a statement, the newest first, from any entry on', async () => {
    const all = await readStatement(db, 2n, { limit: 100 })
    assert.deepEqual(
      all.map(({ seq }) => seq),
      [10n, 9n, 8n, 7n, 6n, 5n, 4n, 3n, 2n, 1n],
    )
    assert.deepEqual(await readStatement(db, 2n, { before: 4n, limit: 2 }), all.slice(7, 9))
    assert.deepEqual(await readStatement(db, 2n, { before: 1n, limit: 2 }), [])
    const { at, ...newest } = all[0] as (typeof all)[number]
    assert.ok(Math.abs(at.getTime() - Date.now()) < 60_000)
    assert.deepEqual(newest, {
      seq: 10n,
      amount: -1n,
      balance: 55n,
      reference: references[4],
      kind: 'payment',
      payload: '{"n":4}',
      counterparty: 3n,
      counterpartyId: null,
    })
    const [there] = await readStatement(db, 3n, { limit: 1 })
    assert.deepEqual([there?.amount, there?.counterparty, there?.counterpartyId], [1n, 2n, 'us:20:USD'])
  })

  test('is one transaction, wherever it stands in the history', async () => {
    const all = await readStatement(db, 2n, { limit: 100 })
    for (const [i, reference] of references.entries()) {
      const lines = await readTransaction(db, 2n, reference)
      assert.deepEqual(lines, all.filter((line) => line.reference === reference).reverse())
      assert.deepEqual(
        lines.map(({ amount }) => amount),
        [BigInt(10 + i), -1n],
      )
    }
    assert.deepEqual(await readTransaction(db, 3n, uuidV7(0)), [])
    assert.deepEqual(await readTransaction(db, 99n, references[0] as string), [])
  })

  test('is whether a key has its answer, under its own principal only', async () => {
    assert.equal(await hasAnswer(db, 'client:test', 'k0'), true)
    assert.equal(await hasAnswer(db, 'client:test', 'k9'), false)
    assert.equal(await hasAnswer(db, 'client:other', 'k0'), false)
  })

  test('is the whole record of some transactions', async () => {
    const releasing = uuidV7(Date.now())
    const capture = { type: 'capture', hold, source: 2n, target: 3n, amount: 5n } as const
    const release = { type: 'release', hold: left, source: 2n, target: 3n } as const
    await submit(ledger, command([capture, release], { transaction: releasing }))
    const found = await findTransactions(db, [references[1] as string, holding, releasing])
    const [first, second, third] = [references[1], holding, releasing].map((id) => found.find((one) => one.id === id))
    assert.equal(found.length, 3)
    assert.deepEqual(
      first?.transfers.map(({ leg, source, target, amount }) => [leg, source, target, amount]),
      [
        [0, 1n, 2n, 11n],
        [1, 2n, 3n, 1n],
      ],
    )
    assert.deepEqual([first?.opened, first?.ended, first?.changes], [[], [], []])
    assert.match(first?.digest ?? '', /^[0-9a-f]{32}$/)
    assert.ok(Math.abs((first?.at ?? 0) - Date.now()) < 60_000)
    assert.deepEqual(
      second?.opened.map(({ id, amount, expiresAt }) => [id, amount, expiresAt]),
      [
        [hold, 7n, Date.UTC(2100, 0)],
        [left, 7n, Date.UTC(2100, 0)],
      ],
    )
    assert.deepEqual([second?.transfers, second?.ended, second?.changes], [[], [], []])
    assert.deepEqual(
      third?.ended.map(({ id, status, captured }) => [id, status, captured]),
      [
        [hold, 1, 5n],
        [left, 2, 0n],
      ],
    )
    const [opening] = await db.query<{ id: string }>(
      'select transaction_id as id from account_change where account_id = 3 and version = 1',
    )
    const [opened] = await findTransactions(db, [opening?.id as string])
    const row = opened?.changes[0]
    assert.ok(row)
    const { by, ...change } = row
    assert.deepEqual(
      { ...change },
      {
        id: 3n,
        version: 1,
        assetId: usd.id,
        lower: 0n,
        upper: 500n,
        status: 0,
        asset: { code: 'USD', circle: 'public', exponent: 2 },
      },
    )
    assert.deepEqual(await findTransactions(db, []), [])
  })

  test('is audited in steps that are told, with the number of everything', async () => {
    const steps: AuditProgress[] = []
    const report = await audit(db, { journalKey: testJournalKey, onProgress: (progress) => steps.push(progress) })
    const [counts] = await db.query<Record<string, bigint>>(
      `select (select count(*) from account) as accounts, (select count(*) from transaction) as transactions,
        (select count(*) from entry) as entries, (select count(*) from idempotency) as answers,
        (select count(*) from journal) as commits`,
    )
    assert.equal(report.clean, true)
    assert.deepEqual(
      report.counts,
      Object.fromEntries(Object.entries(counts ?? {}).map(([name, count]) => [name, Number(count)])),
    )
    assert.equal(report.heads.length, 1)
    assert.deepEqual(
      steps.map(({ step, steps: of }) => [step, of]),
      steps.map((_, i) => [i + 1, steps.length]),
    )
    assert.deepEqual(
      [steps[0]?.name, steps[1]?.name, steps.at(-1)?.name, new Set(steps.map(({ name }) => name)).size],
      ['journal', 'transactions', 'stored answers', steps.length],
    )
  })

  test('and is clean', () => assertAuditClean(db))
})
