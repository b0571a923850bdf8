import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { tilloErrors } from '#sdk/tillo/error-codes.ts'
import { importTilloKey, signTilloRequest } from '#sdk/tillo/signing.ts'
import { checkTilloRequest, type TilloRefusal, type TilloRequest, tilloRefusals } from '#sdk/tillo/verification.ts'
import vectors from './vectors.json' with { type: 'json' }

const now = 1533025425488
const mac = (text: string) => createHmac('sha256', vectors.secret).update(text).digest('hex')
const macFor = (apiKey: string) => (apiKey === 'abc123' ? mac : null)
const [simple, full] = vectors.strings

const body =
  '{"client_request_id":"xyz789randomid123456789","brand":"amazon","face_value":{"amount":25.00,"currency":"GBP"}}'
const good = { 'api-key': 'abc123', signature: simple?.signature ?? '', timestamp: `${now}` }

function requestWith({
  headers = {},
  ...changes
}: Partial<TilloRequest> & { headers?: Record<string, string> } = {}): TilloRequest {
  const all: Record<string, string> = { ...good, ...headers }
  return {
    method: 'POST',
    path: 'digital/issue',
    query: new URLSearchParams(),
    header: (name) => all[name] ?? null,
    body,
    ...changes,
  }
}

test('both forms of a request are expected, the simplified one first, with the amount as it is written', () => {
  const checked = checkTilloRequest(requestWith(), macFor, now)
  assert.ok(checked.ok)
  assert.deepEqual(checked.stringsToSign, [simple?.text, full?.text, full?.text.replace('25.00', '25')])
  assert.deepEqual(checked.expected.slice(0, 2), [simple?.signature, full?.signature])
  assert.equal(checked.presented, simple?.signature)
  assert.deepEqual([checked.operation, checked.apiKey, checked.timestamp], ['digitalIssue', 'abc123', now])
  assert.deepEqual(checked.body, JSON.parse(body))
})

test('a GET is expected with the brand of its query, and nothing else of it', () => {
  const strings = (query: string) => {
    const get = requestWith({ method: 'GET', path: 'brands', query: new URLSearchParams(query), body: null })
    const checked = checkTilloRequest(get, macFor, now)
    return checked.ok ? checked.stringsToSign : checked.refusal
  }
  assert.deepEqual(strings(''), [vectors.strings[2]?.text])
  assert.deepEqual(strings('brand=&detail=true'), [vectors.strings[2]?.text])
  assert.deepEqual(strings('detail=true&brand=amazon'), [`abc123-GET-brands-amazon-${now}`])
  assert.equal(strings('brand=a&brand=b'), 'malformed-query')
})

test('a changed brand, method or endpoint is expected under another signature; a changed amount only in the full form', () => {
  const changed: Partial<TilloRequest>[] = [
    { body: body.replace('amazon', 'other') },
    { body: '' },
    { method: 'DELETE' },
    { path: 'digital/reverse' },
  ]
  for (const change of changed) {
    const checked = checkTilloRequest(requestWith(change), macFor, now)
    assert.ok(checked.ok && !checked.expected.includes(checked.presented))
  }
  const dearer = { body: body.replace('25.00', '99.00') }
  const simplified = checkTilloRequest(requestWith(dearer), macFor, now)
  assert.ok(simplified.ok && simplified.expected.includes(simplified.presented))
  const signedInFull = checkTilloRequest(
    requestWith({ ...dearer, headers: { signature: full?.signature ?? '' } }),
    macFor,
    now,
  )
  assert.ok(signedInFull.ok && !signedInFull.expected.includes(signedInFull.presented))
})

const signature = simple?.signature ?? ''
const refused: [name: string, request: TilloRequest, refusal: TilloRefusal][] = [
  ['a path of no operation', requestWith({ path: 'digital/steal' }), 'unknown-endpoint'],
  ['another method', requestWith({ method: 'PATCH' }), 'unknown-endpoint'],
  ['no API key', requestWith({ headers: { 'api-key': '' } }), 'missing-api-key'],
  ['no signature', requestWith({ headers: { signature: '' } }), 'missing-signature'],
  ['no timestamp', requestWith({ headers: { timestamp: '' } }), 'missing-timestamp'],
  ['a signature in capitals', requestWith({ headers: { signature: signature.toUpperCase() } }), 'malformed-signature'],
  [
    'two signatures in one',
    requestWith({ headers: { signature: `${signature}, ${signature}` } }),
    'malformed-signature',
  ],
  ['a time in seconds', requestWith({ headers: { timestamp: '1533025425' } }), 'malformed-timestamp'],
  ['a time with a fraction', requestWith({ headers: { timestamp: `${now}.0` } }), 'malformed-timestamp'],
  ['a time with a sign', requestWith({ headers: { timestamp: `+${now}` } }), 'malformed-timestamp'],
  ['an old time', requestWith({ headers: { timestamp: `${now - 300_001}` } }), 'stale-timestamp'],
  ['a time to come', requestWith({ headers: { timestamp: `${now + 300_001}` } }), 'future-timestamp'],
  ['an unknown key', requestWith({ headers: { 'api-key': 'abc124' } }), 'unknown-credentials'],
  ['a body that is no JSON', requestWith({ body: '{"brand":' }), 'malformed-body'],
  ['a body with a member twice', requestWith({ body: '{"brand":"a","brand":"b"}' }), 'malformed-body'],
  [
    'two brands in a query',
    requestWith({ method: 'GET', path: 'brands', query: new URLSearchParams('brand=a&brand=a') }),
    'malformed-query',
  ],
]

for (const [name, request, refusal] of refused) {
  test(`${name} is refused as ${refusal}`, () => {
    assert.deepEqual(checkTilloRequest(request, macFor, now), { ok: false, refusal })
  })
}

test('every refusal is tested, and has a code of the protocol', () => {
  assert.deepEqual([...new Set(refused.map(([, , refusal]) => refusal))].sort(), Object.keys(tilloRefusals).sort())
  for (const { code } of Object.values(tilloRefusals)) assert.ok(code in tilloErrors)
})

test('the window is 300 seconds wide on both sides, its edges included, and can be set', () => {
  const at = (time: number, tolerance?: number) => checkTilloRequest(requestWith(), macFor, time, tolerance).ok
  assert.deepEqual(
    [at(now + 300_000), at(now - 300_000), at(now + 300_001), at(now - 300_001)],
    [true, true, false, false],
  )
  assert.deepEqual([at(now + 5, 5), at(now + 6, 5)], [true, false])
})

test('what the client signs, the check expects, in either form', async () => {
  const key = await importTilloKey(vectors.secret)
  const face_value = fc.record({
    amount: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom('5', '5.0', '5.00')),
    currency: fc.constantFrom('EUR', 'GBP'),
  })
  const request = fc.record({ client_request_id: fc.string(), brand: fc.string(), face_value }, { requiredKeys: [] })
  await fc.assert(
    fc.asyncProperty(request, fc.constantFrom('simplified', 'full'), async (value, form) => {
      const operation = 'physicalTopUp'
      const signed = await signTilloRequest({ operation, body: value, form }, { apiKey: 'abc123', key }, now)
      fc.pre(!signed.body?.includes('\\u0000'))
      const received = { method: 'POST', path: signed.path, body: signed.body ?? null }
      const checked = checkTilloRequest({ ...requestWith({ headers: signed.headers }), ...received }, macFor, now)
      assert.ok(checked.ok)
      assert.ok(checked.expected.includes(checked.presented))
    }),
    { numRuns: 500 },
  )
})

test('no body makes the check throw', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '"face_value":',
    '"amount":',
    '1.0',
    '1e999',
    ',',
    '[',
    ']',
    '"brand":',
    '"b"',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.array(pieces).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (value) => typeof checkTilloRequest(requestWith({ body: value }), macFor, now).ok === 'boolean'),
    { numRuns: 4096 },
  )
})
