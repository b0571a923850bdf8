import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createCredential } from '../../../src/operations/gift-cards/create-partner.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { assertRefused, call, startWalleo, type WalleoServer } from './harness.ts'

let server: WalleoServer
before(async () => {
  server = await startWalleo()
})
after(() => server.stop())

const IKEA = { amount: 50, gift_card_code: 'IKEAFR' }
const balance = async () => (await server.call('GET', '/balance')).body.balance.amount_cents

describe('a card', () => {
  it('is bought at once, paid by the float, and read back by its id', async () => {
    const before = await balance()
    const bought = await server.buy(IKEA, 'cards-1')
    assert.equal(bought.status, 200, bought.text)
    const { card } = bought.body
    assert.deepEqual(Object.keys(bought.body), ['card'])
    assert.deepEqual(Object.keys(card), ['id', 'code', 'expire_at', 'pin_code', 'amount', 'gift_card_code', 'pdf_url'])
    assert.match(card.id, /^[0-9a-f-]{36}$/)
    assert.match(card.code, /^[0-9A-Z]{20}$/)
    assert.match(card.pin_code, /^\d{4}$/)
    assert.deepEqual([card.amount, card.gift_card_code], [50, 'IKEAFR'])
    assert.match(card.expire_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.match(card.pdf_url, /^http:\/\/billfold\.example\/cards\/[A-Za-z0-9_-]{32}\.pdf$/)
    const { headers } = bought
    assert.deepEqual([headers['x-requestid'], headers['cache-control']], ['cards-1', 'no-store'])
    const read = await server.call('GET', `/cards/${card.id}`)
    assert.deepEqual([read.status, read.text], [200, bought.text])
    // The sandbox gives 5 % to its partner.
    assert.equal(await balance(), before - 4750)
    const [row] = await server.db.query<{ balance: bigint }>(
      'select a.balance from card c join account a on a.id = c.account_id where c.id = $1',
      [card.id],
    )
    assert.equal(row?.balance, 5000n)
    await server.assertClean()
  })

  it('from stock is a code that was uploaded, without a PIN where there is none', async () => {
    const brand = await server.brand('SHELF', { supply: 'stock' })
    await server.stock(brand, 1000n, ['SHELF-1'])
    const { card } = (await server.buy({ amount: 10, gift_card_code: 'SHELF' }, 'shelf-1')).body
    assert.deepEqual([card.code, card.pin_code, card.expire_at], ['SHELF-1', null, null])
  })

  it('of a currency without minor units counts in that currency', async () => {
    const yen = { currency: 'JPY', values: { type: 'fixed' as const, values: [500n, 1000n] } }
    await server.brand('YEN', yen)
    // The sandbox's partner has no float in yen.
    assertRefused(await server.buy({ amount: 500, gift_card_code: 'YEN' }, 'yen-1'), 422, 'not_enough_funds')
    assert.deepEqual((await server.call('GET', '/gift_cards/YEN')).body.facial_values.amounts, [500, 1000])
  })

  it('has the id that the server made, where the request has none', async () => {
    const bought = await server.call('POST', '/cards', { card: IKEA })
    const requestId = bought.headers['x-requestid'] as string
    assert.match(requestId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    const again = await server.buy(IKEA, requestId)
    assert.deepEqual([again.status, again.text], [200, bought.text])
    const another = await server.call('POST', '/cards', { card: IKEA })
    assert.notEqual(another.body.card.code, bought.body.card.code)
    const refused = await server.call('POST', '/cards', { card: { ...IKEA, amount: 7 } })
    assert.match(refused.headers['x-requestid'] as string, /^[0-9a-f-]{36}$/)
  })

  it('is found by the partner that bought it, through this protocol, and by nobody else', async () => {
    const { card } = (await server.buy(IKEA, 'mine-1')).body
    const other = await server.partner('other', 100_000n)
    const message = `Card not found with id '${card.id}'`
    assertRefused(await other.call('GET', `/cards/${card.id}`), 404, 'card_not_found', message)
    assertRefused(await other.call('GET', '/pull_requests/mine-1'), 404, 'pull_request_not_found')
    // The same id is another request of another partner.
    const theirs = await other.buy(IKEA, 'mine-1')
    assert.equal(theirs.status, 200)
    assert.notEqual(theirs.body.card.code, card.code)

    const brand = await server.brand('ELSEWHERE')
    const placed = await placeOrder(server.assembly.gift, {
      partner: other.partner,
      protocol: 'tillo',
      scope: 'tillo',
      requestId: 'tillo-1',
      operation: 'digital-issue',
      content: 'x',
      brand,
      face: 1000n,
      delivery: 'code',
      later: false,
    })
    assert.ok(!('refusal' in placed))
    assertRefused(await other.call('GET', `/cards/${placed.card?.row.id}`), 404, 'card_not_found')
    assertRefused(await other.call('GET', '/pull_requests/tillo-1'), 404, 'pull_request_not_found')
  })

  it('is not found by what is no id', async () => {
    for (const id of [
      'x',
      '%00',
      '%ED%A0%80',
      '%zz',
      "a'b",
      '0'.repeat(36),
      'a%2Fb',
      '..%2Fbalance',
      '%C3%A9'.repeat(300),
    ])
      assertRefused(await server.call('GET', `/cards/${id}`), 404, 'card_not_found')
  })

  it('is shown to every credential of the partner, and to none that was revoked', async () => {
    const { partner, buy, credentialId } = await server.partner('rotating', 100_000n)
    const { card } = (await buy(IKEA, 'rotating-1')).body
    const made = await createCredential(server.assembly, partner, 'walleo')
    const fresh = { apiKey: made.apiKey, identifier: made.identifier as string, sharedKey: made.secret }
    const read = () => call(server.url, fresh, 'GET', `/cards/${card.id}`)
    assert.equal((await read()).body.card.code, card.code)
    await server.db.query('update partner_credential set revoked_at = now() where id = $1', [credentialId])
    assert.equal((await read()).status, 200)
  })
})

describe('an amount', () => {
  const range = 'Amount must be within range from 5 to 500 with steps of 5.'
  const fixed = 'Amount must be one of 15, 30 or 100.'
  const bodies: [name: string, text: string][] = [
    ['below the range', '{"card":{"amount":4,"gift_card_code":"IKEAFR"}}'],
    ['above the range', '{"card":{"amount":505,"gift_card_code":"IKEAFR"}}'],
    ['between two steps', '{"card":{"amount":7,"gift_card_code":"IKEAFR"}}'],
    ['of zero', '{"card":{"amount":0,"gift_card_code":"IKEAFR"}}'],
    ['of minus zero', '{"card":{"amount":-0,"gift_card_code":"IKEAFR"}}'],
    ['below zero', '{"card":{"amount":-50,"gift_card_code":"IKEAFR"}}'],
    ['with a fraction', '{"card":{"amount":50.5,"gift_card_code":"IKEAFR"}}'],
    ['with a fraction in an exponent', '{"card":{"amount":505e-1,"gift_card_code":"IKEAFR"}}'],
    ['that is huge', '{"card":{"amount":1e300,"gift_card_code":"IKEAFR"}}'],
    ['beyond 64 bits', '{"card":{"amount":36893488147419103000,"gift_card_code":"IKEAFR"}}'],
    ['that is a text', '{"card":{"amount":"50","gift_card_code":"IKEAFR"}}'],
    ['that is a list', '{"card":{"amount":[50],"gift_card_code":"IKEAFR"}}'],
    ['that is an object', '{"card":{"amount":{},"gift_card_code":"IKEAFR"}}'],
    ['that is true', '{"card":{"amount":true,"gift_card_code":"IKEAFR"}}'],
    ['that is null', '{"card":{"amount":null,"gift_card_code":"IKEAFR"}}'],
    ['that is missing', '{"card":{"gift_card_code":"IKEAFR"}}'],
  ]

  for (const [name, text] of bodies) {
    it(`${name} is refused, and leaves the id unused`, async () => {
      const before = await balance()
      const twist = { text, payload: text, requestId: `amount ${name}`.replaceAll(' ', '-') }
      const refused = await server.call('POST', '/cards', {}, twist)
      assertRefused(refused, 422, 'invalid_amount', range)
      assert.equal(await balance(), before)
      assert.equal((await server.buy(IKEA, twist.requestId)).status, 200)
    })
  }

  it('of a fixed list is told which there are', async () => {
    assertRefused(await server.buy({ amount: 20, gift_card_code: 'TRIOFR' }, 'fixed-1'), 422, 'invalid_amount', fixed)
    await server.brand('ONLY', { values: { type: 'fixed', values: [2000n] } })
    const only = await server.buy({ amount: 10, gift_card_code: 'ONLY' }, 'fixed-2')
    assertRefused(only, 422, 'invalid_amount', 'Amount must be one of 20.')
    await server.brand('PAIR', { values: { type: 'fixed', values: [2000n, 2050n, 5000n] } })
    const pair = await server.buy({ amount: 20.5, gift_card_code: 'PAIR' }, 'fixed-3')
    assertRefused(pair, 422, 'invalid_amount', 'Amount must be one of 20 or 50.')
  })

  it('may be written as any number that is a whole one', async () => {
    for (const [at, number] of ['50', '50.0', '5e1', '500e-1', '50.00'].entries()) {
      const text = `{"card":{"amount":${number},"gift_card_code":"IKEAFR"}}`
      const bought = await server.call('POST', '/cards', {}, { text, payload: text, requestId: `written-${at}` })
      assert.equal(bought.body.card?.amount, 50, bought.text)
    }
  })
})

describe('the body of a purchase', () => {
  const refused: [name: string, body: unknown][] = [
    ['an empty object', {}],
    ['a list', [{ card: IKEA }]],
    ['a text', 'card'],
    ['null', null],
    ['a number', 5],
    ['a card that is a list', { card: [IKEA] }],
    ['a card that is null', { card: null }],
    ['a card without its wrapping', IKEA],
    ['a pull request', { pull_request: IKEA }],
    ['no gift card code', { card: { amount: 50 } }],
    ['a gift card code that is a number', { card: { amount: 50, gift_card_code: 1 } }],
  ]
  for (const [name, body] of refused) {
    it(`is refused when it is ${name}`, async () => {
      assertRefused(await server.call('POST', '/cards', body), 422, 'invalid_request')
    })
  }

  it('may have members that the API does not know: they are signed, and change nothing', async () => {
    const body = { card: { ...IKEA, amount_cents: 1, price: 0 }, extra: { nested: [1, { b: 1, a: 'é' }] } }
    const bought = await server.call('POST', '/cards', body, { requestId: 'unknown-1' })
    assert.equal(bought.body.card.amount, 50)
  })

  it('is refused without one', async () => {
    assertRefused(
      await server.call('POST', '/cards', undefined, { headers: { 'content-type': 'application/json' } }),
      422,
      'invalid_request',
    )
  })
})

it('the books are clean after all of it', () => server.assertClean())
