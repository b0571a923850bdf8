import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import test from 'node:test'
import { base64url, examples, hmac, judge, type Made, now } from './made.ts'

const values = examples('transaction-token')
const key = createPrivateKey({ key: JSON.parse(values.secret ?? ''), format: 'jwk' })
const claims = JSON.parse(values.claims ?? '')
const header = { alg: 'ES256', typ: 'transaction+jwt', kid: 'example' }
const { privateKey: stranger } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const code = (text: string, signingKey = key, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363') =>
  sign('sha256', Buffer.from(text), { key: signingKey, dsaEncoding })
function token(
  said: object = claims,
  head: object = header,
  make = (input: string) => code(input).toString('base64url'),
) {
  const input = `${base64url(head)}.${base64url(said)}`
  return `${input}.${make(input)}`
}
/** Until the signature has a character of the other alphabet. */
function tellingToken(): string {
  for (;;) {
    const made = token(claims, header, (input) => code(input).toString('base64').replace(/=+$/, ''))
    if (/[+/]/.test(made)) return made
  }
}

test('each mistake of a transaction token is found by its name', async () => {
  const { jti: _, ...incomplete } = claims
  const { kid: __, ...nameless } = header
  const table: Made[] = [
    ['token-missing', 'POST / HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['token-parts', token().split('.').slice(0, 2).join('.')],
    ['token-line-breaks', token().replace('.', '. ')],
    ['alg-none', token(claims, { ...header, alg: 'none' })],
    ['alg-wrong', token(claims, { ...header, alg: 'HS256' }, (input) => hmac('secret', input, 'base64url'))],
    ['typ-wrong', token(claims, { ...header, typ: 'JWT' })],
    ['kid-missing', token(claims, nameless)],
    ['kid-unknown', token(claims, { ...header, kid: 'another' })],
    ['header-refused', token(claims, { ...header, jwk: {} })],
    ['signature-der', token(claims, header, (input) => code(input, key, 'der').toString('base64url'))],
    ['signature-in-hex', token(claims, header, (input) => code(input).toString('hex'))],
    ['signature-padded', token(claims, header, (input) => `${code(input).toString('base64url')}==`)],
    ['base64-for-base64url', tellingToken()],
    ['payload-only-signed', token(claims, header, (input) => code(input.split('.')[1] ?? '').toString('base64url'))],
    ['trailing-newline', token(claims, header, (input) => code(`${input}\n`).toString('base64url'))],
    ['signature-mismatch', token(claims, header, (input) => code(input, stranger).toString('base64url'))],
    ['signature-mismatch', token().replace(base64url(claims), base64url({ ...claims, amount: '500.00' }))],
    ['claim-missing', token(incomplete)],
    ['claim-type', token({ ...claims, jti: 7 })],
    ['milliseconds-for-seconds', token({ ...claims, exp: now + 60_000 })],
    ['issuer-wrong', token({ ...claims, iss: 'https://another.example' })],
    ['audience-wrong', token(), { audience: 'shop:another:USD' }],
    ['expired', token(), {}, 86_400_000],
    ['not-yet-valid', `Bearer ${token()}`, {}, -61_000],
  ]
  await judge('transaction-token', table)
})
