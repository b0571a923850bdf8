import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createWalletDirectory } from '../../src/operations/wallet-directory.ts'
import type { Database } from '../../src/storage/database.ts'
import type { Wallet } from '../../src/storage/wallets.ts'
import { createTestDatabase } from '../support/database.ts'

let db: Database
let drop: () => Promise<unknown>
let asked = 0

before(async () => {
  const database = await createTestDatabase()
  drop = database.drop
  const query: Database['query'] = (text, values) => {
    asked++
    return database.db.query(text, values)
  }
  db = { ...database.db, query }
  await db.query(`insert into party (id, kind, name) values (gen_random_uuid(), 'business', 'Shop')`)
  await db.query(`insert into asset (code, circle, exponent) values ('USD', 'public', 2)`)
  await db.query(
    `insert into account (id, asset_id, changed_at) select n, a.id, now() from generate_series(1, 1000) n, asset a`,
  )
  await db.query(`insert into wallet (id, namespace, number, currency, opaque_id, party_id, kept, asset_id)
    select n, 'shop', n::text, 'USD', 'w' || n, p.id, n = 1000, a.id from generate_series(1, 1000) n, party p, asset a`)
})
after(() => drop())

const found = (wallets: readonly (Wallet | undefined)[]) => wallets.map((wallet) => wallet?.id)

test('wallets that are looked for at once are one query for each kind of id, each told to who asked for it', async () => {
  const directory = createWalletDirectory(db)
  asked = 0
  const ids = ['shop:7:USD', 'w9', 'shop:7:EUR', 'w0', 'shop:8:USD', 'w7', 'shop:7:USD']
  const answers = await Promise.all(ids.map((id) => directory.find(id)))
  assert.deepEqual(found(answers), [7n, 9n, undefined, undefined, 8n, 7n, 7n])
  assert.deepEqual(answers[0], answers[5])
  assert.equal(asked, 2)
  const seven = directory.find('shop:7:USD')
  assert.ok(!(seven instanceof Promise) && seven?.explicitId === 'shop:7:USD' && seven.opaqueId === 'w7')
  assert.equal(seven.asset.code, 'USD')
})

test('an id that is none fails nobody else’s look-up', async () => {
  const directory = createWalletDirectory(db)
  const ids = ['shop:7:USD', 'shop:\0:USD', 'w\0', 'shop:\'{,"\\:USD', 'shop:\ud800:USD', '', 'w9']
  const answers = await Promise.all(ids.map((id) => directory.find(id)))
  assert.deepEqual(found(answers), [7n, undefined, undefined, undefined, undefined, undefined, 9n])
})

test('many of them take few queries, and what is kept for cards and loans is not there', async () => {
  const directory = createWalletDirectory(db)
  asked = 0
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => directory.find(`shop:${i + 1}:USD`)))
  assert.deepEqual(found(answers), [...Array.from({ length: 999 }, (_, i) => BigInt(i + 1)), undefined])
  assert.equal(asked, 2)
})

test('what was looked for before all was forgotten is not remembered', async () => {
  const directory = createWalletDirectory(db)
  const finding = directory.find('w3')
  directory.forget?.()
  assert.equal((await finding)?.id, 3n)
  const again = directory.find('w3')
  assert.ok(again instanceof Promise)
  assert.equal((await again)?.id, 3n)
  assert.equal((directory.find('w3') as Wallet).id, 3n)
})
