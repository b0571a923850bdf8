import { z } from 'zod'
import type { Principal } from '../../credentials/principal.ts'
import { prepareMovement } from '../../operations/send-payment.ts'
import { requireReach, requireScope, requireWallet, walletOfPath } from './authorize.ts'
import { openEnvelope } from './open-envelope.ts'
import {
  amountFor,
  checkPayload,
  findWalletOf,
  movementShape,
  requireOneAsset,
  requireSame,
  walletIdMember,
} from './payload.ts'
import type { WalletAnswer, WalletDeps, WalletRequest } from './request.ts'
import { submit } from './submit.ts'

/** The payload. */
export const schema = z.strictObject({
  endpoint: z.literal('funds'),
  source: walletIdMember,
  target: walletIdMember,
  ...movementShape,
})

/** `POST /:walletID/funds`: from a gateway's wallet, which the token must reach, to the wallet of the route. */
export async function fund(deps: WalletDeps, request: WalletRequest, principal: Principal): Promise<WalletAnswer> {
  requireScope(principal, 'funds')
  const envelope = openEnvelope(principal, request)
  const payload = checkPayload(schema, envelope, 'funds')
  const routed = requireWallet(await walletOfPath(deps, request.wallet), 'target')
  const source = requireReach(principal, await findWalletOf(deps, 'source', payload.source))
  const target = requireWallet(await findWalletOf(deps, 'target', payload.target), 'target')
  requireSame(target, routed, 'target')
  const amount = amountFor(target, payload)
  requireOneAsset(source, target)
  const prepared = await prepareMovement(deps, { kind: 'funds', source, target, amount, remarks: payload })
  return submit(deps, request, principal, envelope, prepared)
}
