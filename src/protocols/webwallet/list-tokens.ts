import type { Principal } from '../../credentials/principal.ts'
import { amountToJson } from '../../domain/money.ts'
import { type TransactionTokenView, viewTransactionToken } from '../../operations/list-transaction-tokens.ts'
import { listTransactionTokenRows } from '../../storage/transaction-tokens.ts'
import { requireReach, requireScope, walletOfPath } from './authorize.ts'
import { pageLimit, readQuery, referenceCursor } from './query.ts'
import { namesOf, queries } from './query-schemas.ts'
import { seal, type WalletAnswer, type WalletDeps, type WalletRequest } from './request.ts'

/** `GET /:walletID/tokens?limit=&cursor=`: the transaction tokens by which the wallet's owner has consented, newest first. */
export async function listTokens(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
): Promise<WalletAnswer> {
  requireScope(principal, 'transactions')
  const wallet = requireReach(principal, await walletOfPath(deps, request.wallet))
  const query = readQuery(request.search, 'tokens', namesOf(queries.tokens))
  const limit = pageLimit(query.limit)
  const page = { before: referenceCursor(query.cursor), limit: limit + 1 }
  const rows = await listTransactionTokenRows(deps.db, { wallet: wallet.id }, page)
  const tokens = rows.slice(0, limit).map((row) => show(viewTransactionToken(row)))
  const next = rows.length > limit ? (rows[limit - 1]?.id ?? null) : null
  return { status: 200, body: seal(principal, { tokens, next }) }
}

const show = (view: TransactionTokenView): object => ({
  ...(view.description !== null && { description: view.description }),
  id: view.id,
  endpoint: view.endpoint,
  source: view.source ?? '*',
  target: view.target ?? '*',
  audience: view.audience ?? '*',
  amount: amountToJson(view.amount, view.asset.exponent),
  currency: view.asset.code,
  status: view.status,
  timestamp: view.issuedAt.toISOString(),
  expiry: view.expiresAt.toISOString(),
  transaction: view.usedBy,
})
