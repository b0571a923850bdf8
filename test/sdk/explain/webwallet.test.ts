import test from 'node:test'
import { examples, hmac, judge, type Made, origin, raw } from './made.ts'

const { secret = '' } = examples('webwallet')
const payload = { endpoint: 'payments', target: 'us:8301234567:USD', amount: 1500, currency: 'USD', note: 'é/' }
const canonical = '{"amount":1500,"currency":"USD","endpoint":"payments","note":"é/","target":"us:8301234567:USD"}'
const plain = JSON.stringify(payload)
const right = hmac(secret, canonical, 'base64url')

const message = (signature: string, source = plain, header = '{"alg":"hs256"}') =>
  `{"header":${header},"payload":${source},"signature":"${signature}"}`
const made = (text: string, key: string | Buffer = secret) => message(hmac(key, text, 'base64url'))
const request = (
  body: string,
  headers: Record<string, string> = { authorization: 'Bearer abc' },
  endpoint = 'payments',
) => raw({ method: 'POST', url: `${origin}/shop:corner-cafe:USD/${endpoint}`, headers, body })
// With characters that differ between the two alphabets.
const telling = [...Array(50).keys()]
  .map((note) => ({ text: `{"note":${note}}`, code: hmac(secret, `{"note":${note}}`, 'base64') }))
  .find(({ code }) => /[+/]/.test(code)) as { text: string; code: string }

test('each mistake of an envelope is found by its name', async () => {
  const table: Made[] = [
    ['body-malformed', '{"payload":{"a":1,"a":2},"signature":"x"}'],
    ['body-malformed', message(right, '{"amount":0.10000000000000000555}')],
    ['envelope-malformed', '{"payload":1,"signature":"x"}'],
    ['envelope-malformed', message(right).replace('"header"', '"headers"')],
    ['signature-missing', `{"payload":${plain}}`],
    ['alg-wrong', message(right, plain, '{"alg":"rs256"}')],
    ['alg-missing', message(right, plain, '{}')],
    ['header-refused', message(right, plain, '{"alg":"hs256","jku":"https://x.example"}')],
    ['signature-in-hex', message(hmac(secret, canonical))],
    ['signature-padded', message(`${right}=`)],
    ['base64-for-base64url', message(telling.code.replace(/=+$/, ''), telling.text)],
    ['signature-encoded-twice', message(Buffer.from(hmac(secret, canonical)).toString('base64url'))],
    ['signature-malformed', message(right.slice(0, 20))],
    ['keys-unsorted', made(plain)],
    ['json-with-blanks', made(JSON.stringify(payload, null, 2))],
    ['json-as-sent', message(hmac(secret, '{"b":1.50,"a":2}', 'base64url'), '{"b":1.50,"a":2}')],
    ['json-escaped', made(canonical.replace('é', '\\u00e9'))],
    ['json-escaped', made(canonical.replace('/', '\\/'))],
    ['lower-cased', made(canonical.toLowerCase())],
    ['whole-message-signed', made(`{"header":{"alg":"hs256"},"payload":${canonical}}`)],
    ['trailing-newline', made(`${canonical}\n`)],
    ['key-with-newline', made(canonical, `${secret}\n`)],
    [
      'key-decoded-from-base64',
      made(canonical, Buffer.from('c2VjcmV0c2VjcmV0', 'base64')),
      { secret: 'c2VjcmV0c2VjcmV0' },
    ],
    ['key-decoded-from-hex', made(canonical, Buffer.from('abcdef0123', 'hex')), { secret: 'abcdef0123' }],
    ['secret-has-blanks', message(right), { secret: ` ${secret}` }],
    ['wrong-key', made(canonical, 'client secret'), { clientSecret: 'client secret' }],
    ['wrong-hash', message(hmac(secret, canonical, 'base64url', 'sha512'))],
    ['signature-mismatch', made(canonical, 'nobody knows it')],
    ['body-changed', made(canonical.replace('1500', '15')), { signed: canonical.replace('1500', '15') }],
    ['unknown-key', made(canonical, 'nobody knows it'), { signed: canonical }],
    ['authorization-missing', request(message(right), {})],
    ['bearer-missing', request(message(right), { authorization: 'Basic YTpi' })],
    [
      'endpoint-differs',
      request(message(right), { authorization: 'Bearer abc' }, 'funds')
        .replace('corner-cafe', 'x')
        .replace('shop:x:USD', 'us:8301234567:USD'),
    ],
  ]
  await judge('webwallet', table)
})
