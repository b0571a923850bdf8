import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { opaqueWalletId } from '../../../src/domain/wallet-id.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, opened, refused } from '../../support/wallet-client.ts'
import { CALLERS, chargeOf, footprint, give, granted, many, paymentTo, refusal, tally } from './money.ts'

let server: SandboxServer
let shop: Caller & { partyId: string }
let debtor: Caller & { partyId: string }
/** a third party */
let stranger: Caller

before(async () => {
  server = await startSandboxServer()
  shop = await server.client(['stall:one:USD', { id: 'stall:pts:PTS', circle: 'bazaar', exponent: 0 }])
  debtor = await server.client(['debt:one:USD', { id: 'debt:two:USD', lower: '-50.00' }])
  stranger = await server.client([{ id: 'far:one:USD', lower: '-50.00' }, 'far:two:USD'])
  await give(server, 'debt:one:USD', 500)
})
after(() => server.stop())

const invoiceTo = (target: string, amount: number | string, more: object = {}) => ({
  endpoint: 'invoices',
  target,
  amount,
  currency: 'USD',
  ...more,
})
const ask = async (amount: number | string, more: object = {}): Promise<string> =>
  (await shop.done('/debt:one:USD/invoices', invoiceTo('debt:one:USD', amount, more))).reference
const paying = (reference: string, amount: number | string, more: object = {}) =>
  paymentTo('stall:one:USD', amount, { metadata: { invoice: reference }, ...more })
const pay = (reference: string, amount: number | string, more: object = {}) =>
  debtor.post('/debt:one:USD/payments', paying(reference, amount, more))
const ending = (how: 'decline' | 'cancel', invoice: string, more: object = {}) => ({
  endpoint: `invoices/${how}`,
  invoice,
  ...more,
})
const read = async (caller: Caller, wallet: string, reference: string) =>
  opened(await caller.get(`/${wallet}/invoices/${reference}`), caller.signingSecret).invoice
const soon = (ms: number) => new Date(Date.now() + ms).toISOString()

describe('an invoice', () => {
  it('is created open, moves nothing, and is seen by both sides', async () => {
    const before = await server.balance('debt:one:USD')
    const expiry = soon(60_000)
    const payload = invoiceTo('debt:one:USD', '12.50', {
      details: { subtotal: '10.00', taxes: 2.5 },
      description: 'lamps',
      metadata: { order: 'A-1' },
      expiry,
    })
    const { timestamp, reference, success, ...echo } = await shop.done('/debt:one:USD/invoices', payload)
    assert.deepEqual(echo, payload)
    assert.equal(success, true)
    assert.equal(await server.balance('debt:one:USD'), before)
    const seen = await read(debtor, 'debt:one:USD', reference)
    assert.deepEqual(seen, {
      details: { subtotal: '10.00', taxes: 2.5 },
      description: 'lamps',
      metadata: { order: 'A-1' },
      reference,
      issuer: 'stall:one:USD',
      debtor: 'debt:one:USD',
      amount: 12.5,
      currency: 'USD',
      status: 'open',
      timestamp,
      expiry,
      settled: null,
      payment: null,
    })
    assert.deepEqual(await read(shop, 'stall:one:USD', reference), seen)
    for (const [caller, wallet] of [
      [stranger, 'far:one:USD'],
      [debtor, 'debt:two:USD'],
    ] as const)
      assert.equal(
        refused(await caller.get(`/${wallet}/invoices/${reference}`), caller.signingSecret),
        '404 invoice-not-found',
      )
    for (const item of ['x', reference.toUpperCase(), '00000000-0000-7000-8000-000000000000'])
      assert.equal(
        refused(await debtor.get(`/debt:one:USD/invoices/${item}`), debtor.signingSecret),
        '404 invoice-not-found',
      )
  })

  it('has the one wallet of the token in that unit as issuer, or the one that is named', async () => {
    const named = await stranger.done(
      `/${opaqueWalletId('debt:one:USD')}/invoices`,
      invoiceTo('debt:one:USD', 1, { issuer: opaqueWalletId('far:two:USD') }),
    )
    assert.equal((await read(debtor, 'debt:one:USD', named.reference)).issuer, 'far:two:USD')
    const refuse = (caller: Caller, payload: object, path = '/debt:one:USD/invoices') =>
      refusal(server, caller, path, payload)
    assert.equal(await refuse(stranger, invoiceTo('debt:one:USD', 1)), '422 issuer-ambiguous')
    const yen = { ...invoiceTo('jp:01234567890:JPY', 1), currency: 'JPY' }
    assert.equal(await refuse(shop, yen, '/jp:01234567890:JPY/invoices'), '422 issuer-missing')
    assert.equal(await refuse(shop, invoiceTo('debt:one:USD', 1, { issuer: 'far:one:USD' })), '403 wallet-not-allowed')
    assert.equal(await refuse(shop, invoiceTo('debt:one:USD', 1, { issuer: 'stall:pts:PTS' })), '422 currency-mismatch')
    assert.equal(await refuse(debtor, invoiceTo('debt:one:USD', 1, { issuer: 'debt:one:USD' })), '422 same-wallet')
  })

  it('is refused where it does not fit', async () => {
    const refuse = (payload: object, path = '/debt:one:USD/invoices') => refusal(server, shop, path, payload)
    assert.equal(await refuse(invoiceTo('debt:two:USD', 1)), '422 route-mismatch')
    assert.equal(await refuse(invoiceTo('debt:nobody:USD', 1), '/debt:nobody:USD/invoices'), '404 wallet-not-found')
    assert.equal(await refuse({ ...invoiceTo('debt:one:USD', 1), target: undefined }), '400 payload-invalid')
    assert.equal(await refuse({ ...invoiceTo('debt:one:USD', 1), currency: 'EUR' }), '422 currency-mismatch')
    assert.equal(await refuse(invoiceTo('debt:one:USD', 1, { details: { subtotal: 2 } })), '422 details-sum-differs')
    assert.equal(await refuse(invoiceTo('debt:one:USD', 0)), '422 amount-not-positive')
    assert.equal(await refuse(invoiceTo('debt:one:USD', 1, { expiry: soon(-1_000) })), '422 expiry-passed')
    for (const expiry of ['tomorrow', '2026-01-01', '2026-01-01T00:00:00', 5])
      assert.equal(await refuse(invoiceTo('debt:one:USD', 1, { expiry })), '400 payload-invalid')
    const scopes = ['payments', 'charges']
    const narrow = await granted(server, shop, shop.partyId, ['stall:one:USD'], scopes)
    assert.equal(
      await refusal(server, narrow, '/debt:one:USD/invoices', invoiceTo('debt:one:USD', 1)),
      '403 insufficient-scope',
    )
  })

  it('is created once for a key', async () => {
    const payload = invoiceTo('debt:one:USD', 3, { nonce: 'invoice-1' })
    const answers = await many(() => shop.post('/debt:one:USD/invoices', payload), 16)
    assert.deepEqual([...new Set(answers.map(({ text }) => text))].length, 1)
    assert.equal(answers[0]?.status, 200)
  })
})

describe('below a namespace and a number', () => {
  it('the currency picks the wallet, and a target that is given must be that one', async () => {
    const plain = await shop.done('/debt/one/invoices', { ...invoiceTo('debt:one:USD', 2), target: undefined })
    assert.equal((await read(debtor, 'debt:one:USD', plain.reference)).debtor, 'debt:one:USD')
    await shop.done('/wallets/DEBT/one/invoices', invoiceTo('debt:one:USD', 2))
    const refuse = (path: string, payload: object) => refusal(server, shop, path, payload)
    assert.equal(await refuse('/debt/one/invoices', invoiceTo('debt:two:USD', 2)), '422 route-mismatch')
    assert.equal(
      await refuse('/debt/three/invoices', { ...invoiceTo('x', 2), target: undefined }),
      '404 wallet-not-found',
    )
    assert.equal(
      await refuse('/debt/one/invoices', { ...invoiceTo('debt:one:USD', 2), currency: 'EUR' }),
      '404 wallet-not-found',
    )
    assert.equal(
      await refuse('/debt/one/invoices', { ...invoiceTo('debt:one:USD', 2), currency: "U'" }),
      '404 wallet-not-found',
    )
  })
})

describe('a payment that names an invoice', () => {
  it('pays it, and both sides see by what', async () => {
    const reference = await ask('7.25')
    const [before, shops] = [await server.balance('debt:one:USD'), await server.balance('stall:one:USD')]
    const paid = opened(await pay(reference, 7.25), debtor.signingSecret)
    assert.equal(await server.balance('debt:one:USD'), before - 725n)
    assert.equal(await server.balance('stall:one:USD'), shops + 725n)
    const seen = await read(shop, 'stall:one:USD', reference)
    assert.deepEqual([seen.status, seen.settled, seen.payment], ['paid', paid.timestamp, paid.reference])
    assert.equal(refused(await pay(reference, 7.25), debtor.signingSecret), '409 invoice-settled')
  })

  it('pays it whole, from the debtor to the issuer, or moves nothing', async () => {
    const reference = await ask(10)
    const refuse = (caller: Caller, path: string, payload: object) => refusal(server, caller, path, payload)
    assert.equal(
      await refuse(debtor, '/debt:one:USD/payments', paying(reference, '9.99')),
      '422 invoice-amount-differs',
    )
    assert.equal(
      await refuse(debtor, '/debt:one:USD/payments', paying(reference, '10.01')),
      '422 invoice-amount-differs',
    )
    assert.equal(await refuse(debtor, '/debt:two:USD/payments', paying(reference, 10)), '422 invoice-payer-differs')
    assert.equal(await refuse(stranger, '/far:one:USD/payments', paying(reference, 10)), '422 invoice-payer-differs')
    const elsewhere = paymentTo('far:one:USD', 10, { metadata: { invoice: reference } })
    assert.equal(await refuse(debtor, '/debt:one:USD/payments', elsewhere), '422 invoice-payee-differs')
    for (const invoice of [
      'INV-7',
      7,
      null,
      {},
      [reference],
      '',
      '00000000-0000-7000-8000-000000000000',
      reference.toUpperCase(),
    ]) {
      const payload = paymentTo('stall:one:USD', 10, { metadata: { invoice } })
      assert.equal(await refuse(debtor, '/debt:one:USD/payments', payload), '404 invoice-not-found')
    }
    const poor = await ask(9_999)
    assert.equal(await refuse(debtor, '/debt:one:USD/payments', paying(poor, 9_999)), '422 unavailable-funds')
    assert.equal((await read(shop, 'stall:one:USD', poor)).status, 'open')
    assert.equal((await pay(reference, 10)).status, 200)
  })

  it('may be a charge by the issuer, when the owner has allowed it', async () => {
    const reference = await ask(4)
    const allowed = await granted(server, shop, debtor.partyId, ['debt:one:USD'])
    await allowed.done(
      '/debt:one:USD/charges',
      chargeOf('debt:one:USD', 'stall:one:USD', 4, { metadata: { invoice: reference } }),
    )
    assert.equal((await read(shop, 'stall:one:USD', reference)).status, 'paid')
  })

  it(`pays it once, when ${CALLERS} try at the same moment; nothing else moves`, async () => {
    for (let round = 0; round < 5; round++) {
      const reference = await ask(1)
      const before = await server.balance('debt:one:USD')
      const answers = await many((i) => pay(reference, 1, i % 2 ? { nonce: `race-${round}-${i}` } : {}))
      assert.deepEqual(tally(answers, debtor.signingSecret), { '200 true': 1, '409 invoice-settled': CALLERS - 1 })
      assert.equal(await server.balance('debt:one:USD'), before - 100n)
    }
  })

  it('gets its first answer again under its key, also after the invoice was settled', async () => {
    const [reference, other] = [await ask(2), await ask(2)]
    const first = await pay(reference, 2, { nonce: 'paid-once' })
    const again = await pay(reference, 2, { nonce: 'paid-once' })
    assert.deepEqual([first.status, again.text], [200, first.text])
    assert.equal(refused(await pay(other, 2, { nonce: 'paid-once' }), debtor.signingSecret), '409 idempotency-conflict')
    const lost = await pay(reference, 2, { nonce: 'paid-late' })
    assert.equal(refused(lost, debtor.signingSecret), '409 invoice-settled')
    assert.equal((await pay(reference, 2, { nonce: 'paid-late' })).text, lost.text)
  })

  it('comes in time, or moves nothing', async () => {
    const reference = await ask(2, { expiry: soon(400) })
    assert.equal((await read(debtor, 'debt:one:USD', reference)).status, 'open')
    await delay(450)
    assert.equal((await read(debtor, 'debt:one:USD', reference)).status, 'expired')
    const before = await footprint(server)
    assert.equal(refused(await pay(reference, 2), debtor.signingSecret), '422 invoice-expired')
    const late = await debtor.post(`/debt:one:USD/invoices/${reference}/decline`, ending('decline', reference))
    assert.equal(refused(late, debtor.signingSecret), '422 invoice-expired')
    assert.equal(await footprint(server), before)
  })
})

describe('an open invoice', () => {
  it('is declined by the debtor and cancelled by the issuer, each once', async () => {
    for (const [how, caller, wallet, status] of [
      ['decline', debtor, 'debt:one:USD', 'declined'],
      ['cancel', shop, 'stall:one:USD', 'cancelled'],
    ] as const) {
      const reference = await ask(5)
      const path = `/${wallet}/invoices/${reference}/${how}`
      const done = await caller.done(path, ending(how, reference, { nonce: `end-${how}` }))
      assert.deepEqual([done.endpoint, done.invoice, done.success], [`invoices/${how}`, reference, true])
      assert.equal(
        (await caller.post(path, ending(how, reference, { nonce: `end-${how}` }))).body.payload.reference,
        done.reference,
      )
      const seen = await read(shop, 'stall:one:USD', reference)
      assert.deepEqual([seen.status, seen.settled, seen.payment], [status, done.timestamp, null])
      assert.equal(await refusal(server, caller, path, ending(how, reference)), '409 invoice-settled')
      assert.equal(refused(await pay(reference, 5), debtor.signingSecret), '409 invoice-settled')
    }
  })

  it('is ended by nobody else', async () => {
    const reference = await ask(5)
    const refuse = (
      caller: Caller,
      wallet: string,
      how: 'decline' | 'cancel',
      payload = ending(how, reference) as object,
    ) => refusal(server, caller, `/${wallet}/invoices/${reference}/${how}`, payload)
    assert.equal(await refuse(shop, 'stall:one:USD', 'decline'), '404 invoice-not-found')
    assert.equal(await refuse(debtor, 'debt:one:USD', 'cancel'), '404 invoice-not-found')
    assert.equal(await refuse(debtor, 'debt:two:USD', 'decline'), '404 invoice-not-found')
    assert.equal(await refuse(stranger, 'far:one:USD', 'decline'), '404 invoice-not-found')
    assert.equal(await refuse(stranger, 'debt:one:USD', 'decline'), '403 wallet-not-allowed')
    assert.equal(await refuse(debtor, 'debt:one:USD', 'decline', ending('cancel', reference)), '422 endpoint-mismatch')
    assert.equal(await refuse(debtor, 'debt:one:USD', 'decline', ending('decline', await ask(1))), '422 route-mismatch')
    assert.equal(
      await refuse(debtor, 'debt:one:USD', 'decline', { endpoint: 'invoices/decline' }),
      '400 payload-invalid',
    )
  })

  it(`ends in one way, when ${CALLERS} pay, decline and cancel it at the same moment`, async () => {
    for (let round = 0; round < 3; round++) {
      const reference = await ask(1)
      const before = await server.balance('debt:one:USD')
      const answers = await many((i) => {
        if (i % 3 === 0) return pay(reference, 1)
        const [caller, wallet, how] =
          i % 3 === 1 ? ([debtor, 'debt:one:USD', 'decline'] as const) : ([shop, 'stall:one:USD', 'cancel'] as const)
        return caller.post(`/${wallet}/invoices/${reference}/${how}`, ending(how, reference))
      })
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      assert.equal(answers.filter(({ body }) => body.payload.error?.code === 'invoice-settled').length, CALLERS - 1)
      const { status } = await read(shop, 'stall:one:USD', reference)
      assert.equal(await server.balance('debt:one:USD'), before - (status === 'paid' ? 100n : 0n))
    }
  })
})

describe('the list of invoices', () => {
  it('has pages that together hold everything once, newest first, of one role and status', async () => {
    const books = await server.client(['book:one:USD'])
    const references: string[] = []
    for (let i = 0; i < 7; i++) {
      const { reference } = await shop.done('/book:one:USD/invoices', invoiceTo('book:one:USD', i + 1))
      references.unshift(reference)
    }
    const [declined = '', expiring = ''] = [references[2], references[4]]
    await books.done(`/book:one:USD/invoices/${declined}/decline`, ending('decline', declined))
    await server.db.query("update invoice set expires_at = created_at + interval '1 millisecond' where id = $1", [
      expiring,
    ])
    const list = async (caller: Caller, wallet: string, query: string) =>
      opened(await caller.get(`/${wallet}/invoices${query}`), caller.signingSecret) as {
        invoices: { reference: string }[]
        next: string | null
      }
    const walk = async (query: string) => {
      const seen: string[] = []
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { invoices, next }: { invoices: { reference: string }[]; next: string | null } = await list(
          books,
          'book:one:USD',
          `?limit=2${query}${cursor && `&cursor=${cursor}`}`,
        )
        seen.push(...invoices.map(({ reference }) => reference))
        cursor = next
      }
      return seen
    }
    const without = (...some: string[]) => references.filter((reference) => !some.includes(reference))
    assert.deepEqual(await walk(''), references)
    assert.deepEqual(await walk('&role=debtor&status=open'), without(declined, expiring))
    assert.deepEqual(await walk('&status=declined'), [declined])
    assert.deepEqual(await walk('&status=expired'), [expiring])
    assert.deepEqual(await walk('&status=paid'), [])
    assert.deepEqual(await walk('&role=issuer'), [])
    const issued = await list(shop, 'stall:one:USD', '?role=issuer&limit=7')
    assert.deepEqual(
      issued.invoices.map(({ reference }) => reference),
      references,
    )
    for (const [query, code] of [
      ['?status=late', 'query-invalid'],
      ['?role=', 'query-invalid'],
      ['?limit=0', 'query-invalid'],
      ['?cursor=1', 'query-invalid'],
      ['?limit=1&limit=2', 'query-invalid'],
      ['?page=2', 'query-unknown'],
    ])
      assert.equal(refused(await books.get(`/book:one:USD/invoices${query}`), books.signingSecret), `400 ${code}`)
    await server.db.query('update invoice set expires_at = null where id = $1', [expiring])
  })
})

it('the books are clean after all of it', () => server.assertClean())
