import { walletIdFromPath } from '#sdk/protocol/wallet-id.ts'
import type { Principal } from '../../credentials/principal.ts'
import { TokenRefusal } from '../../credentials/token-refusal.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { forbidden, notFound, WalletApiError } from './errors.ts'
import type { WalletDeps, WalletRequest } from './request.ts'

/** Bearer token to principal (RFC 6750). */
export async function authenticate(deps: WalletDeps, request: WalletRequest): Promise<Principal> {
  try {
    const principal = deps.verifyAccessToken(request.headers.authorization ?? '', deps.clock())
    return principal instanceof Promise ? await principal : principal
  } catch (error) {
    if (!(error instanceof TokenRefusal)) throw error
    throw new WalletApiError(error.status, error.code.replace('_', '-'), error.message, {
      'www-authenticate': error.challenge('wallets'),
    })
  }
}

/** The operation must be among the token's (RFC 6750 section 3.1). */
export function requireScope(principal: Principal, scope: string): void {
  if (principal.scopes.has(scope)) return
  throw new WalletApiError(403, 'insufficient-scope', `The access token does not allow ${scope}`, {
    'www-authenticate': `Bearer realm="wallets", error="insufficient_scope", scope="${scope}"`,
  })
}

/** A wallet that the token reaches. The same answer for one that is not there, so that nobody can ask which numbers have one. */
export function requireReach(principal: Principal, wallet: Wallet | undefined): Wallet {
  if (wallet && principal.wallets.has(wallet.id)) return wallet
  throw forbidden('wallet-not-allowed', 'The wallet is not among those of the access token')
}

export function walletOfPath(deps: WalletDeps, segment: string): Wallet | undefined | Promise<Wallet | undefined> {
  return deps.directory.find(walletIdFromPath(segment))
}

export function requireWallet(wallet: Wallet | undefined, role: string): Wallet {
  if (wallet) return wallet
  throw notFound('wallet-not-found', `There is no such ${role} wallet`)
}
