import { createGenerationCache } from '../domain/generation-cache.ts'
import { createBatchedLookup } from '../storage/batched-lookup.ts'
import type { Database } from '../storage/database.ts'
import { findWallets, type Wallet } from '../storage/wallets.ts'

/**
 * Finds wallets by either id: those that may be paid, charged, read and owned. Accounts that are kept for gift cards and loans are not among
 * them, so that nothing that asks here can reach one. What it remembers never changes, until somebody is erased; "not found" is never remembered.
 */
export type WalletDirectory = {
  /** @param id normalised; a promise only when the database must be asked */
  find(id: string): Wallet | undefined | Promise<Wallet | undefined>
  /** Remembers nothing any more: somebody was erased, and ids of theirs may be given to others. */
  forget?(): void
}

/** Half a kilobyte each, where so many are in use. */
const REMEMBERED = 200_000

export function createWalletDirectory(db: Database, limit = REMEMBERED): WalletDirectory {
  let wallets = createGenerationCache<Wallet>(limit)
  // Of more wallets than are remembered most payments meet two that are not: a query for each would cost more than the payments.
  const look = createBatchedLookup((ids: readonly string[]) => findWallets(db, ids))
  async function ask(id: string): Promise<Wallet | undefined> {
    // What PostgreSQL takes for no text would fail the look-ups of others, too. No id that was normalised holds it.
    if (id.includes('\0')) return undefined
    const begun = wallets
    const wallet = await look(id)
    if (!wallet || wallet.kept) return undefined
    if (begun === wallets) wallets.set(id, wallet)
    return wallet
  }
  return {
    find: (id) => wallets.get(id) ?? ask(id),
    forget() {
      wallets = createGenerationCache<Wallet>(limit)
    },
  }
}
