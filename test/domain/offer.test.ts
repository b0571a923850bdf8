import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type BrandValues, isOffered, priceOf } from '../../src/domain/gift-card.ts'
import {
  affordableValues,
  isAdvantage,
  OFFER_FUNDERS,
  OFFER_KINDS,
  OFFER_ROUNDINGS,
  type OfferTerms,
  offerPrice,
  offerRevenue,
  offerValue,
} from '../../src/domain/offer.ts'

const terms: fc.Arbitrary<OfferTerms> = fc.record({
  kind: fc.constantFrom(...OFFER_KINDS),
  rateBp: fc.integer({ min: 0, max: 9_999 }),
  rounding: fc.constantFrom(...OFFER_ROUNDINGS),
  funder: fc.constantFrom(...OFFER_FUNDERS),
})
const minor = fc.bigInt({ min: 1n, max: 10_000_000n })
const exponent = fc.constantFrom(0, 2, 3)
const values: fc.Arbitrary<BrandValues> = fc.oneof(
  fc
    .uniqueArray(minor, { minLength: 1, maxLength: 20 })
    .map((list) => ({ type: 'fixed' as const, values: list.sort((a, b) => (a < b ? -1 : 1)) })),
  fc
    .tuple(minor, minor, fc.bigInt({ min: 1n, max: 5_000n }))
    .map(([a, b, step]) => ({ type: 'range' as const, min: a < b ? a : b, max: a < b ? b : a, step })),
)
const runs = { numRuns: 4096 }
const plain = { kind: 'bonus', rateBp: 1000, rounding: 'minor', funder: 'brand' } as const
const every = { type: 'range', min: 1n, max: 1_000_000n, step: 1n } as const

describe('the price of an offer', () => {
  test('is what its rate says', () => {
    assert.equal(offerValue(plain, every, 10_000n, 2), 11_000n)
    assert.equal(offerPrice(plain, 11_000n, 2), 10_000n)
    const discount = { ...plain, kind: 'discount' } as const
    assert.equal(offerPrice(discount, 10_000n, 2), 9_000n)
    assert.equal(offerPrice({ ...discount, rounding: 'whole' }, 9_950n, 2), 9_000n)
    assert.equal(offerPrice({ ...discount, rounding: 'whole' }, 9_990n, 2), 9_000n)
    assert.equal(offerPrice({ ...discount, rounding: 'whole' }, 1_050n, 2), 1_000n)
    // Up to the euro would be above the value.
    assert.equal(offerPrice({ ...discount, rateBp: 100, rounding: 'whole' }, 1_050n, 2), 1_050n)
    // 47 buys 50, since 50 costs 45.46.
    assert.equal(offerValue(plain, { type: 'range', min: 500n, max: 50_000n, step: 500n }, 4_700n, 2), 5_000n)
    assert.equal(offerPrice(plain, 5_000n, 2), 4_546n)
    assert.equal(offerValue(plain, { type: 'fixed', values: [2_000n] }, 1_000n, 2), null)
  })

  test('is never above the value, nor so much as one unit above the exact price', () => {
    fc.assert(
      fc.property(terms, minor, exponent, (offer, value, decimals) => {
        const price = offerPrice(offer, value, decimals)
        const unit = offer.rounding === 'whole' ? 10n ** BigInt(decimals) : 1n
        const [over, under] =
          offer.kind === 'bonus' ? [10_000n + BigInt(offer.rateBp), 10_000n] : [10_000n, 10_000n - BigInt(offer.rateBp)]
        assert.ok(price > 0n && price <= value)
        // exact = value * under / over; never below it, and less than one unit above
        assert.ok(price * over >= value * under)
        assert.ok((price - unit) * over < value * under)
        assert.equal(isAdvantage(value, price), price < value)
      }),
      runs,
    )
  })

  test('grows with the value', () => {
    fc.assert(
      fc.property(terms, minor, minor, exponent, (offer, a, b, decimals) => {
        const [low, high] = a < b ? [a, b] : [b, a]
        assert.ok(offerPrice(offer, low, decimals) <= offerPrice(offer, high, decimals))
      }),
      runs,
    )
  })

  test('and what the brand gets and the operator keeps or adds are the whole of it', () => {
    fc.assert(
      fc.property(terms, minor, exponent, fc.integer({ min: 0, max: 10_000 }), (offer, value, decimals, discountBp) => {
        const price = offerPrice(offer, value, decimals)
        const revenue = offerRevenue(offer, value, price, discountBp)
        const brand = price - revenue
        assert.equal(brand, offer.funder === 'brand' ? price : priceOf(value, discountBp, 'partner').cost)
      }),
      runs,
    )
  })
})

describe('a budget', () => {
  test('buys the greatest value on sale whose price is within it', () => {
    fc.assert(
      fc.property(terms, values, minor, exponent, (offer, on, budget, decimals) => {
        const value = offerValue(offer, on, budget, decimals)
        const price = (it: bigint) => offerPrice(offer, it, decimals)
        if (value !== null) assert.ok(isOffered(on, value) && price(value) <= budget)
        const better =
          on.type === 'fixed' ? on.values : [0n, 1n, 2n].map((i) => ((value ?? on.min - 1n) / on.step + i) * on.step)
        for (const other of better.filter((it) => isOffered(on, it) && it > (value ?? 0n)))
          assert.ok(price(other) > budget)
      }),
      runs,
    )
  })

  test('is used up to the last minor unit by a bonus on a brand that sells every value', () => {
    fc.assert(
      fc.property(minor, fc.integer({ min: 0, max: 9_999 }), (budget, rateBp) => {
        const offer = { ...plain, rateBp }
        const value = offerValue(offer, { type: 'range', min: 1n, max: 10n ** 12n, step: 1n }, budget, 2) as bigint
        assert.equal(offerPrice(offer, value, 2), budget)
        assert.ok(value >= budget)
      }),
      runs,
    )
  })

  test('has no more proposals than asked for, ascending, all on sale and within it', () => {
    fc.assert(
      fc.property(
        terms,
        values,
        minor,
        exponent,
        fc.integer({ min: 1, max: 60 }),
        (offer, on, budget, decimals, limit) => {
          const found = affordableValues(offer, on, budget, decimals, limit)
          assert.ok(found.length <= limit)
          assert.equal(found.at(-1) ?? null, offerValue(offer, on, budget, decimals))
          for (const [i, value] of found.entries()) {
            assert.ok(isOffered(on, value) && offerPrice(offer, value, decimals) <= budget)
            assert.ok(i === 0 || value > (found[i - 1] as bigint))
          }
        },
      ),
      runs,
    )
  })
})
