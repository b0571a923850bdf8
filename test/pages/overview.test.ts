import assert from 'node:assert/strict'
import test from 'node:test'
import { readOverview } from '../../src/storage/overview.ts'
import { createTestDatabase } from '../support/database.ts'

test('the overview counts wallets and lists assets, both up to a limit', async (t) => {
  const { db, drop } = await createTestDatabase()
  t.after(drop)
  const limits = { wallets: 2, assets: 2 }
  const empty = await readOverview(db, limits)
  assert.deepEqual([empty.wallets, empty.assets], [0, []])
  assert.match(empty.postgres, /^\d+\.\d+/)

  await db.query(
    `insert into asset (code, circle, exponent) values ('USD', 'public', 2), ('PTS', 'cafe', 0), ('EUR', 'public', 2)`,
  )
  const party = '00000000-0000-7000-8000-000000000000'
  await db.query(`insert into party (id, kind, name) values ($1, 'person', 'Ada')`, [party])
  await db.query(
    `insert into wallet (id, namespace, number, currency, opaque_id, party_id)
     select n, 'us', n::text, 'USD', 'opaque' || n, $1 from generate_series(1, 3) as n`,
    [party],
  )
  const full = await readOverview(db, limits)
  assert.equal(full.wallets, 2)
  assert.deepEqual(full.assets, [
    { code: 'USD', circle: 'public' },
    { code: 'PTS', circle: 'cafe' },
  ])
})
