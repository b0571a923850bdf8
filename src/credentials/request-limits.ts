import { isIP } from 'node:net'
import { type RateLimitName, type RateLimitSettings, rateLimitOf } from '../domain/rate-limits.ts'
import { createAddressSet, networkOf } from './address.ts'
import type { Rates } from './shared-rates.ts'

const MINUTE = 60_000

/** How often one interface may be called. Every function gives 0, or for how many seconds the caller is refused. */
export type RequestLimits = {
  /** Before anything is checked: whether the caller's network has failed to prove itself too often. @param address asked for only if any has */
  before(address: () => string): number
  /** Counts one request that proved nothing. */
  failed(address: string): void
  /** Counts one request of a caller that is proven. @param credential its key or client */
  take(credential: string): number
}

export type RequestLimitDeps = { rates: Rates; config: { rateLimits?: RateLimitSettings } | undefined }

/**
 * The limits of one interface. The count of failures is one for all interfaces.
 * @param family null: how many proven requests it takes it counts by itself
 *
 * This machine's own addresses are not counted by: behind a proxy on it that the settings do not name, everyone has them, and one
 * stranger would shut everyone out.
 */
export function createRequestLimits(
  { rates, config }: RequestLimitDeps,
  family: Exclude<RateLimitName, 'failures'> | null,
): RequestLimits {
  const most = family && rateLimitOf(config?.rateLimits, family)
  const requests = !family || most === null ? null : rates.limit({ name: family, limit: most, length: MINUTE })
  const mostFailures = rateLimitOf(config?.rateLimits, 'failures')
  const failures = mostFailures === null ? null : rates.limit({ name: 'failures', limit: mostFailures, length: MINUTE })
  const isHere = createAddressSet(['127.0.0.0/8', '::1'])

  return {
    before(address) {
      if (!failures?.refusesAny()) return 0
      return failures.pause(networkOf(address()))
    },
    failed(address) {
      if (failures && isIP(address) && !isHere(address)) failures.take(networkOf(address))
    },
    take: (credential) => requests?.take(credential) ?? 0,
  }
}
