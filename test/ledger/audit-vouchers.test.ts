import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { audit } from '../../src/ledger/audit.ts'
import { cancelVoucher } from '../../src/operations/jackpot/cancel-voucher.ts'
import { confirmVoucher } from '../../src/operations/jackpot/confirm-voucher.ts'
import { refundVoucher } from '../../src/operations/jackpot/refund-voucher.ts'
import { createJackpotWorld, type JackpotWorld } from '../operations/jackpot/world.ts'

const OTHER = '00000000-0000-4000-8000-000000000000'
let world: JackpotWorld
let vouchers: string[]

before(async () => {
  world = await createJackpotWorld()
  const store = await world.store('audited', { funder: 'operator' })
  await world.fund(store.brand.revenue, 10_000n)
  vouchers = []
  const ask = (voucherId: string) => ({ voucherId, partner: world.partner })
  for (const steps of [[], [cancelVoucher], [confirmVoucher], [confirmVoucher, refundVoucher]]) {
    const { id } = await world.reserve(store, 5_000n)
    for (const step of steps) await step(world.deps, ask(id))
    vouchers.push(id)
  }
})
after(() => world.stop())

const findings = async () =>
  (await audit(world.db, { journalKey: Buffer.alloc(32, 3) })).findings.filter(({ check }) => check === 'vouchers')

/** Changes something, looks what the audit finds, and puts it back. */
async function tampered(table: string, key: string, id: string, set: string): Promise<string[]> {
  const [row] = await world.db.query<{ row: object }>(`select to_jsonb(x) as row from ${table} x where ${key} = $1`, [
    id,
  ])
  assert.ok(row, `${table} ${id}`)
  await world.db.query(`update ${table} set ${set} where ${key} = $1`, [id])
  const found = await findings()
  const columns = set.split(',').map((part) => (part.split('=')[0] as string).trim())
  const back = columns.map((column) => `${column} = r.${column}`).join(', ')
  await world.db.query(
    `update ${table} x set ${back} from jsonb_populate_record(null::${table}, $2::jsonb) r where x.${key} = $1`,
    [id, JSON.stringify(row.row)],
  )
  return found.map(({ message }) => message)
}

test('vouchers in every state are clean', async () => {
  await world.assertClean()
})

const STATE = 'its state is not what its steps lead to'
const ORDER = 'its state and its order’s do not agree'
const FLOAT = 'the ledger holds or took something else of the float'
const ADDED = 'the ledger holds or took something else of what the operator adds'
const MOMENTS = 'its moments are not those of its steps'

test('an audit finds every voucher whose state, holds, steps or order say something else', async () => {
  const [reserved, canceled, ready, refunded] = vouchers as [string, string, string, string]
  const changes: [table: string, key: string, id: string, set: string, ...says: string[]][] = [
    ['voucher', 'id', reserved, `state = 'canceled'`, STATE, ORDER, FLOAT, ADDED],
    ['voucher', 'id', ready, `state = 'refunding'`, STATE],
    ['voucher', 'id', refunded, `state = 'refund_rejected'`, STATE, ORDER],
    ['voucher', 'id', canceled, `state = 'reserved'`, STATE, ORDER, FLOAT, ADDED],
    ['voucher', 'id', ready, `partner_id = '${OTHER}'`, 'its order is of another partner or session'],
    ['voucher', 'id', ready, `session_id = '${OTHER}'`, 'its order is of another partner or session'],
    ['voucher', 'id', ready, `hold_id = '${OTHER}'`, FLOAT],
    ['voucher', 'id', ready, `operator_hold_id = null`, ADDED],
    ['voucher', 'id', ready, `operator_hold_id = hold_id`, ADDED],
    ['voucher', 'id', ready, `confirmed_at = confirmed_at + interval '1 second'`, MOMENTS],
    ['voucher', 'id', ready, `ready_at = null`, MOMENTS],
    ['voucher', 'id', reserved, `reserved_at = reserved_at - interval '1 second'`, MOMENTS],
    ['gift_order', 'id', ready, 'cost = cost - 1', FLOAT],
    ['gift_order', 'id', ready, 'revenue = revenue - 1', ADDED],
    ['gift_order', 'id', ready, 'revenue = null', ADDED],
    ['gift_order', 'id', ready, `status = 'cancelled'`, ORDER],
    ['gift_order', 'id', ready, `kind = 'card'`, 'its order does not exist', FLOAT, ADDED, MOMENTS],
    ['gift_order', 'id', reserved, 'cost = face + 1', FLOAT, 'it cost more than it is worth'],
  ]
  for (const [table, key, id, set, ...says] of changes) {
    assert.deepEqual(await tampered(table, key, id, set), [says.join('; ')], `${table} ${set}`)
    assert.deepEqual(await findings(), [], `${set} is undone`)
  }
  await world.db.query(`update voucher_step set at = at + interval '1 second' where voucher_id = $1`, [ready])
  assert.match(
    (await findings())[0]?.message ?? '',
    /the transaction of a step does not exist, or was at another moment/,
  )
  await world.db.query(`update voucher_step set at = at - interval '1 second' where voucher_id = $1`, [ready])
  await world.db.query(`delete from voucher_step where voucher_id = $1 and step = 'outcome'`, [refunded])
  assert.match((await findings())[0]?.message ?? '', /its steps lead to/)
})
