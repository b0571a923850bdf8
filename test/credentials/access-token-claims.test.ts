import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import test, { describe } from 'node:test'
import {
  type AccessTokenClaims,
  signAccessToken,
  verifyAccessTokenJwt,
} from '../../src/credentials/access-token-jwt.ts'
import { TokenRefusal } from '../../src/credentials/token-refusal.ts'

const ISSUER = 'https://wallet.example'
const NOW = 1_800_000_000_000
const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keys = { find: (kid: string) => (kid === 'k' ? publicKey : undefined) }
const audiences = new Set([ISSUER, 'http://localhost:8080'])
const deps = { issuer: ISSUER, audiences, keys }

const claims: AccessTokenClaims = {
  jti: 'j',
  subject: 's',
  clientId: 'c',
  scopes: ['balance', 'payments'],
  family: 'f',
  consent: 'o',
  jkt: 't',
  wallets: new Set([7n, -8n]),
  walletNames: ['us:1:USD', 'us:2:USD'],
  audience: ISSUER,
  issuedAt: NOW,
  expiresAt: NOW + 600_000,
}
const genuine = signAccessToken({ kid: 'k', key }, ISSUER, claims)

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const read = (token: string, index: number) =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString())
const payload = read(genuine, 1)

function signed(text: string, by: KeyObject = key): string {
  return `${text}.${sign('sha256', Buffer.from(text), { key: by, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}
const made = (change: object, header: object = {}) =>
  signed(`${part({ ...read(genuine, 0), ...header })}.${part({ ...payload, ...change })}`)
const verify = (token: string, now = NOW) => verifyAccessTokenJwt(deps, token, now) as AccessTokenClaims

function refuses(token: string, message: RegExp, now = NOW) {
  assert.throws(
    () => verify(token, now),
    (error) => {
      assert.ok(error instanceof TokenRefusal, String(error))
      assert.equal(error.code, 'invalid_token')
      assert.match(error.message, message)
      return true
    },
    token.slice(0, 300),
  )
}
const NOT_OURS = /not an access token of this server/

describe('an access token', () => {
  test('says what RFC 9068 names, and what it is bound to', () => {
    const genuine = signAccessToken({ kid: 'k', key }, ISSUER, claims)
    assert.deepEqual(read(genuine, 0), { alg: 'ES256', typ: 'at+jwt', kid: 'k' })
    assert.deepEqual(read(genuine, 1), {
      iss: ISSUER,
      sub: 's',
      client_id: 'c',
      aud: ISSUER,
      scope: 'balance payments',
      wallets: ['us:1:USD', 'us:2:USD'],
      wallet_ids: ['7', '-8'],
      fam: 'f',
      consent: 'o',
      cnf: { jkt: 't' },
      jti: 'j',
      iat: NOW / 1000,
      exp: NOW / 1000 + 600,
    })
    assert.deepEqual(verify(genuine), claims)
  })

  test('of a client’s own party says no more than it must', () => {
    const own = {
      ...claims,
      scopes: [],
      family: null,
      consent: null,
      jkt: null,
      wallets: null,
      walletNames: '*' as const,
    }
    const token = signAccessToken({ kid: 'k', key }, ISSUER, { ...own, issuedAt: NOW + 999, expiresAt: NOW + 1_999 })
    assert.deepEqual(Object.keys(read(token, 1)), [
      'iss',
      'sub',
      'client_id',
      'aud',
      'scope',
      'wallets',
      'jti',
      'iat',
      'exp',
    ])
    assert.deepEqual(verify(token), { ...own, issuedAt: NOW, expiresAt: NOW + 1_000 })
  })

  test('begins a minute before its time at most, and ends at its second', () => {
    assert.ok(verify(genuine, NOW - 60_000))
    refuses(genuine, NOT_OURS, NOW - 60_001)
    assert.ok(verify(genuine, NOW + 599_999))
    refuses(genuine, /has expired/, NOW + 600_000)
    for (const exp of [undefined, null, String(NOW), true]) refuses(made({ exp }), /has expired/)
    for (const iat of [undefined, null, String(NOW / 1000), true]) refuses(made({ iat }), NOT_OURS)
    refuses(made({ nbf: NOW / 1000 - 10 }), NOT_OURS)
  })

  test('is of this issuer and for one of its addresses', () => {
    for (const iss of [undefined, '', `${ISSUER}/`, [ISSUER]]) refuses(made({ iss }), /issued by another server/)
    for (const aud of [undefined, null, [], '', [[ISSUER]], 'https://other.example', ['https://other.example']])
      refuses(made({ aud }), /meant for another server/)
    assert.equal(
      verify(made({ aud: ['https://other.example', 'http://localhost:8080'] })).audience,
      'http://localhost:8080',
    )
  })

  test('names a subject, a client, itself and its scopes, each as text', () => {
    for (const name of ['sub', 'client_id', 'jti', 'scope'])
      for (const value of [undefined, null, 7, ['x']]) refuses(made({ [name]: value }), NOT_OURS)
    assert.deepEqual(verify(made({ scope: '' })).scopes, [])
    const { family, consent } = verify(made({ fam: 7, consent: ['x'] }))
    assert.deepEqual([family, consent], [null, null])
  })

  test('names its wallets by their numbers, or says all', () => {
    for (const wallets of [undefined, null, 'all', {}, [7], ['us:1:USD', null]]) refuses(made({ wallets }), NOT_OURS)
    for (const ids of [
      undefined,
      null,
      '7',
      7,
      {},
      [7],
      ['7', null],
      [''],
      ['x7'],
      ['7x'],
      ['--7'],
      ['1e3'],
      ['1'.repeat(20)],
    ])
      refuses(made({ wallet_ids: ids }), NOT_OURS)
    assert.deepEqual(verify(made({ wallet_ids: ['9'.repeat(19), '-1'] })).wallets, new Set([9999999999999999999n, -1n]))
    assert.deepEqual(
      [verify(made({ wallet_ids: [] })).wallets, verify(made({ wallets: '*' })).wallets],
      [new Set(), null],
    )
    assert.equal(verify(made({ wallets: '*', wallet_ids: undefined })).walletNames, '*')
  })

  test('is bound to a key or to nothing: any other binding is refused', () => {
    assert.equal(verify(made({ cnf: undefined })).jkt, null)
    for (const cnf of [null, {}, 7, 'x', { jkt: 7 }, { jkt: null }, { 'x5t#S256': 'x' }, { jkt: 't', 'x5t#S256': 'x' }])
      refuses(made({ cnf }), NOT_OURS)
  })
})

describe('the form of an access token', () => {
  const [header = '', body = '', code = ''] = genuine.split('.')

  test('is three parts of base64url, its header and claims objects', () => {
    for (const text of [
      '',
      'x',
      `${header}.${body}`,
      `.${body}.${code}`,
      `${header}..${code}`,
      `${header}.${body}.`,
      `${genuine}.`,
      `${genuine}.x`,
      `!${genuine}`,
      `${header}!.${body}.${code}`,
      `${Buffer.from('{').toString('base64url')}.${body}.${code}`,
    ]) {
      refuses(text, NOT_OURS)
    }
    for (const odd of [null, 7, 'x', [payload]]) {
      refuses(signed(`${part(odd)}.${body}`), NOT_OURS)
      refuses(signed(`${header}.${part(odd)}`), NOT_OURS)
    }
    refuses(signed(`${header}.${body}!`), NOT_OURS)
    refuses(signed(`${header}.!${body}`), NOT_OURS)
    refuses(signed(`${header}.${Buffer.from('{"iss":').toString('base64url')}`), NOT_OURS)
  })

  test('has our algorithm, our type, the name of a key, and no extension', () => {
    for (const [name, value] of [
      ['alg', 'none'],
      ['alg', undefined],
      ['typ', 'JWT'],
      ['typ', undefined],
      ['kid', undefined],
      ['kid', 7],
      ['kid', ['k']],
      ['crit', []],
      ['crit', null],
      ['b64', true],
      ['b64', null],
    ] as const) {
      refuses(made({}, { [name]: value }), NOT_OURS)
    }
  })

  test('has one spelling of its signature', () => {
    // The last of 86 characters carries two bits; its other four are zero.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const other = code.slice(0, -1) + alphabet[alphabet.indexOf(code.slice(-1)) + 1]
    assert.deepEqual(Buffer.from(other, 'base64url'), Buffer.from(code, 'base64url'))
    for (const spelt of [other, `${code}=`, `${code}AA`, code.slice(0, -2), `${code} `])
      refuses(`${header}.${body}.${spelt}`, NOT_OURS)
  })

  test('is signed by the key that it names', () => {
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const NOT_SIGNED = /not signed by this server/
    refuses(signed(`${header}.${body}`, stranger), NOT_SIGNED)
    refuses(made({}, { kid: 'other' }), NOT_SIGNED)
    refuses(`${header}.${part({ ...payload, sub: 'x' })}.${code}`, NOT_SIGNED)
    refuses(`${part({ ...read(genuine, 0), x: 1 })}.${body}.${code}`, NOT_SIGNED)
    // Who else signed it is not told apart from what it says.
    refuses(signed(`${header}.${part({ iss: 'https://other.example' })}`, stranger), NOT_SIGNED)
  })

  test('may have to wait for its key', async () => {
    const slow = (found: KeyObject | undefined) => ({ ...deps, keys: { find: () => Promise.resolve(found) } })
    const answer = verifyAccessTokenJwt(slow(publicKey), genuine, NOW)
    assert.ok(answer instanceof Promise)
    assert.deepEqual(await answer, claims)
    await assert.rejects(async () => verifyAccessTokenJwt(slow(undefined), genuine, NOW), /not signed by this server/)
  })
})
