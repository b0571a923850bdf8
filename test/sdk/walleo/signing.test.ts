import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { CanonicalJsonError } from '#sdk/protocol/errors.ts'
import { hmacHex } from '#sdk/protocol/hmac.ts'
import {
  decodeWalleoKey,
  importWalleoKey,
  signWalleoRequest,
  type WalleoMessage,
  walleoAuthorization,
  walleoParts,
  walleoPayload,
  walleoStringToSign,
} from '#sdk/walleo/signing.ts'
import { credentials } from './upstream.ts'
import vectors from './vectors.json' with { type: 'json' }

const { apiKey, identifier, sharedKey } = credentials
const hmac = (text: string) => createHmac('sha256', decodeWalleoKey(sharedKey)).update(text).digest('hex')
const { published, computed } = vectors

test("the signature of the vendor's own example is reached, with WebCrypto and with node:crypto", async () => {
  const text = walleoStringToSign(published.message)
  assert.equal(text, published.stringToSign)
  assert.equal(hmac(text), published.signature)
  assert.equal(await hmacHex(await importWalleoKey(sharedKey), text), published.signature)
})

test("the vendor's example is signed from its parts, members in any order", async () => {
  const signed = await signWalleoRequest(
    { method: 'POST', url: published.message.url, body: { card: { gift_card_code: 'E-ca', amount: 50 } } },
    { apiKey, identifier, key: await importWalleoKey(sharedKey) },
    published.message.timestamp,
  )
  assert.equal(signed.signature, published.signature)
  assert.equal(signed.stringToSign, published.stringToSign)
  assert.equal(signed.body, published.message.payload)
  assert.deepEqual(signed.parts, walleoParts(published.message))
  assert.equal(
    signed.headers.authorization,
    `Bearer ${apiKey}, Id=${identifier}, Signature=${published.signature}, Timestamp=1648559273`,
  )
})

for (const { message, signature } of computed) {
  test(`without a body, the segment is ${message.payload === null ? 'left out' : 'empty'}, as computed elsewhere`, () => {
    assert.equal(hmac(walleoStringToSign(message)), signature)
  })
}

test('the formula that the vendor prints, without identifier, does not reach the hash of the example', () => {
  const { method, url, payload, timestamp } = published.message
  assert.notEqual(hmac(`${method}+${url}+${payload}+${timestamp}`), published.signature)
})

test('neither the key as text nor the payload in lower case reaches the hash of the example', () => {
  const asText = createHmac('sha256', sharedKey).update(published.stringToSign).digest('hex')
  assert.notEqual(asText, published.signature)
  const lower = published.stringToSign.replace('E-ca', 'e-ca')
  assert.notEqual(hmac(lower), published.signature)
})

test('a shared key is hexadecimal in either case, and anything else is refused without being told', () => {
  assert.deepEqual(decodeWalleoKey('6f2c'), decodeWalleoKey('6F2C'))
  for (const key of ['', 'abc', 'zz', '0x6f', ' 6f', '6f\n']) {
    assert.throws(
      () => decodeWalleoKey(key),
      (error) => error instanceof TypeError && (key === '' || !error.message.includes(key)),
    )
  }
})

test('a payload is compact, sorted at every depth, and keeps arrays, case and letters beyond ASCII', () => {
  const body = { b: [{ d: 1, c: 'É ' }], A: null, a: { z: 1.5, y: true } }
  assert.equal(walleoPayload(body), '{"A":null,"a":{"y":true,"z":1.5},"b":[{"c":"É ","d":1}]}')
  assert.throws(() => walleoPayload({ amount: 5n }), CanonicalJsonError)
})

test('a URL is signed as fetch sends it', async () => {
  const key = await importWalleoKey(sharedKey)
  const sign = (url: string) => signWalleoRequest({ method: 'GET', url }, { apiKey, identifier, key }, 1)
  const signed = await sign('HTTP://WWW.Example.com:80/partners/v1/gift cards?a=b#part')
  assert.equal(signed.url, 'http://www.example.com/partners/v1/gift%20cards?a=b')
  assert.equal(signed.parts[1]?.value, signed.url)
  assert.equal(signed.body, undefined)
  await assert.rejects(sign('/partners/v1'), TypeError)
})

test('the header is written as the documents write it', () => {
  assert.equal(
    walleoAuthorization({ apiKey: 'k', identifier: 'i', signature: 'ab', timestamp: 5 }),
    'Bearer k, Id=i, Signature=ab, Timestamp=5',
  )
})

const url = fc
  .tuple(fc.webUrl({ withQueryParameters: true }), fc.constantFrom('', '+', '+{}', '+[1]', '+a'))
  .map(([base, tail]) => new URL(new URL(base).href + tail).href)
const object = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 })
const payload = fc.oneof(
  fc.constant(null),
  object.filter((value) => Object.keys(value).length > 0).map((value) => walleoPayload(value)),
)
const message: fc.Arbitrary<WalleoMessage> = fc.record(
  {
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    url,
    payload,
    identifier: fc.uuid(),
    timestamp: fc.integer({ min: 1, max: 9_999_999_999 }),
  },
  { noNullPrototype: true },
)

/** Reads a string to sign back, to show that it says one thing only. */
function takeApart(text: string): WalleoMessage {
  const [, method = '', rest = '', identifier = '', timestamp = ''] =
    /^([A-Z]+)\+(.*)\+([0-9a-f-]{36})\+(\d+)$/s.exec(text) ?? []
  const at = rest.indexOf('+{"')
  const [url, payload] = at < 0 ? [rest, null] : [rest.slice(0, at), rest.slice(at + 1)]
  return { method, url, payload, identifier, timestamp: Number(timestamp) }
}

test('a string to sign, with a non-empty object or nothing as payload, can be taken apart again: it says one thing only', () => {
  fc.assert(
    fc.property(message, (one) => assert.deepEqual(takeApart(walleoStringToSign(one)), one)),
    { numRuns: 4096 },
  )
})

test('two bodies sign alike exactly when they mean the same', () => {
  fc.assert(
    fc.property(object, object, (a, b) => {
      const same = walleoPayload(JSON.parse(JSON.stringify(a))) === walleoPayload(b)
      assert.equal(same, sameMeaning(a, b))
      assert.equal(walleoPayload(Object.fromEntries(Object.entries(a).reverse())), walleoPayload(a))
    }),
    { numRuns: 1000 },
  )
})

function sameMeaning(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)))
    return true
  } catch {
    return false
  }
}

test('where the protocol is ambiguous: a plus sign at the end of a URL, and an empty payload', () => {
  const rest = { method: 'GET', identifier, timestamp: 1 }
  const leftOut = walleoStringToSign({ ...rest, url: 'https://w.example/a?b+', payload: null })
  const empty = walleoStringToSign({ ...rest, url: 'https://w.example/a?b', payload: '' })
  assert.equal(leftOut, empty)
})

test('where the protocol is ambiguous: a payload without members can be the end of a URL', () => {
  const rest = { method: 'POST', identifier, timestamp: 1 }
  const inUrl = walleoStringToSign({ ...rest, url: new URL('https://w.example/a?b+{}').href, payload: null })
  const inBody = walleoStringToSign({ ...rest, url: 'https://w.example/a?b', payload: '{}' })
  assert.equal(inUrl, inBody)
})
