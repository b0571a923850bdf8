import { z } from 'zod'
import type { Principal } from '../../credentials/principal.ts'
import { prepareRefill } from '../../operations/refill-wallet.ts'
import { requireReach, requireScope } from './authorize.ts'
import { openEnvelope } from './open-envelope.ts'
import { amountFor, amountShape, checkPayload, walletIdMember } from './payload.ts'
import type { WalletAnswer, WalletDeps, WalletRequest } from './request.ts'
import { submit } from './submit.ts'
import { targetOfRoute } from './target.ts'

/** The payload. */
export const schema = z.strictObject({
  endpoint: z.literal('refills'),
  target: walletIdMember.optional(),
  ...amountShape,
})

/** `POST /:walletID/refills`: from the parent of the wallet of the route, which the token must reach, under the standing policy. */
export async function refill(deps: WalletDeps, request: WalletRequest, principal: Principal): Promise<WalletAnswer> {
  requireScope(principal, 'refills')
  const envelope = openEnvelope(principal, request)
  const payload = checkPayload(schema, envelope, 'refills')
  const target = requireReach(principal, await targetOfRoute(deps, request, payload))
  const prepared = await prepareRefill(deps, { target, amount: amountFor(target, payload) })
  return submit(deps, request, principal, envelope, prepared)
}
