import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { openDetails } from '../../src/operations/purchases/purchase-details.ts'
import { retentionJobs } from '../../src/worker/retention-jobs.ts'
import { createPledgWorld } from '../support/pledg-world.ts'

const DAY = 86_400_000

describe('what is kept for a time', { timeout: 120_000 }, () => {
  let world: Awaited<ReturnType<typeof createPledgWorld>>
  before(async () => {
    world = await createPledgWorld()
  })
  after(async () => {
    await world.server.assertClean()
    await world.server.stop()
  })

  const run = async (name: string, clock: () => number, retention = {}) => {
    const { db, keyring } = world.server.assembly
    const job = retentionJobs({ db, clock, keyring, retention }).find((one) => one.name === name)
    assert.ok(job, name)
    await job.run(new AbortController().signal)
  }
  const count = async (table: string) =>
    Number((await world.db.query<{ n: bigint }>(`select count(*) as n from ${table}`))[0]?.n)

  test('acts go when they are older than the setting, and not before', async () => {
    for (const days of [0, 5, 20])
      await world.db.query(
        `insert into console_act (id, at, email, party_id, role, address, act, object)
         values ($1, $2, 'a@b.example', gen_random_uuid(), 'owner', '', 'x.y', '')`,
        [uuidV7(Date.now()), new Date(Date.now() - days * DAY)],
      )
    const before = await count('console_act')
    await run('sweep-acts', Date.now)
    assert.equal(await count('console_act'), before)
    await run('sweep-acts', Date.now, { acts: 10 })
    assert.equal(await count('console_act'), before - 1)
    await run('sweep-acts', () => Date.now() + 731 * DAY)
    assert.equal(await count('console_act'), 0)
  })

  test('sessions, cleared alerts and uses of limits go by age; what is open stays', async () => {
    await world.db.query(
      `insert into web_session (id, token_hash, email, device, address, created_at, expires_at)
       select gen_random_uuid(), sha256('x'), email, '', '', now() - interval '3 days', now() + interval '9 days' from sign_in limit 1`,
    )
    await world.db.query(
      `insert into alert (id, kind, object, raised_at, cleared_at) values
       (gen_random_uuid(), 'mail-failing', 'a', now() - interval '9 days', now() - interval '8 days'),
       (gen_random_uuid(), 'mail-failing', 'b', now() - interval '9 days', null)`,
    )
    await world.db.query(
      `with r as (insert into velocity_rule (id, subject, period_seconds, max_count)
         values (gen_random_uuid(), 'recipient', 86400, 9) returning id)
       insert into velocity_use (rule_id, subject, period, count, amount, max_count, kind)
       select id, 'x@y.example', floor(extract(epoch from now()) / 86400) - p, 1, 0, 9, 'recipient' from r, unnest(array[0, 1, 40]) as p`,
    )
    const uses = await count('velocity_use')
    await run('sweep-sessions', Date.now)
    await run('sweep-alerts', Date.now)
    await run('sweep-limits', Date.now)
    assert.deepEqual([await count('web_session'), await count('alert'), await count('velocity_use')], [1, 2, uses - 1])
    await run('sweep-sessions', Date.now, { sessions: 2 })
    await run('sweep-alerts', Date.now, { alerts: 7 })
    assert.deepEqual([await count('web_session'), await count('alert')], [0, 1])
  })

  test('recipients of orders are destroyed once the order is over, and each order is looked at once', async () => {
    const orders = ['succeeded', 'requested', 'succeeded'].map((status, i) => ({
      id: uuidV7(Date.now() - (i === 2 ? 1 : 800) * DAY),
      status,
    }))
    for (const { id, status } of orders)
      await world.db.query(
        `insert into gift_order (id, protocol, request_id, brand_id, asset_id, face, cost, discount_bp, delivery, details, status,
           transaction_id, created_at, ended_at, mailed, float_after)
         values ($1, 'tillo', $3, gen_random_uuid(), 1, 1, 1, 0, 'code', '\\x01', $2, gen_random_uuid(), now(),
           case when $2 = 'succeeded' then now() end, true, 0)`,
        [id, status, id],
      )
    await run('sweep-recipients', Date.now)
    const kept = async () =>
      (
        await world.db.query<{ id: string }>('select id from gift_order where details is not null and id = any($1)', [
          orders.map(({ id }) => id),
        ])
      ).map(({ id }) => id)
    assert.deepEqual((await kept()).sort(), [orders[1]?.id, orders[2]?.id].sort())
    await run('sweep-recipients', Date.now)
    await run('sweep-recipients', () => Date.now() + 800 * DAY)
    assert.deepEqual(await kept(), [orders[1]?.id])
    const late = orders[1]?.id
    const ended = new Date(Date.now() + 801 * DAY)
    await world.db.query(`update gift_order set status = 'succeeded', ended_at = $2 where id = $1`, [late, ended])
    await run('sweep-recipients', () => Date.now() + 802 * DAY)
    assert.deepEqual(await kept(), [], 'one that was open when its time was over, and has ended since')
    await world.db.query('delete from gift_order where id = any($1)', [orders.map(({ id }) => id)])
  })

  test('who was asked to pay is forgotten once the purchase is over, and not while it is open', async () => {
    const merchant = await world.merchant()
    const [open, over] = [await world.link(merchant, { birthDate: '1990-02-03' }), await world.link(merchant)]
    await world.db.query(
      `update purchase set state = 'expired', decisions = 1, decided_by = gen_random_uuid(), decided_at = now() where uid = $1`,
      [over.uid],
    )
    await run('sweep-recipients', () => Date.now() + 731 * DAY)
    const details = async (uid: string) => openDetails(world.server.assembly.keyring, await world.purchase(uid))
    assert.equal((await details(open.uid)).firstName, 'Ada')
    assert.deepEqual(Object.keys(await details(over.uid)).sort(), ['cancelUrl', 'redirectUrl'])
    await world.db.query('delete from purchase where uid = $1', [over.uid])
  })
})
