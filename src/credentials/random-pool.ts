import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 4096
// The one piece of state that is the module's and not a caller's: nothing can be told from it, and `randomUUID` does the same.
const pool = Buffer.alloc(POOL_BYTES)
let used = POOL_BYTES

/**
 * Cryptographically random bytes, at most 256 at once. Drawn from the system's generator in blocks, because asking it costs the
 * same for a few bytes as for thousands; what was handed out is wiped from the block.
 */
export function drawRandomBytes(count: number): Buffer {
  if (count > 256) throw new RangeError(`${count} bytes at once`)
  if (used + count > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  const drawn = Buffer.from(pool.subarray(used, used + count))
  pool.fill(0, used, used + count)
  used += count
  return drawn
}
