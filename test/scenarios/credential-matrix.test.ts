import assert from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { WALLET_SCOPES } from '../../src/credentials/scopes.ts'
import { signTransactionToken } from '../../src/credentials/transaction-token.ts'
import { type MatrixRoute, PAYER } from '../support/credential-routes.ts'
import {
  type Attempt,
  bearer,
  type CredentialWorld,
  countRows,
  createCredentialWorld,
  es256,
} from '../support/credential-world.ts'
import { createProof, createProofKey } from '../support/dpop.ts'
import { PUBLIC_URL } from '../support/server.ts'
import { envelope, grantToken, refused, send } from '../support/wallet-client.ts'

let world: CredentialWorld
let server: CredentialWorld['server']
let till: CredentialWorld['till']
let stranger: CredentialWorld['stranger']
let routes: CredentialWorld['routes']
before(async () => {
  world = await createCredentialWorld()
  ;({ server, till, stranger, routes } = world)
})
after(() => server.stop())

const NO_TOKEN = '401 invalid-token'
const byServer = (text: string) => es256(server.tokens.keys.signer().key)(text)

describe('a request to any wallet endpoint', () => {
  it('is refused without a token, wherever else one stands', async () => {
    await world.everyRouteRefuses({}, NO_TOKEN)
    await world.everyRouteRefuses({ search: `?access_token=${till.token}` }, NO_TOKEN)
    await world.everyRouteRefuses(
      { headers: { cookie: `session=${till.token}; access_token=${till.token}` } },
      NO_TOKEN,
    )
    await world.everyRouteRefuses({ headers: { 'x-authorization': `Bearer ${till.token}` } }, NO_TOKEN)
    const inBody = (route: MatrixRoute) => ({
      body: JSON.stringify({ payload: route.payload, access_token: till.token }),
    })
    await world.everyRouteRefuses(inBody, NO_TOKEN, { among: world.posts })
  })

  it('is refused with a malformed token', async () => {
    for (const token of [
      'x',
      'a.b.c',
      `${till.token}.x`,
      `${till.token} x`,
      till.token.slice(0, -1),
      'null',
      'undefined',
    ])
      await world.everyRouteRefuses(bearer(token), NO_TOKEN)
    for (const authorization of [till.token, `Token ${till.token}`, 'Bearer', `Basic ${till.token}`])
      await world.everyRouteRefuses({ authorization }, '400 invalid-request')
  })

  it('is refused with two tokens', async () => {
    await world.everyRouteRefuses({ authorization: `Bearer ${till.token}, Bearer ${till.token}` }, NO_TOKEN)
  })

  it('is refused with a token of another wallet', async () => {
    // What a refund refers to is not there for whom it does not concern.
    const expected = ({ endpoint }: MatrixRoute) =>
      endpoint === 'refunds' ? '404 transaction-not-found' : '403 wallet-not-allowed'
    const among = routes.filter(({ known }) => known)
    await world.everyRouteRefuses({ ...bearer(stranger.token), secret: stranger.signingSecret }, expected, {
      among,
      signedFor: stranger,
    })
    // A token of the same owner, for another of its wallets.
    const empty = world.own({ wallets: new Set([1n]), walletNames: [] })
    await world.everyRouteRefuses(bearer(empty), expected, { among, signedFor: till })
  })

  it('is refused with a token for another operation', async () => {
    for (const scope of WALLET_SCOPES) {
      const token = world.own({ scopes: [scope] })
      const needs = ({ endpoint }: MatrixRoute) => {
        const [first = ''] = endpoint.split('/')
        return first === 'tokens' ? 'transactions' : first
      }
      const among = routes.filter((route) => route.endpoint !== '' && needs(route) !== scope)
      await world.everyRouteRefuses(bearer(token), '403 insufficient-scope', { among, signedFor: till })
    }
    const nothing = routes.filter(({ endpoint }) => endpoint !== '')
    await world.everyRouteRefuses(bearer(world.own({ scopes: [] })), '403 insufficient-scope', {
      among: nothing,
      signedFor: till,
    })
  })

  it('is refused with a token that has expired, or begins later', async () => {
    await world.everyRouteRefuses(bearer(world.own({ expiresAt: Date.now() - 1000 })), NO_TOKEN)
    await world.everyRouteRefuses(
      bearer(world.own({ issuedAt: Date.now() + 600_000, expiresAt: Date.now() + 900_000 })),
      NO_TOKEN,
    )
    for (const claims of [{ exp: undefined }, { exp: 'never' }, { exp: null }, { nbf: 0 }, { iat: undefined }])
      await world.everyRouteRefuses(bearer(world.forged({}, byServer, claims)), NO_TOKEN)
  })

  it('is refused with a token that was revoked, itself or with its family', async () => {
    const body = (token: string) =>
      new URLSearchParams({ token, client_id: till.id, client_secret: till.clientSecret }).toString()
    const revoke = (token: string) =>
      send(server.url, '/oauth/revoke', {
        body: body(token),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
    const token = await grantToken(server.url, till.id, till.clientSecret)
    assert.equal((await revoke(token)).status, 200)
    await world.everyRouteRefuses(bearer(token), NO_TOKEN)
    const { access_token, refresh_token } = await world.grantPair()
    assert.equal((await revoke(refresh_token)).status, 200)
    await world.everyRouteRefuses(bearer(access_token), NO_TOKEN)
  })

  it('is refused with a token for another audience or of another issuer', async () => {
    for (const audience of ['https://elsewhere.example', `${PUBLIC_URL}.evil.example`, '', `${PUBLIC_URL}/`, till.id])
      await world.everyRouteRefuses(bearer(world.own({ audience })), NO_TOKEN)
    for (const issuer of ['https://elsewhere.example', `${PUBLIC_URL}/`, ''])
      await world.everyRouteRefuses(bearer(world.own({}, issuer)), NO_TOKEN)
    for (const claims of [{ aud: undefined }, { aud: [] }, { iss: undefined }, { iss: [PUBLIC_URL] }])
      await world.everyRouteRefuses(bearer(world.forged({}, byServer, claims)), NO_TOKEN)
  })

  it('is refused with a token under an unknown key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = publicKey.export({ format: 'jwk' })
    for (const header of [
      {},
      { kid: 'unknown' },
      { kid: undefined },
      { kid: '../../etc/passwd' },
      { kid: "' or 1=1 --" },
      { jwk, kid: undefined },
      { jwk },
      { jku: 'https://evil.example/jwks.json' },
      { x5u: 'https://evil.example/cert' },
    ])
      await world.everyRouteRefuses(bearer(world.forged(header, es256(privateKey))), NO_TOKEN)
  })

  it('is refused with a token of another algorithm', async () => {
    const { kid } = server.tokens.keys.signer()
    const jwks = (await send(server.url, '/oauth/jwks')).body.keys as (JsonWebKey & { kid: string })[]
    const jwk = jwks.find((one) => one.kid === kid) as JsonWebKey
    const publicKey = createPublicKey({ key: jwk as never, format: 'jwk' })
    const secrets = [
      publicKey.export({ type: 'spki', format: 'pem' }) as string,
      (publicKey.export({ type: 'spki', format: 'pem' }) as string).trim(),
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(jwk),
      Buffer.from(jwk.x ?? '', 'base64url'),
      '',
    ]
    const tokens = secrets.flatMap((secret) =>
      ['HS256', 'hs256', 'ES256'].map((alg) =>
        world.forged({ alg }, (text) => createHmac('sha256', secret).update(text).digest('base64url')),
      ),
    )
    const [, , signature = ''] = till.token.split('.')
    for (const alg of ['none', 'None', 'NONE', '', undefined, null, ['ES256'], 'ES256 ', 'es256']) {
      tokens.push(
        world.forged({ alg }, () => ''),
        world.forged({ alg }, () => signature),
        world.forged({ alg }, byServer),
      )
    }
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    for (const alg of ['RS256', 'PS256', 'ES256'])
      tokens.push(world.forged({ alg }, (text) => sign('sha256', Buffer.from(text), rsa).toString('base64url')))
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
    tokens.push(
      world.forged({ alg: 'ES384' }, (text) =>
        sign('sha384', Buffer.from(text), { key: p384, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
      ),
    )
    const ed = generateKeyPairSync('ed25519').privateKey
    tokens.push(world.forged({ alg: 'EdDSA' }, (text) => sign(null, Buffer.from(text), ed).toString('base64url')))
    for (const token of tokens) await world.everyRouteRefuses(bearer(token), NO_TOKEN)
  })

  it('is refused with a token of another type, or with extensions that must be understood', async () => {
    for (const header of [
      { typ: 'JWT' },
      { typ: undefined },
      { typ: 'AT+JWT' },
      { typ: 'transaction+jwt' },
      { typ: 'dpop+jwt' },
      { crit: ['exp'] },
      { crit: [] },
      { b64: false },
      { b64: true },
    ]) {
      // A transaction token may be the bearer of a charge, by an envelope that names its signer: refused for want of that.
      const expected = ({ method, endpoint }: MatrixRoute) =>
        header.typ === 'transaction+jwt' && method === 'POST' && endpoint === 'charges'
          ? '403 presenter-unproven'
          : NO_TOKEN
      await world.everyRouteRefuses(bearer(world.forged(header, byServer)), expected)
    }
    await world.everyRouteRefuses(bearer(world.forged({}, byServer, { cnf: { 'x5t#S256': 'x' } })), NO_TOKEN)
    await world.everyRouteRefuses(bearer(world.forged({}, byServer, { cnf: {} })), NO_TOKEN)
  })

  it('is refused with a token whose claims were altered', async () => {
    const [header = '', payload = '', signature = ''] = till.token.split('.')
    for (const claims of [{ sub: stranger.partyId }, { wallets: '*' }, { exp: 9_999_999_999 }, { scope: 'funds' }])
      await world.everyRouteRefuses(bearer(world.forged({}, () => signature, claims)), NO_TOKEN)
    const zero = Buffer.alloc(64).toString('base64url')
    for (const other of [
      '',
      zero,
      `${signature}A`,
      signature.slice(0, -2),
      `${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}`,
    ])
      await world.everyRouteRefuses(bearer(`${header}.${payload}.${other}`), NO_TOKEN)
  })

  it('is refused with a token that is bound to a key, without the proof of it', async () => {
    const key = createProofKey()
    const bound = world.own({ jkt: key.jkt })
    await world.everyRouteRefuses(bearer(bound), NO_TOKEN)
    await world.everyRouteRefuses({ authorization: `DPoP ${bound}` }, '401 invalid-dpop-proof')
    await world.everyRouteRefuses({ authorization: `DPoP ${till.token}` }, NO_TOKEN)
    const other = createProofKey()
    const proof =
      (by: typeof key, changes: object = {}) =>
      ({ method, path }: MatrixRoute): Attempt => ({
        authorization: `DPoP ${bound}`,
        headers: { dpop: createProof(by, { method, url: PUBLIC_URL + path, accessToken: bound, ...changes }) },
      })
    await world.everyRouteRefuses(proof(other), NO_TOKEN)
    for (const changes of [
      { url: `${PUBLIC_URL}/us:1:USD` },
      { method: 'PATCH' },
      { accessToken: till.token },
      { now: 0 },
    ])
      await world.everyRouteRefuses(proof(key, changes), '401 invalid-dpop-proof')
    const twice = (route: MatrixRoute) => {
      const { authorization, headers } = proof(key)(route) as Required<Attempt>
      return { authorization, headers: { dpop: `${headers.dpop}, ${headers.dpop}` } }
    }
    await world.everyRouteRefuses(twice, '401 invalid-dpop-proof')
  })

  it('is refused with any other credential of this server as its bearer', async () => {
    const { operator, clients, people } = server.sandbox
    const { refresh_token } = await world.grantPair()
    const person = people[0] as { password: string }
    for (const secret of [
      operator.api_key,
      operator.password,
      person.password,
      till.clientSecret,
      till.signingSecret as string,
      till.id,
      clients.merchant.client_secret,
      clients.merchant.signing_secret,
      refresh_token,
    ])
      await world.everyRouteRefuses(bearer(secret), NO_TOKEN)
    const basic = Buffer.from(`${till.id}:${till.clientSecret}`).toString('base64')
    await world.everyRouteRefuses({ authorization: `Basic ${basic}` }, '400 invalid-request')
  })

  it('is refused with a transaction token as its bearer, unless it is the charge that the token is for', async () => {
    const claims = {
      iss: PUBLIC_URL,
      sub: PAYER,
      aud: '*',
      endpoint: 'charges',
      source: PAYER,
      target: '*',
      amount: 1,
      currency: 'USD',
      iat: Math.floor(Date.now() / 1000),
      exp: Math.floor(Date.now() / 1000) + 600,
      jti: '0190b8a1-0000-7000-8000-000000000000',
    } as const
    const token = signTransactionToken(server.tokens.keys.signer(), claims)
    const expected = ({ method, endpoint }: MatrixRoute) =>
      method === 'POST' && endpoint === 'charges' ? '403 presenter-unproven' : NO_TOKEN
    await world.everyRouteRefuses(bearer(token), expected)
    await world.everyRouteRefuses({ ...bearer(token), secret: null }, expected)
    await world.everyRouteRefuses({ ...bearer(token), secret: stranger.signingSecret }, expected)
  })

  it('is refused when it is signed by another client, by nobody, or for another payload', async () => {
    const good = bearer(till.token)
    const signed = { among: world.posts, signedFor: till }
    for (const secret of [stranger.signingSecret as string, till.clientSecret, '', 'x'])
      await world.everyRouteRefuses({ ...good, secret }, '403 envelope-signature-wrong', signed)
    await world.everyRouteRefuses({ ...good, secret: null }, '403 envelope-unsigned', signed)
    const altered = (route: MatrixRoute) => {
      const { header, signature } = JSON.parse(envelope(till.signingSecret, route.payload as object))
      return { ...good, body: JSON.stringify({ header, payload: { ...route.payload, amount: 2 }, signature }) }
    }
    await world.everyRouteRefuses(altered, '403 envelope-signature-wrong', signed)
    for (const alg of ['none', 'HS512', 'es256', ''])
      await world.everyRouteRefuses(
        (route) => ({ ...good, body: envelope(till.signingSecret, route.payload as object, { header: { alg } }) }),
        '400 envelope-algorithm-refused',
        signed,
      )
    // Another client's token does not make its signature fit.
    await world.everyRouteRefuses(
      { ...bearer(stranger.token), secret: till.signingSecret },
      '403 envelope-signature-wrong',
      {
        among: world.posts.filter(({ endpoint }) => !endpoint.includes(':reference')),
        signedFor: stranger,
      },
    )
  })

  it('succeeds with the right ones: the matrix refuses nothing for another reason', async () => {
    const key = createProofKey()
    const bound = world.own({ jkt: key.jkt })
    const before = (await countRows(server)).transaction ?? 0
    let done = 0
    const used = new Set<string>()
    for (const route of routes.filter(({ known }) => known)) {
      // An invoice is declined once, a token revoked once.
      const once = route.payload !== null && route.endpoint.includes(':reference')
      if (once && used.has(route.endpoint)) continue
      used.add(route.endpoint)
      const plain = await world.attempt(route, bearer(till.token))
      assert.equal(plain.status, 200, `${route.name}: ${plain.text}`)
      if (route.payload) done += 1
      if (once) continue
      const proof = createProof(key, { method: route.method, url: PUBLIC_URL + route.path, accessToken: bound })
      const proven = await world.attempt(route, { authorization: `DPoP ${bound}`, headers: { dpop: proof } })
      assert.equal(proven.status, 200, `${route.name}: ${proven.text}`)
      if (route.payload) done += 1
      const replayed = await world.attempt(route, { authorization: `DPoP ${bound}`, headers: { dpop: proof } })
      assert.equal(refused(replayed, null), '401 invalid-dpop-proof', route.name)
    }
    assert.equal((await countRows(server)).transaction, before + done)
  })
})

it('the books are clean after all of it', () => server.assertClean())
