import { z } from 'zod'
import type { Principal } from '../../credentials/principal.ts'
import { prepareInvoice } from '../../operations/create-invoice.ts'
import { requireReach, requireScope } from './authorize.ts'
import { unprocessable } from './errors.ts'
import { openEnvelope } from './open-envelope.ts'
import { ownIssuer } from './own-wallet.ts'
import {
  amountFor,
  checkPayload,
  findWalletOf,
  momentMember,
  movementShape,
  requireOneAsset,
  walletIdMember,
} from './payload.ts'
import type { WalletAnswer, WalletDeps, WalletRequest } from './request.ts'
import { submit } from './submit.ts'
import { targetOfRoute } from './target.ts'

/** The payload. */
export const schema = z.strictObject({
  endpoint: z.literal('invoices'),
  target: walletIdMember.optional(),
  issuer: walletIdMember.optional(),
  expiry: momentMember.optional(),
  ...movementShape,
})

/** `POST /:walletID/invoices`: asks the wallet of the route for money. The issuer is the token's wallet in that currency. */
export async function invoice(deps: WalletDeps, request: WalletRequest, principal: Principal): Promise<WalletAnswer> {
  requireScope(principal, 'invoices')
  const envelope = openEnvelope(principal, request)
  const payload = checkPayload(schema, envelope, 'invoices')
  const debtor = await targetOfRoute(deps, request, payload)
  const amount = amountFor(debtor, payload)
  const issuer =
    payload.issuer === undefined
      ? await ownIssuer(deps, principal, debtor)
      : requireReach(principal, await findWalletOf(deps, 'issuer', payload.issuer))
  if (issuer.id === debtor.id) throw unprocessable('same-wallet', 'A wallet cannot send an invoice to itself')
  requireOneAsset(issuer, debtor)
  const expiresAt = payload.expiry === undefined ? null : new Date(payload.expiry)
  const prepared = prepareInvoice(deps, { issuer, debtor, amount, expiresAt, remarks: payload })
  return submit(deps, request, principal, envelope, prepared)
}
