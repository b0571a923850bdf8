import test from 'node:test'
import { base64url, examples, hmac, judge, type Made, now, origin, raw, sha256 } from './made.ts'

const secret = 'pledg-secret'
const inAnHour = Math.floor(now / 1000) + 3600
const payload = { ...JSON.parse(examples('pledg-request').payload ?? ''), exp: inAnHour }

const token = (
  claims: unknown = payload,
  key: string | Buffer = secret,
  header: unknown = { alg: 'HS256', typ: 'JWT' },
) => {
  const input = `${base64url(header)}.${base64url(claims)}`
  return `${input}.${hmac(key, input, 'base64url')}`
}
const withSignature = (make: (input: string) => string, claims: unknown = payload) => {
  const input = token(claims).split('.').slice(0, 2).join('.')
  return `${input}.${make(input)}`
}
const link = (signature: string) =>
  raw({ method: 'POST', url: `${origin}/api/purchase_link/?signature=${signature}`, headers: {}, body: undefined })
const known = { secret }

test('each mistake of a signed Pledg request is found by its name, in the bare token or the whole request', async () => {
  const { reference: _, ...incomplete } = payload.data
  const spoilt = token({ ...payload, data: { ...payload.data, title: '~~~???' } })
  const [header = '', claims = '', code = ''] = spoilt.split('.')
  const inBase64 = [header, claims.replaceAll('-', '+').replaceAll('_', '/'), code]
  const padded = `${base64url({ alg: 'HS256' })}=`
  const table: Made[] = [
    [
      'token-missing',
      raw({ method: 'POST', url: `${origin}/api/purchase_link/`, headers: {}, body: undefined }),
      known,
    ],
    [
      'token-in-body',
      raw({ method: 'POST', url: `${origin}/api/purchase_link/`, headers: {}, body: `signature=${token()}` }),
      known,
    ],
    ['token-encoded-twice', link(token().replaceAll('.', '%252E')), known],
    ['token-parts', token().split('.').slice(0, 2).join('.'), known],
    ['token-line-breaks', token().replace('.', '.\n'), known],
    ['token-not-json', `${base64url('no')}.${token().split('.').slice(1).join('.')}`, known],
    ['token-base64', inBase64.join('.'), known],
    [
      'token-padded',
      `${padded}.${token().split('.')[1]}.${hmac(secret, `${padded}.${token().split('.')[1]}`, 'base64url')}`,
      known,
    ],
    ['alg-none', token(payload, secret, { alg: 'none' }), known],
    ['alg-wrong', token(payload, secret, { alg: 'HS512' }), known],
    ['alg-missing', token(payload, secret, { typ: 'JWT' }), known],
    ['header-refused', token(payload, secret, { alg: 'HS256', jku: 'https://x.example' }), known],
    ['signature-missing', withSignature(() => ''), known],
    ['signature-in-hex', withSignature((input) => hmac(secret, input)), known],
    ['signature-encoded-twice', withSignature((input) => base64url(hmac(secret, input))), known],
    ['signature-padded', withSignature((input) => `${hmac(secret, input, 'base64url')}=`), known],
    ['payload-only-signed', withSignature((input) => hmac(secret, input.split('.')[1] ?? '', 'base64url')), known],
    ['unencoded-signed', withSignature(() => hmac(secret, JSON.stringify(payload), 'base64url')), known],
    ['key-with-newline', token(payload, `${secret}\n`), known],
    [
      'key-decoded-from-base64',
      token(payload, Buffer.from('c2VjcmV0c2VjcmV0', 'base64')),
      { secret: 'c2VjcmV0c2VjcmV0' },
    ],
    ['wrong-key', link(token(payload, 'secret of staging')), { secret, others: 'secret of staging' }],
    ['wrong-hash', withSignature((input) => hmac(secret, input, 'base64url', 'sha512')), known],
    ['signature-mismatch', token(payload, 'nobody knows it'), known],
    ['claims-not-in-data', token(payload.data), known],
    ['claim-missing', token({ ...payload, data: incomplete }), known],
    ['claim-type', token({ ...payload, data: { ...payload.data, amountCents: '120.00' } }), known],
    ['milliseconds-for-seconds', token({ ...payload, exp: inAnHour * 1000 }), known],
    ['expired', link(token()), known, 3_700_000],
    ['not-yet-valid', token({ ...payload, nbf: inAnHour }), known],
  ]
  await judge('pledg-request', table)
})

const body = {
  created_at: '2019-04-04T12:20:34.97138Z',
  id: 'test-valid',
  metadata: { a: 1 },
  status: 'completed',
  sandbox: true,
  error: null,
  reference: 'PLEDG_1',
}
const pairs = [
  'created_at=2019-04-04T12:20:34.97138Z',
  'error=',
  'id=test-valid',
  'reference=PLEDG_1',
  'sandbox=true',
  'status=completed',
]
const notification = (signature: string, members: object = body) => JSON.stringify({ ...members, signature })
const hash = (text: string) => sha256(text).toUpperCase()
const made = (list: readonly string[], join = secret) => notification(hash(list.join(join)))
const changed = (from: string, to: string) => pairs.map((pair) => (pair === from ? to : pair))

test('each mistake of a Pledg notification is found by its name', async () => {
  const transfer = { reference: 'PLEDG_1', amount_cents: 100 }
  const { id: _, ...incomplete } = body
  const table: Made[] = [
    ['unsigned', JSON.stringify(body), known],
    ['body-malformed', '{"id":1,"id":2,"signature":"A"}', known],
    ['body-missing', raw({ method: 'POST', url: `${origin}/n`, headers: {}, body: undefined }), known],
    ['field-missing', notification(hash(pairs.join(secret)), incomplete), known],
    ['signature-lower-case', notification(sha256(pairs.join(secret))), known],
    ['signature-in-base64', notification(Buffer.from(sha256(pairs.join(secret)), 'hex').toString('base64')), known],
    ['signature-malformed', notification('NO'), known],
    ['pairs-unsorted', made(pairs.toReversed()), known],
    ['extra-fields', made([...pairs.slice(0, 3), 'metadata={"a":1}', ...pairs.slice(3)]), known],
    ['secret-around', notification(hash(`${secret}${pairs.join(secret)}${secret}`)), known],
    ['secret-left-out', made(pairs, ''), known],
    ['wrong-separator', made(pairs, '&'), known],
    ['boolean-form', made(changed('sandbox=true', 'sandbox=True')), known],
    ['boolean-form', made(changed('sandbox=true', 'sandbox=1')), known],
    ['null-form', made(changed('error=', 'error=None')), known],
    ['values-only', made(pairs.map((pair) => pair.slice(pair.indexOf('=') + 1))), known],
    ['hmac-for-hash', notification(hmac(secret, pairs.join(secret)).toUpperCase()), known],
    ['trailing-newline', notification(hash(`${pairs.join(secret)}\n`)), known],
    ['key-with-newline', made(pairs, `${secret}\n`), known],
    ['key-in-other-case', made(pairs, secret.toUpperCase()), known],
    ['wrong-key', made(pairs, 'secret of staging'), { secret, others: 'secret of staging' }],
    ['signature-mismatch', made(pairs, 'nobody knows it'), known],
    ['unknown-key', made(pairs, 'nobody knows it'), { secret, signed: pairs.join(secret) }],
    [
      'part-changed',
      made(changed('status=completed', 'status=failed')),
      { secret, signed: changed('status=completed', 'status=failed').join(secret) },
    ],
    ['data-wrapped', JSON.stringify({ signature: token({ data: transfer }) }), known],
    ['alg-none', JSON.stringify({ signature: token(transfer, secret, { alg: 'none' }) }), known],
    ['signature-mismatch', token(transfer, 'nobody knows it'), known],
  ]
  await judge('pledg-notification', table)
})
