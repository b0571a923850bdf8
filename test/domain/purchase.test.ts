import assert from 'node:assert/strict'
import test from 'node:test'
import { COLLECTION_PAUSES, openOf, shareCredit } from '../../src/domain/purchase.ts'

const part = (amount: bigint, paid = 0n, reduced = 0n) => ({ amount, paid, reduced })

test('open of a part is what was neither paid nor reduced', () => {
  assert.equal(openOf(part(100n, 30n, 20n)), 50n)
})

test('a credit cancels what is owed from the last part backwards, and gives back the rest', () => {
  const parts = [part(100n, 100n), part(100n, 0n, 40n), part(100n)] as const
  assert.deepEqual(shareCredit(parts, 30n), {
    reductions: [{ part: parts[2], amount: 30n }],
    toFinancing: 30n,
    toWallet: 0n,
  })
  assert.deepEqual(shareCredit(parts, 100n).reductions, [{ part: parts[2], amount: 100n }])
  assert.deepEqual(shareCredit(parts, 110n).reductions, [
    { part: parts[2], amount: 100n },
    { part: parts[1], amount: 10n },
  ])
  assert.deepEqual(shareCredit(parts, 200n), {
    reductions: [
      { part: parts[2], amount: 100n },
      { part: parts[1], amount: 60n },
    ],
    toFinancing: 160n,
    toWallet: 40n,
  })
  assert.deepEqual(shareCredit([part(100n, 100n)], 60n), { reductions: [], toFinancing: 0n, toWallet: 60n })
})

test('a failed collection is tried again after 1, 2, 4 and 7 days', () => {
  assert.deepEqual(COLLECTION_PAUSES, [86_400_000, 172_800_000, 345_600_000, 604_800_000])
})
