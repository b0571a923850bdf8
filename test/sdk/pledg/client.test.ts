import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import jwt from 'jsonwebtoken'
import { createPledg } from '#sdk/pledg/client.ts'
import { PledgError } from '#sdk/pledg/error.ts'
import type { PledgOptions } from '#sdk/pledg/types.ts'
import type { PledgParameters } from '#sdk/pledg/wire.ts'
import { instead, json, type Seen, startLoopback } from '../walleo/loopback.ts'

const merchantSecret = 'a merchant secret'
const parameters: PledgParameters = {
  amountCents: 10_000,
  merchantUid: 'mer_1',
  reference: 'order-7',
  title: 'A bicycle',
  email: 'ada@example.com',
  firstName: 'Ada',
  lastName: 'Lovelace',
}
const purchase = { uid: 'pur_1', state: 'created', reference: 'order-7', amount_cents: 10_000, currency: 'EUR' }

/** A small Pledg of the test's own, whose tokens are read by `jsonwebtoken`. */
async function start(t: TestContext, options: Partial<PledgOptions> = {}) {
  const tokens: string[] = []
  const ended = new Set<string>()
  const loopback = await startLoopback(t, ({ method, target, headers, body }: Seen) => {
    const { pathname, searchParams } = new URL(target, 'http://upstream')
    const { authorization = '' } = headers
    if (pathname === '/api/token') {
      const right = authorization === `Basic ${btoa('key:se:cret')}` && body === 'grant_type=client_credentials'
      if (!right) return json(401, { error: 'invalid_client' })
      tokens.push(`token-${tokens.length}`)
      return json(200, { access_token: tokens.at(-1), token_type: 'Bearer', expires_in: 600 })
    }
    const signature = searchParams.get('signature')
    if (signature !== null) {
      const { data } = jwt.verify(signature, merchantSecret, { algorithms: ['HS256'] }) as { data: PledgParameters }
      const answer = { ...purchase, reference: data.reference, amount_cents: data.amountCents }
      return json(201, pathname === '/api/purchase_link/' ? { ...answer, url: 'https://front/checkout/x' } : answer)
    }
    if (pathname.includes('/merchants/mer_1/simulate')) {
      return json(200, { INSTALLMENT: [{ amount_cents: 5000, fees: 0, payment_date: '2030-01-01' }] })
    }
    if (pathname.includes('/companies/')) {
      return json(200, { items: [{ DEFERRED: { amount_cents: 1, fees: 0, payment_date: '2030-01-01' }, taeg: 1 }] })
    }
    const bearer = authorization.replace('Bearer ', '')
    const known = (tokens.includes(bearer) && !ended.has(bearer)) || authorization === `Basic ${btoa('a@b.c:p')}`
    if (!known) return json(401, { error: { type: 'authentication_error', message: 'Who is it?' } })
    if (pathname.endsWith('pur_2')) return json(404, { error: { type: 'not_found', message: 'There is none' } })
    return json(200, { ...purchase, method, state: pathname.split('/').at(-1) })
  })
  const pledg = createPledg({
    url: `${loopback.url}/`,
    credentials: { key: 'key', secret: 'se:cret' },
    merchantSecret,
    retry: { delay: 1 },
    timeout: 500,
    ...options,
  })
  return { loopback, pledg, tokens, ended }
}

const failure = (code: string, applied: 'no' | 'unknown', status?: number) => (error: unknown) => {
  assert.ok(error instanceof PledgError, String(error))
  assert.deepEqual([error.code, error.applied], [code, applied], error.message)
  if (status !== undefined) assert.equal(error.status, status)
  return true
}

test('a link is asked for by a signature in the query and no body, and asked for again when its answer is lost', async (t) => {
  const { loopback, pledg } = await start(t)
  loopback.faults.push({ kind: 'lost' })
  const link = await pledg.purchaseLink(parameters, { expiresIn: 3600 })
  assert.equal(link.url, 'https://front/checkout/x')
  assert.equal(loopback.seen.length, 2)
  const [{ target = '', body = '' } = {}] = loopback.seen
  assert.equal(body, '')
  const token = new URL(target, 'http://x').searchParams.get('signature') as string
  const claims = jwt.verify(token, merchantSecret) as { exp: number; data: object }
  assert.deepEqual(claims.data, parameters)
  assert.ok(Math.abs(claims.exp - Date.now() / 1000 - 3600) < 5)
})

test('a link that is mailed, and a transfer, are not asked for again once they may have been made', async (t) => {
  const { loopback, pledg } = await start(t)
  loopback.faults.push({ kind: 'lost' }, { kind: 'lost' })
  const settings = { send_email: true, email: 'ada@example.com' }
  await assert.rejects(pledg.purchaseLink(parameters, { settings }), failure('network-failure', 'unknown'))
  await assert.rejects(pledg.paymentByTransfer(parameters), failure('network-failure', 'unknown'))
  assert.equal(loopback.seen.length, 2)
})

test('the addresses of pages are signed, below the front’s address', async (t) => {
  const { loopback, pledg } = await start(t, { frontUrl: 'https://front.example/' })
  const purchaseUrl = new URL(await pledg.purchaseUrl(parameters))
  assert.equal(purchaseUrl.origin + purchaseUrl.pathname, 'https://front.example/purchase')
  assert.ok(jwt.verify(purchaseUrl.searchParams.get('signature') as string, merchantSecret))
  const solutions = new URL(await pledg.paymentSolutionsUrl({ ...parameters, companyUid: 'cmp_1', currency: 'EUR' }))
  assert.equal(solutions.pathname, '/payment_solutions')
  assert.equal(loopback.seen.length, 0)
})

test('a token serves many calls, and is replaced once when it is refused', async (t) => {
  const { pledg, tokens, ended } = await start(t)
  await Promise.all(Array.from({ length: 16 }, () => pledg.purchase('mer_1', 'pur_1')))
  assert.equal(tokens.length, 1)
  ended.add('token-0')
  assert.equal((await pledg.capture('pur_1')).state, 'capture')
  assert.equal(tokens.length, 2)
})

test('a token is asked for anew when its ten minutes are nearly over', async (t) => {
  let now = Date.now()
  const { pledg, tokens } = await start(t, { clock: () => now })
  for (const seconds of [0, 500, 80]) {
    now += seconds * 1000
    await pledg.purchase('mer_1', 'pur_1')
  }
  assert.equal(tokens.length, 2)
})

test('the sign-in of the dashboard serves as well', async (t) => {
  const { pledg, tokens } = await start(t, { credentials: { email: 'a@b.c', password: 'p' } })
  assert.equal((await pledg.release('pur_1')).state, 'release')
  assert.equal(tokens.length, 0)
})

test('a credit is not sent twice by itself, but with a key that the server knows it by', async (t) => {
  const { loopback, pledg } = await start(t)
  await pledg.purchase('mer_1', 'pur_1')
  const credits = () => loopback.seen.filter(({ target }) => target.endsWith('/credit_by_transfer'))
  loopback.faults.push({ kind: 'lost' })
  await assert.rejects(pledg.credit('pur_1', { amount_cents: 100 }), failure('network-failure', 'unknown'))
  assert.equal(credits().length, 1)
  loopback.faults.push({ kind: 'lost' })
  await pledg.credit('pur_1', { amount_cents: 100 }, { idempotencyKey: 'k-1' })
  assert.deepEqual(
    credits().map(({ headers }) => headers['idempotency-key']),
    [undefined, 'k-1', 'k-1'],
  )
  assert.equal(credits()[0]?.body, '{"amount_cents":100}')
})

test('schedules are simulated without credentials, of a merchant and of a company', async (t) => {
  const { loopback, pledg, tokens } = await start(t, { credentials: undefined as never })
  const wish = { amount_cents: 5000, created: '2030-01-01' }
  assert.deepEqual(await pledg.simulate({ merchantUid: 'mer_1', ...wish }), [
    { INSTALLMENT: [{ amount_cents: 5000, fees: 0, payment_date: '2030-01-01' }] },
  ])
  assert.equal((await pledg.simulate({ companyUid: 'cmp_1', ...wish }))[0]?.DEFERRED?.amount_cents, 1)
  assert.deepEqual(JSON.parse(loopback.seen[0]?.body ?? ''), wish)
  assert.equal(loopback.seen[0]?.headers.authorization, undefined)
  assert.equal(tokens.length, 0)
})

test('refusals come under their own names, of either form', async (t) => {
  const { pledg } = await start(t)
  await assert.rejects(pledg.purchase('mer_1', 'pur_2'), failure('not_found', 'no', 404))
  const wrong = await start(t, { credentials: { key: 'key', secret: 'wrong' } })
  await assert.rejects(wrong.pledg.purchase('mer_1', 'pur_1'), failure('invalid_client', 'no', 401))
  wrong.loopback.faults.push(instead(201, '{"uid":5}'))
  await assert.rejects(wrong.pledg.purchaseLink(parameters), failure('answer-malformed', 'unknown', 201))
})

test('what cannot be sent is refused before anything is sent', async (t) => {
  const { loopback, pledg } = await start(t)
  for (const amountCents of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(pledg.purchaseLink({ ...parameters, amountCents }), TypeError)
    await assert.rejects(pledg.credit('pur_1', { amount_cents: amountCents }), TypeError)
  }
  await assert.rejects(pledg.purchase('mer_1', '..'), TypeError)
  await assert.rejects(pledg.credit('pur_1', { amount_cents: 1 }, { idempotencyKey: 'two words' }), TypeError)
  const bare = createPledg({ url: loopback.url })
  await assert.rejects(bare.purchase('mer_1', 'pur_1'), /credentials/)
  await assert.rejects(bare.purchaseLink(parameters), /merchantSecret/)
  await assert.rejects(bare.verifyNotification('{}'), /merchantSecret/)
  assert.throws(() => createPledg({ url: loopback.url, credentials: { key: 'a:b', secret: '' } }), TypeError)
  assert.equal(loopback.seen.length, 0)
})
