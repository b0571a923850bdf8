import { z } from 'zod'
import { type Principal, reaches } from '../../credentials/principal.ts'
import { prepareRefund } from '../../operations/refund-payment.ts'
import { findWalletById } from '../../storage/wallets.ts'
import { requireScope } from './authorize.ts'
import { openEnvelope } from './open-envelope.ts'
import { amountFor, amountShape, checkPayload, remarkShape, walletIdMember } from './payload.ts'
import type { WalletAnswer, WalletDeps, WalletRequest } from './request.ts'
import { submit } from './submit.ts'
import { targetOfRoute } from './target.ts'

/** The payload. */
export const schema = z.strictObject({
  endpoint: z.literal('refunds'),
  target: walletIdMember.optional(),
  transaction: z.string().max(128),
  description: remarkShape.description,
  ...amountShape,
})

/**
 * `POST /:walletID/refunds`: all or part of a payment or charge, back to the wallet of the route, which paid it, from the wallet
 * that was paid, which the token must reach.
 */
export async function refund(deps: WalletDeps, request: WalletRequest, principal: Principal): Promise<WalletAnswer> {
  requireScope(principal, 'refunds')
  const envelope = openEnvelope(principal, request)
  const payload = checkPayload(schema, envelope, 'refunds')
  const target = await targetOfRoute(deps, request, payload)
  const prepared = await prepareRefund(deps, {
    original: payload.transaction,
    target,
    amount: amountFor(target, payload),
    description: payload.description,
    reaches: async (id) => {
      const wallet = await findWalletById(deps.db, id)
      return wallet !== undefined && reaches(principal, wallet)
    },
  })
  return submit(deps, request, principal, envelope, prepared)
}
