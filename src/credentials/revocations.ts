import type { Database } from '../storage/database.ts'
import { findRevocations, listRevocationsSince } from '../storage/token-revocations.ts'
import { createFreshCache } from './fresh-cache.ts'

/** What this process knows of revoked access tokens; at most five seconds behind the database. */
export type Revocations = {
  /** Undefined when the knowledge is fresh, else a promise to wait for; it rejects when the database can't be asked. */
  ready(): Promise<unknown> | undefined
  /** Whether a token (by jti) or a family is revoked. A promise only while there are too many to know by heart. */
  has(jti: string, family: string | null): boolean | Promise<boolean>
  /** A revocation that this process has just written. @param expiresAt ms since the epoch */
  add(id: string, expiresAt: number): void
}

const KNOWN_BY_HEART = 100_000
const PAGE = 5_000
// A row becomes visible when its statement commits, a little after its timestamp: each poll looks back that far.
const LOOK_BACK_MS = 30_000

export function createRevocations(deps: {
  db: Database
  clock: () => number
  monotonic: () => number
  capacity?: number
}): Revocations {
  const capacity = deps.capacity ?? KNOWN_BY_HEART
  const expiryOf = new Map<string, number>()
  let since = new Date(0)
  let complete = true

  function learn(id: string, expiresAt: number) {
    if (expiryOf.size < capacity || expiryOf.has(id)) expiryOf.set(id, expiresAt)
    else complete = false
  }

  async function poll(): Promise<true> {
    const now = deps.clock()
    for (const [id, expiresAt] of expiryOf) if (expiresAt <= now) expiryOf.delete(id)
    // Once rows were left out, only reading everything again can make the list complete.
    if (!complete && expiryOf.size < capacity / 2) {
      complete = true
      since = new Date(0)
    }
    let from = new Date(Math.max(0, since.getTime() - LOOK_BACK_MS))
    while (complete) {
      const rows = await listRevocationsSince(deps.db, from, PAGE)
      for (const row of rows) if (row.expires_at.getTime() > now) learn(row.id, row.expires_at.getTime())
      const last = rows.at(-1)
      if (last && last.revoked_at > since) since = last.revoked_at
      if (!last || rows.length < PAGE) break
      // A full page of one moment would be read for ever.
      if (last.revoked_at.getTime() === from.getTime()) complete = false
      from = last.revoked_at
    }
    return true
  }

  const knowledge = createFreshCache<true>({ load: poll, capacity: 1, monotonic: deps.monotonic })

  return {
    ready() {
      const state = knowledge.get('')
      return state instanceof Promise ? state : undefined
    },
    has(jti, family) {
      if (expiryOf.has(jti) || (family !== null && expiryOf.has(family))) return true
      if (complete) return false
      return findRevocations(deps.db, family === null ? [jti] : [jti, family]).then((found) => found.length > 0)
    },
    add: learn,
  }
}
