import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { opaqueWalletId } from '../../../src/domain/wallet-id.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, opened, refused } from '../../support/wallet-client.ts'
import { chargeOf, give, granted, paymentTo } from './money.ts'

type Line = { reference: string; endpoint: string; source: string; target: string; timestamp: string; amount: number }
type Page = { transactions: Line[]; next: string | null }

let server: SandboxServer
let till: Caller & { partyId: string }
/** everything that happened, newest first */
let all: Line[]

before(async () => {
  server = await startSandboxServer()
  till = await server.client(['desk:one:USD', 'desk:two:USD', { id: 'desk:kid:USD', lower: '-10.00' }])
  const friend = await server.client(['friend:one:USD'])
  await give(server, 'desk:one:USD', 100)
  const self = await granted(server, till, till.partyId, ['desk:one:USD', 'desk:two:USD'])
  for (let i = 1; i <= 30; i++) {
    const target = i % 3 === 0 ? 'friend:one:USD' : 'desk:two:USD'
    if (i % 2) await self.done('/desk:one:USD/payments', paymentTo(target, i / 100))
    else await self.done('/desk:one:USD/charges', chargeOf('desk:one:USD', target, i / 100))
  }
  await friend.done('/friend:one:USD/payments', paymentTo('desk:one:USD', '0.01'))
  all = (await page('?limit=100')).transactions
  assert.equal(all.length, 32)
})
after(() => server.stop())

async function page(query: string): Promise<Page> {
  return opened(await till.get(`/desk:one:USD/transactions${query}`), till.signingSecret)
}

/** All pages of a filtered history. */
async function walk(query: string, limit = 4): Promise<Line[]> {
  const lines: Line[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { transactions, next }: Page = await page(`?limit=${limit}&${query}${cursor && `&cursor=${cursor}`}`)
    assert.ok(transactions.length <= limit)
    lines.push(...transactions)
    cursor = next
  }
  return lines
}

const expecting = (test: (line: Line) => boolean) => all.filter(test)

describe('a history that is asked for', () => {
  it('one endpoint has its lines only', async () => {
    for (const endpoint of ['payments', 'charges', 'funds'])
      assert.deepEqual(
        await walk(`endpoint=${endpoint}`),
        expecting((line) => line.endpoint === endpoint),
      )
    assert.deepEqual(await walk('endpoint=refunds'), [])
  })

  it('one counterparty has what went to it and what came from it', async () => {
    const theirs = (id: string) => expecting(({ source, target }) => source === id || target === id)
    for (const id of ['friend:one:USD', 'desk:two:USD', 'bank:gateway:USD'])
      for (const name of [id, opaqueWalletId(id), id.toLowerCase()])
        assert.deepEqual(await walk(`counterparty=${name}`), theirs(id), name)
    assert.deepEqual(await walk('counterparty=nobody:one:USD'), [])
    assert.deepEqual(await walk('counterparty=desk:kid:USD'), [])
  })

  it('a time has what happened at or after one moment and before the other', async () => {
    const [later, earlier] = [all[5]?.timestamp as string, all[20]?.timestamp as string]
    assert.deepEqual(
      await walk(`from=${earlier}`),
      expecting(({ timestamp }) => timestamp >= earlier),
    )
    assert.deepEqual(
      await walk(`to=${later}`),
      expecting(({ timestamp }) => timestamp < later),
    )
    const between = expecting(({ timestamp }) => timestamp >= earlier && timestamp < later)
    assert.deepEqual(await walk(`from=${earlier}&to=${later}`), between)
    const offset = new Date(Date.parse(earlier) + 3_600_000).toISOString().replace('Z', '%2B01:00')
    assert.deepEqual(await walk(`from=${offset}&to=${later}`, 100), between)
    assert.deepEqual(await walk(`from=${later}&to=${earlier}`), [])
    assert.deepEqual(await walk('from=2099-01-01T00:00:00Z'), [])
  })

  it('one reference has its line, if the other filters let it through', async () => {
    const line = all[7] as Line
    assert.deepEqual(await page(`?reference=${line.reference}`), { transactions: [line], next: null })
    assert.deepEqual(await walk(`reference=${line.reference}&endpoint=${line.endpoint}&from=${line.timestamp}`), [line])
    assert.deepEqual(await walk(`reference=${line.reference}&endpoint=funds`), [])
    assert.deepEqual(await walk(`reference=${line.reference}&to=${line.timestamp}`), [])
    for (const reference of ['x', '', '00000000-0000-7000-8000-000000000000'])
      assert.deepEqual(await walk(`reference=${reference}`), [])
  })

  it('several things at once has the lines that are all of them', async () => {
    const from = all[25]?.timestamp as string
    assert.deepEqual(
      await walk(`endpoint=charges&counterparty=friend:one:USD&from=${from}`, 1),
      expecting((line) => line.endpoint === 'charges' && line.target === 'friend:one:USD' && line.timestamp >= from),
    )
  })

  it('what cannot be, or twice, is refused', async () => {
    for (const [query, code] of [
      ['endpoint=', 'query-invalid'],
      ["endpoint=x'", 'query-invalid'],
      ['from=yesterday', 'query-invalid'],
      ['from=2026-01-31', 'query-invalid'],
      ['to=2026-01-31T00:00:00', 'query-invalid'],
      ['to=2026-02-30T00:00:00Z', 'query-invalid'],
      ['counterparty=x', 'query-invalid'],
      ['counterparty=', 'query-invalid'],
      ['endpoint=funds&endpoint=charges', 'query-invalid'],
      ['kind=funds', 'query-unknown'],
      ['__proto__=1', 'query-unknown'],
    ])
      assert.equal(
        refused(await till.get(`/desk:one:USD/transactions?${query}`), till.signingSecret),
        `400 ${code}`,
        query,
      )
  })
})

it('a page of a long history looks at so many lines and no more, and says how to go on', async () => {
  await server.db.query('set enable_seqscan = off')
  // 5,000 lines that no command has written: the audit would say so, and the database of this file ends here.
  await server.db.query(`
    with a as (select id, entries, balance from account where id = (select id from wallet where namespace = 'desk' and number = 'kid')),
    t as (
      insert into transaction (id, seq, at, digest, stream, kind, principal, payload)
      select gen_random_uuid(), 1, now() - interval '1 day' + g * interval '1 ms', gen_random_uuid(), 1,
        case when g = 3 then 'charges' else 'payments' end, 'test', '{"g":' || g || '}'
      from generate_series(1, 5000) g returning id, at, (payload::json ->> 'g')::bigint as g
    ), x as (
      insert into transfer (transaction_id, amount, source, target, asset_id, leg)
      select t.id, 1, a.id, 1, 1, 0 from t, a
    ), u as (update account set entries = 5000 where id = (select id from a))
    insert into entry (account_id, seq, amount, balance, at, transaction_id, leg)
    select a.id, t.g, -1, -t.g, t.at, t.id, 0 from t, a`)
  const counts: number[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const answer = await till.get(`/desk:kid:USD/transactions?endpoint=charges${cursor && `&cursor=${cursor}`}`)
    const { transactions, next }: Page = opened(answer, till.signingSecret)
    counts.push(transactions.length)
    cursor = next
  }
  assert.deepEqual(counts, [0, 0, 1])
})
