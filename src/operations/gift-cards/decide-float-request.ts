import { uuidV7 } from '../../domain/uuid.ts'
import type { Command } from '../../ledger/command.ts'
import { type FloatRequestRow, findFloatRequest, floatRequestDecided } from '../../storage/float-requests.ts'
import { findFloat } from '../../storage/partners.ts'
import { findWallet } from '../../storage/wallets.ts'
import { OperationRefusal, requireUuid } from '../input.ts'
import type { WalletDeps } from '../open-wallet.ts'
import { normalWalletId } from '../show-wallet.ts'
import { readAmount } from './brand-input.ts'
import { isoTime, NO_ANSWER } from './gift-deps.ts'

/** What an operator decides. `amount`: another than the one asked for, in the currency. */
export type FloatDecision =
  | {
      readonly approve: true /** the wallet that pays: explicit or opaque id */
      source: string
      amount?: number | string
      /**
       * the party of the person who approves: asking and approving are two persons' acts, so it is another than the partner's, and what
       * nobody asked for is not approved. Absent for programs, which act for whoever made their key
       */
      partyId?: string
    }
  | { readonly approve: false }

const FUNDS: Record<string, [field: string, message: string]> = {
  'unavailable-funds': ['source', 'the source has not that much'],
  'unreceivable-funds': ['amount', 'the float may not hold that much'],
}

/**
 * Approves a request for money, which puts it into the float in the same transaction, or removes it. Once: whoever comes second is
 * told so and moves nothing.
 * @param also what else is written in the transaction
 * @throws {OperationRefusal}
 */
export async function decideFloatRequest(
  deps: WalletDeps,
  actor: string,
  id: string,
  decision: FloatDecision,
  also: (decided: FloatRequestRow) => NonNullable<Command['effects']> = () => [],
): Promise<FloatRequestRow> {
  const request = await findFloatRequest(deps.db, { id: requireUuid('id', id) })
  if (!request) throw new OperationRefusal('not_found', 'id', 'there is no such request')
  if (request.status !== 'pending') throw new OperationRefusal('conflict', 'status', `the request is ${request.status}`)
  if (decision.approve && decision.partyId === request.party_id)
    throw new OperationRefusal('conflict', 'party', 'your own party asked for it: somebody else approves it')
  const { legs, approved } = decision.approve ? await payment(deps, request, decision) : { legs: [], approved: null }
  const status = approved === null ? 'removed' : approved === request.amount ? 'approved' : 'approved_edited'
  const now = deps.clock()
  const transaction = uuidV7(now)
  const decided: FloatRequestRow = {
    ...request,
    status,
    approved,
    transaction_id: approved === null ? null : transaction,
    decided_at: new Date(now),
  }
  const row = [id, status, actor, transaction, approved === null ? null : String(approved), isoTime(now)]
  const { outcome } = await deps.ledger.submit({
    principal: actor,
    transaction,
    kind: approved === null ? 'float-request-removal' : 'float-funding',
    legs,
    payload: JSON.stringify({ partner: request.partner, request: id, reference: request.reference }),
    effects: [{ effect: floatRequestDecided, row }, ...also(decided)],
    answer: NO_ANSWER,
  })
  if (outcome?.accepted) return decided
  const code = outcome?.refusal.code ?? 'already-exists'
  const [field, message] =
    FUNDS[code] ??
    (code === 'already-exists'
      ? ['status', 'the request was decided just now']
      : ['source', `the ledger refused it: ${code}`])
  throw new OperationRefusal('conflict', field, message)
}

async function payment(
  { db }: WalletDeps,
  request: FloatRequestRow,
  { source: sourceId, amount, partyId }: Extract<FloatDecision, { approve: true }>,
): Promise<{ legs: Command['legs']; approved: bigint }> {
  const source = await findWallet(db, normalWalletId(sourceId, 'source'))
  if (!source) throw new OperationRefusal('not_found', 'source', 'there is no such wallet')
  if (source.asset.id !== request.asset_id)
    throw new OperationRefusal('invalid_input', 'source', 'the source is not in the currency and circle of the float')
  const target = await findFloat(db, request.partner_id, request.asset_id)
  if (target === undefined) throw new Error(`the float of the request ${request.id} is gone`)
  const approved = amount === undefined ? request.amount : readAmount('amount', amount, request.exponent)
  if (partyId !== undefined && approved > request.amount)
    throw new OperationRefusal(
      'invalid_input',
      'amount',
      'that is more than was asked for: pay the rest into the float',
    )
  return { legs: [{ type: 'transfer', source: source.id, target, amount: approved }], approved }
}
