import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { jwtVerify, SignJWT } from 'jose'
import {
  checkPledgRequest,
  importPledgKey,
  pledgParts,
  pledgPayload,
  pledgSignedUrl,
  signPledgRequest,
} from '#sdk/pledg/signing.ts'
import { jwtParts, readJwt } from '#sdk/protocol/hs256-jwt.ts'

const secret = 'a merchant secret of the test, é'
const bytes = new TextEncoder().encode(secret)
const mac = (text: string) => createHmac('sha256', secret).update(text).digest('base64url')
const now = 1_800_000_000_000
const seconds = now / 1000
const data = {
  amountCents: 6500,
  merchantUid: 'mer_1',
  email: 'jane@example.com',
  firstName: 'Zoë',
  lastName: 'Doe',
  reference: 'order-1',
  title: 'Two tickets',
  metadata: { session: 'abc', travellers: [{ age: 3 }] },
}
const tokenOf = (payload: object, header?: object) => {
  const { signingInput } = jwtParts(payload, header)
  return `${signingInput}.${mac(signingInput)}`
}

test('a request is signed as jose expects it, and its steps are shown', async () => {
  const request = { data, purchase_link_settings: { send_email: false }, exp: seconds + 86_400 }
  const token = await signPledgRequest(request, await importPledgKey(secret))
  const { payload, protectedHeader } = await jwtVerify(token, bytes, { currentDate: new Date(now) })
  assert.deepEqual(payload, request)
  assert.deepEqual(protectedHeader, { alg: 'HS256', typ: 'JWT' })
  const parts = pledgParts(request)
  assert.equal(parts.header, '{"alg":"HS256","typ":"JWT"}')
  assert.deepEqual(JSON.parse(parts.payload), request)
  assert.equal(token, `${parts.encodedHeader}.${parts.encodedPayload}.${mac(parts.signingInput)}`)
})

for (const header of [{ alg: 'HS256' }, { typ: 'JWT', alg: 'HS256' }, { alg: 'HS256', typ: 'JWT', kid: 'k' }]) {
  test(`what jose signs under ${JSON.stringify(header)} is expected`, async () => {
    const token = await new SignJWT({ data }).setProtectedHeader(header).sign(bytes)
    const checked = checkPledgRequest(token, (named) => (named.merchantUid === 'mer_1' ? mac : null), now)
    assert.ok(checked.ok)
    assert.equal(checked.presented, checked.expected)
    assert.deepEqual([checked.data, checked.settings], [data, null])
  })
}

test('what belongs to the page is not signed', () => {
  const page = { ...data, signature: 'x', container: '#pledg', onSuccess: () => undefined }
  assert.deepEqual(pledgPayload({ data: page }), { data })
})

test('a signed address carries the token in its query, with the slash that the documents have', () => {
  assert.equal(
    pledgSignedUrl('https://back.example/', 'purchaseLink', 'a.b.c'),
    'https://back.example/api/purchase_link/?signature=a.b.c',
  )
  assert.equal(pledgSignedUrl('https://front.example', 'purchase', 'a'), 'https://front.example/purchase?signature=a')
})

const good = tokenOf({ data })
const [head = '', body = '', code = ''] = good.split('.')
const encode = (text: string) => Buffer.from(text).toString('base64url')
const refused: [name: string, token: string | null, refusal: string][] = [
  ['no token', null, 'missing-signature'],
  ['an empty token', '', 'missing-signature'],
  ['two parts', `${head}.${body}`, 'malformed-token'],
  ['four parts', `${good}.x`, 'malformed-token'],
  ['white space in front', ` ${good}`, 'malformed-token'],
  ['padding', `${good}=`, 'malformed-token'],
  ['base64 with plus signs', `${head}.${body}.${'+'.repeat(43)}`, 'malformed-token'],
  ['another spelling of the same signature', `${head}.${body}.${code.slice(0, -1)}${respell(code)}`, 'malformed-token'],
  ['a short signature', `${head}.${body}.${code.slice(4)}`, 'malformed-token'],
  ['no signature, algorithm none', `${encode('{"alg":"none"}')}.${body}.`, 'algorithm-refused'],
  ['HS384', tokenOf({ data }, { alg: 'HS384' }), 'algorithm-refused'],
  ['RS256', tokenOf({ data }, { alg: 'RS256' }), 'algorithm-refused'],
  ['hs256 in small letters', tokenOf({ data }, { alg: 'hs256' }), 'algorithm-refused'],
  ['a critical header', tokenOf({ data }, { alg: 'HS256', crit: ['exp'] }), 'header-refused'],
  ['a key in the header', tokenOf({ data }, { alg: 'HS256', jwk: {} }), 'header-refused'],
  ['an address of keys', tokenOf({ data }, { alg: 'HS256', jku: 'https://x.example' }), 'header-refused'],
  ['an unencoded payload', tokenOf({ data }, { alg: 'HS256', b64: false }), 'header-refused'],
  ['a header with a member twice', `${encode('{"alg":"none","alg":"HS256"}')}.${body}.${code}`, 'malformed-token'],
  ['a payload with a member twice', `${head}.${encode('{"data":{},"data":{"a":1}}')}.${code}`, 'malformed-token'],
  ['a payload that is a list', `${head}.${encode('[]')}.${code}`, 'malformed-token'],
  ['a payload with a byte order mark', `${head}.${encode('\ufeff{}')}.${code}`, 'malformed-token'],
  [
    'a payload that is not UTF-8',
    `${head}.${Buffer.from([0x22, 0xff, 0x22]).toString('base64url')}.${code}`,
    'malformed-token',
  ],
  ['no data', tokenOf({ amountCents: 1 }), 'malformed-claims'],
  ['data that are a list', tokenOf({ data: [] }), 'malformed-claims'],
  ['settings that are a text', tokenOf({ data, purchase_link_settings: 'x' }), 'malformed-claims'],
  ['an expiry that is a text', tokenOf({ data, exp: `${seconds}` }), 'malformed-claims'],
  ['a start that is null', tokenOf({ data, nbf: null }), 'malformed-claims'],
  ['an expiry that is over', tokenOf({ data, exp: seconds - 60 }), 'expired'],
  ['a start to come', tokenOf({ data, nbf: seconds + 61 }), 'not-yet-valid'],
  ['an unknown merchant', tokenOf({ data: { merchantUid: 'mer_2' } }), 'unknown-merchant'],
]

/** The last character of a signature has two bits that mean nothing: the next letter decodes alike. */
function respell(signature: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(signature.slice(-1)) + 1] ?? ''
}

for (const [name, token, refusal] of refused) {
  test(`a request with ${name} is refused as ${refusal}`, () => {
    const checked = checkPledgRequest(token, (named) => (named.merchantUid === 'mer_1' ? mac : null), now)
    assert.deepEqual(checked, { ok: false, refusal })
  })
}

test('clocks may differ by a minute, as jose counts it', async () => {
  for (const [claims, ok] of [
    [{ exp: seconds - 59 }, true],
    [{ exp: seconds - 60 }, false],
    [{ nbf: seconds + 60 }, true],
    [{ nbf: seconds + 61 }, false],
  ] as const) {
    const token = tokenOf({ data, ...claims })
    assert.equal(checkPledgRequest(token, () => mac, now).ok, ok)
    const byJose = await jwtVerify(token, bytes, { currentDate: new Date(now), clockTolerance: 60 }).then(
      () => true,
      () => false,
    )
    assert.equal(byJose, ok)
  }
})

test('no change of a token keeps both its form and its signature', () => {
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.base64String({ minLength: 4 }), (at, noise) => {
      const changed = `${good.slice(0, at)}${noise[0]}${good.slice(at + 1)}`
      fc.pre(changed !== good)
      const checked = checkPledgRequest(changed, () => mac, now)
      assert.ok(!checked.ok || checked.presented !== checked.expected)
    }),
    { numRuns: 4096 },
  )
})

test('no text makes the reader throw', () => {
  const part = fc.oneof(fc.string({ unit: 'binary' }), fc.json().map(encode), fc.constantFrom(head, body, code, ''))
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => typeof readJwt(parts.join('.')).ok === 'boolean'),
    { numRuns: 4096 },
  )
})
