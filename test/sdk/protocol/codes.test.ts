import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { encodeBase58 } from '#sdk/protocol/base58.ts'
import { importSigningKey } from '#sdk/protocol/envelope.ts'
import * as errors from '#sdk/protocol/errors.ts'
import { decodeHex, encodeHex, hmacHex } from '#sdk/protocol/hmac.ts'
import { jwtParts, readJwt, signJwt } from '#sdk/protocol/hs256-jwt.ts'

const base64url = (text: string | Buffer) => Buffer.from(text).toString('base64url')

test('base58 writes every sign of its alphabet, and a 1 for each leading zero', () => {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  for (let i = 1; i < 58; i++) assert.equal(encodeBase58(Uint8Array.of(i)), alphabet[i])
  assert.equal(encodeBase58(Uint8Array.of()), '')
  assert.equal(encodeBase58(Uint8Array.of(0, 0)), '11')
  assert.equal(encodeBase58(Uint8Array.of(0, 58)), '121')
  assert.equal(encodeBase58(new TextEncoder().encode('Hello World!')), '2NEpo7TZRRrLZSi2U')
})

test('hexadecimal is read in either case, whole bytes and nothing else', () => {
  assert.equal(encodeHex(Uint8Array.of(0, 10, 255)), '000aff')
  assert.deepEqual(decodeHex('000AfF'), Uint8Array.of(0, 10, 255))
  for (const text of ['', '0', 'abc', '0g', ' 00', '00 ', '0x00', '00zz', 'zz00'])
    assert.equal(decodeHex(text), null, text)
})

test('errors bear the names of their classes', () => {
  assert.equal(new errors.ExactJsonError('json-malformed', 'x').name, 'ExactJsonError')
  assert.equal(new errors.CanonicalJsonError('canonical-too-deep', 'x').name, 'CanonicalJsonError')
  assert.equal(new errors.EnvelopeError('envelope-unsigned', 'x').name, 'EnvelopeError')
  assert.deepEqual({ ...new errors.WalletIdError('x') }, { code: 'wallet-id-malformed', name: 'WalletIdError' })
  const placed = new errors.ExactJsonError('json-malformed', 'Bad', { offset: 3, path: '$.a' })
  assert.deepEqual([placed.message, placed.offset, placed.path], ['Bad at $.a', 3, '$.a'])
  assert.equal(new errors.ExactJsonError('json-malformed', 'Bad').message, 'Bad')
})

describe('a JSON Web Token', () => {
  const token = (header: unknown, payload: unknown = {}, signature: string | Buffer = Buffer.alloc(32)) =>
    [base64url(JSON.stringify(header)), base64url(JSON.stringify(payload)), base64url(signature)].join('.')
  const refusal = (text: string) => {
    const read = readJwt(text)
    return read.ok ? 'fine' : read.refusal
  }

  test('is signed over its first two parts', async () => {
    const text = await signJwt({ a: 'é' }, await importSigningKey('secret'))
    const parts = jwtParts({ a: 'é' })
    assert.equal(parts.header, '{"alg":"HS256","typ":"JWT"}')
    assert.equal(parts.payload, '{"a":"é"}')
    assert.equal(parts.signingInput, `${base64url(parts.header)}.${base64url(parts.payload)}`)
    const code = createHmac('sha256', 'secret').update(parts.signingInput).digest('base64url')
    assert.equal(text, `${parts.signingInput}.${code}`)
    assert.equal(
      await hmacHex(await importSigningKey('secret'), 'text'),
      createHmac('sha256', 'secret').update('text').digest('hex'),
    )
    const read = readJwt(text)
    assert.deepEqual(read, {
      ok: true,
      jwt: {
        header: { alg: 'HS256', typ: 'JWT' },
        payload: { a: 'é' },
        signingInput: parts.signingInput,
        signature: code,
      },
    })
  })

  test('has three parts, two objects and a code of 32 bytes', () => {
    assert.equal(refusal(token({ alg: 'HS256' })), 'fine')
    const malformed = [
      '',
      'a.b',
      `${token({ alg: 'HS256' })}.`,
      token([]),
      token(null),
      token('x'),
      token({ alg: 'HS256' }, []),
      token({ alg: 'HS256' }, null),
      token({ alg: 'HS256' }, 1),
      token({ alg: 'HS256' }, {}, Buffer.alloc(31)),
      token({ alg: 'HS256' }, {}, Buffer.alloc(33)),
      `${token({ alg: 'HS256' })}=`,
      `!${token({ alg: 'HS256' })}`,
      `${base64url('\ufeff{"alg":"HS256"}')}.e30.${base64url(Buffer.alloc(32))}`,
      `${base64url(Buffer.from([0x7b, 0xff, 0x7d]))}.e30.${base64url(Buffer.alloc(32))}`,
      `${base64url('{"alg":"HS256","alg":"HS256"}')}.e30.${base64url(Buffer.alloc(32))}`,
    ]
    for (const text of malformed) assert.equal(refusal(text), 'malformed-token', text)
  })

  test('has the algorithm of its reader, and asks for nothing', () => {
    for (const alg of ['none', 'hs256', 'HS512', 'RS256', '', null, undefined]) {
      assert.equal(refusal(token({ alg })), 'algorithm-refused')
    }
    for (const name of ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c']) {
      assert.equal(refusal(token({ alg: 'HS256', [name]: null })), 'header-refused', name)
    }
    assert.equal(refusal(token({ alg: 'HS256', kid: 'a', cty: 'b' })), 'fine')
  })

  test('is nested up to 32 levels, and no longer than can be read', () => {
    const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
    assert.equal(refusal(token({ alg: 'HS256' }, nested(32))), 'fine')
    assert.equal(refusal(token({ alg: 'HS256' }, nested(33))), 'malformed-token')
    assert.equal(refusal(token({ alg: 'HS256' }, { a: 'x'.repeat(65_000) })), 'fine')
    assert.equal(refusal(token({ alg: 'HS256' }, { a: 'x'.repeat(65_536) })), 'malformed-token')
  })
})

test('a signing key is a text or bytes, and never empty', async () => {
  for (const empty of ['', new Uint8Array()]) await assert.rejects(importSigningKey(empty), TypeError)
  const key = await importSigningKey('secret')
  assert.deepEqual([key.extractable, [...key.usages].sort()], [false, ['sign', 'verify']])
})
