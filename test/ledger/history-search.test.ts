import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readCourse } from '../../src/ledger/balance-course.ts'
import { readEntryRange, searchHistory } from '../../src/ledger/history-search.ts'
import { readBalanceAsOf } from '../../src/ledger/reads.ts'
import {
  assertAuditClean,
  command,
  createTestLedger,
  openAccounts,
  openUsdWallet,
  submit,
  transfer,
} from '../support/ledger.ts'

let books: Awaited<ReturnType<typeof createTestLedger>>
const ANN = 1n
const BANK = 3n
const SHOP = 2n
const PAYMENTS = 40

before(async () => {
  books = await createTestLedger()
  const { db, ledger, usd } = books
  await openUsdWallet(db, ledger, usd.id, ANN, '5551')
  await openUsdWallet(db, ledger, usd.id, SHOP, '5552')
  await db.query(
    "update party set name = 'Corner Café', kind = 'business' where id = (select party_id from wallet where id = 2)",
  )
  await db.query("update party set name = 'Ann van der Berg' where id = (select party_id from wallet where id = 1)")
  await openAccounts(ledger, usd.id, [[BANK, null, null]])
  await submit(
    ledger,
    command([transfer(BANK, ANN, 100_000n)], { kind: 'funds', payload: '{"description":"First money"}' }),
  )
  for (let n = 1; n <= PAYMENTS; n++) {
    const description = n % 10 === 0 ? `Round ${n} of COFFEE` : 'Bread'
    const paid = await submit(
      ledger,
      command([transfer(ANN, SHOP, BigInt(n))], { kind: 'payments', payload: JSON.stringify({ description }) }),
    )
    assert.equal(paid, 'accepted')
  }
})
after(() => books.close())

const search = (options: Parameters<typeof searchHistory>[2]) => searchHistory(books.db, ANN, options)
const numbers = ({ lines }: { lines: readonly { seq: bigint }[] }) => lines.map(({ seq }) => Number(seq))

test('without a filter a page is the newest lines, and the next one goes on where it ended', async () => {
  const first = await search({ limit: 25 })
  assert.deepEqual(
    numbers(first),
    Array.from({ length: 25 }, (_, i) => 41 - i),
  )
  assert.deepEqual([first.next, first.searchedTo], [17n, null])
  const second = await search({ limit: 25, before: first.next as bigint })
  assert.deepEqual(
    numbers(second),
    Array.from({ length: 16 }, (_, i) => 16 - i),
  )
  assert.deepEqual([second.next, second.searchedTo], [null, null])
})

test('a page that ends with the oldest line has none after it, whatever it was full of', async () => {
  assert.equal((await search({ limit: PAYMENTS + 1 })).next, null)
  assert.deepEqual(numbers(await search({ limit: 25, before: 2n })), [1])
  const all = await search({ limit: 25, filter: { kind: 'funds' }, scan: PAYMENTS + 1 })
  assert.deepEqual([numbers(all), all.next, all.searchedTo], [[1], null, null])
  const most = await search({ limit: 25, filter: { kind: 'funds' }, scan: PAYMENTS })
  assert.deepEqual([numbers(most), most.next], [[], 2n])
})

test('a text is found in the description, the counterparty, its shown name and the reference, whatever its capitals', async () => {
  assert.deepEqual(numbers(await search({ limit: 25, filter: { text: 'coffee' } })), [41, 31, 21, 11])
  assert.equal((await search({ limit: 50, filter: { text: 'US:5552' } })).lines.length, PAYMENTS)
  assert.equal((await search({ limit: 50, filter: { text: 'corner café' } })).lines.length, PAYMENTS)
  const [line] = (await search({ limit: 1 })).lines
  const reference = line?.reference as string
  assert.deepEqual(numbers(await search({ limit: 5, filter: { text: reference.toUpperCase() } })), [41])
  assert.deepEqual(numbers(await search({ limit: 5, filter: { text: '100% _ \\' } })), [], 'no character is a wildcard')
})

test('of a person only the first name and an initial can be seen or searched for', async () => {
  const shop = (text: string) => searchHistory(books.db, SHOP, { limit: 50, filter: { text } })
  assert.equal((await shop('ann b.')).lines[0]?.counterpartyName, 'Ann B.')
  assert.equal((await shop('berg')).lines.length, 0)
})

test('amounts, kinds and directions narrow the lines', async () => {
  assert.deepEqual(numbers(await search({ limit: 25, filter: { least: 39n } })), [41, 40, 1])
  assert.deepEqual(numbers(await search({ limit: 25, filter: { most: 2n } })), [3, 2])
  assert.deepEqual(numbers(await search({ limit: 25, filter: { direction: 'in' } })), [1])
  assert.equal((await search({ limit: 50, filter: { direction: 'out' } })).lines.length, PAYMENTS)
  assert.deepEqual(numbers(await search({ limit: 25, filter: { kind: 'funds' } })), [1])
})

test('a page looks at no more entries than its bound, says how far it came, and can be continued', async () => {
  const first = await search({ limit: 25, filter: { kind: 'funds' }, scan: 16 })
  assert.deepEqual([first.lines.length, first.next], [0, 26n])
  const [edge] = await books.db.query<{ at: Date }>('select at from entry where account_id = 1 and seq = 26')
  assert.deepEqual(first.searchedTo, edge?.at)
  const second = await search({ limit: 25, filter: { kind: 'funds' }, scan: 16, before: 26n })
  assert.deepEqual([second.lines.length, second.next], [0, 10n])
  const third = await search({ limit: 25, filter: { kind: 'funds' }, scan: 16, before: 10n })
  assert.deepEqual([numbers(third), third.next, third.searchedTo], [[1], null, null])
})

test('dates become a range of entries, the last moment left out', async () => {
  const entries = await books.db.query<{ seq: bigint; at: Date }>(
    'select seq, at from entry where account_id = 1 order by seq',
  )
  const from = entries[9]?.at as Date
  const until = entries[29]?.at as Date
  const wanted = entries.filter(({ at }) => at >= from && at < until).map(({ seq }) => Number(seq))
  assert.deepEqual(numbers(await search({ limit: 100, filter: { from, until } })), wanted.reverse())
  const last = BigInt(Math.max(...wanted))
  for (const before of [last + 1n, last + 5n, 1_000n]) {
    const page = await search({ limit: 100, before, filter: { from, until } })
    assert.deepEqual(numbers(page), wanted, 'a page that begins behind the dates begins with their last')
  }
  assert.deepEqual(await readEntryRange(books.db, ANN, { from: new Date(Date.now() + 60_000) }), {
    first: 42n,
    last: 41n,
  })
  assert.deepEqual((await search({ limit: 5, filter: { until: new Date(0) } })).lines, [])
})

test('many moments of several accounts are read at once, each as a balance of a moment is', async () => {
  const entries = await books.db.query<{ at: Date }>('select distinct at from entry order by at')
  const moments = [
    new Date(0),
    ...entries.flatMap(({ at }) => [new Date(at.getTime() - 1), at]),
    new Date(Date.now() + 1000),
  ]
  const probes = [ANN, SHOP, BANK].flatMap((account) => moments.map((at) => ({ account, at })))
  const points = await readCourse(books.db, probes)
  assert.equal(points.length, probes.length)
  for (const [index, { account, at }] of probes.entries()) {
    assert.equal(
      points[index]?.balance,
      await readBalanceAsOf(books.db, account, at),
      `${account} at ${at.toISOString()}`,
    )
  }
  assert.deepEqual(await readCourse(books.db, [{ account: 99n, at: new Date() }]), [{ entry: 0n, balance: 0n }])
})

test('what a caller wrote is no trap for a search: zero bytes, halves of characters, quotes', async () => {
  for (const description of ['zero\u0000byte', 'half \ud800', 'quote " and \\u0041', 'tab\there'])
    await submit(books.ledger, command([transfer(SHOP, ANN, 1n)], { payload: JSON.stringify({ description }) }))
  const found = async (text: string) => (await search({ limit: 100, filter: { text } })).lines.length
  assert.equal(await found('nothing like it'), 0)
  assert.deepEqual(await Promise.all(['byte', 'half', 'quote', 'here'].map(found)), [1, 1, 1, 1])
})

test('the books that were searched are clean', async () => {
  // The names were changed past the ledger's door, which keeps no digest of them.
  await assertAuditClean(books.db)
})
