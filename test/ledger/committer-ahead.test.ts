import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from '../../src/ledger/command.ts'
import { type CommitterOptions, createCommitter } from '../../src/ledger/committer.ts'
import { type Store, StoreError } from '../../src/ledger/store.ts'
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
import { createScriptedStore } from './scripted-store.ts'

// Batches that are decided on what the process remembers of their accounts, and sent without a lock.

const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))

async function ledgerOn(fails?: Parameters<typeof createScriptedStore>[0], options: CommitterOptions = {}) {
  let failing = false
  const scripted = createScriptedStore((writes, nth) => (failing && fails ? fails(writes, nth) : null))
  const ledger = createCommitter(scripted.store, options)
  await openAccounts(ledger, 1, [
    [1n, null, null],
    [2n, 0n, null],
    [3n, 0n, null],
  ])
  scripted.asked.length = 0
  failing = true
  return { ...scripted, ledger }
}
const pay = (amount = 5n, options: Parameters<typeof command>[1] = {}) => command([transfer(1n, 2n, amount)], options)

describe('a committer that remembers', () => {
  test('locks nothing of accounts that it left behind itself, and sends a batch while the one before is on its way', async () => {
    const { ledger, accounts, aheads, asked } = await ledgerOn(undefined, { batchLimit: 2 })
    assert.deepEqual(new Set(await Promise.all(many(7, () => submit(ledger, pay())))), new Set(['accepted']))
    assert.deepEqual(
      aheads().map(({ ahead }) => ahead.length),
      [2, 2, 2, 1],
    )
    assert.equal(asked.length, 4)
    assert.equal(accounts.get(2n)?.balance, 35n)
  })

  test('sends many that wait at once as two batches, the second behind the first; where it has to look first, as one', async () => {
    const sizes = async (count: number, options: CommitterOptions = {}) => {
      const { ledger, accounts, aheads, commits } = await ledgerOn(undefined, options)
      await Promise.all(many(count, () => submit(ledger, pay())))
      assert.equal(accounts.get(2n)?.balance, 5n * BigInt(count))
      return [aheads().map(({ ahead }) => ahead.length), commits().map(({ commit }) => commit.length)]
    }
    assert.deepEqual(await sizes(31), [[31], []])
    assert.deepEqual(await sizes(32), [[16, 16], []])
    assert.deepEqual(await sizes(33), [[17, 16], []])
    assert.deepEqual(await sizes(33, { batchLimit: 15 }), [[15, 15, 3], []])
    assert.deepEqual(await sizes(33, { foresight: false }), [[], [33]])

    let now = 0
    const { ledger, accounts, aheads, commits } = await ledgerOn(undefined, { monotonic: () => now })
    const two = accounts.get(2n)
    assert.ok(two)
    accounts.set(2n, { ...two, balance: 100n, entries: 1n })
    await submit(ledger, pay())
    await Promise.all(many(40, () => submit(ledger, pay())))
    now = 1_001
    await Promise.all(many(40, () => submit(ledger, pay())))
    assert.equal(aheads().length, 1)
    assert.deepEqual(
      commits().map(({ commit }) => commit.length),
      [1, 40, 40],
    )
    await Promise.all(many(40, () => submit(ledger, pay())))
    assert.deepEqual(
      aheads().map(({ ahead }) => ahead.length),
      [1, 20, 20],
    )
  })

  test('sends a batch behind one on its way only when three quarters as many wait, and the rest when it is answered', async () => {
    const scripted = createScriptedStore()
    const sent: number[] = []
    let answer = Promise.withResolvers<void>()
    const commitAhead: Store['commitAhead'] = async (writes, ...rest) => {
      sent.push(writes.length)
      await answer.promise
      return scripted.store.commitAhead(writes, ...rest)
    }
    const ledger = createCommitter({ ...scripted.store, commitAhead })
    await openAccounts(ledger, 1, [
      [1n, null, null],
      [2n, 0n, null],
    ])
    const answers: Promise<string>[] = []
    const wait = async (count: number) => {
      answers.push(...many(count, () => submit(ledger, pay())))
      await delay(20)
      return sent
    }
    assert.deepEqual(await wait(8), [8])
    assert.deepEqual(await wait(5), [8])
    assert.deepEqual(await wait(1), [8, 6])
    assert.deepEqual(await wait(3), [8, 6])
    const first = answer
    answer = Promise.withResolvers()
    answer.resolve()
    first.resolve()
    assert.deepEqual(new Set(await Promise.all(answers)), new Set(['accepted']))
    assert.deepEqual(sent, [8, 6, 3])
    assert.equal(scripted.accounts.get(2n)?.balance, 5n * 17n)
  })

  test('refuses on what it remembers, and writes the refusal where it has a key; without one it looks first', async () => {
    const { ledger, aheads, locks } = await ledgerOn()
    const overdraft = (options = {}) => command([transfer(2n, 1n, 1n)], options)
    assert.equal(await submit(ledger, overdraft({ id: 'a' })), 'unavailable-funds')
    assert.deepEqual([aheads().length, locks().length], [1, 0])
    assert.equal(await submit(ledger, overdraft()), 'unavailable-funds')
    assert.deepEqual([aheads().length, locks().length], [1, 1])
  })

  test('looks at the database first where it was wrong, and for a while after that', async () => {
    let now = 0
    const told: string[] = []
    const { ledger, aheads, locks, accounts } = await ledgerOn(undefined, {
      monotonic: () => now,
      onBatch: (_count, _seconds, decided) => told.push(decided),
      onStale: () => told.push('stale'),
    })
    told.length = 0
    const two = accounts.get(2n)
    assert.ok(two)
    accounts.set(2n, { ...two, balance: 100n, entries: 1n })
    assert.equal(await submit(ledger, command([transfer(2n, 3n, 100n)])), 'accepted')
    assert.deepEqual([aheads().length, locks().length], [0, 1])
    accounts.set(2n, { ...two, balance: 50n, entries: 3n })
    assert.equal(await submit(ledger, command([transfer(2n, 3n, 50n)], { id: 'k' })), 'accepted')
    assert.deepEqual([aheads().length, locks().length], [1, 2])
    assert.equal(await submit(ledger, pay()), 'accepted')
    assert.deepEqual([aheads().length, locks().length], [1, 3])
    now = 1_000
    assert.equal(await submit(ledger, pay()), 'accepted')
    assert.equal(await submit(ledger, pay()), 'accepted')
    assert.ok(aheads().length >= 2)
    assert.equal(accounts.get(3n)?.balance, 150n)
    assert.deepEqual(told, ['locked', 'stale', 'locked', 'locked', 'ahead', 'ahead'])
  })

  for (const kind of ['retry', 'key-taken', 'conflict', 'stale', 'fault'] as const) {
    test(`decides again under lock what fails with "${kind}", and what was sent on top of it`, async () => {
      let failures = 0
      const { ledger, accounts, locks } = await ledgerOn(
        () => (failures++ === 0 ? new StoreError(kind, 'as the test says') : null),
        { batchLimit: 4 },
      )
      const outcomes = await Promise.all(many(16, (i) => submit(ledger, pay(1n, { id: `k${i}` }))))
      assert.deepEqual(new Set(outcomes), new Set(['accepted']))
      assert.equal(accounts.get(2n)?.balance, 16n)
      assert.ok(locks().length > 0)
    })
  }

  for (const kind of ['unknown', 'unavailable'] as const) {
    test(`tells each caller of a batch that fails with "${kind}"`, async () => {
      const { ledger } = await ledgerOn(() => new StoreError(kind, 'as the test says'))
      const told = await Promise.all(many(4, () => ledger.submit(pay()).catch((error) => error.unknown)))
      assert.deepEqual(
        told,
        many(4, () => kind === 'unknown'),
      )
    })
  }

  test('meets a command that cannot be answered under lock, where it fails alone', async () => {
    const { ledger, aheads, accounts } = await ledgerOn()
    const broken = pay(1n, {
      answer: () => {
        throw new Error('a defect')
      },
    })
    const [failed, paid] = await Promise.allSettled([ledger.submit(broken), submit(ledger, pay())])
    assert.deepEqual([failed.status, paid.status], ['rejected', 'fulfilled'])
    assert.equal(aheads().length, 0)
    assert.equal(accounts.get(2n)?.balance, 5n)
  })
})

describe('on PostgreSQL, batches that are decided ahead', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  const proxy = await startFaultProxy(db.connection)
  const [bank, till, purse, shop, guest] = [1n, 2n, 3n, 4n, 5n]
  before(() =>
    openAccounts(ledger, usd.id, [
      [bank, null, null],
      [till, 0n, null],
      [purse, 0n, 1_000n],
      [shop, null, null],
      [guest, null, null],
    ]),
  )
  after(async () => {
    await proxy.close()
    await close()
  })

  test('keep every promise where three processes write to the same accounts, 48 callers at a time', async () => {
    const others = [await openLedger(db), await openLedger(db)]
    const all = [ledger, ...others]
    const before = (await balanceOf(db, till)).balance
    let got = 0n
    await Promise.all(
      many(48, async (caller) => {
        for (let i = 0; i < 25; i++) {
          // Each wish goes to two processes at once, under one key.
          const [one, two] = [all[caller % 3], all[(caller + i) % 3]] as [typeof ledger, typeof ledger]
          const out = (caller + i) % 3 === 0
          const wish = command([out ? transfer(till, bank, 3n) : transfer(bank, till, 2n)], { id: `w${caller}-${i}` })
          const told = await Promise.all([submit(one, wish), submit(two, wish)])
          const accepted = told.filter((each) => each === 'accepted').length
          assert.ok(accepted <= 1, told.join())
          const done = accepted === 1 || told.every((each) => each === 'replayed')
          if (done && !told.includes('unavailable-funds')) got += out ? -3n : 2n
        }
      }),
    )
    assert.equal((await balanceOf(db, till)).balance - before, got)
    assert.ok((await balanceOf(db, till)).balance >= 0n)
    for (const other of others) await other.close()
    await assertAuditClean(db)
  })

  test('see limits and holds of another process, although they remember the account without', async () => {
    const other = await openLedger(db)
    const give = (amount: bigint) => submit(ledger, command([transfer(bank, purse, amount)]))
    for (let i = 0; i < 3; i++) assert.equal(await give(100n), 'accepted')
    const change = command([{ type: 'change-account', account: purse, upper: 350n }], { kind: 'limits' })
    assert.equal(await submit(other, change), 'accepted')
    assert.equal(await give(100n), 'unreceivable-funds')
    assert.equal(await give(10n), 'accepted')
    const hold = '00000000-0000-4000-8000-000000000001'
    const expiresAt = Date.now() + 60_000
    const reserve = command([{ type: 'hold', hold, source: purse, target: bank, amount: 300n, expiresAt }])
    assert.equal(await submit(other, reserve), 'accepted')
    assert.equal(await submit(ledger, command([transfer(purse, bank, 100n)])), 'unavailable-funds')
    assert.equal(await submit(ledger, command([transfer(purse, bank, 10n)])), 'accepted')
    // Accounts with holds are always looked at first: those to come have none.
    assert.equal(await submit(other, command([{ type: 'release', hold, source: purse, target: bank }])), 'accepted')
    await other.close()
    await assertAuditClean(db)
  })

  test('refuse nothing on what another process has changed meanwhile', async () => {
    const other = await openLedger(db)
    const keyed = (source: bigint, target: bigint, amount: bigint, id: string) =>
      command([transfer(source, target, amount)], { id })
    const room = (upper: bigint) => command([{ type: 'change-account', account: till, upper }], { kind: 'limits' })
    const { balance } = await balanceOf(db, till)
    const changes: [what: string, change: () => Promise<string>, then: Command][] = [
      ['a limit', () => submit(other, room(balance + 500n)), keyed(bank, till, 100n, 'limit')],
      ['a payment', () => submit(other, keyed(bank, till, 100n, 'fund')), keyed(till, bank, balance + 150n, 'fund-b')],
    ]
    await submit(other, room(balance + 50n))
    for (const [what, change, then] of changes) {
      const own = await openLedger(db)
      assert.equal(await submit(own, command([transfer(bank, till, 1n)])), 'accepted')
      assert.equal(await change(), 'accepted')
      assert.equal(await submit(own, then), 'accepted', what)
      await own.close()
    }
    await submit(other, command([{ type: 'change-account', account: till, upper: null }], { kind: 'limits' }))
    await other.close()
    await assertAuditClean(db)
  })

  test('open accounts too; where one is there already, which this process cannot know, it is refused', async () => {
    const other = await openLedger(db)
    const open = (account: bigint, amount: bigint) =>
      command([
        { type: 'open-account', account, assetId: usd.id, lower: 0n, upper: 100n },
        transfer(bank, account, amount),
      ])
    const own = await openLedger(db)
    assert.equal(await submit(own, command([transfer(bank, till, 1n)])), 'accepted')
    assert.equal(await submit(own, open(100n, 1n)), 'accepted')
    const told = await Promise.all(many(32, (i) => submit(own, open(101n + BigInt(i), 1n + BigInt(i)))))
    assert.deepEqual(new Set(told), new Set(['accepted']))
    assert.deepEqual([(await balanceOf(db, 100n)).balance, (await balanceOf(db, 132n)).balance], [1n, 32n])
    assert.equal(await submit(own, open(140n, 101n)), 'unreceivable-funds')
    assert.equal(await submit(other, open(141n, 5n)), 'accepted')
    assert.equal(await submit(own, open(141n, 5n)), 'account-exists')
    // One that is refused for another reason is not inserted, so that nothing would tell that its account is there.
    assert.equal(await submit(own, command([transfer(bank, till, 1n)])), 'accepted')
    assert.equal(await submit(other, open(142n, 5n)), 'accepted')
    const fresh = await openLedger(db)
    assert.equal(await submit(fresh, command([transfer(bank, till, 1n)])), 'accepted')
    const refused = { ...open(142n, 500n), key: { value: 'opens', hash: '0'.repeat(32) } }
    const both = await Promise.all([
      submit(fresh, refused),
      submit(fresh, command([transfer(bank, 142n, 1n)], { id: 'to' })),
    ])
    assert.deepEqual(both, ['account-exists', 'accepted'])
    await fresh.close()
    await own.close()
    await other.close()
    await assertAuditClean(db)
  })

  test('turn no time back where another process had a hold that is over, and this one’s clock lags', async () => {
    const slow = await openLedger(db, { monotonic: () => 0 })
    const other = await openLedger(db)
    assert.equal(await submit(slow, command([transfer(bank, till, 10n)])), 'accepted')
    await delay(20)
    const hold = '00000000-0000-4000-8000-000000000002'
    const expiresAt = Date.now() + 60_000
    const both = command([
      { type: 'hold', hold, source: till, target: bank, amount: 5n, expiresAt },
      { type: 'release', hold, source: till, target: bank },
    ])
    const { outcome: held } = await other.submit(both)
    const { outcome: paid } = await slow.submit(command([transfer(bank, till, 10n)]))
    assert.ok(held?.accepted && paid?.accepted && paid.at < held.at, 'it was decided ahead')
    await slow.close()
    await other.close()
    await assertAuditClean(db)
  })

  test('stay one chain where a batch fails that another one, of other accounts, was sent on top of', async () => {
    const one = await openLedger(db, { batchLimit: 1 })
    const other = await openLedger(db)
    for (let round = 0; round < 16; round++) {
      const taken = () => command([transfer(bank, till, 1n)], { id: `taken-${round}` })
      const behind = (i: number) => command([transfer(shop, guest, 1n)], { id: `behind-${round}-${i}` })
      assert.equal(await submit(other, taken()), 'accepted')
      await Promise.all([submit(one, command([transfer(bank, till, 1n)])), submit(one, behind(0))])
      const told = await Promise.all([submit(one, taken()), submit(one, behind(1)), submit(one, behind(2))])
      assert.deepEqual(told, ['replayed', 'accepted', 'accepted'])
    }
    assert.equal((await balanceOf(db, guest)).balance, 48n)
    for (const ledger of [one, other]) await ledger.close()
    await assertAuditClean(db)
  })

  test('move the money exactly once where the connection breaks with two commits on their way, in 120 rounds', async () => {
    const faulty = await openLedger(db, { connection: proxy.connection, batchLimit: 4 })
    let happened = 0
    for (let round = 0; round < 120; round++) {
      const before = (await balanceOf(db, till)).balance
      const pays = (i: number) => submit(faulty, command([transfer(bank, till, 1n)], { id: `cut-${round}-${i}` }))
      // The first ones make it remember; then batches of four follow each other without a pause.
      await Promise.all(many(4, pays))
      const type = (['cut-client', 'cut-server', 'before-commit', 'after-commit'] as const)[round % 4] as 'cut-client'
      proxy.arm({ type, at: 1 + Math.floor(round / 4) })
      const told = await Promise.all(many(24, (i) => pays(4 + i)))
      if (proxy.happened) happened++
      assert.ok(
        told.every((each) => each === 'accepted' || each === 'replayed'),
        told.join(),
      )
      assert.equal((await balanceOf(db, till)).balance - before, 28n)
    }
    assert.ok(happened > 100, `${happened} connections broke`)
    proxy.arm({ type: 'cut-client', at: 1_000_000 })
    await faulty.close()
    await assertAuditClean(db)
  })
})
