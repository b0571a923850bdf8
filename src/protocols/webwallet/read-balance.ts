import type { Principal } from '../../credentials/principal.ts'
import { amountToJson } from '../../domain/money.ts'
import { readBalance as readAccountBalance } from '../../ledger/reads.ts'
import { requireReach, requireScope, walletOfPath } from './authorize.ts'
import { seal, type WalletAnswer, type WalletDeps, type WalletRequest } from './request.ts'

/** `GET /:walletID/balance`: the posted balance; a limit that is null does not bind. */
export async function readBalance(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
): Promise<WalletAnswer> {
  requireScope(principal, 'balance')
  const wallet = requireReach(principal, await walletOfPath(deps, request.wallet))
  const account = await readAccountBalance(deps.db, wallet.id)
  if (!account) throw new Error(`wallet ${wallet.id} has no account`)
  const { code, circle, exponent } = wallet.asset
  const json = (minor: bigint | null) => (minor === null ? null : amountToJson(minor, exponent))
  return {
    status: 200,
    body: seal(principal, {
      balance: {
        amount: json(account.balance),
        currency: { code, circle },
        limits: { lower: json(account.lower), upper: json(account.upper) },
      },
    }),
  }
}
