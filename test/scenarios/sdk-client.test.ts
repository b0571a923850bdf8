import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createWebWallet } from '../../sdk/src/webwallet/client.ts'
import { WebWalletError } from '../../sdk/src/webwallet/error.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'

const MERCHANT = 'shop:corner-cafe:USD'
const ADA = 'us:8301234567:USD'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

const walletsOf = (name: 'gateway' | 'merchant', changes: Partial<Parameters<typeof createWebWallet>[0]> = {}) => {
  const { client_id, client_secret, signing_secret } = server.sandbox.clients[name]
  return createWebWallet({
    url: server.url,
    clientId: client_id,
    clientSecret: client_secret,
    signingSecret: signing_secret,
    ...changes,
  })
}

/** The error that a call ends with. */
async function failure(call: Promise<unknown>): Promise<WebWalletError> {
  const error = await call.then(
    () => null,
    (thrown) => thrown,
  )
  assert.ok(error instanceof WebWalletError, String(error))
  return error
}

describe('the SDK against the real server', () => {
  it('funds, pays in both ways, and reads wallet, balance and history', async () => {
    const [gateway, merchant] = [walletsOf('gateway'), walletsOf('merchant')]
    const funded = await gateway.fund({
      source: 'bank:gateway:USD',
      target: MERCHANT,
      amount: '100.00',
      currency: 'USD',
    })
    assert.equal(funded.success, true)
    const own = await merchant.pay({
      target: ADA,
      amount: 10,
      currency: 'USD',
      details: { subtotal: '9.5', taxes: '0.5' },
    })
    const named = await merchant.pay({
      payer: MERCHANT,
      target: ADA,
      amount: '2.50',
      currency: 'USD',
      metadata: { table: 4 },
    })
    assert.equal((await merchant.wallet(MERCHANT)).currency.code, 'USD')
    assert.deepEqual(await merchant.balance(MERCHANT), {
      amount: 87.5,
      currency: { code: 'USD', circle: 'public' },
      limits: { lower: 0, upper: null },
    })
    const { transactions, next } = await merchant.history(MERCHANT, { limit: 2 })
    assert.deepEqual(
      transactions.map(({ reference }) => reference),
      [named.reference, own.reference],
    )
    assert.ok(next)
    const last = await merchant.history(MERCHANT, { after: next })
    assert.deepEqual(
      last.transactions.map(({ reference }) => reference),
      [funded.reference],
    )
    assert.equal(last.next, null)
    assert.deepEqual((await merchant.transaction(MERCHANT, named.reference)).metadata, { table: 4 })
  })

  it('repeats under its key what got no answer, and moves money once', async () => {
    let drop = true
    const merchant = walletsOf('merchant', {
      retry: { times: 2, delay: 1 },
      fetch: async (input, init) => {
        const response = await fetch(input, init)
        if (!drop || !String(input).endsWith('/payments')) return response
        drop = false
        await response.arrayBuffer()
        throw new TypeError('the answer was lost')
      },
    })
    const before = await server.balance(ADA)
    await merchant.pay({ target: ADA, amount: 1, currency: 'USD' })
    assert.equal((await server.balance(ADA)) - before, 100n)
    assert.equal(drop, false)
  })

  it('throws what the server signed, with its code', async () => {
    const merchant = walletsOf('merchant')
    const poor = await failure(merchant.pay({ target: ADA, amount: '1000000', currency: 'USD' }))
    assert.deepEqual([poor.code, poor.status, poor.verified], ['unavailable-funds', 422, true])
    assert.ok(poor.idempotencyKey)
    const again = await failure(
      merchant.pay({ target: ADA, amount: '5', currency: 'USD' }, { idempotencyKey: poor.idempotencyKey as string }),
    )
    assert.equal(again.code, 'idempotency-conflict')
    assert.equal((await failure(merchant.balance(ADA))).code, 'wallet-not-allowed')
    assert.equal((await failure(merchant.transaction(MERCHANT, 'x'))).code, 'transaction-not-found')
    const narrow = walletsOf('merchant', { scope: 'balance' })
    assert.equal((await failure(narrow.pay({ target: ADA, amount: 1, currency: 'USD' }))).code, 'insufficient-scope')
  })

  it('believes nothing that another secret signed', async () => {
    const wrong = walletsOf('merchant', { signingSecret: 'not the secret' })
    assert.equal((await failure(wrong.balance(MERCHANT))).code, 'answer-signature-wrong')
    assert.equal(
      (await failure(walletsOf('merchant', { clientSecret: 'wrong' }).balance(MERCHANT))).code,
      'invalid_client',
    )
  })

  it('leaves clean books', () => server.assertClean())
})
