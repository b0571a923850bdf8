import test from 'node:test'
import { examples, hmac, judge, type Made, now, raw, seconds } from './made.ts'

const { secret = '', id = '', url = '', body = '' } = examples('webhook')
const key = Buffer.from(secret.slice(6), 'base64')
const text = `${id}.${seconds}.${body}`

const send = (signature: string, more: Record<string, string> = {}, sent = body) =>
  raw({
    method: 'POST',
    url,
    headers: { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature, ...more },
    body: sent,
  })
const made = (signed: string, signingKey: string | Buffer = key) => send(`v1,${hmac(signingKey, signed, 'base64')}`)
const right = `v1,${hmac(key, text, 'base64')}`
// A time at which the signature has characters that differ between the alphabets.
const telling = [...Array(50).keys()]
  .map((more) => String(Number(seconds) - more))
  .find((time) => /[+/]/.test(hmac(key, `${id}.${time}.${body}`, 'base64'))) as string

test('each mistake of a webhook is found by its name', async () => {
  const inMilliseconds = String(now)
  const table: Made[] = [
    ['header-missing', send(right).replace(/webhook-id: .*\r\n/, '')],
    ['id-malformed', send(`v1,${hmac(key, `a.b.${seconds}.${body}`, 'base64')}`, { 'webhook-id': 'a.b' })],
    ['stale-time', send(right), {}, 301_000],
    ['future-time', send(right), {}, -301_000],
    [
      'milliseconds-for-seconds',
      send(`v1,${hmac(key, `${id}.${now}.${body}`, 'base64')}`, { 'webhook-timestamp': inMilliseconds }),
    ],
    ['time-malformed', send(right, { 'webhook-timestamp': 'yesterday' })],
    ['version-missing', send(right.slice(3))],
    ['signature-in-hex', send(`v1,${hmac(key, text)}`)],
    [
      'base64url-for-base64',
      send(`v1,${hmac(key, `${id}.${telling}.${body}`, 'base64').replaceAll('+', '-').replaceAll('/', '_')}`, {
        'webhook-timestamp': telling,
      }),
    ],
    ['padding-missing', send(right.replace(/=+$/, ''))],
    ['key-not-decoded', made(text, secret.slice(6))],
    ['key-with-prefix', made(text, secret)],
    ['wrong-key', made(text, Buffer.alloc(24, 7)), { others: `whsec_${Buffer.alloc(24, 7).toString('base64')}` }],
    ['wrong-hash', send(`v1,${hmac(key, text, 'base64', 'sha512')}`)],
    ['id-left-out', made(`${seconds}.${body}`)],
    ['body-left-out', made(`${id}.${seconds}`)],
    ['wrong-separator', made([id, seconds, body].join(':'))],
    ['trailing-newline', made(`${text}\n`)],
    ['body-reserialised', send(right, {}, JSON.stringify(JSON.parse(body), null, 2))],
    ['signature-mismatch', send(right, {}, body.replace('12.50', '99.00'))],
    ['body-changed', send(right, {}, body.replace('12.50', '99.00')), { signed: text }],
    ['unknown-key', made(text, 'nobody knows it'), { signed: text }],
    ['body-missing', send(right, {}, '')],
    ['not-a-request', body],
  ]
  await judge('webhook', table)
})
