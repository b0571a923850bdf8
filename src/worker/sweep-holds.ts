import { uuidV7 } from '../domain/uuid.ts'
import type { Ledger } from '../ledger/command.ts'
import type { Sql } from '../storage/database.ts'

type ExpiredHold = { id: string; source: bigint; target: bigint; expires_at: string }

/** Small enough to leave room in a batch for payments. */
const BATCH = 200

const EXPIRED = `
select id, source, target, expires_at::text from hold
where status = 0 and expires_at <= clock_timestamp() and (expires_at, id) > ($1::timestamptz, $2::uuid)
order by expires_at, id limit ${BATCH}`

/**
 * Ends the holds whose time is over, through the ledger's door. Their room was free for every command since: the ledger ends
 * an expired hold by itself as soon as one of its accounts moves; this is for the accounts that do not.
 * @returns how many were found
 */
export async function sweepHolds(
  deps: { db: Sql; ledger: Ledger; clock: () => number },
  signal?: AbortSignal,
): Promise<number> {
  let found = 0
  // Goes on behind the last one, so that a hold that cannot be ended does not stop the others.
  let last = { expires_at: '-infinity', id: '00000000-0000-0000-0000-000000000000' }
  for (;;) {
    const holds = await deps.db.query<ExpiredHold>(EXPIRED, [last.expires_at, last.id])
    // Of one that was ended meanwhile the ledger says so: nothing is left to do.
    await Promise.all(holds.map((hold) => release(deps, hold)))
    found += holds.length
    const end = holds.at(-1)
    if (!end || holds.length < BATCH || signal?.aborted) return found
    last = end
  }
}

function release({ ledger, clock }: { ledger: Ledger; clock: () => number }, hold: ExpiredHold) {
  return ledger.submit({
    principal: 'ledger',
    transaction: uuidV7(clock()),
    kind: 'hold-expiry',
    legs: [{ type: 'release', hold: hold.id, source: hold.source, target: hold.target }],
    payload: '{}',
    answer: () => ({ status: 0, body: '{}' }),
  })
}
