import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { formatAmount } from '../../../src/domain/money.ts'
import { cancelOrder } from '../../../src/operations/gift-cards/cancel-order.ts'
import { expireCards } from '../../../src/operations/gift-cards/expire-cards.ts'
import { fulfilOpenOrders } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { captureCardHold, holdOnCard } from '../../../src/operations/gift-cards/hold-on-card.ts'
import { type PlacedOrder, placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { redeemCard } from '../../../src/operations/gift-cards/redeem-card.ts'
import { refundToCard } from '../../../src/operations/gift-cards/refund-to-card.ts'
import { topUpCard } from '../../../src/operations/gift-cards/top-up-card.ts'
import { openWallet } from '../../../src/operations/open-wallet.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import {
  type CardHold,
  findCardHold,
  findOwnCard,
  findRedemption,
  type Redemption,
} from '../../../src/storage/card-use.ts'
import { findWalletById, type Wallet } from '../../../src/storage/wallets.ts'
import { createGiftWorld, type GiftWorld } from '../../support/gift-world.ts'

const document = readFileSync(new URL('../../../docs/gift-cards.md', import.meta.url), 'utf8')
const table = /<!-- entries -->\n([\s\S]+?)\n<!-- \/entries -->/.exec(document)?.[1] ?? ''

let world: GiftWorld
let shop: Wallet
before(async () => {
  world = await createGiftWorld()
  const opened = await openWallet(world.deps, 'test', { id: 'shop:till:EUR', partyId: world.party.id })
  shop = (await findWalletById(world.db, opened.id)) as Wallet
})
after(() => world.assertClean().finally(world.stop))

test('what stands in docs/gift-cards.md of who pays whom is what the ledger writes', async () => {
  const rows: string[] = []
  let keys = 0
  const ask = () => ({ actor: 'person:shop', key: `key-${keys++}` })
  const { deps } = world

  /** Does something, and writes down what moved; where nothing did, what is held of the account `of`. */
  async function does<T>(
    what: string,
    brand: Brand,
    work: () => Promise<T>,
    idle?: (held: bigint) => string,
    of?: bigint,
  ) {
    const [last] = await world.db.query<{ id: bigint }>('select coalesce(max(seq), 0) as id from journal')
    const result = await work()
    const moved = await world.db.query<{ source: bigint; target: bigint; amount: bigint }>(
      `select x.source, x.target, x.amount from transfer x join transaction t on t.id = x.transaction_id
       where t.seq > $1 order by t.seq, x.leg`,
      [last?.id],
    )
    const name = (id: bigint) => {
      const known = new Map([
        [world.float.id, 'float'],
        [brand.settlement, 'settlement'],
        [brand.revenue, 'revenue'],
        [brand.breakage, 'breakage'],
        [shop.id, 'shop'],
      ])
      return known.get(id) ?? 'card'
    }
    const entries = moved.map(
      ({ source, target, amount }) => `${name(source)} → ${name(target)} ${formatAmount(amount, 2)}`,
    )
    const held = of === undefined ? 0n : (await world.balance(of)).held
    rows.push(`| ${what} | ${entries.length > 0 ? entries.join(', ') : `nothing moves: ${idle?.(held)}`} |`)
    return result
  }

  const terms = { discountBp: 500, cancellable: true, validityDays: 30 }
  const own = await world.brand({ ...terms, slug: 'own' })
  const ownKept = await world.brand({ ...terms, slug: 'own-kept', discountKeeper: 'operator' })
  const stock = await world.brand({ ...terms, slug: 'stock', supply: 'stock' })
  const stockKept = await world.brand({ ...terms, slug: 'stock-kept', supply: 'stock', discountKeeper: 'operator' })
  await world.stock(stock, 2000n, ['STOCK-0001'])
  await world.stock(stockKept, 2000n, ['STOCK-0002'])
  const upstream = await world.brand({ ...terms, slug: 'upstream', supply: 'upstream', upstream: {} })

  const order = async (brand: Brand): Promise<PlacedOrder> => {
    const placed = await placeOrder(deps, world.wish(brand, 2000n, `order-${keys++}`))
    assert.ok(!('refusal' in placed), 'refusal' in placed ? placed.refusal : '')
    return placed
  }
  const sold = {
    own: await does('own card sold, the partner keeps the discount', own, () => order(own)),
    ownKept: await does('own card sold, the operator keeps the discount', ownKept, () => order(ownKept)),
    stock: await does('stock card sold, the partner keeps the discount', stock, () => order(stock)),
    stockKept: await does('stock card sold, the operator keeps the discount', stockKept, () => order(stockKept)),
  }
  const ofFloat = (held: bigint) =>
    held > 0n ? `${formatAmount(held, 2)} of the float is held` : 'the float is free again'
  const ofCard = (held: bigint) => `${formatAmount(held, 2)} of the card is held`
  await does('card ordered from upstream', upstream, () => order(upstream), ofFloat, world.float.id)
  await does('card delivered by upstream', upstream, () =>
    fulfilOpenOrders(deps, async () => ({ status: 'card', secrets: { code: 'THEIRS-1', pin: null } })),
  )
  await order(upstream)
  const none = async () => ({ status: 'failed' as const, error: 'out-of-stock' })
  await does('upstream has no card', upstream, () => fulfilOpenOrders(deps, none), ofFloat, world.float.id)

  const used = (await order(own)).card?.row.id as string
  const card = async () => {
    const found = await findOwnCard(world.db, { id: used })
    assert.ok(found)
    return found
  }
  const redemption = async (id: string) => (await findRedemption(world.db, id, shop.partyId)) as Redemption
  const spent = await does('12.50 redeemed', own, async () =>
    redeemCard(deps, { ...ask(), card: await card(), wallet: shop, amount: 1250n }),
  )
  assert.ok(spent.accepted)
  await does('5.00 of it refunded', own, async () =>
    refundToCard(deps, { ...ask(), redemption: await redemption(spent.reference), amount: 500n }),
  )
  await does('rest of the redemption cancelled', own, async () =>
    refundToCard(deps, { ...ask(), redemption: await redemption(spent.reference), amount: null }),
  )
  const held = await does(
    '10.00 held',
    own,
    async () => holdOnCard(deps, { ...ask(), card: await card(), wallet: shop, amount: 1000n, seconds: 60 }),
    ofCard,
    (await card()).account_id,
  )
  const hold = (await findCardHold(world.db, held.hold, shop.partyId)) as CardHold
  await does('8.00 of the hold captured', own, () => captureCardHold(deps, { ...ask(), hold, amount: 800n }))
  await does('3.00 topped up', own, async () =>
    topUpCard(deps, { ...ask(), card: await card(), wallet: shop, amount: 300n }),
  )
  await world.db.query("update card set expires_at = clock_timestamp() - interval '1 second' where id = $1", [used])
  await does('15.00 expired', own, () => expireCards(deps))

  const cancel = (placed: PlacedOrder, brand: Brand) => async () => {
    const result = await cancelOrder(deps, {
      partner: world.partner,
      scope: 'tillo',
      requestId: `cancel-${keys++}`,
      operation: 'cancel',
      content: 'cancel',
      order: placed.order,
      card: placed.card?.row as NonNullable<PlacedOrder['card']>['row'],
      brand,
      how: 'cancelled',
    })
    assert.ok(!('refusal' in result))
  }
  await does('own card cancelled, the partner kept the discount', own, cancel(sold.own, own))
  await does('own card cancelled, the operator kept the discount', ownKept, cancel(sold.ownKept, ownKept))
  await does('stock card cancelled, the partner kept the discount', stock, cancel(sold.stock, stock))
  assert.deepEqual(rows, table.split('\n').slice(2))
})
