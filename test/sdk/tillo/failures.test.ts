import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createTillo } from '#sdk/tillo/client.ts'
import { TilloError } from '#sdk/tillo/error.ts'
import { type TilloErrorFacts, tilloErrorBody, tilloErrorFacts, tilloErrors } from '#sdk/tillo/error-codes.ts'
import type { TilloOptions } from '#sdk/tillo/types.ts'
import type { TilloIssueRequest } from '#sdk/tillo/wire.ts'
import { type Fault, instead, replacing } from '../walleo/loopback.ts'
import { credentials, refusal, startUpstream } from './upstream.ts'

async function setUp(t: TestContext, options: Partial<TilloOptions> = {}) {
  const upstream = await startUpstream(t)
  const comeBack = { first: 5, next: 2, patience: 50 }
  const tillo = createTillo({ ...credentials, url: upstream.url, retry: { delay: 1 }, comeBack, ...options })
  return { upstream, tillo }
}

const issued: TilloIssueRequest = {
  client_request_id: 'order-1',
  brand: 'amazon',
  face_value: { amount: '25.00', currency: 'GBP' },
  delivery_method: 'code',
  fulfilment_by: 'partner',
  sector: 'other',
}

const failure = async (promise: Promise<unknown>): Promise<TilloError> => {
  const error = await promise.then(
    () => assert.fail('it succeeded'),
    (reason) => reason,
  )
  assert.ok(error instanceof TilloError, String(error))
  return error
}

const answered = (http: number, code: string) => instead(http, refusal(http, code, 'x').body as string)
const refused = (http: number, code: string): Fault => ({ kind: 'before', reply: refusal(http, code, 'x') })

const accidents: [name: string, fault: Fault][] = [
  ['that never arrived', { kind: 'unreached' }],
  ['whose answer was lost', { kind: 'lost' }],
  ['whose answer broke off', { kind: 'cut' }],
  ['whose answer is late', { kind: 'slow' }],
  ['whose answer never ends', { kind: 'hang' }],
  ['that met status 502 without a body', instead(502, '')],
  ['that met status 504 without a body', instead(504, '')],
  ['that met code 600', answered(500, '600')],
  ['that met code 603', answered(503, '603')],
]

for (const [name, fault] of accidents) {
  test(`a request ${name} is repeated with its id, a new timestamp and a new signature, and buys one card`, async (t) => {
    let now = Date.now()
    const { upstream, tillo } = await setUp(t, { timeout: 300, clock: () => ++now })
    upstream.faults.push(fault)
    assert.equal((await tillo.digital.issue(issued)).code, 'SECRET-0001')
    assert.equal(upstream.sales.length, 1)
    assert.ok(upstream.seen.every(({ body }) => JSON.parse(body).client_request_id === 'order-1'))
    assert.equal(new Set(upstream.signatures).size, upstream.signatures.length)
    assert.equal(new Set(upstream.timestamps).size, upstream.timestamps.length)
  })

  test(`when every request is one ${name}, the error names the accident and the request id`, async (t) => {
    const { upstream, tillo } = await setUp(t, { timeout: 300 })
    upstream.faults.push(fault, fault, fault, fault)
    const error = await failure(tillo.digital.issue(issued))
    const codes: Record<string, string> = { slow: 'timeout', hang: 'timeout', instead: 'server-failure' }
    const expected = /code (\d+)/.exec(name)?.[1] ?? codes[fault.kind] ?? 'network-failure'
    assert.deepEqual([error.code, error.clientRequestId, error.applied], [expected, 'order-1', 'unknown'])
    assert.equal(upstream.faults.length, 1)
  })
}

const oddAnswers: [name: string, fault: Fault, code: string, status: number][] = [
  ['a redirect', instead(301, '', { location: 'http://127.0.0.1:1/' }), 'redirected', 301],
  ['a redirect that keeps the method', instead(307, '', { location: '/elsewhere' }), 'redirected', 307],
  ['malformed JSON', { kind: 'altered', alter: (body) => body.slice(0, -1) }, 'answer-malformed', 200],
  ["another server's page", instead(200, '<html>'), 'answer-malformed', 200],
  ['a success without data', instead(200, '{"code":"000","status":"success"}'), 'answer-malformed', 200],
  ['a code that is a number', { kind: 'altered', alter: replacing('code', 0) }, 'answer-malformed', 200],
  ['a reference that is null', { kind: 'altered', alter: replacing('reference', null) }, 'answer-malformed', 200],
  ['a brand that is a list', { kind: 'altered', alter: replacing('brand', []) }, 'answer-malformed', 200],
  ['money without a currency', { kind: 'altered', alter: replacing('currency', undefined) }, 'answer-malformed', 200],
  ['another value', { kind: 'altered', alter: replacing('amount', 2500) }, 'answer-mismatch', 200],
  ['another currency', { kind: 'altered', alter: replacing('currency', 'EUR') }, 'answer-mismatch', 200],
  ['a page that is not found', instead(404, '<html>'), 'answer-malformed', 404],
  ['a code that nobody knows', answered(418, '987'), '987', 418],
]

for (const [name, fault, code, status] of oddAnswers) {
  test(`${name} is no answer to an issue, and not repeated`, async (t) => {
    const { upstream, tillo } = await setUp(t)
    upstream.faults.push(fault)
    const error = await failure(tillo.digital.issue(issued))
    assert.deepEqual([error.code, error.status, error.applied], [code, status, 'unknown'])
    assert.equal(upstream.seen.length, 1)
    assert.doesNotMatch(`${error.message} ${error.cause}`, /SECRET/)
  })
}

test('refusals carry the code, the words, the status and the fields of the server, and are not repeated', async (t) => {
  const { upstream, tillo } = await setUp(t)
  const absent = await failure(tillo.digital.issue({ ...issued, brand: 'abc123' }))
  assert.deepEqual([absent.code, absent.status, absent.applied], ['072', 400, 'no'])
  assert.equal(absent.message, 'The requested brand [abc123] does not exist')
  const unknown = await failure(tillo.digital.orderStatus({ original_client_request_id: 'order-9' }))
  assert.deepEqual([unknown.code, unknown.clientRequestId, unknown.applied], ['433', 'order-9', 'unknown'])
  assert.deepEqual(unknown.data, { reference: ['unknown'] })
  upstream.faults.push(instead(422, '{"code":"433","status":"error","messages":{"amount":["Too much"]},"data":["a"]}'))
  const plural = await failure(tillo.requestFloatTransfer({ float: 'f', currency: 'GBP', amount: '5' }))
  assert.deepEqual([plural.message, plural.data], ['Too much', ['a']])
  assert.equal(upstream.seen.length, 3)
})

test('a request id that was used for another value is refused as 708', async (t) => {
  const { tillo } = await setUp(t)
  await tillo.digital.issue(issued)
  const error = await failure(tillo.digital.issue({ ...issued, face_value: { amount: '30', currency: 'GBP' } }))
  assert.deepEqual([error.code, error.applied], ['708', 'no'])
})

test('a request that is still at work (729) is asked for again until it is done', async (t) => {
  const { upstream, tillo } = await setUp(t)
  upstream.busy.set('order-1', 3)
  assert.equal((await tillo.digital.issue(issued)).code, 'SECRET-0001')
  assert.equal(upstream.seen.length, 4)
  upstream.busy.set('order-2', 1000)
  const error = await failure(tillo.digital.issue({ ...issued, client_request_id: 'order-2' }))
  assert.deepEqual([error.code, error.clientRequestId, error.applied], ['729', 'order-2', 'unknown'])
})

test('a rate limit is waited for as long as the server says, or its window', async (t) => {
  const { upstream, tillo } = await setUp(t)
  upstream.faults.push(instead(429, refusal(429, '211', 'x').body as string, { 'retry-after': '0' }))
  assert.equal((await tillo.digital.issue(issued)).code, 'SECRET-0001')
  upstream.faults.push(answered(429, '211'), instead(429, ''))
  for (const code of ['211', 'rate-limited']) {
    const error = await failure(tillo.digital.issue(issued))
    assert.deepEqual([error.code, error.status, error.applied], [code, 429, 'no'])
  }
})

test('a refused signature says that nothing was done, unless an answer was lost before', async (t) => {
  const { upstream, tillo } = await setUp(t)
  upstream.faults.push(refused(401, '434'))
  assert.equal((await failure(tillo.digital.issue(issued))).applied, 'no')
  upstream.faults.push({ kind: 'lost' }, refused(401, '434'))
  const error = await failure(tillo.digital.issue(issued))
  assert.deepEqual([error.code, error.applied, upstream.sales.length], ['434', 'unknown', 1])
  upstream.faults.push(refused(401, '434'))
  const asked = await failure(tillo.digital.orderStatus({ original_client_request_id: 'order-1' }))
  assert.deepEqual([asked.clientRequestId, asked.applied], ['order-1', 'unknown'])
})

test('a float request is not repeated when its answer is lost, and is when it surely was not taken', async (t) => {
  const { upstream, tillo } = await setUp(t)
  const request = { float: 'universal-float', currency: 'GBP', amount: '100.00' }
  upstream.faults.push({ kind: 'lost' })
  const lost = await failure(tillo.requestFloatTransfer(request))
  assert.deepEqual([lost.code, lost.applied, upstream.done.length], ['network-failure', 'unknown', 1])
  upstream.faults.push(refused(503, '604'))
  assert.equal((await tillo.requestFloatTransfer(request)).payment_reference, 'PAY-2')
})

test('a template that is no archive is malformed, and a refusal of one is a refusal', async (t) => {
  const { upstream, tillo } = await setUp(t)
  const zip = { 'content-type': 'application/zip' }
  upstream.faults.push(instead(200, '<html>', zip), answered(400, '716'))
  assert.equal((await failure(tillo.template({ brand: 'amazon' }))).code, 'answer-malformed')
  assert.equal((await failure(tillo.template({ brand: 'amazon' }))).code, '716')
})

test('a signal gives a call up, before it is sent, while it hangs, and between two attempts', async (t) => {
  const { upstream, tillo } = await setUp(t, { comeBack: { first: 60_000, patience: 300_000 } })
  const before = await failure(tillo.digital.issue(issued, { signal: AbortSignal.abort() }))
  assert.deepEqual([before.code, before.applied, upstream.seen.length], ['aborted', 'no', 0])
  upstream.faults.push({ kind: 'hang' })
  const during = await failure(tillo.digital.issue(issued, { signal: AbortSignal.timeout(50) }))
  assert.deepEqual([during.code, during.applied], ['aborted', 'unknown'])
  upstream.busy.set('order-1', 5)
  const between = await failure(tillo.digital.issue(issued, { signal: AbortSignal.timeout(50) }))
  assert.deepEqual([between.code, between.applied], ['aborted', 'unknown'])
})

test('every code of the documents is in the table, with its statuses', () => {
  // Code, then statuses, as the documents list them.
  const documented = `060 400|070 400|071 400|072 400 401|100 422|210 401|211 429|433 422|434 401 404|600 500|602 500|603 500 503|604 503
    |610 403 422|615 403 422|704 400 422 500|706 401|708 400|709 404|711 400|712 404|713 400|714 400|715 503|716 400|717 401|719 422
    |720 422|721 422|722 400|723 422|724 422 500|725 500|726 503|728 403|729 400|730 400|732 425|733 422|734 422|735 410|736 400|738 422
    |739 422|740 400|999 404 405 500`
  const expected = documented.split('|').map((line) => line.trim().split(' '))
  for (const [code = '', ...http] of expected) assert.deepEqual(tilloErrorFacts(code)?.http, http.map(Number), code)
  assert.deepEqual(Object.keys(tilloErrors).sort(), expected.map(([code]) => code).sort())
  assert.equal(tilloErrorFacts('000'), undefined)
  assert.equal(tilloErrorFacts('constructor'), undefined)
  for (const { meaning, effect, repeat } of Object.values<TilloErrorFacts>(tilloErrors)) {
    assert.ok(meaning.length > 10)
    assert.ok(repeat === 'never' || effect !== 'none')
  }
})

test('an error body has the form of the protocol, with data where there are any', () => {
  assert.deepEqual(tilloErrorBody('729', 'Busy'), { code: '729', status: 'error', message: 'Busy' })
  assert.deepEqual(tilloErrorBody('433', 'Wrong', { sector: 'missing' }).data, { sector: 'missing' })
})
