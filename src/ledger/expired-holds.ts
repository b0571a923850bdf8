import { uuidV7 } from '../domain/uuid.ts'
import type { Command } from './command.ts'
import type { Locked, LockRequest, Store } from './store.ts'

export const NO_ANSWER = { status: 0, body: '' }

/**
 * Locks a batch, and whatever belongs to expired holds on its accounts.
 * @param done what the batch before has locked for this one
 */
export async function lockWithExpired(store: Store, request: LockRequest, done: Locked | null): Promise<Locked> {
  let locked = done ?? (await store.lock(request))
  for (;;) {
    const missing = locked.expired
      .flatMap((hold) => [hold.source, hold.target])
      .filter((id) => !locked.accounts.has(id))
    if (missing.length === 0) return locked
    // The other side of an expired hold must be locked too, and in order: let go and lock all of them. It may have been asked
    // for and not be there, opened while the lock was waited for.
    await store.release()
    request = { ...request, accounts: new Set([...request.accounts, ...missing]) }
    locked = await store.lock(request)
  }
}

/** Expired holds on locked accounts end in the batch that meets them, before anything else is decided. */
export function expiries(locked: Locked): Command[] {
  return locked.expired.map((hold) => {
    locked.holds.set(hold.id, hold)
    return {
      principal: 'ledger',
      transaction: uuidV7(locked.at),
      kind: 'hold-expiry',
      legs: [{ type: 'release', hold: hold.id, source: hold.source, target: hold.target }],
      payload: '{}',
      answer: () => NO_ANSWER,
    }
  })
}
