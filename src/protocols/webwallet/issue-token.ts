import { z } from 'zod'
import type { Principal } from '../../credentials/principal.ts'
import { TRANSACTION_TOKEN_MAX_LENGTH } from '../../credentials/transaction-token.ts'
import { prepareTransactionToken } from '../../operations/issue-transaction-token.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { requireReach, requireScope, requireWallet, walletOfPath } from './authorize.ts'
import { malformed, unprocessable } from './errors.ts'
import { openEnvelope } from './open-envelope.ts'
import {
  amountFor,
  checkPayload,
  findWalletOf,
  momentMember,
  movementShape,
  requireOneAsset,
  requireSame,
  walletIdMember,
} from './payload.ts'
import type { WalletAnswer, WalletDeps, WalletRequest } from './request.ts'
import { submit } from './submit.ts'

/** The payload. */
export const schema = z.strictObject({
  endpoint: z.literal('transactions'),
  operation: z.enum(['charges', 'payments']),
  source: walletIdMember.optional(),
  target: walletIdMember.optional(),
  audience: walletIdMember.optional(),
  active: momentMember.optional(),
  expiry: momentMember,
  ...movementShape,
})

/**
 * `POST /:walletID/transactions`: a transaction token, by which the owner of the route's wallet consents to one transaction that
 * somebody else will carry out: to a charge of that wallet, or to being paid by a payment.
 */
export async function issueToken(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
): Promise<WalletAnswer> {
  requireScope(principal, 'transactions')
  const envelope = openEnvelope(principal, request)
  const payload = checkPayload(schema, envelope, 'transactions')
  const charges = payload.operation === 'charges'
  // Who may only read the history may not hand out the right to charge.
  if (charges) requireScope(principal, 'charges')
  const subject = requireReach(principal, await walletOfPath(deps, request.wallet))
  const source = await named(deps, 'source', payload.source)
  const target = await named(deps, 'target', payload.target)
  const [member, consenting, other] = charges
    ? (['source', source, target] as const)
    : (['target', target, source] as const)
  if (!consenting) throw malformed('payload-invalid', `payload.${member}: is the wallet whose owner consents`)
  requireSame(consenting, subject, member)
  const amount = amountFor(subject, payload)
  if (other?.id === subject.id) throw unprocessable('same-wallet', 'Source and target are the same wallet')
  if (other) requireOneAsset(subject, other)
  const audience = payload.audience === '*' ? null : ((await named(deps, 'audience', payload.audience)) ?? other)
  const { token, id, expiresAt, ...prepared } = prepareTransactionToken(deps, {
    endpoint: payload.operation,
    source: source,
    target: target,
    audience,
    amount,
    amountText: payload.amount,
    remarks: payload,
    activeAt: payload.active === undefined ? null : Date.parse(payload.active),
    expiresAt: Date.parse(payload.expiry),
  })
  if (token.length > TRANSACTION_TOKEN_MAX_LENGTH) {
    throw unprocessable('token-too-large', 'Details, description and metadata make the transaction token too large')
  }
  return submit(deps, request, principal, envelope, prepared, { token })
}

async function named(deps: WalletDeps, member: string, id: string | undefined): Promise<Wallet | null> {
  return id === undefined ? null : requireWallet(await findWalletOf(deps, member, id), member)
}
