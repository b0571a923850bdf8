import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  dayBefore,
  daysOf,
  monthsLater,
  type Period,
  periodAt,
  readPeriod,
  statementLineOf,
} from '../../src/domain/statement.ts'

const month = (name: string) => readPeriod(name) as Period

test('a period is a day or a month of the calendar in UTC, and nothing else is one', () => {
  assert.equal(month('2028-02').until.toISOString(), '2028-03-01T00:00:00.000Z')
  assert.equal(month('2028-02-29').until.toISOString(), '2028-03-01T00:00:00.000Z')
  for (const wrong of [
    '2027-02-29',
    '2026-13',
    '2026-00',
    '2026-4',
    '1999-01',
    '2026-11-31',
    '2026-11-00',
    '',
    '../etc',
    '2026-11-1',
  ])
    assert.equal(readPeriod(wrong), null, wrong)
})

test('the days of a month follow each other without a gap, from its first moment to its last', () => {
  for (const name of ['2026-02', '2028-02', '2026-12', '2026-11']) {
    const days = daysOf(month(name))
    assert.equal(days[0]?.from.getTime(), month(name).from.getTime())
    assert.equal(days.at(-1)?.until.getTime(), month(name).until.getTime())
    for (const [index, day] of days.entries()) {
      if (index > 0) assert.equal(day.from.getTime(), days[index - 1]?.until.getTime())
    }
  }
})

test('months and days are counted over the ends of years', () => {
  assert.equal(monthsLater(month('2026-01'), -1).name, '2025-12')
  assert.equal(monthsLater(month('2026-11'), 14).name, '2028-01')
  assert.equal(dayBefore(month('2026-01-01')).name, '2025-12-31')
  assert.equal(periodAt(new Date('2026-12-31T23:59:59.999Z'), 'month').name, '2026-12')
})

test('a movement of a kind that nobody thought of came in or went out', () => {
  const line = (kind: string, amount: bigint, counterparty: 'card' | 'revenue' | 'other' = 'other') =>
    statementLineOf({ kind, counterparty, amount })
  assert.equal(line('something-new', 1n), 'deposits')
  assert.equal(line('something-new', -1n), 'payouts')
  assert.equal(line('gift-card', -1n, 'card'), 'issued')
  assert.equal(line('gift-card', -1n, 'revenue'), 'fees')
  assert.equal(line('payments', 1n), 'sales')
  assert.equal(line('payments', -1n), 'payouts')
})
