import assert from 'node:assert/strict'
import test from 'node:test'
import { backFacts, errorFacts, transferFacts } from '../../../src/operations/purchases/notification-facts.ts'
import { signNotification } from '../../../src/operations/purchases/sign-notification.ts'
import { openToken } from '../../support/pledg-world.ts'

const AT = Date.parse('2020-09-17T15:00:02.052Z')

test('a back-mode notification has the hash that Pledg published', () => {
  const facts = {
    created_at: '2019-04-04T12:20:34.97138Z',
    id: 'test-valid',
    additional_data: {},
    metadata: {},
    status: 'completed',
    sandbox: true,
    error: '',
    reference: 'PLEDG_1086986786391',
  }
  const body = JSON.parse(signNotification('back', JSON.stringify(facts), 'SECRET'))
  assert.equal(body.signature, 'B1C777835C01CA96AC4C3097FD46A7CA49B92BE157EDE0CB3552880D12A15359')
  const { signature: _, ...rest } = body
  assert.deepEqual(rest, facts)
})

test('no error is hashed like an empty one', () => {
  const about = { reference: 'r', uid: 'pur_1' }
  const facts = backFacts(about, 'completed', { at: AT, sandbox: true })
  const hash = (value: object) => JSON.parse(signNotification('back', JSON.stringify(value), 's')).signature
  assert.equal(hash(facts), hash({ ...facts, error: '' }))
})

test('a transfer notification is the token that Pledg published', () => {
  const facts =
    '{"reference":"purchase_reference","created":"2020-09-17 15:00:02.052177","transfer_order_item_uid":"tri_fasdkfiasfsd234nfs7f5d","amount_cents":10000}'
  assert.deepEqual(JSON.parse(signNotification('transfer', facts, 'your-256-bit-secret')), {
    signature:
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyZWZlcmVuY2UiOiJwdXJjaGFzZV9yZWZlcmVuY2UiLCJjcmVhdGVkIjoiMjAyMC0wOS0xNyAxNTowMDowMi4wNTIxNzciLCJ0cmFuc2Zlcl9vcmRlcl9pdGVtX3VpZCI6InRyaV9mYXNka2ZpYXNmc2QyMzRuZnM3ZjVkIiwiYW1vdW50X2NlbnRzIjoxMDAwMH0.6ZhlvdcPgjwwBfxCrRpzaBGoRxTCoqtWJzFhB8pw4Ys',
  })
})

test('transfers and errors are tokens with a secret, and plain without one', () => {
  const about = { reference: 'r-1', uid: 'pur_1', merchantUid: 'mer_1' }
  const transfer = transferFacts(about, 'abc', 12_345n, AT)
  assert.deepEqual(transfer, {
    reference: 'r-1',
    created: '2020-09-17 15:00:02.052000',
    transfer_order_item_uid: 'tri_abc',
    merchant_uid: 'mer_1',
    purchase_uid: 'pur_1',
    amount_cents: 12_345,
  })
  const error = errorFacts(about, 'SCORING_KO')
  assert.deepEqual(error, { reference: 'r-1', purchase_state: 'SCORING_KO', purchase_uid: 'pur_1' })
  for (const [topic, facts] of [
    ['transfer', transfer],
    ['error', error],
  ] as const) {
    const text = JSON.stringify(facts)
    assert.equal(signNotification(topic, text, null), text)
    const signed = JSON.parse(signNotification(topic, text, 'secret'))
    assert.deepEqual(Object.keys(signed), ['signature'])
    assert.deepEqual(openToken(signed.signature, 'secret'), facts)
  }
})
