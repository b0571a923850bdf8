import { WalletIdError } from '#sdk/protocol/errors.ts'
import { normaliseWalletId } from '#sdk/protocol/wallet-id.ts'
import type { Principal } from '../../credentials/principal.ts'
import { amountToJson } from '../../domain/money.ts'
import { searchHistory } from '../../ledger/history-search.ts'
import { readStatement, readTransaction, type StatementLine } from '../../ledger/reads.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { requireReach, requireScope, walletOfPath } from './authorize.ts'
import { malformed, notFound } from './errors.ts'
import { isReference, pageLimit, readMoment, readQuery, wholeNumber } from './query.ts'
import { kind as kindSchema, namesOf, queries } from './query-schemas.ts'
import { seal, type WalletAnswer, type WalletDeps, type WalletRequest } from './request.ts'

/** Entries that one page of a filtered history looks at: a page of few lines, or of none, may have another one behind it. */
const SCAN = 2_000

const NAMES = namesOf(queries.transactions)

/**
 * `GET /:walletID/transactions`: newest first. A cursor is the entry number to go on before; entries are numbered under the
 * wallet's lock, so a page never skips one that commits later. Filters cost no more than a bounded range of the entries' key.
 */
export async function listTransactions(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
): Promise<WalletAnswer> {
  requireScope(principal, 'transactions')
  const wallet = requireReach(principal, await walletOfPath(deps, request.wallet))
  const query = readQuery(request.search, 'transactions', NAMES)
  const limit = pageLimit(query.limit)
  const before =
    query.cursor === undefined ? {} : { before: BigInt(wholeNumber(query.cursor, 'cursor', Number.MAX_SAFE_INTEGER)) }
  const { lines, next } = isFiltered(query)
    ? await searchLines(deps, wallet, query, { ...before, limit })
    : await readLines(deps, wallet, { ...before, limit })
  return { status: 200, body: seal(principal, { transactions: lines.map((line) => show(wallet, line)), next }) }
}

type Query = Partial<Record<keyof typeof queries.transactions.shape, string>>
type Page = { before?: bigint; limit: number }
type Lines = { lines: StatementLine[]; next: string | null }

const isFiltered = (query: Query) =>
  NAMES.some((name) => name !== 'limit' && name !== 'cursor' && query[name] !== undefined)

async function readLines(deps: WalletDeps, wallet: Wallet, { limit, ...before }: Page): Promise<Lines> {
  // One more than the page: whether another one follows.
  const found = await readStatement(deps.db, wallet.id, { ...before, limit: limit + 1 })
  const lines = found.slice(0, limit)
  return { lines, next: found.length > limit ? String((lines.at(-1) as StatementLine).seq) : null }
}

async function searchLines(deps: WalletDeps, wallet: Wallet, query: Query, page: Page): Promise<Lines> {
  const from = readMoment(query.from, 'from')
  const until = readMoment(query.to, 'to')
  const kind = query.endpoint
  if (kind !== undefined && !kindSchema.safeParse(kind).success) {
    throw malformed('query-invalid', 'endpoint is the name of one, such as payments')
  }
  const counterparty = await findCounterparty(deps, query.counterparty)
  if (counterparty === null) return NO_LINES
  if (query.reference === undefined) {
    const filter = {
      ...(from && { from }),
      ...(until && { until }),
      ...(kind !== undefined && { kind }),
      ...(counterparty !== undefined && { counterparty }),
    }
    const { lines, next } = await searchHistory(deps.db, wallet.id, { ...page, filter, scan: SCAN })
    return { lines: [...lines], next: next === null ? null : String(next) }
  }
  const found = isReference(query.reference) ? await readTransaction(deps.db, wallet.id, query.reference) : []
  const lines = found.filter(
    (line) =>
      (page.before === undefined || line.seq < page.before) &&
      (!from || line.at >= from) &&
      (!until || line.at < until) &&
      (kind === undefined || line.kind === kind) &&
      (counterparty === undefined || line.counterparty === counterparty),
  )
  return { lines, next: null }
}

const NO_LINES: Lines = { lines: [], next: null }

/** Null: there is no such wallet, so there are no lines either. */
async function findCounterparty(deps: WalletDeps, id: string | undefined): Promise<bigint | undefined | null> {
  if (id === undefined) return undefined
  try {
    return (await deps.directory.find(normaliseWalletId(id)))?.id ?? null
  } catch (error) {
    if (error instanceof WalletIdError) throw malformed('query-invalid', `counterparty: ${error.message}`)
    throw error
  }
}

/** `GET /:walletID/transactions/:reference` */
export async function readOneTransaction(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
): Promise<WalletAnswer> {
  requireScope(principal, 'transactions')
  const wallet = requireReach(principal, await walletOfPath(deps, request.wallet))
  const lines = isReference(request.item) ? await readTransaction(deps.db, wallet.id, request.item) : []
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
