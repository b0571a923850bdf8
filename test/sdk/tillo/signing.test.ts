import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { type TilloOperation, tilloEndpoints, tilloOperationAt, tilloSlug } from '#sdk/tillo/endpoints.ts'
import { readTilloBody, tilloValuesOf } from '#sdk/tillo/fields.ts'
import {
  importTilloKey,
  signTilloRequest,
  type TilloMessage,
  tilloParts,
  tilloPartsOfAllForms,
  tilloStringToSign,
} from '#sdk/tillo/signing.ts'
import vectors from './vectors.json' with { type: 'json' }

const hmac = (text: string) => createHmac('sha256', vectors.secret).update(text).digest('hex')
const timestamp = 1533025425488
const body = {
  client_request_id: 'xyz789randomid123456789',
  brand: 'amazon',
  face_value: { amount: '25.00', currency: 'GBP' },
}

const published: { operation: TilloOperation; form?: 'full'; body?: object }[] = [
  { operation: 'digitalIssue', body },
  { operation: 'digitalIssue', form: 'full', body },
  { operation: 'brands' },
  { operation: 'requestFloatTransfer', body: { float: 'universal-float', currency: 'GBP', amount: '5.00' } },
]

for (const [index, request] of published.entries()) {
  const { text, signature } = vectors.strings[index] ?? assert.fail()
  test(`the string "${text}" is made from its request, and signed with WebCrypto as with node:crypto`, async () => {
    const key = await importTilloKey(vectors.secret)
    const signed = await signTilloRequest(request, { apiKey: 'abc123', key }, timestamp)
    assert.equal(signed.stringToSign, text)
    assert.equal(signed.signature, signature)
    assert.equal(hmac(text), signature)
    assert.deepEqual(signed.headers, {
      'api-key': 'abc123',
      signature,
      timestamp: '1533025425488',
      'content-type': 'application/json',
      accept: 'application/json',
    })
    assert.equal(signed.body, request.body === undefined ? undefined : JSON.stringify(request.body))
  })
}

test('the quick start, with its placeholders as values, reads as the page shows it', () => {
  const values = { client_request_id: '[client_request_id]', brand: 'amazon' }
  const parts = tilloParts({ apiKey: '[api_key]', operation: 'digitalIssue', values, form: 'simplified', timestamp: 1 })
  assert.equal(tilloStringToSign(parts), '[api_key]-POST-digital-issue-[client_request_id]-amazon-1')
  assert.deepEqual(
    parts.map(({ name }) => name),
    ['apiKey', 'method', 'endpoint', 'client_request_id', 'brand', 'timestamp'],
  )
})

test('a secret that looks hexadecimal is used as text', async () => {
  const key = await importTilloKey('abcd')
  const { signature } = await signTilloRequest({ operation: 'brands' }, { apiKey: 'k', key }, 1)
  assert.equal(signature, createHmac('sha256', 'abcd').update('k-GET-brands-1').digest('hex'))
})

// What each endpoint's string holds besides key, method, endpoint and time, from the documents' table.
const id = 'client_request_id'
const simplified = `${id} brand`
const full = `${simplified} currency amount`
const table: [TilloOperation, string, string, ...string[]][] = [
  ['brands', 'GET', 'brands', 'brand'],
  ['templates', 'GET', 'templates', 'brand'],
  ['template', 'GET', 'template', 'brand'],
  ['checkStock', 'GET', 'check-stock', 'brand'],
  ['checkFloats', 'GET', 'check-floats', ''],
  ['floatTransferRequests', 'GET', 'float-transfer-requests', ''],
  ['promotions', 'GET', 'promotions', ''],
  ['digitalOrderStatus', 'GET', 'digital-order-status', ''],
  ['digitalIssue', 'POST', 'digital-issue', simplified, full],
  ['digitalCancel', 'DELETE', 'digital-issue', simplified, full],
  ['digitalOrderCard', 'POST', 'digital-order-card', simplified, full],
  ['digitalTopUp', 'POST', 'digital-top-up', simplified, full],
  ['digitalReverse', 'POST', 'digital-reverse', simplified, full],
  ['digitalCheckBalance', 'POST', 'digital-check-balance', simplified, `${simplified} currency`],
  ['physicalCheckBalance', 'POST', 'physical-check-balance', simplified, `${simplified} currency`],
  ['physicalActivate', 'POST', 'physical-activate', simplified, full],
  ['physicalCancelActivation', 'DELETE', 'physical-activate', simplified, full],
  ['physicalTopUp', 'POST', 'physical-top-up', simplified, full],
  ['physicalCancelTopUp', 'DELETE', 'physical-top-up', simplified, full, ''],
  ['physicalOrderCard', 'POST', 'physical-order-card', simplified, full],
  ['physicalCashOut', 'POST', 'physical-cash-out-original-transaction', simplified],
  ['physicalFulfilOrder', 'POST', 'physical-fulfil-order', simplified, full, ''],
  ['physicalOrderStatus', 'POST', 'physical-order-status', ''],
  ['requestFloatTransfer', 'POST', 'float-request-payment-transfer', ''],
]

test('every endpoint signs what the table says, in its order', () => {
  const values = { client_request_id: 'I', brand: 'B', currency: 'C', amount: 'A' }
  for (const [operation, method, slug, ...forms] of table) {
    const got = tilloPartsOfAllForms({ apiKey: 'K', operation, values, timestamp: 5 })
    assert.deepEqual(
      got.map((parts) =>
        parts
          .slice(3, -1)
          .map(({ name }) => name)
          .join(' '),
      ),
      forms,
      operation,
    )
    for (const parts of got) assert.ok(tilloStringToSign(parts).startsWith(`K-${method}-${slug}-`), operation)
    assert.equal(tilloOperationAt(method, tilloEndpoints[operation].path), operation)
    assert.equal(tilloSlug(tilloEndpoints[operation].path), slug)
  }
  assert.deepEqual(table.map(([name]) => name).sort(), Object.keys(tilloEndpoints).sort())
  assert.equal(tilloOperationAt('PUT', 'digital/issue'), undefined)
})

test('a field that is missing or empty is left out, not signed as nothing', () => {
  const text = (values: object) =>
    tilloStringToSign(tilloParts({ apiKey: 'k', operation: 'digitalIssue', values, form: 'full', timestamp: 1 }))
  assert.equal(text({ brand: 'b', amount: '5' }), 'k-POST-digital-issue-b-5-1')
  assert.equal(text({ client_request_id: '', brand: 'b', currency: '' }), 'k-POST-digital-issue-b-1')
})

test('nothing but the four fields is signed, and a GET signs only its brand', async () => {
  const key = await importTilloKey('s')
  const more = { ...body, original_client_request_id: 'original', code: 'c', pin: 'p', sector: 'other', tags: ['t'] }
  const signed = await signTilloRequest({ operation: 'digitalCancel', body: more }, { apiKey: 'k', key }, 1)
  assert.equal(signed.stringToSign, 'k-DELETE-digital-issue-xyz789randomid123456789-amazon-1')
  const query = new URLSearchParams({ detail: 'true', brand: 'b-c', country: 'GB' })
  const read = await signTilloRequest({ operation: 'brands', query }, { apiKey: 'k', key }, 1)
  assert.equal(read.stringToSign, 'k-GET-brands-b-c-1')
  assert.equal(read.path, 'brands?detail=true&brand=b-c&country=GB')
  const status = await signTilloRequest(
    { operation: 'digitalOrderStatus', query: new URLSearchParams({ brand: 'b' }) },
    { apiKey: 'k', key },
    1,
  )
  assert.equal(status.stringToSign, 'k-GET-digital-order-status-1')
})

const amounts: [json: string, readings: string[]][] = [
  ['"10.0"', ['10.0']],
  ['"10"', ['10']],
  ['10', ['10', '10.00']],
  ['10.0', ['10.0', '10', '10.00']],
  ['10.00', ['10.00', '10']],
  ['10.5', ['10.5', '10.50']],
  ['10.55', ['10.55']],
  ['1e1', ['1e1', '10', '10.00']],
  ['0.001', ['0.001']],
  ['0', ['0', '0.00']],
]

for (const [json, readings] of amounts) {
  test(`an amount that reads ${json} in the body may be signed as ${readings.join(', or ')}`, () => {
    const text = `{"tags":[{"amount":1.0}],"face_value":{"x":{"amount":2.0},"amount":${json}},"amount":3.0}`
    assert.deepEqual(
      readTilloBody(text).readings.map(({ amount }) => amount),
      readings,
    )
  })
}

test('a body without the fields, or that is no object, signs none', () => {
  for (const text of ['', '{}', '[]', 'null', '"x"', '{"brand":5,"face_value":[],"client_request_id":{}}']) {
    assert.deepEqual(readTilloBody(text).readings, [{}], text)
  }
})

test('an amount that is a number is signed as JSON prints it', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (amount) => {
      const request = { face_value: { amount, currency: 'EUR' } }
      const signed = tilloValuesOf(request).amount
      assert.equal(signed, JSON.stringify(amount === 0 ? 0 : amount))
      assert.ok(readTilloBody(JSON.stringify(request)).readings.some((reading) => reading.amount === signed))
    }),
    { numRuns: 2000 },
  )
})

const plain = fc.stringMatching(/^[A-Za-z0-9_]{1,12}$/)
const message = (form: 'simplified' | 'full'): fc.Arbitrary<TilloMessage> =>
  fc.record(
    {
      apiKey: plain,
      operation: fc.constantFrom<TilloOperation>('digitalIssue', 'digitalCancel', 'digitalReverse', 'physicalTopUp'),
      values: fc.record(
        {
          client_request_id: plain,
          brand: plain,
          currency: fc.constantFrom('EUR', 'GBP'),
          amount: fc.constantFrom('5', '5.00'),
        },
        { noNullPrototype: true },
      ),
      form: fc.constant(form),
      timestamp: fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }),
    },
    { noNullPrototype: true },
  )

/** What of a message its form signs. */
const signed = ({ apiKey, operation, values, form, timestamp }: TilloMessage) => {
  const { client_request_id, brand, currency, amount } = values
  const { method, path } = tilloEndpoints[operation]
  return [apiKey, method, path, client_request_id, brand, ...(form === 'full' ? [currency, amount] : []), timestamp]
}

test('without dashes in key, id and brand, and with no field missing, a string to sign says one thing only, in either form', () => {
  const any = fc.oneof(message('simplified'), message('full'))
  fc.assert(
    fc.property(any, any, (a, b) => {
      const alike = tilloStringToSign(tilloParts(a)) === tilloStringToSign(tilloParts(b))
      assert.equal(alike, JSON.stringify(signed(a)) === JSON.stringify(signed(b)))
    }),
    { numRuns: 4096 },
  )
  fc.assert(
    fc.property(any, (one) => {
      const { method, path } = tilloEndpoints[one.operation]
      const [apiKey, verb, ...rest] = tilloStringToSign(tilloParts(one)).split('-')
      const slugs = Object.values(tilloEndpoints).map((endpoint) => tilloSlug(endpoint.path))
      const [slug = '', ...others] = slugs.filter((name) => `${rest.join('-')}-`.startsWith(`${name}-`))
      assert.ok(others.every((other) => other === slug))
      const fields = rest.slice(slug.split('-').length)
      assert.deepEqual(
        [apiKey, verb, slug, ...fields.slice(0, -1), Number(fields.at(-1))],
        [one.apiKey, method, tilloSlug(path), ...signed(one).slice(3)],
      )
    }),
    { numRuns: 4096 },
  )
})

test('a change of any signed part changes the string', () => {
  const base: TilloMessage = {
    apiKey: 'k',
    operation: 'digitalIssue',
    values: { client_request_id: 'id123', brand: 'b', currency: 'EUR', amount: '5' },
    form: 'full',
    timestamp: 1_000_000_000_000,
  }
  const changes: Partial<TilloMessage>[] = [
    { apiKey: 'l' },
    { operation: 'digitalReverse' },
    { operation: 'digitalCancel' },
    { form: 'simplified' },
    { timestamp: 1_000_000_000_001 },
    ...(['client_request_id', 'brand', 'currency', 'amount'] as const).map((name) => ({
      values: { ...base.values, [name]: 'other' },
    })),
  ]
  const texts = [base, ...changes.map((change) => ({ ...base, ...change }))].map((one) =>
    tilloStringToSign(tilloParts(one)),
  )
  assert.equal(new Set(texts).size, texts.length)
})

test('where the protocol is ambiguous: dashes in ids and brands, fields that are missing, and money that the simplified form leaves out', () => {
  const text = (values: object, form: 'simplified' | 'full' = 'simplified', apiKey = 'k') =>
    tilloStringToSign(tilloParts({ apiKey, operation: 'digitalIssue', values, form, timestamp: 1 }))
  assert.equal(text({ client_request_id: 'a-b', brand: 'c' }), text({ client_request_id: 'a', brand: 'b-c' }))
  assert.equal(text({ client_request_id: 'same' }), text({ brand: 'same' }))
  assert.equal(
    text({ client_request_id: 'a', brand: 'b-EUR-5' }),
    text({ client_request_id: 'a', brand: 'b', currency: 'EUR', amount: '5' }, 'full'),
  )
  assert.equal(
    text({ client_request_id: 'a', brand: 'b', currency: 'EUR', amount: '5' }),
    text({ client_request_id: 'a', brand: 'b', currency: 'EUR', amount: '500' }),
  )
})
