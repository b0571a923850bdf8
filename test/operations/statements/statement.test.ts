import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { daysOf, type Period, readPeriod, STATEMENT_LINES } from '../../../src/domain/statement.ts'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { drawStatement, readBounds } from '../../../src/operations/statements/draw-statement.ts'
import { reconcile } from '../../../src/operations/statements/reconcile.ts'
import { createSumAhead } from '../../../src/operations/statements/sum-ahead.ts'
import { type EntryRange, sumMovements } from '../../../src/storage/statement-lines.ts'
import { createGiftWorld } from '../../support/gift-world.ts'
import { readFile } from './read-file.ts'

type World = Awaited<ReturnType<typeof createGiftWorld>>
let world: World

before(async () => {
  world = await createGiftWorld()
})
after(() => world.stop())

const period = (name: string) => readPeriod(name) as Period

let accounts = 9_000_000n

/** An account whose entries are as they are given, written into the ledger's tables as the ledger would. */
async function writeAccount(entries: readonly { amount: bigint; at: Date; kind: string }[]): Promise<bigint> {
  const account = accounts++
  const [known] = await world.db.query<{ id: number }>("select id from asset where code = 'EUR' limit 1")
  const asset = known?.id ?? 1
  let balance = 0n
  await world.db.query(
    'insert into account (id, balance, entries, changed_at, asset_id) values ($1, 0, 0, now(), $2)',
    [account, asset],
  )
  for (const [index, { amount, at, kind }] of entries.entries()) {
    balance += amount
    const id = uuidV7(at.getTime())
    await world.db.query(
      `insert into transaction (id, seq, at, digest, stream, kind, principal, payload) values ($1, 0, $2, $1, 0, $3, 'test', '{}')`,
      [id, at, kind],
    )
    const [source, target] = amount < 0n ? [account, 1n] : [1n, account]
    await world.db.query(
      'insert into transfer (transaction_id, amount, source, target, asset_id, leg) values ($1, $2, $3, $4, $5, 0)',
      [id, amount < 0n ? -amount : amount, source, target, asset],
    )
    await world.db.query(
      'insert into entry (account_id, seq, amount, balance, at, transaction_id, leg) values ($1, $2, $3, $4, $5, $6, 0)',
      [account, index + 1, amount, balance, at, id],
    )
  }
  await world.db.query('update account set balance = $2, entries = $3 where id = $1', [
    account,
    balance,
    entries.length,
  ])
  return account
}

/** A business's account with so many entries, one after another. @param gap ms */
async function writeMany(from: number, count: number, gap: number): Promise<bigint> {
  const id = accounts++
  await world.db.query(
    `with a as (
       insert into account (id, changed_at, asset_id) select $1, now(), asset_id from account where id = $2 returning asset_id
     )
     insert into wallet (id, namespace, number, currency, opaque_id, party_id, asset_id)
     select $1, 'shop', 'heavy', 'EUR', 'heavy', w.party_id, a.asset_id from a, wallet w where w.id = $2`,
    [id, world.float.id],
  )
  await world.db.query(
    `with made as (
       select n, gen_random_uuid() as id, $2::timestamptz + n * $4::int * interval '5 milliseconds' as at from generate_series(1, $3::int) n
     ), a as (
       insert into transaction (id, seq, at, digest, stream, kind, principal, payload)
       select id, 0, at, id, 0, case n % 3 when 0 then 'payments' when 1 then 'refunds' else 'funds' end, 'test', '{}' from made
     ), b as (
       insert into transfer (transaction_id, amount, source, target, asset_id, leg) select id, n, 1, $1, 1, 0 from made
     ), c as (
       insert into entry (account_id, seq, amount, balance, at, transaction_id, leg)
       select $1, n, n, n::bigint * (n + 1) / 2, at, id, 0 from made
     )
     update account set entries = $3, balance = $3::bigint * ($3::bigint + 1) / 2 where id = $1`,
    [id, new Date(from), count, gap],
  )
  return id
}

const KINDS = ['gift-card', 'payments', 'card-redemption', 'purchase-credit', 'funds', 'refunds', 'something-new']
const FROM = Date.UTC(2026, 9, 30)
// Many in one millisecond, and many at the very first or last moment of a day or month.
const gap = fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 0, max: 20_000_000 }), fc.constant(86_400_000))
const movement = fc.record({
  gap,
  snap: fc.boolean(),
  amount: fc.bigInt({ min: -50_000n, max: 50_000n }).filter((amount) => amount !== 0n),
  kind: fc.constantFrom(...KINDS),
})

test('statements of days add up to that of their month, the file has each line once, and its sums are the statement’s', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(movement, { minLength: 1, maxLength: 25 }),
      fc.integer({ min: 1, max: 7 }),
      async (moves, page) => {
        let at = FROM
        const entries = moves.map(({ gap, snap, amount, kind }) => {
          at += gap
          // To the midnight after, or the millisecond before it.
          if (snap) at = Math.ceil((at + 1) / 86_400_000) * 86_400_000 - (gap % 2)
          return { at: new Date(at), amount, kind }
        })
        const account = await writeAccount(entries)
        const now = Date.UTC(2099, 0)
        const months = ['2026-10', '2026-11', '2026-12', '2027-01'].map(period)
        const seen: bigint[] = []
        let balance = 0n
        for (const month of months) {
          const whole = await drawStatement(world.db, account, month, now)
          assert.equal(whole.opening, balance)
          balance = whole.closing
          const days = await Promise.all(daysOf(month).map((day) => drawStatement(world.db, account, day, now)))
          for (const name of STATEMENT_LINES) {
            const of = (statement: typeof whole) =>
              statement.lines.find((line) => line.name === name) ?? { amount: 0n, count: 0n }
            assert.equal(
              days.reduce((sum, day) => sum + of(day).amount, 0n),
              of(whole).amount,
              name,
            )
            assert.equal(
              days.reduce((sum, day) => sum + of(day).count, 0n),
              of(whole).count,
              name,
            )
          }
          for (const [index, day] of days.entries())
            assert.equal(day.opening, index === 0 ? whole.opening : days[index - 1]?.closing)

          const file = await readFile(world.db, account, whole.range, page)
          for (const { name, amount, count } of whole.lines) {
            const lines = file.filter(({ line }) => line === name)
            assert.equal(BigInt(lines.length), count)
            assert.equal(
              lines.reduce((sum, line) => sum + line.amount, 0n),
              amount,
            )
          }
          let running = whole.opening
          for (const line of file) {
            assert.equal(line.before, running)
            running += line.amount
            assert.equal(line.balance, running)
            assert.ok(line.at >= month.from && line.at < month.until)
          }
          assert.equal(running, whole.closing)
          seen.push(...file.map(({ seq }) => seq))
        }
        const within = entries.filter((entry) => entry.at < (months.at(-1) as Period).until).length
        assert.deepEqual(
          seen,
          Array.from({ length: within }, (_, index) => BigInt(index + 1)),
        )
      },
    ),
    { numRuns: 25 },
  )
})

test('sums that were kept are used again, and never against what the entries say', async () => {
  const at = Date.UTC(2026, 9, 12)
  const account = await writeAccount([
    { at: new Date(at), amount: 700n, kind: 'payments' },
    { at: new Date(at + 1), amount: -200n, kind: 'card-refund' },
  ])
  const draw = () => drawStatement(world.db, account, period('2026-10'), Date.UTC(2099, 0))
  const first = await draw()
  const kept = () => world.db.query('select from statement_day where account_id = $1', [account])
  assert.equal((await kept()).length, 2)
  assert.deepEqual(await draw(), first)
  await world.db.query('update statement_day set amount = amount + 1 where account_id = $1', [account])
  assert.deepEqual(await draw(), first)
  // A day that is not over is summed up anew each time.
  const today = await writeAccount([{ at: new Date(at), amount: 1n, kind: 'funds' }])
  await drawStatement(world.db, today, period('2026-10'), at + 5)
  assert.deepEqual(await world.db.query('select from statement_day where account_id = $1', [today]), [])
})

test('what a heavy account books is summed up ahead, day by day, and its statements are the same', async () => {
  const at = Date.UTC(2026, 7, 3, 22)
  const account = await writeMany(at, 25_000, 800)
  const days = ['2026-08-03', '2026-08-04', '2026-08-05'].map(period)
  const now = Date.UTC(2026, 7, 5, 6)
  const whole = (await readBounds(world.db, account, [period('2026-08')], now))[0]?.range as EntryRange
  const fresh = await sumMovements(world.db, account, whole)
  const parts = () =>
    world.db.query<{ first: bigint; last: bigint }>(
      'select first, last from statement_part where account_id = $1 order by first',
      [account],
    )
  await Promise.all(Array.from({ length: 3 }, () => createSumAhead(world.db)()))
  const made = await parts()
  // The second day took several. No entry twice, none left out, and no part across midnight.
  assert.ok(made.length > 3, String(made.length))
  assert.equal(made[0]?.first, 1n)
  for (const [index, part] of made.entries())
    if (index > 0) assert.equal(part.first, (made[index - 1]?.last as bigint) + 1n)
  const bounds = await readBounds(world.db, account, days, now)
  for (const { range } of bounds.slice(0, 2)) assert.ok(made.some(({ last }) => last === range.last))
  const sum = (rows: readonly { amount: bigint; count: bigint }[]) => [
    rows.reduce((total, { amount }) => total + amount, 0n),
    rows.reduce((total, { count }) => total + count, 0n),
  ]
  const drawn = await drawStatement(world.db, account, period('2026-08'), now)
  assert.deepEqual(sum(drawn.lines), sum(fresh))
  // Whatever is wrong with a part, the entries say what is right.
  await world.db.query('delete from statement_day where account_id = $1', [account])
  await world.db.query(
    `update statement_part set sums = jsonb_set(sums, '{0,amount}', '"1"') where account_id = $1 and first = 1`,
    [account],
  )
  assert.deepEqual(await drawStatement(world.db, account, period('2026-08'), now), drawn)
})

test('a period is final once something came after it, or a minute later, and not before', async () => {
  const at = Date.UTC(2026, 9, 31, 23, 59, 59, 999)
  const account = await writeAccount([{ at: new Date(at), amount: 5n, kind: 'funds' }])
  const final = async (now: number) => (await readBounds(world.db, account, [period('2026-10')], now))[0]?.final
  assert.equal(await final(at + 1), false)
  assert.equal(await final(at + 60_000), false)
  assert.equal(await final(at + 60_001), true)
  const moved = await writeAccount([
    { at: new Date(at), amount: 5n, kind: 'funds' },
    { at: new Date(at + 1), amount: 5n, kind: 'funds' },
  ])
  const [bounds] = await readBounds(world.db, moved, [period('2026-10')], at + 2)
  assert.deepEqual([bounds?.final, bounds?.closing, bounds?.range.last], [true, 5n, 1n])
})

test('what a caller wrote into a payment names no order of anybody', async () => {
  const brand = await world.brand({ slug: 'statement' })
  await world.fund(world.float.id, 10_000n)
  const placed = await placeOrder(world.deps, world.wish(brand, 2_500n, 'statement'))
  const order = 'refusal' in placed ? undefined : placed.order
  assert.ok(order)
  const account = await writeAccount([{ at: new Date(), amount: 5n, kind: 'payments' }])
  await world.db.query(
    `update transaction set payload = $2 where id = (select transaction_id from entry where account_id = $1)`,
    [account, JSON.stringify({ order: order.id, brand: 'statement', description: 'hello' })],
  )
  const [line] = await reconcile(world.db, account, { first: 1n, last: 1n }, 10)
  assert.deepEqual([line?.order, line?.requestId, line?.seller, line?.reference], [null, null, null, 'hello'])
})
