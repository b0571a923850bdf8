import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { setCardBlocked } from '../../../src/operations/gift-cards/block-card.ts'
import { cancelOrder } from '../../../src/operations/gift-cards/cancel-order.ts'
import { expireCards } from '../../../src/operations/gift-cards/expire-cards.ts'
import { fulfilOrder } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { noticeLowStock } from '../../../src/operations/gift-cards/low-stock.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { redeemCard } from '../../../src/operations/gift-cards/redeem-card.ts'
import { refundToCard } from '../../../src/operations/gift-cards/refund-to-card.ts'
import { findCardOfCode } from '../../../src/operations/gift-cards/use-card.ts'
import { openWallet } from '../../../src/operations/open-wallet.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import { findRedemption, type OwnCard } from '../../../src/storage/card-use.ts'
import { findCard } from '../../../src/storage/cards.ts'
import { findOrder } from '../../../src/storage/orders.ts'
import { findWalletById, type Wallet } from '../../../src/storage/wallets.ts'
import { createGiftWorld, type GiftWorld } from '../../support/gift-world.ts'
import { listen, type Told } from './world.ts'

describe('what is told of orders, cards and stock', { timeout: 60_000 }, () => {
  let world: GiftWorld
  let ear: ReturnType<typeof listen>
  let brand: Brand
  let shop: Wallet
  let hook: string
  let requests = 0
  before(async () => {
    world = await createGiftWorld({ float: '5000.00' })
    ear = listen(world.deps)
    brand = await world.brand({ slug: 'meubles', validityDays: 365, cancellable: true })
    const opened = await openWallet(world.deps, 'test', { id: 'desk:cards:EUR', partyId: world.party.id })
    shop = (await findWalletById(world.db, opened.id)) as Wallet
    hook = (await ear.endpoint(world.party.id, ['order.*', 'card.*', 'stock.low'])).id
  })
  after(() => world.assertClean().finally(world.stop))

  const ask = () => ({ actor: 'person:shop', key: `key-${requests++}` })
  const steps = (told: Told[], object: string) =>
    told.filter(({ data }) => data.object === object).map(({ type, data }) => [type, data.sequence])
  const place = (more: object = {}, of = brand) =>
    placeOrder(world.deps, world.wish(of, 5000n, `order-${requests++}`, more))

  test('a card that is sold, spent in part, refunded, blocked and let go is told step by step', async () => {
    const placed = await place()
    assert.ok('card' in placed && placed.card)
    const { code, pin } = placed.card.secrets
    const card = (await findCardOfCode(world.deps, code)) as OwnCard
    const spent = await redeemCard(world.deps, { ...ask(), card, wallet: shop, amount: 1250n })
    assert.ok(spent.accepted)
    const redemption = await findRedemption(world.db, spent.reference, world.party.id)
    assert.ok(redemption)
    await refundToCard(world.deps, { ...ask(), redemption, wallet: shop, amount: 250n } as Parameters<
      typeof refundToCard
    >[1])
    for (const to of ['blocked', 'active'] as const)
      await setCardBlocked(world.deps, 'test', { cardId: card.id, to, reason: null })
    const told = await ear.told(hook)
    assert.deepEqual(steps(told, `order:${placed.order.id}`), [['order.succeeded', 1]])
    assert.deepEqual(steps(told, `card:${card.id}`), [
      ['card.issued', 1],
      ['card.redeemed', 2],
      ['card.refunded', 3],
      ['card.blocked', 4],
      ['card.unblocked', 5],
    ])
    const redeemed = told.find(({ type }) => type === 'card.redeemed')?.data
    assert.deepEqual(
      [redeemed?.brand, redeemed?.value, redeemed?.amount, redeemed?.balance, redeemed?.currency, redeemed?.reference],
      ['meubles', '50.00', '12.50', '37.50', 'EUR', spent.reference],
    )
    const text = JSON.stringify(told)
    for (const secret of [code, pin as string])
      assert.ok(!text.includes(`"${secret}"`) && !text.includes(secret.slice(0, 8)))
  })

  test('an order that comes later, and one that is handed back', async () => {
    const placed = await place({ later: true })
    assert.ok('order' in placed)
    await fulfilOrder(world.deps, async () => ({ status: 'pending' }), placed.order.id)
    const order = await findOrder(world.db, placed.order.id)
    const card = await findCard(world.db, { orderId: placed.order.id })
    assert.ok(order && card)
    const cancelled = await cancelOrder(world.deps, {
      ...world.wish(brand, 5000n, `cancel-${requests++}`),
      order,
      card,
      brand: { ...brand, cancellable: true },
      how: 'cancelled',
    })
    assert.ok(!('refusal' in cancelled))
    const told = await ear.told(hook)
    assert.deepEqual(steps(told, `order:${order.id}`), [
      ['order.created', 1],
      ['order.succeeded', 2],
      ['order.cancelled', 3],
    ])
    assert.deepEqual(steps(told, `card:${card.id}`), [
      ['card.issued', 1],
      ['card.cancelled', 2],
    ])
  })

  test('an order that fails, a card that expires, and stock that runs low', async () => {
    const sold = await place()
    assert.ok('card' in sold && sold.card)
    const { id } = sold.card.row
    await world.db.query(`update card set expires_at = clock_timestamp() - interval '1 second' where id = $1`, [id])
    assert.equal(await expireCards(world.deps), 1)
    const shelf = await world.brand({ slug: 'codes', supply: 'stock', lowStock: 2 })
    await world.db.query('insert into stock_value (brand_id, face) values ($1, 5000)', [shelf.id])
    const empty = await place({ later: true }, shelf)
    assert.ok('order' in empty)
    await fulfilOrder(world.deps, async () => ({ status: 'pending' }), empty.order.id)
    const log = { warn: () => {} }
    await noticeLowStock({ ...world.deps, log }, {})
    await noticeLowStock({ ...world.deps, log }, {})
    const told = await ear.told(hook)
    assert.deepEqual(steps(told, `card:${id}`).at(-1), ['card.expired', 2])
    const failed = told.filter(({ data }) => data.object === `order:${empty.order.id}`)
    assert.deepEqual(
      failed.map(({ type, data }) => [type, data.error]),
      [
        ['order.created', null],
        ['order.failed', 'out-of-stock'],
      ],
    )
    const low = told.filter(({ type }) => type === 'stock.low')
    assert.deepEqual(
      low.map(({ data }) => [data.brand, data.value, data.remaining, data.low_stock, data.sequence]),
      [['codes', '50.00', 0, 2, 1]],
    )
  })

  test('of 32 requests under one id one order is told; a refused effect leaves neither row nor event', async () => {
    const before = (await ear.told(hook)).length
    const results = await Promise.all(
      Array.from({ length: 32 }, () => placeOrder(world.deps, world.wish(brand, 5000n, 'the-same'))),
    )
    assert.ok(results.every((result) => 'order' in result))
    const told = (await ear.told(hook)).slice(before)
    assert.deepEqual(told.map(({ type }) => type).sort(), ['card.issued', 'order.succeeded'])
    // The last effect of the command breaks its key: what came before it in the transaction is undone, and so is its event.
    const { cardEnded } = await import('../../../src/storage/cards.ts')
    const { eventTold, eventValues } = await import('../../../src/storage/events.ts')
    const ended = await world.db.query<{ card_id: string }>('select card_id from card_end limit 1')
    const object = `card:${ended[0]?.card_id}`
    const event = { type: 'card.expired', object, parties: [world.party.id], data: { card: 'x' } }
    const transaction = uuidV7(Date.now())
    const { outcome } = await world.deps.ledger.submit({
      principal: 'test',
      transaction,
      kind: 'test',
      legs: [],
      payload: '{}',
      effects: [
        { effect: eventTold, row: ({ at }) => eventValues(event, at) },
        {
          effect: cardEnded,
          row: ({ at }) => [ended[0]?.card_id ?? '', 'expired', '0', transaction, new Date(at).toISOString()],
        },
      ],
      answer: () => ({ status: 200, body: '' }),
    })
    assert.equal(outcome?.accepted, false)
    assert.equal((await ear.told(hook)).length, before + 2)
  })

  test('nothing is written for what nobody wants', async () => {
    const [counts] = await world.db.query<{ before: number }>('select count(*)::int as before from event_count')
    await world.db.query('update webhook_endpoint set disabled_at = now(), disabled_because = $1', ['asked'])
    await place()
    const [now] = await world.db.query<{ after: number }>('select count(*)::int as after from event_count')
    assert.equal(now?.after, counts?.before)
  })
})
