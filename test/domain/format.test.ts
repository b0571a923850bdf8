import assert from 'node:assert/strict'
import test from 'node:test'
import { formatDay, formatMoney } from '../../src/domain/format.ts'

/** Spaces of French numbers differ between versions of the tables. */
const spaces = (text: string) => text.replaceAll(/\s/g, ' ')

test('an amount is formatted with all its decimals, however large, and with the code of its currency', () => {
  const eur = { code: 'EUR', exponent: 2 }
  assert.equal(formatMoney(123_456_789_012_345_678_905n, eur, 'en'), 'EUR\u00a01,234,567,890,123,456,789.05')
  assert.equal(spaces(formatMoney(123_450n, eur, 'fr')), '1 234,50 EUR')
  assert.equal(formatMoney(-5n, eur, 'en'), 'EUR\u00a0-0.05')
  assert.equal(formatMoney(1_500n, { code: 'JPY', exponent: 0 }, 'en'), 'JPY\u00a01,500')
  assert.equal(formatMoney(1_500n, { code: 'BHD', exponent: 3 }, 'en'), 'BHD\u00a01.500')
  assert.equal(formatMoney(1_500n, eur, 'en'), 'EUR\u00a015.00')
})

test('a day is the one in UTC', () => {
  const late = new Date('2026-01-31T23:59:59Z')
  assert.equal(formatDay(late, 'en'), '31 January 2026')
  assert.equal(formatDay(late, 'fr'), '31 janvier 2026')
})
