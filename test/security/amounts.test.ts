import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { ASSERTION, claimsV2, makeToken } from '../protocols/jackpot/harness.ts'
import { call as callTillo } from '../protocols/tillo/harness.ts'
import { call as callWalleo } from '../protocols/walleo/harness.ts'
import { token as signPledg } from '../support/pledg-world.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'
import { mac, send } from '../support/wallet-client.ts'

/** As JSON: what somebody took for an amount once, or for a smaller, greater or opposite one than it was. */
const LITERALS = [
  ...['-1', '0', '-0', '1e-9', '1e400', '-1e400', '9007199254740993', '1e21', 'true', 'null', '[]', '[1]', '{}'],
  ...['-1', '-0.01', '1e3', '1e400', 'NaN', 'Infinity', '0x10', ' 1', '1 ', '+1', '１', '1,00', '', '1_000'].map(
    (text) => JSON.stringify(text),
  ),
]
const MARK = '"AMOUNT"'

describe('what is no amount, in every field that takes one,', () => {
  let server: SandboxServer
  before(async () => {
    server = await startSandboxServer()
  })
  after(() => server.stop())

  type Send = (literal: string) => Promise<{ status: number; text: string }>

  const JSON_TYPE = { 'content-type': 'application/json' }
  const post = (path: string, text: string, headers = {}) =>
    send(server.url, path, { body: text, headers: { ...JSON_TYPE, ...headers } })
  /** Puts a literal where the mark stands, so that no program of ours reads it before the server does. */
  const fill = (value: unknown, literal: string) => JSON.stringify(value).replace(MARK, literal)

  function wallet(route: string, endpoint: string, more: object): Send {
    const { gateway } = server
    return (literal) => {
      const members = Object.entries({ amount: 'AMOUNT', currency: 'USD', endpoint, ...more }).sort()
      const payload = fill(Object.fromEntries(members), literal)
      const signature = mac(gateway.signingSecret as string, payload)
      return gateway.raw(route, `{"header":{"alg":"hs256"},"payload":${payload},"signature":"${signature}"}`)
    }
  }

  async function fields(): Promise<Record<string, Send>> {
    const { tillo, walleo, jackpot, pledg, operator } = server.sandbox
    const tilloCall = (path: string, body: object) => (literal: string) => {
      const wish = { client_request_id: randomUUID(), brand: 'sync-open-code-uk', sector: 'marketplace', ...body }
      // Signed as if nothing were wrong with it: the simplified form leaves the amount out.
      return callTillo(server.url, { apiKey: tillo.api_key, secret: tillo.secret }, 'POST', path, wish, {
        raw: fill(wish, literal),
      })
    }
    const walleoCall = (path: string, body: object, requestId?: string) => (literal: string) => {
      const pair = { apiKey: walleo.api_key, identifier: walleo.identifier, sharedKey: walleo.shared_key }
      const text = fill(body, literal)
      return callWalleo(server.url, pair, 'POST', path, body, {
        text,
        payload: text,
        ...(requestId !== undefined && { requestId }),
      })
    }
    const open = async (claims: string) => {
      const assertion = makeToken(jackpot.api_signature, claims)
      return post('/v2/token', JSON.stringify({ grant_type: ASSERTION, client_id: jackpot.api_key, assertion }))
    }
    const session = (await open(JSON.stringify(claimsV2()))).body.access_token
    const [store] = (await send(server.url, '/v2/stores', { headers: { apikey: jackpot.api_key } })).body
    const offer = `/v2/stores/${store.id}/offers/${store.offers[0].id}`
    const bearer = { authorization: `Bearer ${session}` }
    const admin = { authorization: `Bearer ${operator.api_key}` }
    const pay = { target: 'us:8301234567:USD' }
    const face = {
      face_value: { amount: 'AMOUNT', currency: 'GBP' },
      delivery_method: 'code',
      fulfilment_by: 'partner',
    }
    const purchase = {
      merchantUid: pledg.merchant_uid,
      amountCents: 'AMOUNT',
      email: 'ada@shop.example',
      reference: randomUUID(),
      title: 'Chairs',
      firstName: 'Ada',
      lastName: 'Moreno',
      redirectUrl: 'http://127.0.0.1:9/a',
      cancelUrl: 'http://127.0.0.1:9/b',
    }
    const simulate = `/api/users/me/merchants/${pledg.merchant_uid}/simulate_payment_schedule`
    return {
      'a payment': wallet('/bank:gateway:USD/payments', 'payments', pay),
      funds: wallet('/us:8301234567:USD/funds', 'funds', { source: 'bank:gateway:USD', ...pay }),
      'an invoice': wallet('/us:8301234567:USD/invoices', 'invoices', {
        target: 'us:8301234567:USD',
        issuer: 'bank:gateway:USD',
      }),
      'a refund': wallet('/bank:gateway:USD/refunds', 'refunds', { reference: randomUUID() }),
      'a consent to a charge': wallet('/bank:gateway:USD/transactions', 'charges', pay),
      'a digital card': tilloCall('digital/issue', face),
      'an order': tilloCall('digital/order-card', face),
      'a card at once': walleoCall('/cards', { card: { amount: 'AMOUNT', gift_card_code: 'IKEAFR' } }, randomUUID()),
      'a pull request': walleoCall('/pull_requests', {
        pull_request: { amount: 'AMOUNT', gift_card_code: 'IKEAFR', request_id: randomUUID() },
      }),
      'a session of Jackpot': (literal) => open(fill({ ...claimsV2(), amount: 'AMOUNT' }, literal)),
      'the price of a voucher': (literal) =>
        post(`${offer}/reserve-voucher-by-price`, fill({ price: 'AMOUNT' }, literal), bearer),
      'the value of a voucher': (literal) =>
        post(`${offer}/reserve-voucher-by-value`, fill({ value: 'AMOUNT' }, literal), bearer),
      'a purchase': (literal) =>
        post(
          `/api/purchase_link/?signature=${signPledg(fill({ data: purchase }, literal), pledg.merchant_secret)}`,
          '',
        ),
      'a schedule': (literal) => post(simulate, fill({ amount_cents: 'AMOUNT' }, literal)),
      'a redemption': (literal) =>
        post('/admin/v1/redemptions', fill({ code: 'X', amount: 'AMOUNT', currency: 'GBP' }, literal), admin),
    }
  }

  test('is refused and moves nothing, whoever sends it and however it is written', async () => {
    const count = async () =>
      Number((await server.db.query<{ n: bigint }>('select count(*) as n from transaction'))[0]?.n)
    const all = await fields()
    const before = await count()
    const taken: string[] = []
    for (const [name, sent] of Object.entries(all)) {
      const answers = await Promise.all(LITERALS.map((literal) => sent(literal)))
      for (const [at, { status, text }] of answers.entries())
        if (status < 400 || status >= 500) taken.push(`${name} of ${LITERALS[at]}: ${status} ${text.slice(0, 200)}`)
    }
    assert.deepEqual(taken, [])
    assert.equal(await count(), before)
    assert.deepEqual(server.faults, [])
    await server.assertClean()
  })

  test('is told from what is one: the same requests with an amount are not refused for it', async () => {
    const all = await fields()
    for (const [name, literal] of [
      ['a payment', '"1.00"'],
      ['a digital card', '"10.00"'],
      ['a card at once', '25'],
      ['a pull request', '25'],
      ['an invoice', '7.25'],
      ['funds', '1'],
      ['an order', '"10.00"'],
      ['the price of a voucher', '50'],
      ['a session of Jackpot', '100'],
      ['a purchase', '10000'],
    ] as const) {
      const answer = await (all[name] as Send)(literal)
      assert.ok(answer.status < 300, `${name}: ${answer.status} ${answer.text}`)
    }
  })
})
