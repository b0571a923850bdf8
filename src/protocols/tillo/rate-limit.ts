import type { TilloOperation } from '#sdk/tillo/endpoints.ts'
import { tilloReadings } from '#sdk/tillo/readings.ts'
import { TilloProblem } from './errors.ts'
import { readings } from './readings.ts'

/** Counts a request, and says what the answer's headers are. @throws {TilloProblem} 211 */
export type CountRequest = (credentialId: string, operation: TilloOperation) => Record<string, string>

type Window = { from: number; count: number }

/** So many pairs of credential and endpoint are known; more than that begin anew. */
const CAPACITY = 50_000

/**
 * Counts what each credential asks of each endpoint in each window of sixty seconds. Every process counts for itself: behind several
 * servers a partner has the limit at each of them.
 * @param clock ms since the epoch
 */
export function createRateLimit(clock: () => number, perWindow: number = readings.requestsPerWindow): CountRequest {
  const windows = new Map<string, Window>()
  const length = tilloReadings.rateLimitWindow

  return (credentialId, operation) => {
    const now = clock()
    const from = now - (now % length)
    const key = `${credentialId} ${operation}`
    let window = windows.get(key)
    if (!window || window.from !== from) {
      if (!window && windows.size >= CAPACITY) windows.clear()
      window = { from, count: 0 }
      windows.set(key, window)
    }
    window.count++
    const limit = isBalanceCheck(operation) ? readings.balanceChecksPerWindow : perWindow
    const headers = {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(Math.max(0, limit - window.count)),
    }
    if (window.count <= limit) return headers
    const wait = String(Math.ceil((from + length - now) / 1000))
    throw new TilloProblem('211', `This endpoint takes ${limit} requests a minute`, {
      headers: { ...headers, 'retry-after': wait },
    })
  }
}

const isBalanceCheck = (operation: TilloOperation) =>
  operation === 'digitalCheckBalance' || operation === 'physicalCheckBalance'
