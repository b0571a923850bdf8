import type { Rates } from '../../credentials/shared-rates.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import {
  type ApiCallRow,
  type CallFacts,
  type CallProtocol,
  type CredentialUse,
  insertApiCalls,
  putCredentialUses,
} from '../../storage/api-calls.ts'
import type { Database } from '../../storage/database.ts'
import { isDatabaseAway } from '../../storage/database-away.ts'

/** One request of a partner protocol while it is answered. Only one with an owner is ever written down. */
export type ApiCall = {
  readonly protocol: CallProtocol
  readonly method: string
  readonly route: string
  /** of `performance.now()` */
  readonly started: number
  /** whose key was shown, proven or not; `credentialId` is the key's */
  owner: { readonly partyId: string; readonly credentialId: string | null } | null
  /** the owner has sent it, for certain */
  proven: boolean
  /** the caller's own */
  requestId: string | null
  address: string | null
  /** which check failed, for the owner to read and never part of the answer */
  failed: string | null
  facts: CallFacts | null
}

/** An error as it was answered. */
export type CallProblem = { readonly code: string; readonly message: string }

export type CallLog = {
  begin(protocol: CallProtocol, method: string, route: string): ApiCall
  end(call: ApiCall, status: number, problem?: CallProblem): void
  /** Writes what waits; resolves when it is written or given up for now. */
  flush(): Promise<void>
  /** Writes what waits, for the last time. */
  close(): Promise<void>
}

export type CallLogDeps = {
  db: Database
  /** ms since the epoch */
  clock: () => number
  log: { warn(fields: object, message: string): void }
  rates: Rates
  /** calls that are not written down: too many wait, too many prove nothing in the name of one key, the database refuses them */
  onDropped: (why: 'full' | 'unproven' | 'refused', calls: number) => void
  /** ms between two writes */
  interval?: number
  /** calls that wait at most */
  bound?: number
}

/** A stranger who has seen a key must not push its owner's calls out: so many a minute that prove nothing. */
const UNPROVEN_PER_MINUTE = 60
/** Rows of one insert. */
const BATCH = 5_000

type Waiting = Omit<ApiCallRow, 'id' | 'at' | 'micros'> & {
  readonly time: number
  readonly ms: number
  readonly proven: boolean
  /** once it was tried to be written: what is tried again is the same row */
  id: string | null
}

/**
 * Writes down the calls of partners and merchants, beside the requests and never in their way: ending a call puts one object into a
 * list, and what the list holds is written once a second.
 */
export function createCallLog(deps: CallLogDeps): CallLog {
  const { db, clock, log, onDropped, interval = 1_000, bound = 20_000 } = deps
  let waiting: Waiting[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let idTime = 0
  let same = 0
  const unproven = deps.rates.limit({
    name: 'unproven-calls',
    limit: UNPROVEN_PER_MINUTE,
    length: 60_000,
    aligned: true,
    clock,
  })

  /** In the order in which calls of this process ended, within a millisecond too (RFC 9562 section 6.2, method 1). */
  function nextId(time: number): string {
    same = time === idTime ? (same + 1) % 4096 : 0
    idTime = time
    const id = uuidV7(time)
    return `${id.slice(0, 15)}${same.toString(16).padStart(3, '0')}${id.slice(18)}`
  }

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH)
      for (const call of batch) call.id ??= nextId(call.time)
      const rows = batch.map(({ time, ms, proven: _, id, ...row }) => ({
        ...row,
        id: id as string,
        at: new Date(time),
        micros: Math.min(2 ** 31 - 1, Math.round(ms * 1000)),
      }))
      try {
        await insertApiCalls(db, rows)
        const uses = usesOf(batch)
        if (uses.length > 0) await putCredentialUses(db, uses)
      } catch (error) {
        log.warn({ err: error, calls: batch.length }, 'calls could not be written down')
        // They stay for the next time, as far as there is room; what the database refuses would be refused for ever.
        if (isDatabaseAway(error)) return
        onDropped('refused', batch.length)
      }
      waiting = waiting.slice(batch.length)
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing ??= write().finally(() => {
      writing = undefined
      if (waiting.length > 0) schedule()
    })
    return writing
  }

  function schedule(): void {
    timer ??= setTimeout(() => void flush(), interval).unref()
  }

  return {
    begin: (protocol, method, route) => ({
      protocol,
      method,
      route,
      started: performance.now(),
      owner: null,
      proven: false,
      requestId: null,
      address: null,
      failed: null,
      facts: null,
    }),
    end(call, status, problem) {
      const { owner } = call
      if (owner === null) return
      const time = clock()
      if (!call.proven && unproven.take(owner.credentialId ?? owner.partyId) > 0) return onDropped('unproven', 1)
      if (waiting.length >= bound) return onDropped('full', 1)
      waiting.push({
        id: null,
        time,
        ms: performance.now() - call.started,
        party_id: owner.partyId,
        credential_id: owner.credentialId,
        protocol: call.protocol,
        method: call.method,
        route: call.route,
        request_id: call.requestId === null ? null : plain(call.requestId, 255),
        status,
        code: problem?.code ?? null,
        message: problem === undefined ? null : plain(problem.message, 500),
        failed: call.failed,
        facts: call.facts,
        address: call.address,
        proven: call.proven,
      })
      schedule()
    },
    flush,
    async close() {
      clearTimeout(timer)
      // What came while the last write was under way is a write of its own.
      await writing
      await write()
      clearTimeout(timer)
      if (waiting.length > 0) onDropped('full', waiting.length)
      waiting = []
    },
  }
}

/** A caller's text as one line that a column can hold. */
function plain(text: string, longest: number): string {
  const line = text.toWellFormed().replace(/\p{Cc}+/gu, ' ')
  return line.length > longest ? `${line.slice(0, longest - 1).toWellFormed()}…` : line
}

function usesOf(calls: readonly Waiting[]): CredentialUse[] {
  const uses = new Map<string, CredentialUse>()
  for (const { credential_id: id, time, proven } of calls) {
    if (id === null) continue
    const use = uses.get(id) ?? { credential_id: id, used_at: null, refused_at: null }
    use[proven ? 'used_at' : 'refused_at'] = new Date(time)
    uses.set(id, use)
  }
  return [...uses.values()]
}

/** Of a request whose owner is known and not proven yet: says why it stops here, for the owner alone. */
export function failCheck(call: ApiCall, failed: string, facts: CallFacts | null = null): void {
  call.failed = failed
  call.facts =
    facts &&
    Object.fromEntries(
      Object.entries(facts).map(([name, value]) => [name, typeof value === 'string' ? plain(value, 500) : value]),
    )
}
