import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createParty } from '../../../src/operations/create-party.ts'
import { setCardBlocked } from '../../../src/operations/gift-cards/block-card.ts'
import { expireCards } from '../../../src/operations/gift-cards/expire-cards.ts'
import { captureCardHold, holdOnCard, releaseCardHold } from '../../../src/operations/gift-cards/hold-on-card.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { redeemCard } from '../../../src/operations/gift-cards/redeem-card.ts'
import { refundToCard } from '../../../src/operations/gift-cards/refund-to-card.ts'
import { topUpCard } from '../../../src/operations/gift-cards/top-up-card.ts'
import { type CardUseResult, findCardOfCode } from '../../../src/operations/gift-cards/use-card.ts'
import { openWallet } from '../../../src/operations/open-wallet.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import {
  type CardHold,
  findCardHold,
  findRedemption,
  type OwnCard,
  type Redemption,
} from '../../../src/storage/card-use.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { findWalletById } from '../../../src/storage/wallets.ts'
import { createGiftWorld, type GiftWorld } from '../../support/gift-world.ts'

const many = <T>(count: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)))
const codeOf = (result: CardUseResult) => (result.accepted ? 'done' : result.code)

describe('a card of ours', () => {
  let world: GiftWorld
  let brand: Brand
  let shop: Wallet
  let keys = 0
  const ask = () => ({ actor: 'person:shop', key: `key-${keys++}` })

  async function sell(face = 5000n, of = brand): Promise<{ card: OwnCard; code: string }> {
    const placed = await placeOrder(world.deps, world.wish(of, face, `sale-${keys++}`))
    assert.ok('card' in placed && placed.card, 'the card is sold')
    const { code } = placed.card.secrets
    return { card: await find(code), code }
  }
  async function find(code: string): Promise<OwnCard> {
    const card = await findCardOfCode(world.deps, code)
    assert.ok(card)
    return card
  }
  const walletOf = async (party: string, id: string): Promise<Wallet> => {
    const opened = await openWallet(world.deps, 'test', { id, partyId: party })
    return (await findWalletById(world.db, opened.id)) as Wallet
  }
  async function redemption(result: CardUseResult): Promise<Redemption> {
    assert.ok(result.accepted, codeOf(result))
    return (await findRedemption(world.db, result.reference, shop.partyId)) as Redemption
  }
  const hold = async (id: string) => (await findCardHold(world.db, id, shop.partyId)) as CardHold
  const balance = async (account: bigint) => (await world.balance(account)).balance

  before(async () => {
    world = await createGiftWorld({ float: '100000.00' })
    brand = await world.brand({ slug: 'meubles', validityDays: 365 })
    shop = await walletOf(world.party.id, 'shop:till:EUR')
    await world.fund(shop.id, 10_000n)
  })
  after(() => world.assertClean().finally(world.stop))

  test('is found however its code is typed, and spent in parts until nothing is left', async () => {
    const { card, code } = await sell()
    const typed = code
      .toLowerCase()
      .replace(/(.{4})/g, '$1 - ')
      .replaceAll('0', 'o')
    assert.equal((await find(typed)).id, card.id)
    const had = await balance(shop.id)
    const first = await redeemCard(world.deps, { ...ask(), card, wallet: shop, amount: 1999n })
    assert.deepEqual([first.accepted && first.balance, first.replayed], [3001n, false])
    const beyond = await redeemCard(world.deps, { ...ask(), card: await find(code), wallet: shop, amount: 3002n })
    assert.equal(codeOf(beyond), 'insufficient-balance')
    const rest = await redeemCard(world.deps, { ...ask(), card: await find(code), wallet: shop, amount: 3001n })
    assert.equal(rest.accepted && rest.balance, 0n)
    assert.equal(await balance(shop.id), had + 5000n)
    assert.equal((await find(code)).status, 'active')
  })

  test('by one key is redeemed once, and the key gets its first answer even after the card has ended', async () => {
    const { card, code } = await sell()
    const wish = { ...ask(), card, wallet: shop, amount: 1000n }
    const other = await world.openDeps()
    const results = await many(32, (i) => redeemCard(i % 2 ? world.deps : other, wish))
    assert.deepEqual([...new Set(results.map((it) => it.accepted && it.reference))].length, 1)
    assert.equal(results.filter((it) => !it.replayed).length, 1)
    assert.equal((await find(code)).balance, 4000n)
    await world.db.query(`update card set expires_at = clock_timestamp() - interval '1 day' where id = $1`, [card.id])
    assert.equal(await expireCards(world.deps), 1)
    const again = await redeemCard(world.deps, { ...wish, card: await find(code) })
    assert.deepEqual(again, { ...(results[0] as CardUseResult), replayed: true })
    const changed = await redeemCard(world.deps, { ...wish, card: await find(code), amount: 2000n })
    assert.equal(codeOf(changed), 'idempotency-conflict')
  })

  test('from 64 tills at once, in two processes, never pays more than it holds', async () => {
    const { card } = await sell(1000n)
    const other = await world.openDeps()
    const had = await balance(shop.id)
    const results = await many(64, (i) =>
      redeemCard(i % 2 ? world.deps : other, { ...ask(), card, wallet: shop, amount: 100n }),
    )
    const outcomes = results.map(codeOf)
    assert.equal(outcomes.filter((it) => it === 'done').length, 10)
    assert.equal(outcomes.filter((it) => it === 'insufficient-balance').length, 54)
    assert.deepEqual([await balance(card.account_id), await balance(shop.id)], [0n, had + 1000n])
  })

  test('gets back what was spent, by 32 refunds at once never more than that', async () => {
    const { card, code } = await sell(1000n)
    const spent = await redemption(await redeemCard(world.deps, { ...ask(), card, wallet: shop, amount: 800n }))
    const other = await world.openDeps()
    const results = await many(32, (i) =>
      refundToCard(i % 2 ? world.deps : other, { ...ask(), redemption: spent, amount: 100n }),
    )
    const outcomes = results.map(codeOf)
    assert.equal(outcomes.filter((it) => it === 'done').length, 8)
    assert.equal(outcomes.filter((it) => it === 'refund-exceeds-redemption').length, 24)
    assert.equal((await find(code)).balance, 1000n)
  })

  test('gets all that is left of a redemption back, and the key its first answer', async () => {
    const { card, code } = await sell(1000n)
    const spent = await redemption(await redeemCard(world.deps, { ...ask(), card, wallet: shop, amount: 700n }))
    await refundToCard(world.deps, { ...ask(), redemption: spent, amount: 200n })
    const again = async () => (await findRedemption(world.db, spent.id, shop.partyId)) as Redemption
    const wish = { ...ask(), amount: null }
    const all = await refundToCard(world.deps, { ...wish, redemption: await again() })
    assert.equal(all.accepted && all.balance, 1000n)
    assert.deepEqual(await refundToCard(world.deps, { ...wish, redemption: await again() }), { ...all, replayed: true })
    const more = await refundToCard(world.deps, { ...ask(), redemption: await again(), amount: null })
    assert.equal(codeOf(more), 'refund-exceeds-redemption')
    assert.deepEqual([(await again()).refunded, (await find(code)).balance], [700n, 1000n])
  })

  test('is held, captured in part by one of 16, and the rest is free again', async () => {
    const { card, code } = await sell(1000n)
    const held = await holdOnCard(world.deps, { ...ask(), card, wallet: shop, amount: 900n, seconds: 600 })
    assert.ok(held.accepted)
    assert.equal((await find(code)).held, 900n)
    const beside = await redeemCard(world.deps, { ...ask(), card: await find(code), wallet: shop, amount: 101n })
    assert.equal(codeOf(beside), 'insufficient-balance')
    const open = await hold(held.hold)
    const results = await many(16, () => captureCardHold(world.deps, { ...ask(), hold: open, amount: 600n }))
    assert.deepEqual(results.map(codeOf).sort(), ['done', ...Array(15).fill('hold-ended')])
    const after = await find(code)
    assert.deepEqual([after.balance, after.held], [400n, 0n])
    assert.equal(codeOf(await releaseCardHold(world.deps, { ...ask(), hold: await hold(held.hold) })), 'hold-ended')
  })

  test('is held and let go', async () => {
    const { card, code } = await sell(1000n)
    const wish = { ...ask(), card, wallet: shop, amount: 900n, seconds: 600 }
    const held = await holdOnCard(world.deps, wish)
    const release = { ...ask(), hold: await hold(held.hold) }
    assert.equal(codeOf(await releaseCardHold(world.deps, release)), 'done')
    assert.equal(codeOf(await releaseCardHold(world.deps, { ...release, hold: await hold(held.hold) })), 'done')
    assert.equal((await find(code)).held, 0n)
    const again = await holdOnCard(world.deps, { ...wish, card: await find(code) })
    assert.deepEqual([again.hold, again.replayed], [held.hold, true])
  })

  test('is topped up from 32 tills at once to the brand’s greatest value and no further', async () => {
    const small = await world.brand({ slug: 'small', values: { type: 'range', min: 500n, max: 2000n, step: 500n } })
    const { card, code } = await sell(1000n, small)
    const other = await world.openDeps()
    const results = await many(32, (i) =>
      topUpCard(i % 2 ? world.deps : other, { ...ask(), card, wallet: shop, amount: 100n }),
    )
    assert.equal(results.map(codeOf).filter((it) => it === 'done').length, 10)
    assert.equal(results.map(codeOf).filter((it) => it === 'card-full').length, 22)
    assert.equal((await find(code)).balance, 2000n)
    const poor = await walletOf(world.party.id, 'shop:poor:EUR')
    const { card: next } = await sell(1000n, small)
    const broke = await topUpCard(world.deps, { ...ask(), card: next, wallet: poor, amount: 100n })
    assert.equal(codeOf(broke), 'insufficient-funds')
  })

  test('that is blocked, over or somebody else’s is refused with the reason', async () => {
    const use = async (code: string, wallet = shop) =>
      codeOf(await redeemCard(world.deps, { ...ask(), card: await find(code), wallet, amount: 100n }))
    const { card, code } = await sell(1000n)
    await setCardBlocked(world.deps, 'test', { cardId: card.id, to: 'blocked', reason: null })
    assert.equal(await use(code), 'card-blocked')
    // Blocked since it was looked at: the ledger knows.
    assert.equal(codeOf(await redeemCard(world.deps, { ...ask(), card, wallet: shop, amount: 100n })), 'card-blocked')
    await setCardBlocked(world.deps, 'test', { cardId: card.id, to: 'active', reason: null })
    assert.equal(await use(code), 'done')

    const other = await createParty(world.deps, { kind: 'business', name: 'Another shop' })
    const elsewhere = await walletOf(other.id, 'else:till:EUR')
    assert.equal(await use(code, elsewhere), 'brand-not-accepted')
    await world.db.query('insert into brand_merchant (brand_id, party_id) values ($1, $2)', [brand.id, other.id])
    assert.equal(await use(code, elsewhere), 'done')
    assert.equal(await use(code, await walletOf(world.party.id, 'shop:till:USD')), 'currency-differs')
    const books = (await findWalletById(world.db, brand.breakage)) as Wallet
    assert.equal(await use(code, books), 'wallet-not-usable')

    // Its last moment passes after it was looked at: the row's own check knows.
    const late = await find(code)
    const past = { ...late, expires_at: new Date(Date.now() + 1) }
    await new Promise((resolve) => setTimeout(resolve, 5))
    const clock = () => Date.now() - 60_000
    assert.equal(
      codeOf(await redeemCard({ ...world.deps, clock }, { ...ask(), card: past, wallet: shop, amount: 100n })),
      'card-expired',
    )
  })

  test('expires once, by 16 workers at once, to the brand’s breakage account; not while something of it is held', async () => {
    const sold = await many(5, () => sell(1000n))
    const [held, spent, blocked] = sold as [(typeof sold)[0], (typeof sold)[0], (typeof sold)[0]]
    const kept = await holdOnCard(world.deps, { ...ask(), card: held.card, wallet: shop, amount: 100n, seconds: 600 })
    await redeemCard(world.deps, { ...ask(), card: spent.card, wallet: shop, amount: 1000n })
    await setCardBlocked(world.deps, 'test', { cardId: blocked.card.id, to: 'blocked', reason: null })
    const had = await balance(brand.breakage)
    await world.db.query(`update card set expires_at = clock_timestamp() - interval '1 second' where id = any($1)`, [
      sold.map(({ card }) => card.id),
    ])
    assert.equal(
      codeOf(await redeemCard(world.deps, { ...ask(), card: await find(held.code), wallet: shop, amount: 1n })),
      'card-expired',
    )
    const other = await world.openDeps()
    const counts = await many(16, (i) => expireCards(i % 2 ? world.deps : other))
    assert.equal(
      counts.reduce((a, b) => a + b, 0),
      3,
    )
    assert.equal(await balance(brand.breakage), had + 2000n)
    // What was promised is still kept.
    assert.equal(
      codeOf(await captureCardHold(world.deps, { ...ask(), hold: await hold(kept.hold), amount: 100n })),
      'done',
    )
    await setCardBlocked(world.deps, 'test', { cardId: blocked.card.id, to: 'active', reason: null })
    assert.equal(await expireCards(world.deps), 2)
    assert.equal(await balance(brand.breakage), had + 2000n + 900n + 1000n)
    assert.equal((await find(held.code)).end_how, 'expired')
  })
})
