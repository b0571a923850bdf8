import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import {
  checkEnvelope,
  importSigningKey,
  readEnvelope,
  sealEnvelope,
  signEnvelope,
  verifyEnvelope,
} from '#sdk/protocol/envelope.ts'
import { EnvelopeError } from '#sdk/protocol/errors.ts'
import { type Json, type JsonObject, parseExactJson } from '#sdk/protocol/exact-json.ts'
import { createMac, createSigningKey } from '../../../src/credentials/envelope.ts'
import vectors from '../../vectors/webwallet.json' with { type: 'json' }

const secret = 'test-signing-secret'
const mac = createMac(createSigningKey(secret))
const payload = vectors.envelopes[0]?.payload as JsonObject
const signature = vectors.envelopes[0]?.signature as string

const refusedWith = (code: string) => (error: unknown) => error instanceof EnvelopeError && error.code === code

for (const vector of vectors.envelopes) {
  test(`the vector of ${vector.key} holds for server and SDK`, async () => {
    const expected = `{"header":{"alg":"hs256"},"payload":${vector.canonical},"signature":"${vector.signature}"}`
    assert.equal(sealEnvelope(vector.payload, createMac(createSigningKey(vector.key))), expected)
    const key = await importSigningKey(vector.key)
    assert.equal(await signEnvelope(vector.payload, key), expected)
    const envelope = readEnvelope(parseExactJson(expected))
    assert.equal(checkEnvelope(envelope, mac), vector.canonical)
    assert.equal(await verifyEnvelope(envelope, key), vector.canonical)
  })
}

test('what either side signs, the other verifies, for any payload and secret', async () => {
  const payloads = fc
    .dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 3 }))
    .filter((p) => !Object.hasOwn(p, '__proto__'))
  await fc.assert(
    fc.asyncProperty(payloads, fc.string({ minLength: 1, unit: 'grapheme' }), async (sample, text) => {
      const key = await importSigningKey(text)
      const server = createMac(createSigningKey(text))
      const message = sealEnvelope(sample, server)
      assert.equal(await signEnvelope(sample, key), message)
      const envelope = readEnvelope(JSON.parse(message))
      assert.equal(checkEnvelope(envelope, server), await verifyEnvelope(envelope, key))
    }),
    { numRuns: 300 },
  )
})

test('a message says the same however it is laid out', () => {
  const message = `{ "signature": "${signature}", "payload": {"target": "co:3123456789:COP", "endpoint":"payments",
    "currency":"\\u0043OP", "amount": 15.00e2}, "header": {"typ":"JWT","kid":"gateway","alg":"HS256"} }`
  const envelope = readEnvelope(parseExactJson(message))
  assert.equal(envelope.kid, 'gateway')
  checkEnvelope(envelope, mac)
})

const shapes: [name: string, message: Json, code: string][] = [
  ['a list', [], 'envelope-malformed'],
  ['a text', 'eyJhbGciOiJIUzI1NiJ9.e30.AAAA', 'envelope-malformed'],
  ['null', null, 'envelope-malformed'],
  ['a message without a payload', { header: { alg: 'hs256' }, signature }, 'envelope-malformed'],
  ['a payload that is a list', { header: { alg: 'hs256' }, payload: [], signature }, 'envelope-malformed'],
  ['a payload that is encoded', { header: { alg: 'hs256' }, payload: 'e30', signature }, 'envelope-malformed'],
  ['a signature without a header', { payload, signature }, 'envelope-malformed'],
  ['a signature that is null', { header: { alg: 'hs256' }, payload, signature: null }, 'envelope-malformed'],
  ['a further member', { header: { alg: 'hs256' }, payload, signature, protected: '' }, 'envelope-malformed'],
  ['a header without alg', { header: {}, payload, signature }, 'envelope-algorithm-refused'],
  ['alg none', { header: { alg: 'none' }, payload, signature: '' }, 'envelope-algorithm-refused'],
  ['alg HS512', { header: { alg: 'HS512' }, payload, signature }, 'envelope-algorithm-refused'],
  ['alg RS256', { header: { alg: 'RS256' }, payload, signature }, 'envelope-algorithm-refused'],
  ['alg with a blank', { header: { alg: ' hs256' }, payload, signature }, 'envelope-algorithm-refused'],
  ['alg in a list', { header: { alg: ['hs256'] }, payload, signature }, 'envelope-algorithm-refused'],
  ['an empty kid', { header: { alg: 'hs256', kid: '' }, payload, signature }, 'envelope-malformed'],
  ['a kid that is a number', { header: { alg: 'hs256', kid: 1 }, payload, signature }, 'envelope-malformed'],
  ...['crit', 'jku', 'jwk', 'x5u', 'x5c', 'b64', 'enc', 'zip'].map((name): [string, Json, string] => [
    `a header with ${name}`,
    { header: { alg: 'hs256', [name]: false }, payload, signature },
    'envelope-header-refused',
  ]),
]

for (const [name, message, code] of shapes) {
  test(`${name} is no envelope: ${code}`, () => {
    assert.throws(() => readEnvelope(message), refusedWith(code))
  })
}

const signatures: [name: string, signature: string | null, code: string][] = [
  ['none', null, 'envelope-unsigned'],
  ['an empty one', '', 'envelope-signature-malformed'],
  ['one with padding', `${signature}=`, 'envelope-signature-malformed'],
  ['one of base64', signature.replaceAll('-', '+').replaceAll('_', '/'), 'envelope-signature-malformed'],
  ['one in hexadecimal', Buffer.from(signature, 'base64url').toString('hex'), 'envelope-signature-malformed'],
  ['one that is too short', signature.slice(1), 'envelope-signature-malformed'],
  ['one that is too long', `A${signature}`, 'envelope-signature-malformed'],
  ['one with a line feed', `${signature}\n`, 'envelope-signature-malformed'],
  ['the same bytes with other unused bits', `${signature.slice(0, -1)}5`, 'envelope-signature-malformed'],
  ['one of zeros', 'A'.repeat(43), 'envelope-signature-wrong'],
  [
    'one of another secret',
    createMac(createSigningKey('other')).sign(vectors.envelopes[0]?.canonical ?? ''),
    'envelope-signature-wrong',
  ],
  [
    'one of the payload as it was laid out',
    createHmac('sha256', secret).update(JSON.stringify(payload)).digest('base64url'),
    'envelope-signature-wrong',
  ],
]

for (const [name, given, code] of signatures) {
  test(`the signature ${name} is refused by both sides: ${code}`, async () => {
    const envelope = { payload, signature: given, kid: null }
    assert.throws(() => checkEnvelope(envelope, mac), refusedWith(code))
    await assert.rejects(async () => verifyEnvelope(envelope, await importSigningKey(secret)), refusedWith(code))
  })
}

test('every change of a payload breaks its signature', () => {
  const changes: JsonObject[] = [
    { ...payload, amount: 1501 },
    { ...payload, amount: '1500' },
    { ...payload, target: 'co:3123456780:COP' },
    { ...payload, nonce: '' },
    { ...payload, endpoint: 'funds' },
  ]
  for (const changed of changes) {
    assert.throws(
      () => checkEnvelope({ payload: changed, signature, kid: null }, mac),
      refusedWith('envelope-signature-wrong'),
    )
  }
  const { currency: _, ...shorter } = payload
  assert.throws(
    () => checkEnvelope({ payload: shorter, signature, kid: null }, mac),
    refusedWith('envelope-signature-wrong'),
  )
})

test('the answer to a public client carries no signature, and reads as an unsigned one', () => {
  const message = sealEnvelope(payload, null)
  assert.deepEqual(Object.keys(JSON.parse(message)), ['payload'])
  assert.equal(readEnvelope(parseExactJson(message)).signature, null)
})

test('only a secret that is one makes a key', async () => {
  const { publicKey } = generateKeyPairSync('ed25519')
  assert.throws(() => createMac(publicKey), TypeError)
  assert.throws(() => createSigningKey(''), TypeError)
  await assert.rejects(importSigningKey(''), TypeError)
})
