import { z } from 'zod'
import type { Principal } from '../../credentials/principal.ts'
import { prepareMovement } from '../../operations/send-payment.ts'
import { requireReach, requireScope, requireWallet, walletOfPath } from './authorize.ts'
import { unprocessable } from './errors.ts'
import { openEnvelope } from './open-envelope.ts'
import { amountFor, checkPayload, findWalletOf, movementShape, requireOneAsset, walletIdMember } from './payload.ts'
import { redeem, tokenMember } from './redeem.ts'
import type { WalletAnswer, WalletDeps, WalletRequest } from './request.ts'
import { submit } from './submit.ts'

/** The payload. */
export const schema = z.strictObject({
  endpoint: z.literal('charges'),
  source: walletIdMember,
  target: walletIdMember,
  token: tokenMember.optional(),
  ...movementShape,
})

/**
 * `POST /:walletID/charges`: collects from `source`, whose owner has allowed it, either by a grant (the access token reaches the
 * source) or by a transaction token, in `payload.token` or as the bearer.
 */
export async function charge(deps: WalletDeps, request: WalletRequest, principal: Principal): Promise<WalletAnswer> {
  requireScope(principal, 'charges')
  const envelope = openEnvelope(principal, request)
  const payload = checkPayload(schema, envelope, 'charges')
  if (request.presented !== undefined && payload.token !== undefined) {
    throw unprocessable('token-given-twice', 'The transaction token is the bearer already: leave payload.token out')
  }
  const token = request.presented ?? payload.token
  const [routed, debited, credited] = await Promise.all([
    walletOfPath(deps, request.wallet),
    findWalletOf(deps, 'source', payload.source),
    findWalletOf(deps, 'target', payload.target),
  ])
  // By a grant, a source that is not reached and one that is not there are the same.
  const source = token === undefined ? requireReach(principal, debited) : requireWallet(debited, 'source')
  const target = requireWallet(credited, 'target')
  if (routed?.id !== source.id && routed?.id !== target.id) {
    throw unprocessable('route-mismatch', 'The wallet of the route is neither payload.source nor payload.target')
  }
  const amount = amountFor(source, payload)
  requireOneAsset(source, target)
  const prepared =
    token === undefined
      ? await prepareMovement(deps, { kind: 'charges', source, target, amount, remarks: payload })
      : await redeem(deps, principal, token, { kind: 'charges', source, target, amount, payload })
  return submit(deps, request, principal, envelope, prepared)
}
