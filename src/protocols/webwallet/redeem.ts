import { z } from 'zod'
import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import { type Principal, reaches } from '../../credentials/principal.ts'
import type { Prepared, Remarks } from '../../operations/money.ts'
import { prepareRedemption, readTransactionToken } from '../../operations/redeem-transaction-token.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { forbidden, unprocessable } from './errors.ts'
import type { WalletDeps } from './request.ts'

/** `payload.token`: a transaction token, beside the access token of who presents it. */
export const tokenMember = z.string().max(16_384)

type Redemption = {
  kind: 'charges' | 'payments'
  source: Wallet
  target: Wallet
  amount: bigint
  payload: Remarks & { amount: number | string; currency: string }
}

/**
 * The movement that a transaction token consents to. Its presenter must be the audience, which its access token proves by
 * reaching that wallet; and the payload must say what the token says.
 */
export async function redeem(
  deps: WalletDeps,
  principal: Principal,
  token: string,
  { kind, source, target, amount, payload }: Redemption,
): Promise<Prepared> {
  const read = await readTransactionToken(deps, token)
  const { claims, audience } = read
  const own = (wallet: Wallet) => reaches(principal, wallet)
  // Where the token names no wallet, it means the presenter's: nobody may send the money somewhere else.
  const presenters = kind === 'charges' ? read.target === null && target : read.source === null && source
  if ((claims.aud !== '*' && !(audience && own(audience))) || (presenters && !own(presenters))) {
    throw forbidden('token-audience-differs', 'The transaction token is not for a wallet of the presenter')
  }
  if (claims.endpoint !== kind || claims.currency !== payload.currency) {
    throw unprocessable('token-terms-differ', 'The transaction token is for something else')
  }
  for (const name of ['details', 'description', 'metadata'] as const) {
    const said = claims[name]
    if (said !== undefined && (payload[name] === undefined || canonicalJson(said) !== canonicalJson(payload[name]))) {
      throw unprocessable('token-terms-differ', `payload.${name} is not what the transaction token says`)
    }
  }
  return prepareRedemption(deps, read, { source, target, amount, remarks: payload })
}
