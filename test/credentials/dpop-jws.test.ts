import assert from 'node:assert/strict'
import { constants, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import { DPOP_ALGORITHMS, readSignedProof } from '../../src/credentials/dpop-jws.ts'
import { TokenRefusal } from '../../src/credentials/token-refusal.ts'
import { createProofKey, type ProofKey, signJwt } from '../support/dpop.ts'

type Jwk = Record<string, unknown>
const base64url = (value: string | Uint8Array) => Buffer.from(value).toString('base64url')
const claims = () => ({ jti: randomUUID(), iat: 1_800_000_000 })
const keys = DPOP_ALGORITHMS.map((alg) => createProofKey(alg))
const [ec, edwards, , rsa] = keys as [ProofKey, ProofKey, ProofKey, ProofKey]

const signed = (key: ProofKey, jwk: Jwk = {}, header: Jwk = {}) =>
  signJwt(key, { typ: 'dpop+jwt', alg: key.alg, jwk: { ...key.jwk, ...jwk }, ...header }, claims())

/** A proof whose signature is made by hand. */
function unsigned(alg: string, jwk: Jwk, signature: (text: Buffer) => Uint8Array): string {
  const text = `${base64url(JSON.stringify({ typ: 'dpop+jwt', alg, jwk }))}.${base64url(JSON.stringify(claims()))}`
  return `${text}.${base64url(signature(Buffer.from(text)))}`
}

function refuses(proof: string, what: string, message = /./) {
  assert.throws(
    () => readSignedProof(proof),
    (error) => error instanceof TokenRefusal && error.code === 'invalid_dpop_proof' && message.test(error.message),
    what,
  )
}

const pss = (key: KeyObject) => (text: Buffer) =>
  sign('sha256', text, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })

describe('the key of a proof', () => {
  it('of RSA has 2048 bits at least, however many octets are written down', () => {
    for (const modulusLength of [1024, 2040, 2047]) {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
      const n = Buffer.from(String(publicKey.export({ format: 'jwk' }).n), 'base64url')
      for (const octets of [256, 257, 512]) {
        const padded = base64url(Buffer.concat([Buffer.alloc(octets - n.length), n]))
        refuses(unsigned('PS256', { kty: 'RSA', e: 'AQAB', n: padded }, pss(privateKey)), `${modulusLength}`)
      }
    }
  })

  it('has one spelling, and so one thumbprint', () => {
    const n = Buffer.from(rsa.jwk.n as string, 'base64url')
    refuses(signed(rsa, { n: base64url(Buffer.concat([Buffer.alloc(1), n])) }), 'a leading zero')
    for (const e of ['AAEAAQ', 'AQABAAAA', 'AAAAAQAB', 'Aw'])
      refuses(signed(rsa, { e }), `the exponent ${e}`, /not a JWT with the public key/)
    for (const name of ['x', 'y']) {
      const value = ec.jwk[name] as string
      for (const other of [`${value}=`, ` ${value}`, `AA${value}`, value.replace(/.$/, (last) => nextTo(last))])
        refuses(signed(ec, { [name]: other }), other)
    }
  })

  it('is a point of the curve, and not one of the few that anybody can sign by', () => {
    const flat = (octet: number) => base64url(new Uint8Array(32).fill(octet))
    for (const octet of [0, 1, 255])
      refuses(
        unsigned('ES256', { kty: 'EC', crv: 'P-256', x: flat(octet), y: flat(octet) }, () => new Uint8Array(64)),
        'EC',
      )
    for (const x of [`01${'00'.repeat(31)}`, '00'.repeat(32), `ec${'ff'.repeat(30)}7f`, `ee${'ff'.repeat(30)}7f`])
      for (const r of [`01${'00'.repeat(31)}`, '00'.repeat(32)])
        refuses(
          unsigned('EdDSA', { kty: 'OKP', crv: 'Ed25519', x: base64url(Buffer.from(x, 'hex')) }, () =>
            Buffer.from(r + '00'.repeat(32), 'hex'),
          ),
          x,
        )
  })

  it('may not say that it is for something else', () => {
    for (const says of [{ key_ops: ['sign'] }, { key_ops: [] }, { key_ops: 'verify' }, { alg: 'PS256' }, { alg: 7 }])
      refuses(signed(ec, says), JSON.stringify(says))
    for (const says of [{ key_ops: ['verify'] }, { alg: 'ES256' }, { use: 'sig' }, { kid: 'mine', ext: true }])
      assert.equal(readSignedProof(signed(ec, says)).jkt, ec.jkt)
    assert.equal(readSignedProof(signed(edwards, { alg: 'Ed25519' })).jkt, edwards.jkt)
  })
})

describe('the header of a proof', () => {
  const NO_JWT = /^the DPoP proof is not a JWT with the public key that signed it$/

  it('shows no part of a private key, by whatever name', () => {
    for (const part of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])
      for (const key of keys) refuses(signed(key, { [part]: 'AA' }), part, /^the DPoP proof gives a secret away$/)
  })

  it('has one of our algorithms, of which it is told', () => {
    for (const alg of ['none', 'RS256', 'HS256', '', undefined, 7, ['ES256']])
      refuses(signed(ec, {}, { alg }), String(alg), /^the alg of a DPoP proof is one of ES256, EdDSA, Ed25519, PS256$/)
    for (const typ of ['JWT', undefined, 'dpop+JWT'])
      refuses(signed(ec, {}, { typ }), String(typ), /^the typ of a DPoP proof is dpop\+jwt$/)
  })

  it('asks for no extension, and has a key of the kind of its algorithm', () => {
    for (const extension of [{ crit: [] }, { crit: null }, { b64: true }, { b64: false }])
      refuses(signed(ec, {}, extension), JSON.stringify(extension), NO_JWT)
    for (const jwk of [
      { kty: 'OKP' },
      { kty: 'RSA' },
      { kty: undefined },
      { crv: 'P-384' },
      { crv: 'xP-256' },
      { crv: 'P-256x' },
      { x: 7 },
      { use: 'enc' },
      { use: '' },
    ])
      refuses(signed(ec, jwk), JSON.stringify(jwk), NO_JWT)
    for (const x of ['A'.repeat(42), 'A'.repeat(44), `!${'A'.repeat(42)}`]) refuses(signed(ec, { x }), x, NO_JWT)
    for (const [key, alg] of [
      [ec, 'EdDSA'],
      [edwards, 'ES256'],
      [rsa, 'ES256'],
      [ec, 'PS256'],
    ] as const)
      refuses(signed(key, {}, { alg }), alg, NO_JWT)
  })

  it('and its claims are UTF-8', () => {
    const text = Buffer.from('{"jti":"?"}')
    text[text.indexOf('?')] = 0xff
    const head = base64url(JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: ec.jwk }))
    const input = `${head}.${base64url(text)}`
    const code = sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' })
    refuses(`${input}.${base64url(code)}`, 'claims', NO_JWT)
  })

  it('is read up to 4096 characters', () => {
    const good = signed(ec, {}, { x: '' })
    const padded = signed(ec, {}, { x: 'x'.repeat(Math.floor(((4_096 - good.length) * 3) / 4)) })
    assert.ok(padded.length > 4_090 && padded.length <= 4_096)
    assert.equal(readSignedProof(padded).jkt, ec.jkt)
    refuses('x'.repeat(4_097), 'longer', /^the DPoP proof is too long$/)
    refuses('x'.repeat(4_096), 'no JWT', /^the DPoP header is not one signed JWT$/)
    refuses(`${good},`, 'two', /^there is more than one DPoP proof$/)
    for (const text of [`!${good}`, `${good}!`, ` ${good}`])
      refuses(text, text, /^the DPoP header is not one signed JWT$/)
    refuses(`${good.slice(0, good.lastIndexOf('.'))}.A`, 'a signature that is no base64url', NO_JWT)
  })
})

describe('the signature of a proof', () => {
  it('by ECDSA is two numbers of 32 octets, never DER', () => {
    const raw = (text: Buffer) => sign('sha256', text, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' })
    readSignedProof(unsigned('ES256', ec.jwk, raw))
    refuses(
      unsigned('ES256', ec.jwk, (text) => sign('sha256', text, ec.privateKey)),
      'DER',
    )
    refuses(
      unsigned('ES256', ec.jwk, (text) => Buffer.concat([new Uint8Array(1), raw(text)])),
      'longer',
    )
    for (const length of [1, 32, 63, 64, 65, 72, 1000])
      for (const octet of [0, 1, 255])
        refuses(
          unsigned('ES256', ec.jwk, () => new Uint8Array(length).fill(octet)),
          `${length}`,
        )
  })

  it('is of the whole text, whose members are named once', () => {
    const twice = `{"typ":"dpop+jwt","alg":"ES256","alg":"ES256","jwk":${JSON.stringify(ec.jwk)}}`
    refuses(signJwt(ec, twice, claims()), 'a header member twice')
    refuses(
      signJwt(
        ec,
        `{"typ":"dpop+jwt","alg":"ES256","jwk":${JSON.stringify({ ...ec.jwk }).replace('{', '{"kty":"RSA",')}}`,
        claims(),
      ),
      'a key member twice',
    )
    refuses(signJwt(ec, { typ: 'dpop+jwt', alg: 'ES256', jwk: ec.jwk }, '{"jti":"a","jti":"b"}'), 'a claim twice')
    for (const text of ['{"jti":"a","__proto__":{"iat":1}}', '{"jti":"\\ud800"}', '\ufeff{"jti":"a"}', '{"iat":1e400}'])
      refuses(signJwt(ec, { typ: 'dpop+jwt', alg: 'ES256', jwk: ec.jwk }, text), text)
  })
})

// A last character whose unused bits are set: the same octets to a decoder that forgives.
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const nextTo = (last: string) => ALPHABET[ALPHABET.indexOf(last) + 1] as string

describe('beside jose', () => {
  it('nothing is read that jose refuses, and jose reads what is refused only for its form', async () => {
    let both = 0
    let stricter = 0
    for (let i = 0; i < 800; i += 1) {
      const [proof, whole] = odd(keys[i % keys.length] as ProofKey, i)
      const ours = attempt(() => readSignedProof(proof).jkt)
      const theirs = await joseReads(proof)
      if (ours === theirs) both += Number(ours !== null)
      else {
        assert.equal(ours, null, `jose refuses ${proof}`)
        stricter += 1
      }
      if (whole) assert.notEqual(ours, null, `a whole proof was refused: ${proof}`)
    }
    assert.ok(both > 50 && stricter > 10, `${both} read by both, ${stricter} by jose alone`)
  })
})

/** A proof with something odd about it, by number, and whether it is good. */
function odd(key: ProofKey, i: number): [proof: string, whole: boolean] {
  const variant = Math.floor(i / keys.length) % VARIANTS.length
  const make = VARIANTS[variant] as (key: ProofKey, i: number) => string
  return [make(key, i), variant === 0]
}

const VARIANTS: readonly ((key: ProofKey, i: number) => string)[] = [
  (key) => signed(key),
  (key, i) => flip(signed(key), (i * 7919) % signed(key).length, i),
  (key, i) => signed(key, { [Object.keys(key.jwk)[i % 3] as string]: ODD[i % ODD.length] }),
  (key, i) => signed(key, {}, { [HEADERS[i % HEADERS.length] as string]: ODD[(i * 3) % ODD.length] }),
  (key, i) => signed(key, (keys[(i * 3 + 1) % keys.length] as ProofKey).jwk),
  (key, i) => signed(key, {}, { alg: ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256', 'HS256'][i % 6] }),
  (key) => `${signed(key).split('.').slice(0, 2).join('.')}.${signed(key).split('.')[2]}`,
  (key, i) => signed(key).replace(/.$/, (last) => ALPHABET[(ALPHABET.indexOf(last) + (i % 3) + 1) % 64] as string),
]
const HEADERS = ['crit', 'typ', 'b64', 'jwk', 'kid', 'jku', 'x5c']
const ODD = ['', 'AA', null, 0, [], {}, ['b64'], 'P-384', 'sig', false, 'A'.repeat(43), 'EC', 'OKP', 'dpop+jwt']

const flip = (text: string, at: number, by: number) =>
  text.slice(0, at) +
  (text[at] === '.' ? '.' : ALPHABET[(ALPHABET.indexOf(text[at] as string) + 1 + (by % 62)) % 64]) +
  text.slice(at + 1)

function attempt(read: () => string): string | null {
  try {
    return read()
  } catch (error) {
    assert.ok(error instanceof TokenRefusal, String(error))
    return null
  }
}

async function joseReads(proof: string): Promise<string | null> {
  try {
    const { protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: [...DPOP_ALGORITHMS],
      typ: 'dpop+jwt',
      currentDate: new Date(1_800_000_000_000),
    })
    return await calculateJwkThumbprint(protectedHeader.jwk as object)
  } catch {
    return null
  }
}
