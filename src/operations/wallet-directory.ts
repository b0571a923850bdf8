import type { Database } from '../storage/database.ts'
import { findWallet, type Wallet } from '../storage/wallets.ts'

/** Finds wallets by either id. What it remembers never changes; "not found" is never remembered. */
export type WalletDirectory = {
  /** @param id normalised; a promise only when the database must be asked */
  find(id: string): Wallet | undefined | Promise<Wallet | undefined>
}

export function createWalletDirectory(db: Database, limit = 20_000): WalletDirectory {
  const wallets = new Map<string, Wallet>()
  const remember = (id: string, wallet: Wallet | undefined) => {
    if (!wallet) return wallet
    if (wallets.size >= limit) wallets.delete(wallets.keys().next().value as string)
    wallets.set(id, wallet)
    return wallet
  }
  return {
    find: (id) => wallets.get(id) ?? findWallet(db, id).then((wallet) => remember(id, wallet)),
  }
}
