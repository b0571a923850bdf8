import assert from 'node:assert/strict'
import test from 'node:test'
import jwt from 'jsonwebtoken'
import { pledgNotificationHash } from '#sdk/pledg/notifications.ts'
import { readPledgRedirect } from '#sdk/pledg/redirect.ts'
import { verifyPledgNotification } from '#sdk/pledg/verification.ts'

const secret = 'a merchant secret'
const signed = (content: object, key = secret) =>
  JSON.stringify({ signature: jwt.sign(content, key, { noTimestamp: true }) })
const transfer = {
  reference: 'order-7',
  created: '2020-09-17 15:00:02.052177',
  transfer_order_item_uid: 'tri_1',
  merchant_uid: 'mer_1',
  purchase_uid: 'pur_1',
  amount_cents: 10_000,
}
const back = {
  created_at: '2019-04-04T12:20:34.97138Z',
  error: '',
  id: 'pur_1',
  reference: 'order-7',
  sandbox: true,
  status: 'completed',
}

test('a transfer is proven, with all that it says, and known again', async () => {
  const verdict = await verifyPledgNotification(signed(transfer), secret)
  assert.ok(verdict.ok && verdict.kind === 'transfer')
  assert.deepEqual(verdict.notice, transfer)
  assert.equal(verdict.repeat, '["order-7","tri_1"]')
})

test('the vendor’s own samples are proven: the hash, and the token that lacks two members', async () => {
  const sample = { ...back, id: 'test-valid', reference: 'PLEDG_1086986786391' }
  const signature = 'B1C777835C01CA96AC4C3097FD46A7CA49B92BE157EDE0CB3552880D12A15359'
  const hashed = await verifyPledgNotification(JSON.stringify({ ...sample, signature }), 'SECRET')
  assert.ok(hashed.ok && hashed.kind === 'back')
  assert.deepEqual([hashed.notice.status, hashed.notice.sandbox, hashed.notice.error], ['completed', true, null])
  const token =
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyZWZlcmVuY2UiOiJwdXJjaGFzZV9yZWZlcmVuY2UiLCJjcmVhdGVkIjoiMjAyMC0wOS0xNyAxNTowMDowMi4wNTIxNzciLCJ0cmFuc2Zlcl9vcmRlcl9pdGVtX3VpZCI6InRyaV9mYXNka2ZpYXNmc2QyMzRuZnM3ZjVkIiwiYW1vdW50X2NlbnRzIjoxMDAwMH0.6ZhlvdcPgjwwBfxCrRpzaBGoRxTCoqtWJzFhB8pw4Ys'
  const read = await verifyPledgNotification(JSON.stringify({ signature: token }), 'your-256-bit-secret')
  assert.ok(read.ok && read.kind === 'transfer' && read.notice.amount_cents === 10_000)
})

test('what a hash does not cover is not handed on', async () => {
  const signature = await pledgNotificationHash(back, secret)
  const body = JSON.stringify({ ...back, metadata: { paid: true }, amount_cents: 5, signature })
  const verdict = await verifyPledgNotification(body, secret)
  assert.ok(verdict.ok && verdict.kind === 'back')
  assert.deepEqual(Object.keys(verdict.content).sort(), ['created_at', 'error', 'id', 'reference', 'sandbox', 'status'])
})

test('an error is proven under each of its members’ names', async () => {
  for (const [content, uid] of [
    [{ reference: 'r', purchase_state: 'SCORING_KO', purchase_uid: 'pur_1' }, 'pur_1'],
    [{ reference: 'r', acceptance_state: 'SCORING_KO', uid: 'pur_1' }, 'pur_1'],
    [{ reference: 'r', state: 'SCORING_KO' }, null],
  ] as const) {
    const verdict = await verifyPledgNotification(signed(content), secret)
    assert.ok(verdict.ok && verdict.kind === 'error')
    assert.deepEqual(verdict.notice, { reference: 'r', state: 'SCORING_KO', purchase_uid: uid })
  }
})

const hash = await pledgNotificationHash(back, secret)
const refused: [name: string, body: string, refusal: string][] = [
  ['an unsigned transfer', JSON.stringify(transfer), 'unsigned'],
  ['a token of another secret', signed(transfer, 'another'), 'wrong-signature'],
  [
    'a token whose algorithm is none',
    JSON.stringify({ signature: jwt.sign(transfer, '', { algorithm: 'none' }) }),
    'algorithm-refused',
  ],
  [
    'a token by HS512',
    JSON.stringify({ signature: jwt.sign(transfer, secret, { algorithm: 'HS512' }) }),
    'algorithm-refused',
  ],
  ['a hash of another state', JSON.stringify({ ...back, status: 'refunded', signature: hash }), 'wrong-signature'],
  ['a hash beside a token’s facts', JSON.stringify({ ...transfer, signature: hash }), 'malformed-field'],
  ['a token that says nothing known', signed({ reference: 'r' }), 'unknown-notification'],
  ['a token of a transfer without an amount', signed({ ...transfer, amount_cents: '5' }), 'unknown-notification'],
  ['no JSON', 'signature=x', 'malformed-body'],
]
for (const [name, body, refusal] of refused) {
  test(`${name} is refused as ${refusal}`, async () => {
    assert.deepEqual(await verifyPledgNotification(body, secret), { ok: false, refusal })
  })
}

const shop = (name: string, value: string) => {
  const url = new URL('https://shop.example/back?order=7')
  url.searchParams.set(name, value)
  return url.href
}

test('a person who comes back with a failure brings a proof of it, where the merchant has a secret', async () => {
  const error = { type: 'payment_refused', message: 'No' }
  const failure = { result: 'failure', type: 'payment_refused', message: 'No' }
  const token = jwt.sign(error, secret, { noTimestamp: true })
  assert.deepEqual(await readPledgRedirect(shop('pledg_error', token), secret), { ...failure, proven: true })
  const forged = [jwt.sign(error, 'another'), JSON.stringify(error), 'x', '']
  for (const one of forged) {
    assert.deepEqual(await readPledgRedirect(shop('pledg_error', one), secret), { result: 'unknown' })
  }
  const plain = await readPledgRedirect(shop('pledg_error', JSON.stringify(error)), null)
  assert.deepEqual(plain, { ...failure, proven: false })
  assert.deepEqual(await readPledgRedirect(shop('pledg_result', '{}'), secret), { result: 'success' })
  assert.deepEqual(await readPledgRedirect('https://shop.example/back', secret), { result: 'unknown' })
})
