import type { TransactionTokenClaims } from '../credentials/transaction-token.ts'
import type { Asset } from '../domain/asset.ts'
import type { Sql } from '../storage/database.ts'
import {
  findTransactionTokenOf,
  listTransactionTokenRows,
  TOKEN_STATUS,
  type TransactionTokenRow,
} from '../storage/transaction-tokens.ts'

/** A transaction token as the owner who consented sees it; `amount` in minor units of `asset`, wallets by explicit id. */
export type TransactionTokenView = {
  readonly id: string
  readonly endpoint: 'charges' | 'payments'
  /** null: the presenter's wallet */
  readonly source: string | null
  readonly target: string | null
  /** whose side may use it; null: anyone */
  readonly audience: string | null
  readonly amount: bigint
  readonly asset: Asset
  readonly description: string | null
  readonly issuedAt: Date
  readonly expiresAt: Date
  readonly status: 'open' | 'used' | 'revoked' | 'expired'
  /** reference of the transaction that used it */
  readonly usedBy: string | null
}

/** Newest first. @param page.before id of the last one of the page before */
export async function listTransactionTokens(
  sql: Sql,
  partyId: string,
  page: { before?: string; limit?: number } = {},
): Promise<TransactionTokenView[]> {
  const rows = await listTransactionTokenRows(sql, { partyId }, { before: page.before, limit: page.limit ?? 100 })
  return rows.map(viewTransactionToken)
}

export async function findTransactionToken(
  sql: Sql,
  partyId: string,
  id: string,
): Promise<TransactionTokenView | undefined> {
  const row = await findTransactionTokenOf(sql, partyId, id)
  return row && viewTransactionToken(row)
}

const STATUSES = Object.keys(TOKEN_STATUS) as (keyof typeof TOKEN_STATUS)[]

export function viewTransactionToken(row: TransactionTokenRow): TransactionTokenView {
  const { claims } = JSON.parse(row.payload) as { claims: TransactionTokenClaims }
  const named = (id: string) => (id === '*' ? null : id)
  const status = STATUSES[row.status] as keyof typeof TOKEN_STATUS
  return {
    id: row.id,
    endpoint: row.endpoint,
    source: named(claims.source),
    target: named(claims.target),
    audience: named(claims.aud),
    amount: row.amount,
    asset: row.asset,
    description: claims.description ?? null,
    issuedAt: row.issuedAt,
    expiresAt: row.expiresAt,
    status: status === 'open' && row.expired ? 'expired' : status,
    usedBy: status === 'used' ? row.endedBy : null,
  }
}
