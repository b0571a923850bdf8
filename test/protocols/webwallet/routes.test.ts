import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { opaqueWalletId } from '../../../src/domain/wallet-id.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { opened } from '../../support/wallet-client.ts'

const MERCHANT_USD = 'shop:corner-cafe:USD'
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

const fundsOf = (currency: string, amount: number | string, target = `shop:corner-cafe:${currency}`) => ({
  endpoint: 'funds',
  source: `bank:gateway:${currency}`,
  target,
  amount,
  currency,
})

describe('the wallet routes', () => {
  it('answer funds with the payload as it was sent, a time, a reference and success, signed', async () => {
    const { gateway } = server
    const payload = {
      ...fundsOf('USD', 100.5),
      details: { subtotal: 90, taxes: '10.5' },
      description: 'première recharge ☕',
      metadata: { order: 17, tags: ['a', null, true], nested: { x: 1e21 } },
      nonce: 'shape-1',
    }
    const from = Date.now()
    const { timestamp, reference, success, ...echo } = await gateway.done(`/${MERCHANT_USD}/funds`, payload)
    assert.deepEqual(echo, payload)
    assert.equal(success, true)
    assert.match(reference, uuid)
    assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.ok(Date.parse(timestamp) >= from - 5 && Date.parse(timestamp) <= Date.now() + 5)
    assert.equal(await server.balance(MERCHANT_USD), 10_050n)
  })

  it('answer payments with the payload as it was sent, a time, a reference and success, signed', async () => {
    const payload = { endpoint: 'payments', target: 'us:8301234567:USD', amount: 1, currency: 'USD' }
    const { timestamp, reference, success, ...echo } = await server.merchant.done(`/${MERCHANT_USD}/payments`, payload)
    assert.deepEqual(echo, payload)
    assert.equal(success, true)
    assert.match(reference, uuid)
    assert.ok(Date.parse(timestamp) > 0)
  })

  it('show a wallet without its balance', async () => {
    const { merchant } = server
    const answer = await merchant.get('/shop:corner-cafe:KWD')
    assert.equal(answer.status, 200)
    assert.deepEqual(opened(answer, merchant.signingSecret), {
      id: 'shop:corner-cafe:KWD',
      opaqueId: opaqueWalletId('shop:corner-cafe:KWD'),
      namespace: 'shop',
      number: 'corner-cafe',
      currency: { code: 'KWD', circle: 'public' },
      links: {
        self: '/shop:corner-cafe:KWD',
        balance: '/shop:corner-cafe:KWD/balance',
        transactions: '/shop:corner-cafe:KWD/transactions',
      },
    })
  })

  it('show a balance with its currency, circle and limits, and null for a limit that does not bind', async () => {
    const { gateway } = server
    await gateway.done('/shop:corner-cafe:EUR/funds', fundsOf('EUR', '12.30'))
    const answer = await gateway.get('/bank:gateway:EUR/balance')
    assert.equal(answer.status, 200)
    assert.deepEqual(opened(answer, gateway.signingSecret), {
      balance: { amount: -12.3, currency: { code: 'EUR', circle: 'public' }, limits: { lower: null, upper: 0 } },
    })
  })

  it('show the history, newest first, and one transaction by its reference, as both sides see it', async () => {
    const { gateway, merchant } = server
    const remarks = { description: 'beans', details: { subtotal: '7.005' }, metadata: { order: 'A-1' } }
    const funded = await gateway.done('/shop:corner-cafe:KWD/funds', { ...fundsOf('KWD', '7.005'), ...remarks })
    const line = {
      ...remarks,
      reference: funded.reference,
      endpoint: 'funds',
      source: 'bank:gateway:KWD',
      target: 'shop:corner-cafe:KWD',
      amount: 7.005,
      currency: 'KWD',
      timestamp: funded.timestamp,
    }
    const history = opened(await merchant.get('/shop:corner-cafe:KWD/transactions'), merchant.signingSecret)
    assert.deepEqual(history, { transactions: [{ ...line, balance: 7.005 }], next: null })
    const one = await merchant.get(`/shop:corner-cafe:KWD/transactions/${funded.reference}`)
    assert.deepEqual(opened(one, merchant.signingSecret), { transaction: { ...line, balance: 7.005 } })
    const other = await gateway.get(`/bank:gateway:KWD/transactions/${funded.reference}`)
    assert.deepEqual(opened(other, gateway.signingSecret), { transaction: { ...line, balance: -7.005 } })
  })

  it('take every spelling of a wallet id, in the path and in the payload, and echo the one that was sent', async () => {
    const { gateway } = server
    const opaque = opaqueWalletId(MERCHANT_USD)
    const paths = [
      MERCHANT_USD,
      opaque,
      'shop%3Acorner-cafe%3AUSD',
      'shop%3acorner-cafe:USD',
      'SHOP:corner-cafe:usd',
      'Shop%3Acorner-cafe:Usd',
    ]
    const targets = [MERCHANT_USD, opaque, 'SHOP:corner-cafe:usd']
    const before = await server.balance(MERCHANT_USD)
    for (const path of paths) {
      for (const target of targets) {
        const echo = await gateway.done(`/${path}/funds`, fundsOf('USD', '0.01', target))
        assert.equal(echo.target, target)
      }
    }
    assert.equal((await server.balance(MERCHANT_USD)) - before, 18n)
    for (const path of paths) {
      const seen = opened(await server.merchant.get(`/${path}`), server.merchant.signingSecret)
      assert.equal(seen.id, MERCHANT_USD)
    }
  })

  it('are the same below /wallets, and with a slash at the end', async () => {
    const { gateway, merchant } = server
    const before = await server.balance(MERCHANT_USD)
    await gateway.done(`/wallets/${MERCHANT_USD}/funds`, fundsOf('USD', 5))
    await merchant.done(`/wallets/${MERCHANT_USD}/payments/`, {
      endpoint: 'payments',
      target: 'us:8301234567:USD',
      amount: 2,
      currency: 'USD',
    })
    assert.equal((await server.balance(MERCHANT_USD)) - before, 300n)
    for (const path of ['', '/balance', '/transactions', '/transactions?limit=3']) {
      const [bare, below, slashed] = [
        await merchant.get(`/${MERCHANT_USD}${path}`),
        await merchant.get(`/wallets/${MERCHANT_USD}${path}`),
        await merchant.get(`/${MERCHANT_USD}${path.replace(/(\?|$)/, '/$1')}`),
      ]
      assert.equal(bare.status, 200)
      assert.equal(below.text, bare.text)
      assert.equal(slashed.text, bare.text)
    }
  })

  it('count yen without decimals, dollars with two, dinars with three, points as their circle says', async () => {
    const { gateway, sandbox } = server
    const points = sandbox.people.flatMap(({ wallets }) => wallets).find((id) => id.endsWith(':PTS')) as string
    const rows: [string, string, number | string, bigint][] = [
      ['JPY', 'jp:01234567890:JPY', 1500, 1500n],
      ['COP', 'co:3123456789:COP', '1500.25', 150_025n],
      ['KWD', 'shop:corner-cafe:KWD', 0.001, 1n],
      ['PTS', points, 40, 40n],
    ]
    for (const [currency, target, amount, minor] of rows) {
      const before = await server.balance(target)
      await gateway.done(`/${target}/funds`, fundsOf(currency, amount, target))
      assert.equal((await server.balance(target)) - before, minor, currency)
    }
    const seen = opened(await gateway.get('/bank:gateway:PTS/balance'), gateway.signingSecret)
    assert.deepEqual(seen.balance.currency, { code: 'PTS', circle: 'corner-cafe' })
    assert.equal(seen.balance.amount, -40)
  })

  it('print a balance that no double holds exactly as a decimal string', async () => {
    const big = await server.client([{ id: 'mint:big:USD', lower: null }, { id: 'mint:pile:USD' }])
    for (let i = 0; i < 11; i++) {
      await big.done('/mint:pile:USD/funds', {
        endpoint: 'funds',
        source: 'mint:big:USD',
        target: 'mint:pile:USD',
        amount: i === 0 ? '0.01' : '10000000000000.00',
        currency: 'USD',
      })
    }
    const pile = opened(await big.get('/mint:pile:USD/balance'), big.signingSecret)
    const mint = opened(await big.get('/mint:big:USD/balance'), big.signingSecret)
    assert.equal(pile.balance.amount, '100000000000000.01')
    assert.equal(mint.balance.amount, '-100000000000000.01')
  })

  it('leave clean books', () => server.assertClean())
})
