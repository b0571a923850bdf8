import { WalletIdError } from '#sdk/protocol/errors.ts'
import { normaliseWalletId } from '#sdk/protocol/wallet-id.ts'
import { amountToJson } from '../domain/money.ts'
import { readBalance, readBalanceAsOf, readStatement } from '../ledger/reads.ts'
import type { Sql } from '../storage/database.ts'
import { findWalletListing } from '../storage/directory-listings.ts'
import { findWallet, type Wallet } from '../storage/wallets.ts'
import { pageView, statementView, walletView } from './directory-views.ts'
import { OperationRefusal } from './input.ts'

/** @param id explicit, in any case, or opaque. @throws {OperationRefusal} when there is no such wallet */
export async function requireWallet(sql: Sql, id: string, field = 'id'): Promise<Wallet> {
  const wallet = await findWallet(sql, normalWalletId(id, field))
  if (!wallet) throw unknownWallet(field)
  return wallet
}

/** One spelling per id; what cannot be an id is the id of no wallet. */
export function normalWalletId(id: string, field: string): string {
  try {
    return normaliseWalletId(id)
  } catch (error) {
    if (error instanceof WalletIdError) throw unknownWallet(field)
    throw error
  }
}

const unknownWallet = (field: string) => new OperationRefusal('not_found', field, 'there is no such wallet')

export async function showWallet(sql: Sql, id: string) {
  const listing = await findWalletListing(sql, (await requireWallet(sql, id)).id)
  if (!listing) throw unknownWallet('id')
  return walletView(listing)
}

/** The balance now, or after the last entry at or before a moment. */
export async function showBalance(sql: Sql, id: string, at?: Date) {
  const { id: account, explicitId, asset } = await requireWallet(sql, id)
  const balance = at ? await readBalanceAsOf(sql, account, at) : (await readBalance(sql, account))?.balance
  return {
    wallet: explicitId,
    currency: asset.code,
    balance: amountToJson(balance ?? 0n, asset.exponent),
    at: at?.toISOString() ?? null,
  }
}

/** Newest first; `before` is the entry number that the page before ended with. */
export async function showStatement(sql: Sql, id: string, { before, limit }: { before?: bigint; limit: number }) {
  const { id: account, asset } = await requireWallet(sql, id)
  const lines = await readStatement(sql, account, { ...(before === undefined ? {} : { before }), limit: limit + 1 })
  return pageView(
    lines,
    limit,
    (line) => statementView(line, asset.exponent),
    (line) => String(line.seq),
  )
}
