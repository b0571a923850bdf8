import type { IncomingMessage } from 'node:http'
import { networkOf } from '../../credentials/address.ts'
import type { Rates } from '../../credentials/shared-rates.ts'

/** For all the people behind one address. Each request is kept for an hour, so this is what one address can make the server keep. */
const MOST_PER_MINUTE = 120

/** @returns 0, or for how many seconds this caller begins no other authorization request */
export type BeginLimit = (req: IncomingMessage) => number

/** Anyone may begin an authorization request, under a client's public name and without an account, and leaves a row with it. */
export function createBeginLimit(deps: {
  addressOf: (req: IncomingMessage) => string
  rates: Rates
  /** ms since the epoch */
  clock: () => number
}): BeginLimit {
  const begins = deps.rates.limit({ name: 'oauth-begin', limit: MOST_PER_MINUTE, length: 60_000, clock: deps.clock })
  return (req) => begins.take(networkOf(deps.addressOf(req)))
}
