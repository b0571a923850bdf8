import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sweepSessions } from '../../src/operations/jackpot/expire-reservations.ts'
import type { Database } from '../../src/storage/database.ts'
import { deliveryJobs } from '../../src/worker/delivery-jobs.ts'
import { createTestDatabase } from '../support/database.ts'

let db: Database
let drop: () => Promise<void>
before(async () => {
  ;({ db, drop } = await createTestDatabase())
})
after(() => drop())

const count = async (table: string) =>
  Number((await db.query<{ count: bigint }>(`select count(*) from ${table}`))[0]?.count)

// What one statement a run deletes is soon less than a busy server makes between two runs.

test('one run forgets all notifications that are old enough, however many there are, with their attempts', async () => {
  await db.query(
    `insert into delivery (id, form, receiver, object, topic, body, created_at, next_attempt_at, status, ended_at)
     select gen_random_uuid(), 'webhook', gen_random_uuid(), 'order:1', 'order.created', '{}', at, at, 'delivered', at
     from generate_series(1, 12000) as n, lateral (select clock_timestamp() - interval '91 days' as at) as t`,
  )
  await db.query(
    `insert into delivery_attempt (delivery_id, number, at, ms, status) select id, 1, created_at, 1, 204 from delivery`,
  )
  await db.query(
    `update delivery set ended_at = clock_timestamp() where id in (select id from delivery order by sequence desc limit 10)`,
  )
  const jobs = deliveryJobs({
    db,
    clock: Date.now,
    wall: Date.now,
    forms: [],
    log: { error: () => {} },
    rules: { allowsInside: false, isAllowed: () => false, isPublic: () => false },
    quoteInside: false,
  })
  await jobs.find(({ name }) => name === 'sweep-deliveries')?.run(new AbortController().signal)
  assert.equal(await count('delivery'), 10)
  assert.equal(await count('delivery_attempt'), 10)
})

test('one run forgets all sessions that are over, and none whose voucher may still be looked at', async () => {
  await db.query(
    `insert into jackpot_session (id, token_hash, partner_id, credential_id, asset_id, manual, created_at, expires_at)
     select gen_random_uuid(), sha256(n::text::bytea), gen_random_uuid(), gen_random_uuid(), 1, false, at, at
     from generate_series(1, 12000) as n,
       lateral (select clock_timestamp() - case when n > 11990 then interval '59 minutes' else interval '2 hours' end as at) as t`,
  )
  assert.equal(await sweepSessions({ db, clock: Date.now }), 11_990)
  assert.equal(await count('jackpot_session'), 10)
})
