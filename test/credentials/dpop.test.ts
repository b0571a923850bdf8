import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { createDpopProofs, DPOP_WINDOW_S, type DpopProofs } from '../../src/credentials/dpop.ts'
import { TokenRefusal } from '../../src/credentials/token-refusal.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { deleteExpiredDpopProofs } from '../../src/storage/dpop-proofs.ts'
import { createTestDatabase } from '../support/database.ts'
import { createProof, createProofKey, type ProofInput, type ProofKey, signJwt } from '../support/dpop.ts'

const NOW = 1_800_000_000_000
const ORIGINS = new Set(['https://wallet.example', 'http://localhost:8080'])
const URL_OF_TOKEN = 'https://wallet.example/oauth/token'
const ACCESS_TOKEN = 'eyJ.an.accesstoken'

let db: Database
let drop: () => Promise<void>
let proofs: DpopProofs
let now = NOW
const key = createProofKey()

before(async () => {
  const database = await createTestDatabase()
  ;({ db, drop } = database)
  proofs = createDpopProofs({ db, origins: ORIGINS, clock: () => now })
})
after(() => drop())

const proof = (changes: Partial<ProofInput> = {}, by: ProofKey = key) =>
  createProof(by, { method: 'POST', url: URL_OF_TOKEN, now: NOW, ...changes })

const verify = (header: string, accessToken?: string) =>
  proofs.verify(header, { method: 'POST', path: '/oauth/token', ...(accessToken !== undefined && { accessToken }) })

async function refuses(header: string, reason: RegExp, accessToken?: string) {
  await assert.rejects(
    verify(header, accessToken),
    (error) => {
      assert.ok(error instanceof TokenRefusal, String(error))
      assert.equal(error.code, 'invalid_dpop_proof')
      assert.equal(error.status, 401)
      assert.match(error.message, reason)
      return true
    },
    reason.source,
  )
}

describe('a proof', () => {
  it('proves the possession of its key, in each of the algorithms', async () => {
    for (const alg of ['ES256', 'EdDSA', 'Ed25519', 'PS256'] as const) {
      const other = createProofKey(alg)
      assert.equal((await verify(proof({}, other))).jkt, other.jkt, alg)
    }
  })

  it('has the thumbprint of RFC 9449 section 6.1', async () => {
    const jwk = {
      kty: 'EC',
      x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
      y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
      crv: 'P-256',
    }
    const example =
      'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg'
    assert.deepEqual(JSON.parse(Buffer.from(example.split('.')[0] ?? '', 'base64url').toString()).jwk, jwk)
    const rfc = createDpopProofs({
      db,
      origins: new Set(['https://server.example.com']),
      clock: () => 1_562_262_616_000,
    })
    const verified = await rfc.verify(example, { method: 'POST', path: '/token' })
    assert.equal(verified.jkt, '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I')
  })

  it('is for one method and one URL', async () => {
    await refuses(proof({ method: 'GET' }), /htm/)
    await refuses(proof({ claims: { htm: 'post' } }), /htm/)
    for (const htu of [
      'https://wallet.example/oauth/revoke',
      'https://wallet.example/oauth/token/',
      'https://wallet.example/OAUTH/token',
      'https://wallet.example:444/oauth/token',
      'http://wallet.example/oauth/token',
      'https://evil.example/oauth/token',
      'https://wallet.example.evil.example/oauth/token',
      'https://user@wallet.example/oauth/token',
      'https://wallet.example\\oauth\\token',
      ' https://wallet.example/oauth/token',
      'https://wallet.example/oauth%2Ftoken',
      '//wallet.example/oauth/token',
      '/oauth/token',
      'javascript:alert(1)',
      '',
      7,
      null,
      undefined,
      [URL_OF_TOKEN],
    ])
      await refuses(proof({ claims: { htu } }), /htu/)
  })

  it('names its URL in any spelling that RFC 3986 holds to be the same', async () => {
    for (const htu of [
      'HTTPS://WALLET.example/oauth/token',
      'https://wallet.example:443/oauth/token',
      'https://wallet.example/oauth/./x/../token',
      'https://wallet.example/%6Fauth/token',
      'https://wallet.example/oauth/token?a=b#c',
      'http://localhost:8080/oauth/token',
    ])
      assert.equal((await verify(proof({ claims: { htu } }))).jkt, key.jkt, htu)
    const colon = (htu: string, path: string) =>
      proofs.verify(proof({ claims: { htm: 'GET', htu } }), { method: 'GET', path })
    await colon('https://wallet.example/us:1:USD/balance', '/us:1:USD/balance')
    await colon('https://wallet.example/us%3A1%3aUSD/balance', '/us%3a1%3AUSD/balance')
    // A reserved character and its code are two URLs (RFC 3986 section 2.2).
    await assert.rejects(colon('https://wallet.example/us%3A1%3AUSD/balance', '/us:1:USD/balance'), TokenRefusal)
  })

  it('is good for a minute before and after its time', async () => {
    for (const seconds of [0, 10, -10, DPOP_WINDOW_S, -DPOP_WINDOW_S])
      await verify(proof({ now: NOW + seconds * 1000 }))
    for (const seconds of [DPOP_WINDOW_S + 1, -DPOP_WINDOW_S - 1, 86_400, -1e9])
      await refuses(proof({ now: NOW + seconds * 1000 }), /iat/)
    for (const iat of [undefined, null, 'now', String(NOW / 1000), NOW])
      await refuses(proof({ claims: { iat } }), /iat|JWT|time/)
    await refuses(proof({ claims: { exp: NOW / 1000 - 100 } }), /time/)
    await refuses(proof({ claims: { nbf: NOW / 1000 + 100 } }), /time/)
    await verify(proof({ claims: { nbf: NOW / 1000, exp: NOW / 1000 + 100 } }))
    // The same minute for our clock and theirs.
    await verify(proof({ claims: { exp: NOW / 1000 - DPOP_WINDOW_S + 1 } }))
    await refuses(proof({ claims: { exp: NOW / 1000 - DPOP_WINDOW_S } }), /time/)
    await verify(proof({ claims: { nbf: NOW / 1000 + DPOP_WINDOW_S } }))
    await refuses(proof({ claims: { nbf: NOW / 1000 + DPOP_WINDOW_S + 1 } }), /time/)
    for (const odd of ['x', null, [NOW / 1000], true])
      for (const name of ['exp', 'nbf']) await refuses(proof({ claims: { [name]: odd } }), /time/)
  })

  it('has a name of its own', async () => {
    for (const jti of [undefined, null, '', 7]) await refuses(proof({ claims: { jti } }), /jti/)
  })

  it('belongs to the access token that it comes with', async () => {
    await verify(proof({ accessToken: ACCESS_TOKEN }), ACCESS_TOKEN)
    await refuses(proof(), /ath/, ACCESS_TOKEN)
    await refuses(proof({ accessToken: `${ACCESS_TOKEN}x` }), /ath/, ACCESS_TOKEN)
    for (const ath of [null, '', 7, ACCESS_TOKEN]) await refuses(proof({ claims: { ath } }), /ath/, ACCESS_TOKEN)
  })

  it('is one JWT of its type', async () => {
    const good = proof()
    for (const text of ['', 'x', 'a.b', 'a.b.c.d', `${good} `, `${good}=`, `${good}.`, 'é.é.é'])
      await refuses(text, /not one signed JWT/)
    for (const text of [`${good}, ${proof()}`, `${good},${good}`, ',']) await refuses(text, /more than one/)
    await refuses(`${'x'.repeat(5000)}.x.x`, /too long/)
    for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/dpop+jwt', 'DPOP+JWT', undefined, 7])
      await refuses(proof({ header: { typ } }), /typ|JWT/)
    for (const claims of ['[]', 'null', '7', '"x"', '{', ''])
      await refuses(signJwt(key, { typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk }, claims), /JWT/)
    for (const header of ['[]', 'null', '{', '7']) await refuses(signJwt(key, header, {}), /JWT|alg/)
    await refuses(proof({ header: { crit: ['b64'], b64: false } }), /JWT/)
    await refuses(proof({ header: { crit: ['x'], x: 1 } }), /JWT/)
  })

  it('is signed by the key that it shows, with an algorithm of the list', async () => {
    const [header = '', claims = ''] = proof().split('.')
    const mac = (secret: string) => createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url')
    await refuses(`${header}.${claims}.${mac('x')}`, /JWT|signature/)
    await refuses(proof().slice(0, -8) + 'A'.repeat(8), /signature/)
    const other = createProofKey()
    await refuses(proof({ header: { jwk: other.jwk } }), /signature/)
    await refuses(proof({}, createProofKey('RS256')), /alg/)
    for (const alg of ['none', 'None', 'HS256', 'RS256', 'ES384', 'es256', undefined])
      await refuses(proof({ header: { alg } }), /alg|JWT/)
    for (const alg of ['EdDSA', 'PS256']) await refuses(proof({ header: { alg } }), /JWT|signature/)
    const text = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'none', jwk: key.jwk })).toString('base64url')
    await refuses(`${text}.${claims}.`, /not one signed JWT/)
    await refuses(`${text}.${claims}.AA`, /alg/)
  })

  it('shows a public key and nothing secret', async () => {
    const secret = key.privateKey.export({ format: 'jwk' }) as Record<string, string>
    await refuses(proof({ header: { jwk: secret } }), /JWT|secret/)
    const rsa = createProofKey('PS256')
    const { p, q } = rsa.privateKey.export({ format: 'jwk' }) as Record<string, string>
    await refuses(
      createProof(rsa, { method: 'POST', url: URL_OF_TOKEN, now: NOW, header: { jwk: { ...rsa.jwk, p, q } } }),
      /JWT|secret/,
    )
    const oct = { kty: 'oct', k: Buffer.from('x'.repeat(32)).toString('base64url') }
    for (const jwk of [
      undefined,
      null,
      'x',
      [],
      {},
      oct,
      { ...key.jwk, crv: 'P-384' },
      { ...key.jwk, x: 'AA' },
      { ...key.jwk, use: 'enc' },
    ])
      await refuses(proof({ header: { jwk } }), /JWT/)
    await refuses(proof({ header: { jwk: undefined, jku: 'https://evil.example/jwks', kid: 'x' } }), /JWT/)
  })
})

describe('the use of a proof', () => {
  const count = async () => (await db.query<{ n: bigint }>('select count(*) as n from dpop_proof'))[0]?.n

  it('happens once: of 64 at once, over two servers, one succeeds, 20 times in a row', async () => {
    const second = openDatabase(db.connection)
    const elsewhere = createDpopProofs({ db: second, origins: ORIGINS, clock: () => now })
    for (let round = 0; round < 20; round += 1) {
      const header = proof()
      const target = { method: 'POST', path: '/oauth/token' }
      const uses = Array.from({ length: 64 }, async (_, i) =>
        (await (i % 2 ? proofs : elsewhere).verify(header, target)).spend(),
      )
      const settled = await Promise.allSettled(uses)
      assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const one of settled)
        if (one.status === 'rejected') assert.match(one.reason.message, /^the DPoP proof was used before$/)
    }
    await second.close()
  })

  it('is not one while it is only looked at', async () => {
    const before = await count()
    const header = proof()
    await verify(header)
    await verify(header)
    await refuses(proof({ method: 'GET' }), /htm/)
    assert.equal(await count(), before)
    await (await verify(header)).spend()
    assert.equal(await count(), (before ?? 0n) + 1n)
  })

  it('is told apart by key and name', async () => {
    const jti = randomUUID()
    await (await verify(proof({ claims: { jti } }))).spend()
    await (await verify(proof({ claims: { jti } }, createProofKey()))).spend()
    const again = await verify(proof({ claims: { jti, iat: NOW / 1000 - 1 } }))
    await assert.rejects(again.spend(), TokenRefusal)
  })

  it('is remembered for longer than the proof is good, and then forgotten', async () => {
    const header = proof({ now: NOW + DPOP_WINDOW_S * 1000 })
    await (await verify(header)).spend()
    try {
      now = NOW + 2 * DPOP_WINDOW_S * 1000
      await deleteExpiredDpopProofs(db, new Date(now), 1000)
      await assert.rejects((await verify(header)).spend(), TokenRefusal)
      now += 1000
      await assert.rejects(verify(header), TokenRefusal)
      now += 60_000
      while ((await deleteExpiredDpopProofs(db, new Date(now), 10)) > 0);
      assert.equal(await count(), 0n)
    } finally {
      now = NOW
    }
  })
})
