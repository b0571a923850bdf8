import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { beginOrder } from '../../../src/storage/orders.ts'
import { createGiftShop, type GiftShop } from './gift-cards.ts'
import { type Answer, type Body, createHarness, type Harness, type Send } from './harness.ts'

let harness: Harness
let send: Send
let shop: GiftShop
before(async () => {
  harness = await createHarness()
  send = harness.send
  shop = await createGiftShop(harness)
  await shop.brand({ slug: 'own', discount: 10, discount_keeper: 'operator' })
  await shop.brand({ slug: 'mailed', delivery: ['email'] })
  await shop.brand({ slug: 'later', asynchronous: true })
  await shop.brand({ slug: 'shelf', supply: 'stock' })
  await shop.upload('shelf', 'code,pin,value\nSHELF-CODE-0001,0042,5\n')
})
after(() => harness.close())

const refusal = ({ status, body }: Answer) => [status, body?.code, body?.field]
const whats = (order: Body) => order.timeline.map(({ what }: Body) => what)

describe('orders', () => {
  test('are listed newest first, page by page, and by what one looks for', async () => {
    const placed: string[] = []
    for (let i = 0; i < 5; i++) placed.unshift((await shop.order(i % 2 ? 'own' : 'mailed', 500n, `list-${i}`)).order.id)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const { body }: Body = await send('GET', `/orders?partner=acme&limit=2${cursor ? `&cursor=${cursor}` : ''}`)
      seen.push(...body.items.map((it: Body) => it.id))
      cursor = body.next
    } while (cursor)
    assert.deepEqual(seen, placed)
    const ids = async (query: string) =>
      (await send('GET', `/orders?${query}`)).body.items.map((it: Body) => it.request_id)
    assert.deepEqual(await ids('brand=own'), ['list-3', 'list-1'])
    assert.deepEqual(await ids('request_id=list-2'), ['list-2'])
    assert.deepEqual(await ids('status=failed'), [])
    assert.deepEqual(await ids('brand=own&status=succeeded&limit=1'), ['list-3'])
    const moment = new Date(Date.now() + 1000).toISOString()
    assert.equal((await ids(`from=${moment}`)).length, 0)
    assert.equal((await ids(`to=${moment}&from=2026-01-01T00:00:00%2B02:00`)).length, 5)
    for (const [query, field] of [
      ['status=open', 'status'],
      ['cursor=x', 'cursor'],
      ['from=yesterday', 'from'],
      ['partner=A', 'partner'],
    ] as const)
      assert.deepEqual(refusal(await send('GET', `/orders?${query}`)), [422, 'invalid-input', field])
  })

  test('show their money, their card and what happened to them', async () => {
    const { order, card } = await shop.order('own', 1000n, 'show-1')
    await send('POST', `/cards/${card?.row.id}/reveal`, { reason: 'A call' })
    const { body } = await send('GET', `/orders/${order.id}`)
    assert.deepEqual(
      [body.value, body.cost, body.discount, body.status, body.partner],
      [10, 10, 10, 'succeeded', 'acme'],
    )
    assert.deepEqual([body.card.balance, body.card.code], [10, `••••${card?.secrets.code.slice(-4)}`])
    assert.deepEqual(whats(body), ['requested', 'succeeded', 'revealed'])
    assert.deepEqual([body.timeline[2].detail, /^api-key:/.test(body.timeline[2].by)], ['A call', true])
    assert.doesNotMatch(JSON.stringify(body), new RegExp(card?.secrets.code ?? '-'))
  })

  test('that are open are taken back, and their money released', async () => {
    const before = await shop.balance()
    const { order } = await shop.order('later', 2000n, 'open-1')
    assert.equal((await shop.balance()).held, before.held + 20)
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) => (i % 2 ? send : harness.sendToOther)('POST', `/orders/${order.id}/cancel`)),
    )
    for (const { status } of answers) assert.ok(status === 200 || status === 409)
    const { body } = await send('POST', `/orders/${order.id}/cancel`)
    assert.deepEqual([body.status, body.error, body.card], ['failed', 'cancelled-by-operator', null])
    assert.deepEqual(await shop.balance(), before)
    assert.equal(await shop.fulfil(), 0)
    await shop.assertClean()
  })

  test('that somebody is working off are not taken back', async () => {
    const { order } = await shop.order('later', 500n, 'busy-1')
    assert.ok(await beginOrder(harness.db, order.id, new Date(), new Date(0)))
    assert.deepEqual(refusal(await send('POST', `/orders/${order.id}/cancel`)), [409, 'conflict', 'status'])
    // Whoever had it is gone for a minute.
    await harness.db.query(`update order_event set at = at - interval '2 minutes' where order_id = $1`, [order.id])
    assert.equal((await send('POST', `/orders/${order.id}/cancel`)).body.status, 'failed')
  })

  test('that have their card are taken back once, whatever the brand has changed since', async () => {
    const before = await shop.balance()
    const { order } = await shop.order('own', 3000n, 'back-1')
    const { order: late } = await shop.order('later', 3000n, 'back-2')
    for (const slug of ['own', 'later'])
      await send('PATCH', `/brands/${slug}`, { discount: 25, discount_keeper: slug === 'own' ? 'partner' : 'operator' })
    assert.equal(await shop.fulfil(), 1)
    const cancels = await Promise.all(
      [order, late].flatMap(({ id }) =>
        Array.from({ length: 8 }, (_, i) => (i % 2 ? send : harness.sendToOther)('POST', `/orders/${id}/cancel`)),
      ),
    )
    for (const { status, body, text } of cancels) assert.deepEqual([status, body.status], [200, 'cancelled'], text)
    assert.deepEqual(await shop.balance(), before)
    const { body } = await send('GET', `/orders/${late.id}`)
    assert.deepEqual([body.card.status, body.card.end.how, body.card.end.amount], ['ended', 'cancelled', 30])
    assert.deepEqual(whats(body).slice(-2), ['succeeded', 'cancelled'])
    // What was paid for the cards that are left is owed to the brand, kept by us, or on a card.
    for (const [slug, paid] of [
      ['own', 20],
      ['later', 0],
    ] as const) {
      const of = async (account: string) => (await send('GET', `/wallets/${account}:${slug}:EUR`)).body.balance
      const live = (await send('GET', '/reports/liability')).body.items.find((it: Body) => it.brand === slug)
      assert.equal((await of('settlement')) + (await of('revenue')) + (live?.outstanding ?? 0), paid, slug)
    }
    await shop.assertClean()
  })

  test('are mailed again when they were mailed before, once under a key', async () => {
    const { order } = await shop.order('mailed', 500n, 'mail-1')
    const resend = (key?: string) =>
      send('POST', `/orders/${order.id}/resend`, undefined, key === undefined ? {} : { 'idempotency-key': key })
    assert.deepEqual(refusal(await resend()), [409, 'conflict', 'status'])
    const deliver = () =>
      harness.db.query(`insert into order_event (order_id, what, at) values ($1, 'delivered', now())`, [order.id])
    await deliver()
    const first = await resend('again')
    assert.equal(first.status, 200, first.text)
    await deliver()
    const second = await resend('again')
    assert.deepEqual([second.text, second.headers.get('idempotency-replayed')], [first.text, 'true'])
    const { body } = await send('GET', `/orders/${order.id}`)
    assert.deepEqual(whats(body).sort(), ['delivered', 'requested', 'resend-requested', 'succeeded'])
    const { order: other } = await shop.order('own', 500n, 'mail-2')
    assert.deepEqual(refusal(await send('POST', `/orders/${other.id}/resend`)), [409, 'conflict', 'status'])
  })
})

describe('cards', () => {
  test('are found by their code, however it is written, and shown masked', async () => {
    const own = await shop.order('own', 500n, 'find-1')
    const shelf = await shop.order('shelf', 500n, 'find-2')
    const code = own.card?.secrets.code ?? ''
    const find = (text: string) => send('POST', '/cards/find', { code: text })
    for (const text of [code, code.toLowerCase(), code.replaceAll(/(.{4})/g, '$1 '), code.replaceAll(/(.{5})/g, '$1-')])
      assert.equal((await find(text)).body.id, own.card?.row.id, text)
    const found = await find(' SHELF-CODE-0001 ')
    assert.deepEqual([found.body.id, found.body.balance, found.body.code], [shelf.card?.row.id, null, '••••0001'])
    assert.doesNotMatch(found.text, /SHELF|0042/)
    assert.deepEqual((await send('GET', `/cards/${found.body.id}`)).body, found.body)
    assert.equal((await find('SHELF-CODE-9999')).status, 404)
  })

  test('are revealed to who may, and each look is written down', async () => {
    const { card } = await shop.order('own', 500n, 'reveal-1')
    const path = `/cards/${card?.row.id}/reveal`
    assert.deepEqual(refusal(await send('POST', path, {})), [422, 'invalid-input', 'reason'])
    const first = await send('POST', path, { reason: 'Lost mail' })
    assert.deepEqual([first.body.code, first.body.pin], [card?.secrets.code, card?.secrets.pin])
    assert.match(first.body.page, /^\/cards\/[A-Za-z0-9_-]{32}$/)
    await send('POST', path, { reason: 'Lost again' })
    const events = await harness.db.query<{ principal: string; detail: string }>(
      'select principal, detail from card_event where card_id = $1 order by id',
      [card?.row.id],
    )
    assert.deepEqual(
      events.map(({ detail }) => detail),
      ['Lost mail', 'Lost again'],
    )
    const authorization = `Bearer ${await harness.key(['cards:read', 'cards:write'])}`
    assert.equal((await send('POST', path, { reason: 'x' }, { authorization })).status, 403)
  })

  test('are blocked, so that nothing leaves them, and let go again', async () => {
    const { order, card } = await shop.order('own', 500n, 'block-1')
    const path = `/cards/${card?.row.id}`
    const blocked = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        (i % 2 ? send : harness.sendToOther)('POST', `${path}/block`, { reason: 'Stolen' }),
      ),
    )
    for (const { status, body, text } of blocked) assert.deepEqual([status, body.status], [200, 'blocked'], text)
    const account = async () =>
      (
        await harness.db.query<{ status: number }>('select status from account where id = $1', [card?.row.account_id])
      )[0]?.status
    assert.equal(await account(), 1)
    assert.deepEqual(refusal(await send('POST', `${path}/cancel`)), [409, 'conflict', 'status'])
    assert.equal((await send('POST', `${path}/unblock`, {})).body.status, 'active')
    assert.equal(await account(), 0)
    assert.equal((await send('POST', `${path}/block`, {})).body.status, 'blocked')
    await send('POST', `${path}/unblock`, {})
    const { body } = await send('GET', `/orders/${order.id}`)
    assert.deepEqual(whats(body).slice(2), ['blocked', 'unblocked', 'blocked', 'unblocked'])
    assert.equal((await send('POST', `${path}/cancel`)).body.status, 'ended')
    assert.equal((await send('POST', `${path}/cancel`)).body.status, 'ended')
    assert.deepEqual(refusal(await send('POST', `${path}/block`, {})), [409, 'conflict', 'status'])
    await shop.assertClean()
  })

  test('of a vendor are blocked and cancelled, too', async () => {
    await shop.upload('shelf', 'code,value\nSHELF-CODE-0002,5\n')
    const before = await shop.balance()
    const { card } = await shop.order('shelf', 500n, 'vendor-1')
    const path = `/cards/${card?.row.id}`
    assert.equal((await send('POST', `${path}/block`, {})).body.status, 'blocked')
    assert.equal((await send('POST', `${path}/unblock`, {})).body.status, 'active')
    assert.equal((await send('POST', `${path}/cancel`)).body.status, 'ended')
    assert.deepEqual(await shop.balance(), before)
  })
})

test('the reports add up what was sold, what is owed and what expired', async () => {
  await shop.brand({ slug: 'summed', discount: 5 })
  for (let i = 0; i < 3; i++) await shop.order('summed', 1000n, `sum-${i}`)
  const { order } = await shop.order('summed', 2000n, 'sum-3')
  await send('POST', `/orders/${order.id}/cancel`)
  const of = async (path: string) => (await send('GET', path)).body.items.find((it: Body) => it.brand === 'summed')
  assert.deepEqual(await of('/reports/liability'), { brand: 'summed', currency: 'EUR', cards: 3, outstanding: 30 })
  assert.equal(await of('/reports/breakage'), undefined)
  const today = new Date().toISOString().slice(0, 10)
  assert.deepEqual(await of(`/reports/sales?from=${today}&to=${today}`), {
    day: today,
    brand: 'summed',
    currency: 'EUR',
    orders: 4,
    value: 50,
    cost: 47.5,
    cancelled: 1,
    cancelled_value: 20,
  })
  const { body } = await send('GET', `/reports/sales?from=${today}&to=${today}&brand=summed`)
  assert.equal(body.items.length, 1)
  assert.deepEqual((await send('GET', '/reports/sales?from=2026-01-01&to=2026-01-31')).body.items, [])
  for (const [query, field] of [
    ['from=2026-01-02&to=2026-01-01', 'to'],
    ['from=2024-01-01&to=2026-01-01', 'to'],
    ['from=2026-02-30&to=2026-03-01', 'from'],
    ['from=2026-01-01', 'to'],
  ] as const)
    assert.deepEqual(refusal(await send('GET', `/reports/sales?${query}`)), [422, 'invalid-input', field], query)
})

test('no fault of ours was met, and the books are clean', async () => {
  assert.deepEqual(harness.logged, [])
  await shop.assertClean()
})
