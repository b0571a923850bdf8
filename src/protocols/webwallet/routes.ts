import type { Principal } from '../../credentials/principal.ts'
import { LedgerUnavailable } from '../../ledger/command.ts'
import { isDatabaseAway } from '../../storage/database-away.ts'
import { authenticate } from './authorize.ts'
import { WalletApiError } from './errors.ts'
import { fund } from './fund.ts'
import { listTransactions, readOneTransaction } from './list-transactions.ts'
import { pay } from './pay.ts'
import { readBalance } from './read-balance.ts'
import { readWallet } from './read-wallet.ts'
import { seal, type WalletAnswer, type WalletDeps, type WalletRequest } from './request.ts'

type Handler = (deps: WalletDeps, request: WalletRequest, principal: Principal) => Promise<WalletAnswer>

/** Below `/:walletID`; the same below `/wallets/:walletID`. */
export const walletRoutes: Record<string, Partial<Record<'GET' | 'POST', Handler>>> = {
  '': { GET: readWallet },
  balance: { GET: readBalance },
  funds: { POST: fund },
  payments: { POST: pay },
  transactions: { GET: listTransactions },
  'transactions/:reference': { GET: readOneTransaction },
}

/** The methods of an endpoint; undefined for what is none, the names that every object has among them. */
export function routeOf({
  endpoint,
  item,
}: Pick<WalletRequest, 'endpoint' | 'item'>): Partial<Record<'GET' | 'POST', Handler>> | undefined {
  const name = item === '' ? endpoint : `${endpoint}/:reference`
  return Object.hasOwn(walletRoutes, name) ? walletRoutes[name] : undefined
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
    principal = await authenticate(deps, request)
    return await handler(deps, request, principal)
  } catch (error) {
    return refuse(request, principal, error, onFault)
  }
}

/** For refusals before a handler runs: a body that is too large or was cut off. */
export function refuse(
  request: Pick<WalletRequest, 'endpoint'>,
  principal: Principal | null,
  error: unknown,
  onFault: (error: unknown) => void,
): WalletAnswer {
  const { status, code, message, headers } = explain(error, onFault)
  const payload = { endpoint: request.endpoint, success: false, error: { code, message } }
  return { status, body: seal(principal, payload), headers }
}

function explain(error: unknown, onFault: (error: unknown) => void): WalletApiError {
  if (error instanceof WalletApiError) return error
  onFault(error)
  const again = (code: string, reason: string) => new WalletApiError(503, code, reason, { 'retry-after': '1' })
  if (error instanceof LedgerUnavailable) return again(error.unknown ? 'outcome-unknown' : 'unavailable', error.message)
  // Only the ledger writes, so what fails elsewhere has changed nothing.
  if (isDatabaseAway(error)) return again('unavailable', 'nothing was applied: try again later')
  return new WalletApiError(500, 'internal-error', 'The request failed here')
}
