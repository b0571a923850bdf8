import type { Principal } from '../../credentials/principal.ts'
import { amountToJson } from '../../domain/money.ts'
import { readStatement, readTransaction, type StatementLine } from '../../ledger/reads.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { requireReach, requireScope, walletOfPath } from './authorize.ts'
import { malformed, notFound } from './errors.ts'
import { seal, type WalletAnswer, type WalletDeps, type WalletRequest } from './request.ts'

const PAGE_LIMIT = 100
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * `GET /:walletID/transactions?limit=&cursor=`: newest first. A cursor is the entry number to go on before; entries are numbered
 * under the wallet's lock, so a page never skips one that commits later.
 */
export async function listTransactions(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
): Promise<WalletAnswer> {
  requireScope(principal, 'transactions')
  const wallet = requireReach(principal, await walletOfPath(deps, request.wallet))
  const query = new URLSearchParams(request.search)
  for (const name of query.keys()) {
    if (name !== 'limit' && name !== 'cursor') throw malformed('query-unknown', 'transactions takes limit and cursor')
  }
  const limit = wholeNumber(query.get('limit') ?? '20', 'limit', PAGE_LIMIT)
  const cursor = query.get('cursor')
  const before = cursor === null ? {} : { before: BigInt(wholeNumber(cursor, 'cursor', Number.MAX_SAFE_INTEGER)) }
  // One more than the page: whether another one follows.
  const lines = await readStatement(deps.db, wallet.id, { ...before, limit: limit + 1 })
  const page = lines.slice(0, limit)
  const next = lines.length > limit ? String((page.at(-1) as StatementLine).seq) : null
  return { status: 200, body: seal(principal, { transactions: page.map((line) => show(wallet, line)), next }) }
}

/** `GET /:walletID/transactions/:reference` */
export async function readOneTransaction(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
): Promise<WalletAnswer> {
  requireScope(principal, 'transactions')
  const wallet = requireReach(principal, await walletOfPath(deps, request.wallet))
  const lines = uuid.test(request.item) ? await readTransaction(deps.db, wallet.id, request.item) : []
  const [line] = lines
  if (!line) throw notFound('transaction-not-found', 'The wallet has no such transaction')
  return { status: 200, body: seal(principal, { transaction: show(wallet, line) }) }
}

function show(wallet: Wallet, line: StatementLine): object {
  const { exponent, code } = wallet.asset
  const other = line.counterpartyId ?? `account:${line.counterparty}`
  const [source, target] = line.amount < 0n ? [wallet.explicitId, other] : [other, wallet.explicitId]
  return {
    ...JSON.parse(line.payload),
    reference: line.reference,
    endpoint: line.kind,
    source,
    target,
    amount: amountToJson(line.amount < 0n ? -line.amount : line.amount, exponent),
    currency: code,
    // After this transaction, of the wallet whose history this is.
    balance: amountToJson(line.balance, exponent),
    timestamp: line.at.toISOString(),
  }
}

function wholeNumber(text: string, name: string, most: number): number {
  const value = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= most)) throw malformed('query-invalid', `${name} must be a whole number from 1 to ${most}`)
  return value
}
