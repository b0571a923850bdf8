import type { Principal } from '../../credentials/principal.ts'
import { LedgerUnavailable } from '../../ledger/command.ts'
import { MoneyRefusal } from '../../operations/money-refusal.ts'
import { isDatabaseAway } from '../../storage/database-away.ts'
import { authenticate } from './authorize.ts'
import { charge } from './charge.ts'
import { cancelInvoice, declineInvoice } from './end-invoice.ts'
import { refusals, tooMany, WalletApiError } from './errors.ts'
import { fund } from './fund.ts'
import { invoice } from './invoice.ts'
import { issueToken } from './issue-token.ts'
import { listInvoices, readOneInvoice } from './list-invoices.ts'
import { listTokens } from './list-tokens.ts'
import { listTransactions, readOneTransaction } from './list-transactions.ts'
import { pay } from './pay.ts'
import { authenticatePresenter, bearerTransactionToken } from './present.ts'
import { readBalance } from './read-balance.ts'
import { readWallet } from './read-wallet.ts'
import { refill } from './refill.ts'
import { refund } from './refund.ts'
import { seal, type WalletAnswer, type WalletDeps, type WalletRequest } from './request.ts'
import { revokeToken } from './revoke-token.ts'

type Handler = (deps: WalletDeps, request: WalletRequest, principal: Principal) => Promise<WalletAnswer>

/** Below `/:walletID`; the same below `/wallets/:walletID`. */
export const walletRoutes: Record<string, Partial<Record<'GET' | 'POST', Handler>>> = {
  '': { GET: readWallet },
  balance: { GET: readBalance },
  funds: { POST: fund },
  payments: { POST: pay },
  charges: { POST: charge },
  invoices: { GET: listInvoices, POST: invoice },
  'invoices/:reference': { GET: readOneInvoice },
  'invoices/:reference/decline': { POST: declineInvoice },
  'invoices/:reference/cancel': { POST: cancelInvoice },
  refills: { POST: refill },
  refunds: { POST: refund },
  transactions: { GET: listTransactions, POST: issueToken },
  'transactions/:reference': { GET: readOneTransaction },
  tokens: { GET: listTokens },
  'tokens/:reference/revoke': { POST: revokeToken },
}

/** Below `/:walletNamespace/:walletNumber`. */
export const holderRoutes: typeof walletRoutes = {
  invoices: { POST: invoice },
  refills: { POST: refill },
  refunds: { POST: refund },
}

/** The methods of an endpoint; undefined for what is none, the names that every object has among them. */
export function routeOf(
  match: Pick<WalletRequest, 'holder' | 'endpoint' | 'item' | 'action'>,
): Partial<Record<'GET' | 'POST', Handler>> | undefined {
  const { holder, endpoint, item, action } = match
  const name = item === '' ? endpoint : `${endpoint}/:reference${action && `/${action}`}`
  const routes = holder === null ? walletRoutes : holderRoutes
  return Object.hasOwn(routes, name) ? routes[name] : undefined
}

/** Every request ends in an envelope; whoever is proven to be a client with a signing secret gets it signed. */
export async function handleWallet(
  deps: WalletDeps,
  request: WalletRequest,
  onFault: (error: unknown) => void,
): Promise<WalletAnswer> {
  let principal: Principal | null = null
  try {
    const route = routeOf(request)
    if (!route) throw new WalletApiError(404, 'endpoint-not-found', 'A wallet has no such endpoint')
    const handler = route[request.method as 'GET' | 'POST']
    if (!handler) {
      const allow = Object.keys(route).join(', ')
      throw new WalletApiError(405, 'method-not-allowed', `This endpoint takes ${allow}`, { allow })
    }
    const presented = bearerTransactionToken(request)
    if (presented === null) {
      principal = await authenticate(deps, request)
      requireRate(deps, principal)
      return await handler(deps, request, principal)
    }
    principal = await authenticatePresenter(deps, request)
    requireRate(deps, principal)
    return await handler(deps, { ...request, presented }, principal)
  } catch (error) {
    return refuse(request, principal, error, onFault)
  }
}

function requireRate({ limits }: WalletDeps, { clientId }: Principal): void {
  const seconds = limits.take(clientId)
  if (seconds > 0) throw tooMany(seconds)
}

/** For refusals before a handler runs: a body that is too large or was cut off. */
export function refuse(
  request: Pick<WalletRequest, 'endpoint' | 'action'>,
  principal: Principal | null,
  error: unknown,
  onFault: (error: unknown) => void,
): WalletAnswer {
  const { status, code, message, headers } = explain(error, onFault)
  const endpoint = request.action === '' ? request.endpoint : `${request.endpoint}/${request.action}`
  const payload = { endpoint, success: false, error: { code, message } }
  return { status, body: seal(principal, payload), headers }
}

function explain(error: unknown, onFault: (error: unknown) => void): WalletApiError {
  if (error instanceof WalletApiError) return error
  if (error instanceof MoneyRefusal) {
    const { status, code, message } = refusals[error.code]
    return new WalletApiError(status, code, message)
  }
  onFault(error)
  const again = (code: string, reason: string) => new WalletApiError(503, code, reason, { 'retry-after': '1' })
  if (error instanceof LedgerUnavailable) return again(error.unknown ? 'outcome-unknown' : 'unavailable', error.message)
  // Only the ledger writes, so what fails elsewhere has changed nothing.
  if (isDatabaseAway(error)) return again('unavailable', 'nothing was applied: try again later')
  return new WalletApiError(500, 'internal-error', 'The request failed here')
}
