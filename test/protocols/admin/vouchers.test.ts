import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createHarness, type Harness } from './harness.ts'
import { createVoucherShop } from './vouchers.ts'

let harness: Harness
before(async () => {
  harness = await createHarness()
})
after(() => harness.close())

test('a Jackpot account is opened once, over a float, and its secrets are shown once', async () => {
  const { send } = harness
  const shop = await createVoucherShop(harness, 'once')
  const { api_key: key, api_signature: signature, client_secret: secret } = shop.account
  assert.match(key, /^test_jackpot_/)
  assert.ok(Buffer.byteLength(signature) >= 32)
  const shown = await send('GET', '/partners/once/jackpot')
  for (const one of [key, signature, secret]) assert.equal(shown.text.includes(one), false)
  const stored = await harness.db.query('select * from jackpot_account a join partner_credential c using (partner_id)')
  for (const one of [key, signature, secret]) assert.equal(JSON.stringify(stored).includes(one), false)
  assert.equal((await send('POST', '/partners/once/jackpot', { currency: 'EUR' })).body.code, 'already-exists')
  assert.equal((await send('POST', '/partners/none/jackpot', { currency: 'EUR' })).status, 404)
  const { id } = (await send('POST', '/parties', { kind: 'business', name: 'Poor' })).body
  await send('POST', '/partners', { party_id: id, slug: 'poor' })
  const poor = await send('POST', '/partners/poor/jackpot', { currency: 'EUR' })
  assert.deepEqual([poor.status, poor.body.field], [409, 'currency'])
})

test('opening under an idempotency key makes one account, and says the same again', async () => {
  const { send } = harness
  const { id } = (await send('POST', '/parties', { kind: 'business', name: 'Keyed' })).body
  await send('POST', '/partners', { party_id: id, slug: 'keyed' })
  await send('POST', '/partners/keyed/floats', { currency: 'EUR' })
  const open = () => send('POST', '/partners/keyed/jackpot', { currency: 'EUR' }, { 'idempotency-key': 'open-1' })
  const answers = await Promise.all(Array.from({ length: 16 }, open))
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201])
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
})

test('settings that are none are refused, each with its member', async () => {
  const { send } = harness
  await createVoucherShop(harness, 'settings')
  const change = async (input: object) => {
    const { status, body } = await send('PATCH', '/partners/settings/jackpot', input)
    return status === 200 ? 'fine' : `${status} ${body.field}`
  }
  for (const domain of [
    '*',
    'https://',
    'shop.example/path',
    "shop.example; script-src 'none'",
    'shop.example evil',
    "'self'",
    'SHOP',
    '',
  ])
    assert.equal(await change({ allowed_domains: [domain] }), '422 allowed_domains', domain)
  assert.equal(await change({ allowed_domains: ['shop.example', '*.shop.example:8443', 'localhost:*'] }), 'fine')
  for (const url of ['ftp://x', 'x', 'https://u:p@shop.example/', 'https://shop.example/#x', 'javascript:alert(1)']) {
    assert.equal(await change({ notification_url: url }), '422 notification_url', url)
    assert.equal(await change({ callback_url: url }), '422 callback_url', url)
  }
  assert.equal(await change({ notification_url: null, callback_url: null }), 'fine')
})

test('offers are made, listed and ended, and never for nothing', async () => {
  const { send } = harness
  const { offer } = await createVoucherShop(harness, 'offers')
  const path = '/brands/offers-store/offers'
  const make = async (input: object) => (await send('POST', path, input)).status
  assert.equal(await make({ kind: 'discount', rate: 100 }), 422)
  assert.equal(await make({ kind: 'discount', rate: 100.01 }), 422)
  assert.equal(await make({ kind: 'discount', rate: -1 }), 422)
  assert.equal(await make({ kind: 'bonus', rate: '1.005' }), 422)
  assert.equal(await make({ kind: 'gift', rate: 1 }), 422)
  assert.equal(await make({ kind: 'discount', rate: '99.99', rounding: 'whole', funder: 'operator' }), 201)
  assert.equal((await send('DELETE', `${path}/${offer.id}`)).status, 204)
  assert.equal((await send('DELETE', `${path}/${offer.id}`)).status, 204)
  assert.equal((await send('DELETE', `${path}/${crypto.randomUUID()}`)).status, 404)
  const { items } = (await send('GET', path)).body
  assert.deepEqual(
    items.map(({ rate, ended_at: endedAt }: { rate: number; ended_at: string | null }) => [rate, endedAt !== null]),
    [
      [99.99, false],
      [10, true],
    ],
  )
})

test('an operator takes a voucher back that nobody has asked back', async () => {
  const { send } = harness
  const shop = await createVoucherShop(harness, 'unasked')
  const id = await shop.ready()
  assert.equal((await send('POST', `/vouchers/${id}/refund`, { accept: false })).status, 409)
  const answers = await Promise.all(
    Array.from({ length: 16 }, () => send('POST', `/vouchers/${id}/refund`, { accept: true })),
  )
  assert.ok(answers.every(({ status, body }) => status === 200 && body.state === 'refunded'))
  assert.deepEqual(await shop.balance().then(({ balance, held }) => [balance, held]), [1000, 0])
  await shop.assertClean()
})

test('an operator decides a refund once, of 16 who decide at once', async () => {
  const { send } = harness
  const shop = await createVoucherShop(harness, 'decided')
  const id = await shop.refunding()
  assert.equal((await send('GET', `/vouchers/${id}`)).body.state, 'refunding')
  assert.equal((await send('POST', `/orders/${id}/cancel`)).status, 409)
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, i) => send('POST', `/vouchers/${id}/refund`, { accept: i % 2 === 0 })),
  )
  const { state } = (await send('GET', `/vouchers/${id}`)).body
  const won = answers.filter(({ status }) => status === 200)
  assert.equal(won.length, 8)
  assert.ok(won.every(({ body }) => body.state === state))
  const { balance, held } = await shop.balance()
  assert.deepEqual([balance, held], [state === 'refunded' ? 1000 : 1000 - 45.46, 0])
  await shop.assertClean()
})
