import { z } from 'zod'
import type { Principal } from '../../credentials/principal.ts'
import { prepareMovement } from '../../operations/send-payment.ts'
import { requireReach, requireScope, requireWallet, walletOfPath } from './authorize.ts'
import { openEnvelope } from './open-envelope.ts'
import { ownPayer } from './own-wallet.ts'
import { amountFor, checkPayload, findWalletOf, movementShape, requireOneAsset, walletIdMember } from './payload.ts'
import { redeem, tokenMember } from './redeem.ts'
import type { WalletAnswer, WalletDeps, WalletRequest } from './request.ts'
import { submit } from './submit.ts'

/** The payload. */
export const schema = z.strictObject({
  endpoint: z.literal('payments'),
  target: walletIdMember,
  token: tokenMember.optional(),
  ...movementShape,
})

/**
 * `POST /:walletID/payments`. The request names no payer, so the route decides (docs/webwallet.md, "Who pays"): where the route's
 * wallet is the target, the payer is the token's own wallet in that currency; otherwise the route's wallet pays. Either way the
 * token must reach the payer. With `payload.token` the payment is the one that the payee has asked for by a transaction token.
 */
export async function pay(deps: WalletDeps, request: WalletRequest, principal: Principal): Promise<WalletAnswer> {
  requireScope(principal, 'payments')
  const envelope = openEnvelope(principal, request)
  const payload = checkPayload(schema, envelope, 'payments')
  const sought = [findWalletOf(deps, 'target', payload.target), walletOfPath(deps, request.wallet)] as const
  // Waited for together: when the database is away both fail, and a failure that nobody waits for would end the process.
  const [found, routed] =
    sought[0] instanceof Promise || sought[1] instanceof Promise ? await Promise.all(sought) : [sought[0], sought[1]]
  const target = requireWallet(found, 'target')
  const amount = amountFor(target, payload)
  const source = routed?.id === target.id ? await ownPayer(deps, principal, target) : requireReach(principal, routed)
  requireOneAsset(source, target)
  if (payload.token !== undefined) {
    const prepared = await redeem(deps, principal, payload.token, { kind: 'payments', source, target, amount, payload })
    return submit(deps, request, principal, envelope, prepared)
  }
  const prepared = prepareMovement(deps, { kind: 'payments', source, target, amount, remarks: payload })
  return submit(deps, request, principal, envelope, prepared instanceof Promise ? await prepared : prepared)
}
