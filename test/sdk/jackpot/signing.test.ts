import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { jwtVerify, SignJWT } from 'jose'
import {
  checkJackpotToken,
  importJackpotKey,
  type JackpotClaims,
  type JackpotClaimsV1,
  jackpotParts,
  signJackpotToken,
} from '#sdk/jackpot/signing.ts'
import { jwtParts } from '#sdk/protocol/hs256-jwt.ts'

const apiSignature = 'myApiSignature'
const bytes = new TextEncoder().encode(apiSignature)
const mac = (text: string) => createHmac('sha256', apiSignature).update(text).digest('base64url')
const iat = 1_500_000_000
const now = iat * 1000

// The claims of the vendor's samples, in their order.
const v1: JackpotClaimsV1 = {
  amount: 100,
  cp: '75000',
  age: 40,
  gender: 'M',
  userId: 'u-1234',
  iat,
  notificationKey: '12345',
}
const v2: JackpotClaims = { amount: 99.95, iat, notificationKey: 'n-1', userId: 'u-1', forceManualConfirm: true }
const computed =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhbW91bnQiOjEwMCwiY3AiOiI3NTAwMCIsImFnZSI6NDAsImdlbmRlciI6Ik0iLCJ1c2VySWQiOiJ1LTEyMzQiLCJpYXQiOjE1MDAwMDAwMDAsIm5vdGlmaWNhdGlvbktleSI6IjEyMzQ1In0.tbQu1HG2khUJ7pzC7R_vbHN8w288LaY_-x3PUWbWTJw'

const tokenOf = (claims: object, header?: object) => {
  const { signingInput } = jwtParts(claims, header)
  return `${signingInput}.${mac(signingInput)}`
}

test("the token of the sample's claims is the one computed elsewhere, with its steps shown", async () => {
  assert.equal(await signJackpotToken(v1, await importJackpotKey(apiSignature)), computed)
  const { payload, signingInput } = jackpotParts(v1)
  assert.equal(payload, JSON.stringify(v1))
  assert.equal(computed, `${signingInput}.${mac(signingInput)}`)
})

test('jose verifies what is signed here', async () => {
  const token = await signJackpotToken(v2, await importJackpotKey(apiSignature))
  assert.deepEqual((await jwtVerify(token, bytes)).payload, v2)
})

for (const [sample, header] of [
  ['Node', { alg: 'HS256', typ: 'JWT' }],
  ['PHP', { typ: 'JWT', alg: 'HS256' }],
  ['Ruby', { alg: 'HS256' }],
] as const) {
  test(`a token with the header of the ${sample} sample, signed by jose, is expected`, async () => {
    const token = await new SignJWT({ ...v1 }).setProtectedHeader(header).sign(bytes)
    const checked = checkJackpotToken('v1', token, mac, now)
    assert.ok(checked.ok)
    assert.equal(checked.presented, checked.expected)
    assert.deepEqual(checked.claims, v1)
  })
}

test('the second version needs three claims, the first one seven', () => {
  const { amount, notificationKey } = v1
  const few = tokenOf({ amount, iat, notificationKey })
  assert.ok(checkJackpotToken('v2', few, mac, now).ok)
  assert.deepEqual(checkJackpotToken('v1', few, mac, now), { ok: false, refusal: 'malformed-claims' })
  for (const name of Object.keys(v1)) {
    const without = tokenOf({ ...v1, [name]: undefined })
    assert.deepEqual(checkJackpotToken('v1', without, mac, now), { ok: false, refusal: 'malformed-claims' }, name)
  }
})

const odd: object[] = [
  { amount: '100' },
  { amount: 0 },
  { amount: -1 },
  { amount: 0.001 },
  { amount: 1e21 },
  { amount: null },
  { iat: `${iat}` },
  { iat: iat + 0.5 },
  { iat: null },
  { notificationKey: '' },
  { notificationKey: 12345 },
  { notificationKey: 'k'.repeat(256) },
  { userId: 1234 },
  { forceManualConfirm: 'true' },
]

for (const change of odd) {
  test(`claims with ${JSON.stringify(change).slice(0, 40)} are malformed`, () => {
    const checked = checkJackpotToken('v2', tokenOf({ ...v2, ...change }), mac, now)
    assert.deepEqual(checked, { ok: false, refusal: 'malformed-claims' })
  })
}

test('a token is good from a minute before its time to five minutes after it, edges included', () => {
  const at = (time: number) => {
    const checked = checkJackpotToken('v1', computed, mac, time)
    return checked.ok ? 'ok' : checked.refusal
  }
  assert.deepEqual([now - 60_000, now - 60_001, now + 300_000, now + 300_001].map(at), [
    'ok',
    'future-token',
    'ok',
    'stale-token',
  ])
})

test('no token, and tokens of other algorithms, are refused by name', () => {
  assert.deepEqual(checkJackpotToken('v2', '', mac, now), { ok: false, refusal: 'missing-token' })
  assert.deepEqual(checkJackpotToken('v2', 'a.b', mac, now), { ok: false, refusal: 'malformed-token' })
  for (const alg of ['none', 'HS512', 'ES256']) {
    assert.deepEqual(checkJackpotToken('v2', tokenOf(v2, { alg }), mac, now), {
      ok: false,
      refusal: 'algorithm-refused',
    })
  }
})

test('a used token is known by its text: of the four spellings of a signature, three are refused', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const start = alphabet.indexOf(computed.slice(-1)) & ~3
  const spellings = [0, 1, 2, 3].map((bits) => `${computed.slice(0, -1)}${alphabet[start + bits]}`)
  const bytesOf = (token: string) => Buffer.from(token.split('.')[2] ?? '', 'base64url').toString('hex')
  assert.equal(new Set(spellings.map(bytesOf)).size, 1)
  assert.deepEqual(
    spellings.map((token) => checkJackpotToken('v1', token, mac, now).ok),
    [true, false, false, false],
  )
})

test('two claims sets share a token only when they are the same', () => {
  const claims = fc.record(
    {
      amount: fc.integer({ min: 1 }),
      iat: fc.constantFrom(iat, iat + 1),
      notificationKey: fc.string({ minLength: 1 }),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(claims, claims, (a, b) => {
      assert.equal(tokenOf(a) === tokenOf(b), JSON.stringify(a) === JSON.stringify(b))
      const [, payload = ''] = tokenOf(a).split('.')
      assert.deepEqual(JSON.parse(Buffer.from(payload, 'base64url').toString()), a)
    }),
    { numRuns: 2000 },
  )
})
