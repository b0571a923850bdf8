import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, opened, refused } from '../../support/wallet-client.ts'

let server: SandboxServer
let till: Caller
let neighbour: Caller
before(async () => {
  server = await startSandboxServer()
  till = await server.client([{ id: 'desk:one:USD', lower: null }])
  neighbour = await server.client([{ id: 'next:one:USD', lower: null }, 'next:two:USD'])
})
after(() => server.stop())

const pay = (caller: Caller, from: string, target: string, amount: number | string = '0.01') =>
  caller.done(`/${from}/payments`, { endpoint: 'payments', target, amount, currency: 'USD' })

type Page = {
  transactions: { reference: string; balance: number; amount: number; source: string }[]
  next: string | null
}

async function page(query: string): Promise<Page> {
  return opened(await till.get(`/desk:one:USD/transactions${query}`), till.signingSecret)
}

/** All pages, until the last. */
async function walk(limit: number): Promise<Page['transactions']> {
  const lines: Page['transactions'] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { transactions, next }: Page = await page(`?limit=${limit}${cursor && `&cursor=${cursor}`}`)
    assert.ok(transactions.length === limit || next === null)
    lines.push(...transactions)
    cursor = next
  }
  return lines
}

describe('a history', () => {
  it('of a wallet that never moved is empty', async () => {
    assert.deepEqual(await page(''), { transactions: [], next: null })
  })

  it('comes in pages that are complete, in order and without a repeat, while payments commit', async () => {
    for (let i = 0; i < 60; i++) await pay(till, 'desk:one:USD', 'next:two:USD')
    const known = await walk(100)
    let stop = false
    const busy = Array.from({ length: 4 }, async (_, i) => {
      while (!stop) {
        if (i % 2) await pay(till, 'desk:one:USD', 'next:two:USD')
        else await pay(neighbour, 'next:one:USD', 'desk:one:USD')
      }
    })
    try {
      for (const limit of [1, 3, 7, 25, 100]) {
        const lines = await walk(limit)
        assert.equal(new Set(lines.map(({ reference }) => reference)).size, lines.length)
        assert.deepEqual(lines.slice(-known.length), known)
        // Newest first: each balance is the one before it, in time, changed by its own amount.
        for (const [i, line] of lines.entries()) {
          const cents = Math.round(line.amount * 100) * (line.source === 'desk:one:USD' ? -1 : 1)
          const older = lines[i + 1]?.balance ?? 0
          assert.equal(Math.round(line.balance * 100), Math.round(older * 100) + cents)
        }
      }
    } finally {
      stop = true
      await Promise.all(busy)
    }
    const [row] = await server.db.query<{ count: bigint }>(
      `select count(*) from entry e join wallet w on w.id = e.account_id where w.namespace = 'desk'`,
    )
    assert.equal(BigInt((await walk(100)).length), row?.count)
  })

  it('has pages of 1 to 100 lines, 20 when nothing is said', async () => {
    assert.equal((await page('')).transactions.length, 20)
    assert.equal((await page('?limit=1')).transactions.length, 1)
    assert.ok((await page('?limit=100')).transactions.length > 60)
    assert.deepEqual(await page('?cursor=1'), { transactions: [], next: null })
    assert.equal((await page('?cursor=2')).transactions.length, 1)
    assert.equal((await page(`?cursor=${Number.MAX_SAFE_INTEGER}`)).transactions.length, 20)
  })

  it('refuses other limits, cursors and questions', async () => {
    for (const value of [
      '0',
      '101',
      '-1',
      '1.5',
      '1e1',
      'x',
      '',
      ' 1',
      '01',
      '%31%30%31',
      '９',
      '9'.repeat(30),
      'NaN',
      "1'",
    ]) {
      const answer = await till.get(`/desk:one:USD/transactions?limit=${encodeURIComponent(value)}`)
      assert.equal(refused(answer, till.signingSecret), '400 query-invalid', value)
    }
    for (const value of ['0', '-1', 'x', '', '1;drop', '9'.repeat(16), '9223372036854775808', '0x10']) {
      const answer = await till.get(`/desk:one:USD/transactions?cursor=${encodeURIComponent(value)}`)
      assert.equal(refused(answer, till.signingSecret), '400 query-invalid', value)
    }
    for (const query of ['offset=1', 'limit=1&x=', 'Limit=1', 'limit=1&limit=2&x=1']) {
      const answer = await till.get(`/desk:one:USD/transactions?${query}`)
      assert.equal(refused(answer, till.signingSecret), '400 query-unknown', query)
    }
  })

  it('shows one transaction by its reference to both sides and to nobody else', async () => {
    const { reference, timestamp } = await pay(till, 'desk:one:USD', 'next:two:USD', '0.07')
    const seen = opened(await till.get(`/desk:one:USD/transactions/${reference}`), till.signingSecret).transaction
    assert.equal(seen.timestamp, timestamp)
    assert.equal(seen.amount, 0.07)
    const other = opened(
      await neighbour.get(`/next:two:USD/transactions/${reference}`),
      neighbour.signingSecret,
    ).transaction
    assert.deepEqual({ ...other, balance: 0 }, { ...seen, balance: 0 })
    // The same party's other wallet had no part in it.
    const apart = await neighbour.get(`/next:one:USD/transactions/${reference}`)
    assert.equal(refused(apart, neighbour.signingSecret), '404 transaction-not-found')
    const own = await pay(neighbour, 'next:one:USD', 'next:two:USD')
    for (const unknown of [
      own.reference,
      reference.replace(/.$/, (c: string) => (c === '0' ? '1' : '0')),
      'x',
      reference.toUpperCase(),
      '0',
      '.',
      '~',
    ]) {
      const answer = await till.get(`/desk:one:USD/transactions/${unknown}`)
      assert.equal(refused(answer, till.signingSecret), '404 transaction-not-found', unknown)
    }
  })

  it('shows a transaction among many of one batch, and of one moment', async () => {
    const done = await Promise.all(
      Array.from({ length: 40 }, (_, i) => pay(till, 'desk:one:USD', 'next:two:USD', i + 1)),
    )
    for (const [i, { reference }] of done.entries()) {
      const { transaction } = opened(await till.get(`/desk:one:USD/transactions/${reference}`), till.signingSecret)
      assert.equal(transaction.reference, reference)
      assert.equal(transaction.amount, i + 1)
    }
  })
})

it('the books are clean after all of it', () => server.assertClean())
