import { walletIdFromPath } from '#sdk/protocol/wallet-id.ts'
import { DPOP_ALGORITHMS } from '../../credentials/dpop.ts'
import { type Principal, reaches } from '../../credentials/principal.ts'
import { TokenRefusal, type TokenScheme } from '../../credentials/token-refusal.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { forbidden, notFound, WalletApiError } from './errors.ts'
import type { WalletDeps, WalletRequest } from './request.ts'

/** Bearer token (RFC 6750), or bound token with its proof (RFC 9449), to principal. */
export async function authenticate(deps: WalletDeps, request: WalletRequest): Promise<Principal> {
  const { authorization = '' } = request.headers
  try {
    const principal = deps.verifyAccessToken(authorization, deps.clock(), request)
    return principal instanceof Promise ? await principal : principal
  } catch (error) {
    if (!(error instanceof TokenRefusal)) throw error
    throw new WalletApiError(error.status, error.code.replaceAll('_', '-'), error.message, {
      'www-authenticate': challenge(/^dpop /i.test(authorization) ? 'DPoP' : 'Bearer', error.reason()),
    })
  }
}

/** Both schemes, the reason with the one that was used (RFC 9449 section 7.1). */
function challenge(used: TokenScheme, reason: string): string {
  const because = (scheme: TokenScheme) => (scheme === used ? reason : '')
  const algs = DPOP_ALGORITHMS.join(' ')
  return `Bearer realm="wallets"${because('Bearer')}, DPoP realm="wallets"${because('DPoP')}, algs="${algs}"`
}

/** The operation must be among the token's (RFC 6750 section 3.1). */
export function requireScope(principal: Principal, scope: string): void {
  if (principal.scopes.has(scope)) return
  throw new WalletApiError(403, 'insufficient-scope', `The access token does not allow ${scope}`, {
    'www-authenticate': challenge(principal.scheme, `, error="insufficient_scope", scope="${scope}"`),
  })
}

/** A wallet that the token reaches. The same answer for one that is not there, so that nobody can ask which numbers have one. */
export function requireReach(principal: Principal, wallet: Wallet | undefined): Wallet {
  if (wallet && reaches(principal, wallet)) return wallet
  throw forbidden('wallet-not-allowed', 'The wallet is not among those of the access token')
}

export function walletOfPath(deps: WalletDeps, segment: string): Wallet | undefined | Promise<Wallet | undefined> {
  return deps.directory.find(walletIdFromPath(segment))
}

/** The wallet that a request is about; where the path names none, `currency` picks one of its holder's. */
export function walletOfRoute(deps: WalletDeps, request: WalletRequest, currency: string) {
  if (request.holder === null) return walletOfPath(deps, request.wallet)
  return /^[A-Z0-9]{2,12}$/.test(currency) ? deps.directory.find(`${request.holder}:${currency}`) : undefined
}

export function requireWallet(wallet: Wallet | undefined, role: string): Wallet {
  if (wallet) return wallet
  throw notFound('wallet-not-found', `There is no such ${role} wallet`)
}
