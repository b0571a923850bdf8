import { listPublicRedirectUris } from '../storage/client-origins.ts'
import type { Sql } from '../storage/database.ts'
import { createFreshCache } from './fresh-cache.ts'

/** Whether pages of an origin may call: those that public clients run on. At most five seconds behind the database. */
export type ClientOrigins = {
  /** @param origin the header's value. A promise when the database has to be asked; it rejects when that fails */
  allows(origin: string): boolean | Promise<boolean>
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * The origins of the redirect URIs of the enabled public clients. On this machine the port is free, as it is for the redirect
 * (RFC 8252 section 7.3).
 */
export function createClientOrigins(deps: { db: Sql; monotonic: () => number }): ClientOrigins {
  // One list for all, not a look-up per origin: anyone can send any Origin, and must not cause a query each time.
  const known = createFreshCache<ReadonlySet<string>>({
    load: async () => new Set((await listPublicRedirectUris(deps.db)).flatMap((uri) => comparable(uri) ?? [])),
    capacity: 1,
    monotonic: deps.monotonic,
  })
  return {
    allows(origin) {
      const wanted = comparable(origin)
      // A browser sends the origin alone, in its one spelling; `null` is the origin of whoever hides theirs.
      if (wanted === null || URL.parse(origin)?.origin !== origin) return false
      const origins = known.get('')
      return origins instanceof Promise
        ? origins.then((set) => set?.has(wanted) ?? false)
        : (origins?.has(wanted) ?? false)
    },
  }
}

/** The origin, without its port where that is free; null for what no page has. */
function comparable(url: string): string | null {
  const parsed = URL.parse(url)
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return null
  const { protocol, hostname, origin } = parsed
  return protocol === 'http:' && LOOPBACK.has(hostname) ? `${protocol}//${hostname}` : origin
}
