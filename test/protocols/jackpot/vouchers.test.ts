import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { changeJackpotAccount, rotateClientSecretOf } from '../../../src/operations/jackpot/jackpot-account.ts'
import { settleRefund } from '../../../src/operations/jackpot/refund-voucher.ts'
import type { Answer } from '../../support/wallet-client.ts'
import { send } from '../../support/wallet-client.ts'
import { claimsV1, type JackpotServer, makeToken, startJackpot } from './harness.ts'

let server: JackpotServer
let machine: string
before(async () => {
  server = await startJackpot()
  machine = await server.machine()
})
after(() => server.assertClean().finally(() => server.stop()))

const many = <T>(count: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)))
const errorOf = ({ status, body }: Answer) => `${status} ${body?.error ?? ''}`
// biome-ignore lint/suspicious/noExplicitAny: answers are looked at member by member
const get = async (path: string, token: string): Promise<any> => {
  const answer = await server.call('GET', path, undefined, server.bearer(token))
  assert.equal(answer.status, 200, answer.text)
  return answer.body
}
const put = (id: unknown, what: string, token = machine) =>
  server.call('PUT', `/v2/voucher/${id}/${what}`, undefined, server.bearer(token))

describe('stores', () => {
  test('are listed by API key and by either session, with their offers', async () => {
    const byKey = await server.call('GET', '/v2/stores', undefined, { apikey: server.apiKey })
    assert.equal(byKey.status, 200)
    const stores = await get('/v2/stores', await server.session())
    const simple = (list: { slug: string; validityDate: string }[]) => list.map(({ validityDate: _, ...rest }) => rest)
    assert.deepEqual(simple(stores), simple(byKey.body as never))
    assert.deepEqual(simple(await get('/v2/stores', machine)), simple(stores))
    assert.deepEqual(
      stores.map((store: { slug: string }) => store.slug),
      ['cafe-du-port', 'librairie-rio', 'maison-verte'],
    )
    const [cafe] = stores
    assert.deepEqual(cafe.voucherPossibleDiscreteValues, [10, 20, 50, 100, 200])
    assert.deepEqual([cafe.baseColor, cafe.voucherValueMin, cafe.voucherValueMax], ['#7a4b2a', 10, 200])
    const { id, ...offer } = cafe.offers[0]
    assert.deepEqual(offer, { type: 'discount', rate: 8, rounding: 'unit' })
  })

  test('propose what an amount buys, and of one store all that it can buy', async () => {
    const token = await server.session({ amount: 60 })
    const brief = (rows: { storeSlug: string; value: number; price: number }[]) =>
      rows.map(({ storeSlug, value, price }) => [storeSlug, value, price])
    assert.deepEqual(brief(await get('/v2/stores/proposed-vouchers', token)), [
      ['cafe-du-port', 50, 46],
      ['librairie-rio', 60, 60],
      ['maison-verte', 66, 60],
    ])
    assert.deepEqual(brief(await get('/v2/stores/proposed-vouchers?strict=true&amount=20', token)), [
      ['cafe-du-port', 20, 19],
      ['maison-verte', 22, 20],
    ])
    const { storeId, offerId } = await server.store('cafe-du-port')
    assert.deepEqual(brief(await get(`/v2/stores/${storeId}/proposed-vouchers`, token)), [
      ['cafe-du-port', 10, 10],
      ['cafe-du-port', 20, 19],
      ['cafe-du-port', 50, 46],
    ])
    const offer = await get(`/v2/stores/${storeId}/offers/${offerId}`, token)
    assert.deepEqual([offer.id, offer.type, offer.proposedVouchers.length], [offerId, 'discount', 3])
    const ask = async (path: string) => errorOf(await server.call('GET', path, undefined, server.bearer(token)))
    assert.equal(await ask('/v2/stores/proposed-vouchers?amount=60.01'), '422 amount_exceeds_session')
    for (const wrong of [
      'amount=0',
      'amount=-1',
      'amount=1e3',
      'amount=1.001',
      'amount=%2020',
      'amount=%EF%BC%91',
      'strict=yes',
      'amount=1&amount=2',
    ])
      assert.equal(await ask(`/v2/stores/proposed-vouchers?${wrong}`), '400 invalid_request', wrong)
    assert.equal(await ask(`/v2/stores/${offerId}/proposed-vouchers`), '404 store_not_found')
    assert.equal(await ask(`/v2/stores/x/proposed-vouchers`), '404 store_not_found')
    assert.equal(await ask(`/v2/stores/${storeId}/offers/${storeId}`), '404 offer_not_found')
  })
})

describe('a session', () => {
  test('of the first version opens the same endpoints', async () => {
    const { body } = await server.openV1(makeToken(server.apiSignature, claimsV1()))
    const answer = await server.reserve(100, body.sessionToken as string)
    assert.deepEqual([answer.status, answer.body.value, answer.body.price], [200, 110, 100])
  })

  test('ends with its reservation, which it may repeat and look at', async () => {
    const token = await server.session({ amount: 50 })
    const { storeId, offerId } = await server.store()
    const path = `/v2/stores/${storeId}/offers/${offerId}/reserve-voucher-by-value`
    const reserve = (value: unknown) => server.call('POST', path, { value }, server.bearer(token))
    for (const value of [0, -5, '20', null, 20.001, 1e300, 2 ** 53 + 2])
      assert.equal(errorOf(await reserve(value)), '400 invalid_request', String(value))
    assert.equal(errorOf(await reserve(5)), '422 value_not_offered')
    assert.equal(errorOf(await reserve(60)), '422 amount_exceeds_session')
    const answers = await many(64, () => reserve(55))
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1, answers.map(({ text }) => text).join('\n'))
    const voucher = answers[0]?.body as Record<string, unknown>
    assert.deepEqual([voucher.state, voucher.value, voucher.price], ['RESERVED', 55, 50])
    assert.match(String(voucher.couponId), /^[A-Z]{10}$/)
    const hours = (Date.parse(String(voucher.resaExpireDate)) - Date.parse(String(voucher.reservationDate))) / 3_600_000
    assert.equal(Math.round(hours), 48)
    assert.deepEqual(await get(`/v2/voucher/${voucher.id}`, token), voucher)
    assert.equal(errorOf(await reserve(50)), '401 session_ended')
    const stores = await server.call('GET', '/v2/stores', undefined, server.bearer(token))
    assert.equal(errorOf(stores), '401 session_ended')
    const other = await server.call(
      'GET',
      `/v2/voucher/${voucher.id}`,
      undefined,
      server.bearer(await server.session()),
    )
    assert.equal(errorOf(other), '404 voucher_not_found')
  })

  test('is over after an hour', async () => {
    const token = await server.session()
    await server.db.query(`update jackpot_session set expires_at = now() - interval '1 second'`)
    const answer = await server.call('GET', '/v2/stores', undefined, server.bearer(token))
    assert.equal(errorOf(answer), '401 invalid_token')
    assert.equal(answer.headers['www-authenticate'], 'Bearer realm="jackpot"')
    machine = await server.machine()
  })
})

describe('each path', () => {
  test('takes its own means, and no credential of anything else', async () => {
    const session = await server.session()
    const paths = [
      ['GET', '/v2/stores'],
      ['GET', '/v2/stores/proposed-vouchers'],
      ['GET', '/v2/stores/x/proposed-vouchers'],
      ['GET', '/v2/stores/x/offers/x'],
      ['POST', '/v2/stores/x/offers/x/reserve-voucher-by-price'],
      ['POST', '/v2/stores/x/offers/x/reserve-voucher-by-value'],
      ['GET', '/v2/voucher/x'],
      ['PUT', '/v2/voucher/x/confirm'],
      ['PUT', '/v2/voucher/x/cancel'],
      ['PUT', '/v2/voucher/x/refund'],
    ] as const
    const { operator, clients, walleo, tillo, people } = server.sandbox
    const foreign = [
      server.apiKey,
      server.apiSignature,
      server.clientSecret,
      operator.api_key,
      walleo.api_key,
      tillo.api_key,
      clients.gateway.client_secret,
      server.gateway.token,
      people[0]?.password as string,
      'x',
      `bfj_${'A'.repeat(43)}`,
    ]
    for (const [method, path] of paths) {
      const body = method === 'POST' ? {} : undefined
      for (const token of foreign)
        assert.equal(errorOf(await server.call(method, path, body, server.bearer(token))), '401 invalid_token', path)
      for (const authorization of ['', session, `Basic ${session}`, `Bearer ${session}, Bearer ${session}`])
        assert.equal(errorOf(await server.call(method, path, body, { authorization })), '401 invalid_token', path)
      for (const apikey of [walleo.api_key, tillo.api_key, session, 'x'])
        assert.equal(errorOf(await server.call(method, path, body, { apikey })), '401 invalid_client', path)
      const byKey = errorOf(await server.call(method, path, body, { apikey: server.apiKey }))
      assert.equal(byKey, path === '/v2/stores' ? '200 ' : '403 insufficient_scope', path)
      const byMachine = errorOf(await server.call(method, path, body, server.bearer(machine)))
      const bySession = errorOf(await server.call(method, path, body, server.bearer(session)))
      assert.equal(byMachine === '403 insufficient_scope', /proposed|offers/.test(path), path)
      assert.equal(bySession === '403 insufficient_scope', method === 'PUT', path)
      const none = await server.call(method, path, body)
      assert.equal(none.status, 401, path)
    }
    // And theirs opens nothing elsewhere.
    for (const token of [session, machine, server.apiKey]) {
      for (const path of [
        '/admin/v1/parties',
        `/${server.sandbox.people[0]?.wallets[0]}/balance`,
        '/partners/v1/balance',
        '/api/v2/check-floats',
      ])
        assert.ok([400, 401].includes((await server.call('GET', path, undefined, server.bearer(token))).status), path)
    }
    assert.deepEqual(server.faults, [])
  })

  test('has no CORS, and knows its methods', async () => {
    const answer = await server.call('OPTIONS', '/v2/stores', undefined, { origin: 'https://shop.example' })
    assert.equal(errorOf(answer), '405 method_not_allowed')
    assert.equal(answer.headers.allow, 'GET, HEAD')
    assert.equal(answer.headers['access-control-allow-origin'], undefined)
  })
})

describe('a voucher', () => {
  test('is confirmed by 64 callers at once: READY once, with its PDF for an hour', async () => {
    const { body: reserved } = await server.reserve(100)
    const answers = await many(64, () => put(reserved.id, 'confirm'))
    assert.ok(answers.every(({ status, body }) => status === 200 && body.state === 'READY'))
    const voucher = await get(`/v2/voucher/${reserved.id}`, machine)
    assert.deepEqual([voucher.state, voucher.couponId], ['READY', reserved.couponId])
    const url = new URL(voucher.signedUrl)
    assert.equal(url.origin, 'http://billfold.example')
    const fetchPdf = (search: string) => send(server.url, url.pathname + search)
    const pdf = await fetchPdf(url.search)
    assert.deepEqual([pdf.status, pdf.headers['content-type'], pdf.text.slice(0, 5)], [200, 'application/pdf', '%PDF-'])
    assert.equal(pdf.headers['cache-control'], 'no-store')
    const hour = Number(url.searchParams.get('expires')) - Date.now() / 1000
    assert.ok(hour > 3500 && hour <= 3600)
    const later = new URL(url)
    later.searchParams.set('expires', String(Number(url.searchParams.get('expires')) + 1))
    for (const search of ['', later.search, url.search.slice(0, -2), `${url.search.slice(0, -1)}x`])
      assert.equal((await fetchPdf(search)).status, 410, search)
    const { body: other } = await server.reserve(100)
    assert.equal((await send(server.url, `/vouchers/${other.id}.pdf${url.search}`)).status, 410)
    const [event] = await server.db.query<{ principal: string }>(
      `select e.principal from card_event e join card c on c.id = e.card_id where c.order_id = $1 and e.what = 'pdf-made'`,
      [reserved.id],
    )
    assert.equal(event?.principal, 'signed-url')
    assert.equal(errorOf(await put(reserved.id, 'cancel')), '409 voucher_state')
    const refunds = await many(16, () => put(reserved.id, 'refund'))
    assert.ok(refunds.every(({ status }) => status === 200))
    assert.equal((await get(`/v2/voucher/${reserved.id}`, machine)).state, 'REFUNDED')
    assert.equal((await fetchPdf(url.search)).status, 410)
    assert.equal(errorOf(await put(reserved.id, 'confirm')), '409 voucher_state')
  })

  test('whose refund was rejected is as good as before: its card can be had again', async () => {
    const { body } = await server.reserve(100)
    await put(body.id, 'confirm')
    const brand = [body.storeId]
    await server.db.query('update brand set cancellable = false where id = $1', brand)
    assert.equal((await put(body.id, 'refund')).body.state, 'REFUNDING')
    assert.equal((await get(`/v2/voucher/${body.id}`, machine)).signedUrl, undefined, 'not while it is being decided')
    await settleRefund(server.assembly.gift, 'key:1', { voucherId: String(body.id), accept: false })
    await server.db.query('update brand set cancellable = true where id = $1', brand)
    const voucher = await get(`/v2/voucher/${body.id}`, machine)
    assert.equal(voucher.state, 'REFUND_REJECTED')
    const url = new URL(voucher.signedUrl)
    assert.equal((await send(server.url, url.pathname + url.search)).status, 200)
  })

  test('is cancelled once', async () => {
    const { body } = await server.reserve(100)
    assert.equal(errorOf(await put(body.id, 'refund')), '409 voucher_state')
    const answers = await many(16, () => put(body.id, 'cancel'))
    assert.ok(answers.every((answer) => answer.body.state === 'CANCELED'))
    assert.equal(errorOf(await put(body.id, 'confirm')), '409 voucher_state')
    for (const id of ['x', body.couponId, crypto.randomUUID(), `${body.id}x`, String(body.id).toUpperCase()])
      assert.equal(errorOf(await put(id, 'confirm')), '404 voucher_not_found')
  })

  test('is READY at once where the account is automatic', async () => {
    const { config } = server.assembly
    await changeJackpotAccount({ db: server.db, config }, 'sandbox', { confirmation: 'automatic' })
    const { body } = await server.reserve(30, undefined, 'librairie-rio')
    assert.deepEqual([body.state, body.value, body.price], ['READY', 30, 30])
    const manual = await server.reserve(30, await server.session({ amount: 30, forceManualConfirm: true }))
    assert.equal(manual.body.state, 'RESERVED')
    await changeJackpotAccount({ db: server.db, config }, 'sandbox', { confirmation: 'manual' })
  })

  test('stays out of reach once the client secret has changed', async () => {
    await rotateClientSecretOf({ db: server.db }, 'sandbox')
    const { body } = await server.reserve(10)
    assert.equal(errorOf(await put(body.id, 'confirm')), '401 invalid_token')
    const old = { grant_type: 'client_credentials', client_id: server.apiKey, client_secret: server.clientSecret }
    assert.equal(errorOf(await server.call('POST', '/v2/token', old)), '401 invalid_client')
    assert.deepEqual(server.faults, [])
  })
})
