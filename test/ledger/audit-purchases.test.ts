import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { creditPurchase } from '../../src/operations/purchases/credit-purchase.ts'
import { createPurchaseWorld, type PurchaseWorld } from '../support/purchase-world.ts'

let world: PurchaseWorld
let ids: { whole: string; credited: string; held: string }
before(async () => {
  world = await createPurchaseWorld()
  const wallet = await world.wallet(100_000n)
  const whole = await world.accepted(9_000n, wallet, '3x-fee')
  const credited = await world.accepted(9_000n, wallet, '3x')
  const made = await creditPurchase(world.deps, {
    purchase: credited,
    merchant: world.merchant,
    amount: 7_000n,
    actor: 'test',
  })
  assert.ok(made.done)
  const held = await world.accepted(9_000n, wallet, '3x', await world.makeMerchant({ manualCapture: true }))
  ids = { whole: whole.id, credited: credited.id, held: held.id }
  // Whoever may change rows may drop what forbids it.
  const checks = await world.db.query<{ text: string }>(
    `select format('alter table purchase_part drop constraint %I', conname) as text
     from pg_constraint where contype = 'c' and conrelid = 'purchase_part'::regclass`,
  )
  for (const { text } of checks) await world.db.query(text)
})
after(() => world.assertClean().finally(world.stop))

/** What somebody changes in the database, and what the audit then says, if only of the checks of purchases. */
const cases: [what: string, change: string, says: RegExp][] = [
  [
    'a part that is smaller',
    `update purchase_part set amount = amount - 1 where number = 3 and purchase_id = '{whole}'`,
    /parts do not sum up.*what financing has lent for it is not what is open/,
  ],
  [
    'a part that was cancelled by nobody',
    `update purchase_part set reduced = amount, state = 'cancelled', next_attempt_at = null where number = 2 and purchase_id = '{whole}'`,
    /what credits have cancelled is not what they gave/,
  ],
  [
    'a part that nobody has paid',
    `update purchase_part set paid = amount, fee_paid = fee, state = 'paid', next_attempt_at = null,
       paid_by = (select decided_by from purchase where id = '{whole}') where number = 2 and purchase_id = '{whole}'`,
    /what financing has lent for it is not what is open; its fees are not.*the wallet has not paid/,
  ],
  [
    'a credit that is not in the books',
    `update purchase set credited = credited + 1 where id = '{credited}'`,
    /what was credited is not the sum.*the merchant has not got/,
  ],
  [
    'a credit that is gone',
    `delete from purchase_credit where purchase_id = '{credited}'`,
    /^(?=.*no purchase names it, a purchase-credit)(?=.*what was credited is not the sum)/,
  ],
  [
    'another wallet',
    `update purchase set wallet_id = wallet_id + 1000 where id = '{whole}'`,
    /the wallet has not paid what it says/,
  ],
  [
    'a purchase that is open again',
    `update purchase set state = 'created', decisions = 0, decided_by = null, decided_at = null, settlements = 0, settled_by = null,
       settled_at = null, captured = null, party_id = null, wallet_id = null, plan = null, kind = null, terms = null
     where id = '{whole}'`,
    /^it has parts, and was not paid out;.*is not as this purchase has left it/,
  ],
  [
    'a reference that may be used again',
    `delete from purchase_reference where purchase_id = '{whole}'`,
    /its reference and its state do not agree/,
  ],
  [
    'a part of no purchase',
    `update purchase_part set purchase_id = '00000000-0000-4000-8000-000000000000' where number = 3 and purchase_id = '{whole}'`,
    /its purchase does not exist/,
  ],
  [
    'a part that another transaction is said to have paid',
    `update purchase_part set paid_by = (select id from transaction where kind not like 'purchase%' limit 1)
     where number = 1 and purchase_id = '{whole}'`,
    /its transaction does not pay it/,
  ],
  [
    'a part of which nothing is open, in the wrong state',
    `update purchase_part set reduced = amount - paid where number = 2 and purchase_id = '{whole}'`,
    /nothing of it is open, and its state says otherwise/,
  ],
  [
    'that more went back to the wallet than it has paid',
    `update purchase_credit set to_wallet = 1000000, to_financing = 0, amount = 1000000 where purchase_id = '{credited}'`,
    /more went back to the wallet than it has paid/,
  ],
  [
    'a merchant that does not exist',
    `update purchase set merchant_id = '00000000-0000-4000-8000-000000000000' where id = '{whole}'`,
    /^its merchant does not exist/,
  ],
  [
    'another currency',
    `update purchase set asset_id = asset_id + 1000 where id = '{whole}'`,
    /^it is not in its merchant's currency/,
  ],
  [
    'a purchase that was released without its money',
    `update purchase set state = 'voided', settlements = 1, settled_by = decided_by, settled_at = decided_at where id = '{held}'`,
    /what is held for it does not agree with its state/,
  ],
]

for (const [what, change, says] of cases) {
  test(`the audit finds ${what}`, async () => {
    const text = change.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof ids) => ids[name])
    const tables = ['purchase', 'purchase_part', 'purchase_credit', 'purchase_reference']
    for (const table of tables) await world.db.query(`create table kept_${table} as table ${table}`)
    try {
      await world.db.query(text)
      const findings = (await world.findings()).filter(({ check }) => check === 'purchases')
      assert.match(findings.map(({ message }) => message).join('; '), says)
      for (const { table, row } of findings)
        assert.match(`${table} ${row}`, /^(purchase|purchase_part|transaction) id=[0-9a-f-]{36}$/)
    } finally {
      for (const table of tables) {
        await world.db.query(`delete from ${table}`)
        await world.db.query(`insert into ${table} select * from kept_${table}`)
        await world.db.query(`drop table kept_${table}`)
      }
    }
  })
}
