import assert from 'node:assert/strict'
import test from 'node:test'
import { diagnose } from '#sdk/explain/index.ts'
import { examples, hmac, judge, type Made, now, origin, raw, rightRequest, seconds } from './made.ts'

const values = examples('walleo')
const { identifier = '', apiKey = '', secret = '' } = values
const key = Buffer.from(secret, 'hex')
const url = `${origin}/partners/v1/cards`
const payload = '{"card":{"amount":50,"gift_card_code":"IKEAFR"}}'
const unsorted = '{"card":{"gift_card_code":"IKEAFR","amount":50}}'
const text = `POST+${url}+${payload}+${identifier}+${seconds}`

const header = (signature: string, time = seconds) =>
  `Bearer ${apiKey}, Id=${identifier}, Signature=${signature}, Timestamp=${time}`
const sent = (authorization: string | null, body = unsorted, target = url) =>
  raw({
    method: 'POST',
    url: target,
    headers: { ...(authorization === null ? {} : { authorization }), 'content-type': 'application/json' },
    body,
  })
const made = (signedText: string, signingKey: string | Buffer = key) => sent(header(hmac(signingKey, signedText)))
const { url: _, ...withoutUrl } = values
const right = header(hmac(key, text))

test('each mistake of a Walleo signature is found by its name', async () => {
  const table: Made[] = [
    ['authorization-missing', sent(null)],
    ['authorization-malformed', sent(`${apiKey} ${identifier}`)],
    ['part-missing', sent(`Bearer ${apiKey}, Id=${identifier}, Timestamp=${seconds}`)],
    ['other-api-key', sent(right.replace(apiKey, 'another'))],
    ['stale-time', sent(right), {}, 301_000],
    ['future-time', sent(right), {}, -301_000],
    ['milliseconds-for-seconds', sent(header(hmac(key, text.replace(seconds, String(now))), String(now)))],
    ['iso-time', sent(header(hmac(key, text), '2026-11-22T08:00:00Z'))],
    ['time-differs', made(text.replace(seconds, String(now)))],
    ['signature-upper-case', sent(header(hmac(key, text).toUpperCase()))],
    ['signature-in-base64', sent(header(hmac(key, text, 'base64')))],
    ['signature-malformed', sent(header(hmac(key, text).slice(0, 60)))],
    ['key-as-text', made(text, secret)],
    ['wrong-key', made(text, apiKey)],
    ['wrong-key', made(text, 'the key of production'), { others: 'something\nthe key of production' }],
    ['wrong-hash', sent(header(hmac(key, text, 'hex', 'sha512')))],
    ['identifier-left-out', made(`POST+${url}+${payload}+${seconds}`)],
    ['wrong-separator', made(text.replaceAll('+', '-'))],
    ['wrong-separator', made(['POST', url, payload, identifier, seconds].join(''))],
    ['keys-unsorted', made(`POST+${url}+${unsorted}+${identifier}+${seconds}`)],
    ['json-with-blanks', made(text.replace(payload, '{"card": {"amount": 50, "gift_card_code": "IKEAFR"}}'))],
    ['json-with-blanks', made(text.replace(payload, JSON.stringify(JSON.parse(payload), null, 2)))],
    ['lower-cased', made(text.replace(payload, payload.toLowerCase()))],
    ['body-left-out', made(`POST+${url}+${identifier}+${seconds}`)],
    ['wrong-host', made(text.replace(origin, 'http://billfold.example'))],
    [
      'wrong-host',
      sent(
        header(hmac(key, text.replace(origin, 'http://10.0.0.7:8080'))),
        unsorted,
        url.replace(origin, 'http://10.0.0.7:8080'),
      ),
    ],
    ['path-only', made(text.replace(origin, ''))],
    ['query-left-out', sent(right, unsorted, `${url}?a=1`)],
    ['method-changed', made(text.replace('POST', 'post'))],
    ['trailing-newline', made(`${text}\n`)],
    ['signature-mismatch', made(text.replace('50', '60'))],
    ['body-changed', made(text.replace('50', '60')), { signed: text.replace('50', '60') }],
    ['unknown-key', made(text, 'nobody knows it'), { signed: text }],
    ['body-malformed', sent(right, '{"card":{"amount":50,"amount":60}}')],
    ['invisible-character', sent(right.replace('Bearer ', 'Bearer \u200b'))],
    ['not-a-request', payload],
  ]
  await judge('walleo', table)
})

test('what is right is found right, as raw HTTP and as a curl command', async () => {
  const request = await rightRequest('walleo')
  const curl = `curl -sS -X POST '${request.url}' \\
  -H 'Authorization: ${request.headers.authorization}' -H "Content-Type: application/json" \\
  --data-raw '${unsorted}'`
  for (const pasted of [raw(request), curl, sent(right)]) {
    assert.deepEqual((await diagnose('walleo', pasted, withoutUrl, now)).findings, [])
  }
})
