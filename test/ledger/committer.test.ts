import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { type Decided, type Effect, once } from '../../src/ledger/command.ts'
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

describe('the committer on PostgreSQL', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  const other = await openLedger(db)
  let next = 100n

  /** Accounts of their own for a test: a payer with `funds` and a payee. */
  async function pair(funds: bigint): Promise<[payer: bigint, payee: bigint]> {
    const [payer, payee] = [next++, next++]
    await openAccounts(ledger, usd.id, [
      [payer, 0n, null],
      [payee, 0n, null],
    ])
    if (funds > 0n) assert.equal(await submit(ledger, command([transfer(1n, payer, funds)])), 'accepted')
    return [payer, payee]
  }
  const transactions = async () => (await db.query<{ count: bigint }>('select count(*) from transaction'))[0]?.count
  const keys = async () => (await db.query<{ count: bigint }>('select count(*) from idempotency'))[0]?.count

  before(() => openAccounts(ledger, usd.id, [[1n, null, null]]))
  after(async () => {
    await other.close()
    await close()
  })

  test('never overdraws under 64 concurrent commands of two processes on few accounts', async () => {
    const [payer, payee] = await pair(100n)
    const outcomes = await Promise.all(
      many(64, (i) => submit(i % 2 ? ledger : other, command([transfer(payer, payee, 7n)]))),
    )
    assert.equal(countOf(outcomes, 'accepted'), 14)
    assert.equal(countOf(outcomes, 'unavailable-funds'), 50)
    assert.deepEqual([(await balanceOf(db, payer)).balance, (await balanceOf(db, payee)).balance], [2n, 98n])
    await assertAuditClean(db)
  })

  test('never exceeds a ceiling under 64 concurrent commands', async () => {
    const [payer, payee] = await pair(1000n)
    await submit(ledger, command([{ type: 'change-account', account: payee, upper: 50n }]))
    const outcomes = await Promise.all(
      many(64, (i) => submit(i % 2 ? ledger : other, command([transfer(payer, payee, 8n)]))),
    )
    assert.equal(countOf(outcomes, 'accepted'), 6)
    assert.equal(countOf(outcomes, 'unreceivable-funds'), 58)
    await assertAuditClean(db)
  })

  test('moves money in circles between two processes without a deadlock that anybody sees', async () => {
    const ring = (await Promise.all(many(4, () => pair(50n)))).flat()
    const outcomes = await Promise.all(
      many(256, (i) => {
        const [source, target] = [ring[i % 8] as bigint, ring[(i * 3 + 1) % 8] as bigint]
        const legs =
          source === target ? [transfer(source, ring[(i + 1) % 8] as bigint, 1n)] : [transfer(source, target, 1n)]
        return submit(i % 2 ? ledger : other, command(legs, { id: `ring-${i % 200}`, content: 'same' }))
      }),
    )
    assert.equal(outcomes.length, 256)
    assert.deepEqual(
      outcomes.filter((each) => !/^(accepted|replayed|unavailable-funds)$/.test(each)),
      [],
    )
    await assertAuditClean(db)
  })

  for (const [where, first, second] of [
    ['in one batch', () => ledger, () => ledger],
    ['of two processes', () => ledger, () => other],
  ] as const) {
    test(`gives identical twins in flight ${where} one effect and the same bytes, and altered ones the conflict`, async () => {
      for (let round = 0; round < 10; round++) {
        const [payer, payee] = await pair(1000n)
        const id = `twins-${where}-${round}`
        const twins = many(16, (i) =>
          (i % 2 ? first() : second()).submit(command([transfer(payer, payee, 10n)], { id })),
        )
        const altered = many(8, (i) =>
          submit(i % 2 ? first() : second(), command([transfer(payer, payee, 11n)], { id })),
        )
        const settled = await Promise.all(twins)
        const conflicts = await Promise.all(altered)
        assert.equal(new Set(settled.map(({ answer }) => answer.body)).size, 1)
        assert.equal(settled.filter(({ outcome }) => outcome?.accepted).length, 1)
        assert.equal(settled.filter(({ replayed }) => replayed).length, 15)
        assert.equal(countOf(conflicts, 'idempotency-conflict'), 8)
        assert.equal((await balanceOf(db, payee)).balance, 10n)
      }
      await assertAuditClean(db)
    })
  }

  test('gives twins in later batches the stored answer, also when it has to be read from the database', async () => {
    const [payer, payee] = await pair(20n)
    const twin = () => command([transfer(payer, payee, 10n)], { id: 'later' })
    const first = await ledger.submit(twin())
    const cached = await ledger.submit(twin())
    const otherwhere = await other.submit(twin())
    const restarted = await openLedger(db)
    const read = await restarted.submit(twin())
    const altered = await submit(restarted, command([transfer(payer, payee, 9n)], { id: 'later' }))
    const otherPrincipal = await submit(restarted, { ...twin(), principal: 'client:someone-else' })
    await restarted.close()
    for (const { answer, replayed } of [cached, otherwhere, read])
      assert.deepEqual([answer, replayed], [first.answer, true])
    assert.equal(altered, 'idempotency-conflict')
    assert.equal(otherPrincipal, 'accepted')
    assert.equal((await balanceOf(db, payee)).balance, 20n)
    await assertAuditClean(db)
  })

  test('stores a refusal under a key, and repeats it when the reason has gone', async () => {
    const [payer, payee] = await pair(5n)
    const wish = () => command([transfer(payer, payee, 10n)], { id: 'too-much' })
    const refused = await ledger.submit(wish())
    assert.equal(await submit(ledger, command([transfer(1n, payer, 100n)])), 'accepted')
    const restarted = await openLedger(db)
    const again = await restarted.submit(wish())
    await restarted.close()
    assert.deepEqual([again.answer, again.replayed], [refused.answer, true])
    assert.equal((await balanceOf(db, payee)).balance, 0n)
    await assertAuditClean(db)
  })

  test('writes nothing for a refusal without a key', async () => {
    const [payer, payee] = await pair(5n)
    const before = [await transactions(), await keys(), await db.query('select count(*) from journal')]
    assert.equal(await submit(ledger, command([transfer(payer, payee, 10n)])), 'unavailable-funds')
    assert.deepEqual([await transactions(), await keys(), await db.query('select count(*) from journal')], before)
  })

  test('takes all legs of a command or none, also under concurrency', async () => {
    const [first, second] = await pair(30n)
    const [third] = await pair(0n)
    const legs = [
      transfer(first, second, 1n),
      transfer(second, third, 1n),
      transfer(third, second, 1n),
      transfer(second, third, 2n),
    ]
    // The last leg needs one more than the others bring: only as many go through as `second` can add to.
    assert.equal(await submit(ledger, command([transfer(1n, second, 5n)])), 'accepted')
    const outcomes = await Promise.all(many(32, (i) => submit(i % 2 ? ledger : other, command(legs))))
    assert.equal(countOf(outcomes, 'accepted'), 5)
    const balances = await Promise.all([first, second, third].map(async (id) => (await balanceOf(db, id)).balance))
    assert.deepEqual(balances, [25n, 0n, 10n])
    await assertAuditClean(db)
  })

  describe('with an effect in another table', () => {
    const coupon: Effect = {
      name: 'test-coupon',
      text: 'insert into coupon (code, amount) select * from unnest($1::text[], $2::int[])',
    }
    const withCoupon = (payer: bigint, payee: bigint, code: string, options = {}) =>
      command([transfer(payer, payee, 1n)], { effects: [{ effect: coupon, row: [code, '5'] }], ...options })
    before(() => db.query('create table coupon (code text primary key, amount int not null check (amount > 0))'))

    test('refuses only the command whose row exists already', async () => {
      const [payer, payee] = await pair(100n)
      const outcomes = await Promise.all(many(33, (i) => submit(ledger, withCoupon(payer, payee, `one-${i % 32}`))))
      assert.deepEqual([countOf(outcomes, 'accepted'), countOf(outcomes, 'already-exists')], [32, 1])
      assert.equal((await balanceOf(db, payee)).balance, 32n)
      await assertAuditClean(db)
    })

    test('takes one of 32 that race for one row in two processes', async () => {
      const [payer, payee] = await pair(100n)
      const outcomes = await Promise.all(
        many(32, (i) => submit(i % 2 ? ledger : other, withCoupon(payer, payee, 'raced'))),
      )
      assert.deepEqual([countOf(outcomes, 'accepted'), countOf(outcomes, 'already-exists')], [1, 31])
      assert.equal((await balanceOf(db, payee)).balance, 1n)
      await assertAuditClean(db)
    })

    test('lets 64 callers use up an amount exactly in one batch, and in two processes that know of it', async () => {
      const spend: Effect = {
        name: 'test-budget',
        text: `insert into budget (id, cap, used) select id, max(cap), sum(used) from unnest($1::text[], $2::int[], $3::int[]) as u (id, cap, used)
          group by id order by id on conflict (id) do update set used = budget.used + excluded.used`,
        bound: { check: 'budget_cap', of: ([, cap, adds]) => ({ cap: BigInt(cap ?? 0), adds: BigInt(adds ?? 0) }) },
      }
      await db.query(
        'create table budget (id text primary key, cap int, used int, constraint budget_cap check (used <= cap))',
      )
      const [payer, payee] = await pair(1000n)
      const batches: number[] = []
      const counting = await openLedger(db, { onBatch: (commands) => batches.push(commands) })
      const spending = (id: string, amount: number) =>
        command([transfer(payer, payee, BigInt(amount))], {
          effects: [{ effect: spend, row: [id, '10', String(amount)] }],
        })
      const alone = await Promise.all(many(64, (i) => submit(counting, spending('alone', i < 8 ? 3 : 1))))
      // 3 + 3 + 3, and of what is left the first that fits.
      assert.deepEqual([countOf(alone, 'accepted'), countOf(alone, 'effect-refused'), batches], [4, 60, [64]])
      for (const id of ['a', 'b', 'c']) {
        const both = await Promise.all(many(64, (i) => submit(i % 2 ? counting : other, spending(id, i < 8 ? 3 : 1))))
        assert.equal(countOf(both, 'accepted') + countOf(both, 'effect-refused'), 64)
      }
      await counting.close()
      const rows = await db.query<{ used: number }>('select used from budget')
      assert.deepEqual(
        rows,
        many(4, () => ({ used: 10 })),
      )
      assert.equal((await balanceOf(db, payee)).balance, 40n)
      await assertAuditClean(db)
    })

    test('lets 64 callers in two processes use up an amount exactly', async () => {
      const spend: Effect = {
        name: 'test-allowance',
        text: `insert into allowance (id, used) select id, sum(used) from unnest($1::text[], $2::int[]) as u (id, used)
          group by id order by id on conflict (id) do update set used = allowance.used + excluded.used`,
      }
      await db.query('create table allowance (id text primary key, used int not null check (used <= 10))')
      const [payer, payee] = await pair(100n)
      const outcomes = await Promise.all(
        many(64, (i) =>
          submit(
            i % 2 ? ledger : other,
            command([transfer(payer, payee, 1n)], { effects: [{ effect: spend, row: ['refund', i < 8 ? '3' : '1'] }] }),
          ),
        ),
      )
      const [row] = await db.query<{ used: number }>("select used from allowance where id = 'refund'")
      assert.equal(row?.used, 10)
      assert.equal(countOf(outcomes, 'accepted') + countOf(outcomes, 'effect-refused'), 64)
      assert.equal((await balanceOf(db, payee)).balance, BigInt(countOf(outcomes, 'accepted')))
      await assertAuditClean(db)
    })

    describe('that uses something up once', () => {
      const testVoucher: Effect = {
        name: 'test-voucher',
        text: `update test_voucher v set uses = v.uses + u.count
          from (select code, count(*) as count from unnest($1::text[]) as u (code) group by code order by code) as u
          where v.code = u.code`,
        bound: once('voucher_once'),
      }
      const redeem = (payer: bigint, payee: bigint, code: string, id?: string) =>
        command([transfer(payer, payee, 1n)], { effects: [{ effect: testVoucher, row: [code] }], ...(id && { id }) })
      const usesOf = async (code: string) =>
        (await db.query<{ uses: number }>('select uses from test_voucher where code = $1', [code]))[0]?.uses
      const add = (code: string) => db.query('insert into test_voucher values ($1)', [code])
      before(() =>
        db.query(
          'create table test_voucher (code text primary key, uses int not null default 0, constraint voucher_once check (uses <= 1))',
        ),
      )

      test('takes one of 64 in one batch, and splits it for nobody', async () => {
        const [payer, payee] = await pair(100n)
        await add('raced')
        const batches: number[] = []
        const counting = await openLedger(db, { onBatch: (commands) => batches.push(commands) })
        const racers = many(64, (i) => counting.submit(redeem(payer, payee, 'raced', `racer-${i}`)))
        const bystanders = many(64, () => submit(counting, command([transfer(payer, payee, 1n)])))
        const outcomes = (await Promise.all(racers)).map(({ outcome }) => outcome)
        const refusals = outcomes.flatMap((outcome) => (outcome && !outcome.accepted ? [outcome.refusal] : []))
        assert.equal(countOf(await Promise.all(bystanders), 'accepted'), 64)
        assert.equal(refusals.length, 63)
        for (const refusal of refusals) {
          assert.deepEqual(refusal, { code: 'effect-refused', constraint: 'voucher_once' })
        }
        assert.deepEqual([await usesOf('raced'), batches], [1, [128]])
        // Who comes later is refused without a try, and under the first key is told how it went.
        const late = await Promise.all(many(16, () => submit(counting, redeem(payer, payee, 'raced'))))
        assert.equal(countOf(late, 'effect-refused'), 16)
        await counting.close()
        const restarted = await openLedger(db)
        const again = await Promise.all(many(64, (i) => restarted.submit(redeem(payer, payee, 'raced', `racer-${i}`))))
        assert.deepEqual(
          again.map(({ answer }) => answer),
          (await Promise.all(racers)).map(({ answer }) => answer),
        )
        await restarted.close()
        assert.equal((await balanceOf(db, payee)).balance, 65n)
        await assertAuditClean(db)
      })

      test('takes one of 64 in two processes, whoever is first', async () => {
        const [payer, payee] = await pair(100n)
        for (const code of ['a', 'b', 'c', 'd']) {
          await add(code)
          const racers = many(64, (i) => submit(i % 2 ? ledger : other, redeem(payer, payee, code, `${code}-${i}`)))
          const outcomes = await Promise.all(racers)
          assert.deepEqual([countOf(outcomes, 'accepted'), countOf(outcomes, 'effect-refused')], [1, 63])
          assert.equal(await usesOf(code), 1)
        }
        assert.equal((await balanceOf(db, payee)).balance, 4n)
        await assertAuditClean(db)
      })

      test('is not used up by a command that is refused', async () => {
        const [payer, payee] = await pair(1n)
        await add('kept')
        const poor = command([transfer(payer, payee, 5n)], { effects: [{ effect: testVoucher, row: ['kept'] }] })
        const outcomes = await Promise.all([submit(ledger, poor), submit(ledger, redeem(payer, payee, 'kept'))])
        assert.deepEqual([outcomes, await usesOf('kept')], [['unavailable-funds', 'accepted'], 1])
        await assertAuditClean(db)
      })
    })

    test('may tell in its row what was decided', async () => {
      const [payer, payee] = await pair(100n)
      const row = ({ entries }: Decided) => ['decided', String(entries[0]?.balance)]
      const told = command([transfer(payer, payee, 30n)], { effects: [{ effect: coupon, row }] })
      assert.equal(await submit(ledger, told), 'accepted')
      const rows = await db.query<{ amount: number }>("select amount from coupon where code = 'decided'")
      assert.deepEqual(rows, [{ amount: 70 }])
      await assertAuditClean(db)
    })

    test('says which constraint refused', async () => {
      const [payer, payee] = await pair(100n)
      const outcomeOf = async (code: string, amount: string) => {
        const { outcome } = await ledger.submit(
          command([transfer(payer, payee, 1n)], { effects: [{ effect: coupon, row: [code, amount] }] }),
        )
        return outcome && !outcome.accepted && outcome.refusal
      }
      assert.equal(await outcomeOf('named', '5'), false)
      assert.deepEqual(await outcomeOf('named', '5'), { code: 'already-exists', constraint: 'coupon_pkey' })
      assert.deepEqual(await outcomeOf('other', '0'), { code: 'effect-refused', constraint: 'coupon_amount_check' })
      await assertAuditClean(db)
    })

    test('records what moves no money too, once for each key', async () => {
      const noted = (id: string) =>
        ledger.submit(command([], { id, kind: 'note', effects: [{ effect: coupon, row: ['noted', '5'] }] }))
      const [first, ...others] = await Promise.all(many(16, () => noted('note')))
      for (const { answer } of others) assert.deepEqual(answer, first?.answer)
      await assertAuditClean(db)
    })

    test('repeats the answer of a keyed command whose row is there because of its first time', async () => {
      const [payer, payee] = await pair(100n)
      const first = await ledger.submit(withCoupon(payer, payee, 'keyed', { id: 'coupon' }))
      const restarted = await openLedger(db)
      const again = await restarted.submit(withCoupon(payer, payee, 'keyed', { id: 'coupon' }))
      assert.deepEqual([again.answer, again.replayed], [first.answer, true])
      const taken = await restarted.submit(withCoupon(payer, payee, 'keyed', { id: 'another' }))
      await restarted.close()
      // This refusal is stored, too.
      const repeated = await other.submit(withCoupon(payer, payee, 'keyed', { id: 'another' }))
      assert.deepEqual([taken.outcome?.accepted, repeated.replayed, repeated.answer], [false, true, taken.answer])
      await assertAuditClean(db)
    })

    test('harms no other command by a row that the database rejects, an answer it cannot store or a defect', async () => {
      const [payer, payee] = await pair(100n)
      const poisons = [
        withCoupon(payer, payee, 'poison', { effects: [{ effect: coupon, row: ['poison', 'five'] }] }),
        withCoupon(payer, payee, 'nul\u0000'),
        command([transfer(payer, payee, 1n)], { id: 'separator', answer: () => ({ status: 200, body: '"\u001f"' }) }),
        command([transfer(payer, payee, 1n)], { id: 'nul', answer: () => ({ status: 200, body: '\u0000' }) }),
        command([transfer(payer, payee, 1n)], { payload: 'two\u001fpayloads' }),
        command([transfer(payer, payee, 1n)], { kind: '' }),
        command([transfer(payer, payee, 1n)], { answer: () => assert.fail('cannot be rendered') }),
        command([transfer(payer, payee, 0n)]),
        command([{ type: 'open-account', account: next++, assetId: 999, lower: null, upper: null }]),
        command([{ type: 'open-account', account: next++, assetId: usd.id, lower: null, upper: 2n ** 70n }]),
      ]
      for (const poison of poisons) {
        const good = many(7, (i) => submit(ledger, command([transfer(payer, payee, 1n)], { id: `good-${next}-${i}` })))
        const bad = ledger.submit({ ...poison, transaction: uuidV7(Date.now()) })
        const more = many(3, () => submit(ledger, command([transfer(payee, payer, 1n)])))
        next++
        await assert.rejects(bad)
        assert.equal(countOf(await Promise.all([...good, ...more]), 'accepted'), 10)
        // Alone in its batch it harms nobody either.
        await assert.rejects(ledger.submit({ ...poison, transaction: uuidV7(Date.now()) }))
        assert.equal(await submit(ledger, command([transfer(payer, payee, 1n)])), 'accepted')
      }
      assert.equal((await balanceOf(db, payee)).balance, 50n)
      await assertAuditClean(db)
    })
  })

  test('survives an answer that cannot be rendered for a conflict', async () => {
    const [payer, payee] = await pair(10n)
    assert.equal(await submit(ledger, command([transfer(payer, payee, 1n)], { id: 'unrenderable' })), 'accepted')
    const altered = command([transfer(payer, payee, 2n)], {
      id: 'unrenderable',
      answer: () => assert.fail('cannot be rendered'),
    })
    await assert.rejects(ledger.submit(altered), /cannot be rendered/)
    assert.equal(await submit(ledger, command([transfer(payer, payee, 1n)])), 'accepted')
    await assertAuditClean(db)
  })

  test('repeats a batch that met a lock timeout or a deadlock', async () => {
    const codes: unknown[] = []
    const log = {
      warn: ({ err }: { err?: { cause?: { failure?: { code: string } } } }) => codes.push(err?.cause?.failure?.code),
    }
    const impatient = await openLedger(db, {
      settings: ["set lock_timeout = '50ms'"],
      log,
    })
    const [payer, payee] = await pair(10n)
    const locked = Promise.withResolvers<void>()
    const letGo = Promise.withResolvers<void>()
    const holder = db.transaction(async (sql) => {
      await sql.query('select 1 from account where id = $1 for update', [payee])
      locked.resolve()
      await letGo.promise
    })
    await locked.promise
    const waiting = submit(impatient, command([transfer(payer, payee, 1n)], { id: 'patience' }))
    while (codes.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    letGo.resolve()
    await holder
    assert.equal(await waiting, 'accepted')
    assert.equal(codes[0], '55P03')

    // The batch holds the payer and waits for the payee, whose holder then wants the payer. Whoever loses, money moves once.
    const [low, high] = await pair(10n)
    const patient = await openLedger(db, { settings: ["set deadlock_timeout = '200ms'"], log })
    const circle = db.transaction(async (sql) => {
      await sql.query("set local deadlock_timeout = '5s'")
      await sql.query('select 1 from account where id = $1 for update', [high])
      const moved = submit(patient, command([transfer(low, high, 1n)], { id: 'circle' }))
      await new Promise((resolve) => setTimeout(resolve, 30))
      await sql.query('select 1 from account where id = $1 for update', [low]).catch(() => {})
      return { moved }
    })
    assert.equal(await (await circle).moved, 'accepted')
    assert.equal(codes.at(-1), '40P01')
    assert.equal((await balanceOf(db, high)).balance, 1n)
    await impatient.close()
    await patient.close()
    await assertAuditClean(db)
  })

  test('keeps the books right at every moment: audits among payments, holds and restarts are clean', async () => {
    const [payer, payee] = await pair(10_000n)
    let paying = true
    const payments = (async () => {
      for (let i = 0; paying; i++) {
        const hold = uuidV7(Date.now())
        const sides = { source: payer, target: payee }
        await Promise.all([
          ...many(8, (n) =>
            submit(n % 2 ? ledger : other, command([transfer(payer, payee, 1n)], { id: `live-${i}-${n}` })),
          ),
          submit(other, command([{ type: 'hold', hold, ...sides, amount: 5n, expiresAt: Date.now() + 20 }])),
          submit(ledger, command([transfer(payee, payer, 6n)])),
        ])
        if (i % 10 === 0) await (await openLedger(db)).close()
      }
    })()
    for (let i = 0; i < 8; i++) await assertAuditClean(db)
    paying = false
    await payments
    await assertAuditClean(db)
  })

  test('answers everything that was submitted before it was closed, and nothing after', async () => {
    const [payer, payee] = await pair(50n)
    const closing = await openLedger(db, { batchLimit: 8 })
    const submitted = many(50, () => submit(closing, command([transfer(payer, payee, 1n)])))
    const closed = closing.close()
    await assert.rejects(closing.submit(command([transfer(payer, payee, 1n)])), /stopping/)
    assert.equal(countOf(await Promise.all(submitted), 'accepted'), 50)
    await closed
    assert.equal((await balanceOf(db, payee)).balance, 50n)
    await assertAuditClean(db)
  })

  test('tells callers to come back when too many wait', async () => {
    const [payer, payee] = await pair(50n)
    const small = await openLedger(db, { queueLimit: 5 })
    const results = await Promise.allSettled(many(20, () => submit(small, command([transfer(payer, payee, 1n)]))))
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    assert.equal(refused.length, 15)
    for (const error of refused) assert.deepEqual([error.name, error.unknown], ['LedgerUnavailable', false])
    await small.close()
    await assertAuditClean(db)
  })
})
