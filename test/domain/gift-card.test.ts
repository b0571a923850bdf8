import assert from 'node:assert/strict'
import test from 'node:test'
import { isOffered, priceOf } from '../../src/domain/gift-card.ts'

test('a brand with a list sells its values and no other', () => {
  const values = { type: 'fixed', values: [1000n, 2500n] } as const
  assert.deepEqual(
    [1000n, 2500n, 1500n, 0n].map((face) => isOffered(values, face)),
    [true, true, false, false],
  )
})

test('a brand with a range sells from its least to its greatest, in steps counted from zero', () => {
  const values = { type: 'range', min: 15n, max: 50n, step: 10n } as const
  const sold = Array.from({ length: 70 }, (_, face) => BigInt(face)).filter((face) => isOffered(values, face))
  assert.deepEqual(sold, [20n, 30n, 40n, 50n])
  assert.ok(isOffered({ ...values, min: 20n }, 20n))
})

test('a discount is rounded down, and is kept by the partner or by the operator', () => {
  assert.deepEqual(priceOf(999n, 1_050, 'partner'), { cost: 895n, revenue: 0n })
  assert.deepEqual(priceOf(999n, 1_050, 'operator'), { cost: 999n, revenue: 104n })
  assert.deepEqual(priceOf(999n, 0, 'partner'), { cost: 999n, revenue: 0n })
})
