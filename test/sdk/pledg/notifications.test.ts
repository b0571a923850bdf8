import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { SignJWT } from 'jose'
import {
  checkPledgNotification,
  type PledgHashed,
  peekPledgReference,
  pledgNotificationHash,
  pledgNotificationParts,
  pledgNotificationText,
} from '#sdk/pledg/notifications.ts'

// The vendor's example of a back-mode notification.
const fields: PledgHashed = {
  created_at: '2019-04-04T12:20:34.97138Z',
  error: '',
  id: 'test-valid',
  reference: 'PLEDG_1086986786391',
  sandbox: true,
  status: 'completed',
}
const hash = 'B1C777835C01CA96AC4C3097FD46A7CA49B92BE157EDE0CB3552880D12A15359'

// The vendor's example of a transfer's; its secret is not printed, and was found by trying.
const transferSecret = 'your-256-bit-secret'
const transferToken =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyZWZlcmVuY2UiOiJwdXJjaGFzZV9yZWZlcmVuY2UiLCJjcmVhdGVkIjoiMjAyMC0wOS0xNyAxNTowMDowMi4wNTIxNzciLCJ0cmFuc2Zlcl9vcmRlcl9pdGVtX3VpZCI6InRyaV9mYXNka2ZpYXNmc2QyMzRuZnM3ZjVkIiwiYW1vdW50X2NlbnRzIjoxMDAwMH0.6ZhlvdcPgjwwBfxCrRpzaBGoRxTCoqtWJzFhB8pw4Ys'

const merchant = (secret: string) => ({
  secret,
  sha256: (text: string) => createHash('sha256').update(text).digest('hex').toUpperCase(),
  mac: (text: string) => createHmac('sha256', secret).update(text).digest('base64url'),
})
const body = (changes: object = {}) => JSON.stringify({ ...fields, signature: hash, ...changes })

test("the hash of the vendor's example is reached, with WebCrypto and with node:crypto", async () => {
  assert.equal(
    pledgNotificationText(fields, 'SECRET'),
    'created_at=2019-04-04T12:20:34.97138ZSECRETerror=SECRETid=test-validSECRETreference=PLEDG_1086986786391SECRETsandbox=trueSECRETstatus=completed',
  )
  assert.equal(await pledgNotificationHash(fields, 'SECRET'), hash)
  assert.equal(await pledgNotificationHash({ ...fields, error: null }, 'SECRET'), hash)
  assert.deepEqual(pledgNotificationParts(fields).at(-2), { name: 'sandbox', value: 'true' })
})

test("the vendor's hashed example is expected, whatever else its body says", () => {
  for (const text of [body(), body({ error: null, metadata: { a: 1 }, additional_data: null })]) {
    const checked = checkPledgNotification(text, merchant('SECRET'))
    assert.ok(checked.ok)
    assert.deepEqual([checked.kind, checked.presented, checked.expected], ['hash', hash, hash])
    assert.equal(checked.content.reference, 'PLEDG_1086986786391')
  }
})

test("the vendor's example of a transfer is expected under the secret that was found", () => {
  const checked = checkPledgNotification(JSON.stringify({ signature: transferToken }), merchant(transferSecret))
  assert.ok(checked.ok)
  assert.equal(checked.kind, 'token')
  assert.equal(checked.presented, checked.expected)
  assert.deepEqual(checked.content, {
    reference: 'purchase_reference',
    created: '2020-09-17 15:00:02.052177',
    transfer_order_item_uid: 'tri_fasdkfiasfsd234nfs7f5d',
    amount_cents: 10000,
  })
})

test('a token that jose signs is expected', async () => {
  const content = { reference: 'r', purchase_state: 'SCORING_KO', purchase_uid: 'pur_1' }
  const key = new TextEncoder().encode('s')
  const signature = await new SignJWT(content).setProtectedHeader({ alg: 'HS256' }).sign(key)
  const checked = checkPledgNotification(JSON.stringify({ signature }), merchant('s'))
  assert.ok(checked.ok && checked.presented === checked.expected)
  assert.deepEqual(checked.content, content)
})

test('a change of any covered member changes the hash that is expected', () => {
  const changes = { created_at: 'x', error: 'x', id: 'x', reference: 'x', sandbox: false, status: 'refunded' }
  for (const [name, value] of Object.entries(changes)) {
    const checked = checkPledgNotification(body({ [name]: value }), merchant('SECRET'))
    assert.ok(checked.ok && checked.presented !== checked.expected, name)
  }
})

const refused: [name: string, text: string, refusal: string][] = [
  ['no JSON', '{', 'malformed-body'],
  ['a list', '[]', 'malformed-body'],
  ['a member twice', `{"signature":"${hash}","id":"a","id":"b"}`, 'malformed-body'],
  ['no signature', JSON.stringify(fields), 'unsigned'],
  ['no member', '{}', 'unsigned'],
  ['a signature that is null', body({ signature: null }), 'malformed-hash'],
  ['a hash in small letters', body({ signature: hash.toLowerCase() }), 'malformed-hash'],
  ['a token beside other members', body({ signature: transferToken }), 'malformed-hash'],
  ['a hash alone', JSON.stringify({ signature: hash }), 'malformed-token'],
  ['a missing member', body({ status: undefined }), 'malformed-field'],
  ['a member that is an object', body({ id: {} }), 'malformed-field'],
  ['the padding of a hash that is continued', body({ status: 'completed\u0080\u0001refunded' }), 'malformed-field'],
  [
    'a token of algorithm none',
    JSON.stringify({ signature: `${btoa('{"alg":"none"}').replace(/=/g, '')}.e30.` }),
    'algorithm-refused',
  ],
]

for (const [name, text, refusal] of refused) {
  test(`a notification with ${name} is refused as ${refusal}`, () => {
    assert.deepEqual(checkPledgNotification(text, merchant('SECRET')), { ok: false, refusal })
  })
}

test('the reference can be read before anything is proven, to find the secret by', () => {
  assert.equal(peekPledgReference(body()), 'PLEDG_1086986786391')
  assert.equal(peekPledgReference(JSON.stringify({ signature: transferToken })), 'purchase_reference')
  for (const text of ['', '{}', '{"signature":"x"}', '{"reference":5,"signature":"x"}', '[]']) {
    assert.equal(peekPledgReference(text), null)
  }
})

const value = fc.oneof(fc.stringMatching(/^[a-z0-9:=_-]{0,8}$/), fc.boolean(), fc.constant(null))
const hashed = fc.record(
  { created_at: value, error: value, id: value, reference: value, sandbox: value, status: value },
  { noNullPrototype: true },
)

test('with a secret that no value contains, the text says one thing only, but for null and words for true and false', () => {
  const secret = 'The Secret'
  fc.assert(
    fc.property(hashed, (one) => {
      const pairs = pledgNotificationText(one, secret).split(secret)
      const values = pairs.map((pair) => pair.slice(pair.indexOf('=') + 1))
      assert.deepEqual(
        values,
        Object.values(one).map((each) => (each === null ? '' : String(each))),
      )
    }),
    { numRuns: 4096 },
  )
})

test('where the protocol is ambiguous: null and nothing, true and the word, and values that contain the secret', () => {
  const text = (changes: Partial<PledgHashed>) => pledgNotificationText({ ...fields, ...changes }, '-S-')
  assert.equal(text({ error: null }), text({ error: '' }))
  assert.equal(text({ sandbox: true }), text({ sandbox: 'true' }))
  assert.equal(text({ created_at: 'a', error: 'b-S-error=c' }), text({ created_at: 'a-S-error=b', error: 'c' }))
})
