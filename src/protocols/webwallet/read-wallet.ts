import type { Principal } from '../../credentials/principal.ts'
import { requireReach, walletOfPath } from './authorize.ts'
import { seal, type WalletAnswer, type WalletDeps, type WalletRequest } from './request.ts'

/** `GET /:walletID`: who the wallet is, without its balance. Any token that reaches the wallet may ask. */
export async function readWallet(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
): Promise<WalletAnswer> {
  const wallet = requireReach(principal, await walletOfPath(deps, request.wallet))
  const path = `/${wallet.explicitId}`
  return {
    status: 200,
    body: seal(principal, {
      id: wallet.explicitId,
      opaqueId: wallet.opaqueId,
      namespace: wallet.namespace,
      number: wallet.number,
      currency: { code: wallet.asset.code, circle: wallet.asset.circle },
      links: { self: path, balance: `${path}/balance`, transactions: `${path}/transactions` },
    }),
  }
}
