import test from 'node:test'
import { examples, hmac, judge, type Made, now, origin, raw } from './made.ts'

const { apiKey = '', secret = '', body = '' } = examples('tillo')
const url = `${origin}/api/v2/digital/issue`
const id = 'order-1001-line-1'
const time = String(now)
const text = `${apiKey}-POST-digital-issue-${id}-amazon-${time}`
const full = `${apiKey}-POST-digital-issue-${id}-amazon-GBP-25.00-${time}`

const send = (signature: string, more: { time?: string; body?: string; url?: string; method?: string } = {}) =>
  raw({
    method: more.method ?? 'POST',
    url: more.url ?? url,
    headers: {
      'API-Key': apiKey,
      Signature: signature,
      Timestamp: more.time ?? time,
      'content-type': 'application/json',
    },
    body: more.method === 'GET' ? undefined : (more.body ?? body),
  })
const made = (signed: string, key: string | Buffer = secret) => send(hmac(key, signed))

test('each mistake of a Tillo signature is found by its name', async () => {
  const inSeconds = String(Math.floor(now / 1000))
  const hexSecret = 'ab12cd34ab12cd34'
  const table: Made[] = [
    ['header-missing', send(hmac(secret, text)).replace(/Timestamp: .*\r\n/, '')],
    ['unknown-endpoint', send(hmac(secret, text), { url: `${origin}/api/v2/digital/issues` })],
    ['other-api-key', send(hmac(secret, text)), { apiKey: 'another' }],
    ['seconds-for-milliseconds', send(hmac(secret, text.replace(time, inSeconds)), { time: inSeconds })],
    ['time-differs', made(text.replace(time, inSeconds))],
    ['stale-time', send(hmac(secret, text)), {}, 301_000],
    ['future-time', send(hmac(secret, text)), {}, -301_000],
    ['signature-upper-case', send(hmac(secret, text).toUpperCase())],
    ['signature-in-base64', send(hmac(secret, text, 'base64'))],
    ['signature-prefixed', send(`sha256=${hmac(secret, text)}`)],
    ['key-decoded-from-hex', send(hmac(Buffer.from(hexSecret, 'hex'), text)), { secret: hexSecret }],
    ['key-with-newline', made(text, `${secret}\n`)],
    ['wrong-key', made(text, apiKey)],
    ['wrong-hash', send(hmac(secret, text, 'hex', 'sha1'))],
    ['wrong-separator', made([apiKey, 'POST', 'digital-issue', id, 'amazon', time].join('+'))],
    ['fields-out-of-order', made(full.replace('GBP-25.00', '25.00-GBP'))],
    ['endpoint-with-slashes', made(text.replace('digital-issue', 'digital/issue'))],
    ['endpoint-with-prefix', made(text.replace('digital-issue', 'api-v2-digital-issue'))],
    ['api-key-left-out', made(text.slice(apiKey.length + 1))],
    ['method-changed', made(text.replace('POST', 'post'))],
    ['amount-printed-otherwise', made(full.replace('25.00', '25'))],
    ['body-signed', made(`${apiKey}-POST-digital-issue-${body}-${time}`)],
    [
      'query-signed',
      send(hmac(secret, `${apiKey}-GET-brands-detail=true-${time}`), {
        method: 'GET',
        url: `${origin}/api/v2/brands?detail=true`,
      }),
    ],
    [
      'empty-segment',
      send(hmac(secret, `${apiKey}-GET-brands--${time}`), { method: 'GET', url: `${origin}/api/v2/brands` }),
    ],
    ['trailing-newline', made(`${text}\n`)],
    ['signature-mismatch', made(text.replace('amazon', 'ikea'))],
    ['body-changed', made(text.replace('amazon', 'ikea')), { signed: text.replace('amazon', 'ikea') }],
    ['unknown-key', made(text, 'nobody knows it'), { signed: text }],
    ['body-malformed', send(hmac(secret, text), { body: '{"brand":' })],
  ]
  await judge('tillo', table)
})
