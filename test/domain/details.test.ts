import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { DetailsError, parseDetails } from '../../src/domain/details.ts'
import { formatAmount } from '../../src/domain/money.ts'

const cases: [unknown, string][] = [
  [{ subtotal: 12, taxes: 3 }, 'ok'],
  [{ subtotal: '10.10', taxes: 2.4, fees: 1, other: '1.50' }, 'ok'],
  [{ subtotal: 15, taxes: 0, fees: '0.00' }, 'ok'],
  [{ other: 15 }, 'ok'],
  [{}, 'details-sum-differs'],
  [{ subtotal: 15, taxes: 0.01 }, 'details-sum-differs'],
  [{ subtotal: 14.99 }, 'details-sum-differs'],
  [{ subtotal: 16, other: -1 }, 'details-part-invalid'],
  [{ subtotal: 14.995, taxes: 0.005 }, 'details-part-invalid'],
  [{ subtotal: null }, 'details-part-invalid'],
  [{ subtotal: '1e1', taxes: 5 }, 'details-part-invalid'],
  [{ subtotal: 15, tip: 0 }, 'details-unknown-member'],
  [{ subtotal: 15, toString: 0 }, 'details-unknown-member'],
  [[], 'details-malformed'],
  [null, 'details-malformed'],
  ['15', 'details-malformed'],
]

for (const [details, expected] of cases) {
  test(`details ${JSON.stringify(details)} of 15.00 USD: ${expected}`, () => {
    let outcome = 'ok'
    try {
      parseDetails(details, 1500n, 2)
    } catch (error) {
      assert.ok(error instanceof DetailsError)
      outcome = error.code
    }
    assert.equal(outcome, expected)
  })
}

test('parts that add up in minor units are accepted, whatever floating point makes of them', () => {
  const part = fc.bigInt({ min: 0n, max: 10n ** 12n })
  fc.assert(
    fc.property(part, part, part, part, (subtotal, taxes, fees, other) => {
      const sum = subtotal + taxes + fees + other
      const json = (minor: bigint) => Number(formatAmount(minor, 2))
      const value = { subtotal: json(subtotal), taxes: json(taxes), fees: json(fees), other: json(other) }
      assert.deepEqual(parseDetails(value, sum, 2), { subtotal, taxes, fees, other })
      assert.throws(() => parseDetails(value, sum + 1n, 2), DetailsError)
    }),
  )
})
