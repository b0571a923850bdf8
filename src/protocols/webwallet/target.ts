import type { Wallet } from '../../storage/wallets.ts'
import { requireWallet, walletOfRoute } from './authorize.ts'
import { malformed } from './errors.ts'
import { findWalletOf, requireSame } from './payload.ts'
import type { WalletDeps, WalletRequest } from './request.ts'

/**
 * The wallet of a route that `payload.target` must name too. Below a namespace and a number the payload's currency picks it, and
 * the target may be left out; then nothing that is signed says which person is meant.
 */
export async function targetOfRoute(
  deps: WalletDeps,
  request: WalletRequest,
  payload: { target?: string | undefined; currency: string },
): Promise<Wallet> {
  if (payload.target === undefined && request.holder === null) {
    throw malformed('payload-invalid', 'payload.target: Invalid input: expected string, received undefined')
  }
  const routed = requireWallet(await walletOfRoute(deps, request, payload.currency), 'target')
  if (payload.target !== undefined) {
    requireSame(requireWallet(await findWalletOf(deps, 'target', payload.target), 'target'), routed, 'target')
  }
  return routed
}
