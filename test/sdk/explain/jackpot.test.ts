import test from 'node:test'
import { base64url, examples, hmac, judge, type Made, now, origin, raw } from './made.ts'

const { secret = '', apiKey = '' } = examples('jackpot')
const iat = Math.floor(now / 1000)
const claims = { amount: 100, iat, notificationKey: 'order-1001' }
const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const token = (
  said: unknown = claims,
  key: string | Buffer = secret,
  header: unknown = { alg: 'HS256', typ: 'JWT' },
) => {
  const input = `${base64url(header)}.${base64url(said)}`
  return `${input}.${hmac(key, input, 'base64url')}`
}
const signedBy = (make: (input: string) => string) => {
  const input = token().split('.').slice(0, 2).join('.')
  return `${input}.${make(input)}`
}
const call = (body: object, path = '/v2/token') =>
  raw({
    method: 'POST',
    url: origin + path,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('each mistake of a Jackpot token is found by its name', async () => {
  const { notificationKey: _, ...incomplete } = claims
  const table: Made[] = [
    ['token-missing', call({ grant_type: grant, client_id: apiKey })],
    ['grant-type-wrong', call({ grant_type: 'jwt-bearer', client_id: apiKey, assertion: token() })],
    ['client-id-differs', call({ grant_type: grant, client_id: 'another', assertion: token() })],
    [
      'client-id-differs',
      call(
        { apiKey: 'another', initializationToken: token({ ...claims, cp: '99', age: 99, gender: 'M', userId: 'u' }) },
        '/token',
      ),
    ],
    ['token-parts', `${token()}.more`],
    ['token-line-breaks', token().replace('.', '\n.')],
    ['alg-none', token(claims, secret, { alg: 'none' })],
    ['alg-wrong', token(claims, secret, { alg: 'hs256' })],
    ['header-refused', token(claims, secret, { alg: 'HS256', crit: ['exp'] })],
    ['signature-in-hex', signedBy((input) => hmac(secret, input))],
    ['signature-padded', signedBy((input) => `${hmac(secret, input, 'base64url')}=`)],
    ['payload-only-signed', signedBy((input) => hmac(secret, input.split('.')[1] ?? '', 'base64url'))],
    ['wrong-separator', signedBy((input) => hmac(secret, input.replace('.', ''), 'base64url'))],
    ['trailing-newline', signedBy((input) => hmac(secret, `${input}\n`, 'base64url'))],
    ['wrong-key', token(claims, apiKey)],
    ['wrong-key', token(claims, 'the client secret'), { clientSecret: 'the client secret' }],
    ['key-with-newline', token(claims, `${secret}\n`)],
    ['key-decoded-from-hex', token(claims, Buffer.from('abcdef0123', 'hex')), { secret: 'abcdef0123' }],
    ['signature-mismatch', token(claims, 'nobody knows it')],
    ['claim-missing', token(incomplete)],
    [
      'claim-missing',
      call({ apiKey, initializationToken: token({ ...claims, cp: '99', age: 99, gender: 'M' }) }, '/token'),
    ],
    ['claim-type', token({ ...claims, amount: '100' })],
    ['claim-type', token({ ...claims, amount: 10.005 })],
    ['milliseconds-for-seconds', token({ ...claims, iat: now })],
    ['stale-time', token(), {}, 301_000],
    ['future-time', token(), {}, -61_000],
  ]
  await judge('jackpot', table)
})
