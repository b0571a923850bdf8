import { z } from 'zod'
import type { Principal } from '../../credentials/principal.ts'
import { requireReach, requireScope, requireWallet, walletOfPath } from './authorize.ts'
import { unprocessable } from './errors.ts'
import {
  amountFor,
  checkPayload,
  findWalletOf,
  move,
  movementShape,
  requireOneAsset,
  walletIdMember,
} from './movement.ts'
import { openEnvelope } from './open-envelope.ts'
import type { WalletAnswer, WalletDeps, WalletRequest } from './request.ts'

const schema = z.strictObject({
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
  if (target.id !== routed.id) throw unprocessable('route-mismatch', 'payload.target is not the wallet of the route')
  const amount = amountFor(target, payload)
  requireOneAsset(source, target)
  return move(deps, request, principal, envelope, { kind: 'funds', source, target, amount, payload })
}
