import type { TilloOperation } from '#sdk/tillo/endpoints.ts'
import { tilloReadings } from '#sdk/tillo/readings.ts'
import type { Rates } from '../../credentials/shared-rates.ts'
import { TilloProblem } from './errors.ts'
import { readings } from './readings.ts'

/** Counts a request, and says what the answer's headers are. @throws {TilloProblem} 211 */
export type CountRequest = (credentialId: string, operation: TilloOperation) => Record<string, string>

/**
 * Counts what each credential asks of each endpoint in each window of sixty seconds.
 * @param clock ms since the epoch
 */
export function createRateLimit(
  rates: Rates,
  clock: () => number,
  perWindow: number = readings.requestsPerWindow,
): CountRequest {
  const rule = { length: tilloReadings.rateLimitWindow, aligned: true, clock }
  const requests = rates.limit({ name: 'tillo', limit: perWindow, ...rule })
  const balances = rates.limit({ name: 'tillo-balance', limit: readings.balanceChecksPerWindow, ...rule })

  return (credentialId, operation) => {
    const isBalance = isBalanceCheck(operation)
    const limit = isBalance ? readings.balanceChecksPerWindow : perWindow
    const rate = isBalance ? balances : requests
    const key = `${credentialId} ${operation}`
    const wait = rate.take(key)
    const headers = { 'x-ratelimit-limit': String(limit), 'x-ratelimit-remaining': String(rate.left(key)) }
    if (wait === 0) return headers
    throw new TilloProblem('211', `This endpoint takes ${limit} requests a minute`, {
      headers: { ...headers, 'retry-after': String(wait) },
    })
  }
}

const isBalanceCheck = (operation: TilloOperation) =>
  operation === 'digitalCheckBalance' || operation === 'physicalCheckBalance'
