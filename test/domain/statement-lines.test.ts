import assert from 'node:assert/strict'
import test from 'node:test'
import { type CounterpartyKind, daysOf, periodAt, readPeriod, statementLineOf } from '../../src/domain/statement.ts'

const line = (kind: string, counterparty: CounterpartyKind, amount: bigint) =>
  statementLineOf({ kind, counterparty, amount })

test('whatever the operator earns is a fee', () => {
  for (const kind of ['purchase', 'gift-card', 'refunds', 'unknown']) assert.equal(line(kind, 'revenue', -1n), 'fees')
})

test('every kind of taking back is a credit', () => {
  const kinds = `gift-card-cancellation gift-card-top-up-cancellation gift-card-cash-out gift-card-failure card-refund
    purchase-credit refunds`
  for (const kind of kinds.split(/\s+/)) {
    for (const other of ['card', 'float', 'settlement', 'other'] as const) {
      assert.equal(line(kind, other, 1n), 'credits', kind)
      assert.equal(line(kind, other, -1n), 'credits', kind)
    }
  }
})

test('what is sold onto a card is issued by the one, and sold by the other', () => {
  const kinds = 'gift-card gift-card-order gift-card-activation gift-card-top-up voucher-confirmation'
  for (const kind of kinds.split(' ')) {
    assert.equal(line(kind, 'card', -1n), 'issued', kind)
    assert.equal(line(kind, 'float', 1n), 'sales', kind)
  }
})

test('cards are redeemed and topped up at tills', () => {
  assert.equal(line('card-redemption', 'card', 1n), 'redemptions')
  assert.equal(line('card-top-up', 'other', -1n), 'issued')
})

test('purchases and charges are sales, whichever way they go', () => {
  for (const kind of ['purchase', 'purchase-capture', 'charges']) {
    assert.equal(line(kind, 'other', 1n), 'sales', kind)
    assert.equal(line(kind, 'other', -1n), 'sales', kind)
  }
})

test('nothing moved is no payment that came in', () => {
  assert.equal(line('payments', 'other', 0n), 'payouts')
  assert.equal(line('unknown', 'other', 0n), 'payouts')
})

test('a period is named by the whole text', () => {
  for (const text of ['x2026-11', '2026-11x', '2026-11-01x', '2026-11-1', ' 2026-11']) {
    assert.equal(readPeriod(text), null, text)
  }
  assert.deepEqual(readPeriod('2026-11')?.unit, 'month')
  assert.deepEqual(readPeriod('2026-11-02')?.unit, 'day')
})

test('periods know what they are, day or month', () => {
  const november = periodAt(new Date('2026-11-15'), 'month')
  assert.deepEqual(november, {
    name: '2026-11',
    unit: 'month',
    from: new Date('2026-11-01'),
    until: new Date('2026-12-01'),
  })
  const days = daysOf(november)
  assert.equal(days.length, 30)
  assert.deepEqual(days[0], {
    name: '2026-11-01',
    unit: 'day',
    from: new Date('2026-11-01'),
    until: new Date('2026-11-02'),
  })
})
