import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { opaqueWalletId } from '../../../src/domain/wallet-id.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, opened } from '../../support/wallet-client.ts'
import { CALLERS, chargeOf, give, granted, many, refusal, tally } from './money.ts'

let server: SandboxServer
/** a shop with a wallet of its own, and what an owner has allowed it */
let shop: Caller
let allowed: Caller
let owner: Caller & { partyId: string }
const path = '/own:one:USD/charges'

before(async () => {
  server = await startSandboxServer()
  shop = await server.client(['stall:one:USD', { id: 'stall:pts:PTS', circle: 'bazaar', exponent: 0 }])
  owner = await server.client([
    'own:one:USD',
    'own:two:USD',
    { id: 'own:one:PTS', circle: 'village', exponent: 0, lower: null },
  ])
  allowed = await granted(server, shop, owner.partyId, ['own:one:USD', 'own:one:PTS'])
  await give(server, 'own:one:USD', 100)
})
after(() => server.stop())

describe('a charge by a grant', () => {
  it('moves the amount from the source to the target, and echoes what was asked', async () => {
    const payload = chargeOf('own:one:USD', 'stall:one:USD', '12.50', {
      details: { subtotal: 10, taxes: 2.5 },
      description: 'two lamps',
      metadata: { order: 7 },
    })
    const { timestamp, reference, success, ...echo } = await allowed.done(path, payload)
    assert.deepEqual(echo, payload)
    assert.equal(success, true)
    assert.ok(Date.parse(timestamp))
    assert.equal(await server.balance('own:one:USD'), 8_750n)
    assert.equal(await server.balance('stall:one:USD'), 1_250n)
    const { transaction } = opened(await owner.get(`/own:one:USD/transactions/${reference}`), owner.signingSecret)
    assert.deepEqual(
      [transaction.endpoint, transaction.source, transaction.target, transaction.description, transaction.balance],
      ['charges', 'own:one:USD', 'stall:one:USD', 'two lamps', 87.5],
    )
  })

  it('may be sent to the wallet that is paid, and takes opaque ids', async () => {
    const [source, target] = ['own:one:USD', 'stall:one:USD'].map(opaqueWalletId) as [string, string]
    const before = await server.balance('stall:one:USD')
    for (const route of ['own:one:USD', 'stall:one:USD', source, target]) {
      await allowed.done(`/${route}/charges`, { ...chargeOf(source, target, 1), currency: 'USD' })
    }
    assert.equal((await server.balance('stall:one:USD')) - before, 400n)
  })

  it('needs a source that the owner has allowed, one that is not there answering alike', async () => {
    for (const source of ['own:two:USD', 'us:8301234567:USD', 'own:nobody:USD']) {
      const payload = chargeOf(source, 'stall:one:USD', 1)
      assert.equal(await refusal(server, allowed, `/${source}/charges`, payload), '403 wallet-not-allowed')
    }
    assert.equal(
      await refusal(server, shop, path, chargeOf('own:one:USD', 'stall:one:USD', 1)),
      '403 wallet-not-allowed',
    )
  })

  it('needs the scope', async () => {
    const scopes = ['payments', 'transactions', 'refunds', 'invoices', 'funds', 'refills', 'balance']
    const narrow = await granted(server, shop, owner.partyId, ['own:one:USD'], scopes)
    assert.equal(
      await refusal(server, narrow, path, chargeOf('own:one:USD', 'stall:one:USD', 1)),
      '403 insufficient-scope',
    )
  })

  it('is refused where route, unit, sum or balance do not fit', async () => {
    const refuse = (payload: object, at = path) => refusal(server, allowed, at, payload)
    const good = chargeOf('own:one:USD', 'stall:one:USD', 1)
    assert.equal(await refuse(good, '/us:8301234567:USD/charges'), '422 route-mismatch')
    assert.equal(await refuse(good, '/own:nobody:USD/charges'), '422 route-mismatch')
    assert.equal(await refuse({ ...good, endpoint: 'payments' }), '422 endpoint-mismatch')
    assert.equal(await refuse({ ...good, target: 'own:one:USD' }), '422 same-wallet')
    assert.equal(await refuse({ ...good, target: 'stall:nobody:USD' }), '404 wallet-not-found')
    assert.equal(await refuse({ ...good, target: 'stall:pts:PTS' }), '422 currency-mismatch')
    assert.equal(
      await refuse(chargeOf('own:one:PTS', 'stall:pts:PTS', 1), '/own:one:PTS/charges'),
      '422 circle-mismatch',
    )
    assert.equal(await refuse({ ...good, currency: 'EUR' }), '422 currency-mismatch')
    assert.equal(await refuse({ ...good, details: { subtotal: 2 } }), '422 details-sum-differs')
    assert.equal(await refuse({ ...good, amount: 0.001 }), '422 amount-too-precise')
    assert.equal(await refuse({ ...good, amount: -1 }), '422 amount-not-positive')
    assert.equal(await refuse({ ...good, amount: 1_000 }), '422 unavailable-funds')
    assert.equal(await refuse({ ...good, transaction: 'x' }), '400 payload-member-unknown')
    assert.equal(await refuse({ ...good, source: undefined }), '400 payload-invalid')
    assert.equal(await refuse({ ...good, token: 'x' }), '403 token-invalid')
  })

  it('is done once for a key, however many send it', async () => {
    const payload = chargeOf('own:one:USD', 'stall:one:USD', 1, { nonce: 'charge-1' })
    const before = await server.balance('own:one:USD')
    const answers = await many(() => allowed.post(path, payload))
    assert.deepEqual(tally(answers, allowed.signingSecret), { '200 true': CALLERS })
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    assert.equal(await server.balance('own:one:USD'), before - 100n)
    assert.equal(await refusal(server, allowed, path, { ...payload, amount: 2 }), '409 idempotency-conflict')
    assert.equal(await refusal(server, allowed, '/stall:one:USD/charges', payload), '409 idempotency-conflict')
  })

  it('shares no keys with what the client does for itself or for another owner', async () => {
    const other = await server.client([{ id: 'own:other:USD', lower: '-5.00' }])
    const elsewhere = await granted(server, shop, other.partyId, ['own:other:USD'])
    const done = await elsewhere.done(
      '/own:other:USD/charges',
      chargeOf('own:other:USD', 'stall:one:USD', 1, { nonce: 'charge-1' }),
    )
    assert.equal(done.source, 'own:other:USD')
    await shop.done('/stall:one:USD/payments', {
      endpoint: 'payments',
      target: 'own:two:USD',
      amount: 1,
      currency: 'USD',
      nonce: 'charge-1',
    })
  })

  it('never takes more than there is, however many ask at once', async () => {
    const balance = await server.balance('own:one:USD')
    const each = balance / 10n
    const amount = `${each / 100n}.${String(each % 100n).padStart(2, '0')}`
    const counts = tally(
      await many(() => allowed.post(path, chargeOf('own:one:USD', 'stall:one:USD', amount))),
      allowed.signingSecret,
    )
    assert.deepEqual(counts, {
      '200 true': Number(balance / each),
      '422 unavailable-funds': CALLERS - Number(balance / each),
    })
    assert.equal(await server.balance('own:one:USD'), balance % each)
  })
})

it('the books are clean after all of it', () => server.assertClean())
