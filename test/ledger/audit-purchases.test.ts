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
    /no purchase names it, a purchase-credit|what was credited is not the sum/,
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
    /no purchase names it, a purchase|it has parts, and was not paid out/,
  ],
  [
    'a reference that may be used again',
    `delete from purchase_reference where purchase_id = '{whole}'`,
    /its reference and its state do not agree/,
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
    } finally {
      for (const table of tables) {
        await world.db.query(`delete from ${table}`)
        await world.db.query(`insert into ${table} select * from kept_${table}`)
        await world.db.query(`drop table kept_${table}`)
      }
    }
  })
}
