import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawRandomBytes } from '../../src/credentials/random-pool.ts'

test('random bytes from the pool are of the length asked for and evenly spread, and never come twice', () => {
  const drawn = Array.from({ length: 5_000 }, () => drawRandomBytes(12))
  assert.ok(drawn.every((bytes) => bytes.length === 12))
  assert.equal(new Set(drawn.map((bytes) => bytes.toString('hex'))).size, drawn.length)
  // Each of the 256 values within six and a half standard deviations of its share of 60,000 bytes.
  const counts = new Array<number>(256).fill(0)
  for (const bytes of drawn) for (const byte of bytes) counts[byte] = (counts[byte] as number) + 1
  for (const count of counts) assert.ok(Math.abs(count - 234.4) < 6.5 * 15.3, String(count))
})

test('more than 256 random bytes at once are refused', () => {
  assert.equal(drawRandomBytes(256).length, 256)
  assert.throws(() => drawRandomBytes(257), RangeError)
})
