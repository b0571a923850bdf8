import { createGenerationCache } from '../domain/generation-cache.ts'
import type { Database } from '../storage/database.ts'
import { findWallet, type Wallet } from '../storage/wallets.ts'

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

export function createWalletDirectory(db: Database, limit = 20_000): WalletDirectory {
  let wallets = createGenerationCache<Wallet>(limit)
  async function ask(id: string): Promise<Wallet | undefined> {
    const wallet = await findWallet(db, id)
    if (!wallet || wallet.kept) return undefined
    wallets.set(id, wallet)
    return wallet
  }
  return {
    find: (id) => wallets.get(id) ?? ask(id),
    forget() {
      wallets = createGenerationCache<Wallet>(limit)
    },
  }
}
