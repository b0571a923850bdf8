import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  AmountError,
  amountToJson,
  formatAmount,
  maxMinorUnits,
  parseAmount,
  parseAmountOrZero,
  parseSignedAmount,
} from '../../src/domain/money.ts'

const exponents = fc.integer({ min: 0, max: 8 })
const minorUnits = fc.bigInt({ min: 1n, max: BigInt(maxMinorUnits) })

const refusal = (work: () => unknown): string => {
  try {
    return `accepted: ${work()}`
  } catch (error) {
    assert.ok(error instanceof AmountError, String(error))
    return error.code
  }
}

/** Minor units by text arithmetic alone, or null where some are left over. */
function expected(decimal: string, exponent: number): bigint | null {
  const [whole = '', fraction = ''] = decimal.split('.')
  if (/[1-9]/.test(fraction.slice(exponent))) return null
  return BigInt(whole + fraction.slice(0, exponent).padEnd(exponent, '0'))
}

test('what an amount is printed as reads back as the same amount, as text and as JSON', () => {
  fc.assert(
    fc.property(minorUnits, exponents, (minor, exponent) => {
      assert.equal(parseAmount(formatAmount(minor, exponent), exponent), minor)
      const json = JSON.parse(JSON.stringify(amountToJson(minor, exponent)))
      assert.equal(typeof json, 'number')
      assert.equal(parseAmount(json, exponent), minor)
    }),
    { numRuns: 4096 },
  )
})

test('a number is the amount that its shortest decimal says, or is refused', () => {
  const decimals = fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 17n }), fc.integer({ min: 0, max: 12 }))
    .map(([digits, places]) => formatAmount(digits, places))
  fc.assert(
    fc.property(decimals, exponents, (decimal, exponent) => {
      const number = Number(decimal)
      if (/e/.test(String(number))) return
      const minor = expected(String(number), exponent)
      const got = refusal(() => parseAmount(number, exponent))
      if (number === 0) assert.equal(got, 'amount-not-positive')
      else if (number * 10 ** exponent > maxMinorUnits) assert.equal(got, 'amount-too-large')
      else if (minor === null) assert.equal(got, 'amount-too-precise')
      else assert.equal(got, `accepted: ${minor}`)
    }),
    { numRuns: 8192 },
  )
})

test('any text is either a plain decimal of the right size or refused', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('0', '1', '9', '.', '-', '+', 'e', ' ', '１') }),
    fc.stringMatching(/^(0|[1-9][0-9]{0,17})(\.[0-9]{1,10})?$/),
  )
  fc.assert(
    fc.property(texts, exponents, (text, exponent) => {
      const got = refusal(() => parseAmount(text, exponent))
      if (!/^(0|[1-9]\d*)(\.\d+)?$/.test(text) || text.length > 64) {
        assert.match(got, /^amount-(malformed|not-positive)$/)
        return
      }
      // Compared with ten more decimals than any text here has, so that nothing is left over.
      const fine = expected(text, exponent + 10) as bigint
      const minor = expected(text, exponent)
      if (fine === 0n) assert.equal(got, 'amount-not-positive')
      else if (fine > BigInt(maxMinorUnits) * 10n ** 10n) assert.equal(got, 'amount-too-large')
      else if (minor === null) assert.equal(got, 'amount-too-precise')
      else assert.equal(got, `accepted: ${minor}`)
    }),
    { numRuns: 8192 },
  )
})

test('sums beyond 15 digits are JSON numbers only where the number is exact', () => {
  assert.equal(amountToJson(9_007_199_254_740_992n, 0), 9_007_199_254_740_992)
  assert.equal(amountToJson(9_007_199_254_740_993n, 0), '9007199254740993')
  assert.equal(amountToJson(-900_719_925_474_099_301n, 2), '-9007199254740993.01')
  assert.equal(amountToJson(4_611_686_018_427_387_904n, 0), '4611686018427387904')
  assert.equal(amountToJson(10n ** 18n, 2), 1e16)
})

test('amounts are printed with all decimals of the currency', () => {
  assert.equal(formatAmount(1500n, 2), '15.00')
  assert.equal(formatAmount(-5n, 3), '-0.005')
  assert.equal(formatAmount(0n, 2), '0.00')
  assert.equal(formatAmount(7n, 0), '7')
  assert.equal(amountToJson(-150n, 2), -1.5)
})

test('zero is an amount only where zero will do', () => {
  assert.equal(parseAmountOrZero(0, 2), 0n)
  assert.equal(parseAmountOrZero('0.00', 2), 0n)
  assert.equal(
    refusal(() => parseAmountOrZero(-0.01, 2)),
    'amount-not-positive',
  )
  assert.equal(
    refusal(() => parseAmount(0, 2)),
    'amount-not-positive',
  )
})

test('limits may be negative, in both forms', () => {
  assert.equal(parseSignedAmount(-12.5, 2), -1250n)
  assert.equal(parseSignedAmount('-12.50', 2), -1250n)
  assert.equal(parseSignedAmount('12.5', 2), 1250n)
  assert.equal(parseSignedAmount(-0, 2), 0n)
  assert.match(
    refusal(() => parseSignedAmount('--1', 2)),
    /^amount-/,
  )
  assert.equal(
    refusal(() => parseSignedAmount('-', 2)),
    'amount-malformed',
  )
})

test('what is neither number nor string is no amount', () => {
  for (const value of [null, undefined, true, {}, [], 10n, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.equal(
      refusal(() => parseAmount(value as number, 2)),
      'amount-not-a-number',
    )
  }
})

test('a number of decimals that no asset has is an error of the program, not of the caller', () => {
  assert.throws(() => parseAmount(1, 9), RangeError)
  assert.throws(() => parseAmount(1, -1), RangeError)
})
