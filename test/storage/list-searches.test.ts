import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { searchClients } from '../../src/storage/access-listings.ts'
import { listConsoleActs } from '../../src/storage/console-acts.ts'
import type { Database } from '../../src/storage/database.ts'
import { listFloatRequests } from '../../src/storage/float-requests.ts'
import { createTestDatabase } from '../support/database.ts'

let db: Database
let drop: () => Promise<unknown>

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`

before(async () => {
  const database = await createTestDatabase()
  db = database.db
  drop = database.drop
  const made = `from generate_series(1, 60) n, lateral (select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid as id) i`
  await db.query(`insert into party (id, kind, name) select id, 'business', 'Party ' || n ${made}`)
  await db.query(`insert into asset (code, circle, exponent) values ('USD', 'default', 2), ('EUR', 'default', 2)`)
  await db.query(`insert into partner (id, party_id, slug) select id, '${id(1)}', 'partner-' || n ${made} where n <= 3`)
  await db.query(`insert into client (id, party_id, name, secret_hash, scopes)
    select 'client-' || lpad((61 - n)::text, 2, '0'), '${id(1)}', (array['Shop', 'shop', 'Till'])[1 + n % 3] || (n % 5), 'x', '{}' ${made}`)
  await db.query(`insert into console_act (id, email, party_id, role, address, act, object)
    select id, (array['a@x.example', 'b@x.example'])[1 + n % 2], case when n % 4 = 0 then '${id(2)}'::uuid else '${id(1)}' end, 'owner', '',
      (array['wallet.open', 'wallet.freeze', 'brand.edit'])[1 + n % 3], '' ${made}`)
  await db.query(`insert into float_request (id, partner_id, asset_id, reference, amount, status)
    select id, ('00000000-0000-7000-8000-' || lpad((1 + n % 3)::text, 12, '0'))::uuid, 1 + n % 2, 'ref-' || n / 3, 1,
      (array['pending', 'removed'])[1 + n % 2] ${made}`)
})

after(async () => {
  await drop()
})

test('acts that are searched by their beginning come newest first, page after page, as one look at all of them would say', async () => {
  type Act = { id: string; email: string; party_id: string; act: string }
  const all = (await db.query<Act>('select id, email, party_id, act from console_act order by id desc')) as Act[]
  for (const partyId of [undefined, id(1)])
    for (const email of [undefined, 'a@x.example'])
      for (const act of [undefined, 'wallet', 'brand.edit', 'nothing', 'wallet%']) {
        const wanted = all.filter(
          (row) =>
            (partyId === undefined || row.party_id === partyId) &&
            (email === undefined || row.email === email) &&
            (act === undefined || row.act.startsWith(act)),
        )
        const found: string[] = []
        for (let last: string | undefined; ; last = found.at(-1)) {
          const page = await listConsoleActs(db, { partyId, email, act, before: last }, 20)
          found.push(...page.map((row) => row.id))
          if (page.length < 20) break
        }
        assert.deepEqual(
          found,
          wanted.map((row) => row.id),
        )
      }
})

test('clients that are searched by name come by their names, each once however many share one', async () => {
  const found: string[] = []
  for (let last: string | undefined; ; last = found.at(-1)) {
    const page = await searchClients(db, { name: 'SHOP', partyId: id(1), after: last, limit: 7 })
    found.push(...page.map((row) => row.id))
    if (page.length < 7) break
  }
  const wanted = await db.query<{ id: string }>(
    `select id from client where lower(name) like 'shop%' order by lower(name) collate "C", id`,
  )
  assert.deepEqual(
    found,
    wanted.map((row) => row.id),
  )
  assert.equal(found.length, 40)
})

test('float requests of partners and currencies are those that a look at all of them would find', async () => {
  type Row = { id: string; partner_id: string; code: string; reference: string; status: string }
  const all = await db.query<Row>(
    'select r.*, s.code from float_request r join asset s on s.id = r.asset_id order by r.id desc',
  )
  for (const partnerId of [undefined, id(2)])
    for (const partyId of [undefined, id(1), id(2)])
      for (const currency of [undefined, 'EUR'])
        for (const status of [undefined, 'pending'] as const)
          for (const reference of [undefined, 'ref-7']) {
            const found = await listFloatRequests(
              db,
              { partnerId, partyId, currency, status, reference },
              { limit: 60 },
            )
            const wanted = all.filter(
              (row) =>
                (partnerId === undefined || row.partner_id === partnerId) &&
                partyId !== id(2) &&
                (currency === undefined || row.code === currency) &&
                (status === undefined || row.status === status) &&
                (reference === undefined || row.reference === reference),
            )
            assert.deepEqual(
              found.map((row) => row.id),
              wanted.map((row) => row.id),
            )
          }
})
