import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { formatAmount } from '../../../src/domain/money.ts'
import { capturePurchase } from '../../../src/operations/purchases/capture-purchase.ts'
import { creditPurchase } from '../../../src/operations/purchases/credit-purchase.ts'
import { cancelPurchase } from '../../../src/operations/purchases/end-purchase.ts'
import { payEarly } from '../../../src/operations/purchases/pay-early.ts'
import { releasePurchase } from '../../../src/operations/purchases/release-purchase.ts'
import type { Merchant } from '../../../src/storage/merchants.ts'
import { listParts, type Purchase } from '../../../src/storage/purchases.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { createPurchaseWorld, type PurchaseWorld } from '../../support/purchase-world.ts'

const document = readFileSync(new URL('../../../docs/pledg.md', import.meta.url), 'utf8')
const table = /<!-- entries -->\n([\s\S]+?)\n<!-- \/entries -->/.exec(document)?.[1] ?? ''

let world: PurchaseWorld
before(async () => {
  world = await createPurchaseWorld()
})
after(() => world.assertClean().finally(world.stop))

test('what stands in docs/pledg.md of who pays whom is what the ledger writes', async () => {
  const rows: string[] = []
  const euros = (amount: bigint) => formatAmount(amount, 2)
  const { deps, merchant } = world
  const capturing = await world.makeMerchant({ manualCapture: true })
  let keys = 0

  /** Does something, and writes down what moved; where nothing did, what the idle words say. */
  async function does<T>(what: string, work: () => Promise<T>, idle: () => Promise<string> = async () => '') {
    const [last] = await world.db.query<{ id: bigint }>('select coalesce(max(seq), 0) as id from journal')
    const result = await work()
    const moved = await world.db.query<{ source: bigint; target: bigint; amount: bigint }>(
      `select x.source, x.target, x.amount from transfer x join transaction t on t.id = x.transaction_id
       where t.seq > $1 order by t.seq, x.leg`,
      [last?.id],
    )
    const names = new Map([
      [world.shop.id, 'merchant'],
      [world.financing.id, 'financing'],
      [world.fees.id, 'fees'],
    ])
    const name = (id: bigint) => names.get(id) ?? 'wallet'
    const entries = moved.map(({ source, target, amount }) => `${name(source)} → ${name(target)} ${euros(amount)}`)
    rows.push(`| ${what} | ${entries.length > 0 ? entries.join(', ') : `nothing moves: ${await idle()}`} |`)
    return result
  }
  const bought = async (
    what: string | null,
    wallet: Wallet,
    plan: string,
    of: Merchant = merchant,
    idle?: () => Promise<string>,
  ) => {
    const work = () => world.accepted(10_000n, wallet, plan, of)
    return what === null ? work() : does(what, work, idle)
  }
  const credit = (what: string, purchase: Purchase, amount: bigint) =>
    does(what, async () => {
      assert.ok((await creditPurchase(deps, { purchase, merchant, amount, actor: 'test' })).done)
    })
  const due = async (what: string, days: number, idle?: () => Promise<string>) => {
    await world.advance(days)
    return does(what, () => world.collect(), idle)
  }
  const rich = () => world.wallet(100_000n)

  const now = await bought('paid now', await rich(), 'now')
  await credit('full credit of what was paid now', now, 10_000n)

  await bought('accepted, deferred by 30 days', await rich(), 'deferred')
  await due('its day has come', 30)
  const deferred = await bought(null, await rich(), 'deferred')
  await credit('credit of 40.00 before anything was paid', deferred, 4_000n)
  await due('the day of the rest has come', 30)

  await bought('accepted in three instalments', await rich(), '3x')
  await due('the second one, a month later', 31)
  await due('the third one', 31)

  const poor = await world.wallet(3_334n)
  const late = await bought(null, poor, '3x')
  await due('an instalment is due and the wallet is empty', 31, async () => {
    const [, part] = await listParts(world.db, late.id)
    return `it is ${part?.state}, and tried again the next day`
  })
  await world.fund(poor, 10_000n)
  await due('the next day, with money in the wallet', 1)
  await due('', 31)
  rows.pop()

  const early = await bought(null, await rich(), '3x')
  await does('the second and third of three, paid early', async () => {
    const parts = (await listParts(world.db, early.id)).slice(1).map(({ id }) => id)
    const { partyId } = early
    const paid = await payEarly(deps, {
      purchase: early,
      merchant,
      partyId: partyId as string,
      parts,
      key: `k${keys++}`,
    })
    assert.ok(paid.done)
  })

  const half = await bought(null, await rich(), '3x')
  await credit('credit of 50.00 after the first of three', half, 5_000n)
  await due('the second one then', 31)
  const whole = await bought(null, await rich(), '3x')
  await credit('full credit after the first of three', whole, 10_000n)
  const both = await bought(null, await rich(), '3x')
  await due('', 31)
  rows.pop()
  await credit('credit of 50.00 after the second of three', both, 5_000n)

  await bought('accepted in three instalments with a fee of 1 %', await rich(), '3x-fee')
  await due('the second one with its fee', 31)

  const wallet = await rich()
  const held = async () =>
    `${euros(await world.held(world.financing))} of financing and ${euros(await world.held(wallet))} of the wallet are held`
  const authorized = await bought('accepted in three instalments, the merchant captures', wallet, '3x', capturing, held)
  const input = { merchant: capturing, actor: 'test' }
  await does('captured', () => capturePurchase(deps, { ...input, purchase: authorized }))
  const part = await bought(null, wallet, '3x', capturing)
  await does('captured 60.00 of it', () => capturePurchase(deps, { ...input, purchase: part, amount: 6_000n }))
  const released = await bought(null, wallet, '3x', capturing)
  await does('released', () => releasePurchase(deps, { ...input, purchase: released }), held)

  const declined = await world.purchase(10_000n)
  await does(
    'declined, or not accepted in time',
    () => cancelPurchase(deps, { purchase: declined, merchant, by: 'person', actor: 'test' }),
    async () => 'the merchant is told',
  )
  assert.deepEqual(rows, table.split('\n').slice(2))
})
