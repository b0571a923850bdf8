import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { daysOf, type Period, readPeriod, STATEMENT_LINES } from '../../../src/domain/statement.ts'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { drawStatement, readBounds } from '../../../src/operations/statements/draw-statement.ts'
import { reconcile } from '../../../src/operations/statements/reconcile.ts'
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
