import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { sealEnvelope } from '#sdk/protocol/envelope.ts'
import { WalletIdError } from '#sdk/protocol/errors.ts'
import { createWebWallet } from '#sdk/webwallet/client.ts'
import { WebWalletError } from '#sdk/webwallet/error.ts'
import type { WebWalletOptions } from '#sdk/webwallet/options.ts'
import { createMac, createSigningKey } from '../../../src/credentials/envelope.ts'
import { type Reply, receipt, type Seen, signingSecret, startFakeServer } from './fake-server.ts'

async function setUp(
  t: TestContext,
  answer: (seen: Seen, count: number) => Reply = receipt,
  options: Partial<WebWalletOptions> = {},
) {
  const server = await startFakeServer(answer)
  t.after(() => server.stop())
  const wallets = createWebWallet({
    url: `${server.url}/`,
    clientId: 'merchant:1',
    clientSecret: 'p@ss %word',
    signingSecret,
    retry: { delay: 1 },
    ...options,
  })
  return { server, wallets }
}

const payment = { target: 'co:3123456789:COP', amount: '1500.50', currency: 'COP' }

const failure = async (promise: Promise<unknown>): Promise<WebWalletError> => {
  const error = await promise.then(
    () => assert.fail('it succeeded'),
    (reason) => reason,
  )
  assert.ok(error instanceof WebWalletError, String(error))
  return error
}

test('a payment is signed, keyed, sent to the recipient, and answered with a receipt', async (t) => {
  const { server, wallets } = await setUp(t)
  const answer = await wallets.pay({ ...payment, metadata: { order: 'A-1' }, description: undefined })
  assert.equal(answer.reference, 'ref-1')
  assert.equal(answer.amount, '1500.50')
  const [seen] = server.requests
  assert.equal(seen?.method, 'POST')
  assert.equal(seen?.path, '/co:3123456789:COP/payments')
  assert.equal(seen?.token, 'token-1')
  assert.match(seen?.key ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-4/)
  assert.deepEqual(seen?.payload, { endpoint: 'payments', ...payment, metadata: { order: 'A-1' } })
})

test('a payer of another wallet stands in the path, and not in the payload', async (t) => {
  const { server, wallets } = await setUp(t)
  await wallets.pay({ ...payment, payer: 'CO:3000000000:cop' })
  assert.equal(server.requests[0]?.path, '/co:3000000000:COP/payments')
  assert.equal(server.requests[0]?.payload?.payer, undefined)
})

test('funds go to the target, and a key of the caller is sent as it is', async (t) => {
  const { server, wallets } = await setUp(t)
  const params = { source: 'us:1:USD', target: 'us:8301234567:USD', amount: 20, currency: 'USD', nonce: 'n-1' }
  await wallets.fund(params, { idempotencyKey: 'order-7' })
  assert.equal(server.requests[0]?.path, '/us:8301234567:USD/funds')
  assert.equal(server.requests[0]?.key, 'order-7')
  assert.deepEqual(server.requests[0]?.payload, { endpoint: 'funds', ...params })
})

test('reads return what the payload carries', async (t) => {
  const currency = { code: 'COP', circle: 'main' }
  const wallet = { id: 'co:1:COP', opaqueId: 'ZeXCodJd9GKoAgSazvQQirb4gzW', namespace: 'co', number: '1', currency }
  const balance = { amount: 15.5, currency, limits: { lower: 0, upper: null } }
  const transaction = { reference: 'r/1', endpoint: 'payments', timestamp: 't', amount: '1', currency: 'COP' }
  const { server, wallets } = await setUp(t, ({ path }) => {
    if (path === '/co:1:COP') return { payload: wallet }
    if (path === '/co:1:COP/balance') return { payload: { balance } }
    if (path.startsWith('/co:1:COP/transactions?')) return { payload: { transactions: [transaction], next: 'c2' } }
    return { payload: { transaction } }
  })
  assert.deepEqual(await wallets.wallet('co:1:COP'), wallet)
  assert.deepEqual(await wallets.balance('co:1:COP'), balance)
  assert.deepEqual(await wallets.history('co:1:COP', { after: 'c 1', limit: 10 }), {
    transactions: [transaction],
    next: 'c2',
  })
  assert.deepEqual(await wallets.transaction('co:1:COP', 'r/1'), transaction)
  assert.deepEqual(server.requests.map(({ path }) => path).slice(2), [
    '/co:1:COP/transactions?limit=10&cursor=c+1',
    '/co:1:COP/transactions/r%2F1',
  ])
  assert.ok(server.requests.every(({ key, method }) => key === undefined && method === 'GET'))
})

test('callers that arrive together share one token request, with form-encoded Basic credentials', async (t) => {
  const { server, wallets } = await setUp(t, receipt, { scope: 'payments balance' })
  await Promise.all(Array.from({ length: 10 }, () => wallets.pay(payment)))
  assert.equal(server.tokens.length, 1)
  assert.equal(server.tokens[0]?.authorization, `Basic ${btoa('merchant%3A1:p%40ss+%25word')}`)
  assert.equal(server.tokens[0]?.body, 'grant_type=client_credentials&scope=payments+balance')
  assert.equal(new Set(server.requests.map(({ key }) => key)).size, 10)
})

test('a token is kept until shortly before it expires', async (t) => {
  let now = 1_000_000
  const { server, wallets } = await setUp(t, receipt, { clock: () => now })
  await wallets.pay(payment)
  now += 569_000
  await wallets.pay(payment)
  assert.equal(server.tokens.length, 1)
  now += 2_000
  await wallets.pay(payment)
  assert.equal(server.tokens.length, 2)
  assert.equal(server.requests[2]?.token, 'token-2')
})

const expired: Reply = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  payload: { success: false, error: { code: 'invalid-token', message: 'The token has expired' } },
}

test('a token that the server refuses is replaced once, under the same idempotency key', async (t) => {
  const { server, wallets } = await setUp(t, (seen, count) => (count === 1 ? expired : receipt(seen)))
  await wallets.pay(payment)
  assert.deepEqual(
    server.requests.map(({ token }) => token),
    ['token-1', 'token-2'],
  )
  assert.equal(server.requests[0]?.key, server.requests[1]?.key)
})

test('a second refusal of a token is an error', async (t) => {
  const { server, wallets } = await setUp(t, () => expired)
  const error = await failure(wallets.pay(payment))
  assert.deepEqual([error.code, error.status, error.verified], ['invalid-token', 401, true])
  assert.equal(server.requests.length, 2)
})

test('when no new token can be had for a payment that may have gone out, the error carries its key', async (t) => {
  const { server, wallets } = await setUp(t, (_, count) => {
    server.setTokenReply({ status: 400, body: '{"error":"invalid_client"}' })
    return count === 1 ? { hangUp: true } : expired
  })
  const error = await failure(wallets.pay(payment, { idempotencyKey: 'order-8' }))
  assert.deepEqual([error.code, error.status, error.idempotencyKey], ['invalid_client', 400, 'order-8'])
  assert.equal(server.requests.length, 2)
})

test('a refused client is an error of OAuth, and the next call asks again', async (t) => {
  const { server, wallets } = await setUp(t)
  server.setTokenReply({ status: 401, body: '{"error":"invalid_client","error_description":"No such client"}' })
  const error = await failure(wallets.balance('co:1:COP'))
  assert.deepEqual([error.code, error.status, error.message], ['invalid_client', 401, 'No such client'])
  await failure(wallets.balance('co:1:COP'))
  assert.equal(server.tokens.length, 2)
  server.setTokenReply({ status: 200, body: '<html>' })
  assert.equal((await failure(wallets.balance('co:1:COP'))).code, 'answer-malformed')
})

for (const [name, broken] of [
  ['a connection that breaks', { hangUp: true }],
  ['a server that is busy', { status: 503, headers: { 'retry-after': '0' }, body: '' }],
] as const) {
  test(`${name} is asked again, under the same key`, async (t) => {
    const { server, wallets } = await setUp(t, (seen, count) => (count < 3 ? broken : receipt(seen)))
    assert.equal((await wallets.pay(payment)).reference, 'ref-1')
    assert.equal(server.requests.length, 3)
    assert.equal(new Set(server.requests.map(({ key }) => key)).size, 1)
  })
}

test('when no answer arrives at all, the error carries the key that settles the question', async (t) => {
  const { server, wallets } = await setUp(t, () => ({ hangUp: true }))
  const error = await failure(wallets.pay(payment, { idempotencyKey: 'order-9' }))
  assert.deepEqual([error.code, error.status, error.idempotencyKey], ['network-failure', 0, 'order-9'])
  assert.equal(server.requests.length, 3)
})

test('an answer that takes too long is a timeout', async (t) => {
  const { wallets } = await setUp(t, receipt, {
    timeout: 50,
    retry: { times: 0 },
    fetch: (input, init) =>
      String(input).endsWith('/oauth/token')
        ? fetch(input, init)
        : new Promise((_, reject) => {
            init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
          }),
  })
  // Only a signal's timer is running meanwhile, and it keeps no process alive.
  const alive = setTimeout(() => {}, 5_000)
  t.after(() => clearTimeout(alive))
  assert.equal((await failure(wallets.pay(payment))).code, 'timeout')
})

test('a refusal keeps code, message, status and reference, and is not repeated', async (t) => {
  const { server, wallets } = await setUp(t, ({ payload }) => ({
    status: 422,
    payload: {
      ...payload,
      success: false,
      reference: 'ref-9',
      error: { code: 'unavailable-funds', message: 'Too little' },
    },
  }))
  const error = await failure(wallets.pay(payment))
  assert.deepEqual(
    [error.code, error.message, error.status, error.reference, error.verified],
    ['unavailable-funds', 'Too little', 422, 'ref-9', true],
  )
  assert.equal(server.requests.length, 1)
})

const foreign = createMac(createSigningKey('somebody else'))
const untrusted: [name: string, code: string, reply: (seen: Seen) => Reply][] = [
  [
    'signed by somebody else',
    'answer-signature-wrong',
    (s) => ({ body: sealEnvelope(receipt(s).payload ?? {}, foreign) }),
  ],
  ['not signed', 'answer-unsigned', (s) => ({ body: sealEnvelope(receipt(s).payload ?? {}, null) })],
  ['to another amount', 'answer-mismatch', (s) => ({ payload: { ...receipt(s).payload, amount: '15' } })],
  ['to another target', 'answer-mismatch', (s) => ({ payload: { ...receipt(s).payload, target: 'co:1:COP' } })],
  ['of another server', 'answer-malformed', () => ({ body: '<html>hello</html>' })],
  ['with a repeated member', 'answer-malformed', () => ({ body: '{"payload":{},"payload":{}}' })],
  ['refusing in an unknown form', 'answer-malformed', () => ({ status: 404, body: '{"message":"Not Found"}' })],
]

for (const [name, code, reply] of untrusted) {
  test(`an answer ${name} is not believed: ${code}`, async (t) => {
    const { wallets } = await setUp(t, reply)
    assert.equal((await failure(wallets.pay(payment))).code, code)
  })
}

test('an unsigned refusal is reported as unverified', async (t) => {
  const { wallets } = await setUp(t, () => ({
    status: 403,
    body: '{"payload":{"success":false,"error":{"code":"forbidden","message":"No"}}}',
  }))
  const error = await failure(wallets.balance('co:1:COP'))
  assert.deepEqual([error.code, error.status, error.verified], ['forbidden', 403, false])
})

test('what could lead a request elsewhere is refused before anything is sent', async (t) => {
  const { server, wallets } = await setUp(t)
  await assert.rejects(wallets.balance('../oauth'), WalletIdError)
  await assert.rejects(wallets.pay({ ...payment, target: 'co:1:COP/../x' }), WalletIdError)
  await assert.rejects(wallets.transaction('co:1:COP', '..'), TypeError)
  assert.equal(server.requests.length + server.tokens.length, 0)
})

test('redirects are not followed with credentials', async (t) => {
  const { server, wallets } = await setUp(t, () => ({ status: 307, headers: { location: '/elsewhere' }, body: '' }))
  assert.equal((await failure(wallets.pay(payment))).code, 'network-failure')
  assert.ok(server.requests.every(({ path }) => path === '/co:3123456789:COP/payments'))
})
