import { z } from 'zod'
import type { Principal } from '../../credentials/principal.ts'
import { prepareTokenRevocation } from '../../operations/revoke-transaction-token.ts'
import { findTransactionTokenTerms } from '../../storage/transaction-tokens.ts'
import { requireReach, requireScope, walletOfPath } from './authorize.ts'
import { notFound, unprocessable } from './errors.ts'
import { openEnvelope } from './open-envelope.ts'
import { checkPayload, recordShape } from './payload.ts'
import type { WalletAnswer, WalletDeps, WalletRequest } from './request.ts'
import { submit } from './submit.ts'

const ENDPOINT = 'tokens/revoke'
/** The payload. */
export const schema = z.strictObject({ endpoint: z.literal(ENDPOINT), token: z.string().max(128), ...recordShape })

/** `POST /:walletID/tokens/:id/revoke`: takes back a consent of the wallet's owner that was not used yet. */
export async function revokeToken(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
): Promise<WalletAnswer> {
  requireScope(principal, 'transactions')
  const wallet = requireReach(principal, await walletOfPath(deps, request.wallet))
  const envelope = openEnvelope(principal, request)
  const { token } = checkPayload(schema, envelope, ENDPOINT)
  if (token !== request.item) throw unprocessable('route-mismatch', 'payload.token is not the token of the route')
  const terms = await findTransactionTokenTerms(deps.db, token)
  if (terms?.subject !== wallet.id) throw notFound('token-not-found', 'The wallet has no such transaction token')
  return submit(deps, request, principal, envelope, prepareTokenRevocation(deps, terms))
}
