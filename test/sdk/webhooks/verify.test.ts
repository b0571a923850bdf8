import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { decodeBase64, encodeBase64 } from '#sdk/webhooks/base64.ts'
import {
  decodeWebhookSecret,
  importWebhookKey,
  readWebhook,
  signWebhook,
  verifyWebhook,
  webhookHeaders,
  webhookParts,
  webhookText,
} from '#sdk/webhooks/verify.ts'

// The example of the Standard Webhooks libraries.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' }
const signature = 'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
const now = message.timestamp * 1000
const headers = webhookHeaders(message, [signature])

const request = (changes: Record<string, string> = {}, body = message.body) => ({
  header: (name: string) => ({ ...headers, ...changes })[name] ?? null,
  body,
})

test("the standard's example is signed and verified, and agrees with node:crypto", async () => {
  const key = await importWebhookKey(secret)
  assert.deepEqual(await signWebhook(message, [key]), {
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': `v1,${signature}`,
  })
  assert.deepEqual(await verifyWebhook(request(), [key], now), { ok: true, message })
  const text = webhookText(message)
  assert.equal(createHmac('sha256', decodeWebhookSecret(secret)).update(text).digest('base64'), signature)
  assert.deepEqual(
    webhookParts(message).map(({ name }) => name),
    ['id', 'timestamp', 'body'],
  )
})

test('while a secret is replaced, two signatures go out and either key verifies', async () => {
  const old = await importWebhookKey(secret)
  const young = await importWebhookKey(`whsec_${randomBytes(32).toString('base64')}`)
  const other = await importWebhookKey(`whsec_${randomBytes(32).toString('base64')}`)
  const both = await signWebhook(message, [young, old])
  assert.equal(both['webhook-signature']?.split(' ').length, 2)
  for (const keys of [[old], [young], [other, young]]) {
    assert.ok((await verifyWebhook(request(both), keys, now)).ok)
  }
  assert.deepEqual(await verifyWebhook(request(both), [other], now), { ok: false, refusal: 'wrong-signature' })
  assert.deepEqual(await verifyWebhook(request(both), [], now), { ok: false, refusal: 'wrong-signature' })
})

test('signatures of other versions, and broken ones, are passed over', async () => {
  const key = await importWebhookKey(secret)
  const mixed = request({ 'webhook-signature': `v1a,AAAA v1,short v2,${signature} v1,${signature}` })
  assert.ok((await verifyWebhook(mixed, [key], now)).ok)
  const read = readWebhook(mixed, now)
  assert.deepEqual(read.ok && read.presented, [signature])
})

test('a changed body, id or time is refused as wrong', async () => {
  const key = await importWebhookKey(secret)
  for (const changed of [
    request({}, `${message.body} `),
    request({ 'webhook-id': 'msg_other' }),
    request({ 'webhook-timestamp': `${message.timestamp + 1}` }),
  ]) {
    assert.deepEqual(await verifyWebhook(changed, [key], now), { ok: false, refusal: 'wrong-signature' })
  }
})

const refused: [name: string, changes: Record<string, string>, refusal: string][] = [
  ['no id', { 'webhook-id': '' }, 'missing-id'],
  ['no time', { 'webhook-timestamp': '' }, 'missing-timestamp'],
  ['no signature', { 'webhook-signature': '' }, 'missing-signature'],
  ['an id with a dot', { 'webhook-id': 'msg.1' }, 'malformed-id'],
  ['an id with a space', { 'webhook-id': 'msg 1' }, 'malformed-id'],
  ['a time with a fraction', { 'webhook-timestamp': '1614265330.5' }, 'malformed-timestamp'],
  ['a time in milliseconds', { 'webhook-timestamp': `${now}` }, 'malformed-timestamp'],
  ['an old time', { 'webhook-timestamp': `${message.timestamp - 301}` }, 'stale-timestamp'],
  ['a time to come', { 'webhook-timestamp': `${message.timestamp + 301}` }, 'future-timestamp'],
  ['no version', { 'webhook-signature': signature }, 'malformed-signature'],
  ['another version only', { 'webhook-signature': `v1a,${signature}` }, 'malformed-signature'],
  [
    'stray bits in the signature',
    { 'webhook-signature': `v1,${signature.replace('E=', 'F=')}` },
    'malformed-signature',
  ],
  ['a signature in base64url', { 'webhook-signature': `v1,${signature.replace('/', '_')}` }, 'malformed-signature'],
  ['a crowd of signatures', { 'webhook-signature': `v1,${signature} `.repeat(17) }, 'malformed-signature'],
]

for (const [name, changes, refusal] of refused) {
  test(`a delivery with ${name} is refused as ${refusal}`, async () => {
    assert.deepEqual(await verifyWebhook(request(changes), [await importWebhookKey(secret)], now), {
      ok: false,
      refusal,
    })
  })
}

test('a secret has its prefix and 24 to 64 bytes, and is not told by the error', () => {
  assert.equal(decodeWebhookSecret(secret).length, 24)
  for (const bad of [
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_',
    'whsec_AAAA',
    `whsec_${'A'.repeat(88)}`,
    'whsec_!',
  ]) {
    assert.throws(
      () => decodeWebhookSecret(bad),
      (error) => error instanceof TypeError && (bad === 'whsec_' || !error.message.includes(bad)),
    )
  }
})

test('an id that can not be signed without doubt is not signed', async () => {
  const key = await importWebhookKey(secret)
  for (const id of ['a.1', '', 'a b', 'a\r\nb']) await assert.rejects(signWebhook({ ...message, id }, [key]), TypeError)
})

test('the text that is signed says one thing only: its first two dots end the id and the time', () => {
  const any = fc.record(
    {
      id: fc.stringMatching(/^[!-,\-/-~]{1,20}$/),
      timestamp: fc.integer({ min: 1, max: 9_999_999_999 }),
      body: fc.string({ unit: 'binary' }),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(any, (one) => {
      const [id, timestamp, ...body] = webhookText(one).split('.')
      assert.deepEqual({ id, timestamp: Number(timestamp), body: body.join('.') }, one)
    }),
    { numRuns: 4096 },
  )
})

test('base64 goes there and back, in one spelling only, and agrees with Buffer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (array) => {
      assert.equal(encodeBase64(array), Buffer.from(array).toString('base64'))
      assert.deepEqual(decodeBase64(encodeBase64(array)), Uint8Array.from(array))
    }),
  )
  for (const text of ['A', 'AB', 'AB=', 'AB==\n', 'AR==', 'A===', '====', 'AA=A'])
    assert.equal(decodeBase64(text), null)
})
