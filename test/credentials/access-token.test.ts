import assert from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type Principal, reaches } from '../../src/credentials/principal.ts'
import { TokenRefusal } from '../../src/credentials/token-refusal.ts'
import { disableClient } from '../../src/operations/disable-client.ts'
import { rotateSigningSecret } from '../../src/operations/rotate-signing-secret.ts'
import {
  type ClientCredentials,
  createHarness,
  grant,
  type Harness,
  ISSUER,
  type Process,
} from '../protocols/oauth/harness.ts'

let harness: Harness
let server: Process
let client: ClientCredentials
let token: string
let wallets: bigint[]

before(async () => {
  harness = await createHarness()
  server = await harness.start()
  client = await harness.client()
  wallets = [await harness.wallet(client.partyId), await harness.wallet(client.partyId)]
  await harness.wallet((await harness.client()).partyId)
  token = (await grant(server, client, { scope: 'balance payments' })).access_token
})
after(() => harness.close())

const verify = async (value: string, now = harness.clock()) => server.oauth.verifyAccessToken(`Bearer ${value}`, now)

const refused = (code: string) => (error: unknown) => error instanceof TokenRefusal && error.code === code

const part = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
const headerOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString())

function signed(header: object, claims: object, key: KeyObject = server.oauth.keys.signer().key): string {
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

test('a token proves its client, party, scopes and wallets', async () => {
  const principal = await verify(token)
  assert.equal(principal.clientId, client.id)
  assert.equal(principal.subject, client.partyId)
  assert.deepEqual([...principal.scopes], ['balance', 'payments'])
  assert.deepEqual(principal.wallets, new Set(wallets))
  assert.equal(principal.public, false)
  assert.equal(principal.expiresAt, claimsOf(token).exp * 1000)
  const mac = (key: KeyObject | string) => createHmac('sha256', key).update('x').digest('hex')
  assert.equal(mac(principal.signingKey as KeyObject), mac(client.signingSecret))
})

test('a token that was seen lends its signature to no other claims and no other header', async () => {
  await verify(token)
  const [header, , signature] = token.split('.') as [string, string, string]
  for (const forged of [
    [header, part({ ...claimsOf(token), scope: 'charges' }), signature],
    [part({ ...headerOf(token), kid: 'other' }), token.split('.')[1], signature],
  ])
    await assert.rejects(verify(forged.join('.')), refused('invalid_token'))
  await assert.rejects(async () => server.oauth.verifyAccessToken(`DPoP ${token}`, harness.clock()), TokenRefusal)
  assert.equal((await verify(token)).clientId, client.id)
})

test('a token that was seen before is answered at once, with the same principal and no query', async () => {
  await verify(token)
  const query = harness.db.query
  harness.db.query = () => Promise.reject(new Error('no query expected'))
  try {
    const first = server.oauth.verifyAccessToken(`Bearer ${token}`, harness.clock())
    const second = server.oauth.verifyAccessToken(`Bearer ${token}`, harness.clock())
    assert.ok(!(first instanceof Promise))
    assert.equal(first, second)
  } finally {
    harness.db.query = query
  }
})

test('with the database away a token holds for five seconds, then nothing is promised', async () => {
  await verify(token)
  const query = harness.db.query
  harness.db.query = () => Promise.reject(new Error('connection lost'))
  const before = harness.time.offset
  try {
    harness.time.offset += 3_000
    assert.equal((await verify(token)).clientId, client.id)
    harness.time.offset += 2_500
    await assert.rejects(verify(token), /connection lost/)
  } finally {
    harness.db.query = query
  }
  assert.equal((await verify(token)).clientId, client.id)
  harness.time.offset = before
})

test('a missing or foreign Authorization header is refused', async () => {
  const verifyHeader = async (header: string) => server.oauth.verifyAccessToken(header, harness.clock())
  await assert.rejects(
    verifyHeader(''),
    (error) => error instanceof TokenRefusal && error.missing && error.status === 401,
  )
  for (const header of [token, `Basic ${token}`, 'Bearer', `Bearer  ${token}x`.padEnd(9_000, 'x')])
    await assert.rejects(verifyHeader(header), refused('invalid_request'), header.slice(0, 20))
  for (const header of [
    'Bearer ',
    'Bearer x',
    `Bearer ${token} `,
    `Bearer  ${token}`,
    'Bearer bfk_x',
    'Bearer a.b.c.d',
  ])
    await assert.rejects(verifyHeader(header), refused('invalid_token'), header.slice(0, 20))
  assert.equal((await verifyHeader(`bearer ${token}`)).clientId, client.id)
})

test('every altered character makes a token worthless', async () => {
  for (let index = 0; index < token.length; index += 7) await assert.rejects(verify(flip(token, index)), TokenRefusal)
  await assert.rejects(verify(flip(token, token.length - 1)), TokenRefusal)
})

function flip(text: string, index: number): string {
  return text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1)
}

test('other algorithms, types and keys are refused', async () => {
  const header = headerOf(token)
  const claims = { ...claimsOf(token), jti: 'other' }
  const publicJwk = server.oauth.keys.published()[0] as typeof server.oauth.keys extends {
    published(): readonly (infer Key)[]
  }
    ? Key
    : never
  const publicPem = createPublicKey({ key: publicJwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const hmac = (secret: string | Buffer) => {
    const input = `${part({ ...header, alg: 'HS256' })}.${part(claims)}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }
  const { privateKey: stranger } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const strangerJwk = stranger.export({ format: 'jwk' })
  for (const [name, forged] of Object.entries({
    none: `${part({ ...header, alg: 'none' })}.${part(claims)}.`,
    'none with a signature': `${part({ ...header, alg: 'none' })}.${part(claims)}.${token.split('.')[2]}`,
    'hmac with the public key': hmac(publicPem as string),
    'hmac with the jwk': hmac(JSON.stringify(publicJwk)),
    'another key under our kid': signed(header, claims, stranger),
    'a key that the token brings': signed({ ...header, kid: 'x', jwk: strangerJwk }, claims, stranger),
    'no kid': signed({ alg: 'ES256', typ: 'at+jwt' }, claims),
    'another type': signed({ ...header, typ: 'JWT' }, claims),
    'a transaction token': signed({ ...header, typ: 'transaction+jwt' }, claims),
    'another algorithm in name': signed({ ...header, alg: 'ES384' }, claims),
    'no algorithm in name': signed({ ...header, alg: 'none' }, claims),
    'no type': signed({ alg: 'ES256', kid: header.kid }, claims),
    'critical extensions': signed({ ...header, crit: ['b64'], b64: true }, claims),
    'an empty signature': `${part(header)}.${part(claims)}.`,
    'a zero signature': `${part(header)}.${part(claims)}.${Buffer.alloc(64).toString('base64url')}`,
  }))
    await assert.rejects(verify(forged), refused('invalid_token'), name)
  assert.equal((await verify(signed(header, claims))).clientId, client.id)
})

test('other issuers, audiences, times and shapes are refused, though signed by us', async () => {
  const header = headerOf(token)
  const claims = claimsOf(token)
  const now = Math.floor(harness.clock() / 1000)
  for (const [name, change] of Object.entries({
    issuer: { iss: 'https://other.example' },
    'issuer with a slash': { iss: `${ISSUER}/` },
    'no issuer': { iss: undefined },
    audience: { aud: 'https://other.example' },
    audiences: { aud: ['https://other.example', `${ISSUER}.evil.example`] },
    'no audience': { aud: undefined },
    expired: { exp: now },
    'no expiry': { exp: undefined },
    'expiry as text': { exp: String(now + 100) },
    'issued in the future': { iat: now + 120 },
    'bound to a key': { cnf: { jkt: 'x' } },
    'no subject': { sub: undefined },
    'no client': { client_id: undefined },
    'unknown client': { client_id: 'nobody' },
    'no scope': { scope: undefined },
    'no wallets': { wallets: undefined },
    'no wallet ids': { wallet_ids: undefined },
    'odd wallet ids': { wallet_ids: ['1e3'] },
  }))
    await assert.rejects(verify(signed(header, { ...claims, ...change })), refused('invalid_token'), name)
  for (const change of [{ aud: 'http://localhost:8080' }, { aud: ['https://other.example', ISSUER] }])
    assert.equal((await verify(signed(header, { ...claims, ...change }))).clientId, client.id)
  await assert.rejects(verify(signed(header, [claims])), refused('invalid_token'))
})

test('a token ends at its second, though it was seen before', async () => {
  const { exp } = claimsOf(token)
  assert.equal((await verify(token, exp * 1000 - 1)).clientId, client.id)
  await assert.rejects(verify(token, exp * 1000), refused('invalid_token'))
})

test('a disabled client’s tokens end within five seconds, and a new signing secret arrives in them', async () => {
  const leaving = await harness.client()
  const { access_token: own } = await grant(server, leaving)
  const before: Principal = await verify(own)
  const { signingSecret } = await rotateSigningSecret(harness, { id: leaving.id })
  harness.time.offset += 5_001
  const mac = (key: KeyObject | string) => createHmac('sha256', key).update('x').digest('hex')
  const principal = await verify(own)
  assert.equal(mac(principal.signingKey as KeyObject), mac(signingSecret))
  assert.notEqual(mac(before.signingKey as KeyObject), mac(signingSecret))
  await disableClient(harness, { id: leaving.id })
  harness.time.offset += 5_001
  await assert.rejects(verify(own), refused('invalid_token'))
})

test('a scope taken from the client is taken from its tokens', async () => {
  const narrowed = await harness.client()
  const { access_token: own } = await grant(server, narrowed)
  assert.ok((await verify(own)).scopes.has('refunds'))
  await harness.db.query(`update client set scopes = '{balance}' where id = $1`, [narrowed.id])
  harness.time.offset += 5_001
  assert.deepEqual([...(await verify(own)).scopes], ['balance'])
})

test('thirty wallets are named in less than 4 kB; of more than fifty the token says all', async () => {
  const shop = await harness.client()
  for (let index = 0; index < 30; index += 1) await harness.wallet(shop.partyId, `8305550${100 + index}`)
  const thirty = (await grant(server, shop)).access_token
  assert.ok(thirty.length < 4096, String(thirty.length))
  assert.equal(claimsOf(thirty).wallets.length, 30)
  const few = await verify(thirty)
  assert.ok(few.wallets instanceof Set && few.wallets.size === 30)
  for (let index = 0; index < 21; index += 1) await harness.wallet(shop.partyId)
  const many = (await grant(server, shop)).access_token
  assert.equal(claimsOf(many).wallets, '*')
  assert.equal((await verify(many)).wallets, 'all')
  // At once, and of nobody else.
  const late = { id: await harness.wallet(shop.partyId), partyId: shop.partyId, kept: false }
  const foreign = { id: wallets[0] as bigint, partyId: client.partyId, kept: false }
  assert.deepEqual(
    [late, foreign].map((wallet) => reaches(few, wallet)),
    [false, false],
  )
  const whole = await verify(many)
  assert.deepEqual(
    [late, foreign].map((wallet) => reaches(whole, wallet)),
    [true, false],
  )
})

test('unknown key ids do not turn into queries', async () => {
  const forged = signed({ ...headerOf(token), kid: 'never-heard-of' }, claimsOf(token))
  harness.time.offset += 5_001
  await assert.rejects(verify(forged), refused('invalid_token'))
  const query = harness.db.query
  harness.db.query = () => Promise.reject(new Error('no query expected'))
  try {
    for (let round = 0; round < 5; round += 1) await assert.rejects(verify(forged), refused('invalid_token'))
  } finally {
    harness.db.query = query
  }
})
